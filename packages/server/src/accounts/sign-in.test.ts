/** Users, second factors, sessions and the audit log over HTTP. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { Secret, TOTP } from 'otpauth';
import { PASSWORD, type SampleServer, sampleServer } from '../../tests/serve-samples.ts';
import { type Send, signedIn } from '../../tests/signed-in.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 0);
const STEP = 30_000;

interface Bench {
  readonly server: SampleServer;
  readonly admin: Send;
  readonly wait: (milliseconds: number) => void;
  readonly now: () => number;
}

async function opened(t: TestContext): Promise<Bench> {
  let now = NOW;
  const server = await sampleServer({ now: NOW, devices: 0, clock: () => now });
  t.after(() => server.app.close());
  const wait = (milliseconds: number): void => void (now += milliseconds);
  return { server, admin: await signedIn(server, 'admin', PASSWORD), wait, now: () => now };
}

const codeOf = (secret: string, at: number): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at });

/** Signs in without keeping the session. */
const tryIn = async ({ server }: Pick<Bench, 'server'>, user: string, password: string, code?: string) => {
  const answer = await server.app.inject({ method: 'POST', url: '/api/sign-in', payload: { user, password, code } });
  return [answer.statusCode, answer.json<{ code?: string }>().code ?? ''];
};

test('a second factor is set up with the app, asked for with the password, and a code is good once', async (t) => {
  const bench = await opened(t);
  const { admin, wait, now } = bench;
  assert.equal((await admin('POST', '/api/account/second-factor', { password: 'not the password' })).body.code, 'wrong_password');
  const { secret, uri } = (await admin('POST', '/api/account/second-factor', { password: PASSWORD })).body;
  assert.match(uri, /^otpauth:\/\/totp\/Annunciator:admin\?issuer=Annunciator&secret=[A-Z2-7]{32}&algorithm=SHA1&digits=6&period=30$/);
  assert.equal(
    (await admin('POST', '/api/account/second-factor/confirm', { code: codeOf(secret, now() - 10 * STEP) })).body.code,
    'code_mismatch',
  );
  assert.deepEqual(await tryIn(bench, 'admin', PASSWORD), [200, ''], 'not asked for before it is confirmed');
  const { recoveryCodes } = (await admin('POST', '/api/account/second-factor/confirm', { code: codeOf(secret, now()) })).body;
  assert.equal(new Set(recoveryCodes).size, 10);

  assert.deepEqual(await tryIn(bench, 'admin', PASSWORD), [401, 'code_required']);
  assert.deepEqual(await tryIn(bench, 'admin', 'not the password', codeOf(secret, now())), [401, 'wrong_credentials']);
  assert.deepEqual(await tryIn(bench, 'admin', PASSWORD, codeOf(secret, now())), [401, 'wrong_code'], 'used when it was confirmed');
  wait(STEP);
  const code = codeOf(secret, now());
  assert.deepEqual(await tryIn(bench, 'admin', PASSWORD, code), [200, '']);
  assert.deepEqual(await tryIn(bench, 'admin', PASSWORD, code), [401, 'wrong_code']);
  assert.deepEqual(
    await tryIn(bench, 'admin', PASSWORD, codeOf(secret, now() - STEP)),
    [401, 'wrong_code'],
    'older than one that was used',
  );

  assert.deepEqual(await tryIn(bench, 'admin', PASSWORD, recoveryCodes[3].toUpperCase()), [200, '']);
  assert.deepEqual(await tryIn(bench, 'admin', PASSWORD, recoveryCodes[3]), [401, 'wrong_code']);
  assert.equal((await admin('GET', '/api/account')).body.recoveryCodes, 9);
  const methods = (await admin('GET', '/api/account/sessions')).body.map(({ method }: { method: string }) => method);
  assert.deepEqual(new Set(methods), new Set(['password', 'password and code', 'password and recovery code']));

  assert.equal((await admin('POST', '/api/account/second-factor/remove', { password: PASSWORD })).status, 204);
  assert.deepEqual(await tryIn(bench, 'admin', PASSWORD), [200, '']);
  assert.ok(!JSON.stringify(bench.server.audit).includes(secret) && !JSON.stringify(bench.server.audit).includes(recoveryCodes[0]));
});

