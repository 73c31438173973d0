/** What workbooks and recommendations ask: alerts and devices over time, and what is to be put right. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOW, rows, serve, signedIn } from '../tests/callers.ts';

const DAY = 86_400_000;
interface Series {
  value: string;
  counts: number[];
}

test('alerts over time are the alerts of the list, each in the span of its detection', async (t) => {
  const server = await serve(t, { alerts: 120 });
  const call = await signedIn(server);
  const all = await rows(call, 'limit=1000');
  const start = Math.floor(NOW / DAY) * DAY - 9 * DAY;
  const series = async (more: string) =>
    (await call<Series[]>('GET', `/api/alerts/series?start=${start}&span=${DAY}&spans=10&${more}`)).body;
  for (const [by, valuesOf] of [
    ['severity', (alert: (typeof all)[number]) => [alert.severity]],
    ['sensor', (alert) => [alert.sensor]],
    ['tactics', (alert) => alert.tactics.map(({ name }) => name)],
    [
      'device',
      ({ source, destination }) => [
        ...new Set([source, destination].flatMap((end) => (end ? [end.name ?? end.ip ?? end.mac ?? end.device] : []))),
      ],
    ],
  ] as const satisfies readonly (readonly [string, (alert: (typeof all)[number]) => readonly string[]])[]) {
    const expected = new Map<string, number[]>();
    for (const alert of all) {
      const place = Math.floor((Date.parse(alert.lastDetection) - start) / DAY);
      if (place < 0 || place > 9) continue;
      for (const value of valuesOf(alert)) {
        const counts = expected.get(value) ?? Array.from({ length: 10 }, () => 0);
        counts[place] = (counts[place] ?? 0) + 1;
        expected.set(value, counts);
      }
    }
    const found = await series(`by=${by}`);
    assert.deepEqual(new Map(found.map(({ value, counts }) => [value, counts])), expected, by);
    assert.ok(found.length > 1, by);
  }
  const high = await series('by=severity&filter=severity:equals:High');
  assert.deepEqual(
    high.map(({ value }) => value),
    ['High'],
  );
  assert.equal((await call('GET', `/api/alerts/series?by=severity&start=0&span=${DAY}&spans=401`)).status, 400);
});

test('devices that were seen for the first time are counted by day', async (t) => {
  const server = await serve(t, { devices: 30 });
  const call = await signedIn(server);
  const { body } = await call<{ day: string; count: number }[]>('GET', '/api/devices/first-seen?from=2026-01-01');
  const { body: page } = await call<{ devices: { firstSeen: string }[] }>('GET', '/api/devices?limit=1000');
  const days = Map.groupBy(page.devices, ({ firstSeen }) => firstSeen.slice(0, 10));
  assert.deepEqual(
    body,
    [...days].map(([day, devices]) => ({ day, count: devices.length })).sort((a, b) => (a.day < b.day ? -1 : 1)),
  );
  assert.deepEqual((await call('GET', '/api/devices/first-seen?from=2030-01-01')).body, []);
  assert.equal((await call('GET', '/api/devices/first-seen?from=soon')).status, 400);
});

test('a recommendation counts the devices that its addresses find, and goes down when one is put right', async (t) => {
  const server = await serve(t, { devices: 60 });
  const call = await signedIn(server);
  interface Told {
    id: string;
    unhealthyDevices: number;
    healthyDevices: number;
    unhealthy: string;
    healthy: string;
    lastUpdate: string | null;
  }
  interface Found {
    matching: number;
    devices: { number: number; version: number; lastSeen: string }[];
  }
  const told = async () => (await call<Told[]>('GET', '/api/recommendations')).body;
  const first = await told();
  for (const one of first) {
    const unhealthy = (await call<Found>('GET', `/api/devices?sort=-lastSeen&${one.unhealthy}`)).body;
    assert.equal(one.unhealthyDevices, unhealthy.matching, one.id);
    assert.equal(Date.parse(one.lastUpdate ?? ''), Date.parse(unhealthy.devices[0]?.lastSeen ?? ''), one.id);
    assert.equal(one.healthyDevices, (await call<Found>('GET', `/api/devices?${one.healthy}`)).body.matching, one.id);
  }
  const of = (list: readonly Told[], id: string) => list.find((one) => one.id === id);
  assert.ok((of(first, 'review-plc-operating-mode')?.unhealthyDevices ?? 0) > 0);
  const before = of(first, 'review-unauthorized-devices');
  const [device] = (await call<Found>('GET', `/api/devices?${before?.unhealthy}`)).body.devices;
  assert.ok(before && device);
  const changes = { version: device.version, changes: { authorised: true } };
  assert.equal((await call('PATCH', `/api/devices/${device.number}`, changes)).status, 200);
  const after = of(await told(), 'review-unauthorized-devices');
  assert.deepEqual([after?.unhealthyDevices, after?.healthyDevices], [before.unhealthyDevices - 1, before.healthyDevices + 1]);
});
