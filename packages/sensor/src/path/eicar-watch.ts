/**
 * Looks for the EICAR test file in payloads, also where segments of a stream cut it. Hot code: most payloads cost one look
 * at every 68th byte; only a stream whose last piece ended within the string is remembered (bounded).
 */
import { FLOW_WIDTH, Flow, type FlowTable } from '@annunciator/packet/tables/flow-table';
import { EICAR_LENGTH, EicarStream, findEicar, mayHoldEicar } from '@annunciator/protocols/other/signature';

const MAX_PARTIAL = 4096;
/** Bit of a flow: a direction of it is remembered. Nearly none is, and nothing else needs to be asked then. */
const REMEMBERED = 1 << 23;

/** A direction of a flow that ended within what may be the test file. */
interface Partial {
  readonly stream: EicarStream;
  /** Bytes at the end of the last piece that will come again, as no dissector has used them yet. */
  held: number;
  /** Frame in which the string may have begun. */
  readonly frame: number;
}

export class EicarWatch {
  readonly #partial = new Map<number, Partial>();
  #spare = new EicarStream();
  /** Streams that were not remembered to stay within the bound. */
  refused = 0;
  readonly #flows: FlowTable;

  constructor(flows: FlowTable) {
    this.#flows = flows;
  }

  /** True when a datagram holds the test file. */
  datagram(bytes: Uint8Array, start: number, end: number): boolean {
    return end - start >= EICAR_LENGTH && findEicar(bytes, start, end) >= 0;
  }

  /**
   * Takes the next piece of a direction of a flow.
   * @param held bytes at the end of `bytes[start, end)` with which the next piece will begin
   * @returns the frame in which the test file began when it ends in this piece, else 0
   */
  stream(bytes: Uint8Array, start: number, end: number, row: number, direction: number, held: number, frame: number): number {
    const bits = row * FLOW_WIDTH + Flow.BITS;
    const remembered = (this.#flows.rows[bits] & REMEMBERED) !== 0;
    if (!remembered && !mayHoldEicar(bytes, start, end)) return 0;
    const slot = 2 * row + direction;
    const partial = remembered ? this.#partial.get(slot) : undefined;
    if (partial) {
      const found = partial.stream.push(bytes, Math.min(start + partial.held, end), end);
      partial.held = held;
      if (!partial.stream.partial) this.gap(row, direction);
      return found ? partial.frame : 0;
    }
    if (this.#spare.push(bytes, start, end)) return frame;
    if (!this.#spare.partial) return 0;
    if (this.#partial.size < MAX_PARTIAL) {
      this.#partial.set(slot, { stream: this.#spare, held, frame });
      this.#flows.rows[bits] |= REMEMBERED;
      this.#spare = new EicarStream();
    } else {
      this.#spare.gap();
      this.refused++;
    }
    return 0;
  }

  /** Bytes of a direction were lost. */
  gap(row: number, direction: number): void {
    const { rows } = this.#flows;
    const bits = row * FLOW_WIDTH + Flow.BITS;
    if ((rows[bits] & REMEMBERED) === 0) return;
    this.#partial.delete(2 * row + direction);
    if (!this.#partial.has(2 * row + 1 - direction)) rows[bits] &= ~REMEMBERED;
  }

  /** The flow is over, or begins anew. */
  forget(row: number): void {
    this.gap(row, 0);
    this.gap(row, 1);
  }
}
