/** The inventory of a whole system: what traffic says, what people said, and both after a restart. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writePlantCapture } from '@annunciator/testkit/plant';
import { System } from '../../tests/system.ts';

const folder = mkdtempSync(join(tmpdir(), 'annunciator-inventory-'));
const systems: System[] = [];
after(async () => {
  await Promise.all(systems.map((system) => system.kill()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(data: string, ...args: string[]): Promise<System> {
  const system = await System.start(data, ...args);
  systems.push(system);
  return system;
}

interface Device {
  readonly number: number;
  readonly id: string;
  readonly type: string | null;
  readonly version: number;
  readonly ips: string[];
  readonly confidence: number;
  readonly protocols: string[];
  readonly name: string | null;
}

test('a capture fills the inventory, what people change stays, and reading the capture again changes no number', async () => {
  const data = join(folder, 'capture');
  const file = join(folder, 'plant.pcap');
  await writePlantCapture(file, { learning: 300, seconds: 700 });
  const first = await start(data, '--capture', file);
  await first.saying(/packets analysed/);
  const devices: Device[] = (await first.get('/api/devices?limit=1000&sort=ip')).body.devices;
  const plcs = devices.filter(({ type }) => type === 'PLC');
  assert.ok(plcs.length >= 2, devices.map(({ id, type }) => `${id} ${type}`).join(', '));
  assert.ok(plcs.every(({ confidence, protocols }) => confidence >= 60 && protocols.length > 0));
  assert.ok(devices.some(({ type }) => type === 'HMI') && devices.some(({ type }) => type === 'Engineering Station'));
  const details = (await first.get(`/api/devices/${plcs[0].number}`)).body;
  assert.ok(details.reasons.length > 0 && details.reasons[0].says !== '');

  const { connections, matching } = (await first.get('/api/connections?ot=yes&kind=Two%20Way&limit=1000&sort=-packets')).body;
  assert.ok(matching > 3 && connections.every((one: { operations: string[] }) => one.operations.length > 0));
  const map = (await first.get('/api/map')).body;
  assert.equal(map.nodes.rows.length, devices.length);
  assert.ok(map.links.rows.length > 3);
  const types = new Set((await first.get('/api/events?limit=1000')).body.events.map(({ type }: { type: string }) => type));
  for (const type of ['DEVICE_CREATE', 'DEVICE_CONNECTION_CREATED', 'ALERT_REPORTED']) assert.ok(types.has(type), type);

  const [one, other] = devices.filter(({ type }) => type === 'HMI' || type === 'Engineering Station');
  const renamed = await first.send('PATCH', `/api/devices/${plcs[0].number}`, {
    version: 0,
    changes: { name: 'Intake', authorised: true, owner: 'Ann' },
  });
  assert.equal(renamed.status, 200, JSON.stringify(renamed.body));
  const merged = await first.send('POST', `/api/devices/${one.number}/merge`, {
    version: one.version,
    others: [{ number: other.number, version: other.version }],
  });
  assert.equal(merged.status, 200, JSON.stringify(merged.body));
  const count = (await first.get('/api/connections')).body.matching;
  await first.stop();

  const second = await start(data, '--capture', file);
  const again: Device[] = (await second.get('/api/devices?limit=1000&sort=ip')).body.devices;
  assert.equal(again.length, devices.length - 1);
  assert.equal(again.find(({ number }) => number === plcs[0].number)?.name, 'Intake');
  assert.deepEqual(again.find(({ number }) => number === one.number)?.ips, [...one.ips, ...other.ips]);
  assert.equal((await second.get('/api/connections')).body.matching, count);
  const split = await second.send('POST', `/api/devices/${one.number}/split`, { version: one.version, parts: [other.number] });
  assert.equal(split.status, 200, JSON.stringify(split.body));
  assert.equal((await second.get('/api/devices')).body.total, devices.length);
  await second.stop();
});

test('on live traffic a merge moves what was learned, a name shows in alerts, and a restart forgets neither', async () => {
  const data = join(folder, 'live');
  const first = await start(data);
  const devices = await first.until('devices', async () => {
    const found: Device[] = (await first.get('/api/devices?limit=1000&sort=ip')).body.devices;
    return found.filter(({ type }) => type === 'PLC').length > 1 && found.some(({ type }) => type === 'HMI') ? found : undefined;
  });
  const plc = devices.find(({ type }) => type === 'PLC');
  const hmi = devices.find(({ type }) => type === 'HMI');
  const other = devices.find(({ type, number }) => type !== null && number !== hmi?.number && number !== plc?.number && type !== 'PLC');
  assert.ok(plc && hmi && other);
  assert.equal((await first.send('PATCH', `/api/devices/${plc.number}`, { version: 0, changes: { name: 'Named by hand' } })).status, 200);
  const merge = await first.send('POST', `/api/devices/${hmi.number}/merge`, {
    version: 0,
    others: [{ number: other.number, version: 0 }],
  });
  assert.equal(merge.status, 200, JSON.stringify(merge.body));
  const packets = (await first.get(`/api/connections?device=${hmi.number}&sort=-packets`)).body.connections[0]?.packets ?? 0;
  await first.kill();

  const second = await start(data);
  const kept: Device = (await second.get(`/api/devices/${plc.number}`)).body;
  assert.equal(kept.name, 'Named by hand');
  await second.until('more packets', async () => {
    const now = (await second.get(`/api/connections?device=${hmi.number}&sort=-packets`)).body.connections[0]?.packets ?? 0;
    return now > packets ? true : undefined;
  });
  const whole: Device & { parts: unknown[] } = (await second.get(`/api/devices/${hmi.number}`)).body;
  assert.equal(whole.parts.length, 1);
  assert.ok(
    other.ips.every((ip) => whole.ips.includes(ip)),
    'the sensor goes by the merge after a restart',
  );
  await second.stop();
});
