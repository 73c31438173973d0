/**
 * Users: who there is, what they were granted, how they prove who they are. Sessions and tokens hang on them
 * (`sessions.ts`, `tokens.ts`); a caller is one of these with its user.
 */
import { randomUUID } from 'node:crypto';
import { type Access, accessOf, everywhere, type Grant, grantsProblem, isHighest } from '@annunciator/core/access';
import { type Console, highestRole, type Role } from '@annunciator/core/roles';
import { AccountState, sameName } from './account-state.ts';
import type { AccountStore, SecondFactor, Session, Token, User } from './account-store.ts';
import { AttemptLimit } from './attempt-limit.ts';
import { hashPassword, oneTimePassword, passwordProblem, verifyPassword } from './passwords.ts';
import { RequestError } from '../http/request-error.ts';
import { afterCode, newRecoveryCodes, newTotpSecret, stepOfCode } from './second-factor.ts';
import { type Origin, Sessions } from './sessions.ts';
import type { ExternalUser } from './single-sign-on.ts';
import { Tokens } from './tokens.ts';

export const FIRST_USER = 'admin';
/** Milliseconds within which a second factor that was begun has to be confirmed. */
const ENROLMENT = 600_000;

/** Who asks: a person at a browser, or a program with a token. */
export interface Caller {
  readonly userId: string;
  readonly userName: string;
  readonly access: Access;
  /** Null for a program. */
  readonly session: Session | null;
  readonly passwordIsTemporary: boolean;
}

