/** Events that people enter and find, for somebody who has a role at one site: done, refused, or not seen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere, type Grant } from '@annunciator/core/access';
import { fromMilliseconds } from '@annunciator/core/time';
import { callerWith } from '../../tests/api-walk.ts';
import { sampleDevices } from '../../tests/sample-devices.ts';
import { keepPackets } from '../../tests/sample-packets.ts';
import { at, NORTH, NOW, PLANT, SECRETS, serve } from '../../tests/two-sites.ts';
import type { EventView } from './event-view.ts';

type Call = Awaited<ReturnType<typeof callerWith>>;
const enter = (call: Call, body: object) => call('POST', '/api/events', { description: 'The pump was serviced.', ...body });
const listed = async (call: Call, query: string): Promise<EventView[]> =>
  (JSON.parse((await call('GET', `/api/events?userOperations=show&${query}`)).text) as { events: EventView[] }).events;
const numberOf = async (call: Call, search: string): Promise<number> =>
  (JSON.parse((await call('GET', `/api/devices?search=${search}`)).text) as { devices: { number: number }[] }).devices[0]?.number ?? 0;

test('who has a role at one site enters events there, with or without devices, and nowhere else', async (t) => {
  const { server, base } = await serve(t, { secondSensor: true });
  const all = await callerWith(server, base, 'all', [everywhere('Owner')]);
  const north = await callerWith(server, base, 'north', [at('Security Admin', NORTH.site)]);
  const looks = await callerWith(server, base, 'looks', [everywhere('Security Reader'), at('Security Admin', NORTH.site)]);
  const pump = await numberOf(all, 'PLC-PUMP-1');
  const hidden = await numberOf(all, 'HIDDEN-1');

  for (const body of [{ devices: [pump] }, {}, { sensor: NORTH.sensor }]) {
    const made = await enter(north, body);
    assert.equal(made.status, 201, made.text);
    assert.equal((JSON.parse(made.text) as EventView).sensor, NORTH.sensor);
  }
  assert.equal((await listed(north, 'type=CUSTOM_EVENT')).length, 3);

  assert.equal((await enter(north, { devices: [hidden] })).code, 'not_found');
  assert.equal((await enter(north, { devices: [pump, hidden] })).code, 'not_found');
  const elsewhere = await enter(north, { sensor: PLANT.sensor });
  assert.equal(elsewhere.code, 'unknown_sensor');
  assert.doesNotMatch(elsewhere.text, SECRETS);
  for (const body of [{ devices: [hidden] }, { sensor: PLANT.sensor }]) {
    const refused = await enter(looks, body);
    assert.equal(refused.code, 'not_permitted', refused.text);
    assert.match(refused.text, /does not include this at Treatment Plant, zone Filtration/);
  }
  const both = await callerWith(server, base, 'both', [at('Owner', NORTH.site), at('Owner', PLANT.site)]);
  assert.match((await enter(both, {})).text, /Say with .*: sensor-north, sensor-plant\./);
  assert.equal((JSON.parse((await enter(all, {})).text) as EventView).sensor, '', 'of everything: of no sensor');
});

test('packets of an event are for those who have them where its sensor stands', async (t) => {
  const { server, base } = await serve(t, { secondSensor: true });
  const all = await callerWith(server, base, 'all', [everywhere('Owner')]);
  const ids = new Map<string, string>();
  for (const { sensor } of [NORTH, PLANT]) {
    const { id } = JSON.parse((await enter(all, { sensor })).text) as EventView;
    ids.set(sensor, id);
    await keepPackets(server.evidence, id);
  }
  const people: readonly [string, Grant[], north: string | number, plant: string | number][] = [
    ['admin of north', [at('Security Admin', NORTH.site)], 200, 'not_found'],
    ['reads all, admin of north', [everywhere('Security Reader'), at('Security Admin', NORTH.site)], 200, 'not_permitted'],
    ['reader of north', [at('Security Reader', NORTH.site)], 'not_permitted', 'not_permitted'],
    ['reader of north with packets', [{ ...at('Security Reader', NORTH.site), packets: true }], 200, 'not_found'],
    ['owner of north without packets', [{ ...at('Owner', NORTH.site), packets: false }], 'not_permitted', 'not_permitted'],
    ['admin of all', [everywhere('Security Admin')], 200, 200],
  ];
  for (const [name, grants, north, plant] of people) {
    const call = await callerWith(server, base, name, grants);
    for (const [sensor, expected] of [
      [NORTH.sensor, north],
      [PLANT.sensor, plant],
    ] as const) {
      const id = ids.get(sensor) ?? '';
      // A file that was sent is no JSON; a refusal is.
      const { status, code } = await call('GET', `/api/events/${encodeURIComponent(id)}/pcap`);
      assert.equal(code || status, expected, `${name} at ${sensor}`);
      const shown = (await listed(call, 'type=CUSTOM_EVENT')).find((event) => event.id === id);
      assert.equal(shown?.packets ?? false, expected === 200, `${name} at ${sensor}`);
    }
  }
  assert.deepEqual(
    new Set(server.audit.filter(({ action }) => action === 'event.pcap').map(({ who }) => who)),
    new Set(people.filter(([, , north]) => north === 200).map(([name]) => name)),
  );
});

test('events name a device as their own sensor knows it, where another sensor has one of the same id', async (t) => {
  const { server, base } = await serve(t, { secondSensor: true });
  const twin = sampleDevices(NOW).find(({ id }) => id === '10.20.2.11');
  assert.ok(twin);
  const told = { run: 'twin', devices: [{ ...twin, name: 'HIDDEN-TWIN' }], touched: [], united: [], connections: [] };
  await server.devices.observe(told, PLANT, fromMilliseconds(NOW));
  const all = await callerWith(server, base, 'all', [everywhere('Owner')]);
  const north = await callerWith(server, base, 'north', [at('Owner', NORTH.site)]);
  for (const search of ['PLC-PUMP-1', 'HIDDEN-TWIN'])
    assert.equal((await enter(all, { devices: [await numberOf(all, search)] })).status, 201);
  const names = (events: readonly EventView[]) =>
    events.flatMap(({ sensor, devices }) => devices.map(({ name }) => `${sensor} ${name}`)).toSorted();
  assert.deepEqual(names(await listed(all, 'type=CUSTOM_EVENT')), ['sensor-north PLC-PUMP-1', 'sensor-plant HIDDEN-TWIN']);
  assert.deepEqual(names(await listed(north, 'type=CUSTOM_EVENT')), ['sensor-north PLC-PUMP-1']);

  // Nobody finds events of their own devices by what is said of a device elsewhere.
  const named = (name: string) => `type=CUSTOM_EVENT&devices=${encodeURIComponent(`search=${name}`)}`;
  assert.equal((await listed(north, named('PLC-PUMP-1'))).length, 1);
  assert.equal((await listed(north, named('HIDDEN-TWIN'))).length, 0);
  assert.equal((await listed(all, `${named('HIDDEN-TWIN')}&sensor=${NORTH.sensor}`)).length, 0);
});
