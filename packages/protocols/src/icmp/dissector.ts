/**
 * ICMP (RFC 792). Echo and unreachable messages are told with what the engines compare: the data's size and hash, and
 * whether it is an IP packet in disguise.
 */
import { u16 } from '@annunciator/packet/bytes';
import type { Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { hashOf } from '../hash.ts';
import { carriesIp } from './echo.ts';
import { Type, typeName, VIOLATIONS } from './names.ts';
import { countQuoted } from './quoted.ts';

const ICMP = PROTOCOLS.icmp.index;
const HEADER = 8;

/** Types that answer another message, by type. */
function roleOf(type: number): Role {
  switch (type) {
    case Type.Echo:
    case 10:
    case 13:
    case 15:
    case 17:
    case 42:
      return Role.Request;
    case Type.EchoReply:
    case 14:
    case 16:
    case 18:
    case 43:
      return Role.Response;
    default:
      return Role.Notification;
  }
}

function isError(type: number): boolean {
  return (
    type === Type.Unreachable ||
    type === Type.SourceQuench ||
    type === Type.Redirect ||
    type === Type.TimeExceeded ||
    type === Type.ParameterProblem
  );
}

/** Tells an echo message of either version. */
export function tellEcho(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const data = start + HEADER;
  facts.tell({
    is: 'icmp',
    type: bytes[start],
    code: bytes[start + 1],
    size: end - data,
    identifier: u16(bytes, start + 4),
    sequence: u16(bytes, start + 6),
    hash: hashOf(bytes, data, end),
    carriesIp: carriesIp(bytes, data, end),
  });
}

export const icmp: Dissector = {
  protocol: PROTOCOLS.icmp,
  reports: [PROTOCOLS.icmp],
  tcpPorts: [],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [1],
  longestMessage: 65_535,

  datagram(facts, bytes, start, end) {
    const type = start < end ? bytes[start] : 255;
    facts.message(ICMP, type, roleOf(type));
    if (start < end && facts.countsFields) facts.field('icmp.type', type);
    if (end - start < HEADER) {
      if (facts.complete) {
        const text = `An ICMP message has at least ${HEADER} bytes, this one has ${end - start}.`;
        facts.tell({ is: 'violation', protocol: ICMP, name: 'icmp.length', malformed: VIOLATIONS['icmp.length'].malformed, text });
      }
      return;
    }
    if (type === Type.Echo || type === Type.EchoReply) tellEcho(facts, bytes, start, end);
    else if (isError(type)) {
      facts.tell({ is: 'icmp', type, code: bytes[start + 1], size: end - start - HEADER });
      if (facts.countsFields) countQuoted(facts, bytes, start + HEADER, end);
    }
  },

  operationName: (_protocol, code) => typeName(code),
  aspects: {},
};
