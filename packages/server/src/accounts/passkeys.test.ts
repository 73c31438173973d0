/** Passkeys over HTTP, with the bytes of an authenticator: added, used, refused, removed. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { Secret, TOTP } from 'otpauth';
import { Authenticator } from '../../tests/authenticator.ts';
import { PASSWORD, type SampleServer, sampleServer } from '../../tests/serve-samples.ts';
import { type Send, signedIn } from '../../tests/signed-in.ts';
import { Challenges } from './challenges.ts';
import { namedPlace, type Place } from './webauthn.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 0);
const MINUTE = 60_000;
/** As a proxy passes it on that speaks HTTPS to browsers. */
const HOST = 'alerts.plant-a.example:8443';
const ORIGIN = `https://${HOST}`;
const AT = { host: HOST };

interface Bench {
  readonly server: SampleServer;
  readonly admin: Send;
  readonly phone: Authenticator;
  readonly wait: (milliseconds: number) => void;
  readonly now: () => number;
  /** What the audit log says of an action: details only. */
  readonly logged: (action: string) => unknown[];
}

async function opened(t: TestContext): Promise<Bench> {
  let now = NOW;
  const server = await sampleServer({ now: NOW, devices: 0, clock: () => now });
  t.after(() => server.app.close());
  const wait = (milliseconds: number): void => void (now += milliseconds);
  const logged = (action: string) => server.audit.filter((entry) => entry.action === action).map(({ who, details }) => [who, details]);
  const admin = await signedIn(server, 'admin', PASSWORD);
  return { server, admin, phone: new Authenticator(ORIGIN), wait, now: () => now, logged };
}

async function add(send: Send, authenticator: Authenticator, name = 'Phone', host = HOST) {
  const options = await send('POST', '/api/account/passkeys/options', { password: PASSWORD }, { host });
  assert.equal(options.status, 200, JSON.stringify(options.body));
  return send('POST', '/api/account/passkeys', { name, response: authenticator.create(options.body) }, { host });
}

/** A browser that begins a sign-in: the options, and its way to answer them. */
async function begun({ server }: Pick<Bench, 'server'>, host = HOST) {
  const answer = await server.app.inject({ method: 'POST', url: '/api/sign-in/passkey/options', headers: { host } });
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  const post = async (url: string, payload: object, headers: object = {}) => {
    const sent = await server.app.inject({ method: 'POST', url, payload, headers: { host, cookie, ...headers } });
    const body = sent.json<{ code?: string; message?: string; user?: string; passwordIsTemporary?: boolean }>();
    return { status: sent.statusCode, code: body.code ?? '', said: body.message ?? '', body, cookies: String(sent.headers['set-cookie']) };
  };
  return { status: answer.statusCode, options: answer.json(), cookie: String(answer.headers['set-cookie']), post };
}

/** Signs in with a passkey alone. */
async function signIn(bench: Pick<Bench, 'server'>, authenticator: Authenticator, host = HOST) {
  const { options, post } = await begun(bench, host);
  return post('/api/sign-in/passkey', authenticator.get(options));
}

