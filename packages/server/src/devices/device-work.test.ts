/** What people do with devices over HTTP: change, merge, split, delete, import, group; and who may. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import type { Learnable } from '@annunciator/core/alert';
import type { ConnectionRecord, DeviceRecord } from '@annunciator/core/device';
import type { PortalRole } from '@annunciator/core/roles';
import { DAY, fromMilliseconds, HOUR } from '@annunciator/core/time';
import { NOTHING_KNOWN } from '@annunciator/store/device-body';
import { PLACES } from '../../tests/sample-detections.ts';
import { PASSWORD, type SampleServer, sampleServer } from '../../tests/serve-samples.ts';
import { type Answer, type Send, signedIn } from '../../tests/signed-in.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 0);

async function opened(t: TestContext): Promise<{ server: SampleServer; send: Send; as: (role: PortalRole) => Promise<Send> }> {
  let clock = NOW;
  const server = await sampleServer({ now: NOW, devices: 20, clock: () => clock++ });
  t.after(() => server.app.close());
  const as = async (role: PortalRole): Promise<Send> => {
    await server.accounts.createUser({ name: role, grants: [everywhere(role)], password: PASSWORD, temporary: false });
    return signedIn(server, role, PASSWORD);
  };
  return { server, send: await signedIn(server, 'admin', PASSWORD), as };
}

const found = async (send: Send, search: string) =>
  (await send('GET', `/api/devices?search=${encodeURIComponent(search)}`)).body.devices[0];

test('a change stays, is beside what traffic says, in the audit log and in the timeline, and can be taken back', async (t) => {
  const { server, send } = await opened(t);
  const { number, version } = await found(send, 'PLC-PUMP-1');
  const changes = {
    name: 'Intake pump 1',
    type: 'RTU',
    importance: 'High',
    tags: ['pump', 'pump', 'intake'],
    owner: 'Ann',
    purdueLevel: 0,
  };
  const { status, body } = await send('PATCH', `/api/devices/${number}`, { version, changes });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(
    [body.name, body.type, body.class, body.importance, body.tags, body.owner, body.purdueLayer, body.confidence, body.version],
    ['Intake pump 1', 'RTU', 'ICS', 'High', ['pump', 'intake'], 'Ann', 'Process Control', 100, 1],
  );
  const field = (name: string) => body.fields.find((one: { field: string }) => one.field === name);
  assert.deepEqual(field('type'), { field: 'type', value: 'RTU', told: 'PLC', by: 'admin', at: field('type').at });
  assert.deepEqual(field('owner'), { field: 'owner', value: 'Ann', told: null, by: 'admin', at: field('type').at });
  const entry = server.audit.find(({ action }) => action === 'device.edit');
  assert.equal(entry?.details?.['type'], 'PLC > RTU');
  const events = (await send('GET', '/api/events?type=DEVICE_UPDATE')).body.events;
  assert.match(events[0].content, /PLC-PUMP-1.*changed by hand.*type from PLC to RTU/);
  assert.deepEqual([events[0].owner, events[0].devices[0].name], ['admin', 'Intake pump 1']);

  const back = await send('PATCH', `/api/devices/${number}`, {
    version: 1,
    changes: { type: null, purdueLevel: null, name: null, tags: null },
  });
  assert.deepEqual(
    [back.body.type, back.body.purdueLevel, back.body.name, back.body.tags, back.body.owner],
    ['PLC', 1, 'PLC-PUMP-1', [], 'Ann'],
  );
});

test('of two people who change the same version, the second is told who was first, and nothing is overwritten', async (t) => {
  const { send, as } = await opened(t);
  const analyst = await as('Security Admin');
  const { number } = await found(send, 'PLC-PUMP-1');
  assert.equal((await analyst('PATCH', `/api/devices/${number}`, { version: 0, changes: { owner: 'Bob' } })).status, 200);
  const refused = await send('PATCH', `/api/devices/${number}`, { version: 0, changes: { owner: 'Ann' } });
  assert.equal(refused.status, 409);
  assert.equal(refused.body.code, 'changed_meanwhile');
  assert.match(refused.body.message, /Security Admin changed its owner .* version 1/);
  assert.equal((await send('GET', `/api/devices/${number}`)).body.owner, 'Bob');
});

test('several devices are changed at once, each by its version, and those that were not are named', async (t) => {
  const { send } = await opened(t);
  const { devices } = (await send('GET', '/api/devices?type=PLC&sort=name')).body;
  await send('PATCH', `/api/devices/${devices[0].number}`, { version: 0, changes: { owner: 'Bob' } });
  const all = [...devices, { number: 99_999, version: 0 }].map(({ number, version }: { number: number; version: number }) => ({
    number,
    version,
  }));
  const { body } = await send('POST', '/api/devices/edit', { devices: all, changes: { owner: 'Ann', location: 'Hall 3' } });
  assert.deepEqual(
    body.changed.map(({ name, owner, location }: Record<string, string>) => [name, owner, location]),
    [['PLC-PUMP-1', 'Ann', 'Hall 3']],
  );
  assert.deepEqual(
    body.refused.map(({ code }: { code: string }) => code),
    ['not_found', 'changed_meanwhile'],
  );
  const tagged = await send('POST', '/api/devices/tags?type=PLC', { add: ['hall 3'] });
  assert.deepEqual(tagged.body, { devices: 2 });
  assert.equal((await send('GET', '/api/devices?filter=tags:equals:Hall%203')).body.matching, 2);
  assert.deepEqual((await send('POST', '/api/devices/tags?type=PLC', { remove: ['HALL 3'] })).body, { devices: 2 });
  assert.equal((await send('GET', '/api/devices?filter=tags:equals:Hall%203')).body.matching, 0);
});

test('what cannot be is refused by name', async (t) => {
  const { send } = await opened(t);
  const { number } = await found(send, 'PLC-PUMP-1');
  for (const changes of [{ type: 'Toaster' }, { purdueLevel: 9 }, { importance: 'Huge' }, { colour: 'red' }, { name: 'x'.repeat(300) }]) {
    const { status, body } = await send('PATCH', `/api/devices/${number}`, { version: 0, changes });
    assert.equal(status, 400, JSON.stringify(changes));
    assert.match(body.message, /changes/);
  }
  assert.equal((await send('PATCH', `/api/devices/${number}`, { changes: { owner: 'x' } })).status, 400, 'a version is needed');
});

interface Marks {
  readonly number: number;
  readonly isNew: boolean;
  readonly authorised: boolean;
}

test('a device that somebody has looked at is no longer new, and no more than that is changed', async (t) => {
  const { server, send, as } = await opened(t);
  const device = await found(send, '10.20.1.187');
  const known = await found(send, 'PLC-PUMP-1');
  const { body } = await send('POST', '/api/devices/acknowledge', { numbers: [device.number, known.number, 88_888] });
  assert.deepEqual(
    [
      body.changed.map(({ number, isNew, authorised }: Marks) => [number, isNew, authorised]),
      body.refused.map(({ number, code }: { number: number; code: string }) => [number, code]),
    ],
    [
      [
        [known.number, false, true],
        [device.number, false, false],
      ],
      [[88_888, 'not_found']],
    ],
  );
  assert.deepEqual(
    server.audit.filter(({ action }) => action === 'device.edit').map(({ on, details }) => [on, details?.['new']]),
    [[[String(device.number)], 'yes > no']],
    'one was not new before',
  );
  assert.deepEqual(server.learned, []);
  const reader = await as('Security Reader');
  assert.equal((await reader('POST', '/api/devices/acknowledge', { numbers: [device.number] })).status, 403);
});

test('authorising a device tells the sensor, and taking that back, too', async (t) => {
  const { server, send } = await opened(t);
  const device = await found(send, '10.20.1.187');
  assert.deepEqual([device.authorised, device.isNew], [false, true]);
  const { body } = await send('PATCH', `/api/devices/${device.number}`, { version: 0, changes: { authorised: true, scanner: true } });
  assert.deepEqual([body.authorised, body.scanner, body.isNew], [true, true, false]);
  const entry = (aspect: string): Learnable => ({ aspect, source: '10.20.1.187', destination: '', value: '' });
  assert.deepEqual(server.learned, [entry('device'), entry('device.scanner')]);
  await send('PATCH', `/api/devices/${device.number}`, { version: 1, changes: { scanner: false } });
  assert.deepEqual(server.unlearned, [entry('device.scanner')]);
  await server.devices.flagged([entry('device.programming')], true, 'sensor-north');
  assert.equal((await send('GET', `/api/devices/${device.number}`)).body.programming, true, 'learning an alert sets the flag, too');
});

const device = (id: string, more: Partial<DeviceRecord> = {}): DeviceRecord => ({
  ...NOTHING_KNOWN,
  id,
  ips: [id],
  firstSeen: fromMilliseconds(NOW) - DAY,
  lastSeen: fromMilliseconds(NOW) - HOUR,
  ...more,
});
const connection = (source: string, destination: string, more: Partial<ConnectionRecord> = {}): ConnectionRecord => ({
  source,
  destination,
  protocol: 'modbus',
  protocolName: 'Modbus/TCP',
  ot: true,
  transport: 'tcp',
  port: 502,
  kind: 'Two Way',
  packets: 10,
  bytes: 1000,
  operations: ['Read Holding Registers'],
  firstSeen: fromMilliseconds(NOW) - DAY,
  lastSeen: fromMilliseconds(NOW) - HOUR,
  period: 1,
  ...more,
});

/** Three more devices: a panel with two addresses that were told as two devices, and a controller. */
async function withPanel(t: TestContext) {
  const parts = await opened(t);
  const [place] = PLACES;
  assert.ok(place);
  const tell = (more: { devices?: DeviceRecord[]; connections?: ConnectionRecord[]; united?: { into: string; from: string }[] }) =>
    parts.server.devices.observe(
      { run: 'r', devices: [], touched: [], united: [], connections: [], ...more },
      place,
      fromMilliseconds(NOW),
    );
  await tell({
    devices: [
      device('10.5.0.1', { type: 'HMI', macs: ['00:80:f4:00:00:01'] }),
      device('10.5.0.2', { type: 'HMI' }),
      device('10.6.0.9', { type: 'PLC' }),
    ],
    connections: [
      connection('10.5.0.1', '10.6.0.9'),
      connection('10.5.0.2', '10.6.0.9', { port: 80, protocol: 'http', protocolName: 'HTTP', ot: false }),
    ],
  });
  const of = async (id: string) => (await parts.send('GET', `/api/devices?filter=id:equals:${id}`)).body.devices[0];
  return { ...parts, tell, of, one: await of('10.5.0.1'), two: await of('10.5.0.2'), plc: await of('10.6.0.9') };
}

