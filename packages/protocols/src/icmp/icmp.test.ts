import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex, request, response, talk } from '../testing/replay.ts';
import { icmp } from './dissector.ts';
import { carriesIp } from './echo.ts';
import { icmpv6 } from './icmpv6.ts';

const DATA = '6162636465666768';
const PACKET = '4500001c 00000000 4001 66df 0a000001 0a000002 0800f7fd00010001';

test('an echo and its reply carry the same data', () => {
  const recorder = talk(icmp, [request(`0800 0000 0007 0001 ${DATA}`), response(`0000 0000 0007 0001 ${DATA}`)], { datagrams: true });
  assert.deepEqual(recorder.talk(), ['icmp 8 request', 'icmp 0 response']);
  const [echo, reply] = recorder.of('icmp');
  assert.deepEqual([echo.identifier, echo.sequence, echo.size, echo.carriesIp], [7, 1, 8, false]);
  assert.equal(echo.hash, reply.hash);
});

test('other data has another hash', () => {
  const recorder = talk(icmp, [request(`0800 0000 0007 0001 ${DATA}`), response('0000 0000 0007 0001 6162636465666769')], {
    datagrams: true,
  });
  const [echo, reply] = recorder.of('icmp');
  assert.notEqual(echo.hash, reply.hash);
});

test('an IP packet in the data is told', () => {
  assert.equal(talk(icmp, [request(`0800 0000 0007 0001 ${PACKET}`)], { datagrams: true }).of('icmp')[0].carriesIp, true);
  const bytes = hex(PACKET);
  for (let at = 0; at < 20; at++) {
    const changed = Uint8Array.from(bytes);
    changed[at] ^= 0x10;
    assert.equal(carriesIp(changed, 0, changed.length), false, `byte ${at}`);
  }
});

test('the fields of a quoted packet count, its messages do not', () => {
  const udp = '4500003c 00000000 40110000 0a000001 0a000002 d431 0035 0028 0000';
  const query = '1234 0100 0001 0000 0000 0000 03777777 00 001c 0001';
  const recorder = talk(icmp, [request(`0303 0000 00000000 ${udp} ${query}`), request(`0301 0000 00000000 ${PACKET}`)], {
    datagrams: true,
  });
  assert.deepEqual(recorder.fields, { 'icmp.type': { 3: 2, 8: 1 }, 'dns.flags.response': { 0: 1 }, 'dns.qry.type': { 28: 1 } });
  assert.deepEqual(recorder.talk(), ['icmp 3 notification', 'icmp 3 notification']);
});

test('neighbour discovery tells owners of addresses', () => {
  const address = 'fe80000000000000 0000000000000001';
  const recorder = talk(
    icmpv6,
    [
      request(`8700 0000 00000000 ${address} 0101 001b1b1e2f30`),
      response(`8800 0000 e0000000 ${address} 0201 001b1b1e2f31`),
      request('8500 0000 00000000 0101 001b1b1e2f30'),
    ],
    { datagrams: true },
  );
  assert.deepEqual(
    recorder.of('neighbor').map(({ step, ip, mac, router, unsolicited }) => [step, ip, mac, router, unsolicited]),
    [
      ['solicitation', 'fe80::1', '00:1b:1b:1e:2f:30', false, false],
      ['advertisement', 'fe80::1', '00:1b:1b:1e:2f:31', true, false],
      ['router-solicitation', '', '00:1b:1b:1e:2f:30', false, false],
    ],
  );
});

const broken = [
  ['an ICMP message shorter than its header', icmp, '0800 00', ['icmp.length']],
  ['an ICMPv6 message shorter than its header', icmpv6, '8000', ['icmpv6.length']],
  ['a solicitation without a target', icmpv6, '8700 0000 00000000', ['icmpv6.length']],
  ['an option without a length', icmpv6, '8500 0000 00000000 0100 001b1b1e2f30', ['icmpv6.option-length']],
] as const;
for (const [name, dissector, digits, expected] of broken) {
  test(`${name} is a violation`, () => assert.deepEqual(talk(dissector, [request(digits)], { datagrams: true }).violations(), expected));
}
