import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { hex, request, response, talk } from '../testing/replay.ts';
import { dhcp } from './dissector.ts';
import { dhcpv6 } from './dhcpv6.ts';

const ZERO = (count: number): string => '00'.repeat(count);
const message = (operation: string, options: string, given = '00000000'): string =>
  `${operation} 01 06 00 12345678 0000 0000 00000000 ${given} 00000000 00000000 001b1b1e2f30 ${ZERO(10)} ${ZERO(192)} 63825363 ${options}`;
const text = (value: string): string => Buffer.from(value).toString('hex');
const option = (code: number, value: string): string => Buffer.from([code, value.length / 2]).toString('hex') + value;
const read = (...digits: string[]) =>
  talk(
    dhcp,
    digits.map((each) => (each.startsWith('02') ? response(each) : request(each))),
    { datagrams: true },
  );

test('the steps of a lease are told with client, transaction and address', () => {
  const recorder = read(
    message('01', '350101 ff'),
    message('02', '350102 ff', '0a000009'),
    message('01', `350103 ${option(50, '0a000009')} ff`),
    message('02', '350105 ff', '0a000009'),
  );
  assert.deepEqual(
    recorder.of('lease').map(({ step, clientMac, transaction, address }) => [step, clientMac, transaction, address]),
    [
      ['discover', '00:1b:1b:1e:2f:30', 0x12345678, '0.0.0.0'],
      ['offer', '00:1b:1b:1e:2f:30', 0x12345678, '10.0.0.9'],
      ['request', '00:1b:1b:1e:2f:30', 0x12345678, '10.0.0.9'],
      ['ack', '00:1b:1b:1e:2f:30', 0x12345678, '10.0.0.9'],
    ],
  );
  assert.deepEqual(recorder.fields, { 'dhcp.option.dhcp': { 1: 1, 2: 1, 3: 1, 5: 1 } });
});

test('a refused address is a failure', () => assert.deepEqual(read(message('02', '350106 ff')).failures(), ['dhcp.nak 3 code 6']));

const clients: readonly [string, string, Record<string, string>][] = [
  ['plc1', 'Siemens SIMATIC', { name: 'plc1', model: 'Siemens SIMATIC' }],
  ['PC', 'MSFT 5.0', { name: 'PC', os: 'Windows' }],
  ['phone', 'android-dhcp-13', { name: 'phone', os: 'Android 13' }],
];
test('a client tells its name and what it is', () => {
  for (const [name, vendorClass, expected] of clients) {
    const [identity] = read(message('01', `350101 ${option(12, text(name))} ${option(60, text(vendorClass))} ff`)).of('identity');
    const { is: _is, protocol: _protocol, of, ...rest } = identity;
    assert.deepEqual([of, rest], [{ mac: '00:1b:1b:1e:2f:30' }, expected]);
  }
});

const broken: readonly [string, string, readonly string[]][] = [
  ['a message shorter than its fixed part', '01010600', ['dhcp.length']],
  ['an option longer than the message', message('01', '350101 0c40 6162'), ['dhcp.option-length']],
  ['neither request nor reply', message('03', '350101 ff'), ['dhcp.operation']],
  ['a message type that is not assigned', message('01', '350199 ff'), ['dhcp.message-type']],
  ['padding before the end', message('01', '350101 000000 ff'), []],
];
for (const [name, digits, expected] of broken) test(`violations of ${name}`, () => assert.deepEqual(read(digits).violations(), expected));

test('the cookie is certain on any port', () => {
  const bytes = hex(message('01', '350101 ff'));
  assert.equal(dhcp.identify?.(bytes, 0, bytes.length, false), Confidence.Certain);
  bytes[236] ^= 1;
  assert.equal(dhcp.identify?.(bytes, 0, bytes.length, false), Confidence.Possible);
});

test('DHCPv6 is counted and tells a client name', () => {
  const recorder = talk(dhcpv6, [request('01 123456 0001 000a 0003 0001 001b1b1e2f30 0027 0007 00 04 706c6331 00')], { datagrams: true });
  assert.deepEqual(recorder.talk(), ['dhcpv6 1 request']);
  assert.deepEqual(
    recorder.of('identity').map(({ of, name }) => [of, name]),
    [[{ mac: '00:1b:1b:1e:2f:30' }, 'plc1']],
  );
});
