/** Attacks on the API as a whole: what is written into every field of every body, bodies of 50 MB, and guessing of passwords in bulk. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asRole, caller, NOW, serve, signedIn } from '../../tests/callers.ts';
import { PASSWORD } from '../../tests/serve-samples.ts';

const HOSTILE = [
  `'; DROP TABLE alerts; --`,
  `<script>alert(1)</script><img src=x onerror=alert(1)>`,
  `=cmd|'/c calc'!A1`,
  `\u0000\u202e\ud83d\ude00%00../../etc/passwd{{7*7}}\${7*7}`,
] as const;

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
}
interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly requestBody?: { readonly content: Readonly<Record<string, { schema?: Schema }>> } }>>>
  >;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** What fits a schema, with a text in each place that takes one. */
function filled(schema: Schema | undefined, text: string, all: Readonly<Record<string, Schema>>, depth = 0): unknown {
  if (!schema || depth > 8) return text;
  if (schema.$ref) return filled(all[schema.$ref.split('/').at(-1) ?? ''], text, all, depth + 1);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice) return filled(choice, text, all, depth + 1);
  if (schema.type === 'array') return [filled(schema.items, text, all, depth + 1)];
  if (schema.type === 'number' || schema.type === 'integer') return schema.minimum ?? 1;
  if (schema.type === 'boolean') return true;
  if (schema.type !== 'object') return text;
  const named = Object.entries(schema.properties ?? {}).map(([name, part]) => [name, filled(part, text, all, depth + 1)] as const);
  const more =
    typeof schema.additionalProperties === 'object' ? [[text, filled(schema.additionalProperties, text, all, depth + 1)] as const] : [];
  return Object.fromEntries([...named, ...more]);
}

/** Would end the session of the caller, or take away the user that it is of. */
const LEFT_OUT = new Set(['/api/sign-out', '/api/password']);

test('SQL, script, formulas and odd characters in every field of every body and address are refused or harmless', async (t) => {
  const server = await serve(t, { alerts: 24, devices: 20 });
  const call = await signedIn(server);
  const { paths, components } = server.app.swagger() as Document;
  const before = (await call<{ total: number }>('GET', '/api/alerts?from=1970-01-01T00:00:00Z')).body.total;
  let bodies = 0;
  for (const [path, methods] of Object.entries(paths))
    for (const [method, { requestBody }] of Object.entries(methods)) {
      if (LEFT_OUT.has(path) || path.endsWith('/stream') || path === '/api/live' || path.endsWith('/messages/live')) continue;
      const schema = requestBody?.content['application/json']?.schema;
      for (const text of HOSTILE) {
        const url = `${path.replaceAll(/\{[^}]+\}/g, encodeURIComponent(text))}?search=${encodeURIComponent(text)}`;
        const body = schema ? (filled(schema, text, components?.schemas ?? {}) as object) : undefined;
        if (body) bodies++;
        const upper = method.toUpperCase() as 'GET';
        const answer = await call(upper, url, upper === 'GET' ? undefined : body);
        assert.ok(answer.status < 500, `${method} ${url} ${JSON.stringify(body)}: ${answer.status} ${answer.text.slice(0, 300)}`);
        // Nothing that the API says can be taken for a page.
        assert.doesNotMatch(String(answer.headers['content-type'] ?? ''), /html/, `${method} ${url}`);
      }
    }
  assert.ok(bodies > 100, `${bodies} bodies`);
  assert.equal((await call<{ total: number }>('GET', '/api/alerts?from=1970-01-01T00:00:00Z')).body.total, before, 'no alert went');
  for (const file of ['alerts.csv', 'devices.csv', 'events.csv', 'audit.csv', 'sensors.csv', 'connections.csv']) {
    const { status, text } = await call('GET', `/api/${file}`);
    assert.equal(status, 200, file);
    assert.doesNotMatch(text, /(^|,|\n)"?[=+@]cmd/m, `${file} holds a cell that a spreadsheet would run`);
  }
});

const JSON_BODY = { 'content-type': 'application/json' };
/** A baseline as text may be that large; who may not read or change it is refused before the body is read. */
const WHOLE_BASELINES = new Set(['/api/baseline/diff', '/api/baseline/import']);

test('a body of 50 MB is refused by every route that takes one but those for whole baselines, with and without its length told', async (t) => {
  const server = await serve(t, { alerts: 0, devices: 0 });
  const call = await signedIn(server);
  const { paths } = server.app.swagger() as Document;
  const payload = Buffer.from(JSON.stringify({ text: 'x'.repeat(50_000_000) }));
  const reader = await asRole(server, 'Security Reader');
  assert.equal((await reader('POST', '/api/baseline/import', payload, JSON_BODY)).body.code, 'not_permitted');
  let asked = 0;
  for (const [path, methods] of Object.entries(paths))
    for (const method of ['post', 'put', 'patch'] as const) {
      if (!methods[method]?.requestBody) continue;
      const answer = await call(method.toUpperCase() as 'POST', path.replaceAll(/\{[^}]+\}/g, '1'), payload, JSON_BODY);
      if (WHOLE_BASELINES.has(path)) assert.equal(answer.body.code, 'bad_request', path);
      else assert.deepEqual([answer.status, answer.body.code], [413, 'body_too_large'], `${method} ${path}`);
      asked++;
    }
  assert.ok(asked > 30, String(asked));

  const base = await server.app.listen({ host: '127.0.0.1', port: 0 });
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (sent >= 50_000_000) controller.close();
      else controller.enqueue(new Uint8Array(100_000).fill(32));
      sent += 100_000;
    },
  });
  // The server may close the connection before it was all sent.
  const answer = await fetch(`${base}/api/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
  } as RequestInit).catch(() => undefined);
  if (answer) assert.equal(answer.status, 413);
  assert.ok(sent < 50_000_000, `${sent} bytes were read`);
});

test('of a thousand guesses at a password a few are looked at, and the right one among the rest opens nothing', async (t) => {
  let now = NOW;
  const server = await serve(t, { alerts: 0, devices: 0, clock: () => now });
  const guess = (password: string) => caller(server)('POST', '/api/sign-in', { user: 'admin', password });
  const codes: string[] = [];
  for (let n = 0; n < 1000; n++) codes.push((await guess(n === 700 ? PASSWORD : `guess number ${n}`)).body.code);
  assert.deepEqual(
    [codes.filter((code) => code === 'wrong_credentials').length, codes.filter((code) => code === 'too_many_attempts').length],
    [10, 990],
  );
  assert.ok(server.audit.length < 20, `a flood does not fill the log: ${server.audit.length}`);
  now += 16 * 60_000;
  assert.equal((await guess(PASSWORD)).status, 200);
});
