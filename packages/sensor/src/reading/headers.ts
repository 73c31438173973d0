/** The headers of a decoded packet as layers with fields, for people: names are Wireshark's, offsets are those of the frame. */
import { ipv4Text, ipv6Text, macText, u16, u32 } from '@annunciator/packet/bytes';
import { IpProtocol } from '@annunciator/packet/decode';
import { type Packet, Tcp } from '@annunciator/packet/packet';

export interface LayerField {
  readonly name: string;
  /** Wireshark's display-filter name. */
  readonly field: string;
  readonly value: string;
  /** Where it stands in the frame. */
  readonly offset: number;
  readonly length: number;
}

export interface Layer {
  readonly name: string;
  readonly fields: readonly LayerField[];
}

const FLAGS = [
  [Tcp.SYN, 'SYN'],
  [Tcp.ACK, 'ACK'],
  [Tcp.PSH, 'PSH'],
  [Tcp.FIN, 'FIN'],
  [Tcp.RST, 'RST'],
  [Tcp.URG, 'URG'],
  [Tcp.ECE, 'ECE'],
  [Tcp.CWR, 'CWR'],
] as const;
const TRANSPORTS: Readonly<Record<number, string>> = { 1: 'ICMP', 2: 'IGMP', 6: 'TCP', 17: 'UDP', 47: 'GRE', 58: 'ICMPv6' };
const ETHERTYPES: Readonly<Record<number, string>> = {
  0x0800: 'IPv4',
  0x0806: 'ARP',
  0x86dd: 'IPv6',
  0x8892: 'PROFINET',
  0x88b8: 'GOOSE',
  0x88ba: 'Sampled values',
  0x88cc: 'LLDP',
};

/** The layers that were found; headers that could not be read are left out. */
export function headersOf(packet: Packet): Layer[] {
  const layers: Layer[] = [];
  if (packet.destinationMac >= 0) layers.push(ethernet(packet));
  if (packet.ipVersion === 4 && !packet.reassembled) layers.push(ipv4(packet));
  if (packet.ipVersion === 6 && !packet.reassembled) layers.push(ipv6(packet));
  const transport = packet.stopped || packet.fragment ? undefined : transportOf(packet);
  if (transport) layers.push(transport);
  return layers;
}

function ethernet({ bytes, start, destinationMac, sourceMac, etherType, vlan, network }: Packet): Layer {
  const at = (offset: number) => offset - start;
  const type = ETHERTYPES[etherType];
  return {
    name: 'Ethernet',
    fields: [
      { name: 'Destination', field: 'eth.dst', value: macText(bytes, destinationMac), offset: at(destinationMac), length: 6 },
      { name: 'Source', field: 'eth.src', value: macText(bytes, sourceMac), offset: at(sourceMac), length: 6 },
      ...(vlan >= 0 ? [{ name: 'VLAN', field: 'vlan.id', value: String(vlan), offset: at(sourceMac) + 8, length: 2 }] : []),
      {
        name: 'Type',
        field: 'eth.type',
        value: `0x${etherType.toString(16).padStart(4, '0')}${type ? ` (${type})` : ''}`,
        offset: at(network) - 2,
        length: 2,
      },
    ],
  };
}

function ipv4({ bytes, start, network, protocol, timeToLive }: Packet): Layer {
  const at = network - start;
  return {
    name: 'IPv4',
    fields: [
      { name: 'Source', field: 'ip.src', value: ipv4Text(u32(bytes, network + 12) | 0), offset: at + 12, length: 4 },
      { name: 'Destination', field: 'ip.dst', value: ipv4Text(u32(bytes, network + 16) | 0), offset: at + 16, length: 4 },
      { name: 'Protocol', field: 'ip.proto', value: numbered(protocol, TRANSPORTS), offset: at + 9, length: 1 },
      { name: 'Time to live', field: 'ip.ttl', value: String(timeToLive), offset: at + 8, length: 1 },
      {
        name: 'Identification',
        field: 'ip.id',
        value: `0x${u16(bytes, network + 4)
          .toString(16)
          .padStart(4, '0')}`,
        offset: at + 4,
        length: 2,
      },
      { name: 'Total length', field: 'ip.len', value: String(u16(bytes, network + 2)), offset: at + 2, length: 2 },
    ],
  };
}

function ipv6({ bytes, start, network, protocol, timeToLive }: Packet): Layer {
  const at = network - start;
  return {
    name: 'IPv6',
    fields: [
      { name: 'Source', field: 'ipv6.src', value: ipv6Text(bytes, network + 8), offset: at + 8, length: 16 },
      { name: 'Destination', field: 'ipv6.dst', value: ipv6Text(bytes, network + 24), offset: at + 24, length: 16 },
      { name: 'Next header', field: 'ipv6.nxt', value: numbered(protocol, TRANSPORTS), offset: at + 6, length: 1 },
      { name: 'Hop limit', field: 'ipv6.hlim', value: String(timeToLive), offset: at + 7, length: 1 },
    ],
  };
}

function transportOf(packet: Packet): Layer | undefined {
  const { bytes, start, payload, protocol, flags } = packet;
  if (protocol === IpProtocol.UDP) {
    const header = payload - 8;
    return {
      name: 'UDP',
      fields: [
        { name: 'Source port', field: 'udp.srcport', value: String(packet.sourcePort), offset: header - start, length: 2 },
        { name: 'Destination port', field: 'udp.dstport', value: String(packet.destinationPort), offset: header - start + 2, length: 2 },
        { name: 'Length', field: 'udp.length', value: String(u16(bytes, header + 4)), offset: header - start + 4, length: 2 },
      ],
    };
  }
  if (protocol !== IpProtocol.TCP) return undefined;
  const header = tcpHeader(packet);
  const at = header - start;
  const set = FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return {
    name: 'TCP',
    fields: [
      { name: 'Source port', field: 'tcp.srcport', value: String(packet.sourcePort), offset: at, length: 2 },
      { name: 'Destination port', field: 'tcp.dstport', value: String(packet.destinationPort), offset: at + 2, length: 2 },
      { name: 'Sequence number', field: 'tcp.seq_raw', value: String(packet.sequence >>> 0), offset: at + 4, length: 4 },
      { name: 'Acknowledgment number', field: 'tcp.ack_raw', value: String(packet.acknowledgement >>> 0), offset: at + 8, length: 4 },
      { name: 'Flags', field: 'tcp.flags', value: set.join(', ') || 'none', offset: at + 13, length: 1 },
      { name: 'Window', field: 'tcp.window_size_value', value: String(u16(bytes, header + 14)), offset: at + 14, length: 2 },
    ],
  };
}

/** The header says in its 13th byte how long it is; it ends where the payload begins. */
function tcpHeader({ bytes, payload }: Packet): number {
  for (let length = 20; length <= 60; length += 4) if ((bytes[payload - length + 12] >>> 4) * 4 === length) return payload - length;
  return payload - 20;
}

function numbered(value: number, names: Readonly<Record<number, string>>): string {
  const name = names[value];
  return name === undefined ? String(value) : `${value} (${name})`;
}
