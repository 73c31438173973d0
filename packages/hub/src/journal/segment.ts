/** A file of the journal: a head that tells where it begins, then records. */
import { open, type FileHandle, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRecord, type JournalPosition, type PlacedEntry } from './record.ts';

const MAGIC = 0x414e4e4a; // ANNJ
export const HEAD_BYTES = 20;
/** A message of the largest size, its properties in JSON, and room to spare. */
export const MAX_RECORD_BYTES = 8 * 1024 * 1024;
const READ_BYTES = 256 * 1024;

/** What is known of a file without reading all of it. */
export interface Segment {
  readonly path: string;
  /** Position of its first record. */
  readonly begin: JournalPosition;
  /** Sequence number that its first telemetry record has, or would have. */
  readonly firstSequence: number;
}

export function segmentName(begin: JournalPosition): string {
  return `${String(begin).padStart(16, '0')}.journal`;
}

/** The segments of a folder, oldest first. Files whose head is damaged are left out. */
export async function listSegments(folder: string): Promise<Segment[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.journal')).sort();
  const segments: Segment[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const file = await open(path, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
      if (bytesRead === HEAD_BYTES && head.readUInt32BE(0) === MAGIC)
        segments.push({ path, begin: Number(head.readBigUInt64BE(4)), firstSequence: Number(head.readBigUInt64BE(12)) });
    } finally {
      await file.close();
    }
  }
  return segments;
}

export function encodeHead(begin: JournalPosition, firstSequence: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(MAGIC, 0);
  head.writeBigUInt64BE(BigInt(begin), 4);
  head.writeBigUInt64BE(BigInt(firstSequence), 12);
  return head;
}

/** Records of a segment from a position, in order, up to the first that is cut off or damaged, or up to `end`. */
export async function* readSegment(segment: Segment, from: JournalPosition, end: JournalPosition = Infinity): AsyncGenerator<PlacedEntry> {
  const file = await open(segment.path, 'r');
  try {
    yield* readFrom(file, segment, from, end);
  } finally {
    await file.close();
  }
}

async function* readFrom(file: FileHandle, segment: Segment, from: JournalPosition, end: JournalPosition): AsyncGenerator<PlacedEntry> {
  let position = from;
  let held: Buffer = Buffer.alloc(0);
  let wanted = READ_BYTES;
  while (position < end) {
    const piece = Buffer.allocUnsafe(Math.max(READ_BYTES, wanted - held.length));
    const { bytesRead } = await file.read(piece, 0, piece.length, HEAD_BYTES + position - segment.begin + held.length);
    if (bytesRead === 0) return;
    held = held.length === 0 ? piece.subarray(0, bytesRead) : Buffer.concat([held, piece.subarray(0, bytesRead)]);
    let offset = 0;
    for (;;) {
      const decoded = position >= end ? 'damaged' : decodeRecord(held, offset, MAX_RECORD_BYTES);
      if (decoded === 'damaged') return;
      if ('needed' in decoded) {
        wanted = decoded.needed;
        break;
      }
      offset += decoded.bytes;
      yield { ...decoded.entry, position, next: position + decoded.bytes };
      position += decoded.bytes;
    }
    held = held.subarray(offset);
  }
}
