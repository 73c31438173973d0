import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import type { Recorder } from '../testing/recorder.ts';
import { radius } from './dissector.ts';

const attribute = (type: number, body: string): string => {
  const digits = body.replaceAll(' ', '');
  return type.toString(16).padStart(2, '0') + (2 + digits.length / 2).toString(16).padStart(2, '0') + digits;
};
const packet = (code: number, id: number, ...attributes: string[]): string => {
  const body = attributes.join('');
  const byte = (value: number): string => value.toString(16).padStart(2, '0');
  return byte(code) + byte(id) + (20 + body.length / 2).toString(16).padStart(4, '0') + '11'.repeat(16) + body;
};
const user = (name: string): string => attribute(1, Buffer.from(name).toString('hex'));
const read = (...pieces: Piece[]): Recorder => talk(radius, pieces, { datagrams: true });

test('codes are counted, and a rejection tells whom it was for', () => {
  const recorder = read(
    request(packet(1, 7, user('anna'))),
    request(packet(1, 8, user('otto'))),
    response(packet(3, 8)),
    response(packet(2, 7)),
    request(packet(4, 9, attribute(40, '00000001'))),
    response(packet(5, 9)),
  );
  assert.deepEqual(recorder.fields, { 'radius.code': { 1: 2, 2: 1, 3: 1, 4: 1, 5: 1 } });
  assert.deepEqual(
    recorder.of('failure').map(({ text }) => text),
    ['access rejected for otto'],
  );
  assert.deepEqual(recorder.of('login'), [], 'an access server asks for many');
  assert.deepEqual(recorder.violations(), []);
});

test('a TLS handshake is put together out of fragments of EAP and attributes of RADIUS', () => {
  const hello = `16 0301 002a 01 000026 0303 ${'00'.repeat(36)}`.replaceAll(' ', '');
  const eap = (id: string, flags: string, data: string): string => {
    const whole = `02${id}${(6 + data.length / 2).toString(16).padStart(4, '0')}0d${flags}${data}`;
    return attribute(79, whole.slice(0, 20)) + attribute(79, whole.slice(20));
  };
  const recorder = read(
    request(packet(1, 1, eap('01', 'c0', `0000002f${hello.slice(0, 40)}`))),
    response(packet(11, 1)),
    request(packet(1, 2, eap('02', '00', hello.slice(40)))),
  );
  assert.deepEqual(recorder.fields['tls.handshake.type'], { 1: 1 });
  assert.deepEqual(recorder.fields['tls.handshake.version'], { '0x0303': 1 });
});

test('a flight that never ends is dropped', () => {
  const fragment = attribute(79, `02 01 00f0 0d 40 ${'aa'.repeat(234)}`);
  const recorder = read(...Array.from({ length: 400 }, () => request(packet(1, 1, fragment))));
  assert.equal(recorder.fields['tls.handshake.type'], undefined);
});

test('lengths that do not fit are violations', () => {
  const good = packet(1, 1, user('anna'));
  assert.deepEqual(read(request(good), request(`${good.slice(0, 4)}00ff${good.slice(8)}`)).violations(), ['radius.length']);
  assert.deepEqual(read(request(good), request(good.slice(0, 20))).violations(), ['radius.length']);
  assert.deepEqual(read(request(packet(1, 1, '01 ff 61'.replaceAll(' ', '')))).violations(), ['radius.attribute']);
  assert.deepEqual(read(request(packet(99, 1, user('anna')))).violations(), ['radius.code']);
});

test('a packet whose attributes fill it is certain', () => {
  const judged: readonly [string, Confidence][] = [
    [packet(1, 1, user('anna-maria')), Confidence.Certain],
    [packet(1, 1), Confidence.Possible],
    [packet(99, 1, user('anna-maria')), Confidence.No],
    [`${packet(1, 1)}`.slice(0, 30), Confidence.No],
  ];
  for (const [digits, expected] of judged) assert.equal(radius.identify?.(hex(digits), 0, hex(digits).length, false), expected, digits);
});
