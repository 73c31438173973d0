/**
 * Traffic of no plant protocol is never called one, whatever port it uses: what offices and the Internet speak, and bytes
 * without any order, on every port of every plant protocol and on a port of nobody.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DISSECTORS } from '@annunciator/protocols/dissectors';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { join, octets } from '@annunciator/testkit/octets';
import { Random } from '@annunciator/testkit/random';
import { Connection } from '@annunciator/testkit/tcp';
import type { Timeline } from '@annunciator/testkit/timeline';
import * as tls from '@annunciator/testkit/tls';
import * as udp from '@annunciator/testkit/udp';
import { HMI, PLC, sense } from '../../tests/sense.ts';

const random = new Random(7);
const hex = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits.replaceAll(' ', ''), 'hex'));
const lines = (...all: readonly string[]): Uint8Array =>
  octets()
    .text(all.map((line) => `${line}\r\n`).join(''))
    .take();

/** What a client and a server say first, and then. */
type Talk = readonly (readonly [request: Uint8Array, response: Uint8Array])[];

const STREAMS: Readonly<Record<string, () => Talk>> = {
  TLS: () => [
    [tls.clientHello('plc.works.example', random), tls.serverHello(random)],
    [tls.applicationData(300, random), tls.applicationData(900, random)],
  ],
  HTTP: () => [
    [lines('GET /index.html HTTP/1.1', 'Host: plc', 'User-Agent: curl/8', ''), lines('HTTP/1.1 200 OK', 'Content-Length: 2', '', 'ok')],
  ],
  SSH: () => [[lines('SSH-2.0-OpenSSH_9.6'), lines('SSH-2.0-dropbear_2022.83')]],
  SMTP: () => [[lines('EHLO works'), lines('250-mail', '250 SIZE 1000')]],
  'a remote desktop of another kind': () => [[lines('RFB 003.008'), lines('RFB 003.008')]],
  Redis: () => [[lines('*1', '$4', 'PING'), lines('+PONG')]],
  BitTorrent: () => [
    [
      octets().u8(19).text('BitTorrent protocol').zeros(8).bytes(random.bytes(40)).take(),
      octets().u8(19).text('BitTorrent protocol').zeros(8).bytes(random.bytes(40)).take(),
    ],
  ],
  'a game': () => [[hex('fe01 fa000b 004d0043007c'), hex('ff0017 00a7 0031')]],
  'a printer job': () => [[lines('\x1b%-12345X@PJL JOB', '@PJL SET COPIES=1'), lines('@PJL USTATUS')]],
  'JSON lines': () => [[lines('{"id":1,"method":"read"}'), lines('{"id":1,"result":[1,2,3]}')]],
  'lengths in front of texts': () => [
    [octets().u32(12).text('hello, there').take(), octets().u32(8).text('and back').take()],
    [octets().u16(12).text('hello, there').take(), octets().u16(8).text('and back').take()],
  ],
  'lengths of the other order': () => [[octets().u32le(16).text('hello, there').take(), octets().u32le(12).text('and back').take()]],
  zeros: () => [[new Uint8Array(64), new Uint8Array(64)]],
  ones: () => [[new Uint8Array(64).fill(0xff), new Uint8Array(64).fill(0xff)]],
  'one byte at a time': () => Array.from({ length: 12 }, (): [Uint8Array, Uint8Array] => [random.bytes(1), random.bytes(1)]),
};

