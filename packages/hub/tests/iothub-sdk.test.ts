/** The unmodified azure-iothub against a whole hub over TLS: registry, twins, queries, statistics. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Registry } from 'azure-iothub';
import { freshId, plain, until } from './device-suite.ts';
import { TestHub } from './hub-under-test.ts';
import { deviceClient, registryClient, serviceClient } from './sdk.ts';

let hub: TestHub;
let registry: Registry;
before(async () => {
  hub = await TestHub.start({ partitions: 3 });
  registry = registryClient(hub);
});
after(() => hub.stop());

const key = (text: string): string => Buffer.from(text.padEnd(20, '.')).toString('base64');

/** The error classes of azure-iothub are its own; their names are those of azure-iot-common. */
function named(name: string): (error: Error) => boolean {
  return (error) => error.name === name || error.constructor.name === name;
}

/** The document of a device, of which the SDK's types know a part only. */
interface DeviceDocument {
  deviceId: string;
  etag: string;
  status: string;
  statusReason: string;
  connectionState: string;
  deviceScope: string;
  capabilities: { iotEdge: boolean };
  authentication: {
    type: string;
    symmetricKey: { primaryKey: string; secondaryKey: string };
    x509Thumbprint: { primaryThumbprint: string; secondaryThumbprint: string };
  };
}

async function document(answer: Promise<{ responseBody: unknown }>): Promise<DeviceDocument> {
  return (await answer).responseBody as DeviceDocument;
}

/** Rows of all pages of a query. */
async function rows(text: string, pageSize = 100): Promise<Record<string, unknown>[]> {
  const query = registry.createQuery(text, pageSize);
  const all: Record<string, unknown>[] = [];
  // Without its argument the promise form asks for the first page again.
  while (query.hasMoreResults) all.push(...(await query.next(query.continuationToken)).result);
  return all;
}

test('a device is created with keys of the hub, read, changed and deleted', async () => {
  const deviceId = freshId();
  const created = await document(registry.create({ deviceId }));
  assert.equal(created.deviceId, deviceId);
  assert.equal(created.status, 'enabled');
  assert.equal(created.connectionState, 'Disconnected');
  assert.equal(Buffer.from(created.authentication.symmetricKey.primaryKey, 'base64').length, 32);
  const read = await document(registry.get(deviceId));
  assert.deepEqual(read, created);
  const updated = await document(registry.update({ ...read, status: 'disabled', statusReason: 'stolen' }));
  assert.equal(updated.status, 'disabled');
  assert.equal(updated.statusReason, 'stolen');
  assert.notEqual(updated.etag, read.etag);
  assert.equal(updated.authentication.symmetricKey.primaryKey, read.authentication.symmetricKey.primaryKey);
  await registry.delete(deviceId);
  await assert.rejects(registry.get(deviceId), named('DeviceNotFoundError'));
  await assert.rejects(registry.delete(deviceId), named('DeviceNotFoundError'));
});

test('keys and thumbprints given are kept, wrong ones refused', async () => {
  const keys = { primaryKey: key('one'), secondaryKey: key('two') };
  const device = await document(registry.create({ deviceId: freshId(), authentication: { symmetricKey: keys } }));
  assert.deepEqual(device.authentication.symmetricKey, keys);
  const prints = { primaryThumbprint: '0'.repeat(40), secondaryThumbprint: 'AB'.repeat(32) };
  const other = await document(registry.create({ deviceId: freshId(), authentication: { x509Thumbprint: prints } }));
  assert.equal(other.authentication.type, 'selfSigned');
  assert.deepEqual(other.authentication.x509Thumbprint, prints);
  for (const authentication of [
    { symmetricKey: { primaryKey: 'short', secondaryKey: 'short' } },
    { symmetricKey: { primaryKey: key('only one'), secondaryKey: '' } },
    { x509Thumbprint: { primaryThumbprint: 'no hex', secondaryThumbprint: '' } },
    { type: 'fingerprint' },
  ])
    await assert.rejects(registry.create({ deviceId: freshId(), authentication }), named('ArgumentError'));
});

