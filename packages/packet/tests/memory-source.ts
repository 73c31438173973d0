import type { ByteSource } from '../src/capture/byte-source.ts';

/** A capture in memory, handed out at once, or in pieces of the given size, each of which becomes a batch. */
export class MemorySource implements ByteSource {
  readonly eager: boolean;
  readonly damage = null;
  readonly #content: Uint8Array;
  readonly #piece: number;
  #at = 0;

  constructor(content: Uint8Array, piece?: number) {
    this.eager = piece === undefined;
    this.#content = content;
    this.#piece = piece ?? content.length;
  }

  read(bytes: Uint8Array, at: number): Promise<number> {
    const count = Math.min(this.#piece, bytes.length - at, this.#content.length - this.#at);
    bytes.set(this.#content.subarray(this.#at, this.#at + count), at);
    this.#at += count;
    return Promise.resolve(count);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
