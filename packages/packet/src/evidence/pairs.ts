/** Which packets are of two ends that an alert is about. */
import type { Place } from './choice.ts';
import { endOfText } from './ends.ts';
import { ENTRY, Entry } from './segment-index.ts';

/** Pairs of ends that one alert brings together at most, as a scan does. */
const MOST_PAIRS = 1024;

/** Addresses of one end of an alert's traffic. */
export interface WantedEnd {
  readonly ip: string | null;
  readonly mac: string | null;
}

/** Pairs of ends whose packets are wanted, in either direction. */
export class Pairs {
  #count = 0;
  /** The first pair: most alerts have no other. */
  #a = 0;
  #b = 0;
  readonly #all = new Map<number, Set<number>>();

  /** The two ends of an alert, by IP and by MAC address. */
  addEnds(source: WantedEnd | null, destination: WantedEnd | null): void {
    for (const kind of ['ip', 'mac'] as const) {
      const [a, b] = [source?.[kind], destination?.[kind]];
      if (a && b) this.#add(endOfText(a), endOfText(b));
    }
  }

  /** The pair of a packet that the alert names. */
  addEntry({ segment: { index }, entry }: Place): void {
    const at = entry * ENTRY;
    this.#add(index.entries[at + Entry.SOURCE], index.entries[at + Entry.DESTINATION]);
  }

  /** Hot while segments are searched. */
  has(entries: Int32Array, at: number): boolean {
    const source = entries[at + Entry.SOURCE];
    const destination = entries[at + Entry.DESTINATION];
    if (this.#count > 1) return this.#all.get(source)?.has(destination) ?? false;
    return this.#count > 0 && ((source === this.#a && destination === this.#b) || (source === this.#b && destination === this.#a));
  }

  #add(a: number, b: number): void {
    if (this.#count >= MOST_PAIRS || this.#all.get(a)?.has(b)) return;
    if (this.#count === 0) [this.#a, this.#b] = [a, b];
    this.#count++;
    this.#link(a, b);
    this.#link(b, a);
  }

  #link(from: number, to: number): void {
    const known = this.#all.get(from);
    if (known) known.add(to);
    else this.#all.set(from, new Set([to]));
  }
}
