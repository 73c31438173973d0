/**
 * A refusal of the API: a stable code for programs, a sentence for people that says what to do.
 */
export class RequestError extends Error {
  readonly statusCode: number;
  readonly code: string;
  /** Seconds to wait, for 429. */
  readonly retryAfter: number | undefined;

  constructor(statusCode: number, code: string, message: string, retryAfter?: number) {
    super(message);
    this.name = 'RequestError';
    this.statusCode = statusCode;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export function notFound(what: string, id: string): RequestError {
  return new RequestError(
    404,
    'not_found',
    `There is no ${what} with the id ${JSON.stringify(id)}. It may have been removed by retention.`,
  );
}
