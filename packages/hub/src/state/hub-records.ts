/** What belongs to the hub as a whole and to no partition: settings, policies, certificates, documents kept by name. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HubError } from '../hub-error.ts';
import { defaultPolicies, type Policy, type Right } from '../authentication/policies.ts';
import { Sql } from './sql.ts';

const STEPS: readonly string[] = [
  `CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   CREATE TABLE policy (name TEXT PRIMARY KEY, rights TEXT NOT NULL, primary_key TEXT NOT NULL, secondary_key TEXT NOT NULL) STRICT;
   CREATE TABLE document (kind TEXT NOT NULL, name TEXT NOT NULL, etag TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID;`,
];

/** What can be read of a hub whether it runs or not. */
export interface ReadableRecords {
  /** The name that devices use, and others. */
  readonly names: readonly string[];
  readonly policies: readonly Policy[];
}

/** Reads a hub's own records without touching them, undefined when there is no hub. @param directory such as `DIR/hub` */
export function readHubRecords(directory: string): ReadableRecords | undefined {
  const path = join(directory, 'hub.sqlite');
  if (!existsSync(path)) return undefined;
  const sql = new Sql(path, { readOnly: true, steps: [] });
  try {
    const names = sql.get("SELECT value FROM setting WHERE name = 'names'")?.['value'];
    // Written when the hub was opened.
    return { names: names === undefined ? ['localhost'] : (JSON.parse(String(names)) as string[]), policies: readPolicies(sql) };
  } finally {
    sql.close();
  }
}

function readPolicies(sql: Sql): Policy[] {
  return sql.all('SELECT * FROM policy ORDER BY name').map((row) => ({
    name: String(row['name']),
    // Written by setPolicy.
    rights: JSON.parse(String(row['rights'])) as Right[],
    primaryKey: String(row['primary_key']),
    secondaryKey: String(row['secondary_key']),
  }));
}

/** Documents that the hub keeps by name. */
export type DocumentKind = 'certificate' | 'configuration' | 'job' | 'diagnosticSetting';

export interface HubDocument {
  readonly name: string;
  readonly etag: string;
  /** JSON text. */
  readonly body: string;
}

export class HubRecords {
  readonly sql: Sql;

  constructor(path: string) {
    this.sql = new Sql(path, { steps: STEPS });
    if (this.policies().length === 0) for (const policy of defaultPolicies()) this.setPolicy(policy);
  }

  setting(name: string): string | undefined {
    const value = this.sql.get('SELECT value FROM setting WHERE name = ?', name)?.['value'];
    return value === undefined ? undefined : String(value);
  }

  setSetting(name: string, value: string): void {
    this.sql.run('INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', name, value);
  }

  policies(): Policy[] {
    return readPolicies(this.sql);
  }

  setPolicy(policy: Policy): void {
    this.sql.run(
      `INSERT INTO policy (name, rights, primary_key, secondary_key) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET rights = excluded.rights, primary_key = excluded.primary_key, secondary_key = excluded.secondary_key`,
      policy.name,
      JSON.stringify(policy.rights),
      policy.primaryKey,
      policy.secondaryKey,
    );
  }

  documents(kind: DocumentKind): HubDocument[] {
    return this.sql
      .all('SELECT name, etag, body FROM document WHERE kind = ? ORDER BY name', kind)
      .map((row) => ({ name: String(row['name']), etag: String(row['etag']), body: String(row['body']) }));
  }

  document(kind: DocumentKind, name: string): HubDocument | undefined {
    const row = this.sql.get('SELECT name, etag, body FROM document WHERE kind = ? AND name = ?', kind, name);
    return row && { name: String(row['name']), etag: String(row['etag']), body: String(row['body']) };
  }

  /**
   * Writes a document; without `ifMatch` it must be new.
   * @param ifMatch the ETag it must have, `*` for any
   * @param limit how many of the kind there may be
   * @throws HubError PreconditionFailed when it changed or exists, QuotaExceeded at the limit
   */
  setDocument(kind: DocumentKind, document: HubDocument, ifMatch: string | null, limit: number): void {
    const present = this.document(kind, document.name);
    if (ifMatch === null ? present : present?.etag !== ifMatch && !(ifMatch === '*' && present))
      throw new HubError(
        'PreconditionFailed',
        `${document.name} ${present ? 'was changed by somebody else' : 'is not there'}: read it again.`,
      );
    if (!present && this.documents(kind).length >= limit)
      throw new HubError('QuotaExceeded', `There are ${limit} of ${kind} already, which is the most: delete some first.`);
    this.sql.run(
      'INSERT INTO document (kind, name, etag, body) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET etag = excluded.etag, body = excluded.body',
      kind,
      document.name,
      document.etag,
      document.body,
    );
  }

  /** Returns whether there was one. */
  removeDocument(kind: DocumentKind, name: string): boolean {
    return this.sql.run('DELETE FROM document WHERE kind = ? AND name = ?', kind, name) > 0;
  }
}
