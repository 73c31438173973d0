/** Who did what and when. Entries are only ever added. */
import { type Database, sqlite, statement } from './database.ts';

export interface AuditEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly who: string;
  /** A verb of the API, such as `alert.learn`. */
  readonly action: string;
  /** Ids of what was acted upon. */
  readonly on: readonly string[];
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface AuditQuery {
  readonly who?: string;
  /** Entries older than this number, for the next page. */
  readonly before?: number;
  readonly limit: number;
}

export class AuditLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Durable when the promise resolves. */
  record(entry: AuditEntry): Promise<void> {
    const { at, who, action } = entry;
    const row = { at, who, action, targets: JSON.stringify(entry.on), details: JSON.stringify(entry.details ?? {}) };
    return this.#database.write([statement(sqlite.insertInto('audit').values(row))]);
  }

  /** Newest first; `number` counts up over the life of the log. */
  async list(query: AuditQuery): Promise<(AuditEntry & { readonly number: number })[]> {
    let select = sqlite.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(query.limit);
    if (query.who !== undefined) select = select.where('who', '=', query.who);
    if (query.before !== undefined) select = select.where('seq', '<', BigInt(query.before));
    return (await this.#database.read(select)).map(({ seq, at, who, action, targets, details }) => ({
      number: Number(seq),
      at: Number(at),
      who,
      action,
      on: JSON.parse(targets),
      details: JSON.parse(details),
    }));
  }
}
