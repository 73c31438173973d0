/** What the hub acknowledged outlives kill -9 and a full disk. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import iotCommon from 'azure-iot-common';
import type { Client } from 'azure-iot-device';
import { deviceConnectionString } from '../src/authentication/connection-string.ts';
import type { Identity } from '../src/identity/identity.ts';
import type { HubPorts } from '../src/start.ts';
import { freshId, received, until } from './device-suite.ts';
import { OWNER, TestHub, TLS } from './hub-under-test.ts';
import { deviceClient, Message } from './sdk.ts';

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'annunciator-hub-'));
  context.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function startChild(context: TestContext, directory: string): Promise<{ child: ChildProcess; ports: HubPorts }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'hub-child.ts'), directory, JSON.stringify(TLS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return { child, ports: JSON.parse(String(line)) };
}

/** A client of a hub that will be killed. It brings a token instead of a key: the SDK's timer for renewal would outlive the lost connection. */
function clientOfKilled(hub: TestHub, device: Identity, port: number): Promise<Client> {
  const { HostName, SharedAccessKey } = iotCommon.ConnectionString.parse(deviceConnectionString(`localhost:${port}`, device));
  const soon = Math.ceil(Date.now() / 1000) + 600;
  const token = iotCommon.SharedAccessSignature.create(`${HostName}/devices/${device.deviceId}`, '', SharedAccessKey ?? '', soon);
  const connectionString = `HostName=${HostName};DeviceId=${device.deviceId};SharedAccessSignature=${token}`;
  return deviceClient(hub, device, 'mqtt', { connectionString });
}

test('a hub ended by kill -9 while devices send has lost nothing it acknowledged, and doubled nothing', async (context) => {
  const directory = await folder(context);
  const first = await TestHub.start({ directory });
  const devices = await Promise.all(Array.from({ length: 4 }, () => first.create(freshId())));
  await first.stop();
  const acknowledged: string[] = [];
  const attempted = new Set<string>();
  let number = 0;
  for (let round = 0; round < 3; round++) {
    const { child, ports } = await startChild(context, directory);
    const clients: Client[] = [];
    for (const device of devices) {
      const client = await clientOfKilled(first, device, ports.mqtt ?? 0);
      await client.open();
      clients.push(client);
    }
    let going = true;
    const sending = clients.flatMap((client) =>
      Array.from({ length: 8 }, async () => {
        while (going) {
          const text = `message ${++number}`;
          attempted.add(text);
          try {
            await client.sendEvent(new Message(text));
            acknowledged.push(text);
          } catch {
            return;
          }
        }
      }),
    );
    const before = acknowledged.length;
    await until(() => acknowledged.length > before + 200, 30_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    going = false;
    // A client whose connection was lost may not answer any more.
    const ended = Promise.all([...sending, ...clients.map((client) => client.close())]);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 300))]);
  }
  const again = await TestHub.start({ directory, resumeAt: () => 0 });
  const entries = again.follower.records;
  const kept = entries.flatMap(({ event }) => (event ? [Buffer.from(event.body).toString()] : []));
  const missing = acknowledged.filter((text) => !kept.includes(text));
  assert.deepEqual(missing, []);
  assert.equal(new Set(kept).size, kept.length);
  for (const text of kept) assert.ok(attempted.has(text));
  const counted = entries.filter(({ operation }) => operation.category === 'DeviceTelemetry' && operation.result === 'accepted').length;
  assert.equal(counted, kept.length);
  await again.stop();
});

test('identities, twins, waiting messages and MQTT subscriptions are there after kill -9', async (context) => {
  const directory = await folder(context);
  const prepared = await TestHub.start({ directory });
  const device = await prepared.create(freshId());
  await prepared.stop();
  const { child, ports } = await startChild(context, directory);
  const client = await clientOfKilled(prepared, device, ports.mqtt ?? 0);
  await client.open();
  const twin = await client.getTwin();
  await new Promise<void>((resolve, reject) =>
    twin.properties.reported.update({ level: 7 }, (error?: Error) => (error ? reject(error) : resolve())),
  );
  received(client);
  await client.sendEvent(new Message('subscribed by now'));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await client.close();
  const again = await TestHub.start({ directory });
  const { twin: kept } = await again.hub.twins.read(OWNER, device);
  assert.equal(kept.reported, '{"level":7}');
  assert.equal(kept.reportedVersion, 2);
  assert.equal((await again.hub.registry.get(OWNER, device)).mqttSubscriptions & 1, 1);
  await again.hub.commands.send(
    OWNER,
    device.deviceId,
    { system: { messageId: 'kept' }, application: {}, body: Buffer.from('after') },
    'none',
  );
  await again.stop();
  const third = await TestHub.start({ directory });
  assert.equal((await third.hub.registry.get(OWNER, device)).cloudToDeviceMessageCount, 1);
  assert.equal((await third.hub.registry.get(OWNER, device)).connected, false);
  await third.stop();
});

