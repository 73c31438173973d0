/** NTP version 4, client and server (RFC 5905). */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import type { Timeline } from './timeline.ts';
import * as udp from './udp.ts';

export const PORT = 123;

/** Seconds from 1900, where NTP counts, to 1970. */
const ERA = 2_208_988_800;

export function packet(mode: 3 | 4, seconds: number): Uint8Array {
  const time = (seconds + ERA) >>> 0;
  const stratum = mode === 4 ? 2 : 0;
  return octets()
    .u8(0x20 | mode, stratum, 6, 0xec)
    .u32(0)
    .u32(0x100)
    .u32(0x0a00000a)
    .u32(time)
    .u32(0)
    .u32(time)
    .u32(0)
    .u32(time)
    .u32(0)
    .u32(time)
    .u32(0)
    .take();
}

/** A client asks a server for the time. */
export function exchange(timeline: Timeline, client: Host, server: Host): void {
  const port = timeline.port();
  const now = timeline.start + Math.floor(timeline.clock / 1e9);
  udp.send(timeline, client, port, server, PORT, packet(3, now));
  udp.send(timeline, server, PORT, client, port, packet(4, now));
}
