/**
 * Password guessing that shows by what is tried, beside the documented count of attempts. A program with an outdated
 * password sends the same one again and again; a person gives up after a few. Twenty different passwords that one server
 * refused to one user, or one client that was refused as twenty different users, is guessing at any pace: twice the ten attempts after which
 * PCI DSS (8.3.4) wants an account locked.
 *
 * Passwords are compared by a hash and are never kept.
 */
import type { LoginFact } from '@annunciator/protocols/facts';
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';
import type { Judge } from './judge.ts';
import type { Scene } from './scene.ts';
import { DistinctWindow, hashOfName } from './window.ts';

const LIMIT = { count: 20, windowSeconds: 600 };
/** Multiplier that makes one number of a pair of parties. */
const PAIR = 2 ** 20;
const MAX_OPEN = 1 << 14;

/** What was tried in a session and has no outcome yet. */
interface Try {
  readonly user: string;
  readonly secret: number | undefined;
}

export class GuessDetector {
  readonly #judge: Judge;
  readonly #passwords = new DistinctWindow(LIMIT);
  readonly #users = new DistinctWindow(LIMIT);
  /** By flow. */
  readonly #open = new Map<number, Try>();

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  login(scene: Scene, fact: LoginFact, client: number, server: number): void {
    if (fact.outcome === 'attempt') {
      if (this.#open.size < MAX_OPEN || this.#open.has(scene.flow))
        this.#open.set(scene.flow, { user: fact.user, secret: fact.passwordHash });
      return;
    }
    const tried = this.#open.get(scene.flow);
    this.#open.delete(scene.flow);
    if (fact.outcome === 'success') return;
    const user = fact.user || tried?.user || '';
    const secret = fact.passwordHash ?? tried?.secret;
    if (secret !== undefined) {
      // One window for a user at a server: the key mixes both into the number of the pair.
      const frames = this.#passwords.add((client * PAIR + server) * 4096 + (hashOfName(user) & 0xfff), secret, scene.seconds, scene.frame);
      if (frames) this.#raise(scene, fact, client, server, `${LIMIT.count} different passwords${user && ` of ${user}`}`, frames);
    }
    if (user === '') return;
    const frames = this.#users.add(client * PAIR + server, hashOfName(user), scene.seconds, scene.frame);
    if (frames) this.#raise(scene, fact, client, server, `${LIMIT.count} different users`, frames);
  }

  #raise(scene: Scene, fact: LoginFact, client: number, server: number, what: string, frames: readonly number[]): void {
    const within = `within ${LIMIT.windowSeconds / 60} minutes`;
    this.#judge.raise(scene, {
      type: 'password-guessing-attempt-detected',
      source: client,
      destination: server,
      protocol: fact.protocol,
      message: `${this.#judge.label(server)} refused ${this.#judge.label(client)} ${what} by ${PROTOCOL_BY_INDEX[fact.protocol]?.name ?? ''} ${within}.`,
      expected: 'a person who gives up after a few tries, or a program that repeats one password',
      seen: `${what} refused ${within}`,
      parameters: fact.user ? { user: fact.user } : {},
      frames: withUserFrame(frames, fact),
    });
  }
}

/** Frames of an alert about sign-ins that quotes the last user, with the one that named it. */
export function withUserFrame(frames: readonly number[], { user, userFrame }: LoginFact): readonly number[] {
  if (user === '' || !userFrame || frames.includes(userFrame)) return frames;
  return [...frames, userFrame].sort((a, b) => a - b);
}
