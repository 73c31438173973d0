import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, request, response, talk } from '../testing/replay.ts';
import { knxip } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

/** As public captures hold them; the description is written from the standard. */
const SEARCH = '06100201000e0801c0a858e7a17f';
const FEATURES = '06100423000e0401020300060001 06100425000e040102060007 0001'.replaceAll(' ', '');
const DESCRIPTION = `3601 0200 1101 0000 00c501020304 e000170c 00508c010203 ${Buffer.from('KNX IP Router 751'.padEnd(30, '\0')).toString('hex')}`;
const RESPONSE = `0610 0202 0044 0801 c0a80002 0e57 ${DESCRIPTION}`;

test('services are counted as Wireshark does, several frames in a segment', () => {
  assert.deepEqual(talk(knxip, [request(SEARCH)], { datagrams: true }).fields, { 'knxip.service': { '0x0201': 1 } });
  assert.deepEqual(talk(knxip, [response(FEATURES)]).fields, { 'knxip.service': { '0x0423': 1, '0x0425': 1 } });
});

test('a device tells its name and serial number', () => {
  const [fact] = talk(knxip, [response(RESPONSE)], { datagrams: true }).of('identity');
  assert.deepEqual([fact.model, fact.serial, fact.type], ['KNX IP Router 751', '00c501020304', 'HVAC']);
});

test('searches ask who is there; remote resets and configurations are acts', () => {
  const frame = (service: string): string => `0610 ${service} 0008 0000`;
  const pieces = [SEARCH, frame('0743'), frame('0742'), frame('0530')].map((digits) => request(digits));
  assert.deepEqual(talk(knxip, pieces, { datagrams: true }).actions(), [
    'identity.request requested',
    'controller.reset requested',
    'configuration.write requested',
  ]);
});

const broken: readonly [string, string, boolean, string[]][] = [
  ['a length that is not the datagram’s', '06100201000f0801c0a858e7a17f', true, ['knxip.length']],
  ['a length below the header', '061002010003', false, ['knxip.length']],
  ['a service that is not defined', '061002990008 0000', false, ['knxip.service']],
];
for (const [name, digits, datagrams, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(talk(knxip, [request(digits)], { datagrams }).violations(), expected));

test('a frame is certain on any port', () => {
  for (const [digits, stream, expected] of [
    [SEARCH, false, Confidence.Certain],
    [FEATURES, true, Confidence.Certain],
    ['0610', true, Confidence.More],
    ['061002990008 0000', false, Confidence.No],
    ['06100201000f0801c0a858e7a17f', false, Confidence.No],
  ] as const)
    assert.equal(knxip.identify?.(hex(digits), 0, hex(digits).length, stream), expected, digits);
});

test('frames cut in any place read the same, damaged ones never throw', () => {
  const whole = hex(FEATURES);
  for (let cut = 1; cut < whole.length; cut++)
    assert.equal(talk(knxip, [request(whole.subarray(0, cut)), request(whole.subarray(cut))]).messages.length, 2);
  for (const bytes of mutations([SEARCH, FEATURES, RESPONSE].map(hex), 4_000, 3671))
    for (const recorder of [
      talk(knxip, [request(bytes), response(bytes)]),
      talk(knxip, [request(bytes), response(bytes)], { datagrams: true }),
    ])
      for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
});
