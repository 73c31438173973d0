/**
 * What is remembered of one transport connection: half-read TSDUs of both directions and the readers of its users. The
 * buffers exist only while a TSDU is spread over several DTs and are bounded by `LONGEST_TSDU`.
 */
import { HALF_READ, HalfRead } from '../half-read.ts';
import type { CotpReader } from './user.ts';

/** S7 and MMS negotiate PDUs of at most 64 KiB; a longer TSDU is not put together. */
export const LONGEST_TSDU = 65_536;

class PartialTsdu extends HalfRead {
  bytes = new Uint8Array(0);
  length = 0;
  /** The bound was passed: wait for the last DT and drop the TSDU. */
  overflow = false;

  append(bytes: Uint8Array, start: number, end: number): boolean {
    const size = end - start;
    if (this.overflow || this.length + size > LONGEST_TSDU) {
      const first = !this.overflow;
      this.close();
      this.giveUp();
      return !first;
    }
    if (this.length + size > this.bytes.length) {
      const larger = new Uint8Array(Math.min(LONGEST_TSDU, Math.max(1_024, 2 * (this.length + size))));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
      HALF_READ.hold(this, larger.length);
    }
    this.bytes.set(bytes.subarray(start, end), this.length);
    this.length += size;
    return true;
  }

  override giveUp(): void {
    this.overflow = true;
    this.bytes = new Uint8Array(0);
    this.length = 0;
  }

  /** Nothing more comes of it. */
  close(): void {
    if (this.bytes.length > 0) HALF_READ.hold(this, 0);
  }
}

export class CotpConnection {
  /** By position in the dissector's list of users. */
  readonly readers: (CotpReader | undefined)[] = [];
  #toServer: PartialTsdu | undefined;
  #toClient: PartialTsdu | undefined;

  /** The half-read TSDU of a direction, or undefined when none is open. */
  partial(toServer: boolean): { readonly bytes: Uint8Array; readonly length: number; readonly overflow: boolean } | undefined {
    return toServer ? this.#toServer : this.#toClient;
  }

  /** Adds the data of one DT. False when this DT has just broken the bound. Empty DTs open nothing. */
  append(toServer: boolean, bytes: Uint8Array, start: number, end: number): boolean {
    const open = toServer ? this.#toServer : this.#toClient;
    if (!open && start === end) return true;
    const partial = open ?? new PartialTsdu();
    if (toServer) this.#toServer = partial;
    else this.#toClient = partial;
    return partial.append(bytes, start, end);
  }

  /** Forgets the half-read TSDU of a direction. */
  close(toServer: boolean): void {
    (toServer ? this.#toServer : this.#toClient)?.close();
    if (toServer) this.#toServer = undefined;
    else this.#toClient = undefined;
  }

  gap(): void {
    this.close(true);
    this.close(false);
    for (const reader of this.readers) reader?.gap();
  }
}
