/** Users, their sessions and their API tokens. Times are milliseconds since 1970, since people act by the wall clock. */
import type { Grant } from '@annunciator/core/access';
import type { Role } from '@annunciator/core/roles';
import { type Database, sqlite, statement } from './database.ts';
import type { Statement } from './sqlite-messages.ts';

export interface User {
  readonly id: string;
  /** Unique without regard to case. */
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly passwordHash: string;
  readonly created: number;
  readonly passwordIsTemporary: boolean;
  /** May not sign in, and tokens do not work. */
  readonly disabled: boolean;
  /** The authenticator app whose codes are asked for beside the password; the secret itself is sealed (`secrets.ts`). */
  readonly secondFactor: SecondFactor | null;
  readonly passkeys: readonly Passkey[];
  /** Hashes of the recovery codes that are left, for the day the app or the passkeys are lost. */
  readonly recovery: readonly string[];
  readonly lastSignIn: number | null;
  /** Issuer and subject of somebody who signs in elsewhere and has no password here. */
  readonly external: string | null;
}

export interface SecondFactor {
  readonly since: number;
  /** Number of the newest time step whose code was used (RFC 6238): a code is good once. */
  readonly lastStep: number;
}

/** The public half of a key that an authenticator made for this portal (WebAuthn, where it is called a credential). */
export interface Passkey {
  /** What it is called by in the API and the audit log. */
  readonly id: string;
  readonly name: string;
  /** Credential ID in base64url, given by the authenticator; no two passkeys have the same. */
  readonly credential: string;
  /** COSE_Key in base64url. */
  readonly publicKey: string;
  /** Signature counter at the last use; always 0 with authenticators that do not count. */
  readonly counter: number;
  /** How browsers reach the authenticator, as it said: `internal`, `hybrid`, `usb` ... */
  readonly transports: readonly string[];
  /** Name of the host that it is for (the RP ID). */
  readonly host: string;
  /** Kept by a password manager that shares it among devices. */
  readonly synced: boolean;
  readonly created: number;
  readonly lastUsed: number | null;
}

export interface Session {
  /** Hash of the cookie's secret; the secret itself is not kept. */
  readonly hash: string;
  readonly userId: string;
  readonly csrf: string;
  readonly created: number;
  readonly lastSeen: number;
  /** How its user signed in. */
  readonly method: SignInMethod;
  /** Address that it began from, and what the browser calls itself. */
  readonly address: string;
  readonly agent: string;
}

export type SignInMethod =
  | 'password'
  | 'password and code'
  | 'password and recovery code'
  | 'password and passkey'
  | 'passkey'
  | 'single sign-on';

export interface Token {
  readonly id: string;
  readonly hash: string;
  readonly name: string;
  readonly userId: string;
  /** What it may do at most; never more than its user may. */
  readonly role: Role;
  readonly created: number;
  readonly expires: number | null;
  readonly lastUsed: number | null;
}

export interface AccountRecords {
  readonly users: readonly User[];
  readonly sessions: readonly Session[];
  readonly tokens: readonly Token[];
}

export class Accounts {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async users(): Promise<User[]> {
    return (await this.#database.read(sqlite.selectFrom('users').selectAll().orderBy('name'))).map(userOf);
  }

  async userByName(name: string): Promise<User | undefined> {
    const row = await this.#database.readFirst(sqlite.selectFrom('users').selectAll().where('name', '=', name));
    return row && userOf(row);
  }

  async userById(id: string): Promise<User | undefined> {
    const row = await this.#database.readFirst(sqlite.selectFrom('users').selectAll().where('id', '=', id));
    return row && userOf(row);
  }

  /** Makes a user, or changes the one with this id. @throws StoreError when another user has the name. */
  putUser(user: User): Promise<void> {
    return this.#database.write([userStatement(user)]);
  }

