import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, request, response, talk } from '../testing/replay.ts';
import { coap } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

/** As public captures hold them. */
const GET = '430105ca7216332b2e77656c6c2d6b6e6f776e04636f7265';
const PUT = '4003cea0b773746f726167650a6d797265736f75726365ff31';
const CONTENT = '4245570f0790ff54686973';
const read = (...pieces: ReturnType<typeof request>[]) => talk(coap, pieces, { datagrams: true });

test('codes and types are counted as Wireshark does', () => {
  const recorder = read(request(GET), response(CONTENT), response('6000e91b'));
  assert.deepEqual(recorder.fields, { 'coap.type': { 0: 2, 2: 1 }, 'coap.code': { 1: 1, 69: 1, 0: 1 } });
  assert.deepEqual(recorder.talk(), ['coap 1 request', 'coap 69 response', 'coap 0 notification']);
  assert.deepEqual(recorder.violations(), []);
});

test('what changes a resource is an act and names it; refusals are failures', () => {
  assert.deepEqual(
    read(request(PUT), request(GET))
      .of('action')
      .map(({ text }) => text),
    ['PUT /storage/myresource'],
  );
  assert.deepEqual(read(response('60840001')).failures(), ['coap.response 0 code 132']);
});

const broken: readonly [string, string, string[]][] = [
  ['a token that runs past the message', '4801000001', ['coap.length']],
  ['a token longer than eight bytes', `4901 0001 ${'00'.repeat(9)}`, ['coap.format']],
  ['an option that runs past the message', '40010001 b9 61', ['coap.length']],
  ['a reserved length', '40010001 bf 61', ['coap.format']],
  ['a marker without a payload', '40010001 ff', ['coap.length']],
];
for (const [name, digits, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(read(request(digits)).violations(), expected));

test('messages are possible on the port; four fixed bits are certain nowhere', () => {
  for (const [digits, expected] of [
    [GET, Confidence.Possible],
    ['6000e91b', Confidence.Possible],
    ['80600001000000000000000000', Confidence.No],
    ['40010001 bf 61', Confidence.No],
    ['40f00001', Confidence.No],
  ] as const)
    assert.equal(coap.identify?.(hex(digits), 0, hex(digits).length, false), expected, digits);
});

test('damaged messages never throw', () => {
  for (const bytes of mutations([GET, PUT, CONTENT].map(hex), 4_000, 5683))
    for (const name of read(request(bytes), response(bytes)).violations()) assert.ok(name in VIOLATIONS, name);
});
