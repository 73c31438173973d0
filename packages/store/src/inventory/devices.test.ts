/** The inventory on a real database: what people said stays, questions of the grid, merging, connections. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ConnectionRecord, DeviceRecord } from '@annunciator/core/device';
import { DAY, HOUR, SECOND } from '@annunciator/core/time';
import { NOTHING_KNOWN } from '../device-body.ts';
import { openStore, type Store } from '../store.ts';
import { StoreError } from '../store-error.ts';
import type { ConnectionQuery } from './connections.ts';
import type { DeviceColumn } from './device-columns.ts';
import type { DeviceFilter, DeviceQuery } from './device-query.ts';

const START = 1_760_000_000n * SECOND;
const PLACE = { sensor: 'north', site: 'North Pumping Station', zone: 'Process control' };

async function opened(context: TestContext): Promise<Store> {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-inventory-'));
  const store = await openStore(directory);
  context.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return store;
}

function record(ip: string, more: Partial<DeviceRecord> = {}): DeviceRecord {
  return { ...NOTHING_KNOWN, id: ip, ips: [ip], firstSeen: START, lastSeen: START + HOUR, ...more };
}

const PLANT: readonly DeviceRecord[] = [
  record('10.1.1.10', {
    name: 'HMI-1',
    type: 'HMI',
    purdueLevel: 2,
    vendor: 'Siemens AG',
    protocols: ['S7comm'],
    macs: ['00:1b:1b:00:00:10'],
  }),
  record('10.1.1.9', {
    name: 'PLC-1',
    type: 'PLC',
    purdueLevel: 1,
    vendor: 'Siemens AG',
    model: 'CPU 315-2',
    protocols: ['S7comm', 'HTTP'],
    otProtocols: ['S7comm'],
    vlans: [7, 12],
    plcRun: 'Run',
    plcKey: 'Remote',
  }),
  record('10.1.2.30', {
    type: 'PLC',
    vendor: 'WAGO',
    firstSeen: START + DAY,
    lastSeen: START + DAY,
    authorised: false,
    appearedLate: true,
  }),
  record('fd00:1::5', { vendor: '', name: 'printer', type: 'Printer', purdueLevel: 4 }),
];

async function plant(context: TestContext): Promise<Store> {
  const store = await opened(context);
  await store.inventory.devices.put(PLACE, PLANT);
  return store;
}

const by = (column: DeviceColumn, descending = false): DeviceQuery['sort'] => ({ column, descending });
const filter = (column: DeviceColumn, operator: DeviceFilter['operator'], ...values: string[]): DeviceFilter => ({
  column,
  operator,
  values,
});
const found = async (store: Store, query: Partial<DeviceQuery>): Promise<string[]> =>
  (await store.inventory.devices.page({ filters: [], sort: by('ip'), ...query }, 100, null)).devices.map(({ id }) => id);

const QUESTIONS: readonly (readonly [string, Partial<DeviceQuery>, readonly string[]])[] = [
  ['everything by address, as numbers', {}, ['10.1.1.9', '10.1.1.10', '10.1.2.30', 'fd00:1::5']],
  ['one type', { filters: [filter('type', 'equals', 'plc')] }, ['10.1.1.9', '10.1.2.30']],
  ['several types', { filters: [filter('type', 'equals', 'PLC', 'HMI')] }, ['10.1.1.9', '10.1.1.10', '10.1.2.30']],
  ['all but a type', { filters: [filter('type', 'notEquals', 'PLC')] }, ['10.1.1.10', 'fd00:1::5']],
  ['two filters at once', { filters: [filter('type', 'equals', 'PLC'), filter('vendor', 'startsWith', 'siem')] }, ['10.1.1.9']],
  ['a vendor that is not known', { filters: [filter('vendor', 'equals', '')] }, ['fd00:1::5']],
  ['a protocol', { filters: [filter('protocol', 'equals', 's7comm')] }, ['10.1.1.9', '10.1.1.10']],
  ['no protocol', { filters: [filter('protocol', 'equals', '')] }, ['10.1.2.30', 'fd00:1::5']],
  ['a VLAN', { filters: [filter('vlan', 'equals', '12')] }, ['10.1.1.9']],
  ['a network', { filters: [filter('ip', 'equals', '10.1.1.0/28')] }, ['10.1.1.9', '10.1.1.10']],
  ['a network that was assumed', { filters: [filter('subnet', 'equals', '10.1.2.0/24')] }, ['10.1.2.30']],
  ['part of an address', { filters: [filter('ip', 'contains', '.1.1.')] }, ['10.1.1.9', '10.1.1.10']],
  ['part of a MAC address', { filters: [filter('mac', 'startsWith', '00:1B:1B')] }, ['10.1.1.10']],
  ['who is not authorised', { filters: [filter('authorised', 'equals', 'no')] }, ['10.1.2.30']],
  ['what is new', { filters: [filter('isNew', 'equals', 'yes')] }, ['10.1.2.30']],
  ['levels above', { filters: [filter('purdueLevel', 'greater', '1')] }, ['10.1.1.10', 'fd00:1::5']],
  ['a level that is not known', { filters: [filter('purdueLevel', 'equals', '')] }, ['10.1.2.30']],
  ['a mode of a controller', { filters: [filter('plcSecured', 'equals', 'unsecured')] }, ['10.1.1.9']],
  ['who was active lately', { filters: [filter('lastSeen', 'greater', '2025-10-10T00:00:00Z')] }, ['10.1.2.30']],
  ['a text in any column', { search: '315-2' }, ['10.1.1.9']],
  ['a short text', { search: 'hm' }, ['10.1.1.10']],
  ['a text with quotes and wildcards', { search: '"%_' }, []],
  ['the last first, what is not known at the end', { sort: by('purdueLevel', true) }, ['fd00:1::5', '10.1.1.10', '10.1.1.9', '10.1.2.30']],
  ['names, addresses where there is none', { sort: by('name') }, ['10.1.2.30', '10.1.1.10', '10.1.1.9', 'fd00:1::5']],
];

test('the inventory answers the questions of the grid', async (context) => {
  const store = await plant(context);
  for (const [what, query, ids] of QUESTIONS) await context.test(what, async () => assert.deepEqual(await found(store, query), ids));
});

test('what cannot be asked is refused with what can', async (context) => {
  const store = await plant(context);
  for (const [column, operator, value, sentence] of [
    ['authorised', 'equals', 'maybe', /yes or no/],
    ['lastSeen', 'greater', 'yesterday', /no time/],
    ['purdueLevel', 'equals', 'high', /is a number/],
    ['ip', 'greater', 'x', /no IP address/],
  ] as const) {
    await assert.rejects(
      found(store, { filters: [filter(column, operator, value)] }),
      (error) => error instanceof StoreError && sentence.test(error.message),
    );
  }
  await assert.rejects(store.inventory.devices.page({ filters: [], sort: by('name') }, 1, 'damaged'), /damaged/);
});

test('pages follow each other without gap or repeat, in any order', async (context) => {
  const store = await opened(context);
  const records = Array.from({ length: 57 }, (_, i) =>
    record(`10.2.0.${i}`, { vendor: `v${i % 4}`, purdueLevel: i % 3 === 0 ? null : i % 3 }),
  );
  await store.inventory.devices.put(PLACE, records);
  for (const column of ['vendor', 'purdueLevel', 'ip', 'lastSeen'] as const) {
    for (const descending of [false, true]) {
      const query = { filters: [], sort: by(column, descending) };
      const whole = await store.inventory.devices.page(query, 100, null);
      assert.deepEqual([whole.matching, whole.total, whole.next], [57, 57, null]);
      const ids: string[] = [];
      let mark: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof store.inventory.devices.page>> = await store.inventory.devices.page(query, 10, mark);
        assert.equal(page.matching, 57);
        ids.push(...page.devices.map(({ id }) => id));
        mark = page.next;
      } while (mark !== null);
      assert.deepEqual(
        ids,
        whole.devices.map(({ id }) => id),
        `${column} ${descending}`,
      );
    }
  }
});

test('values of a column come with the number of devices', async (context) => {
  const { devices } = (await plant(context)).inventory;
  assert.deepEqual(await devices.values({ filters: [] }, 'type'), [
    { value: 'PLC', count: 2 },
    { value: 'HMI', count: 1 },
    { value: 'Printer', count: 1 },
  ]);
  assert.deepEqual(await devices.values({ filters: [filter('type', 'equals', 'PLC')] }, 'protocol'), [
    { value: '', count: 1 },
    { value: 'HTTP', count: 1 },
    { value: 'S7comm', count: 1 },
  ]);
  assert.deepEqual(await devices.values({ filters: [] }, 'authorised'), [
    { value: 'yes', count: 3 },
    { value: 'no', count: 1 },
  ]);
});

test('what a person said stays, and what traffic says is kept beside it', async (context) => {
  const { devices } = (await plant(context)).inventory;
  const before = await devices.byId('north', '10.1.1.9');
  assert.ok(before);
  const notes = { name: { by: 'ann', at: 7 }, type: { by: 'ann', at: 7 } };
  await devices.edit([
    {
      number: before.number,
      version: 0,
      edits: { name: 'Intake pump', type: 'RTU', tags: ['pump', 'critical'] },
      notes,
      cells: { name: 'Intake pump', title: 'Intake pump', type: 'RTU', class: 'ICS', purdue: 1, tags: 'pump; critical' },
    },
  ]);
  await devices.put(PLACE, [record('10.1.1.9', { name: 'PLC-ONE', type: 'Meter', vendor: 'ABB', lastSeen: START + DAY })]);
  const after = await devices.get(before.number);
  assert.ok(after);
  assert.deepEqual(
    [after.name, after.type, after.class, after.purdueLevel, after.vendor, after.tags, after.version, after.lastSeen],
    ['Intake pump', 'RTU', 'ICS', 1, 'ABB', ['pump', 'critical'], 1, START + DAY],
  );
  assert.deepEqual([after.facts.name, after.facts.type, after.notes], ['PLC-ONE', 'Meter', notes]);
  assert.equal(after.edits.name, 'Intake pump');
  const page = await devices.page({ filters: [filter('tags', 'equals', 'PUMP')], search: 'intake', sort: by('name') }, 10, null);
  assert.deepEqual(
    page.devices.map(({ id }) => id),
    ['10.1.1.9'],
  );
});

test('a change to an older version is refused, and nothing of it is written', async (context) => {
  const { devices } = (await plant(context)).inventory;
  const numbers = await devices.numbers({ filters: [] });
  const edit = (number: number, version: number, owner: string) => ({ number, version, edits: { owner }, notes: {}, cells: { owner } });
  await devices.edit([edit(numbers[0], 0, 'ann')]);
  await assert.rejects(
    devices.edit([edit(numbers[1], 0, 'bob'), edit(numbers[0], 0, 'bob')]),
    (error) => error instanceof StoreError && error.code === 'conflict',
  );
  assert.deepEqual(
    (await devices.byNumbers(numbers.slice(0, 2))).map(({ owner, version }) => [owner, version]),
    [
      ['ann', 1],
      ['', 0],
    ],
  );
});

test('a part is not in the inventory by itself, and comes back', async (context) => {
  const store = await plant(context);
  const { devices } = store.inventory;
  const [one, two, three] = await devices.numbers({ filters: [] });
  await devices.merge([two], one, 'person');
  await devices.merge([one], three, 'person');
  assert.deepEqual(await devices.numbers({ filters: [] }), [three, (await devices.byId('north', 'fd00:1::5'))?.number]);
  assert.deepEqual(
    (await devices.parts(three)).map(({ number }) => number),
    [one, two],
    'parts of a part follow',
  );
  assert.equal((await devices.named('north', ['10.1.1.9'])).get('10.1.1.9')?.name, '10.1.2.30');
  await devices.put(PLACE, [PLANT[1]]);
  assert.equal((await devices.get(two))?.mergedInto, three, 'a sensor does not undo what a person said');
  await devices.merge([two], null, null);
  assert.equal((await devices.get(two))?.mergedInto, null);
  await devices.merge([two], three, 'sensor');
  await devices.put(PLACE, [PLANT[1]]);
  assert.equal((await devices.get(two))?.mergedInto, null, 'a sensor that tells the part again takes its word back');
  await devices.remove([three]);
  assert.equal((await devices.numbers({ filters: [] })).length, 2);
});

const connection = (source: string, destination: string, more: Partial<ConnectionRecord> = {}): ConnectionRecord => ({
  source,
  destination,
  protocol: 's7comm',
  protocolName: 'S7comm',
  ot: true,
  transport: 'tcp',
  port: 102,
  kind: 'Two Way',
  packets: 10,
  bytes: 1000,
  operations: ['Read'],
  firstSeen: START,
  lastSeen: START + HOUR,
  period: 0,
  ...more,
});
const ANY: ConnectionQuery = { sort: { column: 'packets', descending: true } };

test('connections add up over the runs of a sensor, and within one they stand at what was told last', async (context) => {
  const { connections } = (await plant(context)).inventory;
  await connections.put('north', 'run 1', [connection('10.1.1.10', '10.1.1.9')]);
  await connections.put('north', 'run 1', [connection('10.1.1.10', '10.1.1.9', { packets: 25, lastSeen: START + DAY, kind: 'One Way' })]);
  await connections.put('north', 'run 2', [
    connection('10.1.1.10', '10.1.1.9', { packets: 3, bytes: 30, operations: ['Write'], firstSeen: START + DAY }),
  ]);
  const { connections: rows, matching } = await connections.page(ANY, 10, null);
  const [row] = rows;
  assert.deepEqual(
    [matching, row.packets, row.bytes, row.kind, row.operations, row.firstSeen, row.lastSeen],
    [1, 28, 1030, 'Two Way', ['Read', 'Write'], START, START + DAY],
  );
  assert.deepEqual([row.source.name, row.destination.name, row.source.subnet], ['HMI-1', 'PLC-1', '10.1.1.0/24']);
});

test('connections are asked for by device, protocol, port, direction, time and network', async (context) => {
  const store = await plant(context);
  const { connections, devices } = store.inventory;
  await connections.put('north', 'r', [
    connection('10.1.1.10', '10.1.1.9'),
    connection('10.1.1.10', '10.1.2.30', {
      protocol: 'http',
      protocolName: 'HTTP',
      port: 80,
      ot: false,
      firstSeen: START + DAY,
      lastSeen: START + DAY,
    }),
    connection('10.1.1.9', '239.1.2.3', {
      protocol: 'udp',
      protocolName: 'UDP',
      port: 5000,
      kind: 'Multicast',
      ot: false,
      transport: 'udp',
    }),
  ]);
  const number = async (id: string): Promise<number> => (await devices.byId('north', id))?.number ?? -1;
  const ports = async (query: Omit<ConnectionQuery, 'sort'>): Promise<number[]> =>
    (await connections.page({ ...query, sort: { column: 'port', descending: false } }, 10, null)).connections.map(({ port }) => port);
  assert.deepEqual(await ports({ devices: [await number('10.1.1.9')] }), [102, 5000]);
  assert.deepEqual(await ports({ devices: [await number('10.1.1.9')], and: [await number('10.1.1.10')] }), [102]);
  assert.deepEqual(await ports({ protocols: ['http'] }), [80]);
  assert.deepEqual(await ports({ ports: [5000, 80] }), [80, 5000]);
  assert.deepEqual(await ports({ kinds: ['Multicast'] }), [5000]);
  assert.deepEqual(await ports({ ot: true }), [102]);
  assert.deepEqual(await ports({ crossSubnet: true }), [80]);
  assert.deepEqual(await ports({ activeAfter: START + 2n * HOUR }), [80]);
  assert.deepEqual(await ports({ discoveredBefore: START + HOUR }), [102, 5000]);
  assert.deepEqual(await ports({ search: 'plc-1' }), [102, 5000]);
  const all = await devices.numbers({ filters: [] });
  assert.deepEqual(
    (await connections.links({}, all)).map(({ protocols, kind, ot }) => [protocols, kind, ot]),
    [
      [['S7comm'], 'Two Way', true],
      [['HTTP'], 'Two Way', false],
    ],
  );
  await devices.merge([await number('10.1.1.9')], await number('10.1.1.10'), 'person');
  assert.deepEqual(await ports({ devices: [await number('10.1.1.10')] }), [80, 102, 5000], 'those of its parts are its own');
  assert.equal((await connections.links({}, all)).length, 1, 'what parts exchange among themselves is no link');
  await connections.tidy(START + DAY);
  assert.deepEqual(await ports({}), [80]);
});

test('connections of a device that became another one go on under its name', async (context) => {
  const { connections } = (await plant(context)).inventory;
  const told = [connection('10.1.1.10', '10.1.1.9'), connection('10.1.2.30', '10.1.1.9', { packets: 5, firstSeen: START - HOUR })];
  for (const goesOn of [false, true]) {
    await connections.put('north', `run ${goesOn}`, told);
    await connections.rename('north', '10.1.2.30', '10.1.1.10', goesOn);
    const { connections: rows } = await connections.page(ANY, 10, null);
    assert.equal(rows.length, 1);
    // The first time both runs' packets are there; the second time the sensor tells the sum itself.
    assert.equal(rows[0].packets, goesOn ? 25 : 15);
    assert.equal(rows[0].firstSeen, START - HOUR);
  }
});

test('groups list devices under a name that is theirs alone', async (context) => {
  const { devices, groups } = (await plant(context)).inventory;
  const [one, two] = await devices.numbers({ filters: [] });
  const pumps = await groups.create({ name: 'Pumps', filter: null, by: 'ann', at: 5 }, [one, two]);
  await groups.create({ name: 'PLCs', filter: 'type=PLC', by: 'ann', at: 5 }, []);
  await assert.rejects(groups.create({ name: 'pumps', filter: null, by: 'bob', at: 6 }, []), /already/);
  assert.equal(pumps.devices, 2);
  await groups.change(pumps, { name: 'Intake', remove: [two] });
  assert.deepEqual(
    (await groups.list()).map(({ name, filter: saved, devices: count }) => [name, saved, count]),
    [
      ['Intake', null, 1],
      ['PLCs', 'type=PLC', 0],
    ],
  );
  assert.deepEqual((await devices.get(one))?.groups, ['Intake']);
  const intake = await groups.get(pumps.id);
  assert.ok(intake);
  await groups.remove(intake);
  assert.deepEqual((await devices.get(one))?.groups, []);
});

test('a network that a person names takes the devices in it, and gives them back', async (context) => {
  const { devices, subnets, vlans } = (await plant(context)).inventory;
  const cidrs = async (): Promise<string[]> => (await subnets.seen()).map(({ cidr, devices: n, otDevices }) => `${cidr} ${n} ${otDevices}`);
  assert.deepEqual(await cidrs(), ['10.1.1.0/24 2 1', '10.1.2.0/24 1 0', 'fd00:1::/64 1 0']);
  await subnets.put({ cidr: '10.1.0.0/16', name: 'Plant', kind: 'ot', by: 'ann', at: 5 });
  await subnets.put({ cidr: '10.1.1.0/28', name: 'Cell', kind: 'auto', by: 'ann', at: 5 });
  await devices.resettle(subnets.of);
  assert.deepEqual(await cidrs(), ['10.1.0.0/16 1 0', '10.1.1.0/28 2 1', 'fd00:1::/64 1 0']);
  await subnets.remove('10.1.1.0/28');
  await devices.resettle(subnets.of);
  assert.deepEqual(await cidrs(), ['10.1.0.0/16 3 1', 'fd00:1::/64 1 0']);
  await vlans.name(12, 'Cell 1');
  assert.deepEqual(await vlans.list(), [
    { id: 7, name: '', devices: 1 },
    { id: 12, name: 'Cell 1', devices: 1 },
  ]);
});
