/**
 * CRC-16/DNP (IEEE 1815, 9.2.4.3.5): polynomial 0x3D65, reflected, inverted. Hot code: four bytes a step over contiguous
 * bytes; the checksums are the largest cost of reading DNP3.
 */
const T0 = new Uint16Array(256);
const T1 = new Uint16Array(256);
const T2 = new Uint16Array(256);
const T3 = new Uint16Array(256);
for (let value = 0; value < 256; value++) {
  let crc = value;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa6bc : crc >> 1;
  T0[value] = crc;
}
for (let value = 0; value < 256; value++) {
  T1[value] = (T0[value] >> 8) ^ T0[T0[value] & 255];
  T2[value] = (T1[value] >> 8) ^ T0[T1[value] & 255];
  T3[value] = (T2[value] >> 8) ^ T0[T2[value] & 255];
}

/** The checksum of `bytes[start, end)`; on the wire its low byte comes first. */
export function crcDnp(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  let at = start;
  for (; at + 4 <= end; at += 4) crc = T3[(bytes[at] ^ crc) & 255] ^ T2[bytes[at + 1] ^ (crc >> 8)] ^ T1[bytes[at + 2]] ^ T0[bytes[at + 3]];
  for (; at < end; at++) crc = (crc >> 8) ^ T0[(bytes[at] ^ crc) & 255];
  return crc ^ 0xffff;
}

/** Whether the two bytes at `end` are the checksum of `bytes[start, end)`. */
export function crcFits(bytes: Uint8Array, start: number, end: number): boolean {
  const crc = crcDnp(bytes, start, end);
  return bytes[end] === (crc & 255) && bytes[end + 1] === crc >> 8;
}
