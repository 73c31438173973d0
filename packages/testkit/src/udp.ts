/** UDP datagrams (RFC 768). */
import type { Host } from './host.ts';
import type { IpOptions } from './ip.ts';
import { IpProtocol, checksum, pseudoHeaderSum, send as sendIp } from './ip.ts';
import type { Timeline } from './timeline.ts';

/** One datagram from port to port. */
export function send(
  timeline: Timeline,
  source: Host,
  sourcePort: number,
  destination: Host,
  destinationPort: number,
  payload: Uint8Array,
  options: IpOptions = {},
): void {
  const datagram = new Uint8Array(8 + payload.length);
  datagram[0] = sourcePort >> 8;
  datagram[1] = sourcePort;
  datagram[2] = destinationPort >> 8;
  datagram[3] = destinationPort;
  datagram[4] = datagram.length >> 8;
  datagram[5] = datagram.length;
  datagram.set(payload, 8);
  // Zero means "not computed", so a sum of zero is written as all ones.
  const sum = checksum(datagram, 0, datagram.length, pseudoHeaderSum(source, destination, IpProtocol.UDP, datagram.length)) || 0xffff;
  datagram[6] = sum >> 8;
  datagram[7] = sum;
  sendIp(timeline, source, destination, IpProtocol.UDP, datagram, options);
}
