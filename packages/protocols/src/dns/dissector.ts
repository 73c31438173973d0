/**
 * Name services: DNS over UDP and TCP (RFC 1035), mDNS (RFC 6762), LLMNR (RFC 4795) and NetBIOS names (RFC 1002). Their
 * messages are alike; the port says which one it is, and on other ports the shape of the name.
 */
import { u16 } from '@annunciator/packet/bytes';
import type { Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS, type ProtocolName } from '../registry.ts';
import { HEADER, identifyDns, isNetbiosLabel } from './identify.ts';
import { readMessage } from './message.ts';
import { operationName, VIOLATIONS } from './names.ts';

const { dns: DNS, mdns: MDNS, llmnr: LLMNR, nbns: NBNS } = PROTOCOLS;

function protocolOf(facts: Facts, bytes: Uint8Array, start: number, end: number): ProtocolName {
  for (const port of [facts.destinationPort, facts.sourcePort]) {
    if (port === 53) return DNS;
    if (port === 5353) return MDNS;
    if (port === 5355) return LLMNR;
    if (port === 137) return NBNS;
  }
  return isNetbiosLabel(bytes, start + HEADER, end) ? NBNS : DNS;
}

export const dns: Dissector = {
  protocol: DNS,
  reports: [DNS, MDNS, LLMNR, NBNS],
  tcpPorts: [53, 5355],
  udpPorts: [53, 137, 5353, 5355],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_537,

  identify: identifyDns,

  stream(facts, bytes, start, end) {
    if (end - start < 2) return start;
    const length = u16(bytes, start);
    if (length < HEADER) {
      facts.message(DNS.index, 0, Role.Notification);
      const text = `A message has at least ${HEADER} bytes, its length says ${length}.`;
      facts.tell({ is: 'violation', protocol: DNS.index, name: 'dns.length', malformed: VIOLATIONS['dns.length'].malformed, text });
      return -1;
    }
    if (end - start < 2 + length) return start;
    const message = start + 2;
    readMessage(facts, protocolOf(facts, bytes, message, message + length), bytes, message, message + length);
    return message + length;
  },

  datagram(facts, bytes, start, end) {
    readMessage(facts, protocolOf(facts, bytes, start, end), bytes, start, end);
  },

  operationName: (protocol, code) => operationName(code, protocol === NBNS.index),
  aspects: {
    // NameQuery: a = interned name
    24: (a, _b, text) => ({ name: text(a) }),
  },
};
