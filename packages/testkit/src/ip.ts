/** IPv4 (RFC 791) and IPv6 (RFC 8200) packets, fragments, and the Internet checksum (RFC 1071). */
import { ethernetFrame, EtherType } from './ethernet.ts';
import type { Host } from './host.ts';
import type { Timeline } from './timeline.ts';

export const IpProtocol = { ICMP: 1, TCP: 6, UDP: 17, ICMPv6: 58, FRAGMENT: 44 } as const;

export interface IpOptions {
  readonly timeToLive?: number;
  /** Sends the payload in fragments of at most this many bytes (rounded down to a multiple of 8). */
  readonly fragment?: number;
}

/** Sum of 16-bit words in one's complement, before its inversion. */
export function onesSum(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  let sum = initial;
  let at = start;
  for (; at + 1 < end; at += 2) sum += (bytes[at] << 8) | bytes[at + 1];
  if (at < end) sum += bytes[at] << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

export function checksum(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  return ~onesSum(bytes, start, end, initial) & 0xffff;
}

/** Sum over addresses, protocol and length that TCP, UDP and ICMPv6 add to theirs. */
export function pseudoHeaderSum(source: Host, destination: Host, protocol: number, length: number): number {
  const sum = onesSum(source.address, 0, source.address.length, protocol + (length >>> 16) + (length & 0xffff));
  return onesSum(destination.address, 0, destination.address.length, sum);
}

/** Puts an IP packet (or its fragments) on the timeline. `segment` is what follows the IP header, checksum included. */
export function send(
  timeline: Timeline,
  source: Host,
  destination: Host,
  protocol: number,
  segment: Uint8Array,
  options: IpOptions = {},
): void {
  const version6 = source.address.length === 16;
  if (version6 !== (destination.address.length === 16))
    throw new Error(`${source.ip} cannot talk to ${destination.ip}: one is IPv4, the other IPv6`);
  const identification = timeline.identification();
  const step = options.fragment === undefined ? segment.length : options.fragment & ~7;
  const timeToLive = options.timeToLive ?? source.timeToLive ?? 64;
  let offset = 0;
  do {
    const part = offset === 0 && step >= segment.length ? segment : segment.subarray(offset, offset + step);
    const more = offset + part.length < segment.length;
    const split = more || offset > 0;
    const packet = version6
      ? ipv6Packet(source, destination, protocol, part, timeToLive, split ? { offset, more, identification } : undefined)
      : ipv4Packet(source, destination, protocol, part, timeToLive, identification, offset, more);
    timeline.put(ethernetFrame(source, destination, version6 ? EtherType.IPv6 : EtherType.IPv4, packet));
    offset += part.length;
  } while (offset < segment.length);
}

function ipv4Packet(
  source: Host,
  destination: Host,
  protocol: number,
  part: Uint8Array,
  timeToLive: number,
  identification: number,
  offset: number,
  more: boolean,
): Uint8Array {
  const packet = new Uint8Array(20 + part.length);
  packet[0] = 0x45;
  packet[2] = packet.length >> 8;
  packet[3] = packet.length;
  packet[4] = identification >> 8;
  packet[5] = identification;
  // Whole packets say "do not fragment".
  const flags = more ? 0x2000 : offset === 0 ? 0x4000 : 0;
  packet[6] = (flags >> 8) | (offset >> 11);
  packet[7] = offset >> 3;
  packet[8] = timeToLive;
  packet[9] = protocol;
  packet.set(source.address, 12);
  packet.set(destination.address, 16);
  const sum = checksum(packet, 0, 20);
  packet[10] = sum >> 8;
  packet[11] = sum;
  packet.set(part, 20);
  return packet;
}

interface Fragment {
  readonly offset: number;
  readonly more: boolean;
  readonly identification: number;
}

function ipv6Packet(
  source: Host,
  destination: Host,
  protocol: number,
  part: Uint8Array,
  hopLimit: number,
  fragment: Fragment | undefined,
): Uint8Array {
  const extension = fragment ? 8 : 0;
  const packet = new Uint8Array(40 + extension + part.length);
  packet[0] = 0x60;
  packet[4] = (extension + part.length) >> 8;
  packet[5] = extension + part.length;
  packet[6] = fragment ? IpProtocol.FRAGMENT : protocol;
  packet[7] = hopLimit;
  packet.set(source.address, 8);
  packet.set(destination.address, 24);
  if (fragment) {
    packet[40] = protocol;
    packet[42] = fragment.offset >> 8;
    packet[43] = (fragment.offset & 0xf8) | (fragment.more ? 1 : 0);
    packet[46] = fragment.identification >> 8;
    packet[47] = fragment.identification;
  }
  packet.set(part, 40 + extension);
  return packet;
}
