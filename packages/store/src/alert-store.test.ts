import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { shownSeverity } from '@annunciator/core/severity';
import { SECOND } from '@annunciator/core/time';
import { ALERT_COLUMNS, type AlertFilter, type AlertQuery, type AlertStore, type StoredAlert } from './alert-query.ts';
import { severityRank } from './alert-row.ts';
import { sampleAlert } from './sample-alerts.ts';
import { openStore, type Store } from './store.ts';
import { StoreError } from './store-error.ts';

const COUNT = 400;
const SAMPLES: readonly StoredAlert[] = Array.from({ length: COUNT }, (_, index) => sampleAlert(index));
const EVERYTHING: AlertQuery = { filters: [], sort: { column: 'lastDetection', descending: true } };

let directory: string;
let store: Store;
let alerts: AlertStore;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'annunciator-store-'));
  store = await openStore(directory);
  alerts = store.alerts;
  await alerts.save(SAMPLES);
});

after(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

async function allPages(query: AlertQuery, limit: number): Promise<StoredAlert[]> {
  const found: StoredAlert[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<AlertStore['page']>> = await alerts.page(query, limit, cursor);
    assert.ok(page.alerts.length <= limit);
    found.push(...page.alerts);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

function ids(list: readonly StoredAlert[]): string[] {
  return list.map((alert) => alert.id).sort();
}

function matching(filter: (alert: StoredAlert) => boolean): string[] {
  return ids(SAMPLES.filter(filter));
}

test('an alert comes back as it was saved', async () => {
  for (const sample of SAMPLES.slice(0, 50)) assert.deepEqual(await alerts.get(sample.id), sample);
  assert.equal(await alerts.get('no such id'), undefined);
});

const open: AlertFilter = { column: 'status', operator: 'equals', values: ['New', 'Active'] };

for (const column of ALERT_COLUMNS) {
  for (const descending of [true, false]) {
    test(`pages by ${column}, ${descending ? 'descending' : 'ascending'}, are complete, in order and without duplicates`, async () => {
      for (const filters of [[], [open]]) {
        const query: AlertQuery = { filters, sort: { column, descending } };
        const expected = matching((alert) => filters.length === 0 || alert.status !== 'Closed');
        const paged = await allPages(query, 37);
        assert.equal(new Set(paged.map((alert) => alert.id)).size, paged.length);
        assert.deepEqual(ids(paged), expected);
        assert.deepEqual(paged, await allPages(query, COUNT), 'the order does not depend on the page size');
        const first = await alerts.page(query, 5, null);
        assert.deepEqual([first.matching, first.total], [expected.length, COUNT]);
      }
    });
  }
}

test('times and severities sort by value', async () => {
  const times = await allPages(EVERYTHING, 100);
  for (let i = 1; i < times.length; i++) assert.ok(times[i - 1].lastDetection >= times[i].lastDetection);
  const severities = await allPages({ filters: [], sort: { column: 'severity', descending: true } }, 100);
  for (let i = 1; i < severities.length; i++) assert.ok(severityRank(severities[i - 1]) >= severityRank(severities[i]));
  assert.equal(severities[0].severity, 'Critical');
});

const FILTERS: readonly (readonly [AlertFilter, (alert: StoredAlert) => boolean])[] = [
  [{ column: 'severity', operator: 'equals', values: ['High'] }, (alert) => shownSeverity(alert) === 'High'],
  [{ column: 'severity', operator: 'equals', values: ['warning', 'Minor'] }, (alert) => ['Warning', 'Minor'].includes(alert.severity)],
  [{ column: 'severity', operator: 'greater', values: ['Low'] }, (alert) => shownSeverity(alert) !== 'Low'],
  [{ column: 'severity', operator: 'less', values: ['Major'] }, (alert) => shownSeverity(alert) === 'Low'],
  [{ column: 'severity', operator: 'notEquals', values: ['Low'] }, (alert) => shownSeverity(alert) !== 'Low'],
  [{ column: 'engine', operator: 'equals', values: ['malware', 'Anomaly'] }, (alert) => ['Malware', 'Anomaly'].includes(alert.engine)],
  [{ column: 'site', operator: 'notEquals', values: ['Site 1', 'Site 2'] }, (alert) => !['Site 1', 'Site 2'].includes(alert.site)],
  [{ column: 'title', operator: 'contains', values: ['modbus', 'S7'] }, (alert) => /modbus|s7/i.test(alert.title)],
  [{ column: 'title', operator: 'notContains', values: ['modbus', 'S7'] }, (alert) => !/modbus|s7/i.test(alert.title)],
  [{ column: 'sensor', operator: 'startsWith', values: ['sensor-1'] }, (alert) => alert.sensor.startsWith('sensor-1')],
  [{ column: 'title', operator: 'contains', values: ['%'] }, () => false],
  [{ column: 'title', operator: 'contains', values: ["' OR 1=1 --"] }, () => false],
  [{ column: 'protocol', operator: 'equals', values: ['modbus'] }, (alert) => alert.protocol === 'modbus'],
  [
    { column: 'sourceDevice', operator: 'equals', values: [SAMPLES[0].source!.device] },
    (alert) => alert.source!.device === SAMPLES[0].source!.device,
  ],
  [
    { column: 'firstDetection', operator: 'greater', values: ['2025-11-01T00:00:00Z'] },
    (alert) => alert.firstDetection > 1_761_955_200n * SECOND,
  ],
  [{ column: 'lastDetection', operator: 'less', values: ['1761955200000'] }, (alert) => alert.lastDetection < 1_761_955_200n * SECOND],
];

for (const [filter, expected] of FILTERS) {
  test(`the filter ${filter.column} ${filter.operator} ${filter.values.join(' or ')} finds what it says`, async () => {
    const query = { ...EVERYTHING, filters: [filter] };
    assert.deepEqual(ids(await allPages(query, 50)), matching(expected));
    assert.equal((await alerts.page(query, 1, null)).matching, matching(expected).length);
  });
}

test('a tactic is found by its whole name and in part', async () => {
  const query = (operator: AlertFilter['operator'], value: string): AlertQuery => ({
    ...EVERYTHING,
    filters: [{ column: 'tactics', operator, values: [value] }],
  });
  const whole = (await alerts.page(query('equals', 'Impair Process Control'), 1, null)).matching;
  assert.ok(whole > 0 && whole < COUNT);
  assert.equal((await alerts.page(query('contains', 'Process Con'), 1, null)).matching, whole);
  assert.equal((await alerts.page(query('startsWith', 'impair'), 1, null)).matching, whole);
  assert.equal((await alerts.page(query('equals', 'Process Control'), 1, null)).matching, 0);
  assert.equal((await alerts.page(query('notEquals', 'Impair Process Control'), 1, null)).matching, COUNT - whole);
});

const SEARCHES = [
  'modbus',
  'PLC-',
  'plc-3',
  '10.0.1',
  '7',
  'to',
  'function 16 to',
  '%',
  '_',
  '"',
  "'",
  '";--',
  "' OR '1'='1",
  'a"b OR c',
  '\0',
  'NOT AND',
  '*',
  'title:x',
];

for (const search of SEARCHES) {
  test(`searching ${JSON.stringify(search)} finds the alerts that contain it`, async () => {
    const wanted = search.replaceAll('\0', '').toLowerCase();
    const expected = matching((alert) => {
      const ends = [alert.source, alert.destination].flatMap((end) => (end ? [end.device, end.name, end.ip] : [])).filter(Boolean);
      return [alert.title, alert.message, alert.protocol, alert.id, ...ends].join(' ').toLowerCase().includes(wanted);
    });
    assert.deepEqual(ids(await allPages({ ...EVERYTHING, search }, 50)), expected);
  });
}

test('search, filters and times hold together', async () => {
  const from = SAMPLES[0].lastDetection;
  const query = { ...EVERYTHING, search: 'plc-', filters: [open], from };
  const expected = matching(
    (alert) => alert.status !== 'Closed' && alert.lastDetection >= from && /plc-/i.test(JSON.stringify([alert.message])),
  );
  assert.deepEqual(ids(await allPages(query, 10)), expected);
});

test('groups count what the query matches, most first', async () => {
  for (const column of ALERT_COLUMNS) {
    const groups = await alerts.groups({ ...EVERYTHING, filters: [open] }, column);
    for (let i = 1; i < groups.length; i++) assert.ok(groups[i - 1].count >= groups[i].count);
    if (column === 'tactics') continue;
    assert.equal(
      groups.reduce((sum, group) => sum + group.count, 0),
      matching((alert) => alert.status !== 'Closed').length,
      column,
    );
  }
  const severities = await alerts.groups(EVERYTHING, 'severity');
  assert.deepEqual(
    new Map(severities.map((group) => [group.value, group.count])),
    new Map(['High', 'Medium', 'Low'].map((word) => [word, matching((alert) => shownSeverity(alert) === word).length])),
  );
});

test('a stream gives every matching alert once, in order', async () => {
  const streamed: StoredAlert[] = [];
  for await (const batch of alerts.stream({ ...EVERYTHING, filters: [open] }, 33)) streamed.push(...batch);
  assert.deepEqual(streamed, await allPages({ ...EVERYTHING, filters: [open] }, COUNT));
});

test('what the life cycle needs at start is what is open or still silences', async () => {
  const learned: StoredAlert = { ...sampleAlert(9001), status: 'Closed', disposition: 'learned', closeReason: 'learned' };
  await alerts.save([learned]);
  const found: StoredAlert[] = [];
  for await (const batch of alerts.open()) found.push(...batch);
  assert.deepEqual(ids(found), [...matching((alert) => alert.status !== 'Closed'), learned.id].sort());
  await alerts.remove([learned.id]);
  assert.equal(await alerts.get(learned.id), undefined);
  assert.equal((await alerts.page(EVERYTHING, 1, null)).total, COUNT);
  assert.equal((await alerts.page({ ...EVERYTHING, search: learned.id }, 1, null)).matching, 0);
});

test('saving again changes an alert, its count, its violations and what filters find', async () => {
  const first = SAMPLES.find((alert) => alert.violations.length > 0 && alert.status === 'New');
  assert.ok(first);
  const row = first.violations[0];
  const grown: StoredAlert = {
    ...first,
    status: 'Active',
    portalSeverity: 'Informational',
    lastDetection: first.lastDetection + SECOND,
    violations: [
      { ...row, count: 5 },
      { ...row, parameterKey: 'second' },
    ],
  };
  const query: AlertQuery = { ...EVERYTHING, filters: [{ column: 'severity', operator: 'equals', values: ['Informational'] }] };
  assert.equal((await alerts.page(query, 10, null)).matching, 0);
  await alerts.save([grown]);
  assert.deepEqual(await alerts.get(grown.id), grown);
  assert.deepEqual((await alerts.page(query, 10, null)).alerts, [grown]);
  await alerts.save([first]);
  assert.equal((await alerts.get(first.id))?.violations.length, 1);
});

test('a page marker of another query and a damaged one are refused', async () => {
  const { next } = await alerts.page(EVERYTHING, 1, null);
  const byTitle: AlertQuery = { filters: [], sort: { column: 'title', descending: true } };
  for (const [query, cursor] of [
    [byTitle, next],
    [EVERYTHING, 'nonsense'],
    [EVERYTHING, Buffer.from('[1,2]').toString('base64url')],
  ] as const) {
    await assert.rejects(alerts.page(query, 1, cursor), (error) => error instanceof StoreError && error.code === 'bad-cursor');
  }
});

test('a time that cannot be read is refused', async () => {
  const query: AlertQuery = { ...EVERYTHING, filters: [{ column: 'lastDetection', operator: 'greater', values: ['yesterday'] }] };
  await assert.rejects(alerts.page(query, 1, null), (error) => error instanceof StoreError && error.code === 'bad-value');
});
