import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { vnc } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const version = (minor: number): string => Buffer.from(`RFB 003.00${minor}\n`).toString('hex');
const SECRET = '00112233445566778899aabbccddeeff';
const opening = (minor: number): Piece[] => [response(version(8)), request(version(minor))];
const WITH_PASSWORD = [...opening(8), response('02 02 10'), request('02'), response(SECRET), request(SECRET)];
const logins = (pieces: readonly Piece[]): string[] =>
  talk(vnc, pieces)
    .of('login')
    .map(({ outcome }) => outcome);

test('who signs in with a password, and how it ends', () => {
  assert.deepEqual(logins([...WITH_PASSWORD, response('00000000')]), ['attempt', 'success']);
  assert.deepEqual(logins([...WITH_PASSWORD, response('00000001')]), ['attempt', 'failure']);
  assert.deepEqual(logins([...opening(3), response('00000002'), response(SECRET), request(SECRET), response('00000000')]), [
    'attempt',
    'success',
  ]);
  assert.deepEqual(logins([...opening(8), response('01 01'), request('01'), response('00000000')]), []);
});

test('a refused session is a failure', () => {
  assert.deepEqual(talk(vnc, [...WITH_PASSWORD, response('00000001')]).failures(), ['vnc.security-result 261 code 1']);
  assert.deepEqual(talk(vnc, [...opening(8), response('00')]).failures(), ['vnc.security-result 261 code 0']);
});

test('what a client sends is counted, however it is cut', () => {
  const events =
    '02000001 00000000 03 00 0000 0000 0010 0010 04 01 0000 00000041 05 00 0001 0001 06 000000 00000003 616263 05 00 0001 0001';
  const pieces = [...WITH_PASSWORD, response('00000000'), request(`01 ${events}`)];
  const bytewise = pieces.flatMap(({ toServer, bytes }) => [...bytes].map((byte) => ({ toServer, bytes: Uint8Array.of(byte) })));
  for (const talked of [pieces, bytewise]) {
    const recorder = talk(vnc, talked);
    assert.deepEqual(recorder.fields, {
      'vnc.security_type': { 2: 1, 16: 1 },
      'vnc.client_message_type': { 2: 1, 3: 1, 4: 1, 5: 2, 6: 1 },
    });
    assert.deepEqual([recorder.violations(), recorder.skipped], [[], {}]);
  }
});

const broken: readonly [string, readonly Piece[], readonly string[]][] = [
  ['security type 0', [...opening(8), response('01 02'), request('00')], ['vnc.security-type']],
  ['a result that does not exist', [...WITH_PASSWORD, response('00000009')], ['vnc.security-result']],
];
for (const [name, pieces, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(talk(vnc, pieces).violations(), expected));

test('the version is certain on any port', () => {
  const identified: readonly [string, Confidence][] = [
    [version(8), Confidence.Certain],
    ['524642', Confidence.More],
    [version(8).replace('2e', '2f'), Confidence.No],
    ['00', Confidence.No],
  ];
  for (const [digits, expected] of identified) assert.equal(vnc.identify?.(hex(digits), 0, hex(digits).length, true), expected, digits);
});

test('damaged messages never throw and break the protocol by a known name', () => {
  for (const bytes of mutations([version(8), '02 02 10', SECRET, '00000001', '01 02000001 00000000'].map(hex), 4_000, 5900)) {
    const before = bytes.length % 2 === 0 ? opening(8) : WITH_PASSWORD;
    for (const name of talk(vnc, [...before, response(bytes), request(bytes)]).violations()) assert.ok(name in VIOLATIONS, name);
  }
});
