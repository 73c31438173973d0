import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, request, response, talk } from '../testing/replay.ts';
import { someip } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

/** Service discovery as a public capture holds it. */
const OFFER = 'ffff8100 00000030 00000003 01010200 c0000000 00000010 0100100001000eb00100001e0000000000000c00000000'.slice(0, 111);
const message = (type: string, code = '00', body = 'aabb'): string =>
  `1234 0001 ${(8 + hex(body).length).toString(16).padStart(8, '0')} 00010002 01 01 ${type} ${code} ${body}`;

test('messages are counted by their type, several in a datagram', () => {
  const recorder = talk(someip, [request(`${message('00')}${message('02')}`), response(message('80'))], { datagrams: true });
  assert.deepEqual(recorder.talk(), ['someip 0 request', 'someip 2 notification', 'someip 128 response']);
  assert.deepEqual(recorder.fields, { 'someip.messagetype': { '0x00': 1, '0x02': 1, '0x80': 1 } });
});

test('return codes are failures', () => {
  assert.deepEqual(talk(someip, [response(message('81', '05'))], { datagrams: true }).failures(), ['someip.return 129 code 5']);
});

test('bytes that are left over are a violation', () => {
  assert.deepEqual(talk(someip, [request(`${message('00')}00`)], { datagrams: true }).violations(), ['someip.length']);
});

test('service discovery is certain, other messages are possible on the port', () => {
  for (const [digits, expected] of [
    [OFFER, Confidence.Certain],
    [message('00'), Confidence.Possible],
    [message('33'), Confidence.No],
    ['ffff8100 0000', Confidence.No],
  ] as const)
    assert.equal(someip.identify?.(hex(digits), 0, hex(digits).length, false), expected, digits);
});

test('messages cut in any place read the same, damaged ones never throw', () => {
  const whole = hex(message('00') + message('80'));
  for (let cut = 1; cut < whole.length; cut++)
    assert.equal(talk(someip, [request(whole.subarray(0, cut)), request(whole.subarray(cut))]).messages.length, 2);
  for (const bytes of mutations([OFFER, message('00'), message('81', '05')].map(hex), 4_000, 30_490))
    for (const recorder of [talk(someip, [request(bytes)]), talk(someip, [request(bytes)], { datagrams: true })])
      for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
});
