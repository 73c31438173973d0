import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, request, talk } from '../testing/replay.ts';
import { stp } from './dissector.ts';

const BPDU = `424203 0000 02 02 3c 8003001ef6735980 00000000 8003001ef6735980 8001 0000 1400 0200 0f00 00`;
/** Cisco's BPDU of VLAN 3: its own SNAP header before, the VLAN after. */
const PER_VLAN = `aaaa03 00000c 010b ${BPDU.slice(7)} 0000 0002 0003`;
const read = (digits: string) => talk(stp, [request(digits)], { datagrams: true });

test('BPDUs are counted by their type', () => {
  assert.deepEqual(read(BPDU).fields, { 'stp.type': { 2: 1 } });
  assert.deepEqual(read('424203 0000 00 80').talk(), ['stp 128 notification']);
  assert.deepEqual(read(PER_VLAN).fields, { 'stp.type': { 2: 1 } });
  assert.deepEqual(read(BPDU).facts, []);
});

test('a BPDU cut short is a violation', () => assert.deepEqual(read(BPDU.slice(0, 40)).violations(), ['stp.length']));

const identified: readonly [string, Confidence][] = [
  [BPDU, Confidence.Certain],
  ['424203 0000 00 80', Confidence.Certain],
  ['424203 0000 01 80', Confidence.No],
  ['424203 0000 00 81', Confidence.No],
  ['424203 0001 00 80', Confidence.No],
  ['aaaa03 0000 00 80', Confidence.No],
  [PER_VLAN, Confidence.Certain],
  ['aaaa03 00000c 2000 0000 02 02', Confidence.No],
  ['424203', Confidence.No],
];
test('the header of a BPDU is certain', () => {
  for (const [digits, expected] of identified) assert.equal(stp.identify?.(hex(digits), 0, hex(digits).length, false), expected, digits);
});

test('damaged BPDUs never throw', () => {
  for (const bytes of mutations([hex(BPDU)], 1_000, 42))
    for (const name of talk(stp, [request(bytes)], { datagrams: true }).violations()) assert.equal(name, 'stp.length');
});
