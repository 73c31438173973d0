import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { hex, request, response, talk } from '../testing/replay.ts';
import { dns } from './dissector.ts';
import { registeredDomain } from './domain.ts';

const NAME = '03777777 076578616d706c65 03636f6d 00';
const QUERY = `1234 0100 0001 0000 0000 0000 ${NAME} 0001 0001`;
const ANSWER = `1234 8180 0001 0003 0000 0000 ${NAME} 0001 0001 c00c 0005 0001 0000003c 0002 c010 c010 0001 0001 00000020 0004 01020304 c010 001c 0001 0000003c 0010 20010db8000000000000000000000001`;
const NXDOMAIN = `1234 8183 0001 0000 0000 0000 ${NAME} 0001 0001`;
const udp = (port: number, ...pieces: Parameters<typeof talk>[1]) => talk(dns, pieces, { datagrams: true, serverPort: port });

test('a query and its answer give names, addresses and the shortest time to live', () => {
  const recorder = udp(53, request(QUERY), response(ANSWER));
  assert.deepEqual(recorder.talk(), ['dns 1 request', 'dns 1 response']);
  const [query, answer] = recorder.of('name');
  assert.deepEqual(
    [query.step, query.name, query.type, query.domain, query.labelBytes, query.longestLabel],
    ['query', 'www.example.com', 1, 'example.com', 13, 7],
  );
  assert.deepEqual([answer.step, answer.addresses, answer.ttl, answer.answerBytes], ['answer', ['1.2.3.4', '2001:db8::1'], 32, 22]);
  assert.deepEqual(recorder.texts, ['example.com']);
  assert.deepEqual(recorder.violations(), []);
});

test('an answer without a question states nothing of the name before it', () => {
  const recorder = udp(53, request(QUERY), response('1234 8180 0000 0000 0000 0000'));
  const answer = recorder.of('name')[1];
  assert.deepEqual([answer.name, answer.labelBytes, answer.longestLabel, answer.entropy], ['', 0, 0, 0]);
});

test('over TCP a message may come in pieces', () => {
  const bytes = hex(QUERY);
  const framed = Uint8Array.of(0, bytes.length, ...bytes);
  const recorder = talk(
    dns,
    [...framed].map((byte) => request(Uint8Array.of(byte))),
  );
  assert.deepEqual(
    recorder.of('name').map(({ name }) => name),
    ['www.example.com'],
  );
});

test('a refused name is a failure', () => {
  assert.deepEqual(udp(53, response(NXDOMAIN)).failures(), ['dns.rcode 1 code 3']);
});

test('the port names the protocol', () => {
  for (const [port, protocol] of [
    [53, 'dns'],
    [5353, 'mdns'],
    [5355, 'llmnr'],
    [8053, 'dns'],
  ] as const) {
    assert.equal(udp(port, request(QUERY)).messages[0].protocol, protocol);
  }
});

test('an mDNS announcement tells the name of an address', () => {
  const recorder = udp(5353, response('0000 8400 0000 0001 0000 0000 04706c6331 056c6f63616c 00 0001 8001 00000078 0004 0a000005'));
  assert.deepEqual(
    recorder.of('identity').map(({ of, name }) => [of, name]),
    [[{ ip: '10.0.0.5' }, 'plc1']],
  );
});

test('an mDNS probe for the own name is no query', () => {
  const recorder = udp(
    5353,
    request('0000 0000 0001 0000 0001 0000 04706c6331 056c6f63616c 00 00ff 0001 c00c 0001 0001 00000078 0004 0a000005'),
  );
  assert.deepEqual([recorder.of('name'), recorder.uses], [[], []]);
});

