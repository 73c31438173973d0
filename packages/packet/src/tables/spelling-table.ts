/**
 * Numbers by the bytes that spell them, so that a name that is met again costs no text. Bounded in entries and in bytes: what
 * finds no room is not remembered, and the caller makes its text each time.
 *
 * Hot code: `find` allocates nothing.
 */
import { randomInt } from 'node:crypto';

/** Differs in each process, so that nobody can prepare names that collide. */
const SEED = randomInt(0x7fffffff) | 1;
const LONGEST = 512;
const LONGEST_PROBE = 64;
/** Columns of an entry: hash, first byte in the store, length, number. */
const WIDTH = 4;

export class SpellingTable {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #entries = new Int32Array(16 * WIDTH);
  #size = 0;
  #store = new Uint8Array(256);
  #stored = 0;
  /** Entry + 1, 0 for free: at least twice as many slots as entries. */
  #slots = new Int32Array(32);
  /** Hash of the spelling that `find` looked for last: `add` follows it. */
  #hash = 0;

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** The number added for exactly the bytes `bytes[start, end)`, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    let hash = SEED ^ (end - start);
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
    hash ^= hash >>> 15;
    this.#hash = hash;
    const slots = this.#slots;
    const entries = this.#entries;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let probes = 0; probes < LONGEST_PROBE; probes++) {
      const taken = slots[slot];
      if (taken === 0) return -1;
      const at = (taken - 1) * WIDTH;
      if (entries[at] === hash && entries[at + 2] === end - start && this.#isStored(entries[at + 1], bytes, start, end))
        return entries[at + 3];
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** Remembers the number of the bytes that `find` has just looked for in vain. Returns the number. */
  add(bytes: Uint8Array, start: number, end: number, number: number): number {
    const length = end - start;
    if (this.#size >= this.#maxEntries || length > LONGEST || this.#stored + length > this.#maxBytes) return number;
    if ((this.#size + 1) * WIDTH > this.#entries.length) this.#grow();
    if (this.#stored + length > this.#store.length) {
      const wider = new Uint8Array(Math.max(this.#store.length * 2, this.#stored + length));
      wider.set(this.#store);
      this.#store = wider;
    }
    this.#store.set(bytes.subarray(start, end), this.#stored);
    const at = this.#size * WIDTH;
    this.#entries[at] = this.#hash;
    this.#entries[at + 1] = this.#stored;
    this.#entries[at + 2] = length;
    this.#entries[at + 3] = number;
    this.#stored += length;
    this.#size++;
    this.#enter(this.#size - 1);
    return number;
  }

  #isStored(from: number, bytes: Uint8Array, start: number, end: number): boolean {
    const store = this.#store;
    for (let at = start, kept = from; at < end; at++, kept++) if (store[kept] !== bytes[at]) return false;
    return true;
  }

  #enter(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#entries[entry * WIDTH] & mask;
    for (let probes = 0; probes < LONGEST_PROBE; probes++) {
      if (this.#slots[slot] === 0) {
        this.#slots[slot] = entry + 1;
        return;
      }
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const entries = new Int32Array(this.#entries.length * 2);
    entries.set(this.#entries);
    this.#entries = entries;
    this.#slots = new Int32Array((entries.length / WIDTH) * 2);
    for (let entry = 0; entry < this.#size; entry++) this.#enter(entry);
  }
}
