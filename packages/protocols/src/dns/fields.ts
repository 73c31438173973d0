/** Counts the fields that tshark lists for DNS, mDNS and LLMNR messages (NetBIOS names have fields of their own there). */
import { u16 } from '@annunciator/packet/bytes';
import type { Facts } from '../facts.ts';
import { skipName } from './label.ts';

/** Counts header and questions of the message in `bytes[start, end)`, as far as they can be read. */
export function countDnsFields(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  if (end - start < 4) return;
  const response = bytes[start + 2] >> 7;
  facts.field('dns.flags.response', response);
  if (response) facts.field('dns.flags.rcode', bytes[start + 3] & 15);
  if (end - start < 12) return;
  let at = start + 12;
  for (let left = u16(bytes, start + 4); left > 0; left--) {
    at = skipName(bytes, at, end);
    if (at < 0 || at + 4 > end) return;
    facts.field('dns.qry.type', u16(bytes, at));
    at += 4;
  }
}
