import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { tls } from './dissector.ts';

const hello = (type: string, version = '0303'): string => `16 0301 002a ${type} 000026 ${version} ${'00'.repeat(36)}`;
const bytewise = (piece: Piece): Piece[] => [...piece.bytes].map((byte) => ({ toServer: piece.toServer, bytes: Uint8Array.of(byte) }));

test('handshake messages are counted until the cipher changes', () => {
  const secret = `16 0303 0004 01000000`;
  const pieces = [
    request(hello('01')),
    response(`${hello('02')} 16 0303 0008 0e000000 0e000000`),
    request(`14 0303 0001 01 ${secret} 17 0303 0003 aabbcc`),
  ];
  for (const talked of [pieces, pieces.flatMap(bytewise)]) {
    const recorder = talk(tls, talked);
    assert.deepEqual(recorder.fields, { 'tls.handshake.type': { 1: 1, 2: 1, 14: 2 }, 'tls.handshake.version': { '0x0303': 2 } });
    assert.deepEqual(recorder.talk(), [
      'tls 22 request',
      'tls 22 response',
      'tls 22 response',
      'tls 20 request',
      'tls 22 request',
      'tls 23 request',
    ]);
    assert.deepEqual(recorder.skipped, {});
  }
});

test('a handshake message over two records counts once', () => {
  const recorder = talk(tls, [response('16 0303 0006 0b000004 0102 16 0303 0006 0304 0e000000')]);
  assert.deepEqual(recorder.fields, { 'tls.handshake.type': { 11: 1, 14: 1 } });
});

test('a version that does not exist is a violation', () => {
  assert.deepEqual(talk(tls, [request(hello('01', '0707'))]).violations(), ['tls.version']);
  assert.deepEqual(talk(tls, [request(`${hello('01')} 17 0909 0001 00`)]).violations(), ['tls.version']);
});

const identified: readonly [string, Confidence][] = [
  [hello('01'), Confidence.Certain],
  [hello('02'), Confidence.Certain],
  ['17 0303 0010', Confidence.Possible],
  ['16 03', Confidence.More],
  ['16 0301 002a 01 000001 0303', Confidence.No],
  ['16 0401 002a 01', Confidence.No],
  ['0300 0016 11e0', Confidence.No],
];
test('a hello is certain on any port', () => {
  for (const [digits, expected] of identified)
    assert.equal(tls.identify?.(hex(digits), 0, hex(digits).length, true), expected, digits.slice(0, 30));
});
