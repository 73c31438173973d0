/** Written from public descriptions of the protocol: no public capture of the project holds it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { octets } from '@annunciator/testkit/octets';
import * as written from '@annunciator/testkit/srtp';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import { type Piece, request, response, talk } from '../testing/replay.ts';
import { srtp } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const ask = (service: number, data: readonly number[] = [], sequence = 1): Piece => request(written.request(service, data, sequence));
const reply = (state = 0, sequence = 1): Piece => response(written.answer(state, sequence));

test('services, memory and programs are learned', () => {
  const program = octets().text('PROG1\0\0\0').take();
  const pieces = [
    request(new Uint8Array(56)),
    request(written.memory(false, 0x08, 99, 10)),
    reply(),
    request(written.requestWithText(0x40, program)),
  ];
  const recorder = talk(srtp, pieces);
  assert.deepEqual(recorder.talk(), ['srtp 256 request', 'srtp 4 request', 'srtp 4 response', 'srtp 64 request']);
  assert.deepEqual(
    recorder.ranges.map(({ aspect, key, first, count }) => [aspect, key, first, count]),
    [[Aspect.SrtpMemory, 0x08, 99, 10]],
  );
  const file = recorder.uses.find(({ aspect }) => aspect === Aspect.SrtpFile);
  assert.deepEqual([file?.a, recorder.texts[file?.b ?? -1]], [0x40, 'PROG1']);
});

const actions: readonly [string, Piece[], string[]][] = [
  ['a stop', [ask(0x23, [2])], ['controller.stop requested']],
  ['a start', [ask(0x23, [0])], ['controller.start requested']],
  ['a program that is stored and accepted', [ask(0x3f), reply()], ['program.download requested', 'program.download accepted']],
  [
    'a program that is loaded and refused',
    [ask(0x40), response(written.refusal(2, 0xf1))],
    ['program.upload requested', 'program.upload refused'],
  ],
  ['memory that is cleared', [ask(0x35)], ['program.delete requested']],
  ['a programming tool that logs on', [ask(0x20)], ['programming.logon requested']],
  ['a clock that is set', [ask(0x24)], ['time.set requested']],
  ['who are you', [ask(0x43)], ['identity.request requested']],
];
for (const [name, pieces, expected] of actions) test(`acts: ${name}`, () => assert.deepEqual(talk(srtp, pieces).actions(), expected));

test('a refusal is a failure of the service that was asked with its sequence number', () => {
  const recorder = talk(srtp, [ask(0x04, [], 7), ask(0x21, [4], 8), response(written.refusal(2, 0xf5, 8)), reply(0, 7)]);
  assert.deepEqual(recorder.failures(), ['srtp.status 33 code 2']);
  assert.deepEqual(
    recorder.of('login').map(({ outcome, user }) => `${outcome} ${user}`),
    ['attempt level 4', 'failure '],
  );
});

test('a PLC tells its state when it changes', () => {
  const modes = talk(srtp, [ask(0), reply(0), ask(0), reply(0), ask(0), reply(2)]).of('identity');
  assert.deepEqual(
    modes.map(({ mode }) => mode),
    ['RUN, I/O enabled', 'STOP, I/O disabled'],
  );
});

const odd = written.request(4);
odd[31] = 0x11;
test('violations of a mailbox type and a service that are not defined', () => {
  assert.deepEqual(talk(srtp, [request(odd)]).violations(), ['srtp.mailbox-type']);
  assert.deepEqual(talk(srtp, [ask(0x99)]).violations(), ['srtp.service']);
});

test('requests are certain on any port, an opening only on its own', () => {
  const identified: readonly [Uint8Array, Confidence][] = [
    [written.request(4), Confidence.Certain],
    [written.requestWithText(0x40, new Uint8Array(4)), Confidence.Certain],
    [new Uint8Array(56), Confidence.Possible],
    [written.answer(), Confidence.Possible],
    [written.request(4).subarray(0, 20), Confidence.More],
    [odd, Confidence.No],
    [written.request(0x99), Confidence.No],
  ];
  for (const [bytes, expected] of identified) assert.equal(srtp.identify?.(bytes, 0, bytes.length, true), expected);
});

test('frames cut in any place read the same, damaged ones never throw', () => {
  const whole = Uint8Array.from([...written.requestWithText(0x07, new Uint8Array(300)), ...written.request(4)]);
  for (let cut = 1; cut < whole.length; cut++)
    assert.equal(talk(srtp, [request(whole.subarray(0, cut)), request(whole.subarray(cut))]).messages.length, 2, `cut at ${cut}`);
  for (const bytes of mutations([whole, written.answer(), written.refusal(1, 2)], 4_000, 18_245))
    for (const name of talk(srtp, [request(bytes), response(bytes)]).violations()) assert.ok(name in VIOLATIONS, name);
});
