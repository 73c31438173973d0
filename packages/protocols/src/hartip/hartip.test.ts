import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { hartip } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const INITIATE = '01 00 00 00 0001 000d 01 000927c0';
function message(type: number, id: number, body: Uint8Array): Uint8Array {
  const length = (8 + body.length).toString(16).padStart(4, '0');
  return Uint8Array.from([...hex(`01 0${type} 0${id} 00 0003 ${length}`), ...body]);
}
/** A HART frame with its check byte: long address, command, data. */
function frame(delimiter: string, command: number, data: string): Uint8Array {
  const body = hex(data);
  const bytes = [...hex(`${delimiter} 2695eb27b8`), command, body.length, ...body];
  return Uint8Array.from([...bytes, bytes.reduce((sum, byte) => sum ^ byte, 0)]);
}
const ask = (command: number, data = ''): Piece => request(message(0, 3, frame('82', command, data)));
const reply = (command: number, data: string): Piece => response(message(1, 3, frame('86', command, data)));

test('sessions and commands are counted as Wireshark does', () => {
  const recorder = talk(hartip, [request(INITIATE), request(message(0, 2, new Uint8Array(0))), ask(3), reply(3, '0000 40800000')]);
  assert.deepEqual(recorder.talk(), ['hartip 0 request', 'hartip 2 request', 'hartip 259 request', 'hartip 259 response']);
  assert.deepEqual(recorder.fields, {
    'hart_ip.message_type': { 0: 3, 1: 1 },
    'hart_ip.message_id': { 0: 1, 2: 1, 3: 2 },
    'hart_ip.status': { 0: 4 },
    'hart_ip.pt.command': { 3: 2 },
  });
  assert.deepEqual(recorder.violations(), []);
});

const actions: readonly [string, Piece[], string[]][] = [
  ['reading', [ask(3), reply(3, '0000')], []],
  [
    'a range that is written',
    [ask(35, '0c 42c80000 00000000'), reply(35, '0000')],
    ['configuration.write requested', 'configuration.write accepted'],
  ],
  ['a write that is protected', [ask(44, '0c'), reply(44, '0700')], ['configuration.write requested', 'configuration.write refused']],
  ['a reset', [ask(42)], ['controller.reset requested']],
  ['a value that is forced', [ask(79, '00 01 0c 40800000')], ['control.operate requested']],
  ['a clock that is set', [ask(89, '00')], ['time.set requested']],
  ['asking who it is', [ask(0)], ['identity.request requested']],
];
for (const [name, pieces, expected] of actions) test(`acts: ${name}`, () => assert.deepEqual(talk(hartip, pieces).actions(), expected));

test('a response code is a failure, a warning or a fault of the link is none', () => {
  assert.deepEqual(talk(hartip, [reply(44, '0700')]).failures(), ['hartip.response 300 code 7']);
  assert.deepEqual(talk(hartip, [reply(54, '8400'), reply(35, '0800'), reply(3, '0000')]).failures(), []);
});

test('a field device tells its type and revisions', () => {
  const [fact] = talk(hartip, [reply(0, '0000 fe e297 05 07 02 03 08 00 a1b2c3')]).of('identity');
  assert.deepEqual([fact.model, fact.firmware, fact.place], ['HART device type 0xe297, revision 2', 'software 3', 'device a1b2c3']);
});

const damaged = message(0, 3, frame('82', 3, ''));
damaged[damaged.length - 1] ^= 1;
const broken: readonly [string, Uint8Array, string[]][] = [
  ['a check byte that does not fit', damaged, ['hartip.check']],
  ['a length below the header', hex('01 00 02 00 0001 0004'), ['hartip.length']],
  ['a frame that ends within its data', message(0, 3, hex('82 2695eb27b8 03 09 00')), ['hartip.length']],
];
for (const [name, bytes, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(talk(hartip, [request(bytes)]).violations(), expected));

test('the opening of a session is certain on any port', () => {
  const identified: readonly [string, boolean, Confidence][] = [
    [INITIATE, true, Confidence.Certain],
    [INITIATE, false, Confidence.Certain],
    ['01 00 02 00 0001 0008', true, Confidence.Possible],
    ['01 00 02 00 0001 0009', false, Confidence.No],
    ['01 00 09 00 0001 0008', true, Confidence.No],
    ['01 00 00', true, Confidence.More],
  ];
  for (const [digits, stream, expected] of identified)
    assert.equal(hartip.identify?.(hex(digits), 0, hex(digits).length, stream), expected, digits);
});

test('messages cut in any place read the same, damaged ones never throw', () => {
  const whole = Uint8Array.from([...hex(INITIATE), ...message(0, 3, frame('82', 35, '0c 42c80000 00000000'))]);
  for (let cut = 1; cut < whole.length; cut++)
    assert.equal(talk(hartip, [request(whole.subarray(0, cut)), request(whole.subarray(cut))]).messages.length, 2);
  const samples = [
    hex(INITIATE),
    message(0, 3, frame('82', 0, '')),
    message(1, 3, frame('86', 0, '0000 fe e297 05 07 02 03 08 00 a1b2c3')),
  ];
  for (const bytes of mutations(samples, 4_000, 5094))
    for (const recorder of [
      talk(hartip, [request(bytes), response(bytes)]),
      talk(hartip, [request(bytes), response(bytes)], { datagrams: true }),
    ])
      for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
});
