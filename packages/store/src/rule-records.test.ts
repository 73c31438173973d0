/** Rules and their counts as the store keeps them. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openStore, type Store } from './store.ts';

const DAY = 86_400n * 1_000_000_000n;

async function open(t: TestContext): Promise<Store> {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-rules-'));
  const store = await openStore(directory);
  t.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return store;
}

const rule = (id: string, name: string) => ({ id, name, body: `{"name":"${name}"}`, by: 'ada', at: 1 });

test('rules come, change, swap their names and go, all at once', async (t) => {
  const { rules } = await open(t);
  await rules.change({ remove: [], put: [rule('1', 'pumps'), rule('2', 'valves')] });
  await rules.change({ remove: [], put: [rule('1', 'valves'), rule('2', 'pumps')] });
  assert.deepEqual(await rules.list(), [rule('2', 'pumps'), rule('1', 'valves')]);
  await assert.rejects(rules.change({ remove: ['2'], put: [rule('3', 'valves')] }), 'a name is there once');
  assert.equal((await rules.list()).length, 2, 'nothing of a refused change is done');
  await rules.change({ remove: ['1'], put: [] });
  assert.deepEqual(await rules.list(), [rule('2', 'pumps')]);
});

test('counts are kept by day, and the last time of a rule for good', async (t) => {
  const { rules } = await open(t);
  await rules.change({ remove: [], put: [rule('1', 'a'), rule('2', 'b')] });
  await rules.count('one', [{ rule: '1', count: 3, last: 100n * DAY + 5n }]);
  await rules.count('one', [
    { rule: '1', count: 4, last: 100n * DAY + 9n },
    { rule: '2', count: 1, last: 100n * DAY },
    { rule: 'gone', count: 1, last: 100n * DAY },
  ]);
  await rules.count('two', [{ rule: '1', count: 10, last: 103n * DAY }]);
  assert.deepEqual(
    [...(await rules.activity(0n)).values()],
    [
      { rule: '1', last: 103n * DAY, count: 17 },
      { rule: '2', last: 100n * DAY, count: 1 },
    ],
  );
  assert.deepEqual(
    [...(await rules.activity(107n * DAY)).values()].map(({ count }) => count),
    [10, 0],
    'seven days up to now',
  );
  await rules.count('one', [{ rule: '1', count: 1, last: 300n * DAY }]);
  const all = await rules.activity(0n);
  assert.equal(all.get('1')?.count, 1);
  assert.deepEqual(all.get('2'), { rule: '2', last: 100n * DAY, count: 0 });
  await rules.change({ remove: ['1'], put: [] });
  assert.deepEqual([...(await rules.activity(0n)).keys()], ['2']);
});
