/** Where the next page of a sorted list begins: the values of the last row, as opaque text. */
import { StoreError } from '../store-error.ts';

export interface PageMark {
  /** Value of the sort column in the last row; null when it is not known. */
  readonly value: string | bigint | null;
  readonly number: bigint;
  /** Rows that matched when the first page was asked for, so that further pages need not count again. */
  readonly matching: number;
}

interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

/** Writes a mark; it names the sort so that it fits no other query. */
export function writeMark(sort: Sort, { value, number, matching }: PageMark): string {
  const cell = value === null ? {} : typeof value === 'bigint' ? { n: String(value) } : { t: value };
  return Buffer.from(JSON.stringify([sort.column, sort.descending, cell, String(number), matching])).toString('base64url');
}

/** Reads a mark. @throws StoreError `bad-cursor` when it is none, or one of another sort. */
export function readMark(sort: Sort, text: string): PageMark {
  try {
    const [column, descending, cell, number, matching] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (column === sort.column && descending === sort.descending && Number.isSafeInteger(matching)) {
      const value = typeof cell.n === 'string' ? BigInt(cell.n) : typeof cell.t === 'string' ? cell.t : null;
      return { value, number: BigInt(number), matching };
    }
  } catch {
    // Falls through to the refusal.
  }
  throw new StoreError('bad-cursor', 'This page marker belongs to another query, or is damaged: ask for the first page again.');
}