const DATAGRAMS: Readonly<Record<string, () => Talk>> = {
  RTP: () => Array.from({ length: 8 }, (_, index): [Uint8Array, Uint8Array] => [rtp(index), rtp(index)]),
  RTCP: () => [[hex('80c80006 11223344 e0000000 00000000 00000001 00000001 00000001'), hex('81c90007 11223344').slice()]],
  STUN: () => [
    [hex('00010000 2112a442').slice(), hex('01010000 2112a442').slice()].map((head) => join(head, random.bytes(12))) as [
      Uint8Array,
      Uint8Array,
    ],
  ],
  QUIC: () => [[join(hex('c000000001 08'), random.bytes(1180)), join(hex('c000000001 08'), random.bytes(1180))]],
  WireGuard: () => [[join(hex('01000000'), random.bytes(144)), join(hex('02000000'), random.bytes(88))]],
  OpenVPN: () => [[join(hex('38'), random.bytes(13)), join(hex('40'), random.bytes(25))]],
  NTP: () => [[join(hex('23000000'), random.bytes(44)), join(hex('24010000'), random.bytes(44))]],
  DNS: () => [
    [
      hex('1234 0100 0001 0000 0000 0000 03777777 05776f726b73 00 0001 0001'),
      hex('1234 8180 0001 0001 0000 0000 03777777 05776f726b73 00 0001 0001 c00c 0001 0001 0000003c 0004 0a000001'),
    ],
  ],
  SIP: () => [[lines('OPTIONS sip:plc SIP/2.0', 'Via: SIP/2.0/UDP a'), lines('SIP/2.0 200 OK', 'Via: SIP/2.0/UDP a')]],
  SSDP: () => [[lines('M-SEARCH * HTTP/1.1', 'MAN: "ssdp:discover"'), lines('HTTP/1.1 200 OK', 'ST: upnp:rootdevice')]],
  'JSON texts': () => [[lines('{"id":1,"method":"read"}'), lines('{"id":1,"result":[1,2,3]}')]],
  'counters and floats': () => [[octets().u32(1).u32(0x41200000).u32(0x41a00000).take(), octets().u32le(1).u32le(0x41200000).take()]],
  zeros: () => [[new Uint8Array(64), new Uint8Array(64)]],
  ones: () => [[new Uint8Array(64).fill(0xff), new Uint8Array(64).fill(0xff)]],
};

/** A packet of G.711 sound: version 2, sequence number, time. */
function rtp(index: number): Uint8Array {
  return octets()
    .u8(0x80, index === 0 ? 0x80 : 0)
    .u16(1000 + index)
    .u32(160 * index)
    .u32(0x11223344)
    .bytes(random.bytes(160))
    .take();
}

/** Ports of plant protocols, and one of nobody. */
const ot = DISSECTORS.filter(({ protocol }) => protocol.ot);
const NOBODY = 34_567;
const tcpPorts = [...new Set([...ot.flatMap(({ tcpPorts: ports }) => ports), NOBODY])];
const udpPorts = [...new Set([...ot.flatMap(({ udpPorts: ports }) => ports), NOBODY])];

function overTcp(timeline: Timeline, port: number, talk: Talk): void {
  const connection = new Connection(timeline, HMI, PLC, port);
  for (const [request, response] of talk) connection.request(request).response(response);
  connection.close();
}

function overUdp(timeline: Timeline, port: number, talk: Talk): void {
  const from = timeline.port();
  for (const [request, response] of talk) {
    udp.send(timeline, HMI, from, PLC, port, request);
    udp.send(timeline, PLC, port, HMI, from, response);
  }
}

/** Plant protocols that a sensor took some traffic for, with the number of packets. */
function plantProtocols(write: (timeline: Timeline) => void): string[] {
  const { packets } = sense(write).sensor.observer;
  return Object.values(PROTOCOLS)
    .filter(({ ot: plant, index }) => plant && packets[index] > 0)
    .map(({ name, index }) => `${name}: ${packets[index]}`);
}

for (const [name, talk] of Object.entries(STREAMS))
  test(`${name} over TCP is no plant protocol on any port`, () => {
    for (const port of tcpPorts)
      assert.deepEqual(
        plantProtocols((timeline) => overTcp(timeline, port, talk())),
        [],
        `port ${port}`,
      );
  });

for (const [name, talk] of Object.entries(DATAGRAMS))
  test(`${name} over UDP is no plant protocol on any port`, () => {
    for (const port of udpPorts)
      assert.deepEqual(
        plantProtocols((timeline) => overUdp(timeline, port, talk())),
        [],
        `port ${port}`,
      );
  });

/** Random bytes that happen to fit a weak mark on the protocol's own port are taken for it: fewer than this many conversations. */
const MOST_TAKEN = 0.001;

test('bytes without order are taken for a plant protocol less than once in a thousand conversations, whatever the port', () => {
  const rounds = 24;
  const taken: string[] = [];
  const noise = (): Talk =>
    Array.from({ length: 3 }, (): [Uint8Array, Uint8Array] => [random.bytes(4 + random.below(200)), random.bytes(4 + random.below(200))]);
  for (const port of [...tcpPorts, ...udpPorts])
    for (let round = 0; round < rounds; round++) {
      const found = plantProtocols((timeline) => {
        if (tcpPorts.includes(port)) overTcp(timeline, port, noise());
        if (udpPorts.includes(port)) overUdp(timeline, port, noise());
      });
      if (found.length > 0) taken.push(`port ${port}: ${found.join(', ')}`);
    }
  const all = (tcpPorts.length + udpPorts.length) * rounds;
  assert.ok(taken.length <= MOST_TAKEN * all, `${taken.length} of ${all}: ${taken.join('; ')}`);
});
