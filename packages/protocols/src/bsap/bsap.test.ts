import assert from 'node:assert/strict';
import { test } from 'node:test';
import { octets } from '@annunciator/testkit/octets';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, request, response, talk } from '../testing/replay.ts';
import { bsap } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

/** A datagram of these messages; each gets its length. */
function datagram(messageFunction: number, ...messages: Uint8Array[]): Uint8Array {
  const out = octets().u16le(0x000e).u16le(messages.length).u16le(messageFunction).u32le(7).u32le(6);
  for (const message of messages) out.u32le(4 + message.length).bytes(message);
  return out.take();
}
const dataBase = (code: number, name: string): Uint8Array =>
  octets().u8(0x0c, 7, 0, 0, 0, 0xa0, 0, code, 3, 0xd0, 1, 0x0f, 1).text(`${name}\0`).take();
const READ = datagram(6, dataBase(4, '@GV.DS1'));
const ANSWER = datagram(5, octets().u8(0x0c, 7, 0, 0, 0, 0, 1, 0, 0, 4).take());
/** As a public capture holds it. */
const ACKNOWLEDGE = hex('0e000000000000000000754b0000');
const read = (...pieces: ReturnType<typeof request>[]) => talk(bsap, pieces, { datagrams: true });

test('requests of the data base and their answers count alike, several messages each', () => {
  const two = datagram(6, dataBase(4, '@GV.DS1'), dataBase(0x0c, 'LIST'));
  const recorder = read(request(READ), response(ANSWER), request(ACKNOWLEDGE), request(two));
  assert.deepEqual(
    recorder.messages.map(({ code }) => bsap.operationName(0, code)),
    ['Read Signal By Name', 'Read Signal By Name', 'Acknowledge', 'Read Signal By Name', 'Read Signals Of List'],
  );
  assert.deepEqual(recorder.violations(), []);
});

test('writes are acts and name their signal', () => {
  const [action] = read(request(datagram(6, dataBase(0x84, '@GV.PUMP_START')))).of('action');
  assert.deepEqual([action.action, action.text], ['control.operate', 'Write Signal By Name @GV.PUMP_START']);
  assert.deepEqual(read(request(READ)).actions(), []);
});

const short = READ.subarray(0, READ.length - 3);
test('lengths that do not fit are a violation', () => assert.deepEqual(read(request(short)).violations(), ['bsap.length']));

test('a datagram whose lengths fit is certain on any port', () => {
  for (const [bytes, expected] of [
    [READ, Confidence.Certain],
    [ANSWER, Confidence.Certain],
    [ACKNOWLEDGE, Confidence.Possible],
    [short, Confidence.No],
    [hex('0e0001000700000000000000000000000000'), Confidence.No],
  ] as const)
    assert.equal(bsap.identify?.(bytes, 0, bytes.length, false), expected);
});

test('damaged datagrams never throw', () => {
  for (const bytes of mutations([READ, ANSWER, ACKNOWLEDGE, datagram(6, dataBase(0x84, 'X'), dataBase(4, 'Y'))], 4_000, 1234))
    for (const name of read(request(bytes), response(bytes)).violations()) assert.ok(name in VIOLATIONS, name);
});
