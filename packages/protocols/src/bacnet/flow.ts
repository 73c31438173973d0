/**
 * What is remembered of one BACnet flow: which service an invoke id stands for (Reject and Abort do not say), what a
 * request would do (an acknowledgement does not say), and the segments of long messages. Bounded: 16 requests, one
 * segmented message each way of 64 KiB.
 */
import { HALF_READ, HalfRead } from '../half-read.ts';

const REQUESTS = 16;
const LONGEST = 0x10000;

/** A segmented message being put together. */
export class Assembly extends HalfRead {
  key = -1;
  next = 0;
  length = 0;
  bytes = new Uint8Array(0);

  override giveUp(): void {
    this.key = -1;
    this.length = 0;
    this.bytes = new Uint8Array(0);
  }
}

export class BacnetFlow {
  /** direction << 24 | invoke id << 16 | detail << 8 | service, -1 when free. */
  readonly #requests = new Int32Array(REQUESTS).fill(-1);
  #next = 0;
  #assemblies: [Assembly, Assembly] | null = null;
  /** Last identities told, so that polling does not repeat them. */
  readonly identities: string[] = [];

  remember(toServer: boolean, invoke: number, service: number, detail: number): void {
    this.#requests[this.#next] = ((toServer ? 1 : 0) << 24) | (invoke << 16) | (detail << 8) | service;
    this.#next = (this.#next + 1) % REQUESTS;
  }

  /** Takes the request an answer belongs to, as `detail << 8 | service`; -1 when it was not seen. */
  take(toServer: boolean, invoke: number): number {
    const key = ((toServer ? 0 : 1) << 8) | invoke;
    for (let i = 0; i < REQUESTS; i++) {
      const one = this.#requests[i];
      if (one >= 0 && one >> 16 === key) {
        this.#requests[i] = -1;
        return one & 0xffff;
      }
    }
    return -1;
  }

  /** Adds a segment; returns the assembly when it was the next one, or null. `key` names the message. */
  segment(toServer: boolean, key: number, sequence: number, bytes: Uint8Array, start: number, end: number): Assembly | null {
    this.#assemblies ??= [new Assembly(), new Assembly()];
    const assembly = this.#assemblies[toServer ? 0 : 1];
    if (sequence === 0 && (assembly.key !== key || assembly.next !== 256)) {
      assembly.key = key;
      assembly.next = 0;
      assembly.length = 0;
    }
    if (assembly.key !== key || (assembly.next & 0xff) !== sequence || assembly.length + end - start > LONGEST) return null;
    if (assembly.length + end - start > assembly.bytes.length) {
      const larger = new Uint8Array(Math.min(LONGEST, Math.max(2048, 2 * (assembly.length + end - start))));
      larger.set(assembly.bytes.subarray(0, assembly.length));
      assembly.bytes = larger;
      HALF_READ.hold(assembly, larger.length);
    }
    assembly.bytes.set(bytes.subarray(start, end), assembly.length);
    assembly.length += end - start;
    assembly.next++;
    return assembly;
  }

  /** Forgets an assembly that was read. */
  done(assembly: Assembly): void {
    HALF_READ.hold(assembly, 0);
    assembly.giveUp();
  }

  /** True the first time an identity is told in this flow; bounded to the last eight. */
  fresh(print: string): boolean {
    if (this.identities.includes(print)) return false;
    if (this.identities.length === 8) this.identities.shift();
    this.identities.push(print);
    return true;
  }
}