test('who follows the operations goes on after a restart where it was, and misses nothing', async (context) => {
  const directory = await folder(context);
  const hub = await TestHub.start({ directory, partitions: 2 });
  const device = await hub.create(freshId());
  for (let message = 0; message < 5; message++) {
    await hub.hub.telemetry.accept(
      { side: 'device', identity: device, authentication: 'sas', policy: null, expires: null, protocol: 'MQTT', ipAddress: null },
      { system: {}, application: {}, body: Buffer.from(String(message)) },
    );
  }
  const seen = hub.follower.records.filter(({ event }) => event);
  const [, second] = seen;
  await hub.stop();
  const again = await TestHub.start({ directory, resumeAt: (partition) => (partition === second.partition ? second.next : null) });
  assert.deepEqual(
    again.follower.records.filter(({ event }) => event).map(({ event }) => Buffer.from(event?.body ?? []).toString()),
    ['2', '3', '4'],
  );
  await again.stop();
});

test('two hubs do not share a directory', async (context) => {
  const directory = await folder(context);
  const hub = await TestHub.start({ directory });
  await assert.rejects(TestHub.start({ directory }), { code: 'in-use' });
  await hub.stop();
});

test('a disk below its reserve stops acceptance with a clear sentence, and space starts it again', async (context) => {
  const directory = await folder(context);
  const { bavail, bsize } = await statfs(directory);
  const hub = await TestHub.start({ directory, limits: { diskReserveBytes: bavail * bsize * 2 } });
  await assert.rejects(hub.create(freshId()), { code: 'StorageFull', message: /MiB free and keeps \d+ MiB in reserve/ });
  const refused = await hub.follower.seen(({ statusCode }) => statusCode === 503008);
  assert.equal(refused.operation, 'create');
  await hub.stop();
});

test('a disk that is really full refuses what does not fit, and keeps what it acknowledged', async (context) => {
  const mounted = join(tmpdir(), `annunciator-small-${process.pid}`);
  const mount = spawnSync('sh', ['-c', `mkdir -p ${mounted} && mount -t tmpfs -o size=24m tmpfs ${mounted}`]);
  if (mount.status !== 0) return context.skip('needs the right to mount a small file system');
  context.after(() => spawnSync('sh', ['-c', `umount -l ${mounted}; rmdir ${mounted}`]));
  const directory = join(mounted, 'hub');
  const hub = await TestHub.start({ directory, limits: { diskReserveBytes: 0 } });
  const device = await hub.create(freshId());
  const client = await deviceClient(hub, device, 'amqp');
  await client.open();
  let kept = 0;
  let refusal: (Error & { amqpError?: { description?: string } }) | undefined;
  while (!refusal) {
    const body = Buffer.alloc(100_000, kept);
    await client.sendEvent(new Message(body)).then(
      () => kept++,
      (error: Error) => {
        refusal = error;
      },
    );
  }
  assert.ok(kept > 50, `only ${kept} messages fitted`);
  assert.match(refusal.amqpError?.description ?? '', /disk of the hub is full/);
  // To the last byte.
  spawnSync('dd', ['if=/dev/zero', `of=${join(mounted, 'filler')}`, 'bs=4096']);
  await assert.rejects(hub.create(freshId()), { code: 'StorageFull' });
  await client.close();
  await hub.stop();
  // Space again: everything acknowledged is there, and work goes on.
  spawnSync('mount', ['-o', 'remount,size=64m', mounted]);
  const again = await TestHub.start({ directory, limits: { diskReserveBytes: 0 }, resumeAt: () => 0 });
  const bodies = again.follower.records.flatMap(({ event }) => (event ? [event.body] : []));
  assert.ok(bodies.length >= kept);
  for (const [at, body] of bodies.slice(0, kept).entries()) assert.ok(Buffer.alloc(100_000, at).equals(body));
  assert.deepEqual((await again.hub.registry.get(OWNER, device)).authentication, device.authentication);
  await again.create(freshId());
  await again.stop();
});
