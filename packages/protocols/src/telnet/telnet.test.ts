import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { telnet } from './dissector.ts';

const client = (text: string): Piece => ({ toServer: true, bytes: Uint8Array.from(Buffer.from(text, 'latin1')) });
const server = (text: string): Piece => ({ toServer: false, bytes: Uint8Array.from(Buffer.from(text, 'latin1')) });

test('negotiations and subnegotiations are counted', () => {
  const recorder = talk(telnet, [response('fffd18 fffb01'), request('fffb18 fffa18 00 6162 fff0 6c73')]);
  assert.deepEqual(recorder.fields, { 'telnet.cmd': { 253: 1, 251: 2, 250: 1, 240: 1 } });
  assert.deepEqual(recorder.skipped, {});
});

/** What is shown and typed, and the sign-ins that follow from it. */
const talks: readonly [string, readonly Piece[], readonly string[]][] = [
  [
    'a refused password',
    [server('login: '), client('bob\r\n'), server('Password: '), client('x\r\n'), server('\r\nLogin incorrect\r\nlogin: ')],
    ['attempt bob', 'failure bob'],
  ],
  [
    'an accepted password',
    [server('Username: '), client('bob\r\n'), server('Password: '), client('x\r\n'), server('\r\nswitch#')],
    ['attempt bob', 'success bob'],
  ],
  [
    'a user typed byte by byte',
    [server('login: '), client('b'), client('o'), client('b'), client('\r\0'), server('Password: '), client('x\r\0')],
    ['attempt bob'],
  ],
  ['a session without prompts', [server('hello\r\n'), client('ls\r\n'), server('a b\r\n$ ')], []],
];
for (const [name, pieces, expected] of talks) {
  test(`sign-ins are read from prompts: ${name}`, () => {
    const recorder = talk(telnet, pieces);
    assert.deepEqual(
      recorder.of('login').map(({ outcome, user }) => `${outcome} ${user}`),
      expected,
    );
  });
}

test('two negotiations are certain, one is possible', () => {
  const cases: readonly [string, Confidence][] = [
    ['fffd18 fffb01', Confidence.Certain],
    ['fffd18', Confidence.Possible],
    ['ffff', Confidence.More],
    ['ffff01', Confidence.No],
    ['fffdf0', Confidence.No],
    ['6c6f67696e', Confidence.Possible],
    ['00010000', Confidence.No],
  ];
  for (const [digits, expected] of cases) assert.equal(telnet.identify?.(hex(digits), 0, hex(digits).length, true), expected, digits);
});
