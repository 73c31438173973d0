import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatInstant, formatMicroseconds, instant, parseInstant } from './time.ts';

/** Seconds that a Date can tell, and nanoseconds. */
const parts = fc.tuple(
  fc.oneof(fc.integer({ min: -8.64e12, max: 8.64e12 - 1 }), fc.integer({ min: 0, max: 4e9 }), fc.integer({ min: -90_000, max: 90_000 })),
  fc.integer({ min: 0, max: 999_999_999 }),
);

test('an instant reads as the Date of its second does, with the decimals that are asked for', () => {
  fc.assert(
    fc.property(parts, fc.integer({ min: 0, max: 9 }), ([seconds, nanoseconds], decimals) => {
      const whole = new Date(seconds * 1000).toISOString().slice(0, -5);
      const fraction = decimals === 0 ? '' : `.${String(nanoseconds).padStart(9, '0').slice(0, decimals)}`;
      assert.equal(formatInstant(instant(seconds, nanoseconds), decimals), `${whole}${fraction}Z`);
    }),
    { numRuns: 5000 },
  );
});

test('what is written with nine decimals is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e9 }), fc.integer({ min: 0, max: 999_999_999 }), (seconds, nanoseconds) => {
      const at = instant(seconds, nanoseconds);
      assert.equal(parseInstant(formatInstant(at, 9)), at);
    }),
  );
});

test('microseconds read as the instant does', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e15, max: 9e15 }), (microseconds) => {
      assert.equal(formatMicroseconds(microseconds), formatInstant(BigInt(microseconds) * 1000n));
    }),
  );
});

test('a time that no calendar has is told as a number', () => {
  assert.equal(formatInstant(instant(8.64e12 + 1, 5)), 'invalid-time(8640000000001000000005ns)');
  assert.equal(formatInstant(instant(-8.64e12 - 1, 0)), 'invalid-time(-8640000000001000000000ns)');
});
