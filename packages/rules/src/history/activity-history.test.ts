import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WindowCounters } from '../evaluation/window-counters.ts';
import { ActivityHistory } from './activity-history.ts';

const START = Date.UTC(2026, 10, 26, 10);
const BUCKET = 5 * 60_000;

function historyOfTen(): ActivityHistory {
  const id = (device: number): string => `device-${device}`;
  const counters = [0, 1, 2].map(() => new WindowCounters());
  return new ActivityHistory({ end: 10, id, reader: () => id }, counters);
}

test('a bucket is handed out when it is over, without devices that were deleted meanwhile', () => {
  const history = historyOfTen();
  history.add(1, 2, START, 3);
  history.add(7, 2, START + 1, 1);
  history.forget(7);
  history.advance(START + BUCKET - 1);
  assert.deepEqual(history.take(), []);
  history.advance(START + BUCKET);
  assert.deepEqual(history.take(), [
    { bucket: START / 60_000, counts: [{ rule: 2, devices: ['device-1'], counts: [3] }], late: [], values: [] },
  ]);
});

test('a bucket in which only a deleted device did something is not handed out', () => {
  const history = historyOfTen();
  history.add(7, 2, START, 1);
  history.addValue(7, 10, START, START, 'sh', 1);
  history.forget(7);
  history.advance(START + BUCKET);
  assert.deepEqual(history.take(), []);
});
