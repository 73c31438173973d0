/**
 * The start of a packet that an ICMP error quotes (RFC 792, RFC 4443). tshark lists the fields of quoted packets as well,
 * so they are counted here; they are no messages of the flow and nothing is told about them.
 */
import { u16 } from '@annunciator/packet/bytes';
import { countDnsFields } from '../dns/fields.ts';
import type { Facts } from '../facts.ts';

const ICMP = 1;
const UDP = 17;
const IP_IN_IP = 4;
const ICMPV6 = 58;
const DNS_PORT = 53;

function countUdp(facts: Facts, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < 8 || (u16(bytes, at) !== DNS_PORT && u16(bytes, at + 2) !== DNS_PORT)) return;
  countDnsFields(facts, bytes, at + 8, end);
}

/** Counts the ICMP and DNS fields of the IP packet quoted in `bytes[start, end)`. */
export function countQuoted(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  let at = start;
  // An IP packet in an IP packet is followed once: what is quoted is a few hundred bytes.
  for (let depth = 0; depth < 2; depth++) {
    if (end - at < 20) return;
    const version = bytes[at] >> 4;
    if (version !== 4 && version !== 6) return;
    const header = version === 4 ? (bytes[at] & 15) * 4 : 40;
    const protocol = version === 4 ? bytes[at + 9] : bytes[at + 6];
    if (header < 20 || end - at < header) return;
    if (version === 4 && (u16(bytes, at + 6) & 0x1fff) !== 0) return;
    at += header;
    if (protocol === IP_IN_IP) continue;
    if (at < end && protocol === ICMP) facts.field('icmp.type', bytes[at]);
    else if (at < end && protocol === ICMPV6) facts.field('icmpv6.type', bytes[at]);
    else if (protocol === UDP) countUdp(facts, bytes, at, end);
    return;
  }
}
