/** What the command's exit code says (docs/reference/analyze.md). 0 is done: captures read, whether or not they gave alerts. */
export const ExitCode = {
  Done: 0,
  /** The system cannot do it: no right, no room, a fault of ours. */
  Failed: 1,
  /** The command line cannot be understood. */
  Usage: 2,
  /** At least one FILE is missing, a directory, empty or no capture. The others were read. */
  Unreadable: 3,
} as const;

/** Options that do not go together, or a value that cannot be used. The message is one sentence that says what to give instead. */
export class UsageError extends Error {
  readonly code = 'USAGE';
}
