/**
 * One segment while it is written: a pcap file of one link type that any tool opens, and the index of its packets.
 *
 * Hot code: `append` runs for every packet and allocates nothing. Records are copied into a buffer that is written once per
 * batch, beside the packet path while the next batch is read. Where packets already lie in the buffer of a capture as such
 * records, they are not copied: the whole piece is written at once.
 */
import { closeSync, ftruncateSync, openSync, write, writeSync } from 'node:fs';
import { LONGEST_PACKET } from '../capture/chunk.ts';
import type { RawRecords } from '../capture/packet-source.ts';
import type { Packet } from '../packet.ts';
import { SegmentIndex } from './segment-index.ts';

/** draft-ietf-opsawg-pcap, 4 and 5. */
export const PCAP_HEADER = 24;
export const RECORD_HEADER = 16;
export const NANOSECONDS = 0xa1b23c4d;
export const MICROSECONDS = 0xa1b2c3d4;
/** Holds the records of a whole batch of about 1 MiB, or the longest packet. */
const BUFFER = 3 << 19;

export class SegmentFile {
  readonly number: number;
  readonly linkType: number;
  /** Fractions of seconds are nanoseconds, else microseconds. */
  readonly nanoseconds: boolean;
  readonly index: SegmentIndex;
  /** Bytes on disk, or on their way. */
  size = PCAP_HEADER;
  /** Offset of the record appended last. */
  offset = 0;
  /** The disk refused: nothing is written any more, and what lies beyond `size` is lost. */
  failure: Error | undefined;
  readonly #fd: number;
  #buffer: Buffer = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer, NOTHING.byteOffset, 0);
  /** The other buffer: empty, or being written. */
  #spare: Buffer | undefined;
  /** Bytes of the buffer that are not written yet. */
  #filled = 0;
  #writing: Promise<void> | undefined;
  #closed = false;
  /** What `offset` is to `packet.start` while whole pieces are written. */
  #shift = 0;
  #source: Uint8Array | undefined;
  #sourceBuffer: Buffer = NOTHING;

  /**
   * @param index empty
   * @throws the error of the file system when the file cannot be made
   */
  constructor(path: string, number: number, linkType: number, nanoseconds: boolean, index: SegmentIndex) {
    this.index = index;
    this.number = number;
    this.linkType = linkType;
    this.nanoseconds = nanoseconds;
    this.#fd = openSync(path, 'w', 0o600);
    const header = Buffer.alloc(PCAP_HEADER);
    header.writeUInt32LE(nanoseconds ? NANOSECONDS : MICROSECONDS, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(LONGEST_PACKET, 16);
    header.writeUInt32LE(linkType, 20);
    writeSync(this.#fd, header);
  }

  /** Bytes of the segment when all is written. */
  get length(): number {
    return this.size + this.#filled;
  }

  /** Copies the record of a packet. */
  append(packet: Packet): void {
    const { bytes, start } = packet;
    const length = packet.end - start;
    if (this.#filled + RECORD_HEADER + length > this.#buffer.length) this.#makeRoom();
    const at = this.#filled;
    const view = this.#view;
    view.setUint32(at, packet.seconds, true);
    view.setUint32(at + 4, this.nanoseconds ? packet.nanoseconds : Math.floor(packet.nanoseconds / 1000), true);
    view.setUint32(at + 8, length, true);
    view.setUint32(at + 12, packet.wireLength, true);
    if (bytes !== this.#source) {
      this.#source = bytes;
      this.#sourceBuffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#sourceBuffer.copy(this.#buffer, at + RECORD_HEADER, start, packet.end);
    this.#filled = at + RECORD_HEADER + length;
    this.offset = this.size + at;
  }

  /** The packets that follow lie in a piece that `write` writes whole: their offsets are known before. */
  expect(raw: RawRecords): void {
    this.flush();
    this.#shift = this.size - raw.from - RECORD_HEADER;
  }

  /** A packet of that piece. */
  pass(packet: Packet): void {
    this.offset = packet.start + this.#shift;
  }

  /** Writes the records of the piece. */
  write({ bytes, from, to }: RawRecords): void {
    this.#writeNow(bytes, from, to);
  }

  /** Writes what was appended, and is done when it returns. */
  flush(): void {
    const filled = this.#filled;
    this.#filled = 0;
    if (filled > 0) this.#writeNow(this.#buffer, 0, filled);
  }

  /** Begins to write what was appended; wait for `settled` before the next call. */
  flushBeside(): void {
    if (this.#filled === 0 || this.failure) return;
    const { size: offset } = this;
    const buffer = this.#buffer;
    const length = this.#filled;
    this.#take(this.#spare ?? Buffer.allocUnsafeSlow(BUFFER));
    this.#spare = buffer;
    this.size = offset + length;
    this.#writing = writeAll(this.#fd, buffer, length, offset)
      .catch((error: unknown) => this.#fail(error, offset))
      .finally(() => {
        this.#writing = undefined;
        if (this.#closed) closeSync(this.#fd);
      });
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Writes the rest. The file is closed when the last write is done. */
  finish(): void {
    if (!this.failure) this.flush();
    this.#closed = true;
    this.#buffer = NOTHING;
    if (!this.#writing) closeSync(this.#fd);
  }

  #makeRoom(): void {
    this.flush();
    if (this.#buffer.length === 0) this.#take(Buffer.allocUnsafeSlow(BUFFER));
  }

  #take(buffer: Buffer): void {
    this.#buffer = buffer;
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    this.#filled = 0;
  }

  #writeNow(bytes: Uint8Array, from: number, to: number): void {
    if (this.failure) return;
    const { size } = this;
    try {
      for (let at = from; at < to; ) at += writeSync(this.#fd, bytes, at, to - at, size + at - from);
      this.size = size + to - from;
    } catch (error) {
      this.#fail(error, size);
    }
  }

  /** What lies beyond must not be taken for records. */
  #fail(error: unknown, size: number): void {
    this.failure = error instanceof Error ? error : new Error(String(error));
    this.size = size;
    try {
      ftruncateSync(this.#fd, size);
    } catch {
      // The size that is told is right all the same.
    }
  }
}

const NOTHING = Buffer.alloc(0);

function writeAll(fd: number, buffer: Buffer, length: number, offset: number, at = 0): Promise<void> {
  return new Promise((resolve, reject) => {
    write(fd, buffer, at, length - at, offset + at, (error, written) => {
      if (error) reject(error);
      else if (at + written >= length) resolve();
      else resolve(writeAll(fd, buffer, length, offset, at + written));
    });
  });
}
