import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { mqtt } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const CONNECT = '10 14 0004 4d515454 04 82 003c 0003 706c63 0003 626f62';
const CONNECT_5 = '10 15 0004 4d515454 05 82 003c 00 0003 706c63 0003 626f62';
const CONNACK = '20 02 00 00';
const logins = (...pieces: Piece[]): string[] =>
  talk(mqtt, pieces)
    .of('login')
    .map(({ outcome, user }) => `${outcome} ${user}`);

test('packets are counted, however they are cut', () => {
  const pieces = [
    request(CONNECT),
    response(CONNACK),
    request('82 06 0001 0001 61 00 30 05 0001 61 6869'),
    response('90 03 0001 00'),
    request('c000 e000'),
  ];
  const bytewise = pieces.flatMap(({ toServer, bytes }) => [...bytes].map((byte) => ({ toServer, bytes: Uint8Array.of(byte) })));
  for (const talked of [pieces, bytewise]) {
    const recorder = talk(mqtt, talked);
    assert.deepEqual(recorder.fields, {
      'mqtt.msgtype': { 1: 1, 2: 1, 3: 1, 8: 1, 9: 1, 12: 1, 14: 1 },
      'mqtt.conack.val': { 0: 1 },
    });
    assert.deepEqual([recorder.violations(), recorder.skipped], [[], {}]);
  }
});

test('a long publication is passed over without being kept', () => {
  const long = Uint8Array.from([0x30, 0xa0, 0x8d, 0x06, 0, 1, 97, ...new Uint8Array(100_000 - 3)]);
  const cuts = [0, 5000, 70_000, long.length].map((cut, index, all) => request(long.slice(all[index - 1] ?? 0, cut)));
  const recorder = talk(mqtt, [request(CONNECT), ...cuts, request('c000')]);
  assert.deepEqual(recorder.fields, { 'mqtt.msgtype': { 1: 1, 3: 1, 12: 1 } });
  assert.deepEqual([recorder.violations(), recorder.skipped], [[], {}]);
});

test('who signs in, and how it ends', () => {
  assert.deepEqual(logins(request(CONNECT), response(CONNACK)), ['attempt bob', 'success bob']);
  assert.deepEqual(logins(request(CONNECT), response('20020005')), ['attempt bob', 'failure bob']);
  assert.deepEqual(logins(request(CONNECT_5), response('2003008700')), ['attempt bob', 'failure bob']);
  assert.deepEqual(logins(request('10 0f 0004 4d515454 04 02 003c 0003 706c63'), response('20020005')), ['failure plc']);
});

test('what is refused is a failure', () => {
  const version3 = talk(mqtt, [request(CONNECT), response(CONNACK), response('90 03 0001 80')]);
  assert.deepEqual(version3.failures(), ['mqtt.reason 8 code 128']);
  const version5 = talk(mqtt, [request(CONNECT_5), response('2003000000'), response('90 05 0001 00 87 01'), response('40 03 0001 97')]);
  assert.deepEqual(version5.failures(), ['mqtt.reason 8 code 135', 'mqtt.reason 4 code 151']);
});

const broken: readonly [string, readonly Piece[], readonly string[]][] = [
  ['QoS 3', [request(`${CONNECT} 36 05 0001 61 0001`)], ['mqtt.qos']],
  ['flags that are reserved', [request(`${CONNECT} 80 06 0001 0001 61 00`)], ['mqtt.flags']],
  ['a topic longer than its packet', [request(`${CONNECT} 30 03 0009 61`)], ['mqtt.length']],
  ['two CONNECT', [request(CONNECT + CONNECT)], ['mqtt.connect-again']],
  ['PUBLISH before CONNECT', [request(`30 05 0001 61 6869 ${CONNECT}`)], ['mqtt.missing-connect']],
  ['CONNACK without CONNECT', [response(CONNACK)], ['mqtt.missing-connect']],
  ['a length of five bytes', [request(`${CONNECT} 30 ffffffffff`)], ['mqtt.remaining-length']],
  ['packet type 0', [request(`${CONNECT} 0000`)], ['mqtt.packet-type']],
  ['a name that does not exist', [request('10 0c 0004 4d515455 04 02 003c 0000')], ['mqtt.protocol-name']],
  ['a will without its flag', [request('10 0c 0004 4d515454 04 1a 003c 0000')], ['mqtt.connect-flags']],
];
for (const [name, pieces, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(talk(mqtt, pieces).violations(), expected));

const identified: readonly [string, Confidence][] = [
  [CONNECT, Confidence.Certain],
  [CONNECT_5, Confidence.Certain],
  ['10 0e 0006 4d5149736470 03 02 003c 0000', Confidence.Certain],
  ['10', Confidence.More],
  ['10 14 0004 4d51', Confidence.More],
  ['10 14 0004 4d515455 04 82 003c', Confidence.No],
  ['11 14 0004 4d515454 04 82', Confidence.No],
  ['30 05 0001 61 6869', Confidence.Possible],
  ['36 05 0001 61 6869', Confidence.No],
  ['0000', Confidence.No],
];
test('only CONNECT is certain on any port', () => {
  for (const [digits, expected] of identified) assert.equal(mqtt.identify?.(hex(digits), 0, hex(digits).length, true), expected, digits);
});

test('damaged packets never throw and break the protocol by a known name', () => {
  const samples = [CONNECT, CONNECT_5, CONNACK, '82 06 0001 0001 61 00', '90 05 0001 00 87 01', '34 07 0001 61 0001 6869'].map(hex);
  for (const bytes of mutations(samples, 5_000, 1883)) {
    const recorder = talk(mqtt, [request(CONNECT_5), request(bytes), response(bytes)]);
    for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
  }
});
