/**
 * IGMP, by which hosts join and leave multicast groups: GOOSE over routers, sampled values, CIP I/O and discovery depend on
 * it. A query is asked of all, a report answers it or comes unasked.
 *
 * Hot code: nothing is allocated for a message that is right.
 */
import { u16 } from '@annunciator/packet/bytes';
import type { Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { type IgmpViolation, Type, typeName, VIOLATIONS } from './names.ts';

const IGMP = PROTOCOLS.igmp.index;
const SHORTEST = 8;
const LONGEST = 65_515;

function violate(facts: Facts, name: IgmpViolation, text: string): void {
  facts.tell({ is: 'violation', protocol: IGMP, name, malformed: VIOLATIONS[name].malformed, text });
}

/** The Internet checksum over the whole message is all ones when it is right (RFC 1071). */
function sumFits(bytes: Uint8Array, start: number, end: number): boolean {
  let sum = 0;
  for (let at = start; at < end; at += 2) sum += at + 1 < end ? u16(bytes, at) : bytes[at] << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum === 0xffff;
}

export const igmp: Dissector = {
  protocol: PROTOCOLS.igmp,
  reports: [PROTOCOLS.igmp],
  tcpPorts: [],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [2],
  longestMessage: LONGEST,

  datagram(facts, bytes, start, end) {
    if (end - start < SHORTEST) {
      if (facts.complete) violate(facts, 'igmp.length', `A message has at least ${SHORTEST} bytes, this one has ${end - start}.`);
      return;
    }
    const type = bytes[start];
    facts.message(IGMP, type, type === Type.Query ? Role.Request : Role.Notification);
    if (facts.countsFields) facts.field('igmp.type', `0x${type.toString(16).padStart(2, '0')}`);
    if (facts.complete && !sumFits(bytes, start, end))
      violate(
        facts,
        'igmp.checksum',
        `The checksum 0x${u16(bytes, start + 2)
          .toString(16)
          .padStart(4, '0')} does not fit.`,
      );
  },

  operationName: (_protocol, code) => typeName(code),
  aspects: {},
};
