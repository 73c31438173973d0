/** CRC-16 with the reversed polynomial 0xA001 (x^16 + x^15 + x^2 + 1), as serial plant protocols use it. */

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** Check of `bytes[start, end)`; `from` is the value to begin with, -1 as Modbus does unless told. */
export function crc16(bytes: Uint8Array, start: number, end: number, from = 0xffff): number {
  let crc = from;
  for (let at = start; at < end; at++) crc = crc16Of(crc, bytes[at]);
  return crc;
}

/** One byte more. */
export const crc16Of = (crc: number, byte: number): number => (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff];
