/** The device inventory over HTTP. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PASSWORD, type SampleServer, sampleServer } from '../../tests/serve-samples.ts';
import type { DeviceView } from './device-view.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 0);

type Ask = (url: string) => Promise<{ status: number; text: string }>;

/** One server for all tests: they only ask. */
let server: SampleServer | undefined;
let ask: Ask = () => Promise.reject(new Error('the server is not there yet'));
before(async () => {
  const { app } = (server = await sampleServer({ now: NOW }));
  const { headers } = await app.inject({ method: 'POST', url: '/api/sign-in', payload: { user: 'admin', password: PASSWORD } });
  const cookie = String(headers['set-cookie']).split(';')[0] ?? '';
  ask = async (url) => {
    const { statusCode, payload } = await app.inject({ method: 'GET', url, headers: { cookie } });
    return { status: statusCode, text: payload };
  };
});
after(() => server?.app.close());

const QUESTIONS: readonly (readonly [query: string, names: readonly (string | null)[]])[] = [
  ['type=PLC&sort=name', ['PLC-FILTER-3', 'PLC-PUMP-1']],
  ['type=PLC&sort=-name', ['PLC-PUMP-1', 'PLC-FILTER-3']],
  ['type=PLC&type=RTU&vendor=WAGO', ['RTU-RESERVOIR']],
  ['type=', [null]],
  ['protocol=modbus&sort=ip', ['HISTORIAN-01', 'HMI-PUMP-2', 'PLC-FILTER-3']],
  ['authorised=no&search=10.20.1.187', [null]],
  ['search=cpu%20315', ['PLC-PUMP-1']],
  ['search=28:63:36:8f:10:13', ['PLC-FILTER-3']],
];

for (const [query, names] of QUESTIONS) {
  test(`the inventory answers ${query}`, async () => {
    const { devices, total }: { devices: DeviceView[]; total: number } = JSON.parse((await ask(`/api/devices?${query}`)).text);
    assert.deepEqual(
      devices.map(({ name }) => name),
      names,
    );
    assert.equal(total, 600);
  });
}

test('a device tells everything that is known of it, with times in UTC', async () => {
  const {
    devices: [{ number, ...device }],
  } = JSON.parse((await ask('/api/devices?search=PLC-PUMP-1')).text);
  assert.deepEqual(device, {
    id: '10.20.2.11',
    version: 0,
    name: 'PLC-PUMP-1',
    type: 'PLC',
    class: 'ICS',
    subtype: null,
    confidence: 0,
    purdueLevel: 1,
    purdueLayer: 'Process Control',
    vendor: 'Siemens AG',
    model: 'CPU 315-2 PN/DP',
    firmware: 'V3.2.11',
    serial: null,
    os: null,
    plcMode: 'Run',
    plcSecured: true,
    importance: 'Normal',
    authorised: true,
    scanner: false,
    programming: false,
    openAlerts: 0,
    isNew: false,
    description: '',
    location: '',
    businessFunction: '',
    owner: '',
    tags: [],
    groups: [],
    ips: ['10.20.2.11'],
    macs: ['28:63:36:8f:10:11'],
    vlans: [],
    protocols: ['s7comm'],
    roles: ['controller'],
    networkLocation: 'local',
    subnet: '10.20.2.0/24',
    dynamicAddress: false,
    fqdn: null,
    firstSeen: '2026-10-22T09:00:00.000Z',
    lastSeen: '2026-11-21T08:57:00.000Z',
    programmedAt: null,
    edited: [],
    dataSource: 'OtSensor',
    sensor: 'sensor-north',
    site: 'North Pumping Station',
    zone: 'Process control',
  });
  const details = JSON.parse((await ask(`/api/devices/${number}`)).text);
  assert.deepEqual(
    details.fields.find(({ field }: { field: string }) => field === 'vendor'),
    { field: 'vendor', value: 'Siemens AG', told: 'Siemens AG', by: null, at: null },
  );
  assert.equal((await ask('/api/devices/999999')).status, 404);
});

test('pages follow each other to the end', async () => {
  const numbers = new Set<number>();
  let next = '';
  let pages = 0;
  do {
    const page = JSON.parse((await ask(`/api/devices?sort=name&limit=250${next && `&cursor=${next}`}`)).text);
    for (const { number } of page.devices) numbers.add(number);
    assert.equal(page.matching, 600);
    next = page.next ?? '';
    pages++;
  } while (next !== '');
  assert.deepEqual([numbers.size, pages], [600, 3]);
});

test('filters of any column are written into the address', async () => {
  const names = async (query: string): Promise<unknown[]> =>
    JSON.parse((await ask(`/api/devices?sort=ip&${query}`)).text).devices.map(({ name }: { name: unknown }) => name);
  assert.deepEqual(await names('filter=ip:equals:10.20.2.0/28&filter=class:equals:ICS'), ['PLC-PUMP-1', 'PLC-FILTER-3']);
  assert.deepEqual(await names('filter=name:contains:%2525'), []);
  assert.deepEqual(await names('filter=isNew:equals:yes&filter=mac:startsWith:9c'), [null]);
  for (const [query, code] of [
    ['filter=colour:equals:red', 'unknown_column'],
    ['filter=type:like:PLC', 'unknown_operator'],
    ['filter=lastSeen:greater:yesterday', 'bad_value'],
    ['cursor=damaged', 'bad_cursor'],
    ['sort=colour', 'unknown_column'],
  ]) {
    const { status, text } = await ask(`/api/devices?${query}`);
    assert.deepEqual([status, JSON.parse(text).code], [400, code], query);
  }
});

test('the values of a filter leave its own choice out and keep the others', async () => {
  const facets = JSON.parse((await ask('/api/devices/facets?type=PLC&authorised=yes')).text);
  assert.deepEqual(facets.vendor, [
    { value: 'Schneider Electric', count: 1 },
    { value: 'Siemens AG', count: 1 },
  ]);
  assert.deepEqual(facets.type[0], { value: 'I/O Adapter', count: 591 });
  assert.deepEqual(JSON.parse((await ask('/api/devices/values?column=purdueLevel&type=HMI&type=Historian')).text), [
    { value: '2', count: 1 },
    { value: '3', count: 1 },
  ]);
});

test('the export has a line per matching device, and names from the network run as no formula', async () => {
  const lines = (await ask('/api/devices.csv?search=calc')).text.trimEnd().split('\r\n');
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? '', /^'=cmd\|calc,/);
  assert.equal((await ask('/api/devices.csv')).text.trimEnd().split('\r\n').length, 601);
});

test('an order that does not exist is refused with the ones that do', async () => {
  const { status, text } = await ask('/api/devices?sort=colour');
  assert.equal(status, 400);
  assert.match(JSON.parse(text).message, /name/);
});
