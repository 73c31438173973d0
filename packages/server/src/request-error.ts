/**
 * A refusal of the API: a stable code for programs, a sentence for people that says what to do.
 */
export class RequestError extends Error {
  readonly statusCode: number;
  readonly code: string;
  /** Seconds to wait, for 429. */
  readonly retryAfter: number | undefined;
  /** All that is wrong, where that is more than one thing. */
  readonly problems: readonly Problem[];

  constructor(statusCode: number, code: string, message: string, retryAfter?: number, problems: readonly Problem[] = []) {
    super(message);
    this.name = 'RequestError';
    this.statusCode = statusCode;
    this.code = code;
    this.retryAfter = retryAfter;
    this.problems = problems;
  }
}

export function notFound(what: string, id: string): RequestError {
  return new RequestError(
    404,
    'not_found',
    `There is no ${what} with the id ${JSON.stringify(id)}. It may have been removed by retention.`,
  );
}

/** One thing that is wrong with what was sent: which part, and what is allowed there. */
export interface Problem {
  readonly part: string;
  readonly message: string;
  /** Of texts, from 1. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}