test('merged devices are one with the addresses, connections and events of both, and splitting undoes it', async (t) => {
  const { send, one, two, of } = await withPanel(t);
  const { status, body } = await send('POST', `/api/devices/${one.number}/merge`, {
    version: 0,
    others: [{ number: two.number, version: 0 }],
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(
    [body.ips, body.parts.map(({ id, by }: Record<string, string>) => [id, by])],
    [['10.5.0.1', '10.5.0.2'], [['10.5.0.2', 'admin']]],
  );
  assert.equal(await of('10.5.0.2'), undefined);
  const ports = async (number: number): Promise<number[]> =>
    (await send('GET', `/api/connections?device=${number}&sort=port`)).body.connections.map(({ port }: { port: number }) => port);
  assert.deepEqual(await ports(one.number), [80, 502]);
  const part = await send('PATCH', `/api/devices/${two.number}`, { version: 0, changes: { owner: 'x' } });
  assert.deepEqual([part.status, part.body.code], [409, 'is_part']);

  const split = await send('POST', `/api/devices/${one.number}/split`, { version: 0, parts: [two.number] });
  assert.equal(split.status, 200, JSON.stringify(split.body));
  assert.deepEqual(
    split.body.devices.map(({ id, ips }: { id: string; ips: string[] }) => [id, ips]),
    [
      ['10.5.0.1', ['10.5.0.1']],
      ['10.5.0.2', ['10.5.0.2']],
    ],
  );
  assert.deepEqual([await ports(one.number), await ports(two.number)], [[502], [80]]);
  const events = (await send('GET', '/api/events?type=DEVICE_UNIFICATION')).body.events;
  assert.deepEqual(
    events.map(({ content }: { content: string }) => content),
    ['10.5.0.2 is a device apart from 10.5.0.1, says admin.', '10.5.0.2 and 10.5.0.1 are one device, says admin.'],
  );
});

test('what a sensor joined is shown as a part, and taken apart by a person', async (t) => {
  const { send, tell, one, two, of } = await withPanel(t);
  await tell({ devices: [device('10.5.0.1', { ips: ['10.5.0.1', '10.5.0.2'] })], united: [{ into: '10.5.0.1', from: '10.5.0.2' }] });
  const details = (await send('GET', `/api/devices/${one.number}`)).body;
  assert.deepEqual(
    details.parts.map(({ number, by }: { number: number; by: string | null }) => [number, by]),
    [[two.number, null]],
  );
  assert.equal((await send('POST', `/api/devices/${one.number}/split`, { version: 0, parts: [two.number] })).status, 200);
  assert.deepEqual((await of('10.5.0.2')).ips, ['10.5.0.2']);
  const addresses = await send('POST', `/api/devices/${one.number}/split`, { version: 0, addresses: ['00:80:f4:00:00:01'] });
  assert.equal(addresses.body.code, 'no_address', 'the sensor told it without that address just now');
  assert.equal(
    (await send('POST', `/api/devices/${one.number}/split`, { version: 0, addresses: ['10.5.0.1'] })).body.code,
    'naming_address',
  );
});

test('devices that cannot be one are refused', async (t) => {
  const { send, one, plc } = await withPanel(t);
  const desk = await found(send, 'calc');
  const merge = (other: { number: number }) =>
    send('POST', `/api/devices/${desk.number}/merge`, { version: 0, others: [{ number: other.number, version: 0 }] });
  assert.deepEqual([(await merge(plc)).body.code, (await merge({ number: 77_777 })).status], ['other_class', 404]);
  const stale = await send('POST', `/api/devices/${one.number}/merge`, { version: 3, others: [{ number: plc.number, version: 0 }] });
  assert.deepEqual([stale.status, stale.body.code], [409, 'changed_meanwhile']);
});

test('a silent device is deleted with a reason; one that is active is not', async (t) => {
  const { send, one } = await withPanel(t);
  const active = await found(send, 'ENG-WS-04');
  const { body } = await send('POST', '/api/devices/delete', { numbers: [one.number, active.number, 88_888], reason: 'scrapped' });
  assert.deepEqual(
    [body.changed.map(({ id }: { id: string }) => id), body.refused.map(({ code }: { code: string }) => code)],
    [['10.5.0.1'], ['not_found', 'still_active']],
  );
  assert.equal((await send('GET', `/api/devices/${one.number}`)).status, 404);
  const [event] = (await send('GET', '/api/events?type=DELETE_DEVICE&userOperations=show')).body.events;
  assert.match(event.content, /10\.5\.0\.1 left the inventory: scrapped/);
  const before = (await send('GET', '/api/devices')).body.total;
  const old = await send('POST', '/api/devices/delete-inactive?filter=sensor:equals:sensor-north', { days: 1, reason: 'gone' });
  assert.equal(old.body.changed.length, 0);
  assert.equal((await send('GET', '/api/devices')).body.total, before);
});

test('devices that nobody worked on leave after 90 silent days, with a notice before', async (t) => {
  const { server, send, one } = await withPanel(t);
  const [place] = PLACES;
  assert.ok(place);
  await send('PATCH', `/api/devices/${one.number}`, { version: 0, changes: { owner: 'Ann' } });
  const total = async (): Promise<number> => (await send('GET', '/api/devices')).body.total;
  await server.devices.tidy(fromMilliseconds(NOW) + 61n * DAY, place);
  assert.equal(await total(), 23);
  const [notice] = (await send('GET', '/api/events?type=DELETE_DEVICE_SCHEDULE')).body.events;
  assert.match(notice.content, /23 devices have sent nothing for 60 days/);
  await server.devices.tidy(fromMilliseconds(NOW) + 91n * DAY, place);
  assert.equal(await total(), 1);
  assert.equal((await send('GET', `/api/devices/${one.number}`)).body.owner, 'Ann');
});

test('how long silent devices are kept is a setting, and holds from the next look on', async (t) => {
  const { server, send } = await withPanel(t);
  const [place] = PLACES;
  assert.ok(place);
  const total = async (): Promise<number> => (await send('GET', '/api/devices')).body.total;
  const all = await total();
  const after = (days: bigint) => server.devices.tidy(fromMilliseconds(NOW) + days * DAY, place);
  assert.equal((await send('PATCH', '/api/settings', { deleteSilentDevicesAfterDays: 3 })).body.code, 'bad_setting');
  assert.equal((await send('PATCH', '/api/settings', { deleteSilentDevicesAfterDays: 365 })).status, 200);
  await after(91n);
  assert.equal(await total(), all);
  await after(244n);
  const [notice] = (await send('GET', '/api/events?type=DELETE_DEVICE_SCHEDULE')).body.events;
  assert.match(notice.content, /have sent nothing for 243 days\. After 365 days they are deleted/);
  await send('PATCH', '/api/settings', { deleteSilentDevicesAfterDays: 30 });
  await after(31n);
  assert.equal(await total(), 0);
  const [gone] = (await send('GET', '/api/events?type=DELETE_DEVICE&userOperations=show')).body.events;
  assert.match(gone.content, /left the inventory: silent for 30 days\./);
});

const CSV = { 'content-type': 'text/csv' };

test('a table of devices changes those it means and reports every line', async (t) => {
  const { send } = await opened(t);
  const table = [
    'IP Address,Name,Type,Purdue level,Tags,Importance,Authorization',
    '10.20.2.11,Pump 1,,1,pump; intake,High,',
    '10.20.2.13,,Toaster,,,,',
    '10.20.2.13,Filter 3,PLC,7,,,',
    '10.20.3.7,RTU-RESERVOIR,,,,,yes',
    '10.99.0.1,Nobody,,,,,',
    '10.20.2.11,Again,,,,,',
  ].join('\n');
  const dry = await send('POST', '/api/devices/import?dryRun=true', table, CSV);
  assert.equal(dry.status, 200, JSON.stringify(dry.body));
  const outcomes = (body: Answer['body']) =>
    body.lines.map(({ line, outcome, message }: Record<string, unknown>) => `${line} ${outcome}: ${message}`);
  assert.deepEqual(outcomes(dry.body), [
    '2 changed: name from PLC-PUMP-1 to Pump 1, importance from Normal to High, tags to pump; intake',
    '3 refused: "Toaster" is no type of device.',
    '4 refused: "7" is no Purdue level: use 0 to 5.',
    '5 unchanged: It is like that already.',
    '6 refused: There is no such device. Import with create=true to enter it.',
    '7 refused: An earlier line means device 4, too.',
  ]);
  assert.equal((await found(send, '10.20.2.11')).name, 'PLC-PUMP-1', 'a dry run changes nothing');
  const { body } = await send('POST', '/api/devices/import?create=true', table, CSV);
  assert.deepEqual(body.counts, { changed: 1, unchanged: 1, entered: 1, refused: 3 });
  const pump = await found(send, 'Pump 1');
  assert.deepEqual([pump.ips, pump.tags, pump.importance], [['10.20.2.11'], ['pump', 'intake'], 'High']);
  const nobody = await found(send, 'Nobody');
  assert.deepEqual([nobody.dataSource, nobody.ips, nobody.isNew, nobody.site], ['Manual', ['10.99.0.1'], false, 'North Pumping Station']);
});

test('an export comes back as an import, and tells what somebody changed in between', async (t) => {
  const { send } = await opened(t);
  const table: string = (await send('GET', '/api/devices.csv?search=PLC-')).body;
  const { number } = await found(send, 'PLC-FILTER-3');
  await send('PATCH', `/api/devices/${number}`, { version: 0, changes: { owner: 'Bob' } });
  const { body } = await send('POST', '/api/devices/import', table.replaceAll(',Normal,', ',High,'), CSV);
  assert.deepEqual(body.counts, { changed: 1, unchanged: 0, entered: 0, refused: 1 });
  assert.match(
    body.lines.find(({ outcome }: { outcome: string }) => outcome === 'refused').message,
    /changed device \d+ since the table was exported/,
  );
  assert.equal((await found(send, 'PLC-PUMP-1')).importance, 'High');
  for (const [bad, code] of [
    ['', 'no_table'],
    ['Colour,Name\nred,x', 'unknown_column'],
    ['Name\nx', 'no_key'],
    ['Name,"IP Address\nx', 'no_table'],
  ] as const) {
    const answer = await send('POST', '/api/devices/import', bad || '\n', CSV);
    assert.deepEqual([answer.status, answer.body.code], [400, code], bad);
  }
});

test('groups: lists and saved filters by people, protocols, networks, layers and more by themselves', async (t) => {
  const { send, one, plc } = await withPanel(t);
  const made = await send('POST', '/api/device-groups', { name: 'Panels', devices: [one.number, 77_777] });
  assert.deepEqual([made.status, made.body.devices], [201, 1]);
  const saved = await send('POST', '/api/device-groups', { name: 'Controllers', filter: 'type=PLC&filter=authorised:equals:yes' });
  assert.deepEqual([saved.status, saved.body.devices], [201, 3]);
  assert.equal((await send('POST', '/api/device-groups', { name: 'panels' })).status, 409);
  assert.equal((await send('POST', '/api/device-groups', { name: 'Bad', filter: 'colour=red' })).status, 400);
  assert.equal((await send('POST', '/api/device-groups', { name: 'x'.repeat(31) })).status, 400);
  const changed = await send('PATCH', `/api/device-groups/${made.body.id}`, { name: 'Panel and PLC', add: [plc.number] });
  assert.deepEqual([changed.body.name, changed.body.devices], ['Panel and PLC', 2]);
  assert.equal((await send('GET', '/api/devices?filter=group:equals:Panel%20and%20PLC')).body.matching, 2);
  const builtIn = (await send('GET', '/api/device-groups/built-in')).body;
  const group = (kind: string, name: string) => builtIn.find((one: Record<string, string>) => one['kind'] === kind && one['name'] === name);
  assert.equal(group('Subnets', '10.5.0.0/24').count, 2);
  assert.equal(group('Authorization', 'Unauthorized').count, 2);
  assert.equal(group('Purdue level', 'Supervisory').count, 3);
  assert.equal((await send('GET', `/api/devices?${group('Purdue level', 'Supervisory').query}`)).body.matching, 3);
  assert.deepEqual([group('Cross subnet connections', 'Between networks').count, group('Polling intervals', 'About 1 s').count], [2, 2]);
  assert.equal((await send('DELETE', `/api/device-groups/${made.body.id}`)).status, 204);
  assert.equal((await send('GET', '/api/device-groups')).body.length, 1);
});

test('networks that people name gather their devices, and say what is the plant', async (t) => {
  const { send } = await withPanel(t);
  assert.equal((await send('PUT', '/api/subnets', { cidr: '10.5.0.0/15', name: 'x' })).body.code, 'no_network');
  assert.equal((await send('PUT', '/api/subnets', { cidr: '10.4.0.0/14', name: 'Hall 3', kind: 'ot' })).status, 204);
  const [hall] = (await send('GET', '/api/subnets')).body.filter(({ named }: { named: boolean }) => named);
  assert.deepEqual(hall, { cidr: '10.4.0.0/14', name: 'Hall 3', kind: 'ot', ot: true, named: true, devices: 3, otDevices: 0 });
  assert.equal((await send('GET', '/api/devices?filter=subnet:equals:10.4.0.0/14')).body.matching, 3);
  assert.equal((await send('DELETE', '/api/subnets?cidr=10.4.0.0/14')).status, 204);
  assert.equal((await send('DELETE', '/api/subnets?cidr=10.4.0.0/14')).status, 404);
  assert.equal((await send('PUT', '/api/vlans/12', { name: 'Cell 1' })).status, 204);
  assert.deepEqual((await send('GET', '/api/vlans')).body, [{ id: 12, name: 'Cell 1', devices: 0 }]);
});

test('the map is a graph that says nothing when nothing changed, and only what changed otherwise', async (t) => {
  const { send, one, two, plc, tell } = await withPanel(t);
  const url = '/api/map?filter=subnet:equals:10.5.0.0/24,10.6.0.0/24';
  const whole = await send('GET', url);
  const { nodes, links, version, protocols } = whole.body;
  const at = (columns: string[], name: string): number => columns.indexOf(name);
  assert.deepEqual(
    nodes.rows.map((row: unknown[]) => [row[at(nodes.columns, 'number')], row[at(nodes.columns, 'type')], row[at(nodes.columns, 'layer')]]),
    [
      [one.number, 'HMI', null],
      [two.number, 'HMI', null],
      [plc.number, 'PLC', null],
    ],
  );
  assert.deepEqual(
    links.rows.map((row: unknown[]) => [row[0], row[1], (row[2] as number[]).map((place) => protocols[place]), row[5]]),
    [
      [one.number, plc.number, ['Modbus/TCP'], true],
      [two.number, plc.number, ['HTTP'], true],
    ],
  );
  assert.equal(whole.headers['etag'], `"${version}"`);
  assert.equal((await send('GET', url, undefined, { 'if-none-match': `"${version}"` })).status, 304);

  await tell({ connections: [connection('10.5.0.1', '10.6.0.9', { packets: 99 })] });
  assert.equal((await send('GET', url, undefined, { 'if-none-match': `"${version}"` })).status, 304, 'more of the same is no change');
  await send('PATCH', `/api/devices/${one.number}`, { version: 0, changes: { importance: 'High' } });
  await tell({ connections: [connection('10.5.0.1', '10.5.0.2')] });
  const delta = (await send('GET', `${url}&since=${version}`)).body;
  assert.equal(delta.base, version);
  assert.deepEqual(
    [delta.nodes.rows.map(([number]: number[]) => number), delta.links.rows.map(([a, b]: number[]) => [a, b])],
    [[one.number], [[one.number, two.number]]],
  );
  const narrowed = (await send('GET', `/api/map?filter=subnet:equals:10.5.0.0/24&since=${delta.version}`)).body;
  assert.equal(narrowed.base, null, 'other protocols: the whole map');
  const around = (await send('GET', `/api/map?filter=id:equals:10.6.0.9&neighbours=yes`)).body;
  assert.equal(around.nodes.rows.length, 3);
  const linked = (await send('GET', `${url}&link=${encodeURIComponent('protocol=HTTP')}`)).body;
  assert.deepEqual(
    linked.links.rows.map(([a, b]: number[]) => [a, b]),
    [[two.number, plc.number]],
  );
});

test('connections come as a table and as CSV, and questions that cannot be read are refused', async (t) => {
  const { send, plc } = await withPanel(t);
  const { connections, matching } = (await send('GET', `/api/connections?device=${plc.number}&ot=yes`)).body;
  assert.deepEqual(
    [matching, connections[0].operations, connections[0].period, connections[0].kind],
    [1, ['Read Holding Registers'], 1, 'Two Way'],
  );
  assert.equal((await send('GET', '/api/connections?usualPort=no')).body.matching, 0);
  const lines = String((await send('GET', '/api/connections.csv')).body)
    .trimEnd()
    .split('\r\n');
  assert.equal(lines.length, 3);
  for (const query of ['port=x', 'kind=Both', 'activeAfter=now', 'sort=colour'])
    assert.equal((await send('GET', `/api/connections?${query}`)).status, 400);
});

const MAY: readonly (readonly [role: PortalRole, edit: number, merge: number, remove: number, subnet: number])[] = [
  ['Security Reader', 403, 403, 403, 403],
  ['Security Admin', 200, 409, 200, 204],
  ['Owner', 200, 409, 200, 204],
];
for (const [role, edit, merge, remove, subnet] of MAY) {
  test(`a ${role} may look at devices, and change them only as the role says`, async (t) => {
    const { as } = await opened(t);
    const send = await as(role);
    const { number } = await found(send, 'PLC-PUMP-1');
    assert.equal((await send('GET', '/api/map')).status, 200);
    assert.equal((await send('GET', '/api/devices.csv')).status, 200);
    assert.equal((await send('PATCH', `/api/devices/${number}`, { version: 0, changes: { owner: 'x' } })).status, edit);
    assert.equal((await send('POST', `/api/devices/${number}/merge`, { version: 0, others: [{ number, version: 0 }] })).status, merge);
    assert.equal((await send('POST', '/api/devices/delete', { numbers: [number], reason: 'x' })).status, remove);
    assert.equal((await send('PUT', '/api/subnets', { cidr: '10.20.0.0/16', name: 'Plant' })).status, subnet);
  });
}
