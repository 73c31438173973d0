/**
 * A refusal of the API: a stable code for programs, a sentence for people that says what to do.
 */
import type { ErrorCode } from './errors.ts';

export interface RefusalDetails {
  /** Seconds to wait, for 429. */
  readonly retryAfter?: number;
  /** All that is wrong, where that is more than one thing. */
  readonly problems?: readonly Problem[];
  /** More for programs, beside code and message. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export class RequestError extends Error {
  readonly statusCode: number;
  readonly code: ErrorCode;
  readonly details: RefusalDetails;

  /** The status is that of the code in the table of errors. */
  constructor(statusCode: number, code: ErrorCode, message: string, details: RefusalDetails = {}) {
    super(message);
    this.name = 'RequestError';
    this.statusCode = statusCode;
    this.code = code;
    this.details = details;
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
