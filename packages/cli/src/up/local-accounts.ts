/** Accounts from the command line. */
import { accessOf, isHighest } from '@annunciator/core/access';
import { type Console, highestRole, isPortalRole, type Role, ROLES } from '@annunciator/core/roles';
import { Accounts, type Caller, FIRST_USER } from '@annunciator/server/accounts/accounts';
import { z } from 'zod';
import { UsageError } from '../exit-codes.ts';
import { ask } from './ask-running.ts';
import { consoleOf } from './console-of.ts';
import { onData } from './on-data.ts';
import type { RunningSystem } from './running.ts';

const COMMAND_TOKEN = 'command line of this machine';

/** The role as it is written here, however the person wrote it. @throws Error that lists the roles */
export function readRole(text: string): Role {
  const plain = (role: string): string => role.toLowerCase().replaceAll(/[\s_-]/g, '');
  const role = ROLES.find((known) => plain(known) === plain(text));
  if (role) return role;
  throw new UsageError(`There is no role "${text}". The roles are ${ROLES.map((known) => `"${known}"`).join(', ')}.`);
}

/** A token by which commands reach this process while it runs; those of earlier runs end. */
export async function commandToken(accounts: Accounts): Promise<string> {
  const owner = ownerOf(accounts);
  for (const token of accounts.tokens.of(owner.userId))
    if (token.name === COMMAND_TOKEN) await accounts.tokens.revoke(owner.userId, token.id);
  return (await accounts.tokens.create(owner, { name: COMMAND_TOKEN, role: highestRole(accounts.console), expires: null })).secret;
}

function ownerOf(accounts: Accounts): Caller {
  const owners = accounts.users().filter((user) => isHighest(user.grants, accounts.console));
  const owner = owners.find((user) => user.name === FIRST_USER) ?? owners[0];
  const role = highestRole(accounts.console);
  if (!owner) throw new Error(`No user has the role ${role}. Start Annunciator once to make the first one.`);
  return { userId: owner.id, userName: owner.name, access: accessOf(owner.grants), session: null, passwordIsTemporary: false };
}

/** Makes an API token and returns its secret. */
export async function createToken(data: string, name: string, role: Role, say: (line: string) => void): Promise<string> {
  return either(data, isPortalRole(role) ? 'portal' : 'sensor', say, {
    running: async (system) =>
      z.object({ token: z.string() }).parse(await ask(system, 'POST', '/api/tokens', { name, role, days: null })).token,
    stopped: async (accounts) => (await accounts.tokens.create(ownerOf(accounts), { name, role, expires: null })).secret,
  });
}

/** Gives a user a one-time password and returns it. */
export async function resetPassword(data: string, name: string, say: (line: string) => void): Promise<string> {
  return either(data, undefined, say, {
    running: async (system) => {
      const { id } = named(name, await usersOf(system));
      return z.object({ password: z.string() }).parse(await ask(system, 'POST', `/api/users/${id}/reset-password`, {})).password;
    },
    stopped: (accounts) => accounts.resetPassword(named(name, accounts.users()).id),
  });
}

/** Takes passkeys and the authenticator app of a user away; returns what that was, in words. */
export async function removeSecondFactor(data: string, name: string, say: (line: string) => void): Promise<string> {
  return either(data, undefined, say, {
    running: async (system) => {
      const user = named(name, await usersOf(system));
      if (user.passkeys > 0) await ask(system, 'DELETE', `/api/users/${user.id}/passkeys`);
      if (user.secondFactor) await ask(system, 'DELETE', `/api/users/${user.id}/second-factor`);
      return removed(user.passkeys, user.secondFactor);
    },
    stopped: async (accounts) => {
      const user = named(name, accounts.users());
      if (user.passkeys.length > 0) await accounts.passkeys.removeAll(user.id);
      if (user.secondFactor) await accounts.codes.end(user.id);
      return removed(user.passkeys.length, user.secondFactor !== null);
    },
  });
}

function removed(passkeys: number, app: boolean): string {
  const what = [
    ...(passkeys > 0 ? [`${passkeys} ${passkeys === 1 ? 'passkey' : 'passkeys'}`] : []),
    ...(app ? ['the authenticator app'] : []),
  ];
  return what.length === 0 ? 'There was no passkey and no authenticator app.' : `Removed: ${what.join(' and ')}.`;
}

const usersSchema = z.array(z.object({ id: z.string(), name: z.string(), passkeys: z.number(), secondFactor: z.boolean() }));

async function usersOf(system: RunningSystem): Promise<z.infer<typeof usersSchema>> {
  return usersSchema.parse(await ask(system, 'GET', '/api/users'));
}

/** The user of a name. @throws Error that lists the users */
function named<T extends { readonly name: string }>(name: string, users: readonly T[]): T {
  const user = users.find((other) => other.name === name);
  if (user) return user;
  throw new Error(`There is no user "${name}". The users are ${users.map((other) => other.name).join(', ') || 'none yet'}.`);
}

function either<T>(
  data: string,
  wanted: Console | undefined,
  say: (line: string) => void,
  how: { running: (system: RunningSystem) => Promise<T>; stopped: (accounts: Accounts) => Promise<T> },
): Promise<T> {
  return onData(data, {
    running: how.running,
    stopped: async (store) => {
      const accounts = await Accounts.open({ store: store.accounts, secrets: store.secrets, console: await consoleOf(store, wanted) });
      const first = await accounts.createFirstAdministrator(process.env['ANNUNCIATOR_ADMIN_PASSWORD'] || undefined);
      if (first) say(`The first user is ${first.name} with the one-time password  ${first.password}`);
      return how.stopped(accounts);
    },
  });
}