  /** Removes a user with all sessions and tokens. */
  removeUser(id: string): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('users').where('id', '=', id))]);
  }

  async sessionByHash(hash: string): Promise<Session | undefined> {
    const row = await this.#database.readFirst(sqlite.selectFrom('sessions').selectAll().where('hash', '=', hash));
    return row && sessionOf(row);
  }

  async sessions(userId: string): Promise<Session[]> {
    return (await this.#database.read(sqlite.selectFrom('sessions').selectAll().where('user_id', '=', userId))).map(sessionOf);
  }

  putSession(session: Session): Promise<void> {
    return this.#database.write([sessionStatement(session)]);
  }

  removeSession(hash: string): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('sessions').where('hash', '=', hash))]);
  }

  /** Removes the sessions that were last seen before a time. */
  removeSessionsBefore(lastSeen: number): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('sessions').where('last_seen', '<', BigInt(lastSeen)))]);
  }

  async tokenByHash(hash: string): Promise<Token | undefined> {
    const row = await this.#database.readFirst(sqlite.selectFrom('tokens').selectAll().where('hash', '=', hash));
    return row && tokenOf(row);
  }

  async tokens(): Promise<Token[]> {
    return (await this.#database.read(sqlite.selectFrom('tokens').selectAll().orderBy('created'))).map(tokenOf);
  }

  putToken(token: Token): Promise<void> {
    return this.#database.write([tokenStatement(token)]);
  }

  removeToken(id: string): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('tokens').where('id', '=', id))]);
  }

  /** All of it at once; small, since it is about people. */
  async load(): Promise<AccountRecords> {
    const sessions = await this.#database.read(sqlite.selectFrom('sessions').selectAll());
    return { users: await this.users(), sessions: sessions.map(sessionOf), tokens: await this.tokens() };
  }

  /** Replaces all of it in one transaction. */
  save(records: AccountRecords): Promise<void> {
    return this.#database.write([
      statement(sqlite.deleteFrom('sessions')),
      statement(sqlite.deleteFrom('tokens')),
      statement(sqlite.deleteFrom('users')),
      ...records.users.map(userStatement),
      ...records.sessions.map(sessionStatement),
      ...records.tokens.map(tokenStatement),
    ]);
  }
}

interface UserRow {
  id: string;
  name: string;
  grants: string;
  password_hash: string;
  created: bigint;
  password_is_temporary: bigint;
  disabled: bigint;
  second_factor: string | null;
  passkeys: string;
  recovery: string;
  last_sign_in: bigint | null;
  external: string | null;
}

function userOf(row: UserRow): User {
  const { id, name, password_hash: passwordHash } = row;
  return {
    id,
    name,
    // Only this file writes the columns that hold JSON.
    grants: JSON.parse(row.grants) as Grant[],
    passwordHash,
    created: Number(row.created),
    passwordIsTemporary: row.password_is_temporary === 1n,
    disabled: row.disabled === 1n,
    secondFactor: row.second_factor === null ? null : (JSON.parse(row.second_factor) as SecondFactor),
    passkeys: JSON.parse(row.passkeys) as Passkey[],
    recovery: JSON.parse(row.recovery) as string[],
    lastSignIn: row.last_sign_in === null ? null : Number(row.last_sign_in),
    external: row.external,
  };
}

// Only this file writes the column, and only with a Role.
function roleOf(role: string): Role {
  return role as Role;
}

function userStatement(user: User): Statement {
  const row = {
    id: user.id,
    name: user.name,
    grants: JSON.stringify(user.grants),
    password_hash: user.passwordHash,
    created: user.created,
    password_is_temporary: user.passwordIsTemporary ? 1 : 0,
    disabled: user.disabled ? 1 : 0,
    second_factor: user.secondFactor && JSON.stringify(user.secondFactor),
    passkeys: JSON.stringify(user.passkeys),
    recovery: JSON.stringify(user.recovery),
    last_sign_in: user.lastSignIn,
    external: user.external,
  };
  return statement(
    sqlite
      .insertInto('users')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row)),
  );
}

interface SessionRow {
  hash: string;
  user_id: string;
  csrf: string;
  created: bigint;
  last_seen: bigint;
  method: string;
  address: string;
  agent: string;
}

function sessionOf({ hash, user_id: userId, csrf, created, last_seen: lastSeen, method, address, agent }: SessionRow): Session {
  // Only this file writes the column, and only with a SignInMethod.
  return { hash, userId, csrf, created: Number(created), lastSeen: Number(lastSeen), method: method as SignInMethod, address, agent };
}

function sessionStatement(session: Session): Statement {
  const { hash, csrf, created, method, address, agent } = session;
  const row = { hash, user_id: session.userId, csrf, created, last_seen: session.lastSeen, method, address, agent };
  return statement(
    sqlite
      .insertInto('sessions')
      .values(row)
      .onConflict((conflict) => conflict.column('hash').doUpdateSet(row)),
  );
}

interface TokenRow {
  id: string;
  hash: string;
  name: string;
  user_id: string;
  role: string;
  created: bigint;
  expires: bigint | null;
  last_used: bigint | null;
}

function tokenOf(row: TokenRow): Token {
  const { id, hash, name } = row;
  const expires = row.expires === null ? null : Number(row.expires);
  const lastUsed = row.last_used === null ? null : Number(row.last_used);
  return { id, hash, name, userId: row.user_id, role: roleOf(row.role), created: Number(row.created), expires, lastUsed };
}

function tokenStatement(token: Token): Statement {
  const { id, hash, name, role, created, expires } = token;
  const row = { id, hash, name, user_id: token.userId, role, created, expires, last_used: token.lastUsed };
  return statement(
    sqlite
      .insertInto('tokens')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row)),
  );
}
