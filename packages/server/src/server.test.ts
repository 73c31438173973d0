/** The API over HTTP: who may do what, and what answers look like. */
import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import type { PortalRole } from '@annunciator/core/roles';
import { fromMilliseconds } from '@annunciator/core/time';
import { asRole, caller, liveStream, NOW, rows, serve, signedIn } from '../tests/callers.ts';
import { PASSWORD } from '../tests/serve-samples.ts';
import { PLACES, sampleDetection } from '../tests/sample-detections.ts';
import type { AlertDetails, AlertRow } from './alerts/alert-view.ts';
import { issuedCertificate } from './http/certificates.ts';

test('a session cookie is out of reach of scripts and other sites, and the answer is not cached', async (t) => {
  const server = await serve(t);
  const { headers } = await caller(server)('POST', '/api/sign-in', { user: 'ADMIN', password: PASSWORD });
  assert.match(String(headers['set-cookie']), /HttpOnly; SameSite=Strict$/);
  assert.equal(headers['cache-control'], 'no-store');
  assert.match(String(headers['content-security-policy']), /default-src 'none'/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
});

test('whoever is not signed in is told so, except for the document of the API', async (t) => {
  const server = await serve(t);
  const call = caller(server);
  for (const url of ['/api/alerts', '/api/session', '/api/alerts.csv', '/api/live', '/api/status', '/api/users']) {
    const { status, body } = await call<{ code: string; message: string }>('GET', url);
    assert.deepEqual([status, body.code], [401, 'not_signed_in'], url);
  }
  const { body } = await call<{ openapi: string; paths: Record<string, unknown> }>('GET', '/api/openapi.json');
  assert.equal(body.openapi, '3.1.0');
  for (const path of ['/api/alerts', '/api/alerts/{id}', '/api/alerts.csv', '/api/live', '/api/tokens', '/api/sign-in'])
    assert.ok(body.paths[path], path);
});

test('a wrong password and an unknown user get the same answer', async (t) => {
  const server = await serve(t);
  const call = caller(server);
  const wrong = await call('POST', '/api/sign-in', { user: 'admin', password: 'not the password' });
  const unknown = await call('POST', '/api/sign-in', { user: 'nobody', password: 'not the password' });
  assert.deepEqual([wrong.status, wrong.text], [401, unknown.text]);
});

test('after ten wrong passwords an account waits, even with the right one, and can sign in when the window ends', async (t) => {
  let now = NOW;
  const server = await serve(t, { clock: () => now });
  const call = caller(server);
  for (let attempt = 0; attempt < 10; attempt++) {
    assert.equal((await call('POST', '/api/sign-in', { user: 'admin', password: 'not the password' })).status, 401);
  }
  const refused = await call<{ code: string }>('POST', '/api/sign-in', { user: 'admin', password: PASSWORD });
  assert.deepEqual([refused.status, refused.body.code, refused.headers['retry-after']], [429, 'too_many_attempts', '900']);
  now += 901_000;
  assert.equal((await call('POST', '/api/sign-in', { user: 'admin', password: PASSWORD })).status, 200);
});

test('thirty wrong passwords from one address lock it out of every account', async (t) => {
  const server = await serve(t, { clock: () => NOW });
  const call = caller(server);
  for (let attempt = 0; attempt < 30; attempt++)
    await server.accounts.signIn(`user${attempt}`, 'not the password', '127.0.0.1').catch(() => undefined);
  assert.equal((await call('POST', '/api/sign-in', { user: 'admin', password: PASSWORD })).status, 429);
});

test('a write with a session cookie needs the CSRF token and our own origin', async (t) => {
  const server = await serve(t, { alerts: 3 });
  const call = await signedIn(server);
  const [alert] = await rows(call);
  assert.ok(alert);
  const url = `/api/alerts/${alert.id}`;
  const change = { status: 'Active' };
  assert.equal((await call<{ code: string }>('PATCH', url, change, { 'x-csrf-token': 'guess' })).body.code, 'csrf_token_wrong');
  assert.equal(
    (await call<{ code: string }>('PATCH', url, change, { origin: 'https://elsewhere.example' })).body.code,
    'origin_not_allowed',
  );
  assert.equal((await call('PATCH', url, change, { origin: 'http://localhost:8443', host: 'localhost:8443' })).status, 200);
});

test('a session ends with signing out, after eight quiet hours, and after a day', async (t) => {
  let now = NOW;
  const server = await serve(t, { clock: () => now });
  const out = await signedIn(server);
  assert.equal((await out('POST', '/api/sign-out')).status, 204);
  assert.equal((await out('GET', '/api/session')).status, 401);

  const quiet = await signedIn(server);
  now += 8 * 3_600_000;
  assert.equal((await quiet('GET', '/api/session')).status, 401);

  const busy = await signedIn(server);
  for (let hour = 0; hour < 23; hour++) {
    now += 3_600_000;
    assert.equal((await busy('GET', '/api/session')).status, 200);
  }
  now += 3_600_000;
  assert.equal((await busy('GET', '/api/session')).status, 401);
});

test('a role does what the table of roles says', async (t) => {
  const server = await serve(t, { alerts: 6 });
  const table: readonly (readonly [PortalRole, string, number])[] = [
    ['Security Reader', 'GET /api/alerts', 200],
    ['Security Reader', 'GET /api/alerts.csv', 200],
    ['Security Reader', 'POST /api/alert-jobs status', 403],
    ['Security Reader', 'POST /api/alert-jobs learn', 403],
    ['Security Reader', 'GET /api/alert-jobs', 200],
    ['Security Reader', 'GET /api/alerts/stream?after=x', 400],
    ['Security Reader', 'GET /api/tokens', 403],
    ['Security Admin', 'POST /api/alert-jobs status', 200],
    ['Security Admin', 'POST /api/alert-jobs severity', 200],
    ['Security Admin', 'POST /api/alert-jobs unlearn', 200],
    ['Security Admin', 'GET /api/users', 403],
    ['Contributor', 'POST /api/alert-jobs learn', 200],
    ['Contributor', 'POST /api/users', 403],
    ['Owner', 'GET /api/users', 200],
  ];
  for (const [role, request, status] of table) {
    const [method = '', url = '', kind = ''] = request.split(' ');
    const action = { kind, status: 'Active', severity: 'Low' };
    const body = { key: `${role} ${kind}`, action, alerts: { ids: [{ id: 'none' }] } };
    const answer = await (await asRole(server, role))(method as 'GET' | 'POST', url, method === 'POST' ? body : undefined);
    assert.equal(answer.status, status, `${role} ${request}: ${answer.text.slice(0, 200)}`);
  }
});

test('a token works until it is revoked, and never gives more than its maker has', async (t) => {
  const server = await serve(t);
  const admin = await signedIn(server);
  await server.accounts.createUser({
    name: 'reader',
    grants: [everywhere('Security Reader')],
    password: 'quiet-water-42-stone',
    temporary: false,
  });
  const reader = await signedIn(server, 'reader', 'quiet-water-42-stone');
  assert.equal((await reader('POST', '/api/tokens', { name: 'x', role: 'Owner' })).status, 403);

  const made = await admin<{ id: string; token: string }>('POST', '/api/tokens', { name: 'export', role: 'Security Reader' });
  const program = caller(server, { authorization: `Bearer ${made.body.token}` });
  assert.equal((await program('GET', '/api/alerts')).status, 200);
  assert.equal((await admin('DELETE', `/api/tokens/${made.body.id}`)).status, 204);
  assert.equal((await program<{ code: string }>('GET', '/api/alerts')).body.code, 'token_invalid');
  assert.ok(!JSON.stringify(server.audit).includes(made.body.token), 'the audit log holds no secret');
});

test('a temporary password opens nothing but the change of the password, which ends other sessions', async (t) => {
  const server = await serve(t);
  await server.accounts.createUser({
    name: 'mira',
    grants: [everywhere('Security Admin')],
    password: 'first-day-password',
    temporary: true,
  });
  const other = await signedIn(server, 'mira', 'first-day-password');
  const mira = await signedIn(server, 'mira', 'first-day-password');
  assert.equal((await mira<{ code: string }>('GET', '/api/alerts')).body.code, 'password_change_required');
  assert.equal(
    (await mira<{ code: string }>('POST', '/api/password', { current: 'first-day-password', next: 'short' })).body.code,
    'weak_password',
  );
  assert.equal((await mira('POST', '/api/password', { current: 'first-day-password', next: 'water-under-bridge-9' })).status, 204);
  assert.equal((await mira('GET', '/api/alerts')).status, 200);
  assert.equal((await other('GET', '/api/session')).status, 401);
});

test('pages follow each other without gap or repeat, and tell how many match', async (t) => {
  const server = await serve(t, { alerts: 60 });
  const call = await signedIn(server);
  const seen: string[] = [];
  let cursor: string | null = null;
  let total = 0;
  do {
    const url: string = `/api/alerts?limit=7${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const { body } = await call<{ alerts: AlertRow[]; next: string | null; matching: number; total: number }>('GET', url);
    seen.push(...body.alerts.map((alert) => alert.id));
    cursor = body.next;
    total = body.total;
    assert.equal(body.matching, total);
  } while (cursor);
  assert.equal(new Set(seen).size, seen.length);
  assert.equal(seen.length, total);
});

test('filters are AND of columns and OR of values; a facet leaves out the filter of its own column', async (t) => {
  const server = await serve(t, { alerts: 40 });
  const call = await signedIn(server);
  const found = await rows(call, 'limit=1000&filter=severity:equals:High,Low&filter=engine:equals:Operational');
  assert.ok(found.length > 0);
  assert.ok(found.every((alert) => alert.engine === 'Operational' && alert.severity !== 'Medium'));

  const { body: facets } = await call<{ value: string; count: number }[]>(
    'GET',
    '/api/alerts/facets?column=severity&filter=severity:equals:High',
  );
  assert.ok(facets.length > 1);
  const { body: groups } = await call<{ value: string; count: number }[]>('GET', '/api/alerts/groups?by=engine');
  const all = await rows(call, 'limit=1000');
  assert.equal(
    groups.reduce((sum, group) => sum + group.count, 0),
    all.length,
  );
});

test('what cannot be asked is refused with a sentence that says how to ask', async (t) => {
  const server = await serve(t);
  const call = await signedIn(server);
  const table: readonly (readonly [string, string])[] = [
    ['filter=colour:equals:red', 'unknown_column'],
    ['filter=severity:like:red', 'unknown_operator'],
    ['filter=severity:equals:%25', 'bad_filter'],
    ['sort=-colour', 'unknown_column'],
    ['from=yesterday', 'bad_time'],
    ['limit=0', 'bad_request'],
    ['limit=100000', 'bad_request'],
  ];
  for (const [query, code] of table) {
    const { status, body } = await call<{ code: string; message: string }>('GET', `/api/alerts?${query}`);
    assert.deepEqual([status, body.code], [400, code], query);
    assert.match(body.message, /\.$/);
  }
});

test('CSV holds everything that matches, and no cell that a spreadsheet would run', async (t) => {
  const server = await serve(t, { alerts: 12 });
  const [hostile] = sampleDetection(1, fromMilliseconds(NOW), 5);
  assert.ok(hostile?.source);
  await server.detect(
    [{ ...hostile, source: { ...hostile.source, name: '=HYPERLINK("http://203.0.113.9")' }, message: '@SUM(1)' }],
    PLACES[0]!,
  );
  const call = await signedIn(server);
  const { text, headers } = await call('GET', '/api/alerts.csv');
  assert.match(String(headers['content-disposition']), /attachment; filename="alerts.csv"/);
  const lines = text.trimEnd().split('\r\n');
  assert.equal(lines.length - 1, (await rows(call, 'limit=1000')).length);
  assert.ok(lines[0]?.startsWith('\uFEFFSeverity,Name,Site,Engine,Last detection,Status,Source device,Tactics'));
  assert.match(text, /"'=HYPERLINK\(""http:\/\/203\.0\.113\.9""\)"/);
  assert.match(text, /,'@SUM\(1\),/);
});

test('the rows of an aggregated alert are told in words, and exported with a column per parameter', async (t) => {
  const server = await serve(t, { alerts: 6 });
  const call = await signedIn(server);
  const alert = (await rows(call)).find((row) => row.multipleViolations);
  const { body } = await call<AlertDetails>('GET', `/api/alerts/${alert?.id}`);
  assert.equal(body.violations.length, 3);
  assert.match(body.learns[1] ?? '', /^modbus\.function · .* · functionCode 5, name Write Single Coil, unit 1$/);
  const { text } = await call('GET', `/api/alerts/${alert?.id}/violations.csv`);
  const lines = text.trimEnd().split('\r\n');
  assert.equal(lines[0], '\uFEFFFirst detection,Last detection,Source device,Destination device,functionCode,name,unit,Detections');
  assert.match(lines[2] ?? '', /,5,Write Single Coil,1,1$/);
  assert.equal(lines.length, 4);
});

test('learning tells the sensor, unlearning takes it back, and both are in the audit log', async (t) => {
  const server = await serve(t, { alerts: 6 });
  const call = await signedIn(server);
  const alert = (await rows(call)).find((row) => row.learnable);
  assert.ok(alert);
  const learned = await call<AlertDetails>('POST', `/api/alerts/${alert.id}/learn`);
  assert.deepEqual([learned.body.status, learned.body.disposition], ['Closed', 'learned']);
  assert.ok(server.learned.length > 0);
  assert.equal((await call<{ code: string }>('POST', `/api/alerts/${alert.id}/learn`)).body.code, 'already_learned');

  const unlearned = await call<AlertDetails>('POST', `/api/alerts/${alert.id}/unlearn`);
  assert.deepEqual([unlearned.body.status, unlearned.body.disposition], ['New', 'none']);
  assert.deepEqual(server.unlearned, server.learned);
  assert.deepEqual(
    server.audit.filter((entry) => entry.action.startsWith('alert.')).map((entry) => [entry.who, entry.action, entry.on]),
    [
      ['admin', 'alert.learn', [alert.id]],
      ['admin', 'alert.unlearn', [alert.id]],
    ],
  );
});

test("the portal's severity changes in the portal and the sensor's word stays", async (t) => {
  const server = await serve(t, { alerts: 1 });
  const call = await signedIn(server);
  const [alert] = await rows(call);
  const { body } = await call<AlertDetails>('PATCH', `/api/alerts/${alert?.id}`, { severity: 'Informational', status: 'Active' });
  assert.deepEqual(
    [body.severity, body.status, body.sensorSeverity, body.severityChanged],
    ['Informational', 'Active', alert?.sensorSeverity, true],
  );
});

test('alerts that could not be saved are shown to nobody, and saved with the next ones', async (t) => {
  const server = await serve(t);
  const call = await signedIn(server);
  let told = 0;
  server.desk.live.subscribe({
    alerts: (event) => {
      told += event.raised.length;
    },
    job: () => undefined,
  });
  server.disk.full = true;
  await assert.rejects(server.detect(sampleDetection(0, fromMilliseconds(NOW)), PLACES[0]!), /disk full/);
  assert.deepEqual([(await rows(call)).length, told], [0, 0]);
  server.disk.full = false;
  await server.detect(sampleDetection(1, fromMilliseconds(NOW)), PLACES[0]!);
  assert.deepEqual([(await rows(call)).length, told], [2, 2]);
});

test('a live stream tells of alerts as they come, and a page that comes back gets what it missed', async (t) => {
  const server = await serve(t);
  const base = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const admin = await signedIn(server);
  const { body } = await admin<{ token: string }>('POST', '/api/tokens', { name: 'live' });
  const open = (headers: Record<string, string> = {}) =>
    liveStream(t, `${base}/api/live`, { authorization: `Bearer ${body.token}`, ...headers });

  const first = await open();
  assert.equal((await first()).event, 'hello');
  await server.detect(sampleDetection(0, fromMilliseconds(NOW)), PLACES[0]!);
  const raised = await first();
  assert.equal(raised.event, 'alerts');
  assert.equal(raised.data.raised[0]?.type, 'an-s7-stop-plc-command-was-sent');

  await server.detect(sampleDetection(1, fromMilliseconds(NOW)), PLACES[0]!);
  const back = await open({ 'last-event-id': raised.id });
  assert.equal((await back()).data.raised[0]?.type, 'unauthorized-plc-programming');

  const lost = await open({ 'last-event-id': 'no number' });
  assert.equal((await lost()).event, 'reset');
});

test('on other addresses the server speaks HTTPS with a certificate of its own authority', async (t) => {
  const kept = new Map<string, string>();
  const store = { get: async (name: string) => kept.get(name), set: async (name: string, secret: string) => void kept.set(name, secret) };
  const issued = await issuedCertificate(store, ['127.0.0.1', 'localhost']);
  assert.equal((await issuedCertificate(store, ['127.0.0.1', 'localhost'])).cert, issued.cert, 'kept over a restart');
  const renewed = await issuedCertificate(store, ['127.0.0.1', 'localhost'], issued.renewAt + 1);
  assert.notEqual(renewed.cert, issued.cert);
  assert.equal(renewed.authority, issued.authority);

  const server = await serve(t, { tls: issued });
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  const address = server.app.server.address();
  assert.ok(typeof address === 'object' && address);
  const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
    const body = JSON.stringify({ user: 'admin', password: PASSWORD });
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port: address.port,
        path: '/api/sign-in',
        method: 'POST',
        ca: issued.authority,
        headers: { 'content-type': 'application/json', 'content-length': body.length },
      },
      (response) => {
        response.resume();
        resolve(response.headers);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
  assert.match(String(headers['set-cookie']), /^__Host-annunciator=.*; Secure/);
  assert.match(String(headers['strict-transport-security']), /max-age=31536000/);
});