test('a NetBIOS registration tells the name of an address, a query is a name query', () => {
  const label = Buffer.from('SCADA          ')
    .toString('hex')
    .replace(/../g, (pair) => Buffer.from([65 + Number.parseInt(pair[0], 16), 65 + Number.parseInt(pair[1], 16)]).toString('hex'));
  const name = `20 ${label} 4141 00`;
  const registered = udp(137, request(`0001 2910 0001 0000 0000 0001 ${name} 0020 0001 c00c 0020 0001 00000000 0006 0000 0a000007`));
  assert.deepEqual(
    registered.of('identity').map(({ of, name: told }) => [of, told]),
    [[{ ip: '10.0.0.7' }, 'SCADA']],
  );
  const asked = udp(137, request(`0001 0110 0001 0000 0000 0000 ${name} 0020 0001`));
  assert.deepEqual(
    asked.of('name').map(({ name: told }) => told),
    ['SCADA'],
  );
  assert.deepEqual(asked.fields, {}, 'tshark has other fields for NetBIOS names');
});

const broken: readonly [string, string, readonly string[]][] = [
  ['a message shorter than its header', '1234 0100', ['dns.length']],
  ['a pointer to itself', '1234 0100 0001 0000 0000 0000 c00c 0001 0001', ['dns.name']],
  ['a pointer forward', '1234 0100 0001 0000 0000 0000 c00f 0001 0001 00', ['dns.name']],
  ['two pointers in a circle', '1234 0100 0002 0000 0000 0000 c012 0001 0001 c00c 0001 0001', ['dns.name']],
  ['a reserved label type', '1234 0100 0001 0000 0000 0000 41 00 0001 0001', ['dns.sections']],
  ['more questions than bytes', `1234 0100 ffff 0000 0000 0000 ${NAME} 0001 0001`, ['dns.sections']],
  ['more records than bytes', `1234 8180 0001 ffff 0000 0000 ${NAME} 0001 0001`, ['dns.sections']],
  [
    'a record longer than the message',
    `1234 8180 0001 0001 0000 0000 ${NAME} 0001 0001 c00c 0001 0001 0000003c 0400 01`,
    ['dns.record-length'],
  ],
  ['an unassigned operation', `1234 7800 0001 0000 0000 0000 ${NAME} 0001 0001`, ['dns.opcode']],
];
for (const [name, bytes, expected] of broken) {
  test(`${name} is a violation`, () => assert.deepEqual(udp(53, request(bytes)).violations(), expected));
}

test('a frame that the capture cut short is no violation', () => {
  const recorder = talk(dns, [request('1234 0100')], { datagrams: true, serverPort: 53, complete: false });
  assert.deepEqual(recorder.violations(), []);
});

test('a label of 255 bytes in all ends, and longer names are none', () => {
  const label = `3f ${'61'.repeat(63)} `;
  assert.deepEqual(
    udp(53, request(`1234 0100 0001 0000 0000 0000 ${label.repeat(3)} 3d ${'61'.repeat(61)} 00 0001 0001`)).violations(),
    [],
  );
  assert.notDeepEqual(udp(53, request(`1234 0100 0001 0000 0000 0000 ${label.repeat(5)} 00 0001 0001`)).violations(), []);
});

const identified: readonly [string, Confidence][] = [
  [QUERY, Confidence.Certain],
  [ANSWER, Confidence.Certain],
  [`${QUERY} 00`, Confidence.Possible],
  [`${NAME} ${NAME}`, Confidence.Possible],
  [`1234 0100 0001 0000 0000 0000 ${NAME} 0001 0007`, Confidence.Possible],
  ['0001 0000 0006 0103 0000 000a', Confidence.Possible],
];
test('on a foreign port the whole message has to fit', () => {
  for (const [digits, expected] of identified) {
    const bytes = hex(digits);
    assert.equal(dns.identify?.(bytes, 0, bytes.length, false), expected, digits.slice(0, 40));
  }
});

const domains: readonly [string, string][] = [
  ['a.b.example.com', 'example.com'],
  ['example.com', 'example.com'],
  ['www.example.co.uk', 'example.co.uk'],
  ['co.uk', 'co.uk'],
  ['a.b.example.de', 'example.de'],
  ['plc1', 'plc1'],
  ['4.3.2.1.in-addr.arpa', 'in-addr.arpa'],
  ['', ''],
];
test('the registered domain is what a registry gave', () => {
  for (const [name, expected] of domains) assert.equal(registeredDomain(name), expected);
});
