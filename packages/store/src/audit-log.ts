/** Who did what, when and from where. Entries are only ever added; they go by age alone, where somebody has set one. */
import { sql, type SqlBool } from 'kysely';
import { type Database, sqlite, statement } from './database.ts';
import type { JsonValue } from './settings.ts';
import type { Statement } from './sqlite-messages.ts';

export interface AuditEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly who: string;
  /** A verb of the API, such as `alert.learn`. */
  readonly action: string;
  /** Ids of what was acted upon. */
  readonly on: readonly string[];
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
  /** What was changed, as it was and as it is. */
  readonly before?: AuditState;
  readonly after?: AuditState;
  /** IP address that the request came from. */
  readonly address?: string;
}

export type AuditState = Readonly<Record<string, JsonValue>>;

export interface AuditQuery {
  readonly who?: readonly string[];
  readonly actions?: readonly string[];
  /** Id of what was acted upon. */
  readonly on?: string;
  /** Bounds on the time, milliseconds since 1970, both inclusive. */
  readonly from?: number;
  readonly to?: number;
  /** Text in any part of an entry; case does not matter. */
  readonly search?: string;
  /** Entries older than this number, for the next page. */
  readonly before?: number;
  readonly limit: number;
}

export type StoredAuditEntry = AuditEntry & { readonly number: number };

/** Values of the filters, and how many entries have each. */
export interface AuditValues {
  readonly who: readonly { readonly value: string; readonly count: number }[];
  readonly action: readonly { readonly value: string; readonly count: number }[];
}

/** Values of a filter that are told at most. */
const MOST_VALUES = 200;

/** Adds an entry beside what it is about, in the same transaction. */
export function auditStatement({ at, who, action, on, details, before, after, address }: AuditEntry): Statement {
  const row = {
    at,
    who,
    action,
    targets: JSON.stringify(on),
    details: JSON.stringify(details ?? {}),
    before: before ? JSON.stringify(before) : null,
    after: after ? JSON.stringify(after) : null,
    address: address ?? null,
  };
  return statement(sqlite.insertInto('audit').values(row));
}

export class AuditLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Durable when the promise resolves. */
  record(entry: AuditEntry): Promise<void> {
    return this.#database.write([auditStatement(entry)]);
  }

  /** Deletes the entries from before a time, milliseconds since 1970. */
  prune(before: number): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('audit').where('at', '<', BigInt(before)))]);
  }

  /** Newest first; `number` counts up over the life of the log. */
  async list({ who, actions, on, from, to, search, before, limit }: AuditQuery): Promise<StoredAuditEntry[]> {
    let select = sqlite.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(limit);
    if (who) select = select.where('who', 'in', who);
    if (actions) select = select.where('action', 'in', actions);
    if (on !== undefined) select = select.where(sql<SqlBool>`EXISTS (SELECT 1 FROM json_each(targets) WHERE value = ${on})`);
    if (from !== undefined) select = select.where('at', '>=', BigInt(from));
    if (to !== undefined) select = select.where('at', '<=', BigInt(to));
    if (search) {
      const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
      const text = sql`who || ' ' || action || ' ' || targets || ' ' || details || ' ' || coalesce(before, '') || ' ' || coalesce(after, '') || ' ' || coalesce(address, '')`;
      select = select.where(sql<SqlBool>`${text} LIKE ${pattern} ESCAPE '\\'`);
    }
    if (before !== undefined) select = select.where('seq', '<', BigInt(before));
    return (await this.#database.read(select, 'long')).map((row) => ({
      number: Number(row.seq),
      at: Number(row.at),
      who: row.who,
      action: row.action,
      on: JSON.parse(row.targets),
      details: JSON.parse(row.details),
      ...(row.before === null ? {} : { before: JSON.parse(row.before) }),
      ...(row.after === null ? {} : { after: JSON.parse(row.after) }),
      ...(row.address === null ? {} : { address: row.address }),
    }));
  }

  /** Who is in the log and what they did, most first. */
  async values(): Promise<AuditValues> {
    const of = async (column: 'who' | 'action') => {
      const counted = sqlite
        .selectFrom('audit')
        .select([column, sql<bigint>`count(*)`.as('n')])
        .groupBy(column)
        .orderBy('n', 'desc')
        .limit(MOST_VALUES);
      return (await this.#database.read(counted, 'long')).map((row) => ({ value: String(row[column]), count: Number(row.n) }));
    };
    const [who, action] = await Promise.all([of('who'), of('action')]);
    return { who, action };
  }
}
