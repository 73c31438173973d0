/** A SQLite file with its prepared statements. Runs in the state's thread, since `node:sqlite` blocks while it works. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { sqliteCode } from '@annunciator/store/sqlite-code';
import { HubError } from '../hub-error.ts';

export type Row = Record<string, string | number | Uint8Array | null>;

const SQLITE_FULL = 13;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
const SQLITE_IOERR = 10;

export interface SqlOptions {
  readonly readOnly?: boolean;
  /** Steps that made the schema, in order, forward only; `user_version` counts those that ran. */
  readonly steps: readonly string[];
  /** Bytes the file may have; more is refused as a full disk is. */
  readonly maxBytes?: number;
}

export class Sql {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** A write is on the disk when its transaction has committed (WAL, synchronous=FULL). */
  constructor(path: string, options: SqlOptions) {
    this.#database = new DatabaseSync(path, { readOnly: options.readOnly ?? false, timeout: 5000 });
    if (options.readOnly) return;
    this.#database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY',
    );
    this.#migrate(options.steps);
    if (options.maxBytes !== undefined) {
      const page = Number(this.get('PRAGMA page_size')?.['page_size'] ?? 4096);
      this.#database.exec(`PRAGMA max_page_count = ${Math.max(16, Math.floor(options.maxBytes / page))}`);
    }
  }

  #migrate(steps: readonly string[]): void {
    const done = Number(this.get('PRAGMA user_version')?.['user_version'] ?? 0);
    if (done > steps.length) throw new HubError('ServerError', 'A newer Annunciator wrote this hub: start that one, or restore a backup.');
    for (let step = done; step < steps.length; step++)
      this.#database.exec(`BEGIN IMMEDIATE; ${steps[step]}; PRAGMA user_version = ${step + 1}; COMMIT`);
  }

  get(text: string, ...parameters: SQLInputValue[]): Row | undefined {
    // Rows hold what SQLite returns; integers stay below 2^53.
    return this.#prepared(text).get(...parameters) as Row | undefined;
  }

  all(text: string, ...parameters: SQLInputValue[]): Row[] {
    return this.#prepared(text).all(...parameters) as Row[];
  }

  /** As {@link all}, with parameters by name. */
  allNamed(text: string, parameters: Readonly<Record<string, SQLInputValue>>): Row[] {
    return this.#prepared(text).all(parameters) as Row[];
  }

  /** Rows one by one, for what may be large. */
  each(text: string, ...parameters: SQLInputValue[]): Iterable<Row> {
    return this.#prepared(text).iterate(...parameters) as Iterable<Row>;
  }

  /** Runs a statement; returns how many rows it changed. */
  run(text: string, ...parameters: SQLInputValue[]): number {
    return Number(this.#prepared(text).run(...parameters).changes);
  }

  /** Inserts a row and returns its rowid. */
  insert(text: string, ...parameters: SQLInputValue[]): number {
    return Number(this.#prepared(text).run(...parameters).lastInsertRowid);
  }

  /** Control statements: BEGIN, COMMIT, SAVEPOINT ... */
  execute(text: string): void {
    this.#prepared(text).run();
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepared(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (!statement) {
      statement = this.#database.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }
}

/** An error of SQLite as a refusal; what SQLite did not raise is returned as it is. */
export function storageError(error: unknown): unknown {
  switch (sqliteCode(error)) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return new HubError('StorageFull', 'The disk of the hub is full, nothing was written: free some space, then try again.');
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new HubError(
        'ServerError',
        `The hub's database is damaged (${error instanceof Error ? error.message : ''}): restore it from a backup.`,
      );
    default:
      return error;
  }
}
