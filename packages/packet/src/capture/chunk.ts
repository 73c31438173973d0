/**
 * The piece of the capture under the reader: one buffer, refilled in place, the unread rest carried to its front.
 *
 * Hot code: readers look at `bytes[at, end)` directly; nothing here runs per packet.
 */
import type { ByteSource } from './byte-source.ts';

/** Bytes read at once. Small enough to stay in the second-level cache together with the tables. */
const CHUNK_SIZE = 1 << 20;
/** Packets captured longer than this do not exist in practice (libpcap's own limit); a record that says so is damaged. */
export const LONGEST_PACKET = 262_144;
/** A length on the wire above this is damage; the captured length then stands for it. */
export const LONGEST_WIRE = 1 << 28;

export class Chunk {
  readonly bytes: Uint8Array;
  /** First unread byte. Past `end` when a block is being skipped. */
  at = 0;
  end = 0;
  /** The source has no more bytes. */
  ended = false;
  /** Position of `bytes[0]` in the (decompressed) file. */
  position = 0;
  readonly #source: ByteSource;

  constructor(source: ByteSource, size = CHUNK_SIZE) {
    this.#source = source;
    this.bytes = new Uint8Array(Math.max(size, 2 * LONGEST_PACKET));
  }

  /** Position of the next unread byte in the (decompressed) file. */
  get offset(): number {
    return this.position + this.at;
  }

  /** Unread bytes. */
  get left(): number {
    return Math.max(0, this.end - this.at);
  }

  /** Carries the rest to the front and reads on until the buffer is full or the source ends. False when nothing came. */
  async refill(): Promise<boolean> {
    if (this.at < this.end) this.bytes.copyWithin(0, this.at, this.end);
    const rest = this.left;
    let skip = Math.max(0, this.at - this.end);
    this.position += this.at - skip;
    this.at = 0;
    this.end = rest;
    while (!this.ended && this.end < this.bytes.length) {
      const count = await this.#source.read(this.bytes, this.end);
      if (count === 0) {
        this.ended = true;
        break;
      }
      if (skip > 0) {
        // A skipped block reaches into these bytes or beyond them: drop that part.
        const dropped = Math.min(skip, count);
        skip -= dropped;
        this.position += dropped;
        this.bytes.copyWithin(0, dropped, count);
        this.end = count - dropped;
        continue;
      }
      this.end += count;
      if (!this.#source.eager) break;
    }
    this.at = skip;
    return this.end > rest;
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
