import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IdTable } from './id-table.ts';

test('knows the ids that were added and not removed, as a map would', () => {
  // Short ids of few letters, so that they share their beginnings and come again; and some of every other length.
  const id = fc.oneof(
    { weight: 9, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', '-', '\xff'), minLength: 0, maxLength: 6 }) },
    { weight: 1, arbitrary: fc.integer({ min: 7, max: 255 }).map((length) => 'c'.repeat(length)) },
  );
  const steps = fc.array(fc.tuple(fc.constantFrom('add', 'add', 'remove'), id), { maxLength: 400, size: 'max' });
  fc.assert(
    fc.property(steps, (all) => {
      const table = new IdTable();
      const twin = new Map<string, number>();
      const free: number[] = [];
      for (const [kind, own] of all) {
        const known = twin.get(own);
        if (kind === 'remove') {
          table.remove(own);
          twin.delete(own);
          if (known !== undefined) free.push(known);
        } else if (known === undefined) {
          const number = free.pop() ?? twin.size;
          table.add(own, number);
          twin.set(own, number);
        }
        assert.equal(table.find(own), twin.get(own) ?? -1);
      }
      assert.equal(table.size, twin.size);
      const read = table.reader();
      for (const [own, number] of twin) {
        assert.equal(table.find(own), number);
        assert.equal(table.id(number), own);
        assert.equal(read(number), own);
      }
    }),
    { numRuns: 300 },
  );
});

test('finds each of many ids, also while most of them go and others come', () => {
  const table = new IdTable();
  const name = (at: number): string => `site-${at % 7}/pump ${at}`;
  for (let at = 0; at < 5000; at++) table.add(name(at), at);
  for (let at = 0; at < 4900; at++) table.remove(name(at));
  for (let at = 5000; at < 9900; at++) table.add(name(at), at - 5000);
  for (let at = 0; at < 4900; at++) assert.equal(table.find(name(at)), -1);
  for (let at = 4900; at < 9900; at++) assert.equal(table.id(table.find(name(at))), name(at));
});

test('what no hub allows is never found, and refused', () => {
  const table = new IdTable();
  for (const id of ['a'.repeat(255), 'Pump\xe9']) table.add(id, table.size);
  for (const id of ['a'.repeat(256), 'Pump\u0169', 'Pump\u01e9', 'Pump\ud83d\ude00']) {
    assert.equal(table.find(id), -1);
    assert.throws(() => table.add(id, 2), RangeError);
    table.remove(id);
  }
  assert.equal(table.size, 2);
});