test('a passkey is added with the password, signs in by itself, and says when it was used', async (t) => {
  const bench = await opened(t);
  const { admin, phone, wait, server, logged } = bench;
  assert.equal((await admin('POST', '/api/account/passkeys/options', { password: 'not the password' }, AT)).body.code, 'wrong_password');
  const options = (await admin('POST', '/api/account/passkeys/options', { password: PASSWORD }, AT)).body;
  assert.deepEqual(options.rp, { name: 'Annunciator', id: 'alerts.plant-a.example' });
  assert.deepEqual([options.user.name, options.attestation], ['admin', 'none']);
  assert.equal(options.authenticatorSelection.residentKey, 'required');
  assert.equal(options.authenticatorSelection.userVerification, 'required');

  const added = await add(admin, phone);
  assert.equal(added.status, 201);
  assert.equal(new Set(added.body.recoveryCodes).size, 10);
  const { passkeys, recoveryCodes } = (await admin('GET', '/api/account')).body;
  assert.equal(recoveryCodes, 10);
  assert.deepEqual(
    passkeys.map(({ id: _id, ...rest }: { id: string }) => rest),
    [{ name: 'Phone', host: 'alerts.plant-a.example', synced: false, created: new Date(NOW).toISOString(), lastUsed: null }],
  );

  wait(MINUTE);
  const { options: asked, cookie, post } = await begun(bench);
  assert.match(cookie, /^annunciator-passkey=[\w-]{43}; .*HttpOnly; SameSite=Strict/);
  assert.deepEqual([asked.rpId, asked.userVerification, asked.allowCredentials], ['alerts.plant-a.example', 'required', undefined]);
  const answer = await post('/api/sign-in/passkey', phone.get(asked));
  assert.deepEqual([answer.status, answer.body.user], [200, 'admin']);
  assert.match(answer.cookies, /annunciator=[\w-]{43}/);
  assert.equal((await admin('GET', '/api/account')).body.passkeys[0].lastUsed, new Date(NOW + MINUTE).toISOString());
  const sessions = (await admin('GET', '/api/account/sessions')).body as { method: string }[];
  assert.deepEqual(
    sessions.map(({ method }) => method),
    ['passkey', 'password'],
  );
  assert.deepEqual(logged('passkey.add'), [['admin', { passkey: 'Phone', host: 'alerts.plant-a.example' }]]);
  assert.deepEqual(logged('session.start').at(-1), ['admin', { method: 'passkey' }]);
  const [key] = server.accounts.users()[0]?.passkeys ?? [];
  assert.ok(key);
  const told = JSON.stringify([server.audit, (await admin('GET', '/api/account')).body, (await admin('GET', '/api/users')).body]);
  for (const own of [key.publicKey, key.credential]) assert.ok(!told.includes(own), 'keys are in no answer and no log');
});

test('an answer is good once, for five minutes, and in the browser that began', async (t) => {
  const bench = await opened(t);
  const { admin, phone, wait, logged } = bench;
  await add(admin, phone);
  const first = await begun(bench);
  const answer = phone.get(first.options);
  assert.equal((await (await begun(bench)).post('/api/sign-in/passkey', answer)).code, 'passkey_refused', 'of another browser');
  assert.equal((await first.post('/api/sign-in/passkey', answer, { cookie: '' })).code, 'passkey_expired', 'of no browser');
  assert.equal((await first.post('/api/sign-in/passkey', answer)).status, 200);
  const again = await first.post('/api/sign-in/passkey', answer);
  assert.deepEqual([again.status, again.code], [401, 'passkey_expired']);
  assert.match(again.said, /begin again/);

  const late = await begun(bench);
  wait(5 * MINUTE);
  assert.equal((await late.post('/api/sign-in/passkey', phone.get(late.options))).code, 'passkey_expired');
  assert.deepEqual(
    logged('session.refused').map((entry) => (entry as [string, { reason: string }])[1].reason),
    ['passkey_refused', 'passkey_expired', 'passkey_expired', 'passkey_expired'],
  );
});

test('a page of another origin, another signature and a user who is not verified sign nobody in', async (t) => {
  const bench = await opened(t);
  const { admin, phone, logged } = bench;
  await add(admin, phone);
  const refused = async (change: (options: Parameters<Authenticator['get']>[0]) => ReturnType<Authenticator['get']>) => {
    const { options, post } = await begun(bench);
    const { status, code, said } = await post('/api/sign-in/passkey', change(options));
    assert.deepEqual([status, code], [401, 'passkey_refused'], said);
    return said;
  };
  assert.match(await refused((options) => phone.get(options, 'https://alerts.plant-a.example.evil.example')), /evil\.example/);
  assert.match(await refused((options) => phone.get(options, `http://${HOST}`)), /origin/, 'nor the same host without TLS');
  assert.ok((await refused((options) => phone.get(options, `https://${'evil.'.repeat(2000)}example`))).length < 400, 'is not quoted whole');
  await refused((options) => phone.get({ ...options, rpId: 'evil.example' }));
  await refused((options) => phone.get({ ...options, challenge: Buffer.from('a challenge of their own').toString('base64url') }));
  await refused((options) => {
    const { response, ...rest } = phone.get(options);
    return { ...rest, response: { ...response, signature: phone.get(options, 'https://else.example').response.signature } };
  });
  await refused((options) => {
    const { response, ...rest } = phone.get(options);
    return { ...rest, response: { ...response, authenticatorData: 'AAAA' } };
  });
  phone.verifies = false;
  assert.match(await refused((options) => phone.get(options)), /verif/);
  phone.verifies = true;
  const { post } = await begun(bench);
  assert.equal((await post('/api/sign-in/passkey', { id: 'x' })).code, 'bad_request');
  assert.equal((await signIn(bench, phone)).status, 200);
  for (const entry of logged('session.refused')) assert.equal((entry as [string, unknown])[0], 'admin', 'whose passkey it was');
});

