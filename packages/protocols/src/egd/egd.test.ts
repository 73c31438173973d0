import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, request, talk } from '../testing/replay.ts';
import { egd } from './dissector.ts';

/** As a public capture holds it. */
const DATA = '0d01d4f0c0a8084d7b000000be8a7e3800811b2c00000000000000000000000000000000';
const read = (digits: string) => talk(egd, [request(digits)], { datagrams: true });

test('data messages are counted as Wireshark does', () => {
  assert.deepEqual(read(DATA).fields, { 'egd.type': { 13: 1 } });
  assert.deepEqual(read(DATA).talk(), ['egd 13 notification']);
  assert.deepEqual(read(DATA).violations(), []);
});

test('a message shorter than its header is a violation', () => assert.deepEqual(read(DATA.slice(0, 40)).violations(), ['egd.length']));

test('a header with its zeros and a time that can be is certain on any port', () => {
  for (const [digits, expected] of [
    [DATA, Confidence.Certain],
    [DATA.replace('be8a7e38', 'ffffffff'), Confidence.Possible],
    [DATA.replace('0d01', '0d02'), Confidence.No],
    [DATA.slice(0, 60), Confidence.No],
  ] as const)
    assert.equal(egd.identify?.(hex(digits), 0, hex(digits).length, false), expected, digits);
});

test('damaged messages never throw', () => {
  for (const bytes of mutations([hex(DATA)], 2_000, 18_246))
    for (const name of talk(egd, [request(bytes)], { datagrams: true }).violations()) assert.equal(name, 'egd.length');
});
