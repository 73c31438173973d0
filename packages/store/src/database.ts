/**
 * The database as the rest of the package uses it: Kysely writes the SQL, a worker runs it.
 *
 * Two workers, one that writes and one that reads, so that a long question does not hold up what has to be saved. Reads see
 * every write that was answered before them. A write is a list of statements in one transaction.
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

export class Database {
  readonly #writer: SqliteThread;
  readonly #reader: SqliteThread;

  private constructor(writer: SqliteThread, reader: SqliteThread) {
    this.#writer = writer;
    this.#reader = reader;
  }

  /**
   * Opens the database of a data directory, makes it when there is none, and brings it up to date.
   * @throws StoreError `in-use` when another process has it, `newer-database` when a newer program wrote it.
   */
  static async open(directory: string): Promise<Database> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const writer = await SqliteThread.open({ directory, role: 'writer' });
    try {
      return new Database(writer, await SqliteThread.open({ directory, role: 'reader' }));
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  /** The rows of a query. */
  async read<Row>(query: Compilable<Row>): Promise<Row[]> {
    const { sql, parameters } = query.compile();
    const rows = await this.#reader.ask({ kind: 'read', sql, parameters: sqliteValues(parameters) });
    // The schema's types say what each column holds, and Kysely derives the row's type from them.
    return rows as unknown as Row[];
  }

  /** The first row of a query. */
  async readFirst<Row>(query: Compilable<Row>): Promise<Row | undefined> {
    return (await this.read(query))[0];
  }

  /** Runs statements in one transaction; durable when the promise resolves. */
  async write(statements: readonly Statement[]): Promise<void> {
    await this.#writer.ask({ kind: 'write', statements });
  }

  /** Ends both threads and lets go of the directory. What is under way is finished first. */
  async close(): Promise<void> {
    await this.#reader.close();
    await this.#writer.close();
  }
}
