import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { hex, request, response, talk } from '../testing/replay.ts';
import { kerberos } from './dissector.ts';

const element = (tag: string, ...contents: string[]): string => {
  const digits = contents.join('').replaceAll(' ', '');
  const size = digits.length / 2;
  return tag + (size < 128 ? size.toString(16).padStart(2, '0') : `82${size.toString(16).padStart(4, '0')}`) + digits;
};
const part = (number: number, ...contents: string[]): string => element((0xa0 + number).toString(16), ...contents);
const whole = (value: number): string => element('02', value.toString(16).padStart(2, '0'));
const name = (...components: string[]): string =>
  element('30', part(0, whole(1)), part(1, element('30', ...components.map((text) => element('1b', Buffer.from(text).toString('hex'))))));
const message = (type: number, ...parts: string[]): string => element((0x60 + type).toString(16), element('30', ...parts));
const proof = (type: number, value: string): string => element('30', part(1, whole(type)), part(2, element('04', value)));
const ask = (type: number, user: string, ...proofs: string[]): string =>
  message(
    type,
    part(1, whole(5)),
    part(2, whole(type)),
    ...(proofs.length > 0 ? [part(3, element('30', ...proofs))] : []),
    part(4, element('30', part(0, '0305 0000000000'), part(1, name(user)), part(2, element('1b', '57')), part(3, name('krbtgt', 'WORKS')))),
  );
const TIMESTAMP = proof(2, '3000');
const REPLY = message(11, part(0, whole(5)), part(1, whole(11)), part(3, element('1b', '57')), part(4, name('anna')));
const error = (code: number): string =>
  message(30, part(0, whole(5)), part(1, whole(30)), part(6, whole(code)), part(9, element('1b', '57')));

const logins = (digits: readonly string[]): string[] =>
  talk(
    kerberos,
    digits.map((text, index) => (index % 2 ? response(text) : request(text))),
    { datagrams: true },
  )
    .of('login')
    .map(({ outcome, user }) => `${outcome} ${user}`);

test('who proves himself signs in; that proof is wanted is no refusal', () => {
  assert.deepEqual(logins([ask(10, 'anna'), error(25), ask(10, 'anna', TIMESTAMP), REPLY]), ['attempt anna', 'success anna']);
});

test('a wrong password and an unknown user are refusals', () => {
  assert.deepEqual(logins([ask(10, 'anna', TIMESTAMP), error(24)]), ['attempt anna', 'failure anna']);
  assert.deepEqual(logins([ask(10, 'nobody'), error(6)]), ['failure nobody']);
});

test('a ticket-granting request carries an AP-REQ, which counts as tshark counts it', () => {
  const inner = message(14, part(0, whole(5)), part(1, whole(14)), part(2, '0305 0000000000'));
  const recorder = talk(kerberos, [request(ask(12, 'anna', proof(1, inner))), response(error(7))], { datagrams: true });
  assert.deepEqual(recorder.fields, { 'kerberos.msg_type': { 12: 1, 14: 1, 30: 1 } });
  assert.deepEqual(recorder.talk(), ['kerberos 12 request', 'kerberos 30 response']);
  assert.deepEqual(
    recorder.of('failure').map(({ code, text }) => `${code} ${text}`),
    ['7 server not found'],
  );
});

test('over TCP each message has its length before it', () => {
  const marked = (digits: string): string => (hex(digits).length.toString(16).padStart(8, '0') + digits).replaceAll(' ', '');
  const both = marked(ask(10, 'anna', TIMESTAMP)) + marked(ask(10, 'anna', TIMESTAMP));
  assert.equal(talk(kerberos, [request(both.slice(0, 90)), request(both.slice(90))]).messages.length, 2);
});

test('a message cut short is a violation, other bytes are not Kerberos', () => {
  assert.deepEqual(talk(kerberos, [request(ask(10, 'anna').slice(0, -10))], { datagrams: true }).violations(), ['kerberos.message']);
  for (const digits of ['6a 81 af 30 81 ac 02 01 05 00 00 00 00 00 00 00', '6a', '30 82 01 00']) {
    const bytes = hex(digits);
    assert.equal(kerberos.identify?.(bytes, 0, bytes.length, false), Confidence.No, digits);
  }
});
