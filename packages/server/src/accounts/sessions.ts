/** Sessions of browsers: a secret in a cookie, of which only the hash is kept. */
import { createHash } from 'node:crypto';
import type { Session, User } from './account-store.ts';
import { type AccountState, hashSecret, newSecret } from './account-state.ts';
import { RequestError } from '../http/request-error.ts';

const HOUR = 3_600_000;
/** A session ends after eight hours without a request, or a day in all. */
const SESSION_IDLE = 8 * HOUR;
const SESSION_LIFE = 24 * HOUR;
const SESSIONS_PER_USER = 20;
/** Last use is noted no more often than this. */
export const NOTED_EVERY = 60_000;
const LONGEST_AGENT = 300;

/** Where a session begins from. */
export interface Origin {
  readonly address: string;
  readonly agent: string;
}

export class Sessions {
  readonly #state: AccountState;
  readonly #clock: () => number;

  constructor(state: AccountState, clock: () => number) {
    this.#state = state;
    this.#clock = clock;
  }

  /** Starts a session of a user. Returns the secret for the cookie; it is not kept. */
  async start(user: User, method: Session['method'], { address, agent }: Origin): Promise<{ secret: string; session: Session }> {
    const secret = newSecret();
    const now = this.#clock();
    const times = { created: now, lastSeen: now };
    const from = { method, address, agent: agent.slice(0, LONGEST_AGENT) };
    const session: Session = { hash: hashSecret(secret), userId: user.id, csrf: newSecret(), ...times, ...from };
    await this.#state.change((records) => {
      const alive = records.sessions.filter((other) => this.#isAlive(other));
      const own = alive.filter((other) => other.userId === user.id).sort((a, b) => b.created - a.created);
      const kept = new Set(own.slice(0, SESSIONS_PER_USER - 1));
      records.sessions = [...alive.filter((other) => other.userId !== user.id || kept.has(other)), session];
      records.users = records.users.map((other) => (other.id === user.id ? { ...other, lastSignIn: now } : other));
    });
    return { secret, session };
  }

  /** The session of a cookie, or undefined when it has ended. */
  find(secret: string): Session | undefined {
    const hash = hashSecret(secret);
    const session = this.#state.records.sessions.find((other) => other.hash === hash);
    if (!session || !this.#isAlive(session)) return undefined;
    const now = this.#clock();
    if (now - session.lastSeen >= NOTED_EVERY)
      this.#state.note(({ sessions }) => ({
        sessions: sessions.map((other) => (other.hash === hash ? { ...other, lastSeen: now } : other)),
      }));
    return session;
  }

  /** Those of a user that have not ended, the newest first. */
  of(userId: string): Session[] {
    const own = this.#state.records.sessions.filter((session) => session.userId === userId && this.#isAlive(session));
    return own.sort((a, b) => b.created - a.created);
  }

  /** Ends one session of a user. @throws RequestError 404 when there is none of this id */
  async end(userId: string, id: string): Promise<Session> {
    const session = this.of(userId).find((other) => sessionId(other) === id);
    if (!session) throw new RequestError(404, 'not_found', 'There is no such session: it may have ended.');
    await this.#state.change((records) => {
      records.sessions = records.sessions.filter((other) => other.hash !== session.hash);
    });
    return session;
  }

  /** Ends all sessions of a user but one; returns how many. */
  async endAll(userId: string, keep: Session | null): Promise<number> {
    const ended = this.of(userId).filter((session) => session.hash !== keep?.hash).length;
    await this.#state.change((records) => {
      records.sessions = records.sessions.filter((other) => other.userId !== userId || other.hash === keep?.hash);
    });
    return ended;
  }

  #isAlive(session: Session): boolean {
    const now = this.#clock();
    return now - session.lastSeen < SESSION_IDLE && now - session.created < SESSION_LIFE;
  }
}

/** What a session is called by: tells nothing of its secret, nor of the hash by which it is found. */
export function sessionId(session: Session): string {
  return createHash('sha256').update(`id ${session.hash}`).digest('base64url').slice(0, 22);
}
