/** A rule or group that cannot be saved as it is. */

export type RuleErrorCode =
  /** A value is missing, out of its bounds, or no such thing. */
  | 'invalid'
  /** Two rules of one type, or of one name, in a group. */
  | 'duplicate'
  /** The name of an alert was to be changed. */
  | 'renamed'
  /** Somebody else saved the group meanwhile. */
  | 'changed'
  /** There is no such group or rule. */
  | 'unknown';

export class RuleError extends Error {
  readonly code: RuleErrorCode;

  constructor(code: RuleErrorCode, message: string) {
    super(message);
    this.name = 'RuleError';
    this.code = code;
  }
}
