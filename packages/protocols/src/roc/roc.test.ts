import assert from 'node:assert/strict';
import { test } from 'node:test';
import { octets } from '@annunciator/testkit/octets';
import { message } from '@annunciator/testkit/roc';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { roc } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

/** As a public capture holds it. */
const SYSTEM_CONFIGURATION = hex('0102030406003a2f');
const ask = (opcode: number, data: readonly number[] | Uint8Array = []): Piece => request(message(opcode, data));
const reply = (opcode: number, data: readonly number[] = []): Piece => response(message(opcode, data, true));
const operator = octets().text('OPERATOR1', 30, 0x20).text('PASSWORD1', 30, 0x20).take();

test('opcodes are learned, several messages in a segment and a datagram count each', () => {
  const recorder = talk(roc, [request(Uint8Array.from([...SYSTEM_CONFIGURATION, ...message(7, [])])), reply(7, [1, 2, 3])]);
  assert.deepEqual(recorder.talk(), ['roc 6 request', 'roc 7 request', 'roc 7 response']);
  assert.deepEqual(
    recorder.uses.map(({ aspect, a }) => [aspect, a]),
    [6, 7, 7].map((opcode) => [Aspect.RocOperation, opcode]),
  );
  const both = request(Uint8Array.from([...message(6, []), ...message(7, [])]));
  assert.equal(talk(roc, [both], { datagrams: true }).messages.length, 2);
});

test('a sign-in is an attempt and what came of it', () => {
  const outcomes = (...pieces: Piece[]): string[] =>
    talk(roc, pieces)
      .of('login')
      .map(({ outcome, user }) => `${outcome} ${user}`);
  assert.deepEqual(outcomes(ask(17, octets().text('LOI').u16(1000).u8(1).take()), reply(17)), ['attempt LOI', 'success LOI']);
  assert.deepEqual(outcomes(ask(17, operator), reply(255, [6, 17, 1])), ['attempt OPERATOR1', 'failure OPERATOR1']);
  assert.deepEqual(outcomes(ask(17, octets().text('SESSIONKEY').take()), reply(17)), []);
});

test('errors are failures of what was asked; settings and the clock are acts', () => {
  assert.deepEqual(talk(roc, [ask(181, [1]), reply(255, [20, 181, 1])]).failures(), ['roc.error 181 code 20']);
  assert.deepEqual(talk(roc, [ask(166), ask(8), ask(6), ask(167)]).actions(), [
    'configuration.write requested',
    'time.set requested',
    'identity.request requested',
  ]);
});

const flipped = Uint8Array.from(SYSTEM_CONFIGURATION, (byte, at) => (at === 0 ? 9 : byte));
test('violations of a check that does not fit, and of a datagram cut short', () => {
  assert.deepEqual(talk(roc, [request(flipped)]).violations(), ['roc.check']);
  assert.deepEqual(talk(roc, [request(message(7, [1, 2, 3]).subarray(0, 9))], { datagrams: true }).violations(), ['roc.length']);
});

test('a check that fits is certain on any port', () => {
  const long = message(10, new Uint8Array(200));
  const identified: readonly [Uint8Array, boolean, Confidence][] = [
    [SYSTEM_CONFIGURATION, true, Confidence.Certain],
    [SYSTEM_CONFIGURATION, false, Confidence.Certain],
    [flipped, true, Confidence.No],
    [long.subarray(0, 64), true, Confidence.No],
    [long.subarray(0, 30), true, Confidence.More],
    [hex('01020304050000000000'), true, Confidence.No],
  ];
  for (const [bytes, stream, expected] of identified) assert.equal(roc.identify?.(bytes, 0, bytes.length, stream), expected);
});

test('messages cut in any place read the same, damaged ones never throw', () => {
  const whole = Uint8Array.from([...message(17, operator), ...message(7, [])]);
  for (let cut = 1; cut < whole.length; cut++)
    assert.equal(talk(roc, [request(whole.subarray(0, cut)), request(whole.subarray(cut))]).messages.length, 2, `cut at ${cut}`);
  for (const bytes of mutations([whole, message(255, [1, 2, 3], true)], 4_000, 4000))
    for (const recorder of [
      talk(roc, [request(bytes), response(bytes)]),
      talk(roc, [request(bytes), response(bytes)], { datagrams: true }),
    ])
      for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
});
