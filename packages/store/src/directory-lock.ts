/**
 * One process per data directory. The lock is an exclusive transaction on a file of its own: the system lets go of it when
 * the process ends, however it ends.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sqliteCode } from './sqlite-code.ts';
import { StoreError } from './store-error.ts';

const SQLITE_BUSY = 5;

export interface DirectoryLock {
  release(): void;
}

/**
 * Locks a directory until it is released.
 * @param file name of the lock file, one for each kind of owner
 * @throws StoreError `in-use` when another process has it
 */
export function lockDirectory(directory: string, file: string): DirectoryLock {
  const database = new DatabaseSync(join(directory, file), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (sqliteCode(error) !== SQLITE_BUSY) throw error;
    throw new StoreError('in-use', `Another process uses the data directory ${directory}: stop it first, or choose another directory.`);
  }
}
