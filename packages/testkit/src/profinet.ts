/** PROFINET RT cyclic frames (IEC 61158-6-10): frame id, data, cycle counter and status. */
import { ethernetFrame, EtherType } from './ethernet.ts';
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import type { Timeline } from './timeline.ts';

/** One frame of cyclic data; the counter counts 31.25 microseconds. */
export function cyclic(timeline: Timeline, source: Host, destination: Host, frameId: number, counter: number, data: Uint8Array): void {
  // At least 40 bytes of data and padding lie between frame id and counter. Status 0x35: valid data, provider runs, no problem.
  const payload = octets()
    .u16(frameId)
    .bytes(data)
    .zeros(40 - data.length)
    .u16(counter)
    .u8(0x35, 0)
    .take();
  timeline.put(ethernetFrame(source, destination, EtherType.PROFINET, payload));
}
