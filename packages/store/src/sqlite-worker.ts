/**
 * The thread that runs SQLite, since `node:sqlite` blocks while it works.
 *
 * WAL with synchronous=FULL: a write is on the disk when it is answered.
 */
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import { migrate } from './migrations.ts';
import { OPENING, type Reply } from './asked-thread.ts';
import type { Request, SqliteRow, SqliteValue, Statement, WorkerSettings } from './sqlite-messages.ts';
import { failureOf } from './sqlite-failure.ts';

const STATEMENTS_KEPT = 200;

class Connection {
  readonly #lock: DirectoryLock | undefined;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor({ directory, role }: WorkerSettings) {
    this.#lock = role === 'writer' ? lockDirectory(directory, 'annunciator.lock') : undefined;
    this.#database = new DatabaseSync(join(directory, 'annunciator.sqlite'), { readOnly: role === 'reader', timeout: 5000 });
    if (role === 'writer') {
      this.#database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA wal_autocheckpoint = 8000;
        PRAGMA journal_size_limit = 67108864;
      `);
      migrate(this.#database);
    }
    this.#database.exec('PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 268435456');
  }

  read(sql: string, parameters: Statement['rows'][number]): SqliteRow[] {
    // Rows hold what SQLite can return, which is exactly SqliteValue.
    return this.#prepared(sql).all(...parameters) as SqliteRow[];
  }

  /** Rows as arrays of their columns, integers as numbers: a third of the cost. */
  readArrays(sql: string, parameters: Statement['rows'][number]): SqliteValue[][] {
    const statement = this.#prepared(sql, true);
    return statement.all(...parameters) as unknown as SqliteValue[][];
  }

  /** Runs the statements in one transaction; returns what those with `returning` give. */
  write(statements: readonly Statement[]): SqliteRow[] {
    const returned: SqliteRow[] = [];
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const { sql, rows, returning } of statements) {
        const prepared = this.#prepared(sql);
        for (const row of rows) {
          if (returning) returned.push(...(prepared.all(...row) as SqliteRow[]));
          else prepared.run(...row);
        }
      }
      this.#database.exec('COMMIT');
      return returned;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
    this.#lock?.release();
  }

  #prepared(sql: string, arrays = false): StatementSync {
    const key = arrays ? `arrays ${sql}` : sql;
    let statement = this.#statements.get(key);
    if (statement) return statement;
    statement = this.#database.prepare(sql);
    if (arrays) statement.setReturnArrays(true);
    else statement.setReadBigInts(true);
    if (this.#statements.size >= STATEMENTS_KEPT) this.#statements.clear();
    this.#statements.set(key, statement);
    return statement;
  }
}

function answer(connection: Connection, request: Request): Reply<readonly SqliteRow[] | SqliteValue[][]> {
  try {
    switch (request.kind) {
      case 'read':
        return { id: request.id, answer: connection.read(request.sql, request.parameters) };
      case 'readArrays':
        return { id: request.id, answer: connection.readArrays(request.sql, request.parameters) };
      case 'write':
        return { id: request.id, answer: connection.write(request.statements) };
      case 'close':
        connection.close();
        return { id: request.id, answer: [] };
    }
  } catch (error) {
    return failureOf(request.id, error);
  }
}

function serve(port: MessagePort, settings: WorkerSettings): void {
  try {
    const connection = new Connection(settings);
    port.on('message', (request: Request) => {
      port.postMessage(answer(connection, request));
      if (request.kind === 'close') port.close();
    });
    port.postMessage({ id: OPENING, answer: [] } satisfies Reply<readonly SqliteRow[]>);
  } catch (error) {
    port.postMessage(failureOf(OPENING, error));
    port.close();
  }
}

if (parentPort) serve(parentPort, workerData);
