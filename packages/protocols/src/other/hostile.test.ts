/** Damaged and random bytes through every office and server protocol. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arp } from '../arp/dissector.ts';
import { cdp } from '../cdp/dissector.ts';
import { dhcp } from '../dhcp/dissector.ts';
import { dhcpv6 } from '../dhcp/dhcpv6.ts';
import { Confidence, type Dissector } from '../dissector.ts';
import { dns } from '../dns/dissector.ts';
import { ftp } from '../ftp/dissector.ts';
import { http } from '../http/dissector.ts';
import { icmp } from '../icmp/dissector.ts';
import { icmpv6 } from '../icmp/icmpv6.ts';
import { kerberos } from '../kerberos/dissector.ts';
import { ldap } from '../ldap/dissector.ts';
import { lldp } from '../lldp/dissector.ts';
import { mqtt } from '../mqtt/dissector.ts';
import { ntp } from '../ntp/dissector.ts';
import { snmp } from '../snmp/dissector.ts';
import { ssh } from '../ssh/dissector.ts';
import { stp } from '../stp/dissector.ts';
import { telnet } from '../telnet/dissector.ts';
import { mutations, randomFrom } from '../testing/mutate.ts';
import { Recorder } from '../testing/recorder.ts';
import { tftp } from '../tftp/dissector.ts';
import { tls } from '../tls/dissector.ts';
import { vnc } from '../vnc/dissector.ts';
import { radius } from '../radius/dissector.ts';
import { recognised } from './recognised.ts';
import { smb } from '../smb/dissector.ts';
import { ssdp } from './ssdp.ts';

const ALL: readonly Dissector[] = [
  arp,
  icmp,
  icmpv6,
  dns,
  dhcp,
  dhcpv6,
  http,
  tls,
  ssh,
  ftp,
  telnet,
  smb,
  ssdp,
  mqtt,
  snmp,
  ntp,
  tftp,
  vnc,
  lldp,
  cdp,
  stp,
  ldap,
  kerberos,
  radius,
  ...recognised,
];

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const hex = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits.replaceAll(' ', ''), 'hex'));

const SAMPLES: readonly Uint8Array[] = [
  hex('0001 0800 0604 0001 001122334455 0a000001 000000000000 0a000002'),
  hex('0800 0000 0001 0002 6162636465666768'),
  hex(
    '0300 0000 00000000 4500003c 00000000 40110000 0a000001 0a000002 0035 0035 0028 0000 1234 8180 0001 0000 0000 0000 0377777700 0001 0001',
  ),
  hex('8700 0000 00000000 fe800000000000000000000000000001 0101 001122334455'),
  hex(
    '1234 8180 0001 0002 0000 0000 03777777 076578616d706c65 03636f6d 00 0001 0001 c00c 0005 0001 0000003c 0002 c010 c010 0001 0001 0000003c 0004 01020304',
  ),
  Uint8Array.from([...hex('0101 0600 12345678'), ...new Uint8Array(228), ...hex('63825363 350101 0c03616263 3c044d534654 ff')]),
  hex('01 123456 0001 000a 0003 0001 001122334455 0027 0006 00 04 61626364'),
  ascii(
    'POST /a?b HTTP/1.1\r\nHost: plc\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nAuthorization: Basic YTpi\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ),
  ascii('HTTP/1.1 401 No\r\nContent-Length: 5\r\nContent-Disposition: attachment; filename="x"\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n'),
  hex(
    '16 0301 0031 01 00002d 0303 0000000000000000000000000000000000000000000000000000000000000000 00 0004 00ff 1301 0100 0000 14 0303 0001 01',
  ),
  Uint8Array.from([...ascii('SSH-2.0-OpenSSH_9\r\n'), ...hex('0000000c 0a 14 00000000000000000000')]),
  ascii('220-hi\r\n220 FTP ready\r\nUSER a\r\nPASS b\r\n530 no\r\nRETR x\r\n'),
  Uint8Array.from([...hex('fffd18 fffb01 fffa18 01 fff0'), ...ascii('login: root\r\nPassword: ')]),
  hex(
    '00000044 fe534d42 4000 0000 00000000 0100 0000 00000000 00000000 0000000000000000 00000000 00000000 0000000000000000 00000000000000000000000000000000 0400 0000',
  ),
  hex('0000002b ff534d42 73 00000000 98 0000 0000 0000000000000000 0000 0000 0000 0000 0000 02 ff00 2b00 0000 00000000'),
  ascii('NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n'),
  ascii('RFB 003.008\n'),
  hex('10 10 0004 4d515454 04 02 003c 0004 61626364'),
  hex('30 26 02 01 01 04 06 7075626c6963 a0 19 0201010201000201003000'),
];

test('damaged bytes never throw, and every stream moves on', () => {
  for (const dissector of ALL) {
    for (const bytes of mutations(SAMPLES, 2500, 7)) {
      const recorder = new Recorder();
      recorder.toServer = bytes.length % 2 === 0;
      recorder.destinationPort = dissector.tcpPorts[0] ?? dissector.udpPorts[0] ?? 9;
      dissector.identify?.(bytes, 0, bytes.length, true);
      dissector.identify?.(bytes, 0, bytes.length, false);
      dissector.datagram?.(recorder, bytes, 0, bytes.length);
      recorder.state = undefined;
      let at = 0;
      let steps = 0;
      while (dissector.stream && at < bytes.length) {
        const after = dissector.stream(recorder, bytes, at, bytes.length);
        assert.ok(
          after === -1 || (after >= at && after <= bytes.length),
          `${dissector.protocol.id} returned ${after} at ${at} of ${bytes.length}`,
        );
        if (after === -1) dissector.gap?.(recorder);
        if (after === -1 || after === at) break;
        at = after;
        assert.ok(++steps <= bytes.length, 'each step consumes a byte at least');
      }
      for (const { protocol } of recorder.messages) {
        assert.ok(
          dissector.reports.some((name) => name.id === protocol),
          `${dissector.protocol.id} reports ${protocol}`,
        );
      }
    }
  }
});

test('bytes outside the window are not looked at', () => {
  for (const dissector of ALL) {
    for (const sample of SAMPLES) {
      const padded = new Uint8Array(sample.length + 64).fill(0x41);
      padded.set(sample, 32);
      const run = (bytes: Uint8Array, start: number, end: number): string => {
        const recorder = new Recorder();
        dissector.datagram?.(recorder, bytes, start, end);
        recorder.state = undefined;
        for (let at = start; dissector.stream && at < end; ) {
          const after = dissector.stream(recorder, bytes, at, end);
          if (after <= at) break;
          at = after;
        }
        return JSON.stringify([recorder.messages, recorder.told, recorder.fields]);
      };
      assert.equal(run(padded, 32, 32 + sample.length), run(sample, 0, sample.length), dissector.protocol.id);
    }
  }
});

test('random bytes are never certain', () => {
  const random = randomFrom(11);
  const bytes = new Uint8Array(64);
  for (let round = 0; round < 30_000; round++) {
    for (let index = 0; index < bytes.length; index++) bytes[index] = random() * 256;
    for (const dissector of ALL) {
      for (const stream of [true, false]) {
        assert.notEqual(
          dissector.identify?.(bytes, 0, bytes.length, stream),
          Confidence.Certain,
          `${dissector.protocol.id} claims ${Buffer.from(bytes).toString('hex')}`,
        );
      }
    }
  }
});

test('messages of plant protocols are never certain', () => {
  const plant: readonly string[] = [
    '0001 0000 0006 01 03 0000 000a',
    '0300 0016 11e0 0000 0001 00 c1020100 c2020102 c0010a',
    '0564 05c0 0100 0000 d5f2',
    '6500 0400 00000000 00000000 0000000000000000 00000000 01000000',
    '6804 07000000',
    '810a 0011 0120ffff00ff 1008',
    '48454c46 38000000 00000000 00000100',
    '5000 00ff ff03 00 0c00 1000 0104 0000 640000a8 0100',
    '61 1b 30 19 a0 03 80 01 01 a1 12',
  ];
  for (const digits of plant) {
    const bytes = hex(digits);
    for (const dissector of ALL) {
      for (const stream of [true, false])
        assert.notEqual(
          dissector.identify?.(bytes, 0, bytes.length, stream),
          Confidence.Certain,
          `${dissector.protocol.id} claims ${digits}`,
        );
    }
  }
});
