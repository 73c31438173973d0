import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Recent } from './recent.ts';

const party = fc.integer({ min: 0, max: (1 << 18) - 1 });
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const question = fc.tuple(fc.integer({ min: 0, max: 40 }), party, party, fc.integer({ min: 0, max: 255 }), int32, int32);

test('a question is answered by itself only', () => {
  fc.assert(
    fc.property(fc.array(question, { minLength: 1, maxLength: 200 }), question, (asked, other) => {
      const recent = new Recent();
      for (const one of asked) recent.put(...one);
      assert.ok(recent.has(...(asked.at(-1) ?? other)), 'the last one is there');
      const known = asked.some((one) => one.every((value, index) => value === other[index]));
      if (!known) assert.ok(!recent.has(...other));
      for (let index = 0; index < other.length; index++) {
        const near = [...(asked.at(-1) ?? other)] as typeof other;
        near[index] = index === 0 ? near[0] + 1 : near[index] ^ 1;
        if (!asked.some((one) => one.every((value, at) => value === near[at]))) assert.ok(!recent.has(...near));
      }
    }),
  );
});

test('a range is covered by an interval that was put near it, and by no other', () => {
  const recent = new Recent();
  recent.putRange(3, 7, 9, 1, 0x103, 100, 140, 110);
  assert.ok(recent.covers(3, 7, 9, 1, 0x103, 110, 120));
  assert.ok(recent.covers(3, 7, 9, 1, 0x103, 100, 140));
  assert.ok(!recent.covers(3, 7, 9, 1, 0x103, 110, 141));
  assert.ok(!recent.covers(3, 7, 9, 1, 0x103, 99, 120));
  assert.ok(!recent.covers(3, 9, 7, 1, 0x103, 110, 120));
  assert.ok(!recent.covers(3, 7, 9, 1, 0x104, 110, 120));
  recent.putRange(3, 7, 9, 1, 0x103, 60_000, 65_535, 65_000);
  assert.ok(recent.covers(3, 7, 9, 1, 0x103, 65_000, 65_535));
  recent.putRange(3, 7, 9, 1, 0x103, 65_000, 70_000, 65_000);
  assert.ok(!recent.covers(3, 7, 9, 1, 0x103, 65_000, 70_000), 'too long for a place: whoever asks has to look elsewhere');
});

test('nothing is known after forgetting, however often', () => {
  const recent = new Recent();
  for (let round = 0; round < 3; round++) {
    recent.put(0, 1, 2, 3, 4, 5);
    assert.ok(recent.has(0, 1, 2, 3, 4, 5));
    // As many as there are generations: the first one comes again.
    for (let forgotten = 0; forgotten < 2 ** 20; forgotten++) {
      recent.forget();
      if (forgotten % 2 ** 18 === 0) assert.ok(!recent.has(0, 1, 2, 3, 4, 5));
    }
    assert.ok(!recent.has(0, 1, 2, 3, 4, 5));
  }
});
