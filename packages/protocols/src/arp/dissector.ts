/**
 * ARP over Ethernet and IPv4 (RFC 826): who asks for which address, who claims one. Gratuitous ARP and probes are those of
 * RFC 5227. ARP for other address kinds is counted only.
 */
import { i32, ipv4Text, macText, u16 } from '@annunciator/packet/bytes';
import type { Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { type ArpViolation, HIGHEST_OPCODE, Opcode, opcodeName, VIOLATIONS } from './names.ts';

const ARP = PROTOCOLS.arp.index;
const ETHERNET = 1;
const IPV4 = 0x0800;
/** Fixed part (8) and two pairs of MAC and IPv4 addresses. */
const HEADER = 8;
const WHOLE = 28;

function violate(facts: Facts, name: ArpViolation, text: string): void {
  facts.tell({ is: 'violation', protocol: ARP, name, malformed: VIOLATIONS[name].malformed, text });
}

/** Requests and replies alternate from 1 to 9 with the DRARP error (7) and the inverse pair (8, 9) at the end. */
const ROLES: readonly Role[] = [
  Role.Notification,
  Role.Request,
  Role.Response,
  Role.Request,
  Role.Response,
  Role.Request,
  Role.Response,
  Role.Response,
  Role.Request,
  Role.Response,
];

function readAddresses(facts: Facts, bytes: Uint8Array, start: number, code: number): void {
  const sender = i32(bytes, start + 14);
  const target = i32(bytes, start + 24);
  const senderMac = macText(bytes, start + 8);
  if (bytes[start + 8] & 1) violate(facts, 'arp.sender-group-address', `The sender claims the group address ${senderMac} as its own.`);
  if (code !== Opcode.Request && code !== Opcode.Reply) return;
  facts.tell({
    is: 'arp',
    operation: code === Opcode.Request ? 'request' : 'reply',
    senderMac,
    senderIp: ipv4Text(sender),
    targetMac: macText(bytes, start + 18),
    targetIp: ipv4Text(target),
    gratuitous: sender === target,
    probe: sender === 0 && code === Opcode.Request,
  });
}

export const arp: Dissector = {
  protocol: PROTOCOLS.arp,
  reports: [PROTOCOLS.arp],
  tcpPorts: [],
  udpPorts: [],
  etherTypes: [0x0806],
  ipProtocols: [],
  longestMessage: 64,

  datagram(facts, bytes, start, end) {
    if (end - start < HEADER) {
      facts.message(ARP, 0, Role.Notification);
      if (facts.complete) violate(facts, 'arp.length', `An ARP packet has at least ${HEADER} bytes, this one has ${end - start}.`);
      return;
    }
    const code = u16(bytes, start + 6);
    facts.message(ARP, code, ROLES[code] ?? Role.Notification);
    if (facts.countsFields) facts.field('arp.opcode', code);
    if (code === 0 || code > HIGHEST_OPCODE) violate(facts, 'arp.opcode', `Operation ${code} is not assigned.`);
    if (u16(bytes, start + 2) !== IPV4 || u16(bytes, start) !== ETHERNET) return;
    if (bytes[start + 4] !== 6 || bytes[start + 5] !== 4) {
      violate(
        facts,
        'arp.address-size',
        `Ethernet and IPv4 addresses have 6 and 4 bytes, the packet says ${bytes[start + 4]} and ${bytes[start + 5]}.`,
      );
      return;
    }
    if (end - start < WHOLE) {
      if (facts.complete) violate(facts, 'arp.length', `ARP for IPv4 over Ethernet has ${WHOLE} bytes, this packet has ${end - start}.`);
      return;
    }
    readAddresses(facts, bytes, start, code);
  },

  operationName: (_protocol, code) => opcodeName(code),
  aspects: {},
};
