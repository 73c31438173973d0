import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ranges } from './ranges.ts';

const ASPECT = 2;

describe('Ranges', () => {
  it('covers what lies within one interval, whichever was asked for before', () => {
    const ranges = new Ranges();
    const row = ranges.insert(1, 2, ASPECT, 3);
    ranges.add(row, 10, 19);
    ranges.add(row, 100, 199);
    for (const [first, last, expected] of [
      [10, 19, true],
      [150, 160, true],
      [12, 12, true],
      [15, 25, false],
      [19, 100, false],
      [0, 9, false],
      [100, 199, true],
    ] as const)
      assert.equal(ranges.covers(row, first, last), expected, `${first}-${last}`);
  });

  it('forgets the interval it remembered when a part of it is taken out', () => {
    const ranges = new Ranges();
    const row = ranges.insert(1, 2, ASPECT, 3);
    ranges.add(row, 0, 99);
    assert.ok(ranges.covers(row, 50, 50));
    ranges.remove(row, 40, 60);
    assert.ok(!ranges.covers(row, 50, 50));
    assert.ok(ranges.covers(row, 0, 39));
    ranges.clear(row);
    assert.ok(!ranges.covers(row, 0, 0));
  });

  it('keeps keys apart, also while the table grows', () => {
    const ranges = new Ranges();
    for (let key = 0; key < 5000; key++) ranges.add(ranges.insert(1, 2, ASPECT, key), key, key);
    assert.equal(ranges.size, 5000);
    for (let key = 0; key < 5000; key++) {
      const row = ranges.find(1, 2, ASPECT, key);
      assert.ok(ranges.covers(row, key, key) && !ranges.covers(row, key, key + 1), `key ${key}`);
    }
    assert.equal(ranges.find(1, 2, ASPECT, 5000), -1);
  });
});
