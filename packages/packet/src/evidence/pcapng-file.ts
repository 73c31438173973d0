/**
 * Packets as a pcapng file (draft-ietf-opsawg-pcapng): one section, an interface for each link type, nanoseconds, and a
 * comment on the packets that an alert names.
 */
import type { StoredFrame } from './record-reader.ts';

const SECTION = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const PACKET = 6;
const LONGEST = 262_144;
/** Options: a comment in any block, the program in a section, the decimals of times in an interface. */
const COMMENT = 1;
const USER_APPLICATION = 4;
const TIME_RESOLUTION = 9;

export interface EvidenceFrame extends StoredFrame {
  /** Said about the packet in the file; empty says nothing. */
  readonly comment: string;
}

/** A whole file. Bytes depend on nothing but the arguments. */
export function pcapngFile(frames: readonly EvidenceFrame[], comment: string): Uint8Array {
  const section = Buffer.alloc(16);
  section.writeUInt32LE(BYTE_ORDER, 0);
  section.writeUInt16LE(1, 4);
  // The length of the section is not told.
  section.writeBigInt64LE(-1n, 8);
  const about = comment === '' ? [] : [option(COMMENT, Buffer.from(comment))];
  const blocks = [block(SECTION, [section, ...about, option(USER_APPLICATION, Buffer.from('Annunciator')), END])];
  const interfaces = new Map<number, number>();
  for (const frame of frames) {
    let number = interfaces.get(frame.linkType);
    if (number === undefined) {
      number = interfaces.size;
      interfaces.set(frame.linkType, number);
      const body = Buffer.alloc(8);
      body.writeUInt16LE(frame.linkType, 0);
      body.writeUInt32LE(LONGEST, 4);
      blocks.push(block(INTERFACE, [body, option(TIME_RESOLUTION, Buffer.of(9)), END]));
    }
    blocks.push(packetBlock(frame, number));
  }
  return Buffer.concat(blocks);
}

/** Bytes that a frame of so many captured bytes takes in the file, its comment left out. */
export function evidenceLength(captured: number): number {
  return 32 + padded(captured);
}

function packetBlock(frame: EvidenceFrame, number: number): Buffer {
  const time = BigInt(frame.seconds) * 1_000_000_000n + BigInt(frame.nanoseconds);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(number, 0);
  head.writeUInt32LE(Number(time >> 32n), 4);
  head.writeUInt32LE(Number(time & 0xffffffffn), 8);
  head.writeUInt32LE(frame.bytes.length, 12);
  head.writeUInt32LE(frame.wireLength, 16);
  const options = frame.comment === '' ? [] : [option(COMMENT, Buffer.from(frame.comment)), END];
  return block(PACKET, [head, frame.bytes, Buffer.alloc(padded(frame.bytes.length) - frame.bytes.length), ...options]);
}

const END = Buffer.alloc(4);

function option(code: number, value: Uint8Array): Buffer {
  const whole = Buffer.alloc(4 + padded(value.length));
  whole.writeUInt16LE(code, 0);
  whole.writeUInt16LE(value.length, 2);
  whole.set(value, 4);
  return whole;
}

function block(type: number, parts: readonly Uint8Array[]): Buffer {
  const length = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, ...parts, tail]);
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
