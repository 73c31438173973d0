import assert from 'node:assert/strict';
import { test } from 'node:test';
import { telegram } from '@annunciator/testkit/sbus';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { sbus } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

/** As public captures hold them. */
const READ_VERSION = hex('0000000d01000001000a205318');
const VERSION = hex('00000014000000010144324d343830323000fac9');
const ask = (command: number, sequence = 5): Piece => request(telegram(0, sequence, [10, command]));
const acknowledge = (code: number, sequence = 5): Piece => response(telegram(2, sequence, [code >> 8, code & 255]));
const read = (...pieces: Piece[]) => talk(sbus, pieces, { datagrams: true });

test('commands and answers are counted as Wireshark does, and learned', () => {
  const recorder = read(request(READ_VERSION), response(VERSION));
  assert.deepEqual(recorder.fields, { 'sbus.att': { '0x00': 1, '0x01': 1 }, 'sbus.cmd': { '0x20': 1 } });
  assert.deepEqual(recorder.talk(), ['sbus 32 request', 'sbus 32 response']);
  assert.deepEqual(
    recorder.uses.map(({ aspect, a }) => [aspect, a]),
    [
      [Aspect.SbusCommand, 32],
      [Aspect.SbusCommand, 32],
    ],
  );
  assert.deepEqual(
    recorder.of('identity').map(({ model, firmware }) => [model, firmware]),
    [['PCD2M48', '020']],
  );
  assert.deepEqual(recorder.violations(), []);
});

const actions: readonly [string, Piece[], string[]][] = [
  ['a stop', [ask(67), acknowledge(0)], ['controller.stop requested', 'controller.stop accepted']],
  ['a stop of CPU 3', [ask(63)], ['controller.stop requested']],
  ['a start that is refused', [ask(47), acknowledge(3)], ['controller.start requested', 'controller.start refused']],
  ['a cold restart', [ask(57)], ['controller.reset requested']],
  ['program lines that are written', [ask(36)], ['program.download requested']],
  ['firmware that is loaded', [ask(174)], ['firmware.update requested']],
  ['registers that are read', [ask(6)], []],
];
for (const [name, pieces, expected] of actions) test(`acts: ${name}`, () => assert.deepEqual(read(...pieces).actions(), expected));

test('a code in an acknowledgement is a failure of the command with its sequence number', () => {
  assert.deepEqual(read(ask(14), acknowledge(2)).failures(), ['sbus.nak 14 code 2']);
  assert.deepEqual(read(ask(14), acknowledge(2, 9)).failures(), ['sbus.nak 0 code 2']);
});

const flipped = Uint8Array.from(READ_VERSION, (byte, at) => (at === 9 ? 11 : byte));
const broken: readonly [string, Uint8Array, string[]][] = [
  ['a check that does not fit', flipped, ['sbus.check']],
  ['a length that is not the datagram’s', READ_VERSION.subarray(0, 12), ['sbus.length']],
  ['an attribute that does not exist', telegram(7, 1, [0, 0]), ['sbus.attribute']],
];
for (const [name, bytes, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(read(request(bytes)).violations(), expected));

test('telegrams whose check fits are certain on any port', () => {
  for (const [bytes, expected] of [
    [READ_VERSION, Confidence.Certain],
    [VERSION, Confidence.Certain],
    [flipped, Confidence.Possible],
    [hex('0000000e01000001000a205318'), Confidence.No],
  ] as const)
    assert.equal(sbus.identify?.(bytes, 0, bytes.length, false), expected);
});

test('damaged telegrams never throw', () => {
  for (const bytes of mutations([READ_VERSION, VERSION, telegram(2, 1, [0, 1])], 4_000, 5050))
    for (const name of read(request(bytes), response(bytes)).violations()) assert.ok(name in VIOLATIONS, name);
});
