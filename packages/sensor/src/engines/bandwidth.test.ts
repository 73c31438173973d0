import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { host } from '@annunciator/testkit/host';
import * as udp from '@annunciator/testkit/udp';
import type { Timeline } from '@annunciator/testkit/timeline';
import { MASTER, OTHER, ofType, raised, SLAVE, type Write } from '../../tests/raised.ts';

const WEEK = 7 * 86_400;
const BUCKET = 300;
const WHOLE = 'abnormal-traffic-bandwidth';
const PAIR = 'abnormal-traffic-bandwidth-between-devices';

/** The hour that begins at `start` seconds: twelve buckets and the beginning of a thirteenth, `packets(bucket)` datagrams in each. */
function hour(timeline: Timeline, start: number, packets: (bucket: number) => number, server = SLAVE): void {
  for (let bucket = -1; bucket < 13; bucket++) {
    const count = packets(bucket);
    for (let i = 0; i < count; i++)
      udp.send(timeline.at(start + bucket * BUCKET + 1 + i), MASTER, 4000, server, 4001, new Uint8Array(1000));
  }
}

/** Two weeks of the same hour, twenty datagrams (more or less) in each bucket, then a third week. */
const weeks =
  (third: (bucket: number) => number, weeksBefore = 2): Write =>
  (timeline) => {
    for (let week = 0; week < weeksBefore; week++) hour(timeline, 3600 + week * WEEK, (bucket) => 20 + (bucket % 3));
    hour(timeline, 3600 + weeksBefore * WEEK, third);
  };

describe('volumes', () => {
  for (const [type, source, destination] of [
    [WHOLE, null, null],
    [PAIR, MASTER.ip, SLAVE.ip],
  ] as const) {
    it(`${type} rises with the third bucket in a row out of range`, () => {
      const [detection, ...more] = ofType(raised(weeks((bucket) => (bucket >= 3 && bucket < 6 ? 90 : 20))), type);
      assert.ok(detection, 'raised');
      assert.deepEqual(more, []);
      assert.equal(detection.source?.ip ?? null, source);
      assert.equal(detection.destination?.ip ?? null, destination);
      assert.match(detection.message, /\d+ bytes in five minutes; \d+ bytes in five minutes is usual/);
    });

    it(`${type} rises when traffic all but ends`, () => {
      const found = ofType(raised(weeks((bucket) => (bucket >= 3 && bucket < 6 ? 1 : 20))), type);
      assert.equal(found.length, 1);
    });

    for (const [why, third, before] of [
      ['two buckets are out of range', (bucket: number) => (bucket === 3 || bucket === 4 ? 90 : 20), 2],
      ['every other bucket is out of range', (bucket: number) => (bucket % 2 ? 90 : 20), 2],
      ['the volume only breathes', (bucket: number) => 18 + (bucket % 5), 2],
      ['one week is known', () => 90, 1],
    ] as const)
      it(`${type} stays silent when ${why}`, () => {
        assert.deepEqual(ofType(raised(weeks(third, before)), type), []);
      });
  }

  it('takes what was told for usual from then on', () => {
    const result = raised((timeline) => {
      weeks(() => 90)(timeline);
      for (let week = 3; week < 6; week++) hour(timeline, 3600 + week * WEEK, () => 90);
    });
    assert.equal(ofType(result, WHOLE).length, 1);
  });

  it('does not judge other hours of the week by this one', () => {
    const result = raised((timeline) => {
      weeks(() => 20)(timeline);
      hour(timeline, 4 * 3600 + 2 * WEEK, () => 90);
    });
    assert.deepEqual(ofType(result, WHOLE), []);
  });

  it('does not judge one pair by another', () => {
    const result = raised((timeline) => {
      weeks(() => 20)(timeline);
      hour(timeline, 3600 + 2 * WEEK, () => 90, host('new', OTHER.ip));
    });
    assert.deepEqual(ofType(result, PAIR), []);
  });

  it('learns an hour on request', () => {
    const result = raised(weeks((bucket) => (bucket >= 3 && bucket < 6 ? 90 : 20)));
    const [entry] = ofType(result, WHOLE)[0].learn;
    assert.equal(entry.aspect, 'traffic.volume');
    assert.ok(result.sensor.learn(entry));
    assert.deepEqual(
      result.sensor.baseline
        .entries()
        .filter(({ aspect }) => aspect === 'traffic.volume')
        .map(({ value }) => value),
      [entry.value],
    );
  });
});