/** Secrets at rest, sealed: `Secrets` of the store. */
export interface SealedSecrets {
  get(name: string): Promise<string | undefined>;
  set(name: string, secret: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface AccountsOptions {
  readonly store: AccountStore;
  /** Keeps the secrets of second factors; in memory when absent, which is for tests and commands. */
  readonly secrets?: SealedSecrets;
  /** What people sign in to, which says which roles there are; the portal when absent. */
  readonly console?: Console;
  /** Milliseconds since 1970; passed in by tests. */
  readonly clock?: () => number;
  readonly attemptsPerAccount?: number;
  readonly attemptsPerAddress?: number;
}

const NEW_USER = { disabled: false, secondFactor: null, lastSignIn: null, external: null };

/** What may be changed of a user; absent parts stay. */
export interface UserChange {
  readonly name?: string | undefined;
  readonly grants?: readonly Grant[] | undefined;
  readonly disabled?: boolean | undefined;
}

export class Accounts {
  readonly console: Console;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly #state: AccountState;
  readonly #secrets: SealedSecrets;
  readonly #clock: () => number;
  readonly #byAccount: AttemptLimit;
  readonly #byAddress: AttemptLimit;
  /** Second factors that were begun and not confirmed, by user. */
  readonly #enrolling = new Map<string, { readonly secret: string; readonly until: number }>();
  /** Compared with when the user is unknown, so that an answer takes as long as for a known one. */
  #decoy: Promise<string> | undefined;

  private constructor(options: AccountsOptions, state: AccountState) {
    this.console = options.console ?? 'portal';
    this.#state = state;
    this.#secrets = options.secrets ?? memorySecrets();
    this.#clock = options.clock ?? Date.now;
    this.sessions = new Sessions(state, this.#clock);
    this.tokens = new Tokens(state, this.#clock, this.console);
    const limit = { windowSeconds: 900, clock: this.#clock };
    this.#byAccount = new AttemptLimit({ ...limit, attempts: options.attemptsPerAccount ?? 10 });
    this.#byAddress = new AttemptLimit({ ...limit, attempts: options.attemptsPerAddress ?? 30 });
  }

  static async open(options: AccountsOptions): Promise<Accounts> {
    return new Accounts(options, await AccountState.open(options.store));
  }

  /**
   * Makes the first administrator when there is no user yet. Returns the password to print once, or undefined when
   * there are users already or the password was given.
   */
  async createFirstAdministrator(givenPassword: string | undefined): Promise<{ name: string; password: string } | undefined> {
    if (this.users().length > 0) return undefined;
    const password = givenPassword ?? oneTimePassword();
    const grants = [everywhere(highestRole(this.console))];
    await this.createUser({ name: FIRST_USER, grants, password, temporary: givenPassword === undefined });
    return givenPassword === undefined ? { name: FIRST_USER, password } : undefined;
  }

  users(): readonly User[] {
    return this.#state.records.users;
  }

  /** @throws RequestError 404 when there is none */
  user(id: string): User {
    const user = this.#state.user(id);
    if (!user) throw new RequestError(404, 'not_found', 'There is no such user.');
    return user;
  }

  async createUser(given: { name: string; grants: readonly Grant[]; password: string; temporary: boolean }): Promise<User> {
    const { name, grants, password, temporary } = given;
    this.#checkGrants(grants);
    this.#checkName(name, this.users());
    const problem = passwordProblem(password, name);
    if (problem) throw new RequestError(422, 'weak_password', problem);
    const user: User = {
      id: randomUUID(),
      name,
      grants,
      passwordHash: await hashPassword(password),
      created: this.#clock(),
      passwordIsTemporary: temporary,
      ...NEW_USER,
    };
    await this.#state.change((records) => {
      this.#checkName(name, records.users);
      records.users = [...records.users, user];
    });
    return user;
  }

  /** Changes a user; a user who is disabled has no session any more, and tokens that do not work. */
  async changeUser(id: string, change: UserChange): Promise<{ before: User; after: User }> {
    const before = this.user(id);
    const { name = before.name, grants = before.grants, disabled = before.disabled } = change;
    this.#checkGrants(grants);
    let after = before;
    await this.#state.change((records) => {
      const others = records.users.filter((user) => user.id !== id);
      this.#checkName(name, others);
      after = { ...(records.users.find((user) => user.id === id) ?? before), name, grants, disabled };
      records.users = records.users.map((user) => (user.id === id ? after : user));
      this.#checkHighest(before, records.users);
      if (disabled) records.sessions = records.sessions.filter((session) => session.userId !== id);
    });
    return { before, after };
  }

  /** Ends the user's sessions and tokens with the user. */
  async removeUser(id: string): Promise<User> {
    const user = this.user(id);
    await this.#state.change((records) => {
      records.users = records.users.filter((other) => other.id !== id);
      this.#checkHighest(user, records.users);
      records.sessions = records.sessions.filter((session) => session.userId !== id);
      records.tokens = records.tokens.filter((token) => token.userId !== id);
    });
    await this.#secrets.remove(secretName(id));
    return user;
  }

  /**
   * Starts a session. Returns the secret for the cookie; it is not kept.
   * @throws RequestError `code_required` when the password is right and the user has a second factor
   */
  async signIn(
    name: string,
    password: string,
    address: string,
    { code = '', agent = '' }: { readonly code?: string | undefined; readonly agent?: string } = {},
  ): Promise<{ secret: string; session: Session; user: User }> {
    const account = name.toLowerCase();
    const wait = Math.max(this.#byAccount.secondsToWait(account), this.#byAddress.secondsToWait(address));
    if (wait > 0) {
      const minutes = Math.ceil(wait / 60);
      throw new RequestError(429, 'too_many_attempts', `Too many failed sign-ins: try again in ${minutes} min.`, { retryAfter: wait });
    }
    // Counted before the check, so that many requests at once cannot all pass under the limit.
    this.#byAccount.failed(account);
    this.#byAddress.failed(address);
    const user = this.#state.userNamed(name);
    this.#decoy ??= hashPassword(oneTimePassword());
    const right = await verifyPassword(password, user?.passwordHash ?? (await this.#decoy));
    if (!user || !right) throw new RequestError(401, 'wrong_credentials', 'The user name or the password is wrong.');
    this.#checkEnabled(user);
    const method = user.secondFactor ? await this.#useCode(user, code) : 'password';
    this.#byAccount.succeeded(account);
    this.#byAddress.succeeded(address);
    return { ...(await this.sessions.start(user, method, { address, agent })), user };
  }

  /**
   * Starts a session of somebody whom a provider vouches for. They are made a user at the first time, and have what their
   * groups grant from then on. Tells the user as it was before, undefined at the first time.
   */
  async signInExternally(
    { external, name, grants }: ExternalUser,
    origin: Origin,
  ): Promise<{ secret: string; session: Session; user: User; before: User | undefined }> {
    this.#checkGrants(grants);
    let before: User | undefined;
    let user: User | undefined;
    await this.#state.change((records) => {
      before = records.users.find((other) => other.external === external);
      this.#checkName(
        name,
        records.users.filter((other) => other !== before),
      );
      if (before) this.#checkEnabled(before);
      const made = { id: randomUUID(), passwordHash: '', created: this.#clock(), passwordIsTemporary: false, ...NEW_USER };
      user = { ...(before ?? made), external, name, grants };
      records.users = [...records.users.filter((other) => other !== before), user];
      if (before) this.#checkHighest(before, records.users);
    });
    if (!user) throw new Error('The user was not made.');
    return { ...(await this.sessions.start(user, 'single sign-on', origin)), user, before };
  }

  #checkEnabled({ name, disabled }: User): void {
    if (disabled) throw new RequestError(403, 'user_disabled', `The user ${name} is disabled: ask an administrator.`);
  }

  /** Uses up a code of a user's second factor. */
  async #useCode(user: User, code: string): Promise<Session['method']> {
    if (code === '') {
      const where = 'Enter the code that your authenticator app shows, or one of your recovery codes.';
      throw new RequestError(401, 'code_required', where);
    }
    const secret = await this.#secrets.get(secretName(user.id));
    let used: SecondFactor | null = null;
    await this.#state.changeUser(user.id, (current) => {
      used = current.secondFactor && secret !== undefined ? afterCode(current.secondFactor, secret, code, this.#clock()) : null;
      return used ? { ...current, secondFactor: used } : current;
    });
    if (!used) throw new RequestError(401, 'wrong_code', 'The code is wrong or was used before: wait for the next one.');
    return /^\s*\d{3}\s*\d{3}\s*$/.test(code) ? 'password and code' : 'password and recovery code';
  }

  async signOut(session: Session): Promise<void> {
    await this.#state.change((records) => {
      records.sessions = records.sessions.filter((other) => other.hash !== session.hash);
    });
  }

  /** The caller behind a session cookie, or undefined when it has ended. */
  callerOfSession(secret: string): Caller | undefined {
    const session = this.sessions.find(secret);
    const user = session && this.#state.user(session.userId);
    if (!session || !user || user.disabled) return undefined;
    const access = accessOf(user.grants);
    return { userId: user.id, userName: user.name, access, session, passwordIsTemporary: user.passwordIsTemporary };
  }

  /** The caller behind an API token, or undefined when it was revoked or has expired. Never more than its user may do now. */
  callerOfToken(secret: string): (Caller & { readonly token: Token }) | undefined {
    const token = this.tokens.find(secret);
    const user = token && this.#state.user(token.userId);
    if (!token || !user || user.disabled) return undefined;
    const access = accessOf(user.grants, token.role);
    const userName = `${user.name} (token ${token.name})`;
    return { userId: user.id, userName, access, session: null, passwordIsTemporary: false, token };
  }

  /** Sets a new password, and ends every other session of the user. */
  async changePassword(caller: Caller, current: string, next: string): Promise<void> {
    const user = await this.checkPassword(caller, current);
    if (current === next) throw new RequestError(422, 'same_password', 'The new password is the old one: choose another.');
    await this.#setPassword(user, next, false, caller.session);
  }

  /** Asks for the password of the caller before something that a stolen session must not do. */
  async checkPassword(caller: Caller, password: string): Promise<User> {
    const user = this.user(caller.userId);
    const wait = this.#byAccount.secondsToWait(caller.userId);
    if (wait > 0) throw new RequestError(429, 'too_many_attempts', 'Too many wrong passwords: try again later.', { retryAfter: wait });
    this.#byAccount.failed(caller.userId);
    if (!(await verifyPassword(password, user.passwordHash)))
      throw new RequestError(403, 'wrong_password', 'The current password is wrong.');
    this.#byAccount.succeeded(caller.userId);
    return user;
  }

  /** Sets a password for somebody who lost theirs; ends all their sessions. Returns the password to hand over. */
  async resetPassword(userId: string): Promise<string> {
    const user = this.user(userId);
    const password = oneTimePassword();
    await this.#setPassword(user, password, true, null);
    return password;
  }

  /** Begins a second factor: the secret for the app, to be confirmed with a code of it within ten minutes. */
  beginSecondFactor(user: User): string {
    if (user.secondFactor) throw new RequestError(409, 'has_second_factor', 'There is a second factor already: take it away first.');
    const secret = newTotpSecret();
    this.#enrolling.set(user.id, { secret, until: this.#clock() + ENROLMENT });
    return secret;
  }

  /** Confirms it with a code of the app. Returns the recovery codes to show once. */
  async confirmSecondFactor(userId: string, code: string): Promise<string[]> {
    const begun = this.#enrolling.get(userId);
    if (!begun || begun.until < this.#clock())
      throw new RequestError(409, 'no_second_factor', 'No second factor was begun within the last ten minutes: begin again.');
    const lastStep = stepOfCode(begun.secret, code, this.#clock());
    if (lastStep === null)
      throw new RequestError(422, 'code_mismatch', 'The code is wrong: look whether the clocks of this computer and of the phone agree.');
    const { codes, hashes } = newRecoveryCodes();
    await this.#secrets.set(secretName(userId), begun.secret);
    const secondFactor: SecondFactor = { since: this.#clock(), lastStep, recovery: hashes };
    await this.#state.changeUser(userId, (user) => ({ ...user, secondFactor }));
    this.#enrolling.delete(userId);
    return codes;
  }

  /** Takes the second factor of a user away. */
  async endSecondFactor(userId: string): Promise<void> {
    if (!this.user(userId).secondFactor) throw new RequestError(409, 'no_second_factor', 'There is no second factor.');
    await this.#state.changeUser(userId, (user) => ({ ...user, secondFactor: null }));
    await this.#secrets.remove(secretName(userId));
  }

  #checkGrants(grants: readonly Grant[]): void {
    const problem = grantsProblem(grants, this.console);
    if (problem !== null) throw new RequestError(400, 'bad_request', problem);
  }

  #checkName(name: string, users: readonly User[]): void {
    if (users.some((user) => sameName(user.name, name)))
      throw new RequestError(409, 'user_exists', `There is already a user ${name}: choose another name.`);
  }

  /** Somebody who may do everything stays, or nobody could manage the rest. */
  #checkHighest(changed: User, users: readonly User[]): void {
    const manages = ({ grants, disabled }: User): boolean => !disabled && isHighest(grants, this.console);
    if (!manages(changed) || users.some(manages)) return;
    const role: Role = highestRole(this.console);
    throw new RequestError(409, 'last_owner', `${changed.name} is the only ${role} of everything: make somebody else ${role} first.`);
  }

  async #setPassword(user: User, password: string, temporary: boolean, keep: Session | null): Promise<void> {
    const problem = passwordProblem(password, user.name);
    if (problem) throw new RequestError(422, 'weak_password', problem);
    const passwordHash = await hashPassword(password);
    await this.#state.change((records) => {
      records.users = records.users.map((other) =>
        other.id === user.id ? { ...other, passwordHash, passwordIsTemporary: temporary } : other,
      );
      records.sessions = records.sessions.filter((session) => session.userId !== user.id || session.hash === keep?.hash);
    });
  }
}

function secretName(userId: string): string {
  return `second-factor/${userId}`;
}

function memorySecrets(): SealedSecrets {
  const kept = new Map<string, string>();
  return {
    get: async (name) => kept.get(name),
    set: async (name, secret) => void kept.set(name, secret),
    remove: async (name) => void kept.delete(name),
  };
}
