/** The hub's routes, with a device on the stock SDK at the other end. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from 'azure-iot-device';
import { accessOf } from '@annunciator/core/access';
import type { PortalRole } from '@annunciator/core/roles';
import type { AuditEntry } from '../audit.ts';
import { PASSWORD, type SampleServer, sampleServer } from '../../tests/serve-samples.ts';
import { type SampleHub, sampleHub } from '../../tests/sample-hub.ts';
import { Message, stockDevice } from '../../tests/stock-device.ts';

let hub: SampleHub;
let server: SampleServer;
const hubAudit: AuditEntry[] = [];
const tokens = new Map<PortalRole, string>();
let base = '';

before(async () => {
  hub = await sampleHub({ record: async (entry) => void hubAudit.push(entry) });
  server = await sampleServer({ hub });
  base = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const admin = server.accounts.users()[0];
  for (const role of ['Security Reader', 'Contributor'] as const) {
    const { secret } = await server.accounts.tokens.create(
      { userId: admin.id, access: accessOf(admin.grants) },
      { name: role, role, expires: null },
    );
    tokens.set(role, secret);
  }
});

after(async () => {
  await server.app.close();
  await hub.close();
});

interface Answer {
  readonly status: number;
  // The shapes are those of the API's document; tests read single members.
  readonly body: ReturnType<typeof JSON.parse>;
}

async function ask(
  method: string,
  path: string,
  { body, role = 'Contributor', ifMatch }: { body?: unknown; role?: PortalRole; ifMatch?: string } = {},
): Promise<Answer> {
  const answer = await fetch(new URL(path, base), {
    method,
    headers: {
      authorization: `Bearer ${tokens.get(role)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
}

async function create(deviceId: string): Promise<string> {
  assert.equal((await ask('POST', '/api/hub/devices', { body: { deviceId } })).status, 201);
  return (await ask('GET', `/api/hub/devices/${encodeURIComponent(deviceId)}/keys`)).body.primaryConnectionString;
}

async function withDevice(deviceId: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = await stockDevice(hub, await create(deviceId));
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

test('a stock client connects with the connection string of a device that was made here', () =>
  withDevice('pump-1', async () => {
    const { body } = await ask('GET', '/api/hub/devices/pump-1');
    assert.deepEqual([body.connected, body.status, body.authentication], [true, 'enabled', 'sas']);
    assert.equal('primaryKey' in body || JSON.stringify(body).includes('SharedAccessKey'), false);
    const { body: facts } = await ask('GET', '/api/hub', { role: 'Security Reader' });
    assert.equal(facts.running, true);
    assert.match(facts.authority, /BEGIN CERTIFICATE/);
    assert.equal(facts.ports.mqtt, hub.running.ports.mqtt);
  }));

test('a direct method is answered, and one that nobody listens to is refused in a sentence', () =>
  withDevice('pump-2', async (client) => {
    client.onDeviceMethod('setSpeed', (request, response) => {
      response.send(200, { was: request.payload }).catch(() => {});
    });
    const call = { name: 'setSpeed', payload: { rpm: 900 }, responseTimeout: 5, connectTimeout: 5 };
    const answered = await ask('POST', '/api/hub/devices/pump-2/methods', { body: call });
    assert.deepEqual(answered.body, { status: 200, payload: { was: { rpm: 900 } } });
    await create('pump-away');
    const refused = await ask('POST', '/api/hub/devices/pump-away/methods', { body: { name: 'setSpeed' } });
    assert.deepEqual([refused.status, refused.body.code], [404, 'device_not_online']);
    assert.match(refused.body.message, /pump-away is not connected or listens to no methods/);
  }));

test('a message reaches the device with its properties', () =>
  withDevice('pump-3', async (client) => {
    const received = new Promise<{ data: string; unit: string; id: string }>((resolve) =>
      client.on('message', (message) => {
        resolve({ data: message.getData().toString(), unit: message.properties.getValue('unit'), id: message.messageId });
        client.complete(message).catch(() => {});
      }),
    );
    const sent = await ask('POST', '/api/hub/devices/pump-3/messages', {
      body: { body: '{"setPoint":4}', properties: { unit: 'bar' }, messageId: 'm-1', contentType: 'application/json' },
    });
    assert.equal(sent.status, 202);
    assert.deepEqual(await received, { data: '{"setPoint":4}', unit: 'bar', id: 'm-1' });
  }));

test('messages for a device that is away wait, and are counted, and can be taken away', async () => {
  await create('sleeper');
  for (const body of ['one', 'two']) await ask('POST', '/api/hub/devices/sleeper/messages', { body: { body } });
  assert.equal((await ask('GET', '/api/hub/devices/sleeper')).body.waitingMessages, 2);
  assert.deepEqual((await ask('DELETE', '/api/hub/devices/sleeper/messages')).body, { purged: 2 });
  const bad = await ask('POST', '/api/hub/devices/sleeper/messages', { body: { body: 'x', expiry: '2020-01-01T00:00:00Z' } });
  assert.equal(bad.status, 400);
  assert.match(bad.body.message, /lies in the past/);
});

test('a twin is changed with the ETag that was read, and the device hears of it', () =>
  withDevice('pump-4', async (client) => {
    const twin = await client.getTwin();
    const heard = new Promise<{ speedLimit?: number }>((resolve) =>
      twin.on('properties.desired', (patch: { speedLimit?: number }) => {
        if (patch.speedLimit !== undefined) resolve(patch);
      }),
    );
    const read = (await ask('GET', '/api/hub/devices/pump-4/twin')).body;
    const change = { tags: { SecurityGroup: 'pumps' }, properties: { desired: { speedLimit: 1200 } } };
    const changed = await ask('PUT', '/api/hub/devices/pump-4/twin', { body: change, ifMatch: `"${read.etag}"` });
    assert.equal(changed.status, 200);
    assert.deepEqual(changed.body.tags, { SecurityGroup: 'pumps' });
    assert.equal((await heard).speedLimit, 1200);
    const late = await ask('PUT', '/api/hub/devices/pump-4/twin', { body: change, ifMatch: read.etag });
    assert.deepEqual([late.status, late.body.code], [412, 'precondition_failed']);
    assert.match(late.body.message, /changed by somebody else/);
    const deep = await ask('PATCH', '/api/hub/devices/pump-4/twin', { body: { tags: nested(12) } });
    assert.equal(deep.status, 400);
    assert.match(deep.body.message, /deep|level/i);
  }));

function nested(levels: number): object {
  return levels === 0 ? {} : { a: nested(levels - 1) };
}

test('messages are told live, the last ones first, and a page that comes back gets what it missed', () =>
  withDevice('pump-5', async (client) => {
    const send = (body: Buffer | string) => client.sendEvent(new Message(body));
    await send('{"pressure":4.1}');
    const first = await read('/api/hub/messages/live?device=pump-5', undefined, 1);
    assert.deepEqual([first[0].body.kind, first[0].body.text, first[0].protocol], ['json', '{"pressure":4.1}', 'MQTT']);
    await send('plain');
    await send(Buffer.from([0, 1, 255]));
    const missed = await read('/api/hub/messages/live?device=pump-5', first[0].id, 2);
    assert.deepEqual(
      missed.map(({ body }) => [body.kind, body.text]),
      [
        ['text', 'plain'],
        ['binary', 'AAH/'],
      ],
    );
    const [, , , live] = await read('/api/hub/messages/live?device=pump-5', undefined, 4, () => send('{"pressure":5}'));
    assert.equal(live.body.text, '{"pressure":5}');
  }));

interface Told {
  readonly id: string;
  readonly protocol: string;
  readonly body: { readonly kind: string; readonly text: string };
}

/** Reads messages of a stream until there are as many as wanted. */
async function read(path: string, lastEventId: string | undefined, count: number, ready?: () => Promise<unknown>): Promise<Told[]> {
  const ending = new AbortController();
  const answer = await fetch(new URL(path, base), {
    headers: { authorization: `Bearer ${tokens.get('Contributor')}`, ...(lastEventId ? { 'last-event-id': lastEventId } : {}) },
    signal: ending.signal,
  });
  const told: Told[] = [];
  let text = '';
  for await (const part of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      if (event.includes('event: message')) told.push(JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '') as Told);
      else if (event.includes('event: ready')) await ready?.();
    }
    if (told.length >= count) break;
  }
  ending.abort();
  return told;
}

