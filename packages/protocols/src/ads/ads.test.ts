import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as written from '@annunciator/testkit/ads';
import { octets } from '@annunciator/testkit/octets';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { ads } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const ask = (command: number, data?: Uint8Array): Piece => request(written.packet(command, data));
const reply = (command: number, data?: Uint8Array, error = 0): Piece => response(written.packet(command, data, { answer: true, error }));
const RESULT = octets().u32le(0).take();
const read = written.read(0x4020, 64, 4);

test('commands are counted as Wireshark does, and learned by port, group and offset', () => {
  const recorder = talk(ads, [
    ask(2, read),
    reply(2, octets().u32le(0).u32le(4).u32le(7).take()),
    ask(2, written.read(0xf005, 0x1d000007, 4)),
  ]);
  assert.deepEqual(recorder.fields, { 'ams.cmdid': { 2: 3 }, 'ams.errorcode': { '0x00000000': 3 } });
  assert.deepEqual(
    recorder.uses.map(({ aspect, a, b }) => [aspect, aspect === Aspect.AmsOffset ? recorder.texts[a] : a, b]),
    [
      [Aspect.AmsCommand, 851, 2],
      [Aspect.AmsGroup, (851 << 8) | 2, 0x4020],
      [Aspect.AmsOffset, 'port 851 Read 0x4020', 64],
      [Aspect.AmsCommand, 851, 2],
      [Aspect.AmsCommand, 851, 2],
      // A handle is another one in each session: only the group is learned.
      [Aspect.AmsGroup, (851 << 8) | 2, 0xf005],
    ],
  );
});

const actions: readonly [string, Piece[], string[]][] = [
  ['a stop', [ask(5, written.control(6))], ['controller.stop requested']],
  ['a start', [ask(5, written.control(5))], ['controller.start requested']],
  ['a reset', [ask(5, written.control(2))], ['controller.reset requested']],
  ['another mode', [ask(5, written.control(16))], ['controller.mode requested']],
  ['asking who it is', [ask(1)], ['identity.request requested']],
];
for (const [name, pieces, expected] of actions) test(`acts: ${name}`, () => assert.deepEqual(talk(ads, pieces).actions(), expected));

test('a controller tells what it runs and in which state', () => {
  const told = talk(ads, [
    reply(1, written.deviceInfo('TCatPlcCtrl', 2, 11, 2228)),
    reply(4, octets().u32le(0).u16le(15).u16le(0).take()),
  ]).of('identity');
  assert.deepEqual(
    told.map(({ firmware, mode, place }) => [firmware, mode, place]),
    [
      ['TCatPlcCtrl 2.11.2228', undefined, 'AMS port 851'],
      [undefined, 'CONFIG', 'AMS port 851'],
    ],
  );
});

test('errors of the router and of the device are failures', () => {
  assert.deepEqual(talk(ads, [reply(2, undefined, 6), reply(2, octets().u32le(0x702).take()), reply(2, RESULT)]).failures(), [
    'ads.error 2 code 6',
    'ads.error 2 code 1794',
  ]);
});

test('discovery tells names, and routes are added with a user', () => {
  const asked = request(
    written.discovery(6, [
      [12, 'LAPTOP'],
      [13, 'Administrator'],
      [2, '1'],
      [5, '10.0.0.7'],
    ]),
  );
  const recorder = talk(ads, [response(written.discovery(1, [[5, 'CX_0D7560']], true)), asked], { datagrams: true });
  assert.equal(recorder.of('identity')[0].name, 'CX_0D7560');
  assert.deepEqual(recorder.actions(), ['configuration.write requested']);
  assert.equal(recorder.of('login')[0].user, 'Administrator');
  assert.equal(recorder.of('action')[0].text, 'Add Route: LAPTOP (AMS discovery)');
});

const wrong = written.packet(2, read);
wrong[2]++;
const broken: readonly [string, Uint8Array, string[]][] = [
  ['lengths that do not fit', wrong, ['ads.length']],
  ['a command that does not exist', written.packet(77), ['ads.command']],
];
for (const [name, bytes, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(talk(ads, [request(bytes)]).violations(), expected));

test('packets are certain on any port', () => {
  const identified: readonly [Uint8Array, boolean, Confidence][] = [
    [written.packet(2, read), true, Confidence.Certain],
    [written.packet(2, read).subarray(0, 20), true, Confidence.More],
    [wrong, true, Confidence.No],
    [written.packet(77), true, Confidence.No],
    [hex('0001 0000 0006 01 03 0000 0001'), true, Confidence.No],
    [written.discovery(1, []), false, Confidence.Certain],
  ];
  for (const [bytes, stream, expected] of identified) assert.equal(ads.identify?.(bytes, 0, bytes.length, stream), expected);
});

test('packets cut in any place read the same, damaged ones never throw', () => {
  const whole = Uint8Array.from([...written.packet(2, read), ...written.packet(5, written.control(6))]);
  for (let cut = 1; cut < whole.length; cut++)
    assert.equal(talk(ads, [request(whole.subarray(0, cut)), request(whole.subarray(cut))]).messages.length, 2, `cut at ${cut}`);
  const samples = [
    written.packet(2, read),
    written.packet(1, written.deviceInfo('X', 1, 2, 3), { answer: true }),
    written.discovery(6, [
      [12, 'A'],
      [13, 'B'],
    ]),
  ];
  for (const bytes of mutations(samples, 4_000, 48_898))
    for (const recorder of [
      talk(ads, [request(bytes), response(bytes)]),
      talk(ads, [request(bytes), response(bytes)], { datagrams: true }),
    ])
      for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
});
