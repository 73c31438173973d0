import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentMap } from './recent-map.ts';

test('the last values are there, and never more than twice as many', () => {
  const map = new RecentMap<number>(10);
  for (let n = 0; n < 1000; n++) {
    map.set(String(n), n);
    for (let back = 0; back < 10 && back <= n; back++) assert.equal(map.get(String(n - back)), n - back);
    assert.equal(map.get(String(n - 20)), undefined);
  }
});

test('a value that is set again is the new one, and one that is deleted is gone', () => {
  const map = new RecentMap<string>(2);
  for (const key of ['a', 'b', 'c']) map.set(key, `old ${key}`);
  map.set('a', 'new a');
  assert.equal(map.get('a'), 'new a');
  map.set('d', 'd');
  for (const key of ['a', 'b', 'c', 'd']) map.delete(key);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => map.get(key)),
    [undefined, undefined, undefined, undefined],
  );
});
