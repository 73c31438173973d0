/** The office and server protocols over every capture, against the ground truth. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { arp } from '../arp/dissector.ts';
import { cdp } from '../cdp/dissector.ts';
import { dhcp } from '../dhcp/dissector.ts';
import { dhcpv6 } from '../dhcp/dhcpv6.ts';
import type { Dissector } from '../dissector.ts';
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
import { capturesDirectory, replay } from '../testing/replay.ts';
import { compareFields } from '../testing/truth.ts';
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

const FIELDS = [
  'arp.opcode',
  'icmp.type',
  'icmpv6.type',
  'dns.flags.response',
  'dns.flags.rcode',
  'dns.qry.type',
  'dhcp.option.dhcp',
  'http.request.method',
  'http.response.code',
  'tls.handshake.type',
  'tls.handshake.version',
  'ftp.request.command',
  'ftp.response.code',
  'smb.cmd',
  'smb.nt_status',
  'smb2.cmd',
  'smb2.nt_status',
  'mqtt.msgtype',
  'mqtt.conack.val',
  'snmp.version',
  'snmp.data',
  'snmp.community',
  'ntp.flags.mode',
  'tftp.opcode',
  'radius.code',
  'kerberos.msg_type',
  'ldap.protocolOp',
  'syslog.level',
];

/** Captures whose fields the plain replay of these tests cannot count as tshark does, with the reason. */
const UNCOUNTED: Readonly<Record<string, string>> = {
  'lldp-cdp-arp-tunnels-malcolm.pcap': 'the replay does not look into tunnels',
  'someip-sd-ndpi.pcap': 'the replay does not read this link type, and the frames are SOME/IP, no DNS',
  'syslog-ndpi.pcap': 'the replay does not look into PPPoE and 6in4',
  'synphasor-2pmu-iti.pcap': 'one DHCP message on a foreign port, which tshark does not look for',
};

/** What tshark calls the protocols that a dissector stands for. */
const TSHARK: Readonly<Record<string, readonly string[]>> = {
  dns: ['dns', 'mdns', 'llmnr', 'nbns'],
  smb: ['smb', 'smb2', 'nbss'],
  telnet: ['telnet'],
};

/** Flows recognised where tshark does not name the protocol, each looked at by hand. */
const BEYOND_TRUTH: Readonly<Record<string, readonly string[]>> = {
  'synphasor-2pmu-iti.pcap': ['dhcp'],
};

const directory = capturesDirectory();
const files = directory ? readdirSync(directory).filter((file) => /\.pcap(ng)?$/.test(file)) : [];

test('fields of every capture are counted as the truth counts them', { skip: directory ? false : 'no captures on this machine' }, () => {
  const wrong: string[] = [];
  const unknown: string[] = [];
  let right = 0;
  for (const file of files) {
    const truthFile = join(directory ?? '', 'truth', `${file}.json`);
    const recorder = replay(join(directory ?? '', file), ALL);
    const results = compareFields(recorder, truthFile, FIELDS);
    const bad = results.filter(({ result }) => result === 'off' || result === 'absent');
    right += results.length - bad.length;
    if (!UNCOUNTED[file])
      for (const { field, result, differences } of bad) wrong.push(`${file} ${field} ${result} ${differences.slice(0, 5).join(' ')}`);

    const truth = JSON.parse(readFileSync(truthFile, 'utf8')) as { protocols: Record<string, number> }; // the shape truth files have
    const claimed = new Set(recorder.identified.map((entry) => entry.slice(0, entry.indexOf(' '))));
    for (const protocol of claimed) {
      const named = (TSHARK[protocol] ?? [protocol]).some((name) => truth.protocols[name]);
      if (!named && !BEYOND_TRUTH[file]?.includes(protocol)) unknown.push(`${file}: ${protocol}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual(unknown, [], 'recognised what the truth does not know');
  assert.ok(right >= 75, `${right} field tables agree`);
});
