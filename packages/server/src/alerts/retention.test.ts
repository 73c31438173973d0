/** What closes by itself and what is deleted, on the real store. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DAY, fromMilliseconds } from '@annunciator/core/time';
import { openStore } from '@annunciator/store/store';
import { PLACES, sampleDetection } from '../../tests/sample-detections.ts';
import { AlertDesk } from './alert-desk.ts';
import { AlertTypes } from './alert-types.ts';
import { NO_SENSORS } from '../sensor-link.ts';

const START = fromMilliseconds(Date.UTC(2026, 10, 21));
const NEWEST_FIRST = { filters: [], sort: { column: 'lastDetection', descending: true } } as const;

test('alerts close after ninety quiet days and are deleted once they are closed and old', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-retention-'));
  const store = await openStore(directory);
  context.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  const [place] = PLACES;
  assert.ok(place);
  let deleted = 0;
  const removed = (ids: readonly string[]): Promise<void> => {
    deleted += ids.length;
    return Promise.resolve();
  };
  const desk = await AlertDesk.open({ store: store.alerts, types: new AlertTypes(), sensors: NO_SENSORS, audit: store.audit, removed });
  const statuses = async (): Promise<string[]> =>
    (await store.alerts.page(NEWEST_FIRST, 10, null)).alerts.map((alert) => alert.status).sort();

  await desk.detect([...sampleDetection(0, START), ...sampleDetection(1, START)], place);
  await desk.detect(sampleDetection(1, START + 80n * DAY), place);
  await desk.closeQuiet(START + 91n * DAY, place);
  assert.deepEqual(await statuses(), ['Closed', 'New'], 'the one seen again on day 80 stays');

  assert.equal(await desk.expire(START + 91n * DAY, place), 1, 'closed and first seen more than ninety days ago');
  assert.deepEqual(await statuses(), ['New']);

  await desk.closeQuiet(START + 171n * DAY, place);
  assert.equal(await desk.expire(START + 171n * DAY, place), 1);
  assert.deepEqual(await statuses(), []);
  assert.equal(deleted, 2, 'whoever keeps something for an alert is told');
});

test('alerts are kept as long as is set, from the next look on', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-retention-'));
  const store = await openStore(directory);
  context.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  const [place] = PLACES;
  assert.ok(place);
  let retention = { quiet: 90n * DAY, closed: 90n * DAY };
  const told: string[] = [];
  const desk = await AlertDesk.open({
    store: store.alerts,
    types: new AlertTypes(),
    sensors: NO_SENSORS,
    audit: store.audit,
    timeline: (events) => told.push(...events.map(({ content }) => content)),
    retention: () => retention,
  });
  await desk.detect(sampleDetection(0, START), place);
  await desk.closeQuiet(START + 8n * DAY, place);
  assert.equal((await store.alerts.page(NEWEST_FIRST, 10, null)).alerts[0]?.status, 'New');

  retention = { quiet: 7n * DAY, closed: 30n * DAY };
  await desk.closeQuiet(START + 8n * DAY, place);
  assert.equal((await store.alerts.page(NEWEST_FIRST, 10, null)).alerts[0]?.status, 'Closed');
  assert.match(told.at(-1) ?? '', /was not seen for 7 days/);
  assert.equal(await desk.expire(START + 29n * DAY, place), 0);
  assert.equal(await desk.expire(START + 30n * DAY, place), 1);
});
