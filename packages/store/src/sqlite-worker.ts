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
import { OPENING, type Reply, type Request, type SqliteRow, type Statement, type WorkerSettings } from './sqlite-messages.ts';
import { sqliteCode } from './sqlite-code.ts';
import { StoreError } from './store-error.ts';

const STATEMENTS_KEPT = 200;

const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

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
        PRAGMA wal_autocheckpoint = 1000;
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

  write(statements: readonly Statement[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const { sql, rows } of statements) {
        const prepared = this.#prepared(sql);
        for (const row of rows) prepared.run(...row);
      }
      this.#database.exec('COMMIT');
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

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement) return statement;
    statement = this.#database.prepare(sql);
    statement.setReadBigInts(true);
    if (this.#statements.size >= STATEMENTS_KEPT) this.#statements.clear();
    this.#statements.set(sql, statement);
    return statement;
  }
}

function failure(id: number, error: unknown): Reply {
  if (error instanceof StoreError) return { id, code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  switch (sqliteCode(error)) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return { id, code: 'damaged', message: `The database is damaged (${message}): restore it from a backup.` };
    case SQLITE_FULL:
      return { id, code: 'disk-full', message: 'The disk is full, nothing was written: free some space and try again.' };
    default:
      return { id, code: 'failed', message };
  }
}

function answer(connection: Connection, request: Request): Reply {
  try {
    switch (request.kind) {
      case 'read':
        return { id: request.id, rows: connection.read(request.sql, request.parameters) };
      case 'write':
        connection.write(request.statements);
        return { id: request.id, rows: [] };
      case 'close':
        connection.close();
        return { id: request.id, rows: [] };
    }
  } catch (error) {
    return failure(request.id, error);
  }
}

function serve(port: MessagePort, settings: WorkerSettings): void {
  try {
    const connection = new Connection(settings);
    port.on('message', (request: Request) => {
      port.postMessage(answer(connection, request));
      if (request.kind === 'close') port.close();
    });
    port.postMessage({ id: OPENING, rows: [] } satisfies Reply);
  } catch (error) {
    port.postMessage(failure(OPENING, error));
    port.close();
  }
}

if (parentPort) serve(parentPort, workerData);
