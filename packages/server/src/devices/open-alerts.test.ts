/** Open alerts at devices: counted as alerts are raised and closed and as devices become one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertRecord, AlertStore } from '@annunciator/store/alert-query';
import { PASSWORD, sampleServer } from '../../tests/serve-samples.ts';
import { signedIn } from '../../tests/signed-in.ts';
import type { DeviceView } from './device-view.ts';
import { OpenAlerts } from './open-alerts.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 0);

async function openAlerts(store: AlertStore): Promise<AlertRecord[]> {
  const { alerts } = await store.page({ filters: [], sort: { column: 'id', descending: false } }, 1000, null);
  return alerts.filter(({ status }) => status !== 'Closed');
}

const isAt = ({ source, destination, sensor }: AlertRecord, device: Pick<DeviceView, 'id' | 'sensor'>): boolean =>
  sensor === device.sensor && (source?.device === device.id || destination?.device === device.id);

test('each device has the number of alerts that are open at it: lists sort by it, a merged device has those of its parts', async (t) => {
  const server = await sampleServer({ now: NOW, alerts: 60, devices: 40 });
  t.after(() => server.app.close());
  const { desk, devices: inventory, store } = server;
  const counting = new OpenAlerts({ alerts: desk, devices: inventory });
  t.after(() => counting.stop());
  const send = await signedIn(server, 'admin', PASSWORD);
  const counted = async (): Promise<DeviceView[]> => {
    await counting.count();
    return (await send('GET', '/api/devices?sort=-openAlerts&limit=1000')).body.devices;
  };

  const open = await openAlerts(store);
  const devices = await counted();
  for (const device of devices) assert.equal(device.openAlerts, open.filter((alert) => isAt(alert, device)).length, device.id);
  const counts = devices.map(({ openAlerts: count }) => count);
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => b - a),
  );
  assert.ok(counts[1] > 0 && counts.at(-1) === 0, `devices with alerts and without: ${counts.join(' ')}`);
  const busy = (await send('GET', '/api/devices?filter=openAlerts:greater:0')).body;
  assert.equal(busy.matching, counts.filter((count) => count > 0).length);
  const { nodes } = (await send('GET', '/api/map')).body;
  const drawn = nodes.rows.map((row: unknown[]) => row[nodes.columns.indexOf('openAlerts')]);
  assert.deepEqual(drawn.toSorted(), counts.toSorted());

  const [first, second] = devices.filter((one) => one.class === devices[0].class && one.sensor === devices[0].sensor);
  const closing = open.filter((alert) => isAt(alert, first)).slice(0, 1);
  await desk.act(
    closing.map(({ id }) => id),
    { kind: 'status', status: 'Closed' },
    { by: 'admin' },
  );
  const after = await counted();
  assert.equal(after.find(({ number }) => number === first.number)?.openAlerts, first.openAlerts - 1);

  const others = [{ number: second.number, version: second.version }];
  assert.equal((await send('POST', `/api/devices/${first.number}/merge`, { version: first.version, others })).status, 200);
  const either = (await openAlerts(store)).filter((alert) => isAt(alert, first) || isAt(alert, second));
  const ends = either.reduce((sum, alert) => sum + Number(isAt(alert, first)) + Number(isAt(alert, second)), 0);
  assert.equal((await counted()).find(({ number }) => number === first.number)?.openAlerts, ends);
});

test('a server that stops lets a count that is under way end before its store closes', async (t) => {
  const said = t.mock.method(console, 'error', () => undefined);
  const server = await sampleServer({ now: NOW, alerts: 12, devices: 12 });
  const { store } = server;
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: goOn, resolve: end } = Promise.withResolvers<void>();
  const count = store.openByDevice.bind(store);
  t.mock.method(store, 'openByDevice', async () => {
    begin();
    await goOn;
    return count();
  });
  await begun;
  const closed = server.app.close();
  end();
  await closed;
  assert.deepEqual(
    said.mock.calls.map(({ arguments: [line] }) => line),
    [],
  );
});
