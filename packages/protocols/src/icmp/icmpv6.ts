/** ICMPv6 (RFC 4443) with neighbour discovery (RFC 4861), which takes the place of ARP. */
import { ipv6Text, macText } from '@annunciator/packet/bytes';
import type { Dissector } from '../dissector.ts';
import { type Facts, type NeighborFact, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { tellEcho } from './dissector.ts';
import { type IcmpViolation, Type6, type6Name, VIOLATIONS } from './names.ts';
import { countQuoted } from './quoted.ts';

const ICMPV6 = PROTOCOLS.icmpv6.index;
const HEADER = 4;

/** Options of neighbour discovery (RFC 4861, 4.6.1). */
const SOURCE_LINK_ADDRESS = 1;
const TARGET_LINK_ADDRESS = 2;

function violate(facts: Facts, name: IcmpViolation, text: string): void {
  facts.tell({ is: 'violation', protocol: ICMPV6, name, malformed: VIOLATIONS[name].malformed, text });
}

function roleOf(type: number): Role {
  switch (type) {
    case Type6.Echo:
    case Type6.RouterSolicitation:
    case Type6.NeighborSolicitation:
    case 130:
      return Role.Request;
    case Type6.EchoReply:
      return Role.Response;
    default:
      return Role.Notification;
  }
}

/** Link-layer address in the options of `bytes[start, end)`, or an empty text. */
function linkAddress(facts: Facts, bytes: Uint8Array, start: number, end: number, wanted: number): string {
  let found = '';
  let at = start;
  while (at + 2 <= end) {
    const size = bytes[at + 1] * 8;
    if (size === 0 || at + size > end) {
      if (facts.complete) violate(facts, 'icmpv6.option-length', `Option ${bytes[at]} says ${size} bytes, ${end - at} are left.`);
      return found;
    }
    if (bytes[at] === wanted && size === 8 && found === '') found = macText(bytes, at + 2);
    at += size;
  }
  return found;
}

/** Where the options of a neighbour discovery message begin, counted from its type. */
const OPTIONS: Readonly<Record<number, number>> = {
  [Type6.RouterSolicitation]: 8,
  [Type6.RouterAdvertisement]: 16,
  [Type6.NeighborSolicitation]: 24,
  [Type6.NeighborAdvertisement]: 24,
};

const STEPS: Readonly<Record<number, NeighborFact['step']>> = {
  [Type6.RouterSolicitation]: 'router-solicitation',
  [Type6.RouterAdvertisement]: 'router-advertisement',
  [Type6.NeighborSolicitation]: 'solicitation',
  [Type6.NeighborAdvertisement]: 'advertisement',
};

function readNeighbor(facts: Facts, bytes: Uint8Array, start: number, end: number, type: number): void {
  const options = OPTIONS[type];
  if (end - start < options) {
    if (facts.complete) violate(facts, 'icmpv6.length', `${type6Name(type)} has at least ${options} bytes, this one has ${end - start}.`);
    return;
  }
  const advertised = type === Type6.NeighborAdvertisement;
  const flags = advertised ? bytes[start + 4] : 0;
  facts.tell({
    is: 'neighbor',
    step: STEPS[type],
    ip: options === 24 ? ipv6Text(bytes, start + 8) : '',
    mac: linkAddress(facts, bytes, start + options, end, advertised ? TARGET_LINK_ADDRESS : SOURCE_LINK_ADDRESS),
    router: (flags & 0x80) !== 0 || type === Type6.RouterAdvertisement,
    unsolicited: advertised && (flags & 0x40) === 0,
  });
}

export const icmpv6: Dissector = {
  protocol: PROTOCOLS.icmpv6,
  reports: [PROTOCOLS.icmpv6],
  tcpPorts: [],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [58],
  longestMessage: 65_535,

  datagram(facts, bytes, start, end) {
    const type = start < end ? bytes[start] : 255;
    facts.message(ICMPV6, type, roleOf(type));
    if (start < end && facts.countsFields) facts.field('icmpv6.type', type);
    if (end - start < HEADER) {
      if (facts.complete) violate(facts, 'icmpv6.length', `An ICMPv6 message has at least ${HEADER} bytes, this one has ${end - start}.`);
      return;
    }
    if (type === Type6.Echo || type === Type6.EchoReply) {
      if (end - start >= 8) tellEcho(facts, bytes, start, end);
      else if (facts.complete) violate(facts, 'icmpv6.length', `${type6Name(type)} has at least 8 bytes, this one has ${end - start}.`);
    } else if (type >= Type6.Unreachable && type <= Type6.ParameterProblem) {
      facts.tell({ is: 'icmp', type, code: bytes[start + 1], size: Math.max(0, end - start - 8) });
      if (facts.countsFields) countQuoted(facts, bytes, start + 8, end);
    } else if (OPTIONS[type] !== undefined) readNeighbor(facts, bytes, start, end, type);
  },

  operationName: (_protocol, code) => type6Name(code),
  aspects: {},
};
