/** Calls of the API for tests: as somebody who has signed in, as a program with a role, and as a live stream. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { PortalRole } from '@annunciator/core/roles';
import type { AlertRow } from '../src/alerts/alert-view.ts';
import type { JobView } from '../src/alerts/job-view.ts';
import { PASSWORD, type SampleOptions, type SampleServer, sampleServer } from './serve-samples.ts';

export const NOW = Date.UTC(2026, 10, 21, 9, 0);

export interface Answer<Body = { code: string; message: string }> {
  readonly status: number;
  readonly headers: Record<string, string | string[] | number | undefined>;
  readonly text: string;
  readonly body: Body;
}
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Call = <Body = { code: string; message: string }>(
  method: Method,
  url: string,
  body?: object,
  headers?: Record<string, string>,
) => Promise<Answer<Body>>;

/** A server with sample alerts that ends with the test. */
export async function serve(t: TestContext, options: SampleOptions = {}): Promise<SampleServer> {
  const server = await sampleServer({ now: NOW, ...options });
  t.after(() => server.app.close());
  return server;
}

export function caller(server: SampleServer, always: Record<string, string> = {}): Call {
  return async <Body>(method: Method, url: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await server.app.inject({ method, url, headers: { ...always, ...headers }, ...(body ? { payload: body } : {}) });
    const isJson = String(response.headers['content-type']).includes('json');
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.payload,
      body: (isJson ? response.json() : null) as Body,
    };
  };
}

/** Calls as a signed-in person, with cookie and CSRF token. */
export async function signedIn(server: SampleServer, user = 'admin', password = PASSWORD): Promise<Call> {
  const { headers, body, status } = await caller(server)<{ csrfToken: string }>('POST', '/api/sign-in', { user, password });
  assert.equal(status, 200);
  const cookie = String(headers['set-cookie']).split(';')[0] ?? '';
  return caller(server, { cookie, 'x-csrf-token': body.csrfToken });
}

/** Calls as a program with a role. */
export async function asRole(server: SampleServer, role: PortalRole): Promise<Call> {
  const admin = await signedIn(server);
  const { body } = await admin<{ token: string }>('POST', '/api/tokens', { name: role, role });
  return caller(server, { authorization: `Bearer ${body.token}` });
}

export async function rows(call: Call, query = ''): Promise<AlertRow[]> {
  return (await call<{ alerts: AlertRow[] }>('GET', `/api/alerts?${query}`)).body.alerts;
}

/** A job when it has ended. */
export async function ended(call: Call, job: JobView): Promise<JobView> {
  for (let current = job; ; current = (await call<JobView>('GET', `/api/alert-jobs/${job.id}`)).body) {
    if (current.state !== 'running') return current;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export interface LiveMessage {
  readonly id: string;
  readonly event: string;
  readonly data: { raised: AlertRow[]; changed: AlertRow[] };
}

/** Opens a stream; each call of the answer waits for the next event. */
export async function liveStream(t: TestContext, url: string, headers: Record<string, string>): Promise<() => Promise<LiveMessage>> {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const response = await fetch(url, { headers, signal: stop.signal });
  assert.equal(response.status, 200);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return async () => {
    while (!text.includes('\n\n')) {
      const chunk = await reader?.read();
      assert.ok(chunk && !chunk.done, 'the stream ended');
      text += chunk.value;
    }
    const end = text.indexOf('\n\n');
    const fields = new Map(
      text
        .slice(0, end)
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    text = text.slice(end + 2);
    return { id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(fields.get('data') ?? '{}') };
  };
}
