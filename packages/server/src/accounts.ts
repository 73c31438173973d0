/**
 * Users, their sessions and their API tokens.
 *
 * Secrets are 256 random bits and are kept as SHA-256: no salt is needed for what cannot be guessed. All changes go
 * through one queue, so that two requests never overwrite each other's.
 */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { type Access, accessOf, everywhere, type Grant, grantsProblem, grantsText, includes, isHighest } from '@annunciator/core/access';
import { type Console, highestRole, type Role } from '@annunciator/core/roles';
import type { AccountRecords, AccountStore, Session, Token, User } from './account-store.ts';
import { AttemptLimit } from './attempt-limit.ts';
import { hashPassword, oneTimePassword, passwordProblem, verifyPassword } from './passwords.ts';
import { RequestError } from './request-error.ts';

const HOUR = 3_600_000;
/** A session ends after eight hours without a request, or a day in all. */
const SESSION_IDLE = 8 * HOUR;
const SESSION_LIFE = 24 * HOUR;
const SESSIONS_PER_USER = 20;
const TOKENS_PER_USER = 100;
/** Last use is noted no more often than this, and reaches the store with the next change. */
const NOTED_EVERY = 60_000;
export const FIRST_USER = 'admin';
export const TOKEN_PREFIX = 'ann_';

/** Who asks: a person at a browser, or a program with a token. */
export interface Caller {
  readonly userId: string;
  readonly userName: string;
  readonly access: Access;
  /** Null for a program. */
  readonly session: Session | null;
  readonly passwordIsTemporary: boolean;
}

/** The records while a change is made: lists are replaced, never changed in place. */
type Draft = { -readonly [Key in keyof AccountRecords]: AccountRecords[Key] };

export interface AccountsOptions {
  readonly store: AccountStore;
  /** What people sign in to, which says which roles there are; the portal when absent. */
  readonly console?: Console;
  /** Milliseconds since 1970; passed in by tests. */
  readonly clock?: () => number;
  readonly attemptsPerAccount?: number;
  readonly attemptsPerAddress?: number;
}

export class Accounts {
  readonly console: Console;
  readonly #store: AccountStore;
  readonly #clock: () => number;
  readonly #byAccount: AttemptLimit;
  readonly #byAddress: AttemptLimit;
  #records: AccountRecords;
  #writes: Promise<unknown> = Promise.resolve();
  /** Compared with when the user is unknown, so that an answer takes as long as for a known one. */
  #decoy: Promise<string> | undefined;