test('devices are found by part of their id, status, connection and security group, page by page', async () => {
  for (let at = 0; at < 7; at++) await create(`Boiler#${at}/x`.replace('/x', '!'));
  await ask('PATCH', `/api/hub/devices/${encodeURIComponent('Boiler#3!')}`, { body: { status: 'disabled', statusReason: 'Sold' } });
  const found = async (query: string): Promise<string[]> =>
    (await ask('GET', `/api/hub/devices?${query}`, { role: 'Security Reader' })).body.devices.map(
      ({ deviceId }: { deviceId: string }) => deviceId,
    );
  const first = (await ask('GET', '/api/hub/devices?search=BOILER&limit=4')).body;
  assert.deepEqual([first.matching, first.devices.length, first.next], [7, 4, 'Boiler#3!']);
  assert.deepEqual(await found(`search=boiler&limit=4&cursor=${encodeURIComponent(first.next)}`), ['Boiler#4!', 'Boiler#5!', 'Boiler#6!']);
  assert.deepEqual(await found('search=boiler&status=disabled'), ['Boiler#3!']);
  const name = encodeURIComponent('Boiler#5!');
  await ask('PATCH', `/api/hub/devices/${name}/twin`, { body: { tags: { SecurityGroup: ' boilers ' } } });
  assert.deepEqual(await found('group=BOILERS'), ['Boiler#5!']);
  await ask('POST', `/api/hub/devices/${name}/modules`, { body: { moduleId: 'azureiotsecurity' } });
  await ask('PATCH', `/api/hub/devices/${name}/modules/azureiotsecurity/twin`, { body: { tags: { SecurityGroup: 'hot' } } });
  assert.deepEqual([await found('group=boilers'), await found('group=hot')], [[], ['Boiler#5!']]);
  assert.deepEqual(await found('search=boiler&connection=connected'), []);
});

