import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAGE_BYTES, WindowCounters } from './window-counters.ts';

/** Where pages of memory and of snapshots begin and end. */
const DEVICES = [0, 63, 64, 4095, 4096, 32_767, 32_768, 100_000];
const START = 29_000_000;

/** A window that was raised, and one before it that was raised for every other device. */
function counted(): WindowCounters {
  const counters = new WindowCounters();
  for (const [at, device] of DEVICES.entries()) {
    counters.note(device, 10 + at);
    counters.add(device, START, 100 + at);
    if (at % 2 === 0) counters.raise(device, START);
    counters.add(device, START + 5, 0xffff_ffff);
    counters.raise(device, START + 5);
  }
  return counters;
}

test('each device has its windows, whether they were raised, and its count of the history', () => {
  const counters = counted();
  for (const [at, device] of DEVICES.entries()) {
    assert.equal(counters.add(device, START, 1), 101 + at);
    assert.equal(counters.get(device, START), 101 + at);
    assert.equal(counters.get(device, START + 5), 0xffff_ffff);
    assert.equal(counters.add(device, START + 5, 1), 0xffff_ffff);
    assert.equal(counters.get(device, START + 10), 0);
    assert.equal(counters.raise(device, START), at % 2 === 1);
    assert.equal(counters.raise(device, START + 5), false);
  }
  assert.equal(counters.get(50_000, START), 0);
  assert.equal(counters.get(1_000_000, START), 0);
});

test('windows and history are forgotten apart from each other', () => {
  const counters = counted();
  for (const device of [4096, 32_768, 1_000_000]) {
    counters.clear(device);
    assert.equal(counters.get(device, START), 0);
  }
  counters.forget(4096);
  counters.forget(1_000_000);
  const noted: [number, number][] = [];
  counters.eachNoted(true, (device, count) => noted.push([device, count]));
  assert.deepEqual(
    noted,
    DEVICES.flatMap((device, at) => (device === 4096 ? [] : [[device, 10 + at]])),
  );
  counters.eachNoted(false, () => assert.fail('it was counted twice'));
  assert.equal(counters.get(4095, START), 103);
});

test('of the two windows of a device either can be kept, raised or not', () => {
  for (const kept of [START, START + 5]) {
    const counters = counted();
    for (const device of [0, 63, 50_000, 1_000_000]) counters.keep(device, (start) => start === kept);
    assert.equal(counters.get(0, START), kept === START ? 100 : 0);
    assert.equal(counters.get(63, START + 5), kept === START ? 0 : 0xffff_ffff);
    counters.add(0, START + 10, 7);
    assert.equal(counters.get(0, kept), kept === START ? 100 : 0xffff_ffff);
    assert.equal(counters.raise(0, kept), false);
    assert.equal(counters.get(64, START), 102);
  }
});

test('goes on from a snapshot, of which only pages with counts are kept', () => {
  const kept = [...counted().snapshot()];
  assert.deepEqual(
    kept.map(({ page }) => page),
    [0, 1, 7, 8, 24],
  );
  const counters = new WindowCounters();
  for (const { page, bytes } of kept) counters.restore(page, bytes);
  for (const [at, device] of DEVICES.entries()) {
    assert.equal(counters.get(device, START), 100 + at);
    assert.equal(counters.get(device, START + 5), 0xffff_ffff);
    assert.equal(counters.raise(device, START), at % 2 === 1);
    assert.equal(counters.raise(device, START + 5), false);
  }
});

test('reads a page of a snapshot: four words of each device, then a byte of each', () => {
  const bytes = new Uint8Array(PAGE_BYTES);
  const words = new Uint32Array(bytes.buffer, 0, 4096 * 4);
  words.set([START + 5, 7, START, 9], 3 * 4);
  // The earlier window is raised, the present one is not.
  bytes[4096 * 16 + 3] = 2;
  const counters = new WindowCounters();
  counters.restore(1, bytes);
  const device = 4096 + 3;
  assert.equal(counters.get(device, START + 5), 7);
  assert.equal(counters.get(device, START), 9);
  assert.equal(counters.raise(device, START), false);
  assert.equal(counters.raise(device, START + 5), true);
  const [{ page, bytes: again }] = [...counters.snapshot()];
  assert.equal(page, 1);
  bytes[4096 * 16 + 3] = 3;
  assert.deepEqual(again, bytes);
});
