/** Reads the files that `pcapng-file.ts` writes, with what they say about packets. Other pcapng files have `CaptureReader`. */
import { i32le, u16le, u32le } from '../bytes.ts';
import type { EvidenceFrame } from './pcapng-file.ts';

const INTERFACE = 1;
const PACKET = 6;
const COMMENT = 1;

/** The packets of a file in order; reading stops where it is damaged. */
export function readEvidence(file: Uint8Array): EvidenceFrame[] {
  const frames: EvidenceFrame[] = [];
  const linkTypes: number[] = [];
  for (let at = 0; at + 12 <= file.length; ) {
    const type = u32le(file, at);
    const length = u32le(file, at + 4);
    if (length < 12 || at + length > file.length) break;
    if (type === INTERFACE) linkTypes.push(u16le(file, at + 8));
    if (type === PACKET && length >= 32) {
      const frame = packetOf(file, at + 8, at + length - 4, linkTypes);
      if (!frame) break;
      frames.push(frame);
    }
    at += length;
  }
  return frames;
}

/** The packet of a block's body, undefined when it does not fit. */
function packetOf(file: Uint8Array, start: number, end: number, linkTypes: readonly number[]): EvidenceFrame | undefined {
  const linkType = linkTypes[i32le(file, start)];
  const captured = u32le(file, start + 12);
  const data = start + 20;
  if (linkType === undefined || data + captured > end) return undefined;
  const time = (BigInt(u32le(file, start + 4)) << 32n) | BigInt(u32le(file, start + 8));
  return {
    seconds: Number(time / 1_000_000_000n),
    nanoseconds: Number(time % 1_000_000_000n),
    wireLength: u32le(file, start + 16),
    linkType,
    bytes: file.subarray(data, data + captured),
    comment: commentOf(file, data + ((captured + 3) & ~3), end),
  };
}

function commentOf(file: Uint8Array, start: number, end: number): string {
  for (let at = start; at + 4 <= end; ) {
    const code = u16le(file, at);
    const length = u16le(file, at + 2);
    if (code === 0 || at + 4 + length > end) break;
    if (code === COMMENT) return new TextDecoder().decode(file.subarray(at + 4, at + 4 + length));
    at += 4 + ((length + 3) & ~3);
  }
  return '';
}
