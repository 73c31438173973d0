import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutations } from '../testing/mutate.ts';
import { hex, request, talk } from '../testing/replay.ts';
import { igmp } from './dissector.ts';

const QUERY = '11 64 ee9b 00000000';
const REPORT_2 = '16 00 f9ff ef0000ff';
const REPORT_3 = '22 00 f902 00000001 04 00 0000 e00000fb';
const read = (...messages: readonly string[]) =>
  talk(
    igmp,
    messages.map((digits) => request(digits)),
    { datagrams: true },
  );

test('queries ask, reports tell', () => {
  const recorder = read(QUERY, REPORT_2, REPORT_3);
  assert.deepEqual(recorder.talk(), ['igmp 17 request', 'igmp 22 notification', 'igmp 34 notification']);
  assert.deepEqual(recorder.fields, { 'igmp.type': { '0x11': 1, '0x16': 1, '0x22': 1 } });
  assert.deepEqual(recorder.violations(), []);
});

test('a short message and a wrong checksum are violations', () => {
  assert.deepEqual(read('11 64 ee9b 0000').violations(), ['igmp.length']);
  assert.deepEqual(read('11 65 ee9b 00000000').violations(), ['igmp.checksum']);
});

test('damaged messages never throw', () => {
  for (const bytes of mutations([hex(REPORT_3)], 200)) talk(igmp, [{ toServer: true, bytes }], { datagrams: true });
});
