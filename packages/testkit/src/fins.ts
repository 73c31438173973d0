/** Omron FINS over UDP (W342; W421): a client at node 2 and a controller at node 1. */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import type { Timeline } from './timeline.ts';
import * as udp from './udp.ts';

export const PORT = 9600;

/** One frame of FINS; responses carry an end code before their data. */
export function frame(command: number, data: Uint8Array, service: number, answer: boolean): Uint8Array {
  const [to, from] = answer ? [2, 1] : [1, 2];
  return octets()
    .u8(answer ? 0xc0 : 0x80, 0, 2, 0, to, 0, 0, from, 0, service)
    .u16(command)
    .bytes(data)
    .take();
}

/** A frame inside FINS/TCP. */
export function overTcp(inside: Uint8Array, command = 2): Uint8Array {
  return octets()
    .text('FINS')
    .u32(8 + inside.length)
    .u32(command)
    .u32(0)
    .bytes(inside)
    .take();
}

/** A command and its answer. */
export function exchange(
  timeline: Timeline,
  client: Host,
  controller: Host,
  command: number,
  data: Uint8Array = new Uint8Array(0),
  answer: Uint8Array = new Uint8Array(0),
  endCode = 0,
): void {
  const service = timeline.random.below(256);
  udp.send(timeline, client, PORT, controller, PORT, frame(command, data, service, false));
  udp.send(timeline, controller, PORT, client, PORT, frame(command, octets().u16(endCode).bytes(answer).take(), service, true));
}

/** Reads `count` words of data memory from `first` on. */
export function readMemory(timeline: Timeline, client: Host, controller: Host, first: number, count: number): void {
  exchange(timeline, client, controller, 0x0101, octets().u8(0x82).u16(first).u8(0).u16(count).take(), new Uint8Array(2 * count));
}
