import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlantFeed } from './plant-feed.ts';

const NOW = 1_790_000_000_000;
const LEARNING = 600;
/** 600 seconds at 60 seconds a second. */
const LEARNED = NOW + 10_000;

test('learning passes sixty times as fast as the wall clock and ends at the present', () => {
  const feed = new PlantFeed({ now: NOW, learning: LEARNING });
  assert.equal(feed.packetTime(NOW), NOW / 1000 + 10 - LEARNING);
  assert.equal(feed.packetTime(LEARNED), LEARNED / 1000);
  assert.equal(feed.learningEnds, LEARNED / 1000);
  assert.equal(feed.packetTime(LEARNED + 5000), LEARNED / 1000 + 5);
});

test('every packet is given once, when it is due', () => {
  const feed = new PlantFeed({ now: NOW, learning: LEARNING });
  const steps: number[] = [];
  let last = 0;
  for (let now = NOW; now <= LEARNED + 30_000; now += 250) {
    const packets = [...feed.due(now)];
    for (const packet of packets) {
      const time = packet.seconds + packet.nanoseconds / 1e9;
      assert.ok(time >= last && time < feed.packetTime(now));
      last = time;
    }
    steps.push(packets.length);
  }
  assert.deepEqual([...feed.due(LEARNED + 30_000)], []);
  assert.ok(steps.reduce((sum, count) => sum + count) > 15_000);
});

test('a limit leaves the rest for the next call', () => {
  const feed = new PlantFeed({ now: NOW, learning: LEARNING });
  const other = new PlantFeed({ now: NOW, learning: LEARNING });
  const piecemeal = [...feed.due(LEARNED, 1000), ...feed.due(LEARNED)];
  assert.deepEqual(piecemeal.length, [...other.due(LEARNED)].length);
});
