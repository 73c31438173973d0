/** Ether-S-Bus of SAIA Burgess controllers: telegrams over UDP. */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import type { Timeline } from './timeline.ts';
import * as udp from './udp.ts';

export const PORT = 5050;

/** CRC-16, polynomial 0x1021, from 0. */
function check(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  }
  return crc;
}

/** One telegram: attribute 0 asks, 1 answers, 2 acknowledges. */
export function telegram(attribute: number, sequence: number, body: readonly number[]): Uint8Array {
  const inside = octets()
    .u32(11 + body.length)
    .u8(attribute === 0 ? 1 : 0, 0)
    .u16(sequence)
    .u8(attribute, ...body)
    .take();
  return octets().bytes(inside).u16(check(inside)).take();
}

/** A command to station 10 and what it answers: data, or an acknowledgement with a code. */
export function exchange(
  timeline: Timeline,
  client: Host,
  plc: Host,
  command: number,
  data: readonly number[] = [],
  answer: readonly number[] | number = 0,
): void {
  const port = timeline.port();
  const sequence = timeline.random.below(65_536);
  udp.send(timeline, client, port, plc, PORT, telegram(0, sequence, [10, command, ...data]));
  const reply = typeof answer === 'number' ? telegram(2, sequence, [answer >> 8, answer & 255]) : telegram(1, sequence, answer);
  udp.send(timeline, plc, PORT, client, port, reply);
}
