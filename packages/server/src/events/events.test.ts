/** The event timeline and the catalogue of alert types over HTTP. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { PASSWORD, type SampleServer, sampleServer } from '../../tests/serve-samples.ts';
import { type Send, signedIn } from '../../tests/signed-in.ts';
import type { EventView } from './event-view.ts';

interface Asked {
  readonly ask: (url: string) => Promise<{ status: number; text: string }>;
  readonly send: Send;
  readonly server: SampleServer;
}

/** One server for the tests that only ask. */
let asked: Asked | undefined;
async function opened(): Promise<Asked> {
  const server = await sampleServer({ alerts: 12, devices: 40 });
  const send = await signedIn(server, 'admin', PASSWORD);
  const ask = async (url: string) => {
    const { status, body } = await send('GET', url);
    return { status, text: typeof body === 'string' ? body : JSON.stringify(body) };
  };
  return { ask, send, server };
}
const asker = async (): Promise<Asked['ask']> => (asked ??= await opened()).ask;
after(() => asked?.server.app.close());

test('the timeline tells alerts newest first, with the names of their devices', async () => {
  const ask = await asker();
  const { events }: { events: EventView[] } = JSON.parse((await ask('/api/events?type=ALERT_REPORTED')).text);
  assert.ok(events.length > 5);
  assert.deepEqual(
    events.map(({ time }) => time),
    events
      .map(({ time }) => time)
      .toSorted()
      .toReversed(),
  );
  const pump = (sensor: string) =>
    events.flatMap((event) => (event.sensor === sensor ? event.devices : [])).find(({ id }) => id === '10.20.2.11');
  assert.deepEqual(pump('sensor-north'), { id: '10.20.2.11', name: 'PLC-PUMP-1', number: 4 });
  assert.deepEqual(pump('sensor-plant'), { id: '10.20.2.11', name: '10.20.2.11', number: null }, 'of that sensor none is in the inventory');
});

test('pages of the timeline follow each other without gap or repeat', async () => {
  const ask = await asker();
  const whole: { events: EventView[] } = JSON.parse((await ask('/api/events?limit=1000')).text);
  const ids: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const page: { events: EventView[]; next: string | null } = JSON.parse(
      (await ask(`/api/events?limit=5${next && `&cursor=${next}`}`)).text,
    );
    ids.push(...page.events.map(({ id }) => id));
    next = page.next;
  }
  assert.deepEqual(
    ids,
    whole.events.map(({ id }) => id),
  );
});

test('the timeline is filtered by severity, type, device and text', async () => {
  const ask = await asker();
  const of = async (query: string): Promise<EventView[]> => JSON.parse((await ask(`/api/events?${query}`)).text).events;
  assert.ok((await of('severity=ALERT')).every(({ severity }) => severity === 'ALERT'));
  assert.deepEqual(await of('severity=INFO&type=ALERT_REPORTED'), []);
  assert.deepEqual(await of('excludedType=ALERT_REPORTED&excludedType=ALERT_UPDATED'), []);
  const ofDevice = await of('device=10.20.2.11');
  assert.ok(ofDevice.length > 0 && ofDevice.every(({ devices }) => devices.some(({ id }) => id === '10.20.2.11')));
  const found = await of('search=stopped%20the%20cpu');
  assert.ok(found.length > 0 && found.every(({ content }) => content.includes('stopped the CPU')));
});

test('devices are asked for and left out by id, by a question to the inventory, and by group', async (t) => {
  const { send, server } = await opened();
  t.after(() => server.app.close());
  const of = async (query: string): Promise<EventView[]> => (await send('GET', `/api/events?limit=1000&${query}`)).body.events;
  const all = await of('');
  const plc = all.filter(({ devices }) => devices.some(({ id }) => id === '10.20.2.11'));
  assert.ok(plc.length > 0 && plc.length < all.length);
  assert.deepEqual(await of('device=10.20.2.11'), plc);
  assert.deepEqual(await of(`devices=${encodeURIComponent('search=PLC-PUMP-1')}`), plc);
  const others = all.filter((event) => !plc.includes(event));
  assert.deepEqual(await of('excludedDevice=10.20.2.11'), others);
  assert.deepEqual(await of(`excludedDevices=${encodeURIComponent('search=PLC-PUMP-1')}`), others);
  const number = plc[0].devices.find(({ id }) => id === '10.20.2.11')?.number;
  const group = (await send('POST', '/api/device-groups', { name: 'Pumps', devices: [number] })).body.id;
  assert.deepEqual(await of(`group=${group}`), plc);
  assert.deepEqual(await of(`excludedGroup=${group}`), others);
  assert.equal((await send('GET', '/api/events?group=99')).status, 404);
  assert.equal((await send('GET', '/api/events?devices=colour%3Dred')).status, 400);

  // A part is asked for by what it is part of.
  const { devices } = (await send('GET', '/api/devices?type=PLC&sort=name')).body;
  const [other, pump] = devices;
  const merged = await send('POST', `/api/devices/${other.number}/merge`, { version: 0, others: [{ number: pump.number, version: 0 }] });
  assert.equal(merged.status, 200, JSON.stringify(merged.body));
  const ofBoth = await of(`device=${other.id}`);
  assert.ok(plc.every(({ id }) => ofBoth.some((event) => event.id === id)));
});