test('a counter that goes back, or stands still after it counted, is a copy, and is refused', async (t) => {
  const bench = await opened(t);
  const { admin, phone, server, logged } = bench;
  await add(admin, phone);
  assert.deepEqual([(await signIn(bench, phone)).status, (await signIn(bench, phone)).status], [200, 200], 'one that does not count');
  phone.counter = 7;
  assert.equal((await signIn(bench, phone)).status, 200);
  for (const counter of [7, 6, 0]) {
    phone.counter = counter;
    const { code, said } = await signIn(bench, phone);
    assert.equal(code, 'passkey_copied', String(counter));
    assert.match(said, /The passkey Phone counts back, so there may be a copy of it: remove it, and add a new one\./);
  }
  assert.equal(server.accounts.users()[0]?.passkeys[0]?.counter, 7);
  assert.deepEqual(logged('session.refused').at(-1), ['admin', { reason: 'passkey_copied' }]);
  // Two at once with the same count: one of them is a copy.
  phone.counter = 8;
  const statuses = (await Promise.all([signIn(bench, phone), signIn(bench, phone)])).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [200, 401]);
});

test('the password of one user and the passkey of another open nothing, nor does a handle of another', async (t) => {
  const bench = await opened(t);
  const { admin, phone, server } = bench;
  await add(admin, phone);
  await server.accounts.createUser({ name: 'eve', grants: [everywhere('Contributor')], password: PASSWORD, temporary: false });
  const eve = await signedIn(server, 'eve', PASSWORD);
  const key = new Authenticator(ORIGIN);
  await add(eve, key, 'Key');
  const both = async (user: string, authenticator: Authenticator) => {
    const { options, post } = await begun(bench);
    return post('/api/sign-in', { user, password: PASSWORD, passkey: authenticator.get(options) });
  };
  const wrong = await both('admin', key);
  assert.deepEqual([wrong.status, wrong.code], [401, 'passkey_unknown']);
  assert.match(wrong.said, /of another user/);
  assert.equal((await both('eve', key)).body.user, 'eve');

  const [own] = key.keys;
  assert.ok(own);
  const { options, post } = await begun(bench);
  const forged = key.get(options, ORIGIN, { ...own, userHandle: phone.keys[0]?.userHandle ?? '' });
  assert.equal((await post('/api/sign-in/passkey', forged)).code, 'passkey_unknown');
});