test('wrong codes are counted with wrong passwords, so that a code cannot be tried out', async (t) => {
  const bench = await opened(t);
  const { admin, now, wait } = bench;
  const { secret } = (await admin('POST', '/api/account/second-factor', { password: PASSWORD })).body;
  await admin('POST', '/api/account/second-factor/confirm', { code: codeOf(secret, now()) });
  wait(STEP);
  for (let guess = 0; guess < 10; guess++)
    assert.deepEqual(await tryIn(bench, 'admin', PASSWORD, String(100_000 + guess)), [401, 'wrong_code']);
  assert.deepEqual(await tryIn(bench, 'admin', PASSWORD, codeOf(secret, now())), [429, 'too_many_attempts']);
});

test('a user is added, changed, disabled and removed, and the log tells what was before and after', async (t) => {
  const bench = await opened(t);
  const { admin, server } = bench;
  const grants = [{ role: 'Security Reader', site: 'North', zone: null, packets: true }];
  const { id } = (await admin('POST', '/api/users', { name: 'Mira', grants, password: 'first-day-secret' })).body;
  assert.equal((await admin('POST', '/api/users', { name: 'MIRA', grants, password: 'first-day-secret' })).body.code, 'user_exists');
  const mira = await signedIn(server, 'mira', 'first-day-secret');
  assert.equal((await mira('POST', '/api/password', { current: 'first-day-secret', next: 'water-under-bridge-9' })).status, 204);
  assert.deepEqual((await mira('GET', '/api/session')).body.role, 'Security Reader at North with packets');

  const changed = await admin('PATCH', `/api/users/${id}`, { name: 'Mira K.', grants: [{ role: 'Security Admin' }] });
  assert.equal(changed.body.name, 'Mira K.');
  assert.deepEqual((await mira('GET', '/api/session')).body.role, 'Security Admin', 'holds at once');
  assert.equal((await admin('PATCH', `/api/users/${id}`, { disabled: true })).body.disabled, true);
  assert.equal((await mira('GET', '/api/session')).status, 401);
  assert.deepEqual(await tryIn(bench, 'mira k.', 'water-under-bridge-9'), [403, 'user_disabled']);
  assert.deepEqual(await tryIn(bench, 'mira k.', 'not the password'), [401, 'wrong_credentials'], 'tells nothing to who has no password');
  await admin('PATCH', `/api/users/${id}`, { disabled: false });
  assert.deepEqual(await tryIn(bench, 'mira k.', 'water-under-bridge-9'), [200, '']);
  assert.equal((await admin('DELETE', `/api/users/${id}`)).status, 204);

  const { entries } = (await admin('GET', `/api/audit?on=${id}&action=user.create&action=user.change&action=user.remove`)).body;
  const states = entries.map(({ who, action, before, after }: Record<string, unknown>) => [who, action, before, after]);
  const first = { name: 'Mira', role: 'Security Reader at North with packets', disabled: false, secondFactor: false, passkeys: [] };
  const then = { name: 'Mira K.', role: 'Security Admin', disabled: false, secondFactor: false, passkeys: [] };
  assert.deepEqual(states, [
    ['admin', 'user.remove', then, null],
    ['admin', 'user.change', { ...then, disabled: true }, then],
    ['admin', 'user.change', then, { ...then, disabled: true }],
    ['admin', 'user.change', first, then],
    ['admin', 'user.create', null, first],
  ]);
});

test('the last user who may do everything cannot be removed, disabled or made less', async (t) => {
  const { admin, server } = await opened(t);
  const [{ id }] = (await admin('GET', '/api/users')).body;
  assert.equal((await admin('DELETE', `/api/users/${id}`)).body.code, 'last_owner');
  assert.equal((await admin('PATCH', `/api/users/${id}`, { grants: [{ role: 'Contributor' }] })).body.code, 'last_owner');
  assert.equal((await admin('PATCH', `/api/users/${id}`, { grants: [{ role: 'Owner', site: 'North' }] })).body.code, 'last_owner');
  assert.equal((await admin('PATCH', `/api/users/${id}`, { disabled: true })).body.code, 'own_user');
  const second = await server.accounts.createUser({ name: 'second', grants: [everywhere('Owner')], password: PASSWORD, temporary: false });
  assert.equal((await admin('PATCH', `/api/users/${second.id}`, { disabled: true })).status, 200);
  assert.equal((await admin('DELETE', `/api/users/${id}`)).body.code, 'last_owner', 'who is disabled manages nothing');
});

