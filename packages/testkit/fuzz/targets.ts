/** What is fuzzed, by name. */
import { DISSECTORS } from '@annunciator/protocols/dissectors';
import type { Emphasis } from './traffic.ts';

export interface Target {
  readonly name: string;
  /** Protocols whose frames are damaged; the first that the corpus has is used for each input in turn. */
  readonly protocols: readonly string[];
  readonly kind: 'traffic' | 'readers';
  readonly emphasis: Emphasis;
}

const messages = (name: string, ...protocols: string[]): Target => ({
  name,
  protocols: protocols.length > 0 ? protocols : [name],
  kind: 'traffic',
  emphasis: 'messages',
});

/** Protocols that are only recognised. */
const OTHERS = 'ntp ssdp smtp sip rtsp syslog tftp'.split(' ');

const NAMED: readonly Target[] = [
  messages('modbus'),
  messages('umas'),
  messages('s7comm', 's7comm', 'cotp'),
  messages('s7comm-plus', 's7comm-plus', 'cotp'),
  messages('mms', 'mms', 'cotp'),
  messages('dnp3'),
  messages('enip'),
  messages('cip', 'cip', 'cip-io'),
  messages('pccc'),
  messages('iec104'),
  messages('bacnet'),
  messages('goose'),
  messages('sv'),
  messages('arp'),
  messages('icmp', 'icmp', 'icmpv6'),
  messages('dns', 'dns', 'mdns', 'llmnr', 'nbns'),
  messages('dhcp', 'dhcp', 'dhcpv6'),
  messages('http'),
  messages('tls'),
  messages('ssh'),
  messages('ftp'),
  messages('telnet'),
  messages('smb'),
  messages('rdp'),
  messages('profinet', 'profinet-io', 'profinet-dcp', 'profinet-rt'),
  messages('others', ...OTHERS),
  { name: 'tcp', protocols: ['tcp'], kind: 'traffic', emphasis: 'segments' },
  { name: 'fragments', protocols: ['ip'], kind: 'traffic', emphasis: 'fragments' },
  { name: 'readers', protocols: [], kind: 'readers', emphasis: 'messages' },
];

const covered = new Set(NAMED.flatMap(({ protocols }) => protocols));
const reported = new Set(DISSECTORS.flatMap(({ reports }) => reports.map(({ id }) => id)));

/** Those named above, and one for each further protocol that a dissector reports: a new one is fuzzed without a word here. */
export const TARGETS: readonly Target[] = [...NAMED, ...[...reported].filter((id) => !covered.has(id)).map((id) => messages(id))];

/** Inputs that one sensor lives through: an input is met again by playing its epoch from the first one on. */
export const EPOCH = 2500;
