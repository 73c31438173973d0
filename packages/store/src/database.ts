/**
 * The database as the rest of the package uses it: Kysely writes the SQL, a worker runs it.
 *
 * Three workers: one writes, one reads what is found at once, one reads what may take a second, so that a search holds up
 * neither saving nor the next request's session. Reads see every write that was answered before them. A write is a list of
 * statements in one transaction.
 */
import { mkdir } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { type Compilable, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { Schema } from './schema.ts';
import {
  OPENING,
  type Reply,
  type Request,
  type SqliteRow,
  type SqliteValue,
  type Statement,
  type WorkerSettings,
} from './sqlite-messages.ts';
import { StoreError } from './store-error.ts';

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

type Body = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

class SqliteThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (rows: readonly SqliteRow[]) => void; reject: (error: Error) => void }>();
  #lastId = OPENING;
  #closed: StoreError | undefined;

  private constructor(settings: WorkerSettings) {
    this.#worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: settings, name: `store-${settings.role}` });
    this.#worker.on('message', (reply: Reply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#end(new StoreError('failed', `The store stopped: ${error.message}`)));
    this.#worker.on('exit', () => this.#end(new StoreError('closed', 'The store is closed.')));
  }

  static async open(settings: WorkerSettings): Promise<SqliteThread> {
    const thread = new SqliteThread(settings);
    await new Promise((resolve, reject) => thread.#waiting.set(OPENING, { resolve, reject }));
    return thread;
  }

  ask(body: Body): Promise<readonly SqliteRow[]> {
    if (this.#closed) return Promise.reject(this.#closed);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...body, id });
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    const closing = this.ask({ kind: 'close' });
    this.#closed = new StoreError('closed', 'The store is closed.');
    await closing;
    await exited;
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('code' in reply) waiting?.reject(new StoreError(reply.code, reply.message));
    else waiting?.resolve(reply.rows);
  }

  #end(error: StoreError): void {
    this.#closed ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

/** `short` for what an index finds at once, `long` for searches, counts and lists. */
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
    const writer = await SqliteThread.open({ directory, role: 'writer' });
    const opened = [writer];
    try {
      for (let readers = 0; readers < 2; readers++) opened.push(await SqliteThread.open({ directory, role: 'reader' }));
      return new Database(writer, { short: opened[1], long: opened[2] });
    } catch (error) {
      for (const thread of opened.reverse()) await thread.close();
      throw error;
    }
  }

  /** The rows of a query. */
  async read<Row>(query: Compilable<Row>, lane: Lane = 'short'): Promise<Row[]> {
    const { sql, parameters } = query.compile();
    const rows = await this.#readers[lane].ask({ kind: 'read', sql, parameters: sqliteValues(parameters) });
    // The schema's types say what each column holds, and Kysely derives the row's type from them.
    return rows as unknown as Row[];
  }

  /** The first row of a query. */
  async readFirst<Row>(query: Compilable<Row>, lane: Lane = 'short'): Promise<Row | undefined> {
    return (await this.read(query, lane))[0];
  }

  /** Runs statements in one transaction; durable when the promise resolves. */
  async write(statements: readonly Statement[]): Promise<void> {
    await this.#writer.ask({ kind: 'write', statements });
  }

  /** Ends the threads and lets go of the directory. What is under way is finished first. */
  async close(): Promise<void> {
    await this.#readers.short.close();
    await this.#readers.long.close();
    await this.#writer.close();
  }
}