test('a device that exists is not created again, a bad id is refused', async () => {
  const deviceId = freshId();
  await registry.create({ deviceId });
  await assert.rejects(registry.create({ deviceId }), named('DeviceAlreadyExistsError'));
  for (const bad of ['invalid/name', 'a b', 'x'.repeat(129)])
    await assert.rejects(registry.create({ deviceId: bad }), named('ArgumentError'));
});

test('an edge device gets a scope, others join it, and nobody changes it', async () => {
  const edge = await document(registry.create({ deviceId: freshId(), capabilities: { iotEdge: true } }));
  assert.equal(edge.capabilities.iotEdge, true);
  const scope = edge.deviceScope;
  assert.match(scope, /^ms-azure-iot-edge:\/\//);
  const leaf = { deviceId: freshId(), deviceScope: scope };
  const created = await document(registry.create(leaf));
  assert.equal(created.deviceScope, scope);
  await assert.rejects(registry.update({ ...created, deviceScope: 'something else' } as never), named('ArgumentError'));
});

test('devices are added, changed and removed by the hundred, and each failure is told', async () => {
  const devices = Array.from({ length: 100 }, () => ({ deviceId: freshId() }));
  const added = (await registry.addDevices(devices)).responseBody;
  assert.equal(added.isSuccessful, true);
  assert.deepEqual(added.errors, []);
  const again = (await registry.addDevices(devices.slice(0, 2))).responseBody;
  assert.equal(again.isSuccessful, false);
  assert.deepEqual(
    again.errors.map(({ errorCode }: { errorCode: unknown }) => errorCode),
    ['DeviceAlreadyExists', 'DeviceAlreadyExists'],
  );
  await registry.updateDevices(devices.map((device) => ({ ...device, status: 'disabled' })) as never, true);
  assert.equal((await registry.get(devices[99].deviceId)).responseBody.status, 'disabled');
  const listed = (await registry.list()).responseBody.map(({ deviceId }) => deviceId);
  for (const { deviceId } of devices) assert.ok(listed.includes(deviceId));
  assert.deepEqual(listed, listed.toSorted());
  await registry.removeDevices(devices, true);
  await assert.rejects(registry.get(devices[0].deviceId), named('DeviceNotFoundError'));
});

test('modules live beside their device and go with it', async () => {
  const deviceId = freshId();
  await registry.create({ deviceId });
  const { responseBody: created } = await registry.addModule({ deviceId, moduleId: 'one', managedBy: 'operator' });
  assert.equal(created.moduleId, 'one');
  assert.equal(created.managedBy, 'operator');
  await registry.addModule({ deviceId, moduleId: 'two' });
  const names = (await registry.getModulesOnDevice(deviceId)).responseBody.map(({ moduleId }: { moduleId: string }) => moduleId);
  assert.deepEqual(names, ['one', 'two']);
  const { responseBody: read } = await registry.getModule(deviceId, 'one');
  assert.equal(read.etag, created.etag);
  await registry.updateModule({ ...read, managedBy: 'somebody' }, true);
  await registry.removeModule(deviceId, 'two');
  await assert.rejects(registry.getModule(deviceId, 'two'));
  await registry.delete(deviceId);
  await assert.rejects(registry.getModule(deviceId, 'one'));
});

test('a twin is patched under its ETag, and null empties a section', async () => {
  const deviceId = freshId();
  await registry.create({ deviceId });
  const { responseBody: twin } = await registry.getTwin(deviceId);
  assert.equal(twin.etag, 'AAAAAAAAAAE=');
  await twin.update({ tags: { plant: 'north', line: { number: 4 } }, properties: { desired: { interval: 5 } } });
  assert.deepEqual(plain(twin.tags), { plant: 'north', line: { number: 4 } });
  assert.equal(twin.properties.desired.$version, 2);
  assert.equal(twin.properties.desired.$metadata.interval.$lastUpdatedVersion, 2);
  await assert.rejects(registry.updateTwin(deviceId, { tags: { plant: 'south' } }, 'AAAAAAAAAAE='), named('InvalidEtagError'));
  await registry.updateTwin(deviceId, { tags: null, properties: { desired: null } }, '*');
  const { responseBody: emptied } = await registry.getTwin(deviceId);
  assert.deepEqual(plain(emptied.tags), {});
  assert.deepEqual(plain(emptied.properties.desired), {});
  assert.equal(emptied.properties.desired.$version, 3);
});

test('what a twin may not hold is refused with its reason', async () => {
  const deviceId = freshId();
  await registry.create({ deviceId });
  const refused = async (patch: object, name: string): Promise<void> => {
    await assert.rejects(registry.updateTwin(deviceId, patch, '*'), named(name));
  };
  await refused({ tags: { 'a.b': 1 } }, 'ArgumentError');
  await refused({ tags: { $a: 1 } }, 'ArgumentError');
  await refused({ properties: { desired: { text: 'x'.repeat(4097) } } }, 'ArgumentError');
  await refused({ properties: { desired: { big: 2 ** 52 } } }, 'ArgumentError');
  await assert.rejects(
    registry.updateTwin(deviceId, { tags: Object.fromEntries(Array.from({ length: 3 }, (_, at) => [`t${at}`, 'x'.repeat(3000)])) }, '*'),
  );
  assert.equal((await registry.getTwin(deviceId)).responseBody.etag, 'AAAAAAAAAAE=');
});

test('twins are found by what they hold, in pages, over all partitions', async () => {
  const group = freshId();
  for (let at = 0; at < 25; at++) {
    const deviceId = `${group}-${String(at).padStart(2, '0')}`;
    await registry.create({ deviceId });
    await registry.updateTwin(deviceId, { tags: { group, number: at, ...(at % 5 === 0 ? { fifth: true } : {}) } }, '*');
  }
  const numbers = async (where: string): Promise<number[]> =>
    (await rows(`SELECT tags.number FROM devices WHERE tags.group = '${group}' AND (${where})`, 7))
      .map(({ number }) => Number(number))
      .sort((a, b) => a - b);
  assert.deepEqual(await numbers('tags.number >= 20'), [20, 21, 22, 23, 24]);
  assert.deepEqual(await numbers('tags.number IN [3, 4, 99]'), [3, 4]);
  assert.deepEqual(await numbers('tags.number < 3 AND NOT tags.number = 1'), [0, 2]);
  assert.deepEqual(await numbers('is_defined(tags.fifth)'), [0, 5, 10, 15, 20]);
  assert.deepEqual(await numbers("ENDSWITH(deviceId, '7')"), [7, 17]);
  assert.deepEqual(await numbers("status <> 'enabled'"), []);
  const all = await rows(`SELECT * FROM devices WHERE tags.group = '${group}'`, 4);
  assert.equal(all.length, 25);
  assert.equal(new Set(all.map(({ deviceId }) => deviceId)).size, 25);
  const twins = await registry.createQuery(`SELECT * FROM devices WHERE deviceId = '${group}-03'`).nextAsTwin();
  assert.equal(twins.result[0].tags.number, 3);
  assert.deepEqual(await rows(`SELECT COUNT() AS n FROM devices WHERE tags.group = '${group}'`), [{ n: 25 }]);
  const grouped = await rows(
    `SELECT tags.fifth AS fifth, COUNT() AS n, MAX(tags.number) AS most FROM devices WHERE tags.group = '${group}' GROUP BY tags.fifth`,
  );
  assert.deepEqual(
    grouped.toSorted((a, b) => Number(a['n']) - Number(b['n'])),
    [
      { fifth: true, n: 5, most: 20 },
      { n: 20, most: 24 },
    ],
  );
  assert.equal((await rows(`SELECT TOP 3 deviceId FROM devices WHERE tags.group = '${group}'`, 2)).length, 3);
});

test('modules are queried by themselves, and a connection shows', async () => {
  const device = await hub.create(freshId());
  await hub.create(device.deviceId, { moduleId: 'DefenderIotMicroAgent' });
  const found = await rows(
    `SELECT deviceId, moduleId FROM devices.modules WHERE moduleId = 'DefenderIotMicroAgent' AND deviceId = '${device.deviceId}'`,
  );
  assert.deepEqual(found, [{ deviceId: device.deviceId, moduleId: 'DefenderIotMicroAgent' }]);
  // Others may still be on their way out.
  const connected = async (): Promise<unknown[]> =>
    rows(`SELECT deviceId FROM devices WHERE connectionState = 'Connected' AND deviceId = '${device.deviceId}'`);
  assert.deepEqual(await connected(), []);
  const client = await deviceClient(hub, device, 'mqtt');
  await client.open();
  assert.deepEqual(await connected(), [{ deviceId: device.deviceId }]);
  assert.equal((await registry.get(device.deviceId)).responseBody.connectionState, 'Connected');
  await client.close();
  await until(async () => (await connected()).length === 0);
});

test('a query that cannot be read is refused with the place', async () => {
  for (const bad of [
    'SELECT',
    'SELECT * FROM tables',
    "SELECT * FROM devices WHERE deviceId = 'a",
    'SELECT * FROM devices WHERE (a = 1',
    'SELECT a FROM devices GROUP BY b',
    'SELECT * FROM devices WHERE nonsense(a)',
    `SELECT * FROM devices WHERE ${'('.repeat(500)}1${')'.repeat(500)} = 1`,
  ])
    await assert.rejects(rows(bad), named('ArgumentError'), bad);
});

test('statistics count devices', async () => {
  const { responseBody: before } = await registry.getRegistryStatistics();
  await registry.create({ deviceId: freshId(), status: 'disabled' });
  const { responseBody: after } = await registry.getRegistryStatistics();
  assert.equal(after.totalDeviceCount, before.totalDeviceCount + 1);
  assert.equal(after.disabledDeviceCount, before.disabledDeviceCount + 1);
});

test('a policy gives its rights and no others', async () => {
  const reader = registryClient(hub, 'registryRead');
  const deviceId = freshId();
  await registry.create({ deviceId });
  assert.equal((await reader.get(deviceId)).responseBody.deviceId, deviceId);
  await assert.rejects(reader.create({ deviceId: freshId() }), named('UnauthorizedError'));
  await assert.rejects(reader.getTwin(deviceId), named('UnauthorizedError'));
  await assert.rejects(registryClient(hub, 'device').get(deviceId), named('UnauthorizedError'));
  const refused = await hub.follower.seen(({ reason, deviceId: concerned }) => reason === 'missingRight' && concerned === deviceId);
  assert.equal(refused.statusCode, 401003);
});

test('a message to a device that does not exist, or to a full queue, is refused', async () => {
  const service = serviceClient(hub);
  await service.open();
  await assert.rejects(service.send('nobody', 'hello'), named('DeviceNotFoundError'));
  const { deviceId } = await hub.create(freshId());
  for (let message = 0; message < 50; message++) await service.send(deviceId, String(message));
  await assert.rejects(service.send(deviceId, 'one too many'), named('DeviceMaximumQueueDepthExceededError'));
  const full = await hub.follower.seen(({ statusCode }) => statusCode === 403004);
  assert.equal(full.deviceId, deviceId);
  assert.equal((await registry.get(deviceId)).responseBody.cloudToDeviceMessageCount as unknown, 50);
  await service.close();
});

test('the service side is closed to wrong keys', async () => {
  const wrong = registryClient(hub, 'iothubowner', key('not the key of the policy'));
  await assert.rejects(wrong.list(), named('UnauthorizedError'));
});
