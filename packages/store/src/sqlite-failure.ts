/** What went wrong in SQLite, as the codes and sentences of the store. */
import { sqliteCode } from './sqlite-code.ts';
import { type StoreCode, StoreError } from './store-error.ts';

const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** The reply of a thread whose work failed. */
export function failureOf(id: number, error: unknown): { readonly id: number; readonly code: StoreCode; readonly message: string } {
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
