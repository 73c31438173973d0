/** GE SRTP: frames of 56 bytes over TCP, and text after them. Written from public descriptions (see the dissector's names.ts). */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';

export const PORT = 18_245;
const NOTHING: Uint8Array = new Uint8Array(0);

/** A frame whose bytes from 42 on are `tail`; `text` follows it. */
function frame(type: number, mailbox: number, sequence: number, tail: readonly number[], text = NOTHING): Uint8Array {
  const out = octets().u8(type, 0).u16le(sequence).u16le(text.length).zeros(24).u8(sequence, mailbox);
  out.u8(0x0a, 0, 0, 0, 0x10, 0x0e, 0, 0, 1, 1).u8(...tail);
  return out
    .zeros(56 - out.length)
    .bytes(text)
    .take();
}

export const request = (service: number, data: readonly number[] = [], sequence = 1): Uint8Array =>
  frame(2, 0xc0, sequence, [service, ...data]);
export const requestWithText = (service: number, text: Uint8Array, data: readonly number[] = [], sequence = 1): Uint8Array =>
  frame(2, 0x80, sequence, [0, 0, 0, 0, 0, 0, 1, 1, service, ...data], text);
/** @param state of the PLC: 0 runs, 2 is stopped */
export const answer = (state = 0, sequence = 1): Uint8Array =>
  frame(3, 0xd4, sequence, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, state << 4]);
export const refusal = (major: number, minor: number, sequence = 1): Uint8Array => frame(3, 0xd1, sequence, [major, minor]);

/** Reads or writes system memory: segment, first offset, number of points. */
export const memory = (write: boolean, segment: number, first: number, count: number): Uint8Array =>
  request(write ? 0x07 : 0x04, [segment, first & 255, first >> 8, count & 255, count >> 8]);

/** A connection that has been opened. */
export function session(timeline: Timeline, client: Host, plc: Host): Connection {
  const connection = new Connection(timeline, client, plc, PORT);
  return connection.request(new Uint8Array(56)).response(octets().u8(1).zeros(55).take());
}
