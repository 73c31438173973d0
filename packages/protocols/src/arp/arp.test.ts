import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArpFact } from '../facts.ts';
import { request, talk } from '../testing/replay.ts';
import { arp } from './dissector.ts';

const HEADER = '0001 0800 0604';
const read = (digits: string, complete = true) => talk(arp, [request(digits)], { datagrams: true, complete });

const told: readonly [string, string, Partial<ArpFact>][] = [
  [
    'a request asks for an address',
    '0001 001b1b1e2f30 0a000001 000000000000 0a000002',
    { operation: 'request', senderMac: '00:1b:1b:1e:2f:30', senderIp: '10.0.0.1', targetIp: '10.0.0.2', gratuitous: false, probe: false },
  ],
  [
    'a reply tells an owner',
    '0002 001b1b1e2f31 0a000002 001b1b1e2f30 0a000001',
    { operation: 'reply', targetMac: '00:1b:1b:1e:2f:30', gratuitous: false },
  ],
  ['sender and target alike are gratuitous', '0001 001b1b1e2f30 0a000001 000000000000 0a000001', { gratuitous: true, probe: false }],
  ['a request without a sender address is a probe', '0001 001b1b1e2f30 00000000 000000000000 0a000001', { gratuitous: false, probe: true }],
];
for (const [name, rest, expected] of told) {
  test(name, () => {
    const recorder = read(`${HEADER} ${rest} 000000000000`);
    const [fact] = recorder.of('arp');
    for (const [key, value] of Object.entries(expected)) assert.equal(fact[key as keyof ArpFact], value, key);
    assert.deepEqual(recorder.violations(), []);
    assert.deepEqual(recorder.fields, { 'arp.opcode': { [fact.operation === 'request' ? '1' : '2']: 1 } });
  });
}

const broken: readonly [string, string, readonly string[]][] = [
  ['a packet shorter than its header', '0001 0800', ['arp.length']],
  ['a packet shorter than its addresses', `${HEADER} 0001 001b1b1e2f30`, ['arp.length']],
  ['sizes that do not fit the kinds', '0001 0800 0810 0001 001b1b1e2f30 0a000001 000000000000 0a000002', ['arp.address-size']],
  ['an operation that is not assigned', `${HEADER} 0063 001b1b1e2f30 0a000001 000000000000 0a000002`, ['arp.opcode']],
  ['a sender with a group address', `${HEADER} 0001 01005e000001 0a000001 000000000000 0a000002`, ['arp.sender-group-address']],
];
for (const [name, digits, expected] of broken) test(`${name} is a violation`, () => assert.deepEqual(read(digits).violations(), expected));

test('a packet that the capture cut short is no violation', () => assert.deepEqual(read(`${HEADER} 0001 001b`, false).violations(), []));
test('ARP for other address kinds is counted only', () => {
  const recorder = read('0006 0800 0604 0001 001b1b1e2f30 0a000001 000000000000 0a000002');
  assert.deepEqual([recorder.talk(), recorder.told], [['arp 1 request'], []]);
});
