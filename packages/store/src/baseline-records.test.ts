/** The history of a baseline against a model: every version can be had again, and says what changed. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Learnable } from '@annunciator/core/alert';
import type { BaselineEntry } from '@annunciator/core/baseline-entry';
import type { ReviewItem } from '@annunciator/core/review';
import fc from 'fast-check';
import type { VersionNote } from './baseline-records.ts';
import { openStore, type Store } from './store.ts';

async function storeFor(context: TestContext): Promise<Store> {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-baseline-'));
  const store = await openStore(directory);
  context.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return store;
}

const entry = (number: number, by: string | null = null): BaselineEntry => ({
  aspect: `a${number % 3}`,
  source: `s${number % 7}`,
  destination: number % 2 ? 'd' : '',
  value: `n=${number}`,
  learned: 5n,
  origin: { by, at: by === null ? null : 7, alert: by === null ? null : 'alert-1' },
});
const note = (action: VersionNote['action'] = 'edited'): VersionNote => ({
  at: 1,
  packetTime: 2n,
  by: 'eva',
  action,
  reason: 'why',
  about: null,
});
const keys = (entries: readonly Learnable[]): string[] => entries.map(({ value }) => value).sort();

const less = (set: ReadonlySet<number>, other: ReadonlySet<number>): Set<number> =>
  new Set([...set].filter((number) => !other.has(number)));

test('every version of a baseline can be had again, whatever came in between', async (context) => {
  const store = await storeFor(context);
  const step = fc.record({
    kind: fc.constantFrom('add', 'add', 'remove', 'all', 'cut'),
    numbers: fc.array(fc.nat(20), { maxLength: 6 }),
    noted: fc.boolean(),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const sensor = `sensor ${run++}`;
      let now = new Set<number>();
      const versions: Set<number>[] = [new Set()];
      const values = (set: ReadonlySet<number>): string[] => [...set].map((number) => `n=${number}`).sort();
      for (const { kind, numbers, noted } of steps) {
        if (kind === 'cut') await store.baseline.cut(sensor, note());
        else {
          const change = {
            all: kind === 'all',
            added: kind === 'remove' ? [] : numbers.map((number) => entry(number)),
            removed: kind === 'remove' ? numbers.map((number) => entry(number)) : [],
          };
          await store.baseline.apply(sensor, change, noted ? note() : undefined);
          if (kind === 'all') now = new Set(numbers);
          for (const number of numbers) {
            if (kind === 'remove') now.delete(number);
            else now.add(number);
          }
        }
        const cut = kind === 'cut' || noted;
        if (cut && values(now).join() !== values(versions[versions.length - 1]).join()) versions.push(new Set(now));
      }
      assert.deepEqual(keys(await store.baseline.all(sensor)), values(now));
      const told = (await store.baseline.versions(sensor, 100)).reverse();
      assert.deepEqual(
        told.map(({ number, entries }) => [number, entries]),
        versions.slice(1).map((set, index) => [index + 1, set.size]),
      );
      for (const [number, expected] of versions.entries()) {
        assert.deepEqual(keys(await store.baseline.at(sensor, number)), values(expected), `version ${number}`);
        if (number === 0) continue;
        const { added, removed } = await store.baseline.changes(sensor, number - 1, number);
        assert.deepEqual(keys(added), values(less(expected, versions[number - 1])));
        assert.deepEqual(keys(removed), values(less(versions[number - 1], expected)));
        assert.deepEqual([told[number - 1].added, told[number - 1].removed], [added.length, removed.length]);
      }
    }),
    { numRuns: 25 },
  );
});

test('an entry keeps who learned it, when and from which alert, and sensors do not mix', async (context) => {
  const store = await storeFor(context);
  await store.baseline.apply('one', { all: false, added: [entry(1, 'eva'), entry(2)], removed: [] }, note('alert-learned'));
  await store.baseline.apply('two', { all: true, added: [entry(3)], removed: [] });
  assert.deepEqual(await store.baseline.all('one'), [entry(1, 'eva'), entry(2)]);
  assert.deepEqual(await store.baseline.sensors(), ['one', 'two']);
  assert.deepEqual(await store.baseline.versions('two', 10), []);
  const [version] = await store.baseline.versions('one', 10);
  assert.deepEqual(version, { ...note('alert-learned'), number: 1, added: 2, removed: 0, entries: 2 });
  assert.deepEqual((await store.baseline.changes('one', 0, 1)).added, [entry(1, 'eva'), entry(2)]);
});

test('a large baseline is replaced and listed whole', async (context) => {
  const store = await storeFor(context);
  const entries = Array.from({ length: 12_000 }, (_, number) => entry(number));
  await store.baseline.apply('one', { all: true, added: entries, removed: [] }, note('learned'));
  await store.baseline.apply('one', { all: true, added: entries.slice(1), removed: [] }, note('learned'));
  assert.equal((await store.baseline.all('one')).length, 11_999);
  assert.deepEqual(keys((await store.baseline.changes('one', 1, 2)).removed), ['n=0']);
});

test('a decision about the review list is not undone by a sensor that has not heard of it', async (context) => {
  const store = await storeFor(context);
  const item: ReviewItem = {
    id: 'ab',
    kind: 'stop',
    detection: {
      type: 'controller-stop',
      time: 1_760_000_000_000_000_123n,
      source: null,
      destination: null,
      protocol: null,
      message: '',
      expected: '',
      seen: '',
      parameters: {},
      parameterKey: '',
      frames: [1],
      learn: [],
      internet: false,
    },
    count: 1,
    firstSeen: 1_760_000_000_000_000_123n,
    lastSeen: 1_760_000_000_000_000_123n,
    frames: [1],
    learn: [],
    state: 'pending',
    by: null,
    at: null,
  };
  await store.reviews.put('one', [item]);
  assert.deepEqual(await store.reviews.list('one'), [item]);
  await store.reviews.put('one', [{ ...item, state: 'rejected', by: 'eva', at: 5 }]);
  await store.reviews.put('one', [{ ...item, count: 2 }]);
  assert.deepEqual(await store.reviews.list('one'), [{ ...item, count: 2, state: 'rejected', by: 'eva', at: 5 }]);
  assert.deepEqual(await store.reviews.list('two'), []);
});
