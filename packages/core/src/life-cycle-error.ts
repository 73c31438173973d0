/** Refusals of the life cycle. The message is for the person who asked and says what to do instead. */
export type LifeCycleCode =
  | 'unknown-type'
  | 'not-learnable'
  | 'already-learned'
  | 'not-learned'
  | 'not-muteable'
  | 'mute-internet'
  | 'already-muted'
  | 'not-muted'
  | 'is-flood'
  | 'key-open'
  | 'changed-meanwhile';

export class LifeCycleError extends Error {
  readonly code: LifeCycleCode;

  constructor(code: LifeCycleCode, message: string) {
    super(message);
    this.name = 'LifeCycleError';
    this.code = code;
  }
}
