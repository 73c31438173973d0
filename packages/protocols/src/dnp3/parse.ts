/**
 * DNP3 link frames from bytes (IEEE 1815, clause 9). Hot code: numbers in, numbers out; the user data of a frame is
 * copied without its checksums into a buffer of the caller.
 */
import { Confidence } from '../dissector.ts';
import { crcFits } from './crc.ts';

/** Start (2), length, control, destination (2), source (2), checksum (2). */
export const HEADER = 10;
/** The length field counts control, addresses and user data. */
export const SHORTEST_LENGTH = 5;
/** User data of the longest frame. */
export const LONGEST_DATA = 250;
export const LONGEST_FRAME = 292;

/** Bits of the control byte. */
export const Control = { FromMaster: 0x80, Primary: 0x40, Function: 0x0f } as const;

/** Bytes of a frame with this length field, checksums included. */
export function frameSize(length: number): number {
  const data = length - SHORTEST_LENGTH;
  return HEADER + data + 2 * ((data + 15) >> 4);
}

/**
 * Copies the user data of a frame into `into`. `start` is the first byte after the header.
 * @returns -1, or the number of the first block whose checksum is wrong
 */
export function copyData(bytes: Uint8Array, start: number, data: number, into: Uint8Array): number {
  let at = start;
  for (let done = 0; done < data; ) {
    const size = data - done < 16 ? data - done : 16;
    if (!crcFits(bytes, at, at + size)) return done >> 4;
    for (let i = 0; i < size; i++) into[done + i] = bytes[at + i];
    at += size + 2;
    done += size;
  }
  return -1;
}

/** Judges the first bytes: Certain when the header's checksum fits (start bytes and checksum: one in 2^32 of random bytes). */
export function identifyDnp3(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  const size = end - start;
  if (size >= 1 && bytes[start] !== 0x05) return Confidence.No;
  if (size >= 2 && bytes[start + 1] !== 0x64) return Confidence.No;
  if (size < HEADER) return stream ? Confidence.More : size >= 3 ? Confidence.Possible : Confidence.No;
  return bytes[start + 2] >= SHORTEST_LENGTH && crcFits(bytes, start, start + 8) ? Confidence.Certain : Confidence.Possible;
}
