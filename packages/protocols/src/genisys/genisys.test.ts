import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc16 } from '../crc16.ts';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, request, response, talk } from '../testing/replay.ts';
import { genisys } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

/** As public captures hold them. */
const POLL = hex('fb018340f6');
const ACKNOWLEDGE = hex('f101f6');
const RAW_CHECK = hex('f20101051d061e052c04cdf5f6');

/** A message with its check, escaped as the protocol wants it. */
function message(header: number, ...body: number[]): Uint8Array {
  const crc = crc16(Uint8Array.of(header, ...body), 0, 1 + body.length);
  const escaped = [...body, crc & 255, crc >> 8].flatMap((byte) => (byte >= 0xf0 ? [0xf0, byte & 15] : [byte]));
  return Uint8Array.of(header, ...escaped, 0xf6);
}

test('polls and answers are counted by their header', () => {
  const recorder = talk(genisys, [request(POLL), response(ACKNOWLEDGE), response(message(0xf2, 1, 0xe0, 0xf6)), response(RAW_CHECK)]);
  assert.deepEqual(recorder.talk(), ['genisys 251 request', 'genisys 241 response', 'genisys 242 response', 'genisys 242 response']);
  assert.deepEqual(recorder.violations(), []);
});

test('controls are acts upon a station', () => {
  const recorder = talk(genisys, [request(message(0xfc, 7, 1, 0x80)), response(message(0xf3, 7, 1, 0x80)), request(message(0xfe, 7))]);
  assert.deepEqual(
    recorder.of('action').map(({ action, text }) => `${action}: ${text}`),
    ['control.operate: Control Data to station 7 (header 0xfc)', 'control.operate: Execute Controls to station 7 (header 0xfe)'],
  );
});

test('violations of a check that does not fit and of a message without a station', () => {
  assert.deepEqual(talk(genisys, [request(hex('fb018341f6'))]).violations(), ['genisys.check']);
  assert.deepEqual(talk(genisys, [request(hex('fbf6'))]).violations(), ['genisys.length']);
});

test('a check that fits is certain on any port', () => {
  const identified: readonly [Uint8Array, Confidence][] = [
    [POLL, Confidence.Certain],
    [RAW_CHECK, Confidence.Certain],
    [ACKNOWLEDGE, Confidence.Possible],
    [POLL.subarray(0, 3), Confidence.More],
    [hex('fb018341f6'), Confidence.No],
    [hex('f401f6'), Confidence.No],
    [new Uint8Array(64).fill(0xfb), Confidence.No],
  ];
  for (const [bytes, expected] of identified) assert.equal(genisys.identify?.(bytes, 0, bytes.length, true), expected);
});

test('messages cut in any place read the same, damaged ones never throw', () => {
  const whole = Uint8Array.from([...POLL, ...message(0xfc, 7, 1, 0xff), ...RAW_CHECK]);
  for (let cut = 1; cut < whole.length; cut++)
    assert.equal(talk(genisys, [request(whole.subarray(0, cut)), request(whole.subarray(cut))]).messages.length, 3, `cut at ${cut}`);
  for (const bytes of mutations([whole, ACKNOWLEDGE], 4_000, 10_001))
    for (const name of talk(genisys, [request(bytes), response(bytes)]).violations()) assert.ok(name in VIOLATIONS, name);
});
