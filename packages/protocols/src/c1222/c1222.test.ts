import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { c1222 } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

/** An association as public captures hold it, around these services. */
function message(services: string, control = '80'): string {
  const inside = hex(`${control} ${services}`).length;
  const byte = (value: number): string => value.toString(16).padStart(2, '0');
  const user = `be ${byte(4 + inside)} 28 ${byte(2 + inside)} 81 ${byte(inside)} ${control} ${services}`;
  const titles = 'a211060f2b060104018285638e7f85f1c24e00 a60a06082b06010401828563 a806020413e81421';
  return `60 ${byte(hex(titles + user).length)} ${titles} ${user}`;
}
const ask = (services: string): Piece => request(message(services));
const reply = (services: string): Piece => response(message(services));
const LOGON = '0f 50 1234 68656c6c6f776f726c64 0000';

test('services are counted as Wireshark does, several in a message', () => {
  const recorder = talk(c1222, [ask('01 20 03 300001'), reply('01 00'), ask('09 3f 000100000000 0008')]);
  assert.deepEqual(recorder.fields, { 'c1222.cmd': { '0x20': 1, '0x30': 1, '0x3f': 1 }, 'c1222.err': { '0x00': 1 } });
  assert.deepEqual(recorder.talk(), ['c1222 32 request', 'c1222 48 request', 'c1222 48 response', 'c1222 63 request']);
});

test('sign-ins are attempts and what came of them', () => {
  const outcomes = (...pieces: Piece[]): string[] =>
    talk(c1222, pieces)
      .of('login')
      .map(({ outcome, user }) => `${outcome} ${user}`);
  assert.deepEqual(outcomes(ask(LOGON), reply('03 00 0000')), ['attempt helloworld', 'success helloworld']);
  assert.deepEqual(outcomes(ask(`15 51 ${'70'.repeat(20)}`), reply('01 03')), ['attempt ', 'failure ']);
});

test('tables that are written are acts, refusals are failures', () => {
  assert.deepEqual(talk(c1222, [ask('07 40 0007 0001 ff 01')]).actions(), ['configuration.write requested']);
  assert.deepEqual(talk(c1222, [ask('03 30 0001'), reply('01 03')]).failures(), ['c1222.response 48 code 3']);
});

test('what is encrypted is counted and left alone', () => {
  const recorder = talk(c1222, [request(message('01 20', '88'))]);
  assert.deepEqual(recorder.talk(), ['c1222 257 request']);
  assert.deepEqual(recorder.fields, {});
});

test('elements that do not fit are a violation', () => {
  assert.deepEqual(talk(c1222, [request('60 04 a2 09 06 00')]).violations(), ['c1222.length']);
});

test('an association with services is certain on any port, other ones are not', () => {
  const identified: readonly [string, boolean, Confidence][] = [
    [message('01 20'), true, Confidence.Certain],
    [message('01 20'), false, Confidence.Certain],
    ['60', true, Confidence.More],
    // SPNEGO of SMB and HTTP, and SNMP.
    ['60 0a 06 06 2b0601050502 a000', true, Confidence.No],
    ['30 0a 02 01 00 04 05 7075626c69', false, Confidence.No],
  ];
  for (const [digits, stream, expected] of identified)
    assert.equal(c1222.identify?.(hex(digits), 0, hex(digits).length, stream), expected, digits);
});

test('messages cut in any place read the same, damaged ones never throw', () => {
  const whole = Uint8Array.from([...hex(message(LOGON)), ...hex(message('01 20'))]);
  for (let cut = 1; cut < whole.length; cut++)
    assert.equal(talk(c1222, [request(whole.subarray(0, cut)), request(whole.subarray(cut))]).messages.length, 2, `cut at ${cut}`);
  for (const bytes of mutations([message(LOGON), message('01 20'), message('01 03')].map(hex), 4_000, 1153))
    for (const recorder of [
      talk(c1222, [request(bytes), response(bytes)]),
      talk(c1222, [request(bytes), response(bytes)], { datagrams: true }),
    ])
      for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
});
