import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EICAR_LENGTH, EicarStream, findEicar } from './signature.ts';

const STRING = Buffer.from('WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=', 'base64');
const within = (before: number, after: number): Uint8Array =>
  Uint8Array.from([...new Uint8Array(before).fill(88), ...STRING, ...new Uint8Array(after).fill(33)]);

test('the string is found wherever it stands', () => {
  assert.equal(STRING.length, EICAR_LENGTH);
  for (let before = 0; before < 200; before++)
    assert.equal(findEicar(within(before, before % 7), 0, before + STRING.length + (before % 7)), before);
});

test('the string is not found outside the window, in part, or changed', () => {
  const bytes = within(10, 10);
  assert.equal(findEicar(bytes, 11, bytes.length), -1);
  assert.equal(findEicar(bytes, 0, 10 + STRING.length - 1), -1);
  for (let index = 0; index < STRING.length; index++) {
    const changed = Uint8Array.from(STRING);
    changed[index] ^= 1;
    assert.equal(findEicar(changed, 0, changed.length), -1, `byte ${index}`);
  }
});

test('in a stream the string is found however it is cut', () => {
  for (let first = 0; first <= STRING.length; first++) {
    for (const second of [first, Math.min(STRING.length, first + 1), Math.min(STRING.length, first + 30)]) {
      const stream = new EicarStream();
      const bytes = within(3, 5);
      const cuts = [0, 3 + first, 3 + second, bytes.length];
      const found = [0, 1, 2].map((piece) => stream.push(bytes, cuts[piece], cuts[piece + 1]));
      assert.equal(found.filter(Boolean).length, 1, `cut at ${first} and ${second}`);
    }
  }
});

test('a gap within the string hides it', () => {
  const stream = new EicarStream();
  assert.equal(stream.push(STRING, 0, 30), false);
  stream.gap();
  assert.equal(stream.push(STRING, 30, STRING.length), false);
});