test('a disabled device is disconnected and says why it may not come back', async () => {
  const string = await create('pump-6');
  const client = await stockDevice(hub, string);
  const gone = new Promise((resolve) => client.on('disconnect', resolve));
  const read = (await ask('GET', '/api/hub/devices/pump-6')).body;
  const disabled = await ask('PATCH', '/api/hub/devices/pump-6', {
    body: { status: 'disabled', statusReason: 'Stolen' },
    ifMatch: read.etag,
  });
  assert.deepEqual([disabled.body.status, disabled.body.statusReason, disabled.body.connected], ['disabled', 'Stolen', false]);
  await gone;
  await client.close().catch(() => {});
  await assert.rejects(stockDevice(hub, string));
  const stale = await ask('PATCH', '/api/hub/devices/pump-6', { body: { status: 'enabled' }, ifMatch: read.etag });
  assert.equal(stale.status, 412);
});

test('a key that was made anew opens the hub, and the old one no longer does', async () => {
  const old = await create('pump-7');
  const { body } = await ask('POST', '/api/hub/devices/pump-7/keys', { body: { key: 'primary' } });
  assert.notEqual(body.primaryConnectionString, old);
  await assert.rejects(stockDevice(hub, old));
  await (await stockDevice(hub, body.primaryConnectionString)).close();
  await (await stockDevice(hub, body.secondaryConnectionString)).close();
});

