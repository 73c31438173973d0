/**
 * A set of int32 tuples with two value columns: rows of eight int32, found by the first six through open addressing; a key
 * that has fewer leaves the others 0. Grows by doubling up to a bound; beyond it, new tuples are refused and counted.
 *
 * Hot code: lookups allocate nothing. Row numbers are stable; `rows` is replaced when the table grows, so read it afresh
 * after `insert`. Column `c` of row `r` is `table.rows[r * WIDTH + c]`.
 */
import { hashOf, LONGEST_PROBE } from './hash.ts';

/** Columns of a row. */
export const WIDTH = 8;
const WIDTH_SHIFT = 3;
/** Columns of values, behind the key. */
export const VALUE = 6;
export const SECOND_VALUE = 7;

/** Low bits of a slot: row + 1. The bits above hold a part of the hash, so that most rows of other tuples are not touched. */
const ROW_BITS = 21;
const ROW_MASK = (1 << ROW_BITS) - 1;

export interface TupleTableOptions {
  /** Most rows the table takes. */
  readonly maxRows: number;
  readonly initialRows?: number;
}

export class TupleTable {
  rows: Int32Array;
  /** Rows in use; they are 0 to `size - 1`, in order of insertion. */
  size = 0;
  /** New tuples that found the table full. */
  refused = 0;
  /** The last `insert` made the row. */
  created = false;
  readonly maxRows: number;
  /** 0 for free; else see `ROW_BITS`. */
  #slots: Int32Array;
  #mask: number;

  constructor(options: TupleTableOptions) {
    if (options.maxRows > ROW_MASK) throw new RangeError(`a tuple table holds at most ${ROW_MASK} rows, not ${options.maxRows}`);
    this.maxRows = options.maxRows;
    const rows = Math.min(options.maxRows, options.initialRows ?? 64);
    this.rows = new Int32Array(rows * WIDTH);
    this.#mask = slotsFor(rows) - 1;
    this.#slots = new Int32Array(this.#mask + 1);
  }

  /** Row of the tuple, or -1. */
  find(k0: number, k1: number, k2: number, k3: number, k4: number, k5: number): number {
    const hash = hashOf(k0, k1, k2, k3, k4, k5);
    const mask = this.#mask;
    const slots = this.#slots;
    const rows = this.rows;
    let slot = hash & mask;
    for (let probes = 0; probes < LONGEST_PROBE; probes++) {
      const taken = slots[slot];
      if (taken === 0) return -1;
      if (((taken ^ hash) & ~ROW_MASK) === 0) {
        const row = (taken & ROW_MASK) - 1;
        const at = row << WIDTH_SHIFT;
        if (
          rows[at] === k0 &&
          rows[(at + 1) | 0] === k1 &&
          rows[(at + 2) | 0] === k2 &&
          rows[(at + 3) | 0] === k3 &&
          rows[(at + 4) | 0] === k4 &&
          rows[(at + 5) | 0] === k5
        )
          return row;
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** Row of the tuple, made with zero values when it is new (`created`); -1 when the table is full. */
  insert(k0: number, k1: number, k2: number, k3: number, k4: number, k5: number): number {
    const found = this.find(k0, k1, k2, k3, k4, k5);
    this.created = false;
    if (found >= 0) return found;
    if (this.size < this.maxRows && (this.size + 1) * WIDTH > this.rows.length) this.#grow();
    const row = this.size;
    if (row >= this.maxRows || !this.#enter(row, hashOf(k0, k1, k2, k3, k4, k5))) {
      this.refused++;
      return -1;
    }
    this.size++;
    const at = row * WIDTH;
    const rows = this.rows;
    rows[at] = k0;
    rows[at + 1] = k1;
    rows[at + 2] = k2;
    rows[at + 3] = k3;
    rows[at + 4] = k4;
    rows[at + 5] = k5;
    this.created = true;
    return row;
  }

  /** The rows in use, for saving; `restore` reads them. */
  snapshot(): Int32Array {
    return this.rows.slice(0, this.size * WIDTH);
  }

  /** Replaces the contents by the rows of a snapshot; rows beyond the bound are refused and counted. */
  restore(snapshot: Int32Array): void {
    this.clear();
    for (let at = 0; at + WIDTH <= snapshot.length; at += WIDTH) {
      const row = this.insert(snapshot[at], snapshot[at + 1], snapshot[at + 2], snapshot[at + 3], snapshot[at + 4], snapshot[at + 5]);
      if (row >= 0) this.rows.set(snapshot.subarray(at, at + WIDTH), row * WIDTH);
    }
  }

  clear(): void {
    this.rows.fill(0, 0, this.size * WIDTH);
    this.#slots.fill(0);
    this.size = 0;
  }

  /** Puts a row that is not in the table yet into a free slot; false when the chain is too long. */
  #enter(row: number, hash: number): boolean {
    const mask = this.#mask;
    const slots = this.#slots;
    let slot = hash & mask;
    for (let probes = 0; probes < LONGEST_PROBE; probes++) {
      if (slots[slot] === 0) {
        slots[slot] = (hash & ~ROW_MASK) | (row + 1);
        return true;
      }
      slot = (slot + 1) & mask;
    }
    return false;
  }

  #grow(): void {
    const capacity = Math.min(this.maxRows, (this.rows.length / WIDTH) * 2);
    const rows = new Int32Array(capacity * WIDTH);
    rows.set(this.rows);
    this.rows = rows;
    this.#mask = slotsFor(capacity) - 1;
    this.#slots = new Int32Array(this.#mask + 1);
    // A chain that is too long loses the row's slot: the tuple then counts as new once more, and is refused.
    for (let row = 0; row < this.size; row++) {
      const at = row * WIDTH;
      this.#enter(row, hashOf(rows[at], rows[at + 1], rows[at + 2], rows[at + 3], rows[at + 4], rows[at + 5]));
    }
  }
}

/** At least twice as many slots as rows, a power of two. */
function slotsFor(rows: number): number {
  let slots = 16;
  while (slots < rows * 2) slots *= 2;
  return slots;
}
