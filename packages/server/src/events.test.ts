/** The event timeline and the catalogue of alert types over HTTP. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { PASSWORD, sampleServer } from '../tests/serve-samples.ts';
import type { EventView } from './event-view.ts';

/** Asks as the administrator of a server with alerts. */
async function asker(t: TestContext): Promise<(url: string) => Promise<{ status: number; text: string }>> {
  const { app } = await sampleServer({ alerts: 12 });
  t.after(() => app.close());
  const { headers } = await app.inject({ method: 'POST', url: '/api/sign-in', payload: { user: 'admin', password: PASSWORD } });
  const cookie = String(headers['set-cookie']).split(';')[0] ?? '';
  return async (url) => {
    const { statusCode, payload } = await app.inject({ method: 'GET', url, headers: { cookie } });
    return { status: statusCode, text: payload };
  };
}

test('the timeline tells alerts newest first, with the names of their devices', async (t) => {
  const ask = await asker(t);
  const { events }: { events: EventView[] } = JSON.parse((await ask('/api/events?type=ALERT_REPORTED')).text);
  assert.ok(events.length > 5);
  assert.deepEqual(
    events.map(({ time }) => time),
    events
      .map(({ time }) => time)
      .toSorted()
      .toReversed(),
  );
  const stop = events.find(({ content }) => content.startsWith('An S7 Stop PLC'));
  assert.deepEqual(stop?.devices, [
    { id: '10.20.1.41', name: 'ENG-WS-04' },
    { id: '10.20.2.11', name: 'PLC-PUMP-1' },
  ]);
});

test('pages of the timeline follow each other without gap or repeat', async (t) => {
  const ask = await asker(t);
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

test('the timeline is filtered by severity, type, device and text', async (t) => {
  const ask = await asker(t);
  const of = async (query: string): Promise<EventView[]> => JSON.parse((await ask(`/api/events?${query}`)).text).events;
  assert.ok((await of('severity=ALERT')).every(({ severity }) => severity === 'ALERT'));
  assert.deepEqual(await of('severity=INFO&type=ALERT_REPORTED'), []);
  assert.deepEqual(await of('excludedType=ALERT_REPORTED&excludedType=ALERT_UPDATED'), []);
  const ofDevice = await of('device=10.20.2.11');
  assert.ok(ofDevice.length > 0 && ofDevice.every(({ devices }) => devices.some(({ id }) => id === '10.20.2.11')));
  const found = await of('search=stopped%20the%20cpu');
  assert.ok(found.length > 0 && found.every(({ content }) => content.includes('stopped the CPU')));
});

test('the timeline refuses what cannot be asked', async (t) => {
  const ask = await asker(t);
  for (const query of ['from=yesterday', 'severity=LOUD', 'type=NOTHING']) assert.equal((await ask(`/api/events?${query}`)).status, 400);
  assert.equal((await ask('/api/events.csv?from=yesterday')).status, 400);
});

test('the export of the timeline has a line per event', async (t) => {
  const ask = await asker(t);
  const { events } = JSON.parse((await ask('/api/events?limit=1000')).text);
  const lines = (await ask('/api/events.csv')).text.trimEnd().split('\r\n');
  assert.equal(lines.length, events.length + 1);
});

test('every alert type is told with what it takes to judge it, and how many alerts it raised', async (t) => {
  const ask = await asker(t);
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
