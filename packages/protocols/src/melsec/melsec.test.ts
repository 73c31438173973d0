import assert from 'node:assert/strict';
import { test } from 'node:test';
import { octets } from '@annunciator/testkit/octets';
import * as written from '@annunciator/testkit/slmp';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { melsec } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

/** SLMP is written from its reference; MELSOFT as public captures hold it. */
const READ = written.request(0x0401, 0, octets().u24le(100).u8(0xa8).u16le(10).take());
const READ_MODEL = hex(`57010000001111070000ffff030000fe03000020001c0a1614 ${'00'.repeat(20)} 0121 0100 0000 0001`);
const MODEL = hex(
  `d70100000011117f000000a80300ffff03000038009c0a1814 ${'00'.repeat(22)} 0121 0100 0000 465835552d33324d542f4553 00000000 294a 0008 00000000`,
);
const ask = (command: number, data?: Uint8Array): Piece => request(written.request(command, 0, data));
const reply = (endCode = 0, data?: Uint8Array): Piece => response(written.answer(endCode, data));

test('commands are learned with their subcommand, answers under the command they answer', () => {
  const recorder = talk(melsec, [request(READ), reply(0, new Uint8Array(20)), request(written.request(0x1401, 1))]);
  assert.deepEqual(recorder.talk(), ['melsec 1025 request', 'melsec 1025 response', 'melsec 5121 request']);
  assert.deepEqual(
    recorder.uses.map(({ aspect, a, b }) => [aspect, a, b]),
    [
      [Aspect.MelsecCommand, 0x0401, 0],
      [Aspect.MelsecCommand, 0x0401, 0],
      [Aspect.MelsecCommand, 0x1401, 1],
    ],
  );
});

const actions: readonly [string, Piece[], string[]][] = [
  ['remote stop', [ask(0x1002), reply()], ['controller.stop requested', 'controller.stop accepted']],
  ['remote run that is refused', [ask(0x1001), reply(0x4013)], ['controller.start requested', 'controller.start refused']],
  ['remote reset', [ask(0x1006)], ['controller.reset requested']],
  ['a file that is written', [ask(0x1829)], ['program.download requested']],
  ['devices that are read', [ask(0x0401)], []],
];
for (const [name, pieces, expected] of actions) test(`acts: ${name}`, () => assert.deepEqual(talk(melsec, pieces).actions(), expected));

test('end codes are failures, and of a password a refused sign-in', () => {
  const recorder = talk(melsec, [ask(0x1630, octets().u16le(4).text('pass').take()), reply(0xc810)]);
  assert.deepEqual(recorder.failures(), ['melsec.end-code 5680 code 51216']);
  assert.deepEqual(
    recorder.of('login').map(({ outcome }) => outcome),
    ['attempt', 'failure'],
  );
});

test('a CPU tells its type, by SLMP and by MELSOFT', () => {
  const slmp = talk(melsec, [ask(0x0101), reply(0, written.typeName('Q03UDVCPU', 0x0366))]).of('identity');
  const melsoft = talk(melsec, [request(READ_MODEL), response(MODEL)], { datagrams: true });
  assert.deepEqual([slmp[0].model, slmp[0].firmware], ['Q03UDVCPU', 'type code 0x0366']);
  assert.deepEqual([melsoft.of('identity')[0].model, melsoft.of('identity')[0].firmware], ['FX5U-32MT/ES', 'type code 0x4a29']);
  assert.deepEqual(melsoft.talk(), ['melsec 65825 request', 'melsec 65825 response']);
});

const short = Uint8Array.from(READ);
short[7]++;
const broken: readonly [string, Uint8Array, boolean, string[]][] = [
  ['a datagram of another length', short, true, ['melsec.length']],
  ['a request without a command', hex('5000 00 ff ff03 00 0200 1000'), false, ['melsec.length']],
];
for (const [name, bytes, datagrams, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(talk(melsec, [request(bytes)], { datagrams }).violations(), expected));

test('requests are certain on any port', () => {
  const identified: readonly [Uint8Array, boolean, Confidence][] = [
    [READ, true, Confidence.Certain],
    [READ, false, Confidence.Certain],
    [short, false, Confidence.No],
    [written.answer(), false, Confidence.Possible],
    [hex('5400 0100 0000 00 ff ff03 00 0c00 1000 0104 0000 640000a80a00'), true, Confidence.Certain],
    [READ_MODEL, false, Confidence.Certain],
    [MODEL, true, Confidence.Certain],
    [written.request(0x7777), true, Confidence.No],
    [hex('5000 4f5354202f20485454502f312e310d0a'), true, Confidence.No],
    [hex('57494e444f5753'), true, Confidence.More],
  ];
  for (const [bytes, stream, expected] of identified)
    assert.equal(melsec.identify?.(bytes, 0, bytes.length, stream), expected, Buffer.from(bytes).toString('hex'));
});

test('frames cut in any place read the same, damaged ones never throw', () => {
  const whole = Uint8Array.from([...READ, ...READ_MODEL, ...written.request(0x1002)]);
  for (let cut = 1; cut < whole.length; cut++)
    assert.equal(talk(melsec, [request(whole.subarray(0, cut)), request(whole.subarray(cut))]).messages.length, 3, `cut at ${cut}`);
  for (const bytes of mutations([READ, written.answer(0, new Uint8Array(8)), READ_MODEL, MODEL], 4_000, 5007))
    for (const recorder of [
      talk(melsec, [request(bytes), response(bytes)]),
      talk(melsec, [request(bytes), response(bytes)], { datagrams: true }),
    ])
      for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
});
