import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Readable, Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { timelineEvent } from '@annunciator/core/events';
import type { Silencer } from '@annunciator/core/silencer';
import { SECOND } from '@annunciator/core/time';
import { migrate, SCHEMA_VERSION } from './migrations.ts';
import { sampleAlert } from './sample-alerts.ts';
import { openKey } from './secrets.ts';
import { openStore, type Store } from './store.ts';
import { StoreError } from './store-error.ts';

const START = 1_760_000_000n * SECOND;

async function directoryFor(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-store-'));
  context.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function storeFor(context: TestContext): Promise<{ store: Store; directory: string }> {
  const directory = await directoryFor(context);
  const store = await openStore(directory);
  context.after(() => store.close());
  return { store, directory };
}

function refusal(code: string): (error: unknown) => boolean {
  return (error) => error instanceof StoreError && error.code === code && error.message.endsWith('.');
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

function child(context: TestContext, script: string, directory: string): Child {
  const path = new URL(`../tests/${script}`, import.meta.url).pathname;
  const started = spawn(process.execPath, [path, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  context.after(() => started.kill('SIGKILL'));
  return started;
}

test('a process killed in the middle of saves loses nothing that was acknowledged', async (context) => {
  const directory = await directoryFor(context);
  const saving = child(context, 'saving-child.ts', directory);
  let acknowledged = 0;
  for await (const line of createInterface({ input: saving.stdout })) {
    acknowledged = Number(line);
    if (acknowledged === 600) saving.kill('SIGKILL');
  }
  assert.ok(acknowledged >= 600);
  const store = await openStore(directory);
  context.after(() => store.close());
  const { total } = await store.alerts.page({ filters: [], sort: { column: 'id', descending: false } }, 1, null);
  assert.ok(total >= acknowledged && total % 20 === 0, `${total} saved, ${acknowledged} acknowledged`);
  for (let index = 0; index < acknowledged; index++) {
    const sample = sampleAlert(index);
    assert.deepEqual(await store.alerts.get(sample.id), sample);
    assert.ok(
      index % 100 !== 0 ||
        (await store.alerts.page({ search: sample.id, filters: [], sort: { column: 'id', descending: false } }, 1, null)).matching === 1,
    );
  }
});

test('a second process is refused while the first has the directory, and let in after it', async (context) => {
  const directory = await directoryFor(context);
  const holding = child(context, 'holding-child.ts', directory);
  await once(holding.stdout, 'data');
  await assert.rejects(openStore(directory), refusal('in-use'));
  holding.stdin.end();
  await once(holding, 'exit');
  await (await openStore(directory)).close();
});

test('a second store of one process is refused too', async (context) => {
  const { directory } = await storeFor(context);
  await assert.rejects(openStore(directory), refusal('in-use'));
});

test('a closed store refuses to work and closes again without harm', async (context) => {
  const { store } = await storeFor(context);
  await store.close();
  await assert.rejects(store.settings.get('x'), refusal('closed'));
  await store.close();
});

test('a database of a newer program is refused', async (context) => {
  const directory = await directoryFor(context);
  const database = new DatabaseSync(join(directory, 'annunciator.sqlite'));
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  database.close();
  await assert.rejects(openStore(directory), refusal('newer-database'));
});

test('a file that is no database is refused with what to do', async (context) => {
  const directory = await directoryFor(context);
  await writeFile(join(directory, 'annunciator.sqlite'), 'This is not a database. '.repeat(100));
  await assert.rejects(openStore(directory), refusal('damaged'));
});

test('a migration that fails leaves the database at the version before', () => {
  const database = new DatabaseSync(':memory:');
  const steps = ['CREATE TABLE one (a)', 'CREATE TABLE two (a)', 'CREATE TABLE one (a)'];
  migrate(database, steps.slice(0, 1));
  assert.throws(() => migrate(database, steps), /already exists/);
  assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], 1);
  assert.equal(database.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'two'").get()?.['n'], 0);
  migrate(database, steps.slice(0, 2));
  assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], 2);
  database.close();
});

const PLAIN = { disabled: false, secondFactor: null, passkeys: [], recovery: [], lastSignIn: null, external: null };

test('a write is all or nothing', async (context) => {
  const { store } = await storeFor(context);
  const user = {
    id: 'u1',
    name: 'ann',
    grants: [everywhere('Owner')],
    passwordHash: 'h',
    created: 1,
    passwordIsTemporary: false,
    ...PLAIN,
  };
  await store.accounts.putUser(user);
  const records = { users: [user, { ...user, id: 'u2', name: 'ANN' }], sessions: [], tokens: [] };
  await assert.rejects(store.accounts.save(records), StoreError);
  assert.deepEqual(await store.accounts.users(), [user]);
});

test('users, sessions and tokens come back, and go with their user', async (context) => {
  const { store } = await storeFor(context);
  const passkey = {
    id: 'k1',
    name: 'Phone of Ann',
    credential: 'Y3JlZC0x',
    publicKey: 'pQECAyYgASFYIA',
    counter: 4_294_967_295,
    transports: ['internal', 'hybrid'],
    host: 'alerts.plant-a.example',
    synced: true,
    created: 1_760_000_000_123,
    lastUsed: null,
  };
  const user = {
    id: 'u1',
    name: 'Ann',
    grants: [{ role: 'Security Admin', site: 'North', zone: 'Pumps', packets: false }, everywhere('Security Reader')],
    passwordHash: 'h',
    created: 1_760_000_000_123,
    passwordIsTemporary: true,
    disabled: true,
    secondFactor: { since: 7, lastStep: 58_666_667 },
    passkeys: [passkey, { ...passkey, id: 'k2', credential: 'Y3JlZC0y', lastUsed: 1_760_000_000_125 }],
    recovery: ['a', 'b'],
    lastSignIn: 1_760_000_000_124,
    external: 'https://login.example 0815',
  } as const;
  const from = { method: 'password and code', address: '192.0.2.7', agent: 'Firefox' } as const;
  const session = { hash: 's', userId: 'u1', csrf: 'c', created: 5, lastSeen: 9, ...from };
  const token = {
    id: 't1',
    hash: 'th',
    name: 'backup',
    userId: 'u1',
    role: 'Security Reader',
    created: 5,
    expires: null,
    lastUsed: null,
  } as const;
  await store.accounts.putUser({ ...user, grants: [everywhere('Owner')] });
  await store.accounts.putUser(user);
  await store.accounts.putSession(session);
  await store.accounts.putToken(token);
  await store.accounts.putToken({ ...token, lastUsed: 77 });
  assert.deepEqual(await store.accounts.userByName('ANN'), user);
  assert.deepEqual(await store.accounts.sessionByHash('s'), session);
  assert.deepEqual(await store.accounts.tokenByHash('th'), { ...token, lastUsed: 77 });
  await store.accounts.removeSessionsBefore(9);
  assert.deepEqual(await store.accounts.load(), { users: [user], sessions: [session], tokens: [{ ...token, lastUsed: 77 }] });
  await store.accounts.removeUser('u1');
  assert.deepEqual(await store.accounts.load(), { users: [], sessions: [], tokens: [] });
});

test('the audit log lists newest first, by person and in pages', async (context) => {
  const { store } = await storeFor(context);
  for (let at = 1; at <= 5; at++)
    await store.audit.record({ at, who: at % 2 ? 'ann' : 'bob', action: 'alert.learn', on: [`a${at}`], details: { n: at } });
  const [newest, next] = await store.audit.list({ limit: 2 });
  assert.deepEqual([newest.at, newest.on, newest.details, next.at], [5, ['a5'], { n: 5 }, 4]);
  assert.deepEqual(
    (await store.audit.list({ limit: 9, before: next.number })).map((entry) => entry.at),
    [3, 2, 1],
  );
  assert.deepEqual(
    (await store.audit.list({ limit: 9, who: ['bob'] })).map((entry) => entry.at),
    [4, 2],
  );
});

test('settings and progress come back', async (context) => {
  const { store } = await storeFor(context);
  await store.settings.set({ a: { list: [1, 'two', null] }, b: true });
  await store.settings.set({ b: false });
  assert.deepEqual(await store.settings.get('a'), { list: [1, 'two', null] });
  assert.deepEqual(
    await store.settings.all(),
    new Map<string, unknown>([
      ['a', { list: [1, 'two', null] }],
      ['b', false],
    ]),
  );
  await store.settings.remove('a');
  assert.equal(await store.settings.get('a'), undefined);
  await store.progress.set('journal', '9007199254740993');
  assert.equal(await store.progress.get('journal'), '9007199254740993');
});

test('secrets are sealed on disk under a key that only the owner may read', async (context) => {
  const { store, directory } = await storeFor(context);
  await store.secrets.set('smtp', 'correct horse');
  assert.equal(await store.secrets.get('smtp'), 'correct horse');
  assert.deepEqual(await store.secrets.names(), ['smtp']);
  assert.equal((await stat(join(directory, 'secret.key'))).mode & 0o777, 0o600);
  await store.close();
  for (const file of ['annunciator.sqlite', 'secret.key']) assert.ok(!(await readFile(join(directory, file))).includes('correct horse'));
  const database = new DatabaseSync(join(directory, 'annunciator.sqlite'));
  database.exec("INSERT INTO secrets SELECT 'other', sealed FROM secrets");
  database.close();
  const again = await openStore(directory);
  context.after(() => again.close());
  assert.equal(await again.secrets.get('smtp'), 'correct horse');
  await assert.rejects(again.secrets.get('other'), refusal('bad-key'), 'a secret cannot be put in the place of another');
});

test('the key may come from the environment, and a wrong one is refused', async (context) => {
  const directory = await directoryFor(context);
  assert.deepEqual(await openKey(directory, Buffer.alloc(32, 7).toString('base64')), Buffer.alloc(32, 7));
  await assert.rejects(openKey(directory, 'too short'), refusal('bad-key'));
  const made = await openKey(directory, '');
  assert.deepEqual(await openKey(directory, ''), made);
});

test('silencers come back by sensor', async (context) => {
  const { store } = await storeFor(context);
  const silencer: Silencer = {
    alert: 'a',
    kind: 'muted',
    type: 't',
    title: 'T',
    source: null,
    destination: null,
    protocol: null,
    keys: ['k'],
    learn: [],
    since: START,
  };
  await store.silencers.put('one', { ...silencer, keys: [] });
  await store.silencers.put('one', silencer);
  assert.deepEqual(await store.silencers.list('one'), [silencer]);
  await store.silencers.remove('one', 'a');
  assert.deepEqual(await store.silencers.list('one'), []);
});

test('the timeline pages newest first, filters, and takes each event once', async (context) => {
  const { store } = await storeFor(context);
  const events = Array.from({ length: 50 }, (_, i) => {
    const type = (['SCAN', 'USER_LOGIN', 'ALERT_REPORTED'] as const)[i % 3];
    return timelineEvent(type, START + BigInt(i - (i % 2)) * SECOND, `event ${i} at 100%`, { devices: [`d${i % 5}`] });
  });
  await store.timeline.append('one', events);
  await store.timeline.append('one', events);
  const paged = [];
  let cursor: string | null | undefined;
  do {
    const page = await store.timeline.list({ limit: 7, ...(cursor ? { cursor } : {}) });
    paged.push(...page.events);
    cursor = page.next;
  } while (cursor !== null);
  assert.equal(new Set(paged.map((event) => event.id)).size, 50);
  for (let i = 1; i < paged.length; i++) assert.ok(paged[i - 1].time >= paged[i].time);
  const { sensor, ...first } = paged[49];
  assert.deepEqual([sensor, first], ['one', events[0]]);
  const count = async (query: object): Promise<number> => (await store.timeline.list({ limit: 100, ...query })).events.length;
  assert.equal(await count({ devices: ['d1', 'd2'] }), 20);
  assert.equal(await count({ userOperations: false }), 33);
  assert.equal(await count({ types: ['SCAN'] }), 17);
  assert.equal(await count({ excludedTypes: ['SCAN'] }), 33);
  assert.equal(await count({ severities: ['ALERT'] }), 16);
  assert.equal(await count({ keywords: ['49 at 100%'] }), 1);
  assert.equal(await count({ keywords: ['4_ at'] }), 0);
  assert.equal(await count({ from: START + 48n * SECOND }), 2);
  assert.deepEqual(
    [await count({ scope: ['one', 'two'] }), await count({ scope: ['two'] }), await count({ scope: [] })],
    [await count({}), 0, 0],
  );
  await assert.rejects(store.timeline.list({ limit: 1, cursor: 'x' }), refusal('bad-cursor'));
});

test('a full timeline drops its oldest events', async (context) => {
  const directory = await directoryFor(context);
  const store = await openStore(directory, { timelineCapacity: 100 });
  context.after(() => store.close());
  for (let batch = 0; batch < 10; batch++) {
    await store.timeline.append(
      'one',
      Array.from({ length: 250 }, (_, i) => timelineEvent('SCAN', START + BigInt(batch * 250 + i), 'scan')),
    );
  }
  const { events } = await store.timeline.list({ limit: 5000 });
  assert.ok(events.length >= 100 && events.length < 1100, `${events.length} events`);
  assert.equal(events[0].time, START + 2499n);
});