  private constructor(options: AccountsOptions, records: AccountRecords) {
    this.console = options.console ?? 'portal';
    this.#store = options.store;
    this.#clock = options.clock ?? Date.now;
    this.#records = records;
    const limit = { windowSeconds: 900, clock: this.#clock };
    this.#byAccount = new AttemptLimit({ ...limit, attempts: options.attemptsPerAccount ?? 10 });
    this.#byAddress = new AttemptLimit({ ...limit, attempts: options.attemptsPerAddress ?? 30 });
  }

  static async open(options: AccountsOptions): Promise<Accounts> {
    return new Accounts(options, await options.store.load());
  }

  /**
   * Makes the first administrator when there is no user yet. Returns the password to print once, or undefined when
   * there are users already or the password was given.
   */
  async createFirstAdministrator(givenPassword: string | undefined): Promise<{ name: string; password: string } | undefined> {
    if (this.#records.users.length > 0) return undefined;
    const password = givenPassword ?? oneTimePassword();
    const grants = [everywhere(highestRole(this.console))];
    await this.createUser({ name: FIRST_USER, grants, password, temporary: givenPassword === undefined });
    return givenPassword === undefined ? { name: FIRST_USER, password } : undefined;
  }

  users(): readonly User[] {
    return this.#records.users;
  }

  async createUser(given: { name: string; grants: readonly Grant[]; password: string; temporary: boolean }): Promise<User> {
    this.#checkGrants(given.grants);
    if (this.#userNamed(given.name))
      throw new RequestError(409, 'user_exists', `There is already a user ${given.name}: choose another name.`);
    const problem = passwordProblem(given.password, given.name);
    if (problem) throw new RequestError(422, 'weak_password', problem);
    const passwordHash = await hashPassword(given.password);
    const user: User = {
      id: randomUUID(),
      name: given.name,
      grants: given.grants,
      passwordHash,
      created: this.#clock(),
      passwordIsTemporary: given.temporary,
    };
    await this.#change((records) => {
      if (records.users.some((other) => sameName(other.name, given.name))) {
        throw new RequestError(409, 'user_exists', `There is already a user ${given.name}: choose another name.`);
      }
      records.users = [...records.users, user];
    });
    return user;
  }

  /** Ends the user's sessions and tokens with the user. */
  async removeUser(id: string): Promise<void> {
    await this.#change((records) => {
      const user = records.users.find((other) => other.id === id);
      if (!user) throw new RequestError(404, 'not_found', 'There is no such user.');
      records.users = records.users.filter((other) => other.id !== id);
      this.#checkHighest(user, records.users);
      records.sessions = records.sessions.filter((session) => session.userId !== id);
      records.tokens = records.tokens.filter((token) => token.userId !== id);
    });
  }

  /** Starts a session. Returns the secret for the cookie; it is not kept. */
  async signIn(name: string, password: string, address: string): Promise<{ secret: string; session: Session; user: User }> {
    const account = name.toLowerCase();
    const wait = Math.max(this.#byAccount.secondsToWait(account), this.#byAddress.secondsToWait(address));
    if (wait > 0) {
      const minutes = Math.ceil(wait / 60);
      throw new RequestError(429, 'too_many_attempts', `Too many failed sign-ins: try again in ${minutes} min.`, wait);
    }
    // Counted before the check, so that many requests at once cannot all pass under the limit.
    this.#byAccount.failed(account);
    this.#byAddress.failed(address);
    const user = this.#userNamed(name);
    this.#decoy ??= hashPassword(oneTimePassword());
    const right = await verifyPassword(password, user?.passwordHash ?? (await this.#decoy));
    if (!user || !right) throw new RequestError(401, 'wrong_credentials', 'The user name or the password is wrong.');
    this.#byAccount.succeeded(account);
    this.#byAddress.succeeded(address);

    const secret = newSecret();
    const now = this.#clock();
    const session: Session = { hash: hashSecret(secret), userId: user.id, csrf: newSecret(), created: now, lastSeen: now };
    await this.#change((records) => {
      const alive = records.sessions.filter((other) => this.#isAlive(other));
      const own = alive.filter((other) => other.userId === user.id).sort((a, b) => b.created - a.created);
      const kept = new Set(own.slice(0, SESSIONS_PER_USER - 1));
      records.sessions = [...alive.filter((other) => other.userId !== user.id || kept.has(other)), session];
    });
    return { secret, session, user };
  }

  async signOut(session: Session): Promise<void> {
    await this.#change((records) => {
      records.sessions = records.sessions.filter((other) => other.hash !== session.hash);
    });
  }

  /** The caller behind a session cookie, or undefined when it has ended. */
  callerOfSession(secret: string): Caller | undefined {
    const hash = hashSecret(secret);
    const session = this.#records.sessions.find((other) => other.hash === hash);
    if (!session || !this.#isAlive(session)) return undefined;
    const user = this.#records.users.find((other) => other.id === session.userId);
    if (!user) return undefined;
    this.#note(session);
    const access = accessOf(user.grants);
    return { userId: user.id, userName: user.name, access, session, passwordIsTemporary: user.passwordIsTemporary };
  }

  /** The caller behind an API token, or undefined when it was revoked or has expired. Never more than its user may do now. */
  callerOfToken(secret: string): Caller | undefined {
    const hash = hashSecret(secret);
    const token = this.#records.tokens.find((other) => other.hash === hash);
    if (!token || (token.expires !== null && token.expires <= this.#clock())) return undefined;
    const user = this.#records.users.find((other) => other.id === token.userId);
    if (!user) return undefined;
    this.#noteUse(token);
    const access = accessOf(user.grants, token.role);
    return { userId: user.id, userName: `${user.name} (token ${token.name})`, access, session: null, passwordIsTemporary: false };
  }

  /** Sets a new password, and ends every other session of the user. */
  async changePassword(caller: Caller, current: string, next: string): Promise<void> {
    const user = this.#records.users.find((other) => other.id === caller.userId);
    const wait = this.#byAccount.secondsToWait(caller.userId);
    if (wait > 0) throw new RequestError(429, 'too_many_attempts', 'Too many wrong passwords: try again later.', wait);
    this.#byAccount.failed(caller.userId);
    if (!user || !(await verifyPassword(current, user.passwordHash))) {
      throw new RequestError(403, 'wrong_password', 'The current password is wrong.');
    }
    this.#byAccount.succeeded(caller.userId);
    if (current === next) throw new RequestError(422, 'same_password', 'The new password is the old one: choose another.');
    await this.#setPassword(user, next, false, caller.session);
  }

  /** Sets a password for somebody who lost theirs; ends all their sessions. Returns the password to hand over. */
  async resetPassword(userId: string): Promise<string> {
    const user = this.#records.users.find((other) => other.id === userId);
    if (!user) throw new RequestError(404, 'not_found', 'There is no such user.');
    const password = oneTimePassword();
    await this.#setPassword(user, password, true, null);
    return password;
  }

  tokensOf(userId: string): readonly Token[] {
    return this.#records.tokens.filter((token) => token.userId === userId);
  }

  /** Makes an API token. Returns the secret to show once. */
  async createToken(
    caller: Caller,
    given: { name: string; role: Role; expires: number | null },
  ): Promise<{ token: Token; secret: string }> {
    const problem = grantsProblem([everywhere(given.role)], this.console);
    if (problem !== null) throw new RequestError(400, 'bad_request', problem);
    if (!includes(caller.access, accessOf([everywhere(given.role)]))) {
      throw new RequestError(
        403,
        'role_too_high',
        `You are ${grantsText(caller.access.grants)}: a token of yours cannot be ${given.role}.`,
      );
    }
    const secret = `${TOKEN_PREFIX}${newSecret()}`;
    const token: Token = {
      id: randomUUID(),
      hash: hashSecret(secret),
      name: given.name,
      userId: caller.userId,
      role: given.role,
      created: this.#clock(),
      expires: given.expires,
      lastUsed: null,
    };
    await this.#change((records) => {
      if (records.tokens.filter((other) => other.userId === caller.userId).length >= TOKENS_PER_USER) {
        throw new RequestError(409, 'too_many_tokens', `You have ${TOKENS_PER_USER} tokens: revoke one that is no longer used.`);
      }
      records.tokens = [...records.tokens, token];
    });
    return { token, secret };
  }

  async revokeToken(userId: string, id: string): Promise<void> {
    await this.#change((records) => {
      const rest = records.tokens.filter((token) => token.id !== id || token.userId !== userId);
      if (rest.length === records.tokens.length) throw new RequestError(404, 'not_found', 'There is no such token of yours.');
      records.tokens = rest;
    });
  }

  #checkGrants(grants: readonly Grant[]): void {
    const problem = grantsProblem(grants, this.console);
    if (problem !== null) throw new RequestError(400, 'bad_request', problem);
  }

  /** Somebody who may do everything stays, or nobody could manage the rest. */
  #checkHighest(changed: User, users: readonly User[]): void {
    if (!isHighest(changed.grants, this.console) || users.some((user) => isHighest(user.grants, this.console))) return;
    const role = highestRole(this.console);
    throw new RequestError(409, 'last_owner', `${changed.name} is the only ${role} of everything: make somebody else ${role} first.`);
  }

  async #setPassword(user: User, password: string, temporary: boolean, keep: Session | null): Promise<void> {
    const problem = passwordProblem(password, user.name);
    if (problem) throw new RequestError(422, 'weak_password', problem);
    const passwordHash = await hashPassword(password);
    await this.#change((records) => {
      records.users = records.users.map((other) =>
        other.id === user.id ? { ...other, passwordHash, passwordIsTemporary: temporary } : other,
      );
      records.sessions = records.sessions.filter((session) => session.userId !== user.id || session.hash === keep?.hash);
    });
  }

  /** Values are never changed in place: what another request holds stays as it was. */
  #note(session: Session): void {
    const now = this.#clock();
    if (now - session.lastSeen < NOTED_EVERY) return;
    const sessions = this.#records.sessions.map((other) => (other.hash === session.hash ? { ...other, lastSeen: now } : other));
    this.#records = { ...this.#records, sessions };
  }

  #noteUse(token: Token): void {
    const now = this.#clock();
    if (token.lastUsed !== null && now - token.lastUsed < NOTED_EVERY) return;
    const tokens = this.#records.tokens.map((other) => (other.id === token.id ? { ...other, lastUsed: now } : other));
    this.#records = { ...this.#records, tokens };
  }

  #isAlive(session: Session): boolean {
    const now = this.#clock();
    return now - session.lastSeen < SESSION_IDLE && now - session.created < SESSION_LIFE;
  }

  #userNamed(name: string): User | undefined {
    return this.#records.users.find((user) => sameName(user.name, name));
  }

  /** Applies a change to a copy, saves it, then shows it; a failed save changes nothing. */
  #change(apply: (records: Draft) => void): Promise<void> {
    const turn = this.#writes.then(async () => {
      const next: Draft = { ...this.#records };
      apply(next);
      await this.#store.save(next);
      this.#records = next;
    });
    this.#writes = turn.catch(() => undefined);
    return turn;
  }
}

/** Compares two texts in a time that does not tell where they differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
