/**
 * The index of a finished segment, as a file beside it: so packets are found again when the memory has gone on, and after a
 * restart. A file that does not belong to its segment, or is damaged, is as good as none: the segment is read instead.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { ENTRY, SegmentIndex } from './segment-index.ts';

/** `ANNIDX1` and a line feed: another arrangement gets another number. */
const MAGIC = 0x0a315844494e4e41n;
const HEADER = 48;
/** Positions in the header, of 8 bytes each: whole numbers as doubles but for the magic. */
const Header = { MAGIC: 0, SEGMENT_SIZE: 8, COUNT: 16, RUNS: 24, FIRST_SECOND: 32, LAST_SECOND: 40 } as const;

/** Writes the index. @throws the error of the file system */
export function writeIndex(path: string, index: SegmentIndex, segmentSize: number): number {
  const header = Buffer.alloc(HEADER);
  header.writeBigUInt64LE(MAGIC, Header.MAGIC);
  header.writeDoubleLE(segmentSize, Header.SEGMENT_SIZE);
  header.writeDoubleLE(index.count, Header.COUNT);
  header.writeDoubleLE(index.runs.length, Header.RUNS);
  header.writeDoubleLE(index.firstSecond, Header.FIRST_SECOND);
  header.writeDoubleLE(index.lastSecond, Header.LAST_SECOND);
  const runs = Float64Array.from(index.runs);
  const entries = new Uint8Array(index.entries.buffer, index.entries.byteOffset, index.count * ENTRY * 4);
  const fd = openSync(path, 'w', 0o600);
  let size = 0;
  try {
    for (const part of [header, new Uint8Array(runs.buffer), entries])
      for (let at = 0; at < part.length; ) {
        const written = writeSync(fd, part, at, part.length - at);
        at += written;
        size += written;
      }
  } finally {
    closeSync(fd);
  }
  return size;
}

/** Earliest and latest second of a segment; undefined without a fitting index. */
export function readTimes(path: string, segmentSize: number): { first: number; last: number } | undefined {
  return withIndex(path, segmentSize, (_, header) => ({
    first: header.readDoubleLE(Header.FIRST_SECOND),
    last: header.readDoubleLE(Header.LAST_SECOND),
  }));
}

/** The whole index; undefined when it is not there or does not fit the segment. */
export function readIndex(path: string, segmentSize: number): SegmentIndex | undefined {
  return withIndex(path, segmentSize, (fd, header) => {
    const count = header.readDoubleLE(Header.COUNT);
    const runs = new Float64Array(header.readDoubleLE(Header.RUNS));
    const entries = new Int32Array(count * ENTRY);
    readSync(fd, new Uint8Array(runs.buffer), 0, runs.byteLength, HEADER);
    readSync(fd, new Uint8Array(entries.buffer), 0, entries.byteLength, HEADER + runs.byteLength);
    const index = new SegmentIndex(entries, count, [...runs]);
    index.firstSecond = header.readDoubleLE(Header.FIRST_SECOND);
    index.lastSecond = header.readDoubleLE(Header.LAST_SECOND);
    return index;
  });
}

function withIndex<T>(path: string, segmentSize: number, use: (fd: number, header: Buffer) => T): T | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const header = Buffer.alloc(HEADER);
    if (readSync(fd, header, 0, HEADER, 0) < HEADER || header.readBigUInt64LE(Header.MAGIC) !== MAGIC) return undefined;
    const count = header.readDoubleLE(Header.COUNT);
    const runs = header.readDoubleLE(Header.RUNS);
    const size = HEADER + 8 * runs + 4 * ENTRY * count;
    if (header.readDoubleLE(Header.SEGMENT_SIZE) !== segmentSize || fstatSync(fd).size !== size) return undefined;
    return use(fd, header);
  } finally {
    closeSync(fd);
  }
}
