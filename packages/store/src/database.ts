/**
 * The database as the rest of the package uses it: Kysely writes the SQL, a worker runs it.
 *
 * Three workers: one writes, one reads what is found at once, one reads what may take a second, so that a long list holds up
 * neither saving nor the next request's session. Reads see every write that was answered before them. A write is a list of
 * statements in one transaction.
 */
import { mkdir } from 'node:fs/promises';
import { type Compilable, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { AskedThread } from './asked-thread.ts';
import type { Schema } from './schema.ts';
import type { Question, SqliteRow, SqliteValue, Statement, WorkerSettings } from './sqlite-messages.ts';

/** Builds queries; {@link Database} runs them. */
export const sqlite = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** A statement of a write, from a Kysely query. */
export function statement(query: Compilable): Statement {
  const { sql, parameters } = query.compile();
  return { sql, rows: [sqliteValues(parameters)] };
}

// Kysely passes on what the query was given, and its types let only values through that SQLite binds.
function sqliteValues(parameters: readonly unknown[]): readonly SqliteValue[] {
  return parameters as readonly SqliteValue[];
}

type SqliteThread = AskedThread<Question>;

function openThread(settings: WorkerSettings): Promise<SqliteThread> {
  return AskedThread.open(new URL('./sqlite-worker.ts', import.meta.url), settings, `store-${settings.role}`);
}

/** `short` for what an index finds at once, `long` for lists. */
export type Lane = 'short' | 'long';

export class Database {
  readonly #writer: SqliteThread;
  readonly #readers: Readonly<Record<Lane, SqliteThread>>;

  private constructor(writer: SqliteThread, readers: Readonly<Record<Lane, SqliteThread>>) {
    this.#writer = writer;
    this.#readers = readers;
  }

  /**
   * Opens the database of a data directory, makes it when there is none, and brings it up to date.
   * @throws StoreError `in-use` when another process has it, `newer-database` when a newer program wrote it.
   */
  static async open(directory: string): Promise<Database> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const writer = await openThread({ directory, role: 'writer' });
    const opened = [writer];
    try {
      for (let readers = 0; readers < 2; readers++) opened.push(await openThread({ directory, role: 'reader' }));
      return new Database(writer, { short: opened[1], long: opened[2] });
    } catch (error) {
      for (const thread of opened.reverse()) await thread.close({ kind: 'close' });
      throw error;
    }
  }

  /** The rows of a query. */
  async read<Row>(query: Compilable<Row>, lane: Lane = 'short'): Promise<Row[]> {
    const { sql, parameters } = query.compile();
    const rows = await this.#readers[lane].ask<readonly SqliteRow[]>({ kind: 'read', sql, parameters: sqliteValues(parameters) });
    // The schema's types say what each column holds, and Kysely derives the row's type from them.
    return rows as unknown as Row[];
  }

  /** Rows of a statement as arrays of their columns, integers as numbers: for what is read often, or by the thousand. */
  readArrays(sql: string, parameters: readonly SqliteValue[], lane: Lane = 'short'): Promise<readonly (readonly SqliteValue[])[]> {
    return this.#readers[lane].ask({ kind: 'readArrays', sql, parameters });
  }

  /** The first row of a query. */
  async readFirst<Row>(query: Compilable<Row>, lane: Lane = 'short'): Promise<Row | undefined> {
    return (await this.read(query, lane))[0];
  }

  /** Runs statements in one transaction; durable when the promise resolves. */
  async write(statements: readonly Statement[]): Promise<void> {
    await this.#writer.ask({ kind: 'write', statements });
  }

  /** As {@link write}; tells the rows of those statements that return some. */
  writeReturning(statements: readonly Statement[]): Promise<readonly SqliteRow[]> {
    return this.#writer.ask({ kind: 'write', statements });
  }

  /** Ends the threads and lets go of the directory. What is under way is finished first. */
  async close(): Promise<void> {
    for (const thread of [this.#readers.short, this.#readers.long, this.#writer]) await thread.close({ kind: 'close' });
  }
}