test('after the password a passkey is asked for; a code of the app or a recovery code does as well', async (t) => {
  const bench = await opened(t);
  const { admin, phone, wait, now, server } = bench;
  const [code = '', other = ''] = (await add(admin, phone)).body.recoveryCodes as string[];
  const withPassword = async (more: object = {}, host = HOST) => {
    const { post } = await begun(bench);
    return post('/api/sign-in', { user: 'admin', password: PASSWORD, ...more }, { host });
  };
  const asked = await withPassword();
  assert.deepEqual([asked.status, asked.code, asked.body], [401, 'passkey_required', { ...asked.body, passkey: true }]);
  assert.match(asked.said, /^Continue with a passkey, or enter one of your recovery codes\.$/);
  const elsewhere = await withPassword({}, '192.0.2.7:8443');
  assert.deepEqual([elsewhere.code, elsewhere.body], ['passkey_required', { ...elsewhere.body, passkey: false }]);
  assert.match(elsewhere.said, /^Your passkeys are for alerts\.plant-a\.example: open the portal there, or enter/);
  assert.equal((await withPassword({ password: 'not the password' })).code, 'wrong_credentials', 'before anything is told');
  assert.equal((await withPassword({ code: '123456' })).code, 'wrong_code');
  assert.equal((await withPassword({ code })).status, 200);
  assert.equal((await withPassword({ code })).code, 'wrong_code', 'is good once');
  const { options, post } = await begun(bench);
  assert.equal((await post('/api/sign-in', { user: 'admin', password: PASSWORD, passkey: phone.get(options) })).status, 200);

  // With an app beside it, either does, and the recovery codes stay those that were written down.
  const { secret } = (await admin('POST', '/api/account/second-factor', { password: PASSWORD })).body;
  const ofApp = (): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now() });
  assert.deepEqual((await admin('POST', '/api/account/second-factor/confirm', { code: ofApp() })).body, { recoveryCodes: [] });
  wait(MINUTE);
  assert.equal((await withPassword()).code, 'code_required');
  assert.equal((await withPassword({ code: ofApp() })).status, 200);
  assert.equal((await withPassword({ code: other })).status, 200);
  const second = await begun(bench);
  assert.equal((await second.post('/api/sign-in', { user: 'admin', password: PASSWORD, passkey: phone.get(second.options) })).status, 200);
  const methods = server.audit.filter(({ action }) => action === 'session.start').map(({ details }) => details?.['method']);
  assert.deepEqual(methods, [
    'password',
    'password and recovery code',
    'password and passkey',
    'password and code',
    'password and recovery code',
    'password and passkey',
  ]);
});

test('a passkey is renamed and removed by its owner; with the last factor the recovery codes go', async (t) => {
  const bench = await opened(t);
  const { admin, phone, server, logged } = bench;
  const { id } = (await add(admin, phone)).body.passkey;
  const key = new Authenticator(ORIGIN);
  const second = await add(admin, key, 'Key');
  assert.deepEqual(second.body.recoveryCodes, [], 'those of the first hold on');
  assert.equal((await admin('PATCH', `/api/account/passkeys/${id}`, { name: ' Old phone ' })).body.name, 'Old phone');
  assert.equal((await admin('PATCH', `/api/account/passkeys/${id}`, { name: '' })).status, 400);
  assert.equal((await admin('POST', `/api/account/passkeys/${id}/remove`, { password: 'not the password' })).body.code, 'wrong_password');
  await server.accounts.createUser({ name: 'eve', grants: [everywhere('Owner')], password: PASSWORD, temporary: false });
  const eve = await signedIn(server, 'eve', PASSWORD);
  for (const [method, url, body] of [
    ['PATCH', `/api/account/passkeys/${id}`, { name: 'mine' }],
    ['POST', `/api/account/passkeys/${id}/remove`, { password: PASSWORD }],
  ] as const)
    assert.equal((await eve(method, url, body)).status, 404, url);

  assert.equal((await admin('POST', `/api/account/passkeys/${id}/remove`, { password: PASSWORD })).status, 204);
  const gone = await signIn(bench, phone);
  assert.deepEqual([gone.status, gone.code], [401, 'passkey_unknown']);
  assert.deepEqual(logged('session.refused').at(-1), ['unknown', { reason: 'passkey_unknown' }]);
  assert.equal((await signIn(bench, key)).status, 200);
  assert.equal((await admin('GET', '/api/account')).body.recoveryCodes, 10);
  const [rest] = (await admin('GET', '/api/account')).body.passkeys;
  await admin('POST', `/api/account/passkeys/${rest.id}/remove`, { password: PASSWORD });
  const { passkeys, recoveryCodes } = (await admin('GET', '/api/account')).body;
  assert.deepEqual([passkeys, recoveryCodes], [[], 0]);
  const { post } = await begun(bench);
  assert.equal((await post('/api/sign-in', { user: 'admin', password: PASSWORD })).status, 200, 'the password alone again');
  assert.deepEqual(logged('passkey.remove'), [
    ['admin', { passkey: 'Old phone', host: 'alerts.plant-a.example' }],
    ['admin', { passkey: 'Key', host: 'alerts.plant-a.example' }],
  ]);
  const renamed = server.audit.find(({ action }) => action === 'passkey.rename');
  assert.deepEqual(
    [renamed?.before?.['passkeys'], renamed?.after?.['passkeys']],
    [
      ['Phone', 'Key'],
      ['Old phone', 'Key'],
    ],
  );
});

