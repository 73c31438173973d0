/** The device inventory over HTTP. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { PASSWORD, sampleServer } from '../tests/serve-samples.ts';
import type { DeviceView } from './device-view.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 0);

/** Asks as the administrator. */
async function asker(t: TestContext): Promise<(url: string) => Promise<{ status: number; text: string }>> {
  const { app } = await sampleServer({ now: NOW });
  t.after(() => app.close());
  const { headers } = await app.inject({ method: 'POST', url: '/api/sign-in', payload: { user: 'admin', password: PASSWORD } });
  const cookie = String(headers['set-cookie']).split(';')[0] ?? '';
  return async (url) => {
    const { statusCode, payload } = await app.inject({ method: 'GET', url, headers: { cookie } });
    return { status: statusCode, text: payload };
  };
}

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
  test(`the inventory answers ${query}`, async (t) => {
    const ask = await asker(t);
    const { devices, total }: { devices: DeviceView[]; total: number } = JSON.parse((await ask(`/api/devices?${query}`)).text);
    assert.deepEqual(
      devices.map(({ name }) => name),
      names,
    );
    assert.equal(total, 600);
  });
}

test('a device tells everything the sensor knows, with times in UTC', async (t) => {
  const ask = await asker(t);
  const { devices } = JSON.parse((await ask('/api/devices?search=PLC-PUMP-1')).text);
  assert.deepEqual(devices, [
    {
      id: '10.20.2.11',
      name: 'PLC-PUMP-1',
      type: 'PLC',
      vendor: 'Siemens AG',
      model: 'CPU 315-2 PN/DP',
      firmware: 'V3.2.11',
      ips: ['10.20.2.11'],
      macs: ['28:63:36:8f:10:11'],
      protocols: ['s7comm'],
      roles: ['server'],
      authorised: true,
      firstSeen: '2026-10-22T09:00:00.000Z',
      lastSeen: '2026-11-21T08:57:00.000Z',
      sensor: 'sensor-north',
      site: 'North Pumping Station',
      zone: 'Process control',
    },
  ]);
});

test('the values of a filter leave its own choice out and keep the others', async (t) => {
  const ask = await asker(t);
  const facets = JSON.parse((await ask('/api/devices/facets?type=PLC&authorised=yes')).text);
  assert.deepEqual(facets.vendor, [
    { value: 'Schneider Electric', count: 1 },
    { value: 'Siemens AG', count: 1 },
  ]);
  assert.deepEqual(facets.type[0], { value: 'IO Module', count: 591 });
});

test('the export has a line per matching device, and names from the network run as no formula', async (t) => {
  const ask = await asker(t);
  const lines = (await ask('/api/devices.csv?search=calc')).text.trimEnd().split('\r\n');
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? '', /^'=cmd\|calc,/);
});

test('an order that does not exist is refused with the ones that do', async (t) => {
  const ask = await asker(t);
  const { status, text } = await ask('/api/devices?sort=colour');
  assert.equal(status, 400);
  assert.match(JSON.parse(text).message, /name/);
});
