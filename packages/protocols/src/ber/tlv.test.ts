import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '../testing/mutate.ts';
import { hex } from '../testing/replay.ts';
import { countElements, DEEPEST, integer, Tlv } from './tlv.ts';

const elements: readonly {
  readonly what: string;
  readonly bytes: string;
  readonly as: readonly [tag: number, number: number, size: number, next: number];
}[] = [
  { what: 'a short length', bytes: '8002aabb', as: [0x80, 0, 2, 4] },
  { what: 'no contents', bytes: '8b00', as: [0x8b, 11, 0, 2] },
  { what: 'a length of one further octet', bytes: `048181${'00'.repeat(129)}`, as: [4, 4, 129, 132] },
  { what: 'a length of four further octets', bytes: '04840000000100', as: [4, 4, 1, 7] },
  { what: 'a long identifier', bytes: 'bf2c0199', as: [0xbf, 44, 1, 4] },
  { what: 'a longer identifier', bytes: '9f8101020000', as: [0x9f, 129, 2, 6] },
  { what: 'an indefinite length', bytes: '3080020101300004000000', as: [0x30, 16, 7, 11] },
  { what: 'indefinite lengths in each other', bytes: '3080a080020101000000005555', as: [0x30, 16, 7, 11] },
];
for (const { what, bytes, as } of elements) {
  test(`an element with ${what} is read`, () => {
    const tlv = new Tlv();
    const input = hex(bytes);
    assert.equal(tlv.read(input, 0, input.length), true);
    assert.deepEqual([tlv.tag, tlv.number, tlv.end - tlv.start, tlv.next], as);
  });
}

const broken: Readonly<Record<string, string>> = {
  'one byte': '30',
  'contents past the limit': '300501',
  'a length whose octets are missing': '3082',
  'a length of five octets': '30850000000001ff',
  'an identifier of four octets': '1f81818100',
  'an identifier and no length': 'bf2c',
  'an indefinite length without an end': '3080020101',
  'an indefinite length of a primitive': '04800000',
};
for (const [what, bytes] of Object.entries(broken)) {
  test(`${what} is no element`, () => {
    const input = hex(bytes);
    assert.equal(new Tlv().read(input, 0, input.length), false);
  });
}

test('elements are counted at the top and proved down to the leaves', () => {
  const count = (text: string): number => countElements(hex(text), 0, hex(text).length);
  assert.equal(count(''), 0);
  assert.equal(count('830100840300ff00'), 2);
  assert.equal(count('a206830100830100830101'), 2);
  assert.equal(count('a203830200'), -1);
});

test('nesting is bounded', () => {
  let inner = '';
  for (let depth = 0; depth < DEEPEST - 1; depth++) inner = `30${(inner.length / 2).toString(16).padStart(2, '0')}${inner}`;
  assert.equal(countElements(hex(inner), 0, inner.length / 2), 1);
  const deeper = `30${(inner.length / 2).toString(16).padStart(2, '0')}${inner}`;
  assert.equal(countElements(hex(deeper), 0, deeper.length / 2), -1);
  const endless = hex('3080'.repeat(30_000));
  assert.equal(new Tlv().read(endless, 0, endless.length), false);
});

test('integers are signed and keep 32 bits', () => {
  const value = (text: string): number => integer(hex(text), 0, hex(text).length);
  assert.deepEqual(['', '00', '7f', 'ff', '0080', 'fffffffe', '00ffffffff'].map(value), [0, 0, 127, -1, 128, -2, -1]);
});

test('random bytes never throw and elements never end past the limit', () => {
  const random = randomFrom(61_850);
  const tlv = new Tlv();
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from({ length: Math.floor(random() * 24) }, () => Math.floor(random() * 256));
    if (tlv.read(bytes, 0, bytes.length)) assert.ok(tlv.start <= tlv.end && tlv.end <= tlv.next && tlv.next <= bytes.length);
    countElements(bytes, 0, bytes.length);
  }
});