test('recovery codes are made anew with the password, while there is something that they stand in for', async (t) => {
  const bench = await opened(t);
  const { admin, phone } = bench;
  assert.equal((await admin('POST', '/api/account/recovery-codes', { password: PASSWORD })).body.code, 'no_second_factor');
  const [old = ''] = (await add(admin, phone)).body.recoveryCodes as string[];
  assert.equal((await admin('POST', '/api/account/recovery-codes', { password: 'not the password' })).body.code, 'wrong_password');
  const [fresh = ''] = (await admin('POST', '/api/account/recovery-codes', { password: PASSWORD })).body.recoveryCodes as string[];
  const { post } = await begun(bench);
  assert.equal((await post('/api/sign-in', { user: 'admin', password: PASSWORD, code: old })).code, 'wrong_code');
  assert.equal((await post('/api/sign-in', { user: 'admin', password: PASSWORD, code: fresh })).status, 200);
});

test('an administrator sees that a user has passkeys, and removes them; a disabled or removed user has no way in', async (t) => {
  const bench = await opened(t);
  const { admin, phone, server, logged } = bench;
  const user = await server.accounts.createUser({ name: 'eve', grants: [everywhere('Contributor')], password: PASSWORD, temporary: false });
  const eve = await signedIn(server, 'eve', PASSWORD);
  await add(eve, phone);
  const path = `/api/users/${user.id}`;
  assert.equal((await admin('GET', path)).body.passkeys, 1);
  await admin('PATCH', path, { disabled: true });
  const disabled = await signIn(bench, phone);
  assert.deepEqual([disabled.status, disabled.code], [403, 'user_disabled']);
  assert.deepEqual(logged('session.refused'), [['eve', { reason: 'user_disabled' }]]);
  await admin('PATCH', path, { disabled: false });
  assert.equal((await signIn(bench, phone)).status, 200);

  // A one-time password is set for whoever lost theirs; who has a passkey need not know it.
  await admin('POST', `${path}/reset-password`);
  const back = await signIn(bench, phone);
  assert.deepEqual([back.status, back.body.passwordIsTemporary], [200, false]);
  const cookie = /annunciator=[\w-]+/.exec(back.cookies)?.[0] ?? '';
  assert.equal((await server.app.inject({ url: '/api/alerts', headers: { cookie } })).statusCode, 200);

  assert.deepEqual((await admin('DELETE', `${path}/passkeys`)).body, { removed: 1 });
  assert.equal((await admin('DELETE', `${path}/passkeys`)).body.code, 'no_passkey');
  assert.equal((await signIn(bench, phone)).code, 'passkey_unknown');
  const entry = server.audit.find(({ action, who }) => action === 'passkey.remove' && who === 'admin');
  assert.deepEqual([entry?.on, entry?.before?.['passkeys'], entry?.after?.['passkeys']], [[user.id], ['Phone'], []]);
  await server.accounts.removeUser(user.id);
  assert.equal((await signIn(bench, phone)).code, 'passkey_unknown');
});

