import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { snmp } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const tlv = (tag: string, ...contents: string[]): string => {
  const inside = contents.join('').replaceAll(' ', '');
  const length = inside.length / 2;
  return tag + (length < 128 ? '' : '81') + length.toString(16).padStart(2, '0') + inside;
};
const integer = (value: number): string => tlv('02', value.toString(16).padStart(2, '0'));
const octets = (value: string): string => tlv('04', Buffer.from(value).toString('hex'));
const variable = (name: string, value: string): string => tlv('30', tlv('06', name), value);
const pdu = (tag: string, error: number, ...variables: string[]): string =>
  tlv(tag, integer(7), integer(error), integer(0), tlv('30', ...variables));
const message = (version: number, community: string, inside: string): string => tlv('30', integer(version), octets(community), inside);
const message3 = (user: string, data: string): string =>
  tlv(
    '30',
    integer(3),
    tlv('30', integer(1), tlv('02', '00ffe3'), tlv('04', '04'), integer(3)),
    tlv('04', tlv('30', tlv('04', '8000'), integer(1), integer(1), octets(user), tlv('04'), tlv('04'))),
    data,
  );
const DESCRIPTION = '2b06010201010100';
const NAME = '2b06010201010500';
const WRONG_DIGEST = '2b06010603' + '0f01010500';
const NULL = '0500';
const GET = message(1, 'public', pdu('a0', 0, variable(DESCRIPTION, NULL)));
const read = (...pieces: Piece[]) => talk(snmp, pieces, { datagrams: true });

test('what a manager asks is learned with its community', () => {
  const recorder = read(request(GET), request(GET), request(message(0, 'private', pdu('a3', 0, variable(NAME, octets('x'))))));
  assert.deepEqual(
    recorder.uses.map(({ aspect, a, b }) => [aspect === Aspect.SnmpOperation, a, recorder.texts[b]]),
    [
      [true, 0, 'public 1.3.6.1.2.1.1.1'],
      [true, 0, 'public 1.3.6.1.2.1.1.1'],
      [true, 3, 'private 1.3.6.1.2.1.1.5'],
    ],
  );
  assert.deepEqual(recorder.actions(), ['configuration.write requested']);
  assert.deepEqual(recorder.fields, {
    'snmp.version': { 0: 1, 1: 2 },
    'snmp.data': { 0: 2, 3: 1 },
    'snmp.community': { public: 2, private: 1 },
  });
});

test('a trap is told with its name or its identifier', () => {
  const trap = (identifier: string): string => message(1, 'public', pdu('a7', 0, variable('2b060106030101040100', tlv('06', identifier))));
  const texts = read(
    request(trap('2b0601060301010503')),
    request(trap('2b060104018230020a')),
    request(message(0, 'public', tlv('a4', tlv('06', '2b06010401')))),
  )
    .of('notice')
    .map(({ text }) => text);
  assert.deepEqual(texts, ['SNMP trap linkDown (version 2c).', 'SNMP trap 1.3.6.1.4.1.304.2.10 (version 2c).', 'SNMP trap (version 1).']);
});

test('objects are told apart by their first eight arcs', () => {
  const asked = ['2b060102010202010a8140', '2b0601020102020102', '2b06010401893b0103', '88370301'].map((name) => variable(name, NULL));
  assert.deepEqual(read(request(message(1, 'public', pdu('a5', 0, ...asked)))).texts, [
    'public 1.3.6.1.2.1.2.2',
    'public 1.3.6.1.4.1.1211.1',
    'public 2.56.55.3.1',
  ]);
});

test('an agent tells its name and what it is', () => {
  const answer = pdu('a2', 0, variable(DESCRIPTION, octets('Linux gateway 5.4')), variable(NAME, octets('gw1')));
  assert.deepEqual(
    read(response(message(1, 'public', answer)))
      .of('identity')
      .map(({ name, model, os }) => [name, model, os]),
    [
      [undefined, 'Linux gateway 5.4', 'Linux'],
      ['gw1', undefined, undefined],
    ],
  );
});

test('an error is a failure', () =>
  assert.deepEqual(read(response(message(1, 'public', pdu('a2', 16)))).failures(), ['snmp.error 2 code 16']));

test('messages of version 3 name a user, whether their PDU is encrypted or not', () => {
  const report = message3('eve', tlv('30', tlv('04'), tlv('04'), pdu('a8', 0, variable(WRONG_DIGEST, '410105'))));
  const recorder = read(request(message3('eve', tlv('04', '010203'))), response(report));
  assert.deepEqual(recorder.talk(), ['snmp 255 request', 'snmp 8 response']);
  assert.deepEqual(recorder.fields, { 'snmp.data': { 8: 1 } });
  assert.deepEqual(
    recorder.of('login').map(({ outcome, user }) => `${outcome} ${user}`),
    ['failure eve'],
  );
});

const broken: readonly [string, string, readonly string[]][] = [
  ['a message cut short', GET.slice(0, 40), ['snmp.length']],
  ['a version that does not exist', message(2, 'public', pdu('a0', 0)), ['snmp.version']],
  ['a PDU that does not exist', message(1, 'public', pdu('ab', 0)), ['snmp.pdu']],
  ['a variable without a name', message(1, 'public', pdu('a2', 0, tlv('30', NULL))), ['snmp.length']],
  ['an empty trap of version 1', message(0, 'public', tlv('a4', NULL)), []],
];
for (const [name, digits, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(read(request(digits)).violations(), expected));

test('a message is certain on any port', () => {
  const identified: readonly [string, Confidence][] = [
    [GET, Confidence.Certain],
    [message3('eve', tlv('04', '010203')), Confidence.Certain],
    [`${GET}00`, Confidence.No],
    [message(2, 'public', pdu('a0', 0)), Confidence.No],
  ];
  for (const [digits, expected] of identified) assert.equal(snmp.identify?.(hex(digits), 0, hex(digits).length, false), expected, digits);
});

test('damaged messages never throw and break the protocol by a known name', () => {
  const samples = [GET, message3('eve', tlv('30', tlv('04'), tlv('04'), pdu('a8', 0, variable(WRONG_DIGEST, '410105'))))].map(hex);
  for (const bytes of mutations(samples, 5_000, 161)) {
    for (const name of read(request(bytes), response(bytes)).violations()) assert.ok(name in VIOLATIONS, name);
  }
});
