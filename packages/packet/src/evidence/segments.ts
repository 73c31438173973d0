/**
 * The packets of the last minutes or hours on disk: nanosecond pcap files of one link type each, numbered in the order
 * they were begun, the oldest deleted before all of them together pass the budget. Each is a capture that any tool opens.
 *
 * Hot code: `append` runs for every packet and allocates nothing; records are written once per batch, beside the packet
 * path while the next batch is read. A disk that refuses
 * never stops the sensor: the batch is lost, counted, and the next one begins another segment.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Packet } from '../packet.ts';
import { LONGEST_PACKET } from '../capture/chunk.ts';

export const PCAP_HEADER = 24;
export const RECORD_HEADER = 16;
const NANOSECONDS = 0xa1b23c4d;
const LONGEST_SEGMENT = 1 << 26;
/** Segments are at most this share of the budget, so that one of every open link type fits. */
const SEGMENTS_IN_BUDGET = 8;
const MOST_OPEN = 4;
/** Holds the records of a whole batch of about 1 MiB. */
const BUFFER = 3 << 19;
/** Positions are the number of a segment times this, plus the offset in it: whole numbers up to 2^53. */
export const SEGMENT_SPAN = 2 ** 27;
const READ_AHEAD = 1 << 16;
const NAME = /^(\d{8})\.pcap$/;

export interface SegmentOptions {
  /** Bytes that all segments may have together. */
  readonly budget: number;
  /** Begins empty: what an earlier run left is deleted. */
  readonly fresh?: boolean;
}

/** A segment on disk. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** Bytes of whole records and the header. */
  readonly size: number;
}

interface OpenSegment {
  readonly number: number;
  readonly linkType: number;
  readonly fd: number;
  size: number;
  buffer: Buffer;
  view: DataView;
  /** The other buffer: empty, or being written. */
  spare: Buffer | undefined;
  /** A write under way. */
  writing: Promise<void> | undefined;
  /** Bytes of the buffer that are not written yet. */
  filled: number;
}

/** One frame as it was captured. */
export interface StoredFrame {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly wireLength: number;
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

export class SegmentWriter {
  /** Packets that the disk refused, and why it last did; empty when it never did. */
  lost = 0;
  failure = '';
  readonly #folder: string;
  readonly #budget: number;
  readonly #segmentSize: number;
  readonly #open = new Map<number, OpenSegment>();
  #current: OpenSegment | undefined;
  /** Sizes of the segments that are finished, oldest first. */
  readonly #closed = new Map<number, number>();
  #next = 1;
  /** Writes under way; at most one for a segment. */
  #writes: Promise<void>[] = [];
  #source: Uint8Array | undefined;
  #sourceBuffer: Buffer = Buffer.alloc(0);
  // For reading back: the segment that is open, and what was read from it last.
  #readNumber = 0;
  #readFd = -1;
  #readLinkType = 1;
  readonly #readAhead = Buffer.allocUnsafe(READ_AHEAD);
  #readFrom = 0;
  #readLength = 0;

  /** @throws the error of the file system when the folder cannot be made or listed */
  constructor(folder: string, options: SegmentOptions) {
    this.#folder = folder;
    this.#budget = options.budget;
    this.#segmentSize = Math.min(LONGEST_SEGMENT, Math.floor(options.budget / SEGMENTS_IN_BUDGET));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const { number, path, size } of listSegments(folder)) {
      if (options.fresh) rmSync(path, { force: true });
      else this.#closed.set(number, size);
      this.#next = number + 1;
    }
  }

