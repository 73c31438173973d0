/** Refusals of the store. The message says what happened and what to do. */
export type StoreCode =
  | 'in-use'
  | 'newer-database'
  | 'damaged'
  | 'disk-full'
  | 'closed'
  | 'bad-cursor'
  | 'bad-value'
  | 'bad-key'
  /** Somebody else changed it in the meantime. */
  | 'conflict'
  | 'failed';

export class StoreError extends Error {
  readonly code: StoreCode;

  constructor(code: StoreCode, message: string) {
    super(message);
    this.name = 'StoreError';
    this.code = code;
  }
}
