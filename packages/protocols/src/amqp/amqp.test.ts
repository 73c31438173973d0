import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { amqp } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const word = (value: number): string => value.toString(16).padStart(8, '0');
/** A frame of 0-9-1. */
const frame = (type: number, payload: string, end = 'ce'): string => `0${type} 0000 ${word(hex(payload).length)} ${payload} ${end}`;
const method = (classId: number, number: number, rest = ''): string =>
  frame(1, `${classId.toString(16).padStart(4, '0')} ${number.toString(16).padStart(4, '0')} ${rest}`);
const OPENING = '414d5150 00000901';
const response9 = (user: string, password: string): string => `00${ascii(user)}00${ascii(password)}`;
const startOk = (user: string, password: string): string => {
  const sasl = response9(user, password);
  return method(10, 11, `00000000 05${ascii('PLAIN')} ${word(hex(sasl).length)} ${sasl} 05${ascii('en_US')}`);
};
/** A frame of 1.0 with a described list of this number. */
const performative = (number: number, rest: string, type = 0): string => {
  const body = `0053${number.toString(16)} ${rest}`;
  return `${word(8 + hex(body).length)} 02 0${type} 0000 ${body}`;
};
const OPENING_1 = '414d5150 00010000';
const SASL_OPENING_1 = '414d5150 03010000';
const saslInit = (user: string, password: string): string => {
  const sasl = response9(user, password);
  return performative(0x41, `c0 20 02 a305${ascii('PLAIN')} a0${hex(sasl).length.toString(16).padStart(2, '0')}${sasl}`, 1);
};
const logins = (...pieces: Piece[]): string[] =>
  talk(amqp, pieces)
    .of('login')
    .map(({ outcome, user }) => `${outcome} ${user}`);

test('0-9-1: frames and methods are counted as Wireshark does', () => {
  const publish = method(60, 40, `0000 00 04${ascii('task')} 00`);
  const recorder = talk(amqp, [
    request(OPENING),
    request(publish + frame(2, '003c0000') + frame(3, ascii('hello'))),
    response(method(60, 80, `${word(0)}${word(1)}00`)),
  ]);
  assert.deepEqual(recorder.fields, {
    'amqp.type': { 1: 2, 2: 1, 3: 1 },
    'amqp.method.class': { 60: 2 },
    'amqp.method.method': { 40: 1, 80: 1 },
  });
  assert.deepEqual(recorder.violations(), []);
});

test('0-9-1: a sign-in is an attempt and what came of it', () => {
  assert.deepEqual(logins(request(OPENING), request(startOk('celery', 'secret')), response(method(10, 30, '0000'))), [
    'attempt celery',
    'success celery',
  ]);
  const refused = response(method(10, 50, `0193 04${ascii('nope')} 0000 0000`));
  assert.deepEqual(logins(request(OPENING), request(startOk('celery', 'wrong')), refused), ['attempt celery', 'failure celery']);
  assert.deepEqual(talk(amqp, [request(OPENING), refused]).failures(), ['amqp.close 0 code 403']);
});

test('1.0: performatives are told apart, a sign-in by SASL is an attempt and what came of it', () => {
  const open = performative(0x10, `c0 08 01 a105${ascii('hello')}`);
  const recorder = talk(amqp, [request(OPENING_1), request(open + performative(0x18, '45'))]);
  assert.deepEqual(recorder.fields, { 'amqp.performative': { 16: 1, 24: 1 } });
  const outcome = (code: string) => response(performative(0x44, `c0 03 01 50${code}`, 1));
  const both = [request(SASL_OPENING_1), response(SASL_OPENING_1), request(saslInit('eve', 'x'))];
  assert.deepEqual(logins(...both, outcome('00')), ['attempt eve', 'success eve']);
  assert.deepEqual(logins(...both, outcome('01')), ['attempt eve', 'failure eve']);
});

const broken: readonly [string, string, string[]][] = [
  ['a frame with another end', OPENING + frame(3, '00', 'cd'), ['amqp.frame-end']],
  ['a method that is too short', OPENING + frame(1, '003c'), ['amqp.length']],
  ['a frame of 1.0 below its header', `${OPENING_1}00000004 02000000`, ['amqp.length']],
];
for (const [name, digits, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(talk(amqp, [request(digits)]).violations(), expected));

test('a protocol header is certain on any port, frames are possible on their own', () => {
  for (const [digits, expected] of [
    [OPENING, Confidence.Certain],
    [OPENING_1, Confidence.Certain],
    [method(60, 80), Confidence.Possible],
    [frame(3, '00', 'cd'), Confidence.No],
    ['414d51', Confidence.More],
    ['4142434445464748', Confidence.No],
  ] as const)
    assert.equal(amqp.identify?.(hex(digits), 0, hex(digits).length, true), expected, digits);
});

test('frames cut in any place read the same, damaged ones never throw', () => {
  const whole = hex(OPENING + startOk('celery', 'secret') + method(60, 80));
  for (let cut = 1; cut < whole.length; cut++) {
    const recorder = talk(amqp, [request(whole.subarray(0, cut)), request(whole.subarray(cut))]);
    assert.deepEqual([recorder.messages.length, recorder.of('login')[0]?.user], [3, 'celery'], `cut at ${cut}`);
  }
  const samples = [whole, hex(SASL_OPENING_1 + saslInit('eve', 'x')), hex(OPENING + method(10, 50, `0193 04${ascii('nope')}`))];
  for (const bytes of mutations(samples, 4_000, 5672))
    for (const name of talk(amqp, [request(bytes), response(bytes)]).violations()) assert.ok(name in VIOLATIONS, name);
});
