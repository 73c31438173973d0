import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DistinctWindow, RateWindow } from './window.ts';

describe('windows', () => {
  it('counts events of one key within the window only', () => {
    const window = new RateWindow({ count: 3, windowSeconds: 10 });
    assert.equal(window.add('a', 0, 1), null);
    assert.equal(window.add('b', 1, 2), null);
    assert.equal(window.add('a', 9, 3), null);
    assert.equal(window.add('a', 10, 4), null, 'the first is ten seconds old');
    assert.deepEqual(window.add('a', 11, 5), [3, 4, 5]);
    assert.equal(window.add('a', 11, 6), null, 'counts anew');
  });

  it('counts different members, and each as late as it was last seen', () => {
    const window = new DistinctWindow({ count: 3, windowSeconds: 10 });
    assert.equal(window.add(1, 7, 0, 1), null);
    assert.equal(window.add(1, 8, 5, 2), null);
    assert.equal(window.add(1, 7, 9, 3), null, 'the same again');
    assert.equal(window.add(1, 9, 15, 4), null, 'member 8 is ten seconds old');
    assert.deepEqual(window.add(1, 8, 16, 5), [3, 4, 5]);
  });

  it('leaves out what turned out ordinary', () => {
    const window = new DistinctWindow({ count: 2, windowSeconds: 10 });
    window.add(1, 7, 0, 1);
    window.withdraw(1, 7);
    assert.equal(window.add(1, 8, 1, 2), null);
  });

  it('keeps its bounds: the idle keys go first, and evidence is the latest hundred frames', () => {
    const window = new RateWindow({ count: 1000, windowSeconds: 1e9 });
    for (let key = 0; key < 70_000; key++) {
      window.add('busy', key, 2 * key + 1);
      window.add(`${key}`, key, 2 * key + 2);
      if (key === 998) break;
    }
    const frames = window.add('busy', 1000, 5000);
    assert.equal(frames?.length, 100);
    assert.equal(frames?.at(-1), 5000);
    for (let key = 0; key < 70_000; key++) window.add(`x${key}`, key, 1);
    assert.ok(window.forgotten > 4000);
  });
});
