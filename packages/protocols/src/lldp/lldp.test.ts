import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, request, talk } from '../testing/replay.ts';
import { lldp } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const tlv = (type: number, contents: string): string =>
  ((type << 9) | (contents.replaceAll(' ', '').length / 2)).toString(16).padStart(4, '0') + contents;
const text = (value: string): string => Buffer.from(value).toString('hex');
const FIRST = tlv(1, '04 001b1b1e2f30') + tlv(2, `05${text('port-001')}`) + tlv(3, '0014');
const SYSTEM = tlv(5, text('scalance1')) + tlv(6, text('SCALANCE X208')) + tlv(7, '00040004') + tlv(8, '05 01 0a000001 02 00000001 00');
const read = (digits: string) => talk(lldp, [request(digits)], { datagrams: true });

test('a neighbour tells its name, what it is and where it is plugged in', () => {
  const recorder = read(`${FIRST + SYSTEM}0000 ffffff`);
  assert.deepEqual(
    recorder.of('identity').map(({ of, name, model, type, place }) => [of, name, model, type, place]),
    [['sender', 'scalance1', 'SCALANCE X208', 'Switch', 'port port-001']],
  );
  assert.deepEqual(
    recorder.uses.map(({ aspect, a, b }) => [aspect === Aspect.LldpConfiguration, recorder.texts[a], recorder.texts[b]]),
    [[true, '00:1b:1b:1e:2f:30 port port-001', 'scalance1 (10.0.0.1)']],
  );
  assert.deepEqual(recorder.fields, { 'lldp.tlv.type': { 0: 1, 1: 1, 2: 1, 3: 1, 5: 1, 6: 1, 7: 1, 8: 1 } });
  assert.deepEqual([recorder.talk(), recorder.violations()], [['lldp 1 notification'], []]);
});

test('a device that goes says so', () =>
  assert.deepEqual(read(`${tlv(1, '04 001b1b1e2f30') + tlv(2, '0561') + tlv(3, '0000')}0000`).talk(), ['lldp 0 notification']));

test('a station that repeats its address tells no configuration', () => {
  const recorder = read(`${tlv(1, '04 001b1b1e2f30') + tlv(2, '03 001b1b1e2f30') + tlv(3, '0014')}0000`);
  assert.deepEqual([recorder.uses, recorder.facts], [[], []]);
});

const broken: readonly [string, string, readonly string[]][] = [
  ['a TLV longer than the frame', `${FIRST}0a40 6162`, ['lldp.length']],
  ['a port before the chassis', `${tlv(2, '0561') + tlv(1, '0561') + tlv(3, '0014')}0000`, ['lldp.order']],
  ['an empty frame', '0000', ['lldp.order']],
];
for (const [name, digits, expected] of broken) test(`violations of ${name}`, () => assert.deepEqual(read(digits).violations(), expected));

test('damaged frames never throw and break the protocol by a known name', () => {
  for (const bytes of mutations([hex(`${FIRST + SYSTEM}0000`)], 4_000, 0x88cc))
    for (const name of talk(lldp, [request(bytes)], { datagrams: true }).violations()) assert.ok(name in VIOLATIONS, name);
});
