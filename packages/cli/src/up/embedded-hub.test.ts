/** The IoT hub as part of the whole system, as a user starts it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import iotCommon from 'azure-iot-common';
import iotDevice from 'azure-iot-device';
import iotMqtt from 'azure-iot-device-mqtt';
import { FLEET } from '@annunciator/testkit/iot-fleet';
import { System } from '../../tests/system.ts';

const MAIN = join(import.meta.dirname, '../main.ts');
const folder = mkdtempSync(join(tmpdir(), 'annunciator-up-hub-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const ANY_PORTS = ['--hub-mqtt-port', '0', '--hub-amqp-port', '0', '--hub-https-port', '0'];
const MOST_PSS_KIB = 500 * 1024;

function command(...args: string[]): { status: number | null; out: string; err: string } {
  const result = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  return { status: result.status, out: result.stdout.trim(), err: result.stderr.trim() };
}

/** KiB of memory that the process has, what it shares counted by its share. */
function pssOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
}

test('the demo has IoT devices that send and answer, beside which stock clients work, within the memory for everything', async () => {
  const data = join(folder, 'demo');
  const system = await System.start(data, ...ANY_PORTS);
  const working = FLEET.filter(({ disabled }) => disabled === undefined);
  await system.until('connected devices', async () => {
    const { body } = await system.get('/api/hub');
    return body.devices?.connected === working.length ? true : undefined;
  });
  const { body: hub } = await system.get('/api/hub');
  assert.deepEqual([hub.devices.total, hub.devices.enabled], [FLEET.length, working.length]);
  const { body: page } = await system.get('/api/hub/devices');
  assert.deepEqual(
    page.devices.map(({ deviceId, securityGroup }: { deviceId: string; securityGroup: string }) => [deviceId, securityGroup]),
    FLEET.map(({ id, securityModule, tags }) => [id, securityModule?.group ?? tags['SecurityGroup'] ?? 'default']).sort(),
  );
  const { body: status } = await system.send('POST', '/api/hub/devices/pump-north-01/methods', { name: 'getStatus', connectTimeout: 5 });
  assert.deepEqual([status.status, status.payload.state], [200, 'running']);
  const slower = { properties: { desired: { telemetryInterval: 30 } } };
  assert.equal((await system.send('PATCH', '/api/hub/devices/pump-north-01/twin', slower)).status, 200);
  await system.until('the device to report', async () => {
    const { body: twin } = await system.get('/api/hub/devices/pump-north-01/twin');
    return twin.properties.reported.telemetryInterval === 30 ? true : undefined;
  });

  const made = command('hub', 'device', 'create', 'stock-1', '--data', data);
  assert.match(made.out, /^HostName=localhost;DeviceId=stock-1;SharedAccessKey=/, made.err);
  const client = iotDevice.Client.fromConnectionString(made.out.replace('localhost', `localhost:${hub.ports.mqtt}`), iotMqtt.Mqtt);
  client.setRetryPolicy(new iotCommon.NoRetry());
  await client.setOptions({ ca: readFileSync(join(data, 'hub', 'ca.pem'), 'utf8') });
  await client.open();
  await client.sendEvent(new iotDevice.Message('{"hello":true}'));
  assert.equal((await system.get('/api/hub/devices/stock-1')).body.connected, true);
  await client.close();
  const pss = pssOf(system.pid);
  assert.ok(pss < MOST_PSS_KIB, `${Math.round(pss / 1024)} MiB`);
  await system.stop();

  // What people changed is kept, and what the demo made is not made again.
  const again = await System.start(data, '--no-demo', ...ANY_PORTS);
  const { body: twin } = await again.get('/api/hub/devices/pump-north-01/twin');
  assert.equal(twin.properties.desired.telemetryInterval, 30);
  assert.equal((await again.get('/api/hub')).body.devices.total, FLEET.length + 1);
  await again.stop();
});

test('a port of the hub in use is told in one sentence: it stops a start that asked for it, and no other', async (context) => {
  const holder = createServer().listen(0, '127.0.0.1');
  context.after(() => holder.close());
  await new Promise((resolve) => holder.once('listening', resolve));
  const address = holder.address();
  const port = String(typeof address === 'object' && address ? address.port : 0);
  const data = join(folder, 'in-use');
  const refused = command('up', '--data', data, '--port', '0', '--no-demo', ...ANY_PORTS, '--hub-amqp-port', port);
  assert.equal(refused.status, 1);
  assert.match(refused.err, new RegExp(`Port ${port} is in use: stop what uses it, or give another with --hub-mqtt-port, --hub-amqp-port`));
  assert.equal(refused.err.split('\n').length, 1, refused.err);

  const { startEmbeddedHub } = await import('./embedded-hub.ts');
  const said: string[] = [];
  const embedded = await startEmbeddedHub(
    {
      address: '127.0.0.1',
      host: 'localhost',
      otherNames: [],
      ports: { mqtt: Number(port), amqp: 0, https: 0 },
      isDemanded: false,
      tier: 'none',
      units: 1,
      partitions: 4,
      journalBytes: 1e9,
      blobBytes: 1e9,
      handshakesPerSecond: 500,
      flags: '--hub-',
      certificate: null,
      demo: false,
    },
    {
      data,
      audit: { record: async () => {} },
      say: (line) => void said.push(line),
      desk: { detect: async () => {}, closeQuiet: async () => {}, expire: async () => 0 },
      findings: { known: async () => new Map(), list: async () => [], prune: async () => {} },
      alerts: { groups: async () => ({ groups: [], values: 0 }) },
      place: { sensor: 'IoT hub', site: 'Plant', zone: 'One' },
    },
  );
  assert.equal(embedded.link.desk, null);
  assert.match(embedded.link.why, new RegExp(`^The IoT hub does not run\\. Port ${port} is in use: .* --hub-mqtt-port`));
  assert.deepEqual(said, [embedded.link.why]);
  await embedded.stop();
});

test('a hub that runs by itself on the same data is left alone', async () => {
  const data = join(folder, 'alone');
  const first = await System.start(data, '--no-demo', ...ANY_PORTS);
  const { status, err } = command('hub', '--data', data, '--mqtt-port', '0', '--amqp-port', '0', '--https-port', '0');
  assert.equal(status, 1);
  assert.match(err, /Another process uses the data directory/);
  await first.stop();
});
