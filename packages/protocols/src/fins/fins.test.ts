import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { fins } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const TO_CONTROLLER = '80 00 02 00 01 00 00 02 00 7a';
const TO_CLIENT = 'c0 00 02 00 02 00 00 01 00 7a';
const asked = (rest: string): Piece => request(`${TO_CONTROLLER} ${rest}`);
const answered = (rest: string): Piece => response(`${TO_CLIENT} ${rest}`);
const read = (...pieces: Piece[]) => talk(fins, pieces, { datagrams: true });
const latin = (value: string, width: number): string => Buffer.from(value.padEnd(width, '\0'), 'latin1').toString('hex');
const RUN = `${TO_CONTROLLER} 0401 ffff 04`;
const tcp = (frame: string, command = 2): string => {
  const inside = frame.replaceAll(' ', '');
  return `46494e53 ${(8 + inside.length / 2).toString(16).padStart(8, '0')} ${command.toString(16).padStart(8, '0')} 00000000 ${inside}`;
};

test('commands and their answers are counted and learned', () => {
  const recorder = read(asked('0101 82 0000 00 0002'), answered('0101 0000 00010002'));
  assert.deepEqual(recorder.talk(), ['fins 257 request', 'fins 257 response']);
  assert.deepEqual(
    recorder.uses.map(({ aspect, a }) => [aspect === Aspect.FinsCommand, a]),
    [
      [true, 0x0101],
      [true, 0x0101],
    ],
  );
  assert.deepEqual(recorder.fields, { 'omron.command': { '0x0101': 2 }, 'omron.response.code': { '0x0000': 1 } });
});

const actions: readonly [string, Piece[], string[]][] = [
  ['run', [asked('0401 ffff 04'), answered('0401 0000')], ['controller.start requested', 'controller.start accepted']],
  ['a stop that is refused', [asked('0402'), answered('0402 2202')], ['controller.stop requested', 'controller.stop refused']],
  ['a program that is written', [asked('0307 ffff 00000000 0004 41424344')], ['program.download requested']],
  ['a program that is read', [asked('0306 ffff 00000000 0100')], ['program.upload requested']],
  ['a program that is cleared', [asked('0308 ffff 00')], ['program.delete requested']],
  ['a clock that is set', [asked('0702 0901200102')], ['time.set requested']],
  ['a forced bit', [asked('2301 0001 0001 30 000000')], ['control.operate requested']],
  ['memory that is read', [asked('0101 82 0000 00 0002')], []],
];
for (const [name, pieces, expected] of actions) test(`acts: ${name}`, () => assert.deepEqual(read(...pieces).actions(), expected));

test('a controller tells model, firmware and mode', () => {
  const recorder = read(answered(`0501 0000 ${latin('CJ2M-CPU31', 20)} ${latin('02.01', 20)}`), answered('0601 0000 01 04 0000 0000'));
  assert.deepEqual(
    recorder.of('identity').map(({ vendor, model, firmware, type, mode }) => [vendor, model, firmware, type, mode]),
    [
      ['Omron', 'CJ2M-CPU31', '02.01', 'PLC', undefined],
      [undefined, undefined, undefined, undefined, 'RUN'],
    ],
  );
});

test('an end code is a failure; flags of the CPU and an interrupted service are none', () => {
  assert.deepEqual(read(answered('0102 2101')).failures(), ['fins.end-code 258 code 8449']);
  assert.deepEqual(read(answered('0102 00c0'), answered('0102 0001')).failures(), []);
});

test('FINS/TCP: several frames in a segment, and one cut in any place', () => {
  const bytes = hex(tcp('00000000', 0) + tcp(RUN));
  for (let cut = 1; cut < bytes.length; cut++) {
    const recorder = talk(fins, [request(bytes.subarray(0, cut)), request(bytes.subarray(cut))]);
    assert.deepEqual(recorder.talk(), ['fins 65536 request', 'fins 1025 request'], `cut at ${cut}`);
    assert.deepEqual(recorder.skipped, {});
  }
});

const broken: readonly [string, string, string[]][] = [
  ['reserved control bits', tcp('84 00 02 00 01 00 00 02 00 7a 0402'), ['fins.control-field']],
  ['a frame without a command', tcp('80 00 02 00 01 00 00 02 00 7a'), ['fins.length']],
  ['a length shorter than the header', `46494e53 00000004 00000002 00000000`, ['fins.length']],
  ['a command that does not exist', tcp('', 9), ['fins.tcp-command']],
];
for (const [name, digits, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(talk(fins, [request(digits)]).violations(), expected));

test('frames are recognised on any port, and what only looks like them is not', () => {
  const datagrams: readonly [string, Confidence][] = [
    [RUN, Confidence.Certain],
    // Another direction byte, an unknown command, a gateway count that cannot be, and a DNS question.
    [RUN.replace('80', '84'), Confidence.No],
    [RUN.replace('0401', '7777'), Confidence.No],
    [RUN.replace('80 00 02', '80 00 22'), Confidence.No],
    ['8000 0100 0001 0000 0000 0000 03777777 00 0001 0001', Confidence.No],
  ];
  for (const [digits, expected] of datagrams) assert.equal(fins.identify?.(hex(digits), 0, hex(digits).length, false), expected, digits);
  const streams: readonly [string, Confidence][] = [
    [tcp(RUN), Confidence.Certain],
    ['46494e', Confidence.More],
    ['46494e45', Confidence.No],
  ];
  for (const [digits, expected] of streams) assert.equal(fins.identify?.(hex(digits), 0, hex(digits).length, true), expected, digits);
});

test('damaged frames never throw and break the protocol by a known name', () => {
  const samples = [RUN, `${TO_CLIENT} 0501 0000 ${latin('CJ2M', 40)}`, tcp(RUN)].map(hex);
  for (const bytes of mutations(samples, 5_000, 9600)) {
    const recorders = [read(request(bytes), response(bytes)), talk(fins, [request(bytes), response(bytes)])];
    for (const recorder of recorders) for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
  }
});
