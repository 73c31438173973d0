/**
 * Users: who there is, what they were granted, how they prove who they are. Sessions and tokens hang on them
 * (`sessions.ts`, `tokens.ts`); a caller is one of these with its user.
 */
import { randomUUID } from 'node:crypto';
import { type Access, accessOf, everywhere, type Grant, grantsProblem, isHighest } from '@annunciator/core/access';
import { type Console, highestRole, type Role } from '@annunciator/core/roles';
import { AccountState, sameName } from './account-state.ts';
import type { AccountStore, Session, Token, User } from './account-store.ts';
import { AttemptLimit } from './attempt-limit.ts';
import { Codes, memorySecrets, type SealedSecrets } from './codes.ts';
import { type PasskeyAnswer, Passkeys } from './passkeys.ts';
import { hashPassword, oneTimePassword, passwordProblem, verifyPassword } from './passwords.ts';
import { RequestError } from '../http/request-error.ts';
import { type Origin, Sessions } from './sessions.ts';
import type { ExternalUser } from './single-sign-on.ts';
import { Tokens } from './tokens.ts';

export const FIRST_USER = 'admin';
/** Who asks: a person at a browser, or a program with a token. */
export interface Caller {
  readonly userId: string;
  readonly userName: string;
  readonly access: Access;
  /** Null for a program. */
  readonly session: Session | null;
  readonly passwordIsTemporary: boolean;
}

export interface AccountsOptions {
  readonly store: AccountStore;
  /** Keeps the secrets of authenticator apps; in memory when absent, which is for tests and commands. */
  readonly secrets?: SealedSecrets;
  /** What people sign in to, which says which roles there are; the portal when absent. */
  readonly console?: Console;
  /** Milliseconds since 1970; passed in by tests. */
  readonly clock?: () => number;
  readonly attemptsPerAccount?: number;
  readonly attemptsPerAddress?: number;
}

const NEW_USER = { disabled: false, secondFactor: null, passkeys: [], recovery: [], lastSignIn: null, external: null };

/** What comes with a password, or in place of it. */
export interface SecondStep {
  readonly code?: string | undefined;
  readonly passkey?: PasskeyAnswer | undefined;
  readonly agent?: string;
  /** Name that the browser knows the portal by; undefined for an IP address. */
  readonly host?: string | undefined;
}

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
  readonly codes: Codes;
  readonly passkeys: Passkeys;
  readonly #state: AccountState;
  readonly #clock: () => number;
  readonly #byAccount: AttemptLimit;
  readonly #byAddress: AttemptLimit;
  /** Compared with when the user is unknown, so that an answer takes as long as for a known one. */
  #decoy: Promise<string> | undefined;

  private constructor(options: AccountsOptions, state: AccountState) {
    this.console = options.console ?? 'portal';
    this.#state = state;
    this.#clock = options.clock ?? Date.now;
    this.codes = new Codes(state, options.secrets ?? memorySecrets(), this.#clock);
    this.passkeys = new Passkeys(state, this.#clock);
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

  /** Calls the listener after users, sessions or tokens have changed, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    return this.#state.subscribe(listener);
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
    await this.codes.forget(id);
    return user;
  }

  /**
   * Starts a session. Returns the secret for the cookie; it is not kept.
   * @throws RequestError `code_required` or `passkey_required` when the password is right and the user has a second factor
   */
  async signIn(
    name: string,
    password: string,
    address: string,
    step: SecondStep = {},
  ): Promise<{ secret: string; session: Session; user: User }> {
    const account = name.toLowerCase();
    this.#countAttempt(account, address);
    const user = this.#state.userNamed(name);
    this.#decoy ??= hashPassword(oneTimePassword());
    const right = await verifyPassword(password, user?.passwordHash ?? (await this.#decoy));
    if (!user || !right) throw new RequestError(401, 'wrong_credentials', 'The user name or the password is wrong.');
    this.#checkEnabled(user);
    const method = await this.#secondStep(user, step);
    this.#byAccount.succeeded(account);
    this.#byAddress.succeeded(address);
    return { ...(await this.sessions.start(user, method, { address, agent: step.agent ?? '' })), user };
  }

  /** Starts a session of the owner of a passkey. Attempts are counted apart from passwords, whose guessing must not lock this door. */
  async signInByPasskey(answer: PasskeyAnswer, origin: Origin): Promise<{ secret: string; session: Session; user: User }> {
    const account = `passkey of ${this.passkeys.ownerOf(answer.response)?.id ?? origin.address}`;
    this.#countAttempt(account, origin.address);
    const user = await this.passkeys.use(answer);
    this.#checkEnabled(user);
    this.#byAccount.succeeded(account);
    this.#byAddress.succeeded(origin.address);
    return { ...(await this.sessions.start(user, 'passkey', origin)), user };
  }

  /** Counted before the check, so that many requests at once cannot all pass under the limit. */
  #countAttempt(account: string, address: string): void {
    const wait = Math.max(this.#byAccount.secondsToWait(account), this.#byAddress.secondsToWait(address));
    if (wait > 0) {
      const minutes = Math.ceil(wait / 60);
      throw new RequestError(429, 'too_many_attempts', `Too many failed sign-ins: try again in ${minutes} min.`, { retryAfter: wait });
    }
    this.#byAccount.failed(account);
    this.#byAddress.failed(address);
  }

  /** Who has an app or a passkey is asked for it after the password: whoever set one up wants a password alone to open nothing. */
  async #secondStep(user: User, { code = '', passkey, host }: SecondStep): Promise<Session['method']> {
    const { secondFactor, passkeys } = user;
    if (!secondFactor && passkeys.length === 0) return 'password';
    if (passkey) {
      await this.passkeys.use(passkey, user);
      return 'password and passkey';
    }
    if (code !== '') return this.codes.use(user, code);
    const more = { passkey: passkeys.some((key) => key.host === host) };
    const where = 'Enter the code that your authenticator app shows, or one of your recovery codes.';
    if (secondFactor) throw new RequestError(401, 'code_required', where, { more });
    const hosts = [...new Set(passkeys.map((key) => key.host))].join(', ');
    const ask = more.passkey ? 'Continue with a passkey' : `Your passkeys are for ${hosts}: open the portal there`;
    throw new RequestError(401, 'passkey_required', `${ask}, or enter one of your recovery codes.`, { more });
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
    return { userId: user.id, userName: user.name, access, session, passwordIsTemporary: hasToChange(user, session) };
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
    if (user.external !== null)
      throw new RequestError(
        409,
        'external_user',
        'You sign in by single sign-on and have no password here: set this up at your provider.',
      );
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

/** Whether somebody has to set a password first. Who came by a passkey alone has not used the one-time password, and may not know it. */
export function hasToChange(user: User, session: Session): boolean {
  return user.passwordIsTemporary && session.method !== 'passkey';
}