test('of several texts all have to be there', async () => {
  const ask = await asker();
  const of = async (query: string): Promise<EventView[]> => JSON.parse((await ask(`/api/events?${query}`)).text).events;
  const both = await of('search=STOP&search=s7');
  assert.ok(both.length > 0);
  assert.ok(both.every(({ title, content }) => /stop/i.test(`${title} ${content}`) && /s7/i.test(`${title} ${content}`)));
  assert.deepEqual(await of('search=stop&search=nowhere'), []);
});

test('people enter events of their own: with time, severity and devices', async (t) => {
  const { send, server } = await opened();
  t.after(() => server.app.close());
  const { devices } = (await send('GET', '/api/devices?type=PLC&sort=name')).body;
  const entered = await send('POST', '/api/events', {
    time: '2026-11-20T08:30:00+01:00',
    severity: 'NOTICE',
    description: ' Pump maintenance begins ',
    devices: [devices[0].number],
  });
  assert.equal(entered.status, 201, JSON.stringify(entered.body));
  const { id: _id, ...event } = entered.body;
  assert.deepEqual(event, {
    time: '2026-11-20T07:30:00.000000Z',
    type: 'CUSTOM_EVENT',
    title: 'User Defined Event',
    severity: 'NOTICE',
    content: 'Pump maintenance begins',
    devices: [{ id: devices[0].id, name: devices[0].name, number: devices[0].number }],
    alert: null,
    owner: 'admin',
    userOperation: true,
    sensor: devices[0].sensor,
    packets: false,
  });
  const { events } = (await send('GET', '/api/events?type=CUSTOM_EVENT&userOperations=show')).body;
  assert.deepEqual(events, [entered.body]);
  assert.deepEqual((await send('GET', '/api/events?type=CUSTOM_EVENT')).body.events, [], 'hidden unless people are shown');
  for (const wrong of [{ description: ' ' }, { description: 'x', time: 'noon' }, { description: 'x', severity: 'LOUD' }])
    assert.equal((await send('POST', '/api/events', wrong)).status, 400, JSON.stringify(wrong));
  assert.equal((await send('POST', '/api/events', { description: 'x', devices: [4711] })).status, 404);
  await server.accounts.createUser({ name: 'reader', grants: [everywhere('Security Reader')], password: PASSWORD, temporary: false });
  const reader = await signedIn(server, 'reader', PASSWORD);
  assert.equal((await reader('POST', '/api/events', { description: 'x' })).status, 403);
});

test('what people do to the system stands in the timeline, and nothing twice', async (t) => {
  const { send, server } = await opened();
  t.after(() => server.app.close());
  await server.app.inject({ method: 'POST', url: '/api/sign-in', payload: { user: 'mallory', password: 'wrong-password-9' } });
  const { number, version } = (await send('GET', '/api/devices?type=PLC&sort=name')).body.devices[0];
  await send('PATCH', `/api/devices/${number}`, { version, changes: { owner: 'Ann' } });
  await send('POST', '/api/device-groups', { name: 'Pumps', devices: [number] });
  const { alerts } = (await send('GET', '/api/alerts?limit=1')).body;
  await send('PATCH', `/api/alerts/${alerts[0].id}`, { status: 'Closed' });
  const { events }: { events: EventView[] } = (await send('GET', '/api/events?userOperations=show&type=USER_LOGIN&type=USER_OPERATION'))
    .body;
  assert.deepEqual(events.map(({ type, content, owner }) => [type, content, owner]).toSorted(), [
    ['USER_LOGIN', 'Sign-in as mallory was refused from 127.0.0.1.', 'mallory'],
    ['USER_LOGIN', 'admin signed in from 127.0.0.1.', 'admin'],
    ['USER_OPERATION', 'admin made a group of devices: Pumps.', 'admin'],
  ]);
  const changed = (await send('GET', '/api/events?userOperations=show&type=DEVICE_UPDATE')).body.events;
  assert.equal(changed.length, 1);
});

test('the timeline refuses what cannot be asked', async () => {
  const ask = await asker();
  for (const query of ['from=yesterday', 'severity=LOUD', 'type=NOTHING']) assert.equal((await ask(`/api/events?${query}`)).status, 400);
  assert.equal((await ask('/api/events.csv?from=yesterday')).status, 400);
});

test('the export of the timeline has a line per event', async () => {
  const ask = await asker();
  const { events } = JSON.parse((await ask('/api/events?limit=1000')).text);
  const lines = (await ask('/api/events.csv')).text.trimEnd().split('\r\n');
  assert.equal(lines.length, events.length + 1);
});

test('every alert type is told with what it takes to judge it, and how many alerts it raised', async () => {
  const ask = await asker();
  const types: { id: string; detected: boolean; tier: number; alerts: number; remediation: string[] }[] = JSON.parse(
    (await ask('/api/alert-types')).text,
  );
  assert.ok(types.length > 90);
  assert.ok(types.every(({ remediation }) => remediation.length > 0));
  const stop = types.find(({ id }) => id === 'an-s7-stop-plc-command-was-sent');
  assert.ok(stop?.detected && stop.alerts > 0);
  const { matching } = JSON.parse((await ask('/api/alerts?limit=1')).text);
  assert.equal(
    types.reduce((sum, { alerts }) => sum + alerts, 0),
    matching,
  );
});