test('sessions tell where they are from and can be ended one by one, or all but this one', async (t) => {
  const bench = await opened(t);
  const { admin, server } = bench;
  const other = await signedIn(server, 'admin', PASSWORD);
  const third = await signedIn(server, 'admin', PASSWORD);
  const list = (await admin('GET', '/api/account/sessions')).body as { id: string; current: boolean; address: string; agent: string }[];
  assert.deepEqual([list.length, list.filter(({ current }) => current).length], [3, 1]);
  assert.ok(list.every(({ address, agent }) => address === '127.0.0.1' && agent.length > 0));
  const mine = list.find(({ current }) => current);
  const [foreign] = (await other('GET', '/api/account/sessions')).body.filter(({ current }: { current: boolean }) => current);
  assert.equal((await admin('DELETE', `/api/account/sessions/${foreign.id}`)).status, 204);
  assert.equal((await other('GET', '/api/session')).status, 401);
  assert.equal((await admin('DELETE', `/api/account/sessions/${foreign.id}`)).status, 404);
  assert.deepEqual((await admin('DELETE', '/api/account/sessions')).body, { ended: 1 });
  assert.equal((await third('GET', '/api/session')).status, 401);
  assert.deepEqual(
    (await admin('GET', '/api/account/sessions')).body.map(({ id }: { id: string }) => id),
    [mine?.id],
  );
});

test('one user cannot see or end the sessions of another, and an administrator can', async (t) => {
  const { admin, server } = await opened(t);
  const user = await server.accounts.createUser({ name: 'eve', grants: [everywhere('Contributor')], password: PASSWORD, temporary: false });
  const eve = await signedIn(server, 'eve', PASSWORD);
  const [own] = (await admin('GET', '/api/account/sessions')).body;
  assert.equal((await eve('DELETE', `/api/account/sessions/${own.id}`)).status, 404);
  assert.equal((await eve('GET', `/api/users/${user.id}/sessions`)).status, 403);
  assert.equal((await admin('GET', `/api/users/${user.id}/sessions`)).body.length, 1);
  assert.deepEqual((await admin('DELETE', `/api/users/${user.id}/sessions`)).body, { ended: 1 });
  assert.equal((await eve('GET', '/api/session')).status, 401);
});

test('sign-ins, refused sign-ins and the use of tokens are in the log, with where they came from', async (t) => {
  const bench = await opened(t);
  const { admin, server } = bench;
  await tryIn(bench, 'mallory', 'guess-guess-guess');
  const { id, token } = (await admin('POST', '/api/tokens', { name: 'export' })).body;
  const authorization = `Bearer ${token}`;
  for (let use = 0; use < 3; use++) await server.app.inject({ url: '/api/alerts', headers: { authorization } });
  for (let use = 0; use < 3; use++) await server.app.inject({ url: '/api/alerts', headers: { authorization: 'Bearer ann_none' } });
  const asked = async (query: string) =>
    (await admin('GET', `/api/audit?${query}`)).body.entries.map(({ who, action, address, on, details }: Record<string, unknown>) => ({
      who,
      action,
      address,
      on,
      details,
    }));
  const address = '127.0.0.1';
  assert.deepEqual(await asked('action=token.use'), [{ who: 'admin (token export)', action: 'token.use', address, on: [id], details: {} }]);
  assert.deepEqual(await asked('action=token.refused'), [{ who: 'unknown', action: 'token.refused', address, on: [], details: {} }]);
  assert.deepEqual(await asked('who=mallory'), [
    { who: 'mallory', action: 'session.refused', address, on: [], details: { reason: 'wrong_credentials' } },
  ]);
  assert.equal((await asked('action=session.start')).length, 1);
  assert.deepEqual(
    (await asked('search=EXPORT')).map(({ action }: { action: string }) => action),
    ['token.use', 'token.create'],
  );
});

