/** The packets that an alert is to have, chosen one by one within its limits. */
import type { IndexedSegment } from './archive.ts';
import { evidenceLength } from './pcapng-file.ts';
import { RECORD_HEADER } from './segment-file.ts';

/** A packet by its segment and its entry there. */
export interface Place {
  readonly segment: IndexedSegment;
  readonly entry: number;
  /** Its number in this run, where the alert names it. */
  readonly frame?: number;
}

/** The packets chosen so far, and what they take. */
export class Choice {
  #packets = 0;
  #bytes = 0;
  readonly #bySegment = new Map<number, { readonly segment: IndexedSegment; readonly entries: Set<number> }>();

  /** Takes a packet, once. False when the limits do not allow it. */
  take({ segment, entry }: Place, { packets, bytes }: { readonly packets: number; readonly bytes: number }): boolean {
    const { index, number, size } = segment;
    const end = entry + 1 < index.count ? index.offset(entry + 1) : size;
    const length = evidenceLength(end - index.offset(entry) - RECORD_HEADER);
    let chosen = this.#bySegment.get(number);
    if (chosen?.entries.has(entry)) return true;
    if (this.#packets + 1 > packets || this.#bytes + length > bytes) return false;
    if (!chosen) {
      chosen = { segment, entries: new Set() };
      this.#bySegment.set(number, chosen);
    }
    chosen.entries.add(entry);
    this.#packets++;
    this.#bytes += length;
    return true;
  }

  /** In the order in which they were kept. */
  segments(): { readonly segment: IndexedSegment; readonly entries: readonly number[] }[] {
    return [...this.#bySegment.values()]
      .sort((a, b) => a.segment.number - b.segment.number)
      .map(({ segment, entries }) => ({ segment, entries: [...entries].sort((a, b) => a - b) }));
  }
}
