/** Somebody who is signed in to a server under test and asks it things. */
import type { SampleServer } from './serve-samples.ts';

export interface Answer {
  readonly status: number;
  // Answers have the shapes of the document; these tests read single members.
  readonly body: ReturnType<typeof JSON.parse>;
  readonly headers: Readonly<Record<string, unknown>>;
}
export type Send = (
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  url: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

export async function signedIn({ app }: Pick<SampleServer, 'app'>, user: string, password: string): Promise<Send> {
  const signIn = await app.inject({ method: 'POST', url: '/api/sign-in', payload: { user, password } });
  const cookie = String(signIn.headers['set-cookie']).split(';')[0] ?? '';
  const session = await app.inject({ url: '/api/session', headers: { cookie } });
  const { csrfToken } = session.json<{ csrfToken: string }>();
  return async (method, url, body, headers = {}) => {
    const payload = body === undefined ? {} : { payload: body as string | object };
    const answer = await app.inject({ method, url, headers: { cookie, 'x-csrf-token': csrfToken, ...headers }, ...payload });
    const isJson = answer.payload !== '' && String(answer.headers['content-type']).startsWith('application/json');
    return { status: answer.statusCode, body: isJson ? JSON.parse(answer.payload) : answer.payload, headers: answer.headers };
  };
}
