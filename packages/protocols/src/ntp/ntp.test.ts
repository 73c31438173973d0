import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { ntp } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const message = (first: string, stratum = '02', reference = '00000000'): string =>
  `${first} ${stratum} 0600 00000000 00000000 ${reference} ${'00'.repeat(32)}`;
const read = (...pieces: Piece[]) => talk(ntp, pieces, { datagrams: true });

test('a message is counted by its mode', () => {
  const recorder = read(
    request(message('23')),
    response(message('24')),
    response(message('25')),
    request('1602000100000000'),
    response('1682000100000000'),
  );
  assert.deepEqual(recorder.talk(), ['ntp 3 request', 'ntp 4 response', 'ntp 5 notification', 'ntp 6 request', 'ntp 6 response']);
  assert.deepEqual([recorder.fields, recorder.facts], [{ 'ntp.flags.mode': { 3: 1, 4: 1, 5: 1, 6: 2 } }, []]);
});

test('a kiss of death is a failure', () =>
  assert.deepEqual(read(response(message('24', '00', '52415445'))).failures(), ['ntp.kiss 3 code 0']));

const broken: readonly [string, string, readonly string[]][] = [
  ['a message shorter than its header', '23020600', ['ntp.length']],
  ['version 7', message('3b'), ['ntp.version']],
  ['stratum 200', message('24', 'c8'), ['ntp.stratum']],
];
for (const [name, digits, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(read(request(digits)).violations(), expected));

test('content alone is never certain', () => {
  const identified: readonly [string, Confidence][] = [
    [message('23'), Confidence.Possible],
    [message('20'), Confidence.No],
    [message('23', 'c8'), Confidence.No],
    ['23020600', Confidence.No],
  ];
  for (const [digits, expected] of identified) assert.equal(ntp.identify?.(hex(digits), 0, hex(digits).length, false), expected, digits);
});

test('damaged messages never throw and break the protocol by a known name', () => {
  for (const bytes of mutations([message('23'), message('24', '00', '52415445'), '1682000100000000'].map(hex), 3_000, 123)) {
    for (const name of read(request(bytes)).violations()) assert.ok(name in VIOLATIONS, name);
  }
});