test('passkeys need a name: localhost does, an IP address is told as such, and each name has its own', async (t) => {
  const bench = await opened(t);
  const { admin, phone } = bench;
  for (const host of ['192.0.2.7:8443', '127.0.0.1', '[2001:db8::7]:8443']) {
    const refusal = await admin('POST', '/api/account/passkeys/options', { password: PASSWORD }, { host });
    assert.deepEqual([refusal.status, refusal.body.code], [409, 'passkeys_need_name'], host);
    assert.equal(
      refusal.body.message,
      `Passkeys work under a name and not under an IP address such as ${host}: open the portal by its name, on its own machine as localhost.`,
    );
    assert.equal((await begun(bench, host)).status, 409);
  }
  const laptop = new Authenticator('http://localhost:8443');
  assert.equal((await add(admin, laptop, 'Laptop', 'localhost:8443')).status, 201);
  assert.equal((await signIn(bench, laptop, 'localhost:8443')).status, 200);
  const { options, post } = await begun(bench, HOST);
  assert.equal((await post('/api/sign-in/passkey', laptop.get(options, ORIGIN))).code, 'passkey_unknown', 'made for another name');
  assert.equal((await add(admin, phone)).status, 201);
  assert.equal((await signIn(bench, phone)).status, 200);
  const sent = await begun(bench);
  const foreign = await sent.post('/api/sign-in/passkey', phone.get(sent.options), { origin: 'https://evil.example' });
  assert.equal(foreign.code, 'origin_not_allowed');
});

test('origin and RP ID follow from the address, as a browser writes it', () => {
  const table: readonly (readonly [host: string, secure: boolean, place: Place | undefined])[] = [
    ['alerts.example:8443', true, { host: 'alerts.example', origins: ['https://alerts.example:8443'] }],
    ['Alerts.Example:443', true, { host: 'alerts.example', origins: ['https://alerts.example'] }],
    ['alerts.example', false, { host: 'alerts.example', origins: ['https://alerts.example'] }],
    ['plant7:8443', true, { host: 'plant7', origins: ['https://plant7:8443'] }],
    ['localhost:8443', true, { host: 'localhost', origins: ['https://localhost:8443'] }],
    ['localhost:80', false, { host: 'localhost', origins: ['https://localhost:80', 'http://localhost'] }],
    ['portal.localhost:1', false, { host: 'portal.localhost', origins: ['https://portal.localhost:1', 'http://portal.localhost:1'] }],
    ['localhost.example', false, { host: 'localhost.example', origins: ['https://localhost.example'] }],
    ['192.0.2.7:8443', true, undefined],
    ['0x7f.1', false, undefined],
    ['[::1]:8443', true, undefined],
    ['', true, undefined],
    ['a b', true, undefined],
  ];
  for (const [host, secure, place] of table) assert.deepEqual(namedPlace(host, secure), place, host);
});

test('what does not belong to the passkey that was begun is not added', async (t) => {
  const bench = await opened(t);
  const { admin, phone, server, wait, logged } = bench;
  const begin = async () => (await admin('POST', '/api/account/passkeys/options', { password: PASSWORD }, AT)).body;
  const give = (response: object, send = admin) => send('POST', '/api/account/passkeys', { name: 'Phone', response }, AT);
  const mismatch = async (answer: ReturnType<typeof give>, why: RegExp) => {
    const { status, body } = await answer;
    assert.deepEqual([status, body.code], [422, 'passkey_mismatch'], JSON.stringify(body));
    assert.match(body.message, why);
  };
  await mismatch(give(phone.create(await begin(), 'https://evil.example')), /evil\.example/);
  const options = await begin();
  await mismatch(give(phone.create({ ...options, challenge: 'AAAA' })), /challenge/);
  await mismatch(give(phone.create(options)), /begin again/);
  const other = await signedIn(server, 'admin', PASSWORD);
  await mismatch(give(phone.create(await begin()), other), /begin again/);
  phone.verifies = false;
  await mismatch(give(phone.create(await begin())), /verif/i);
  phone.verifies = true;
  // Its certificates would have us ask addresses that the browser chose.
  await mismatch(give(phone.create(await begin(), ORIGIN, 'packed')), /attestation \(packed\), which nobody asked for/);
  const late = await begin();
  wait(5 * MINUTE);
  await mismatch(give(phone.create(late)), /begin again/);
  assert.deepEqual((await admin('GET', '/api/account')).body.passkeys, []);
  const refused = logged('passkey.refused') as [who: string, { reason: string; said: string }][];
  assert.deepEqual(
    refused.map(([who, { reason }]) => [who, reason]),
    Array.from({ length: 7 }, () => ['admin', 'passkey_mismatch']),
    'each is in the log',
  );
  assert.match(refused[0]?.[1].said ?? '', /evil\.example/);

  const right = phone.create(await begin());
  assert.equal((await give(right)).status, 201);
  const again = await begin();
  assert.deepEqual(
    again.excludeCredentials.map(({ id }: { id: string }) => id),
    [right.id],
    'a browser does not make a second one in the same place',
  );
});

