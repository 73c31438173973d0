import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Endpoint, ENGINES } from '@annunciator/core/alert';
import { csvLines } from '@annunciator/core/csv';
import { shownSeverity } from '@annunciator/core/severity';
import { formatInstant, SECOND } from '@annunciator/core/time';
import {
  ALERT_COLUMNS,
  type AlertFilter,
  type AlertQuery,
  type AlertRecord,
  type AlertStore,
  EXPORTED_VALUES,
  GROUP_COLUMNS,
  type StoredAlert,
} from './alert-query.ts';
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

async function allPages(query: AlertQuery, limit: number): Promise<AlertRecord[]> {
  const found: AlertRecord[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<AlertStore['page']>> = await alerts.page(query, limit, cursor);
    assert.ok(page.alerts.length <= limit);
    found.push(...page.alerts);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

function ids(list: readonly { readonly id: string }[]): string[] {
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

const SEARCHES: readonly (readonly [search: string, terms: readonly string[]])[] = [
  ['modbus', ['modbus']],
  ['PLC-', ['plc-']],
  ['plc-3', ['plc-3']],
  ['10.0.1', ['10.0.1']],
  ['7', ['7']],
  ['to', ['to']],
  ['function 16', ['function', '16']],
  ['"function 16 to"', ['function 16 to']],
  ['"16 TO 10." modbus', ['16 to 10.', 'modbus']],
  ['"did not do before."', ['did not do before.']],
  ['"did do"', ['did do']],
  ['%', ['%']],
  ['_', ['_']],
  ['"', []],
  ["'", ["'"]],
  ['";--', [';--']],
  ["' OR '1'='1", ["'", 'or', "'1'='1"]],
  ['NOT AND', ['not', 'and']],
  ['*', ['*']],
  ['title:x', ['title:x']],
  [SAMPLES[7].id, [SAMPLES[7].id]],
  [SAMPLES[7].id.slice(3, 12).toUpperCase(), [SAMPLES[7].id.slice(3, 12)]],
];

/** The texts that a search looks into, one by one. */
function searched(alert: StoredAlert): string[] {
  const ends = [alert.source, alert.destination].flatMap((end) => (end ? [end.device, end.name, end.ip, end.mac] : []));
  return [alert.title, alert.message, alert.protocol, ...ends].flatMap((text) => (text ? [text.toLowerCase()] : []));
}

/** Ids are looked into for what could be a piece of one. */
const isPieceOfId = (term: string) => /^[0-9a-f-]{4,}$/.test(term);

for (const [search, terms] of SEARCHES) {
  test(`searching ${search} finds the alerts that contain each term`, async () => {
    const expected = matching((alert) =>
      terms.every((term) => searched(alert).some((text) => text.includes(term)) || (isPieceOfId(term) && alert.id.includes(term))),
    );
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
  for (const column of GROUP_COLUMNS) {
    // Severities are filtered by either's words.
    const filtered = column === 'sensorSeverity' ? 'severity' : column;
    const { groups, values } = await alerts.groups({ filters: [open] }, column);
    assert.equal(groups.length, values);
    for (let i = 1; i < groups.length; i++) assert.ok(groups[i - 1].count >= groups[i].count);
    for (const { value, count } of groups.slice(0, 5)) {
      const narrowed: AlertQuery = { ...EVERYTHING, filters: [open, { column: filtered, operator: 'equals', values: [value] }] };
      assert.equal((await alerts.page(narrowed, 1, null)).matching, count, `${column} ${value}`);
    }
    if (column === 'tactics' || column === 'device') continue;
    assert.equal(
      groups.reduce((sum, group) => sum + group.count, 0),
      matching((alert) => alert.status !== 'Closed').length,
      column,
    );
  }
  const { groups: severities } = await alerts.groups(EVERYTHING, 'severity');
  assert.deepEqual(
    new Map(severities.map((group) => [group.value, group.count])),
    new Map(['High', 'Medium', 'Low'].map((word) => [word, matching((alert) => shownSeverity(alert) === word).length])),
  );
});

test('a device is found at either end', async () => {
  const { device, name } = SAMPLES[0].source ?? assert.fail();
  const either = matching((alert) => [alert.source, alert.destination].some((end) => end?.device === device));
  for (const value of [device, name ?? device]) {
    const query: AlertQuery = { ...EVERYTHING, filters: [{ column: 'device', operator: 'equals', values: [value] }] };
    assert.deepEqual(ids(await allPages(query, 50)), either);
    const others: AlertQuery = { ...EVERYTHING, filters: [{ column: 'device', operator: 'notEquals', values: [value] }] };
    assert.equal((await alerts.page(others, 1, null)).matching, COUNT - either.length);
  }
});

test('texts sort as people expect: without case, and numbers by their value', async () => {
  const names = (await allPages({ filters: [], sort: { column: 'sensor', descending: false } }, COUNT)).map((alert) => alert.sensor);
  const numbers = names.map((name) => Number(name.slice('sensor-'.length)));
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
});

test('who may see a part of the alerts counts, groups and pages that part only', async () => {
  const scope: AlertQuery['scope'] = [
    [{ column: 'site', operator: 'equals', values: ['Site 3'] }],
    [
      { column: 'site', operator: 'equals', values: ['Site 4'] },
      { column: 'zone', operator: 'equals', values: ['Site 4 zone 1'] },
    ],
  ];
  const expected = matching((alert) => alert.site === 'Site 3' || alert.zone === 'Site 4 zone 1');
  assert.ok(expected.length > 0);
  assert.deepEqual(ids(await allPages({ ...EVERYTHING, scope }, 7)), expected);
  const page = await alerts.page({ ...EVERYTHING, scope, filters: [open] }, 1, null);
  assert.equal(page.total, expected.length);
  assert.ok(page.matching < expected.length);
  const { groups } = await alerts.groups({ filters: [], scope }, 'site');
  assert.deepEqual(groups.map((group) => group.value).sort(), ['Site 3', 'Site 4']);
  assert.equal((await alerts.page({ ...EVERYTHING, scope: [] }, 1, null)).total, 0, 'nobody sees what nothing allows');
});

test('a stream gives every matching alert once, in order', async () => {
  const streamed: AlertRecord[] = [];
  for await (const batch of alerts.stream({ ...EVERYTHING, filters: [open] }, 33)) streamed.push(...batch);
  assert.deepEqual(streamed, await allPages({ ...EVERYTHING, filters: [open] }, COUNT));
});

test('an export says every matching alert once, in order, by any column', async () => {
  const unnamed: Endpoint = { device: '00:1b:1b:00:00:09', name: null, ip: null, mac: '00:1b:1b:00:00:09', port: null };
  const odd: StoredAlert = {
    ...sampleAlert(9003),
    status: 'New',
    source: unnamed,
    destination: null,
    protocol: null,
    message: '=1+1, "so"',
  };
  await alerts.save([odd]);
  const query: AlertQuery = { ...EVERYTHING, filters: [open], sort: { column: 'title', descending: true } };
  const words = new Map(ENGINES.map((engine) => [engine, `${engine}, an "engine"`]));
  const columns = EXPORTED_VALUES.map((value) => ({ header: value, value, ...(value === 'engine' ? { words } : {}) }));
  let text = '';
  for await (const lines of alerts.csv(query, columns, 33)) text += Buffer.from(lines).toString('utf8');
  const address = (end: Endpoint | null): string => end?.ip ?? end?.mac ?? '';
  const name = (end: Endpoint | null): string => end?.name ?? end?.ip ?? end?.mac ?? end?.device ?? '';
  const cells = (alert: AlertRecord): Record<(typeof EXPORTED_VALUES)[number], string> => ({
    ...alert,
    severity: shownSeverity(alert),
    sensorSeverity: alert.severity,
    engine: words.get(alert.engine) ?? '',
    firstDetection: formatInstant(alert.firstDetection),
    lastDetection: formatInstant(alert.lastDetection),
    lastActivity: formatInstant(alert.lastActivity),
    protocol: alert.protocol ?? '',
    sourceDevice: name(alert.source),
    sourceAddress: address(alert.source),
    destinationDevice: name(alert.destination),
    destinationAddress: address(alert.destination),
    count: String(alert.count),
  });
  const expected = await allPages(query, 1000);
  assert.ok(expected.some(({ id }) => id === odd.id));
  await alerts.remove([odd.id]);
  assert.equal(text, csvLines(expected.map((alert) => EXPORTED_VALUES.map((value) => cells(alert)[value]))));
});

test('an export without words for a text leaves the cell empty', async () => {
  let text = '';
  const columns = [{ header: 'Tactics', value: 'type', words: new Map<string, string>() }] as const;
  for await (const lines of alerts.csv({ ...EVERYTHING, filters: [open] }, columns, 1000)) text += Buffer.from(lines).toString('utf8');
  assert.match(text, /^(\r\n)+$/);
});

async function all(batches: AsyncIterable<readonly StoredAlert[]>): Promise<string[]> {
  const found: StoredAlert[] = [];
  for await (const batch of batches) found.push(...batch);
  return ids(found);
}

test('what silences, what waits for packets and what is open for some traffic is found', async () => {
  const learned: StoredAlert = { ...sampleAlert(9001), status: 'Closed', disposition: 'learned', closeReason: 'learned' };
  const waiting: StoredAlert = { ...sampleAlert(9002), pcap: { state: 'requested', reason: 'Soon.' } };
  await alerts.save([learned, waiting]);
  assert.deepEqual(await all(alerts.silencing()), [learned.id]);
  assert.deepEqual(await all(alerts.awaitingPackets()), [waiting.id]);
  const openSamples = SAMPLES.filter((alert) => alert.status !== 'Closed').slice(0, 5);
  for (const alert of openSamples)
    assert.deepEqual(ids(await alerts.openOf(alert.sensor, [alert.key, 'no such key', learned.key])), [alert.id]);
  assert.deepEqual(await alerts.openOf('another sensor', [openSamples[0].key]), []);

  await alerts.remove([learned.id, waiting.id]);
  assert.equal(await alerts.get(learned.id), undefined);
  assert.equal((await alerts.page(EVERYTHING, 1, null)).total, COUNT);
  assert.equal((await alerts.page({ ...EVERYTHING, search: learned.id }, 1, null)).matching, 0);
});

test('batches go through the matching alerts once, with their evidence', async () => {
  const found: StoredAlert[] = [];
  for (let after = 0; ; ) {
    const batch = await alerts.batch({ filters: [open] }, after, 33);
    if (batch.alerts.length === 0) break;
    found.push(...batch.alerts);
    after = batch.after;
  }
  assert.deepEqual(
    found,
    SAMPLES.filter((alert) => alert.status !== 'Closed'),
  );
});

test('changes are told after any number, each alert once and as it is, over a restart too', async () => {
  const before = alerts.lastChange;
  const [first, second] = SAMPLES;
  const fresh = sampleAlert(9003);
  await alerts.save([first, fresh]);
  await alerts.save([
    { ...second, count: 7 },
    { ...first, count: 9 },
  ]);
  const told = async (asked: AlertStore) => {
    const { changes, last, more } = await asked.changes(before, 10);
    assert.deepEqual([last, more], [asked.lastChange, false]);
    return changes.map(({ alert, raised }) => [alert.id, alert.count, raised]);
  };
  const expected = [
    [fresh.id, fresh.count, true],
    [second.id, 7, false],
    [first.id, 9, false],
  ];
  assert.deepEqual(await told(alerts), expected);
  await store.close();
  store = await openStore(directory);
  alerts = store.alerts;
  assert.deepEqual(await told(alerts), expected);
  const some = await alerts.changes(before, 2);
  assert.deepEqual([some.changes.length, some.more], [2, true]);
  assert.deepEqual(
    (await alerts.changes(some.last, 2)).changes.map(({ alert }) => alert.id),
    [first.id],
  );
  assert.deepEqual(await alerts.changes(alerts.lastChange, 2), { changes: [], last: alerts.lastChange, more: false });
  await alerts.remove([fresh.id]);
  await alerts.save([first, second]);
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
  const [listed] = (await alerts.page(query, 10, null)).alerts;
  assert.deepEqual([listed.id, listed.violationCount, listed.status], [grown.id, 2, 'Active']);
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
