/** ROC Plus of Emerson flow computers (D301180X012): messages with their check. */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';

export const PORT = 4000;

/** CRC-16, polynomial 0xA001, from -1. */
function check(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

/** One message between host 3 of group 4 and flow computer 1 of group 2. */
export function message(opcode: number, data: readonly number[] | Uint8Array, answer = false): Uint8Array {
  const route = answer ? [3, 4, 1, 2] : [1, 2, 3, 4];
  const inside = octets()
    .u8(...route, opcode, data.length, ...data)
    .take();
  return octets().bytes(inside).u16le(check(inside)).take();
}

/** An opcode and its answer, or the error by which it is refused. */
export function exchange(
  connection: Connection,
  opcode: number,
  data: readonly number[] = [],
  answer: readonly number[] = [],
  error = 0,
): void {
  connection.request(message(opcode, data)).response(error ? message(255, [error, opcode, 1], true) : message(opcode, answer, true));
}

export function session(timeline: Timeline, host: Host, computer: Host): Connection {
  return new Connection(timeline, host, computer, PORT);
}
