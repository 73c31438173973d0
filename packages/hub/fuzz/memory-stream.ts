/** A connection without a network: what a client would write is pushed in, what the hub writes is kept for a look. */
import { Duplex } from 'node:stream';

const MOST_KEPT = 64 * 1024;

export class MemoryStream extends Duplex {
  readonly #written: Buffer[] = [];
  #kept = 0;
  /** Bytes the hub wrote altogether. */
  bytesWritten = 0;
  /** Called when the hub has written. */
  onWrite: () => void = () => {};

  constructor() {
    super({ allowHalfOpen: false, emitClose: true });
    this.on('error', () => {});
  }

  override _read(): void {}

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.bytesWritten += piece.length;
    if (this.#kept < MOST_KEPT) {
      this.#written.push(piece);
      this.#kept += piece.length;
    }
    done();
    this.onWrite();
  }

  /** What the hub wrote, up to a bound. */
  get written(): Buffer {
    return Buffer.concat(this.#written);
  }

  /** Gives the hub bytes as a client's. */
  give(bytes: Buffer): void {
    if (!this.destroyed) this.push(bytes);
  }
}
