/**
 * Entries with wildcards: what they allow is found when the tables of exact entries have no answer, and remembered there. So
 * a pattern costs something the first time a tuple is met, and nothing afterwards.
 */
import type { TextTable } from '@annunciator/packet/tables/text-table';
import type { AddressSet } from '../inventory/address-set.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { type Entry, fits, inBounds, lineOf, partOf } from './entry.ts';

/** Patterns beyond are refused and counted. */
const MAX_PATTERNS = 4096;

export class Patterns {
  refused = 0;
  readonly #byAspect = new Map<number, Map<string, Entry>>();
  readonly #inventory: Inventory;
  readonly #text: (interned: number) => string;
  #size = 0;

  constructor(inventory: Inventory, texts: TextTable) {
    this.#inventory = inventory;
    this.#text = (interned) => texts.text(interned);
  }

  get size(): number {
    return this.#size;
  }

  /** False when there is no room. */
  add(entry: Entry): boolean {
    const line = lineOf(entry.learnable);
    let entries = this.#byAspect.get(entry.aspect);
    if (!entries) this.#byAspect.set(entry.aspect, (entries = new Map()));
    if (entries.has(line)) return true;
    if (this.#size >= MAX_PATTERNS) {
      this.refused++;
      return false;
    }
    entries.set(line, entry);
    this.#size++;
    return true;
  }

  /** True when it was there. */
  remove(entry: Entry): boolean {
    const removed = this.#byAspect.get(entry.aspect)?.delete(lineOf(entry.learnable)) ?? false;
    if (removed) this.#size--;
    return removed;
  }

  has(entry: Entry): boolean {
    return this.#byAspect.get(entry.aspect)?.has(lineOf(entry.learnable)) ?? false;
  }

  /** True when a pattern allows the tuple. */
  match(who: number, whom: number, aspect: number, a: number, b: number): boolean {
    const entries = this.#byAspect.get(aspect);
    if (!entries) return false;
    for (const entry of entries.values()) if (this.#ends(entry, who, whom) && this.#values(entry, a, b)) return true;
    return false;
  }

  /** True when a pattern allows all items from `first` to `last` within `key`. */
  matchRange(who: number, whom: number, aspect: number, key: number, first: number, last: number): boolean {
    const entries = this.#byAspect.get(aspect);
    if (!entries) return false;
    for (const entry of entries.values()) {
      if (!this.#ends(entry, who, whom) || !this.#values(entry, key, 0)) continue;
      if (entry.items.kind === 'any' || (entry.items.kind === 'numbers' && inBounds(entry.items.bounds, first, last))) return true;
    }
    return false;
  }

  *[Symbol.iterator](): IterableIterator<Entry> {
    for (const entries of this.#byAspect.values()) yield* entries.values();
  }

  #values(entry: Entry, a: number, b: number): boolean {
    const { fields } = entry.definition;
    for (let i = 0; i < fields.length; i++) if (!fits(entry.fields[i], partOf(fields[i], a, b), this.#text)) return false;
    return true;
  }

  #ends({ sources, destinations, learnable, definition }: Entry, who: number, whom: number): boolean {
    if (!this.#isEnd(sources, learnable.source, who)) return false;
    return definition.between === 'source' || this.#isEnd(destinations, learnable.destination, whom);
  }

  #isEnd(set: AddressSet | null, name: string, party: number): boolean {
    if (set === null) return this.#inventory.nameOf(party) === name;
    const { device, address } = this.#inventory.party(party);
    if (!device) return set.has(address);
    return device.ips.some((ip) => set.has(ip)) || device.macs.some((mac) => set.has(mac));
  }
}
