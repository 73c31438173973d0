import assert from 'node:assert/strict';
import test from 'node:test';
import { Activity } from './activity.ts';

test('packets beyond what a row holds are still counted, with those of a party that became this one', () => {
  const activity = new Activity(4);
  for (let packet = 1; packet <= 10; packet++) {
    activity.heard(7, 100 + packet, packet);
    assert.equal(activity.packets(7), packet);
  }
  assert.deepEqual([activity.lastSeconds(7), activity.lastNanoseconds(7)], [110, 10]);
  activity.add(7, 1000);
  activity.heard(7, 111, 0);
  assert.equal(activity.packets(7), 1011);
  assert.deepEqual([activity.packets(6), activity.packets(8)], [0, 0]);
  activity.forget(7);
  assert.equal(activity.packets(7), 0);
});

test('rows move when there is no room for a party', () => {
  const activity = new Activity();
  for (let party = 0; party < 1000; party++) {
    activity.reserve(party);
    activity.heard(party, party, 2 * party);
  }
  for (let party = 0; party < 1000; party++)
    assert.deepEqual([activity.packets(party), activity.lastSeconds(party), activity.lastNanoseconds(party)], [1, party, 2 * party]);
});
