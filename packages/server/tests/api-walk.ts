/** Every operation of the API description, called with what its path needs, as somebody who has signed in. */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Grant } from '@annunciator/core/access';
import { PASSWORD, type SampleServer } from './serve-samples.ts';

export interface Operation {
  readonly method: string;
  readonly path: string;
  /** The action, `anyone` or `signed-in`. */
  readonly permission: string;
  /** Keeps to the places of the caller's grants. */
  readonly byPlace: boolean;
}

export interface Refusal {
  readonly status: number;
  /** Empty when it was no refusal. */
  readonly code: string;
  readonly text: string;
}

/** All operations, in the order of the description. */
export function operationsOf(server: SampleServer): Operation[] {
  // Written by `openapi.ts`.
  const { paths } = server.app.swagger() as { paths: Record<string, Record<string, { 'x-permission'?: string; 'x-by-place'?: boolean }>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      permission: operation['x-permission'] ?? '',
      byPlace: operation['x-by-place'] === true,
    })),
  );
}

/** Calls as a new user with these grants; answers of streams are read to their first event. */
export async function callerWith(
  server: SampleServer,
  base: string,
  name: string,
  grants: readonly Grant[],
): Promise<(method: string, path: string, body?: object | string) => Promise<Refusal>> {
  await server.accounts.createUser({ name, grants, password: PASSWORD, temporary: false });
  const { secret, session } = await server.accounts.signIn(name, PASSWORD, '192.0.2.1');
  const headers = { cookie: `annunciator=${secret}`, 'x-csrf-token': session.csrf };
  return async (method, path, body) => {
    const stop = new AbortController();
    const type = typeof body === 'string' ? 'text/csv' : 'application/json';
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': type }) },
      signal: stop.signal,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
    const text = isStream ? await firstEvent(response) : await response.text();
    stop.abort();
    const code = response.ok ? '' : String((JSON.parse(text) as { code: unknown }).code);
    return { status: response.status, code, text };
  };
}

/** What a stream tells within a moment: its first event comes at once. */
async function firstEvent(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  assert.ok(reader);
  const first = await Promise.race([reader.read(), wait(2000, undefined, { ref: false })]);
  return first?.value ? new TextDecoder().decode(first.value) : '';
}