test('modules are made, listed and deleted with their device', async () => {
  await create('pump-8');
  assert.equal((await ask('POST', '/api/hub/devices/pump-8/modules', { body: { moduleId: 'DefenderIotMicroAgent' } })).status, 201);
  const again = await ask('POST', '/api/hub/devices/pump-8/modules', { body: { moduleId: 'DefenderIotMicroAgent' } });
  assert.deepEqual([again.status, again.body.code], [409, 'module_already_exists_on_device']);
  const { body: modules } = await ask('GET', '/api/hub/devices/pump-8/modules');
  assert.deepEqual(
    modules.map(({ moduleId }: { moduleId: string }) => moduleId),
    ['DefenderIotMicroAgent'],
  );
  const keys = await ask('GET', '/api/hub/devices/pump-8/modules/DefenderIotMicroAgent/keys');
  assert.match(keys.body.primaryConnectionString, /^HostName=localhost;DeviceId=pump-8;ModuleId=DefenderIotMicroAgent;SharedAccessKey=/);
  assert.equal((await ask('DELETE', '/api/hub/devices/pump-8')).status, 204);
  assert.equal((await ask('GET', '/api/hub/devices/pump-8/modules')).status, 404);
});

test('a reader sees devices and twins, and neither keys nor changes', async () => {
  await create('pump-9');
  const role = 'Security Reader' as const;
  assert.equal((await ask('GET', '/api/hub/devices/pump-9', { role })).status, 200);
  assert.equal((await ask('GET', '/api/hub/devices/pump-9/twin', { role })).status, 200);
  for (const [method, path, body] of [
    ['GET', '/keys', undefined],
    ['POST', '/keys', { key: 'primary' }],
    ['PATCH', '/twin', { tags: {} }],
    ['POST', '/messages', { body: 'x' }],
    ['POST', '/methods', { name: 'x' }],
    ['POST', '/modules', { moduleId: 'x' }],
    ['DELETE', '', undefined],
  ] as const)
    assert.equal(
      (await ask(method, `/api/hub/devices/pump-9${path}`, { role, ...(body ? { body } : {}) })).status,
      403,
      `${method} ${path}`,
    );
});

test('what cannot be is refused in one sentence', async () => {
  for (const [body, sentence] of [
    [{ deviceId: 'a b' }, /"a b" is no device id/],
    [{ deviceId: 'cert', authentication: { type: 'selfSigned' } }, /needs at least one thumbprint/],
    [{ deviceId: 'cert', authentication: { type: 'selfSigned', primaryThumbprint: 'xyz' } }, /neither SHA-1 nor SHA-256/],
  ] as const) {
    const { status, body: refusal } = await ask('POST', '/api/hub/devices', { body });
    assert.equal(status, 400);
    assert.match(refusal.message, sentence);
  }
  const missing = await ask('GET', '/api/hub/devices/nobody/twin');
  assert.deepEqual([missing.status, missing.body.code], [404, 'device_not_found']);
});

test('every change and every look at a key is in the audit log, without the key', async () => {
  await create('audited');
  await ask('PATCH', '/api/hub/devices/audited/twin', { body: { tags: { a: 1 } } });
  await ask('DELETE', '/api/hub/devices/audited');
  const own = hubAudit.filter(({ on }) => on.includes('audited'));
  assert.deepEqual(
    own.map(({ action, who }) => [action, who]),
    ['hub.device.create', 'hub.device.keys.read', 'hub.device.twin.update', 'hub.device.delete'].map((action) => [
      action,
      'admin (token Contributor)',
    ]),
  );
  assert.doesNotMatch(JSON.stringify(own), /SharedAccessKey/);
});

test('without a hub the routes say why', async () => {
  const lone = await sampleServer({ hub: { why: 'The IoT hub is switched off: start the system without --no-hub.' } });
  const address = await lone.app.listen({ host: '127.0.0.1', port: 0 });
  try {
    const session = await fetch(new URL('/api/sign-in', address), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'admin', password: PASSWORD }),
    });
    const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
    const facts = await (await fetch(new URL('/api/hub', address), { headers: { cookie } })).json();
    assert.deepEqual(
      [(facts as { running: boolean }).running, (facts as { why: string }).why],
      [false, 'The IoT hub is switched off: start the system without --no-hub.'],
    );
    const devices = await fetch(new URL('/api/hub/devices', address), { headers: { cookie } });
    assert.equal(devices.status, 503);
    assert.match(await devices.text(), /hub_off.*switched off/);
  } finally {
    await lone.app.close();
  }
});
