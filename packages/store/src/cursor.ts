/** Where the next page begins: the values of the last row, as opaque text. */
import type { AlertQuery } from './alert-query.ts';
import { StoreError } from './store-error.ts';

export interface Cursor {
  /** Value of the sort column in the last row. */
  readonly value: string | number;
  readonly seq: number;
}

/** Writes a cursor; it names the sort so that it fits no other query. */
export function writeCursor(sort: AlertQuery['sort'], { value, seq }: Cursor): string {
  return Buffer.from(JSON.stringify([sort.column, sort.descending, value, seq])).toString('base64url');
}

/** Reads a cursor. @throws StoreError `bad-cursor` when it is none, or one of another sort. */
export function readCursor(sort: AlertQuery['sort'], text: string): Cursor {
  try {
    const [column, descending, value, seq] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const isValue = typeof value === 'string' || Number.isFinite(value);
    if (column === sort.column && descending === sort.descending && isValue && Number.isSafeInteger(seq)) return { value, seq };
  } catch {
    // Falls through to the refusal.
  }
  throw new StoreError('bad-cursor', 'This page marker belongs to another query, or is damaged: ask for the first page again.');
}
