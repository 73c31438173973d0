import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, request, response, talk } from '../testing/replay.ts';
import { check, synchrophasor } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

/** A frame with its check; `type` is the second sync byte. */
function frame(type: string, body: string, time = '4899a0f4'): Uint8Array {
  const inside = hex(body);
  const size = (16 + inside.length).toString(16).padStart(4, '0');
  const bytes = hex(`aa ${type} ${size} 00f1 ${time} 00000000 ${body} 0000`);
  const sum = check(bytes, 0, bytes.length - 2);
  bytes[bytes.length - 2] = sum >> 8;
  bytes[bytes.length - 1] = sum & 255;
  return bytes;
}
/** As a concentrator of a public capture sent it. */
const SEND_CONFIGURATION = hex('aa41001200f100000000000000000005d7d0');
const station = (name: string, count = 1): string =>
  `000f4240 ${count.toString(16).padStart(4, '0')} ${Buffer.from(name.padEnd(16)).toString('hex')} 00f1 0000 0000 0000 0000 0000 0000 001e`;
const DATA = frame('01', '0000 41424344 45464748 0000 0000');

test('frames and commands are counted as Wireshark does', () => {
  const recorder = talk(synchrophasor, [
    request(SEND_CONFIGURATION),
    response(frame('31', station('Blue PMU'))),
    response(DATA),
    response(DATA),
  ]);
  assert.deepEqual(recorder.talk(), [
    'synchrophasor 261 request',
    'synchrophasor 3 response',
    'synchrophasor 0 notification',
    'synchrophasor 0 notification',
  ]);
  assert.deepEqual(recorder.fields, {
    'synphasor.frtype': { '0x0004': 1, '0x0003': 1, '0x0000': 2 },
    'synphasor.command': { '0x0005': 1 },
  });
  assert.deepEqual(recorder.violations(), []);
});

test('a station tells its name once, and again when its configuration changes', () => {
  const said = [station('Blue PMU'), station('Blue PMU'), station('Blue PMU').replace('001e', '003c'), station('Sum', 4)];
  const told = talk(
    synchrophasor,
    said.map((one) => response(frame('31', one))),
  ).of('identity');
  assert.deepEqual(
    told.map(({ name, type }) => [name, type]),
    [
      ['Blue PMU', 'Meter'],
      ['Blue PMU', 'Meter'],
      ['Sum', undefined],
    ],
  );
  assert.notEqual(told[0].revision, told[1].revision);
});

test('stopping the data is an act upon the unit', () => {
  assert.deepEqual(talk(synchrophasor, [request(frame('41', '0001'))]).actions(), ['control.operate requested']);
  assert.deepEqual(talk(synchrophasor, [request(frame('41', '0002'))]).actions(), []);
});

const broken: readonly [string, Uint8Array, string[]][] = [
  ['a check that does not fit', Uint8Array.from(DATA, (byte, at) => (at === 20 ? byte ^ 1 : byte)), ['synchrophasor.check']],
  ['a command that is not defined', frame('41', '0007'), ['synchrophasor.undefined']],
  ['a frame type that is not defined', frame('71', '0000'), ['synchrophasor.undefined']],
  ['a size below the fields', hex('aa01 0008 00f1 4899 0000'), ['synchrophasor.frame-size']],
];
for (const [name, bytes, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(talk(synchrophasor, [response(bytes)]).violations(), expected));

test('a datagram that says more than it has is a violation', () =>
  assert.deepEqual(talk(synchrophasor, [response(DATA.subarray(0, 20))], { datagrams: true }).violations(), ['synchrophasor.frame-size']));

test('a frame whose check fits is certain, one that cannot be seen whole is possible', () => {
  const long = frame('31', station('Blue PMU') + '00'.repeat(200));
  const identified: readonly [Uint8Array, boolean, Confidence][] = [
    [SEND_CONFIGURATION, true, Confidence.Certain],
    [DATA, false, Confidence.Certain],
    [DATA.subarray(0, 10), true, Confidence.More],
    [long.subarray(0, 64), true, Confidence.Possible],
    [Uint8Array.from(DATA, (byte, at) => (at === 20 ? byte ^ 1 : byte)), false, Confidence.No],
    [hex('aaaa03000000080045000034'.repeat(3)), true, Confidence.No],
  ];
  for (const [bytes, stream, expected] of identified) assert.equal(synchrophasor.identify?.(bytes, 0, bytes.length, stream), expected);
});

test('frames cut in any place read the same, damaged ones never throw', () => {
  const whole = Uint8Array.from([...SEND_CONFIGURATION, ...DATA]);
  for (let cut = 1; cut < whole.length; cut++)
    assert.equal(talk(synchrophasor, [request(whole.subarray(0, cut)), request(whole.subarray(cut))]).messages.length, 2);
  for (const bytes of mutations([SEND_CONFIGURATION, DATA, frame('31', station('Blue PMU'))], 4_000, 4712))
    for (const recorder of [talk(synchrophasor, [request(bytes)]), talk(synchrophasor, [request(bytes)], { datagrams: true })])
      for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
});
