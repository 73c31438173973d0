/** LLDP (IEEE 802.1AB): what a neighbour tells about itself. A device sends a frame in seconds to minutes, so texts are made for each. Every TLV consumes two bytes at least. */
import { i32, ipv4Text, macText, text, u16 } from '@annunciator/packet/bytes';
import type { Dissector } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import {
  ADVERTISEMENT,
  CHASSIS_ADDRESS,
  CHASSIS_MAC,
  ETHERTYPE,
  type LldpViolation,
  operationName,
  PORT_ADDRESS,
  PORT_MAC,
  SHUTDOWN,
  Tlv,
  typeOf,
  VIOLATIONS,
} from './names.ts';

const LLDP = PROTOCOLS.lldp.index;
const LONGEST_TEXT = 128;
const IPV4 = 1;

interface Neighbour {
  chassis: string;
  port: string;
  name: string;
  description: string;
  management: string;
  type: string;
}

function violate(facts: Facts, name: LldpViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: LLDP, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** An id after its subtype: a MAC address, a network address, or a text. */
function idText(bytes: Uint8Array, start: number, end: number, mac: number, address: number): string {
  const subtype = bytes[start];
  const size = end - start - 1;
  if (subtype === mac && size === 6) return macText(bytes, start + 1);
  if (subtype === address && size === 5 && bytes[start + 1] === IPV4) return ipv4Text(i32(bytes, start + 2));
  return text(bytes, start + 1, end, LONGEST_TEXT);
}

function readTlv(neighbour: Neighbour, type: number, bytes: Uint8Array, start: number, end: number): void {
  const size = end - start;
  if (type === Tlv.ChassisId && size > 1) neighbour.chassis = idText(bytes, start, end, CHASSIS_MAC, CHASSIS_ADDRESS);
  else if (type === Tlv.PortId && size > 1) neighbour.port = idText(bytes, start, end, PORT_MAC, PORT_ADDRESS);
  else if (type === Tlv.SystemName) neighbour.name = text(bytes, start, end, LONGEST_TEXT);
  else if (type === Tlv.SystemDescription) neighbour.description = text(bytes, start, end, LONGEST_TEXT);
  else if (type === Tlv.Capabilities && size >= 4) neighbour.type = typeOf(u16(bytes, start + 2));
  else if (type === Tlv.ManagementAddress && size >= 6 && bytes[start] === 5 && bytes[start + 1] === IPV4)
    neighbour.management = ipv4Text(i32(bytes, start + 2));
}

function readFrame(facts: Facts, bytes: Uint8Array, start: number, end: number): Neighbour {
  const neighbour: Neighbour = { chassis: '', port: '', name: '', description: '', management: '', type: '' };
  let count = 0;
  let ordered = true;
  for (let at = start; at + 2 <= end; ) {
    const type = bytes[at] >> 1;
    const data = at + 2;
    const next = data + (u16(bytes, at) & 0x1ff);
    if (facts.countsFields) facts.field('lldp.tlv.type', type);
    count++;
    // Chassis, port and time to live come first, in this order (8.2).
    if (count <= Tlv.TimeToLive && type !== count) ordered = false;
    if (next > end) {
      if (facts.complete) violate(facts, 'lldp.length', `TLV ${type} says ${next - data} bytes, ${end - data} are left.`);
      return neighbour;
    }
    if (type === Tlv.End) break;
    readTlv(neighbour, type, bytes, data, next);
    at = next;
  }
  if (facts.complete && (!ordered || count < Tlv.TimeToLive))
    violate(facts, 'lldp.order', 'A frame begins with chassis id, port id and time to live; this one does not.');
  return neighbour;
}

/** The third TLV is a time to live of 0: the device goes (9.1.2.2). */
function isShutdown(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (let skip = 0; skip < 2 && at + 2 <= end; skip++) at += 2 + (u16(bytes, at) & 0x1ff);
  return at + 4 <= end && u16(bytes, at) === 0x0602 && u16(bytes, at + 2) === 0;
}

function tellNeighbour(facts: Facts, neighbour: Neighbour): void {
  const { chassis, port, name, description, management, type } = neighbour;
  if (chassis === '') return;
  // A station that gives its MAC address for chassis and port tells no more than any frame of it does.
  if (port !== chassis || name !== '' || management !== '') {
    facts.use(
      Aspect.LldpConfiguration,
      facts.intern(`${chassis} port ${port}`),
      facts.intern(management === '' ? name : `${name} (${management})`),
    );
  }
  if (name === '' && description === '' && type === '') return;
  facts.tell({
    is: 'identity',
    protocol: LLDP,
    of: 'sender',
    ...(name === '' ? {} : { name }),
    ...(description === '' ? {} : { model: description }),
    ...(type === '' ? {} : { type }),
    ...(port === '' ? {} : { place: `port ${port}` }),
  });
}

export const lldp: Dissector = {
  protocol: PROTOCOLS.lldp,
  reports: [PROTOCOLS.lldp],
  tcpPorts: [],
  udpPorts: [],
  etherTypes: [ETHERTYPE],
  ipProtocols: [],
  longestMessage: 65_535,

  datagram(facts, bytes, start, end) {
    facts.message(LLDP, isShutdown(bytes, start, end) ? SHUTDOWN : ADVERTISEMENT, Role.Notification);
    tellNeighbour(facts, readFrame(facts, bytes, start, end));
  },

  operationName: (_protocol, code) => operationName(code),
  aspects: { [Aspect.LldpConfiguration]: (a, b, interned) => ({ neighbour: interned(a), system: interned(b) }) },
};