test('what is refused to people who change how they sign in is in the log with its reason, and a flood of it is not', async (t) => {
  const bench = await opened(t);
  const { admin, server, now, wait } = bench;
  const wrong = { password: 'not the password' };
  const { secret } = (await admin('POST', '/api/account/second-factor', { password: PASSWORD })).body;
  const [right, other] = [codeOf(secret, now()), codeOf(secret, now() - 10 * STEP)];
  await admin('POST', '/api/account/second-factor/confirm', { code: other });
  const [code = ''] = (await admin('POST', '/api/account/second-factor/confirm', { code: right })).body.recoveryCodes as string[];
  await admin('POST', '/api/account/recovery-codes', wrong);
  await admin('POST', '/api/account/second-factor/remove', wrong);
  await admin('POST', '/api/password', { current: 'not the password', next: 'another-long-password-9' });
  wait(STEP);
  await tryIn(bench, 'admin', PASSWORD, right);
  await tryIn(
    bench,
    'admin',
    PASSWORD,
    code.replace(/^./, (letter) => (letter === 'a' ? 'b' : 'a')),
  );
  const { id } = (await admin('GET', '/api/account')).body;
  const refused = () => server.audit.filter(({ action }) => action.endsWith('.refused'));
  assert.deepEqual(
    refused().map(({ who, action, on, address, details }) => ({ who, action, on, address, details })),
    [
      ['second-factor.refused', { reason: 'code_mismatch' }, [id]],
      ['recovery-codes.refused', { reason: 'wrong_password' }, [id]],
      ['second-factor.refused', { reason: 'wrong_password' }, [id]],
      ['password.refused', { reason: 'wrong_password' }, [id]],
      ['session.refused', { reason: 'wrong_code', code: 'of the app' }, []],
      ['session.refused', { reason: 'wrong_code', code: 'for recovery' }, []],
    ].map(([action, details, on]) => ({ who: 'admin', action, on, address: '127.0.0.1', details })),
  );
  const told = refused().length;
  for (let n = 0; n < 40; n++) await admin('POST', '/api/account/recovery-codes', wrong);
  assert.equal(refused().length, told + 9, 'ten of a kind within a quarter of an hour');
  assert.ok(!JSON.stringify(server.audit).includes(code) && !JSON.stringify(server.audit).includes('not the password'), 'and no secret');
});

test('the log is paged, filtered by time, counted and exported, by those who may read it', async (t) => {
  const { admin, server } = await opened(t);
  for (let n = 0; n < 7; n++)
    await server.app.inject({ method: 'POST', url: '/api/sign-in', payload: { user: `=cmd${n}`, password: 'guess-guess-guess' } });
  const seen: number[] = [];
  let cursor: number | null = null;
  do {
    const page: { entries: { number: number }[]; next: number | null } = (
      await admin('GET', `/api/audit?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`)
    ).body;
    seen.push(...page.entries.map(({ number }) => number));
    cursor = page.next;
  } while (cursor !== null);
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => b - a),
  );
  assert.equal(new Set(seen).size, 8);
  assert.deepEqual((await admin('GET', '/api/audit?to=2001-01-01T00:00:00Z')).body.entries, []);
  assert.equal((await admin('GET', '/api/audit?from=yesterday')).body.code, 'bad_time');
  const { action } = (await admin('GET', '/api/audit/values')).body;
  assert.deepEqual(action[0], { value: 'session.refused', count: 7 });
  const csv = (await admin('GET', '/api/audit.csv?action=session.refused')).body as string;
  assert.equal(csv.trim().split('\r\n').length, 8);
  assert.ok(csv.includes("'=cmd0") && !/,=cmd/.test(csv), 'no cell that a spreadsheet would run');
});

test('a flood of sign-ins that are refused anyway does not fill the log', async (t) => {
  const bench = await opened(t);
  for (let n = 0; n < 60; n++) await tryIn(bench, `user${n}`, 'guess-guess-guess');
  const refused = bench.server.audit.filter(({ action }) => action === 'session.refused');
  assert.equal(refused.length, 31);
});

test('a token can change nothing of how its user signs in', async (t) => {
  const { admin, server } = await opened(t);
  const { token } = (await admin('POST', '/api/tokens', { name: 'x', role: 'Owner' })).body;
  const headers = { authorization: `Bearer ${token}` };
  for (const url of ['/api/account/second-factor', '/api/account/second-factor/remove']) {
    const answer = await server.app.inject({ method: 'POST', url, headers, payload: { password: PASSWORD } });
    assert.equal(answer.statusCode, 403, url);
  }
});

test('passwords that are easy to guess are refused with the reason', async (t) => {
  const { admin } = await opened(t);
  const table: readonly (readonly [string, RegExp])[] = [
    ['short', /at least 12/],
    ['aaaaaaaaaaaaaaaa', /same few characters/],
    ['mira-mira-mira-1', /user name/],
    ['Password1234!!', /among the first that are tried/],
    ['qwertyuiop12', /among the first that are tried/],
    ['123456789012', /among the first that are tried/],
    ['annunciator-2026', /among the first that are tried/],
  ];
  for (const [password, reason] of table) {
    const { status, body } = await admin('POST', '/api/users', { name: 'mira', grants: [{ role: 'Owner' }], password });
    assert.deepEqual([status, body.code], [422, 'weak_password'], password);
    assert.match(body.message, reason, password);
  }
  assert.equal(
    (await admin('POST', '/api/users', { name: 'mira', grants: [{ role: 'Owner' }], password: 'three pumps in may' })).status,
    201,
  );
});
