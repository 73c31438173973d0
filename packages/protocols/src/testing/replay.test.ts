import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence, type Dissector } from '../dissector.ts';
import { Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import type { CapturedFrame } from './capture.ts';
import { hex, replayFrames, request, talk } from './replay.ts';

/** A protocol of messages `AB n` followed by n bytes. */
const counted: Dissector = {
  protocol: PROTOCOLS.modbus,
  reports: [PROTOCOLS.modbus],
  tcpPorts: [502],
  udpPorts: [502],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 20,
  identify: (bytes, start, end) => (end - start < 2 ? Confidence.More : bytes[start] === 0xab ? Confidence.Certain : Confidence.No),
  stream(facts, bytes, start, end) {
    if (bytes[start] !== 0xab) return -1;
    if (end - start < 2 || end - start < 2 + bytes[start + 1]) return start;
    facts.message(1, bytes[start + 1], facts.toServer ? Role.Request : Role.Response);
    return start + 2 + bytes[start + 1];
  },
  gap: (facts) => facts.field('gap', 1),
  operationName: () => '',
  aspects: {},
};

const segment = (sequence: number, payload: string, more: Partial<CapturedFrame> = {}): CapturedFrame => ({
  number: 1,
  seconds: 0,
  source: 'a',
  destination: 'b',
  transport: 'tcp',
  etherType: 0x800,
  ipProtocol: 6,
  sourcePort: 40000,
  destinationPort: 502,
  flags: 16,
  sequence,
  acknowledgement: 0,
  payload: hex(payload),
  complete: true,
  toGroup: false,
  ...more,
});
const back = { source: 'b', destination: 'a', sourcePort: 502, destinationPort: 40000 };

const cases: readonly [string, readonly CapturedFrame[], readonly string[]][] = [
  ['messages of one segment are read one by one', [segment(1, 'ab01 00 ab02 0000')], ['modbus 1 request', 'modbus 2 request']],
  ['a message over three segments is put together', [segment(1, 'ab'), segment(2, '03 00'), segment(4, '0000')], ['modbus 3 request']],
  [
    'a retransmission is dropped',
    [segment(1, 'ab01 00'), segment(1, 'ab01 00'), segment(1, 'ab01 00 ab00')],
    ['modbus 1 request', 'modbus 0 request'],
  ],
  [
    'segments out of order are put in order',
    [segment(1, 'ab00'), segment(5, '0000'), segment(3, 'ab02')],
    ['modbus 0 request', 'modbus 2 request'],
  ],
  ['who talks to a known port is the client', [segment(1, 'ab00', back)], ['modbus 0 response']],
  ['who sends SYN is the client', [segment(1, '', { ...back, flags: 2 }), segment(2, 'ab00', back)], ['modbus 0 request']],
  [
    'after bytes that are no message reading resumes at the next segment',
    [segment(1, 'ab00 ff'), segment(4, 'ffff'), segment(6, 'ab01 00')],
    ['modbus 0 request', 'modbus 1 request'],
  ],
  [
    'after lost bytes the half-read message is dropped',
    [segment(1, 'ab00'), segment(3, 'ab05'), segment(99, 'ab01 00'), segment(1, '', { ...back, acknowledgement: 102 })],
    ['modbus 0 request', 'modbus 1 request'],
  ],
];
for (const [name, frames, expected] of cases) test(name, () => assert.deepEqual(replayFrames(frames, [counted]).talk(), expected));

test('the dissector hears of lost bytes', () => {
  assert.deepEqual(replayFrames([segment(1, 'ab00'), segment(9, 'ab00')], [counted]).fields, { gap: { 1: 1 } });
});

test('a message longer than the dissector allows is skipped', () => {
  const recorder = talk(counted, [request('ab ff 00000000000000000000000000000000000000000000'), request('ab00')]);
  assert.deepEqual(recorder.talk(), ['modbus 0 request']);
  assert.deepEqual(recorder.skipped, { 'too-long': 24 });
});

test('a dissector that goes backwards is an error', () => {
  assert.throws(() => talk({ ...counted, stream: (_facts, _bytes, _start, end) => end + 1 }, [request('ab00')]), /returned/);
});