  /** Keeps the frame part of a packet. Gives its position, or -1 when it could not be kept. */
  append(packet: Packet): number {
    const { bytes, start } = packet;
    const length = packet.end - start;
    let open = this.#current;
    if (open === undefined || open.linkType !== packet.linkType) {
      open = this.#select(packet.linkType);
      if (open === undefined) return -1;
    }
    const record = RECORD_HEADER + length;
    if (open.size + open.filled + record > this.#segmentSize || open.filled + record > open.buffer.length) {
      open = this.#makeRoom(open, record);
      if (open === undefined) return -1;
    }
    const { buffer } = open;
    const at = open.filled;
    const { view } = open;
    view.setUint32(at, packet.seconds, true);
    view.setUint32(at + 4, packet.nanoseconds, true);
    view.setUint32(at + 8, length, true);
    view.setUint32(at + 12, packet.wireLength, true);
    if (bytes !== this.#source) {
      this.#source = bytes;
      this.#sourceBuffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#sourceBuffer.copy(buffer, at + RECORD_HEADER, start, packet.end);
    open.filled = at + record;
    return open.number * SEGMENT_SPAN + open.size + at;
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> {
    while (this.#writes.length > 0) await Promise.all(this.#writes.splice(0));
  }

  /** Begins to write what was appended; wait for `settled` before this or `flush` is called again. */
  flushBeside(): void {
    for (const open of this.#open.values()) this.#writeBeside(open);
  }

  /** Writes what was appended, and is done when it returns. */
  flush(): void {
    for (const open of this.#open.values()) this.#write(open);
  }

  /** Reads a frame back; undefined when its segment is deleted or never reached the disk. Call `flush` before. */
  read(position: number): StoredFrame | undefined {
    const number = Math.floor(position / SEGMENT_SPAN);
    const offset = position - number * SEGMENT_SPAN;
    try {
      if (!this.#openToRead(number)) return undefined;
      const header = this.#bytesAt(offset, RECORD_HEADER);
      if (!header) return undefined;
      const [seconds, nanoseconds, length, wireLength] = [0, 4, 8, 12].map((at) => header.readUInt32LE(at));
      if (length > LONGEST_PACKET) return undefined;
      const bytes = this.#bytesAt(offset + RECORD_HEADER, length);
      if (!bytes) return undefined;
      return { seconds, nanoseconds, wireLength, linkType: this.#readLinkType, bytes: Uint8Array.from(bytes) };
    } catch {
      return undefined;
    }
  }

  /** Lets go of the segment that was read; call it after a series of `read`. */
  endReading(): void {
    if (this.#readFd >= 0) closeSync(this.#readFd);
    this.#readFd = -1;
    this.#readNumber = 0;
    this.#readLength = 0;
  }

  /** All segments on disk, oldest first. */
  segments(): readonly Segment[] {
    return listSegments(this.#folder);
  }

  async close(): Promise<void> {
    await this.settled();
    this.flush();
    this.endReading();
    for (const open of this.#open.values()) this.#finish(open);
  }

  #select(linkType: number): OpenSegment | undefined {
    let open = this.#open.get(linkType);
    if (!open) {
      if (this.#open.size >= MOST_OPEN) {
        this.lost++;
        return undefined;
      }
      open = this.#begin(linkType, undefined);
    }
    this.#current = open;
    return open;
  }

  /** The segment, or the next one, with room in its buffer. */
  #makeRoom(open: OpenSegment, record: number): OpenSegment | undefined {
    this.#write(open);
    // A write that failed has ended the segment.
    const same = this.#open.get(open.linkType) === open;
    if (same && open.size + record <= this.#segmentSize) return open;
    if (same) this.#finish(open);
    if (PCAP_HEADER + record > this.#segmentSize) {
      this.lost++;
      return undefined;
    }
    this.#current = this.#begin(open.linkType, open.buffer);
    return this.#current;
  }

  #begin(linkType: number, buffer: Buffer | undefined): OpenSegment | undefined {
    try {
      this.#evict();
      const number = this.#next;
      const fd = openSync(join(this.#folder, fileName(number)), 'w', 0o600);
      this.#next++;
      writeSync(fd, fileHeader(linkType));
      const bytes = buffer ?? Buffer.allocUnsafeSlow(BUFFER);
      const begun = {
        number,
        linkType,
        fd,
        size: PCAP_HEADER,
        buffer: bytes,
        view: viewOf(bytes),
        filled: 0,
        spare: undefined,
        writing: undefined,
      };
      this.#open.set(linkType, begun);
      return begun;
    } catch (error) {
      this.#refused(error, 1);
      return undefined;
    }
  }

  /** Makes room for one more whole segment. */
  #evict(): void {
    let total = (this.#open.size + 1) * this.#segmentSize;
    for (const size of this.#closed.values()) total += size;
    for (const [number, size] of this.#closed) {
      if (total <= this.#budget) return;
      rmSync(join(this.#folder, fileName(number)), { force: true });
      if (this.#readNumber === number) this.endReading();
      this.#closed.delete(number);
      total -= size;
    }
  }

  #write(open: OpenSegment): void {
    if (open.filled === 0) return;
    const length = open.filled;
    open.filled = 0;
    try {
      let at = 0;
      while (at < length) at += writeSync(open.fd, open.buffer, at, length - at, open.size + at);
      open.size += length;
    } catch (error) {
      this.#refused(error, recordsIn(open.buffer, length));
      // Positions of the lost records must never mean later ones.
      this.#finish(open);
    }
  }

  #writeBeside(open: OpenSegment): void {
    if (open.filled === 0) return;
    const { fd, buffer, filled: length, size: offset } = open;
    const spare = open.spare ?? Buffer.allocUnsafeSlow(BUFFER);
    Object.assign(open, { buffer: spare, view: viewOf(spare), spare: buffer, filled: 0, size: offset + length });
    const work = writeAll(fd, buffer, length, offset).catch((error: unknown) => {
      this.#refused(error, recordsIn(buffer, length));
      // What lies beyond must not be taken for records.
      ftruncateSync(fd, offset);
      open.size = offset;
      if (this.#open.get(open.linkType) === open) this.#end(open);
    });
    open.writing = work.finally(() => {
      open.writing = undefined;
      if (this.#open.get(open.linkType) !== open) closeSync(fd);
    });
    this.#writes.push(open.writing);
  }

  #finish(open: OpenSegment): void {
    this.#end(open);
    if (!open.writing) closeSync(open.fd);
  }

  /** Takes the segment out of those that are written to; its file is closed by whoever writes last. */
  #end(open: OpenSegment): void {
    this.#open.delete(open.linkType);
    if (this.#current === open) this.#current = undefined;
    this.#closed.set(open.number, open.size);
  }

  #refused(error: unknown, packets: number): void {
    this.lost += packets;
    this.failure = error instanceof Error ? error.message : String(error);
  }

  #openToRead(number: number): boolean {
    if (this.#readNumber === number) return true;
    this.endReading();
    this.#readFd = openSync(join(this.#folder, fileName(number)), 'r');
    this.#readNumber = number;
    const header = this.#bytesAt(0, PCAP_HEADER);
    if (header) this.#readLinkType = header.readUInt32LE(20);
    return header !== undefined;
  }

  /** Bytes of the segment being read, valid until the next call; undefined beyond its end. */
  #bytesAt(offset: number, length: number): Buffer | undefined {
    if (length > READ_AHEAD) {
      const long = Buffer.allocUnsafe(length);
      return readSync(this.#readFd, long, 0, length, offset) === length ? long : undefined;
    }
    if (offset < this.#readFrom || offset + length > this.#readFrom + this.#readLength) {
      this.#readFrom = offset;
      this.#readLength = readSync(this.#readFd, this.#readAhead, 0, READ_AHEAD, offset);
      if (length > this.#readLength) return undefined;
    }
    const at = offset - this.#readFrom;
    return this.#readAhead.subarray(at, at + length);
  }
}

/** Segments of a folder, oldest first. */
export function listSegments(folder: string): Segment[] {
  return readdirSync(folder)
    .flatMap((name) => {
      const number = NAME.exec(name)?.[1];
      const path = join(folder, name);
      return number === undefined ? [] : [{ number: Number(number), path, size: statSync(path).size }];
    })
    .sort((a, b) => a.number - b.number);
}

function fileName(number: number): string {
  return `${String(number).padStart(8, '0')}.pcap`;
}

/** Header of a classic pcap file with nanoseconds, version 2.4 (draft-ietf-opsawg-pcap, 4). */
function fileHeader(linkType: number): Buffer {
  const header = Buffer.alloc(PCAP_HEADER);
  header.writeUInt32LE(NANOSECONDS, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(LONGEST_PACKET, 16);
  header.writeUInt32LE(linkType, 20);
  return header;
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function writeAll(fd: number, buffer: Buffer, length: number, offset: number, at = 0): Promise<void> {
  return new Promise((resolve, reject) => {
    write(fd, buffer, at, length - at, offset + at, (error, written) => {
      if (error) reject(error);
      else if (at + written >= length) resolve();
      else resolve(writeAll(fd, buffer, length, offset, at + written));
    });
  });
}

function recordsIn(buffer: Buffer, length: number): number {
  let records = 0;
  for (let at = 0; at + RECORD_HEADER <= length; at += RECORD_HEADER + buffer.readUInt32LE(at + 8)) records++;
  return records;
}
