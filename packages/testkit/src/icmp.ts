/** ICMP (RFC 792) and ICMPv6 (RFC 4443, RFC 4861). */
import type { Host } from './host.ts';
import { group } from './host.ts';
import { IpProtocol, checksum, pseudoHeaderSum, send } from './ip.ts';
import { octets } from './octets.ts';
import type { Timeline } from './timeline.ts';

/** One message; `body` is what follows type, code and checksum. */
export function message(
  timeline: Timeline,
  source: Host,
  destination: Host,
  type: number,
  code: number,
  body: Uint8Array,
  hopLimit = 64,
): void {
  const whole = octets().u8(type, code).u16(0).bytes(body).take();
  const version6 = source.address.length === 16;
  const protocol = version6 ? IpProtocol.ICMPv6 : IpProtocol.ICMP;
  const sum = checksum(whole, 0, whole.length, version6 ? pseudoHeaderSum(source, destination, protocol, whole.length) : 0);
  whole[2] = sum >> 8;
  whole[3] = sum;
  send(timeline, source, destination, protocol, whole, { timeToLive: hopLimit });
}

/** Echo request, and its reply unless `answered` is false. */
export function echo(timeline: Timeline, source: Host, destination: Host, sequence = 1, size = 32, answered = true): void {
  const version6 = source.address.length === 16;
  const body = octets().u16(0x0100).u16(sequence).zeros(size, 0x61).take();
  message(timeline, source, destination, version6 ? 128 : 8, 0, body);
  if (answered) message(timeline, destination, source, version6 ? 129 : 0, 0, body);
}

/** Port unreachable for a UDP datagram that `source` had sent to `destination`. */
export function portUnreachable(timeline: Timeline, source: Host, sourcePort: number, destination: Host, destinationPort: number): void {
  const original = octets()
    .u8(0x45, 0)
    .u16(28)
    .u32(0)
    .u8(64, IpProtocol.UDP)
    .u16(0)
    .bytes(source.address)
    .bytes(destination.address)
    .take();
  const sum = checksum(original, 0, 20);
  original[10] = sum >> 8;
  original[11] = sum;
  const body = octets().u32(0).bytes(original).u16(sourcePort).u16(destinationPort).u16(8).u16(0).take();
  message(timeline, destination, source, 3, 3, body);
}

/** IPv6 neighbour solicitation and its answer. */
export function neighbour(timeline: Timeline, source: Host, target: Host): void {
  const solicited = group(`ff02::1:ff${hexByte(target.address[13])}:${hexByte(target.address[14])}${hexByte(target.address[15])}`);
  message(timeline, source, solicited, 135, 0, octets().u32(0).bytes(target.address).u8(1, 1).bytes(source.mac).take(), 255);
  message(timeline, target, source, 136, 0, octets().u32(0x60000000).bytes(target.address).u8(2, 1).bytes(target.mac).take(), 255);
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
