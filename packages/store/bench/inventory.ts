/**
 * How long the inventory takes to answer with many devices: `npx node packages/store/bench/inventory.ts [devices]`.
 * Milliseconds, median of five.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionRecord, DeviceRecord } from '@annunciator/core/device';
import { HOUR, SECOND } from '@annunciator/core/time';
import { NOTHING_KNOWN } from '../src/device-body.ts';
import type { DeviceQuery } from '../src/inventory/device-query.ts';
import { openStore } from '../src/store.ts';

const COUNT = Number(process.argv[2] ?? 100_000);
const START = 1_760_000_000n * SECOND;
const PLACE = { sensor: 'north', site: 'North', zone: 'Process' };
const TYPES = ['PLC', 'HMI', 'RTU', 'Workstation', 'Server', 'Printer', 'Switch', 'Unknown'] as const;
const VENDORS = ['Siemens AG', 'Schneider Electric', 'Rockwell Automation', 'ABB', 'WAGO', 'Moxa', 'Dell Inc.', 'Hewlett Packard', ''];

function device(i: number): DeviceRecord {
  const ip = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  return {
    ...NOTHING_KNOWN,
    id: ip,
    ips: [ip],
    macs: [`00:1b:1b:${[i >> 16, (i >> 8) & 255, i & 255].map((part) => part.toString(16).padStart(2, '0')).join(':')}`],
    name: i % 3 === 0 ? `unit-${(i * 7919) % COUNT}` : '',
    type: TYPES[(i * 31) % TYPES.length],
    vendor: VENDORS[(i * 17) % VENDORS.length],
    model: `model ${i % 400}`,
    firmware: `V${i % 9}.${i % 7}`,
    protocols: ['HTTP', 'S7comm', 'Modbus/TCP', 'DNP3'].slice(0, 1 + (i % 4)),
    vlans: [i % 60],
    purdueLevel: (i % 5) as 0 | 1 | 2 | 3 | 4,
    reasons: [{ rule: 'serves-s7comm', type: 'PLC', confidence: 85, says: 'answers S7comm' }],
    firstSeen: START + BigInt(i) * SECOND,
    lastSeen: START + HOUR + BigInt((i * 7) % COUNT) * SECOND,
  };
}

const directory = await mkdtemp(join(tmpdir(), 'annunciator-measure-'));
const store = await openStore(directory);
const { devices, connections } = store.inventory;

async function timed(what: string, work: () => Promise<unknown>, rounds = 5): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  console.log(`${what.padEnd(58)} ${times[Math.floor(rounds / 2)]?.toFixed(1).padStart(9)} ms`);
}

const records = Array.from({ length: COUNT }, (_, i) => device(i));
const inBatches = async (): Promise<void> => {
  for (let at = 0; at < COUNT; at += 2000) await devices.put(PLACE, records.slice(at, at + 2000));
};
await timed(`${COUNT} devices written for the first time`, inBatches, 1);
await timed('the same written again', inBatches, 1);
await timed('activity of 10,000 devices', () => devices.touch('north', records.slice(0, 10_000)));
const base: DeviceQuery = { filters: [], sort: { column: 'lastSeen', descending: true } };
const page = (query: Partial<DeviceQuery>) => () => devices.page({ ...base, ...query }, 200, null);
await timed('first page by last activity', page({}));
for (const column of ['name', 'type', 'vendor', 'ip', 'purdueLevel', 'firmware', 'protocol'] as const)
  await timed(`first page by ${column}`, page({ sort: { column, descending: false } }));
await timed(
  'one type, by name',
  page({ filters: [{ column: 'type', operator: 'equals', values: ['PLC'] }], sort: { column: 'name', descending: false } }),
);
await timed(
  'one protocol and a network',
  page({
    filters: [
      { column: 'protocol', operator: 'equals', values: ['DNP3'] },
      { column: 'ip', operator: 'equals', values: ['10.0.16.0/20'] },
    ],
  }),
);
await timed('contains in vendor', page({ filters: [{ column: 'vendor', operator: 'contains', values: ['lect'] }] }));
await timed('search, many match', page({ search: 'siemens' }));
await timed('search, few match', page({ search: 'unit-4711' }));
await timed('search of two letters', page({ search: 'zz' }));
for (const column of ['type', 'vendor', 'protocol', 'vlan', 'subnet'] as const)
  await timed(`values of ${column}`, () => devices.values(base, column));
await timed('names of 200 devices', () =>
  devices.named(
    'north',
    records.slice(0, 200).map(({ id }) => id),
  ),
);
const open = records.slice(0, 20_000).map(({ id }, i) => ({ sensor: 'north', device: id, count: 1 + (i % 9) }));
await timed('open alerts of 20,000 devices entered', () => devices.countAlerts(open), 1);
await timed('the same entered again', () => devices.countAlerts(open));
await timed('first page by open alerts', page({ sort: { column: 'openAlerts', descending: true } }));

const links: ConnectionRecord[] = Array.from({ length: 20_000 }, (_, i) => ({
  source: records[i % 5000].id,
  destination: records[(i * 37) % 5000].id,
  protocol: 'modbus',
  protocolName: 'Modbus/TCP',
  ot: true,
  transport: 'tcp',
  port: 502 + (i % 4),
  kind: 'Two Way',
  packets: i,
  bytes: i * 100,
  operations: ['Read Holding Registers'],
  firstSeen: START,
  lastSeen: START + HOUR,
  period: 1,
}));
await timed('20,000 connections written', () => connections.put('north', 'run', links), 1);
const numbers = (await devices.numbers({ filters: [] })).slice(0, 5000);
await timed('links among 5,000 devices', () => connections.links({}, numbers));
await timed('connections of one device', () =>
  connections.page({ devices: [numbers[7]], sort: { column: 'lastSeen', descending: true } }, 200, null),
);
await store.close();
await rm(directory, { recursive: true, force: true });
