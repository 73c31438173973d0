/** The alert index against plain loops over the same alerts, while alerts come, change and go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AlertQuery } from '../alert-query.ts';
import { AlertIndex, type IndexedAlert } from './alert-index.ts';

const NAMES = ['PLC-2', 'plc-10', 'PLC-10', 'HMI', '', 'Übergabe', '10.0.0.9', '10.0.0.10'];
const MESSAGES = ['wrote  register 16 to PLC-10', 'read\tregister 16', 'scanned 214 ports', ''];

function indexed(seq: number, change: number, born: number, draw: readonly number[]): IndexedAlert {
  const pick = <Value>(values: readonly Value[], at: number): Value => values[draw[at] % values.length];
  const source = pick(NAMES, 9);
  const destination = pick(NAMES, 10);
  return {
    seq,
    change,
    born,
    id: `${(draw[0] % 16).toString(16)}${seq.toString(16).padStart(5, '0')}`,
    severity: draw[1] % 13,
    title: pick(['Port Scan Detected', 'Modbus Exception', 'Controller Stop'], 2),
    engine: pick(['Malware', 'Anomaly'], 3),
    firstDetection: draw[4] % 5,
    lastDetection: draw[5] % 9,
    lastActivity: draw[6],
    status: pick(['New', 'Active', 'Closed'], 7),
    disposition: 'none',
    category: 'Scan',
    type: 'port-scan-detected',
    protocol: pick(['modbus', ''], 8),
    sourceId: source,
    sourceDevice: source,
    sourceAddress: source,
    destinationId: destination,
    destinationDevice: destination,
    destinationAddress: destination,
    sensor: 'one',
    site: pick(['North', 'South'], 11),
    zone: 'z',
    tactics: pick(['', 'Discovery', 'Discovery\nEvasion'], 12),
    dataSource: pick(['', 'Agent'], 14),
    securityGroup: pick(['', 'pumps'], 15),
    // Stays when the alert changes.
    traffic: seq % 7,
    message: pick(MESSAGES, 13),
  };
}

/** An index, and the same alerts in a map. */
class Twins {
  readonly index = new AlertIndex();
  readonly alerts = new Map<number, IndexedAlert>();
  #change = 0;
  #seq = 0;

  raise(draw: readonly number[]): void {
    this.#put(indexed(++this.#seq, ++this.#change, this.#change, draw));
  }

  change(which: number, draw: readonly number[]): void {
    const old = [...this.alerts.values()].at(which % Math.max(this.alerts.size, 1));
    if (old) this.#put({ ...indexed(old.seq, ++this.#change, old.born, draw), id: old.id });
  }

  remove(which: number): void {
    const seq = [...this.alerts.keys()].at(which % Math.max(this.alerts.size, 1));
    if (seq === undefined) return;
    this.index.remove([seq]);
    this.alerts.delete(seq);
  }

  get lastChange(): number {
    return this.#change;
  }

  #put(alert: IndexedAlert): void {
    this.index.apply([alert]);
    this.alerts.set(alert.seq, alert);
  }
}

const draws = fc.array(fc.nat(100), { minLength: 16, maxLength: 16 });
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: draws.map((draw) => (twins: Twins) => twins.raise(draw)) },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.nat(), draws).map(
        ([which, draw]) =>
          (twins: Twins) =>
            twins.change(which, draw),
      ),
    },
    { weight: 2, arbitrary: fc.nat().map((which) => (twins: Twins) => twins.remove(which)) },
  ),
  { minLength: 1, maxLength: 80 },
);

function twinsOf(all: readonly ((twins: Twins) => void)[]): Twins {
  const twins = new Twins();
  for (const step of all) step(twins);
  return twins;
}

