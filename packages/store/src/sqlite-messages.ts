/** What the main thread and the SQLite worker say to each other. */

/** What SQLite can bind and return; integers come back as bigint. */
export type SqliteValue = string | number | bigint | null | Uint8Array;
export type SqliteRow = Record<string, SqliteValue>;

/** One statement of a write, run once per row of parameters. */
export interface Statement {
  readonly sql: string;
  readonly rows: readonly (readonly SqliteValue[])[];
  /** True when the write answers the rows it gives (`RETURNING`). */
  readonly returning?: true;
}

export interface WorkerSettings {
  readonly directory: string;
  /** The writer holds the lock of the directory and migrates; the reader only reads. */
  readonly role: 'writer' | 'reader';
}

export type Question =
  | { readonly kind: 'read'; readonly sql: string; readonly parameters: readonly SqliteValue[] }
  | { readonly kind: 'readArrays'; readonly sql: string; readonly parameters: readonly SqliteValue[] }
  | { readonly kind: 'write'; readonly statements: readonly Statement[] }
  | { readonly kind: 'close' };

export type Request = Question & { readonly id: number };