test('attempts are limited by address and by user; guessing passwords does not lock the passkey out', async (t) => {
  const bench = await opened(t);
  const { admin, phone, server, logged } = bench;
  await add(admin, phone);
  for (let n = 0; n < 12; n++)
    await server.app.inject({ method: 'POST', url: '/api/sign-in', payload: { user: 'admin', password: 'guess-guess-guess' } });
  assert.equal((await signIn(bench, phone)).status, 200);
  phone.verifies = false;
  const codes: string[] = [];
  for (let n = 0; n < 12; n++) codes.push((await signIn(bench, phone)).code);
  assert.deepEqual(
    [codes.slice(0, 10).every((code) => code === 'passkey_refused'), codes.slice(10)],
    [true, ['too_many_attempts', 'too_many_attempts']],
  );
  assert.equal(logged('session.refused').filter((entry) => JSON.stringify(entry).includes('too_many')).length, 1, 'a flood is told once');
});

test('whoever begins without end pushes out what they began themselves, and not what others did', () => {
  let now = NOW;
  const challenges = new Challenges(() => now);
  challenges.add('of another', 'c', '192.0.2.1');
  for (let n = 0; n < 500; n++) challenges.add(`flood ${n}`, `c${n}`, '192.0.2.66');
  assert.equal(challenges.take('of another'), 'c');
  assert.deepEqual([challenges.take('flood 399'), challenges.take('flood 400')], [undefined, 'c400']);
  for (let n = 0; n < 3000; n++) challenges.add(`many ${n}`, `c${n}`, `198.51.100.${n}`);
  assert.deepEqual([challenges.take('many 999'), challenges.take('many 1000')], [undefined, 'c1000'], 'of many addresses the oldest go');
  now += 5 * MINUTE;
  assert.equal(challenges.take('many 2999'), undefined, 'and all do after five minutes');
});

test('a token can add, rename and remove no passkey and make no recovery codes', async (t) => {
  const { admin, server, phone } = await opened(t);
  const { id } = (await add(admin, phone)).body.passkey;
  const { token } = (await admin('POST', '/api/tokens', { name: 'x', role: 'Owner' })).body;
  const headers = { authorization: `Bearer ${token}`, ...AT };
  const response = phone.create((await admin('POST', '/api/account/passkeys/options', { password: PASSWORD }, AT)).body);
  for (const [method, url, payload] of [
    ['POST', '/api/account/passkeys/options', { password: PASSWORD }],
    ['POST', '/api/account/passkeys', { name: 'x', response }],
    ['PATCH', `/api/account/passkeys/${id}`, { name: 'x' }],
    ['POST', `/api/account/passkeys/${id}/remove`, { password: PASSWORD }],
    ['POST', '/api/account/recovery-codes', { password: PASSWORD }],
  ] as const) {
    const answer = await server.app.inject({ method, url, headers, payload });
    assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [403, 'not_permitted'], url);
  }
});

test('who signs in by single sign-on has no passkeys here', async (t) => {
  const { server } = await opened(t);
  const origin = { address: '192.0.2.1', agent: '' };
  const { secret, session } = await server.accounts.signInExternally(
    { external: 'https://login.example 1', name: 'mira', grants: [everywhere('Security Reader')] },
    origin,
  );
  const headers = { ...AT, cookie: `annunciator=${secret}`, 'x-csrf-token': session.csrf };
  const answer = await server.app.inject({ method: 'POST', url: '/api/account/passkeys/options', headers, payload: { password: 'x' } });
  assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [409, 'external_user']);
});