function allPages(index: AlertIndex, query: AlertQuery, limit: number): number[] {
  const seqs: number[] = [];
  let cursor: string | null = null;
  do {
    const page: ReturnType<AlertIndex['page']> = index.page(query, limit, cursor);
    seqs.push(...page.seqs);
    cursor = page.next;
  } while (cursor !== null);
  return seqs;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const SORTS: readonly [AlertQuery['sort']['column'], (a: IndexedAlert, b: IndexedAlert) => number][] = [
  ['lastDetection', (a, b) => a.lastDetection - b.lastDetection],
  ['severity', (a, b) => a.severity - b.severity],
  ['title', (a, b) => collator.compare(a.title, b.title)],
  ['id', (a, b) => (a.id < b.id ? -1 : 1)],
];

test('pages and streams hold every matching alert once and in order', () => {
  fc.assert(
    fc.property(
      steps,
      fc.constantFrom(...SORTS),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      (all, [column, compare], descending, limit) => {
        const { index, alerts } = twinsOf(all);
        const query: AlertQuery = {
          filters: [{ column: 'status', operator: 'notEquals', values: ['closed'] }],
          sort: { column, descending },
        };
        const sign = descending ? -1 : 1;
        const expected = [...alerts.values()]
          .filter((alert) => alert.status !== 'Closed')
          .sort((a, b) => sign * (compare(a, b) || a.seq - b.seq))
          .map((alert) => alert.seq);
        assert.deepEqual(allPages(index, query, limit), expected);
        assert.deepEqual(index.page(query, 1, null).matching, expected.length);
        assert.equal(index.total, alerts.size);
        const ordered = index.ordered(query);
        while (ordered.prepare());
        const streamed: number[] = [];
        for (let part = index.take(ordered, limit); part.length > 0; part = index.take(ordered, limit)) streamed.push(...part);
        assert.deepEqual(streamed, expected);
      },
    ),
    { numRuns: 300 },
  );
});

test('a search finds what contains every term, in a field or in the message', () => {
  const terms = fc.constantFrom(
    'plc',
    'PLC-10',
    '10.0',
    'register 16',
    'register 16 to',
    'read register',
    '4 ports',
    'scan detected',
    'ü',
    'modbus',
    'x',
  );
  fc.assert(
    fc.property(steps, fc.array(terms, { minLength: 1, maxLength: 2 }), (all, asked) => {
      const { index, alerts } = twinsOf(all);
      const search = asked.map((term) => `"${term}"`).join(' ');
      const expected = [...alerts.values()].filter((alert) => {
        const fields = [alert.title, alert.protocol, alert.sourceDevice, alert.destinationDevice, alert.message.replaceAll(/\s+/g, ' ')];
        return asked.every((term) => fields.some((field) => field.toLowerCase().includes(term.toLowerCase())));
      });
      assert.deepEqual(
        index.batch({ search, filters: [] }, 0, 1000),
        expected.map((alert) => alert.seq),
      );
    }),
    { numRuns: 300 },
  );
});

test('changes after any number are told once each, as they are', () => {
  fc.assert(
    fc.property(steps, fc.nat(90), (all, after) => {
      const twins = twinsOf(all);
      const expected = [...twins.alerts.values()]
        .filter((alert) => alert.change > after)
        .sort((a, b) => a.change - b.change)
        .map(({ seq, change, born }) => ({ seq, change, raised: born > after }));
      assert.deepEqual(twins.index.changes(after, 1000).changes, expected);
      assert.equal(twins.index.lastChange, twins.lastChange);
    }),
    { numRuns: 300 },
  );
});

test('open alerts are found by the number of their traffic', () => {
  fc.assert(
    fc.property(steps, fc.array(fc.nat(8)), (all, numbers) => {
      const { index, alerts } = twinsOf(all);
      const expected = [...alerts.values()].filter(({ status, traffic }) => status !== 'Closed' && numbers.includes(traffic));
      assert.deepEqual(
        index.openOf(numbers).sort((a, b) => a - b),
        expected.map(({ seq }) => seq),
      );
    }),
    { numRuns: 200 },
  );
});

test('open alerts are found by their traffic after the index has grown and was compacted', () => {
  const twins = new Twins();
  for (let n = 0; n < 30_000; n++) twins.raise(Array.from({ length: 16 }, (_, at) => (n * 31 + at * 7) % 97));
  twins.index.remove(Array.from({ length: 20_000 }, (_, at) => at + 1));
  for (let n = 0; n < 10; n++) twins.raise(Array.from({ length: 16 }, () => 0));
  const expected = [...twins.alerts.values()].filter(({ seq, status, traffic }) => seq > 20_000 && status !== 'Closed' && traffic === 3);
  assert.deepEqual(
    twins.index.openOf([3]).sort((a, b) => a - b),
    expected.map(({ seq }) => seq),
  );
});

test('a stream that runs while most alerts are removed tells the others, each once and in order', () => {
  const twins = new Twins();
  for (let n = 0; n < 60_000; n++) twins.raise(Array.from({ length: 16 }, (_, at) => (n * 31 + at * 7) % 97));
  const query: AlertQuery = { filters: [], sort: { column: 'severity', descending: true } };
  const ordered = twins.index.ordered(query);
  ordered.prepare();
  // Compacts while one run is sorted and the other is not.
  twins.index.remove(Array.from({ length: 20_000 }, (_, at) => at * 3 + 1));
  while (ordered.prepare());
  const first = twins.index.take(ordered, 1000);
  twins.index.remove(Array.from({ length: 20_000 }, (_, at) => at * 3 + 2));
  const told = [...first];
  for (let part = twins.index.take(ordered, 1000); part.length > 0; part = twins.index.take(ordered, 1000)) told.push(...part);
  const left = told.filter((seq) => seq % 3 === 0);
  assert.equal(new Set(told).size, told.length);
  assert.equal(left.length, 20_000);
  assert.deepEqual(left, allPages(twins.index, query, 5000));
});

test('groups count a device for either end, and a tactic for each of its names', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { index, alerts } = twinsOf(all);
      const counted = (values: (alert: IndexedAlert) => readonly string[]) => {
        const counts = new Map<string, number>();
        for (const alert of alerts.values()) for (const value of new Set(values(alert))) counts.set(value, (counts.get(value) ?? 0) + 1);
        return counts;
      };
      const told = (column: 'device' | 'tactics') =>
        new Map(index.groups({ filters: [] }, column).groups.map(({ value, count }) => [value, count]));
      assert.deepEqual(
        new Map([...told('device')].sort()),
        new Map([...counted((alert) => [alert.sourceDevice, alert.destinationDevice].filter((name) => name !== ''))].sort()),
      );
      assert.deepEqual(
        new Map([...told('tactics')].sort()),
        new Map([...counted((alert) => alert.tactics.split('\n').filter((name) => name !== ''))].sort()),
      );
    }),
    { numRuns: 100 },
  );
});
