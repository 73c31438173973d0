/** Where the next page begins: the values of the last row, as opaque text. */
import type { AlertQuery } from './alert-query.ts';
import { StoreError } from './store-error.ts';

export interface Cursor {
  /** Value of the sort column in the last row. */
  readonly value: string | bigint;
  readonly seq: bigint;
  /** Alerts that matched when the first page was asked for, so that further pages need not count again. */
  readonly matching: number;
}

/** Writes a cursor; it names the sort so that it fits no other query. */
export function writeCursor(sort: AlertQuery['sort'], cursor: Cursor): string {
  const { value } = cursor;
  const text = typeof value === 'bigint' ? { n: String(value) } : { t: value };
  return Buffer.from(JSON.stringify([sort.column, sort.descending, text, String(cursor.seq), cursor.matching])).toString('base64url');
}

/** Reads a cursor. @throws StoreError `bad-cursor` when it is none, or one of another sort. */
export function readCursor(sort: AlertQuery['sort'], text: string): Cursor {
  try {
    const [column, descending, value, seq, matching] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (column === sort.column && descending === sort.descending && Number.isSafeInteger(matching)) {
      if (typeof value.n === 'string') return { value: BigInt(value.n), seq: BigInt(seq), matching };
      if (typeof value.t === 'string') return { value: value.t, seq: BigInt(seq), matching };
    }
  } catch {
    // Falls through to the refusal.
  }
  throw new StoreError('bad-cursor', 'This page marker belongs to another query, or is damaged: ask for the first page again.');
}
