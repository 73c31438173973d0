/** What the main thread and the SQLite worker say to each other. */
import type { StoreCode } from './store-error.ts';

/** What SQLite can bind and return; integers come back as bigint. */
export type SqliteValue = string | number | bigint | null | Uint8Array;
export type SqliteRow = Record<string, SqliteValue>;

/** One statement of a write, run once per row of parameters. */
export interface Statement {
  readonly sql: string;
  readonly rows: readonly (readonly SqliteValue[])[];
}

export interface WorkerSettings {
  readonly directory: string;
  /** The writer holds the lock of the directory and migrates; the reader only reads. */
  readonly role: 'writer' | 'reader';
}

export type Request =
  | { readonly id: number; readonly kind: 'read'; readonly sql: string; readonly parameters: readonly SqliteValue[] }
  | { readonly id: number; readonly kind: 'write'; readonly statements: readonly Statement[] }
  | { readonly id: number; readonly kind: 'close' };

export type Reply =
  | { readonly id: number; readonly rows: readonly SqliteRow[] }
  | { readonly id: number; readonly code: StoreCode; readonly message: string };

/** Id of the reply that tells how opening went. */
export const OPENING = 0;
