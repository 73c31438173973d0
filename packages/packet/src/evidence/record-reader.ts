/** Records of segments, read back one by one or many in a row. */
import { closeSync, openSync, readSync } from 'node:fs';
import { LONGEST_PACKET, LONGEST_WIRE } from '../capture/chunk.ts';
import { carried } from '../capture/pcap.ts';
import { MICROSECONDS, NANOSECONDS, PCAP_HEADER, RECORD_HEADER } from './segment-file.ts';

const READ_AHEAD = 1 << 16;

/** One frame as it was captured. */
export interface StoredFrame {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly wireLength: number;
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

export class RecordReader {
  readonly #fd: number;
  readonly #linkType: number;
  readonly #nanoseconds: boolean;
  readonly #ahead = Buffer.allocUnsafe(READ_AHEAD);
  #from = 0;
  #length = 0;

  /** @throws the error of the file system, or Error when the file is no segment */
  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    const header = this.#bytesAt(0, PCAP_HEADER);
    const magic = header?.readUInt32LE(0);
    if (!header || (magic !== NANOSECONDS && magic !== MICROSECONDS)) {
      closeSync(this.#fd);
      throw new Error(`${path} is no segment`);
    }
    this.#nanoseconds = magic === NANOSECONDS;
    this.#linkType = header.readUInt32LE(20);
  }

  /** The record at an offset; undefined when there is no whole one. Cheap when offsets ascend. */
  read(offset: number): StoredFrame | undefined {
    const header = this.#bytesAt(offset, RECORD_HEADER);
    if (!header) return undefined;
    const [second, captured, told] = [0, 8, 12].map((at) => header.readUInt32LE(at));
    // As the reader of captures takes it: whole pieces of captures are kept as they are.
    const [seconds, nanoseconds] = carried(second, header.readInt32LE(4) * (this.#nanoseconds ? 1 : 1000));
    if (captured > LONGEST_PACKET) return undefined;
    const bytes = this.#bytesAt(offset + RECORD_HEADER, captured);
    if (!bytes) return undefined;
    return {
      seconds,
      nanoseconds,
      wireLength: told < captured || told > LONGEST_WIRE ? captured : told,
      linkType: this.#linkType,
      bytes: Uint8Array.from(bytes),
    };
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Bytes of the file, valid until the next call; undefined beyond its end. */
  #bytesAt(offset: number, length: number): Buffer | undefined {
    if (length > READ_AHEAD) {
      const long = Buffer.allocUnsafe(length);
      return readSync(this.#fd, long, 0, length, offset) === length ? long : undefined;
    }
    if (offset < this.#from || offset + length > this.#from + this.#length) {
      this.#from = offset;
      this.#length = readSync(this.#fd, this.#ahead, 0, READ_AHEAD, offset);
      if (length > this.#length) return undefined;
    }
    const at = offset - this.#from;
    return this.#ahead.subarray(at, at + length);
  }
}

/** Undefined when the segment was deleted for room meanwhile. */
export function openSegment(path: string): RecordReader | undefined {
  try {
    return new RecordReader(path);
  } catch {
    return undefined;
  }
}
