/** Users, roles, sessions and the audit log as the server gives them (GET /api/openapi.json: User, Roles, OpenSession, AuditEntry). */
import { get, send } from './client.ts';

export interface Grant {
  readonly role: string;
  /** Null for everything. */
  readonly site: string | null;
  /** Null for all zones of the site. */
  readonly zone: string | null;
  /** Whether it includes packets; null leaves that to the role. */
  readonly packets: boolean | null;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly created: string;
  readonly lastSignIn: string | null;
  readonly passwordIsTemporary: boolean;
  readonly disabled: boolean;
  readonly secondFactor: boolean;
  readonly passkeys: number;
  readonly sessions: number;
}

export interface Roles {
  readonly roles: readonly { readonly name: string; readonly highest: boolean; readonly actions: readonly string[] }[];
  readonly actions: readonly { readonly name: string; readonly meaning: string; readonly atPlace: boolean }[];
}

export interface OpenSession {
  readonly id: string;
  readonly method: string;
  readonly address: string;
  readonly agent: string;
  readonly created: string;
  readonly lastSeen: string;
  readonly current: boolean;
}

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly created: string;
  /** Signs in by single sign-on, and has no password here. */
  readonly external: boolean;
  readonly secondFactor: { readonly since: string } | null;
  readonly passkeys: readonly Passkey[];
  /** How many are left. */
  readonly recoveryCodes: number;
}

export interface Passkey {
  readonly id: string;
  readonly name: string;
  /** Name of the host that it is for. */
  readonly host: string;
  readonly created: string;
  readonly lastUsed: string | null;
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type AuditState = Readonly<Record<string, Json>>;

export interface AuditEntry {
  readonly number: number;
  readonly at: string;
  readonly who: string;
  readonly action: string;
  readonly on: readonly string[];
  readonly address: string | null;
  readonly details: AuditState;
  readonly before: AuditState | null;
  readonly after: AuditState | null;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly next: number | null;
}

export interface AuditValues {
  readonly who: readonly { readonly value: string; readonly count: number }[];
  readonly action: readonly { readonly value: string; readonly count: number }[];
}

export const fetchUsers = (): Promise<readonly User[]> => get('/api/users');
export const fetchRoles = (): Promise<Roles> => get('/api/roles');
export const fetchAccount = (): Promise<Account> => get('/api/account');
export const fetchOwnSessions = (): Promise<readonly OpenSession[]> => get('/api/account/sessions');
export const fetchAuditValues = (): Promise<AuditValues> => get('/api/audit/values');

export function fetchAudit(query: URLSearchParams, cursor: number | null): Promise<AuditPage> {
  const asked = new URLSearchParams(query);
  if (cursor !== null) asked.set('cursor', String(cursor));
  return get(`/api/audit?${asked}`);
}

/** Makes a user; the password that was made for the first sign-in comes once. */
export function createUser(name: string, grants: readonly Grant[]): Promise<User & { readonly password: string }> {
  return send('POST', '/api/users', { name, grants });
}

export function changeUser(
  id: string,
  change: { readonly name?: string; readonly grants?: readonly Grant[]; readonly disabled?: boolean },
): Promise<User> {
  return send('PATCH', `/api/users/${id}`, change);
}

/** "Security Admin at North Station, zone Boilers", as the server says it. */
export function grantText({ role, site, zone, packets }: Grant): string {
  const where = site === null ? '' : ` at ${site}${zone === null ? '' : `, zone ${zone}`}`;
  return `${role}${where}${packets === null ? '' : packets ? ' with packets' : ' without packets'}`;
}
