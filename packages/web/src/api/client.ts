/** The one way to the server: JSON in and out, the session's CSRF token on writes, refusals as errors with the server's sentence. */

/** The server said no; `message` is for people. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** The whole answer, for refusals that carry more than a sentence. */
  readonly answer: unknown;

  constructor(status: number, code: string, message: string, answer: unknown = null) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.answer = answer;
  }
}

let csrfToken: string | null = null;

/** Remembers what writes have to repeat. */
export function rememberCsrfToken(token: string | null): void {
  csrfToken = token;
}

export function get<Answer>(path: string): Promise<Answer> {
  return call<Answer>('GET', path);
}

export function send<Answer>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  more?: Readonly<Record<string, string>>,
): Promise<Answer> {
  return call<Answer>(method, path, body, more);
}

async function call<Answer>(method: string, path: string, body?: unknown, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json', ...more };
  // A file is a table; everything else is JSON.
  if (body !== undefined) headers['content-type'] = body instanceof Blob ? 'text/csv' : 'application/json';
  if (method !== 'GET' && csrfToken !== null) headers['x-csrf-token'] = csrfToken;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
    });
  } catch {
    throw new Error('The server does not answer: check the connection. The page tries again.');
  }
  // 204 and empty answers have no body to parse.
  const text = await response.text();
  const answer: unknown = text === '' ? null : parsed(text);
  if (!response.ok) throw refusalOf(response.status, answer);
  // The server checks its answers against the schema of the route before it sends them.
  return answer as Answer;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refusalOf(status: number, answer: unknown): Refusal {
  if (typeof answer === 'object' && answer !== null && 'code' in answer && 'message' in answer) {
    return new Refusal(status, String(answer.code), String(answer.message), answer);
  }
  return new Refusal(status, 'unknown', `The server answered ${status}.`);
}
