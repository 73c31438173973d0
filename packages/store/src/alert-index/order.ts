/** The order of alerts: the first ones of a page, and all of them piece by piece. */
import type { AlertQuery } from '../alert-query.ts';
import type { Columns } from './columns.ts';
import type { Selection } from './selection.ts';

/** Below 0 when the first slot comes first. Never 0 for two different slots. */
export type Compare = (a: number, b: number) => number;

type Sort = AlertQuery['sort'];

/** Alerts sorted at once: about twenty milliseconds, so that questions of others are answered in between. */
const RUN = 32_768;

export function compareBy(columns: Columns, { column, descending }: Sort): Compare {
  if (column === 'id') {
    const { ids } = columns;
    return descending ? (a, b) => compareTexts(ids[b], ids[a]) || b - a : (a, b) => compareTexts(ids[a], ids[b]) || a - b;
  }
  if (isNumber(column)) {
    const values = columns.numbers[column];
    return descending ? (a, b) => values[b] - values[a] || b - a : (a, b) => values[a] - values[b] || a - b;
  }
  const codes = columns.codes[column];
  const ranks = columns.dictionaries[column].ranks();
  return descending ? (a, b) => ranks[codes[b]] - ranks[codes[a]] || b - a : (a, b) => ranks[codes[a]] - ranks[codes[b]] || a - b;
}

/** The value of an alert in a column, as a cursor keeps it. */
export function valueAt(columns: Columns, column: Sort['column'], slot: number): string | number {
  if (column === 'id') return columns.ids[slot];
  return isNumber(column) ? columns.numbers[column][slot] : columns.dictionaries[column].textOf(columns.codes[column][slot]);
}

/** Tells whether a slot comes after the alert that had this value and sequence number. */
export function comesAfter(columns: Columns, { column, descending }: Sort, value: string | number, seq: number): (slot: number) => boolean {
  const seqs = columns.numbers.seq;
  const sign = descending ? -1 : 1;
  const tie = (slot: number) => sign * (seqs[slot] - seq) > 0;
  if (column === 'id') {
    const { ids } = columns;
    const asked = String(value);
    return (slot) => (ids[slot] === asked ? tie(slot) : sign * compareTexts(ids[slot], asked) > 0);
  }
  const values = isNumber(column) ? columns.numbers[column] : undefined;
  if (values) {
    const asked = Number(value);
    return (slot) => (values[slot] === asked ? tie(slot) : sign * (values[slot] - asked) > 0);
  }
  const text = column as Exclude<Sort['column'], 'id' | 'severity' | 'firstDetection' | 'lastDetection' | 'lastActivity'>;
  const codes = columns.codes[text];
  const dictionary = columns.dictionaries[text];
  const place = dictionary.placeOf(String(value));
  const ranks = dictionary.ranks();
  return (slot) => {
    const rank = ranks[codes[slot]];
    return rank === place ? tie(slot) : sign * (rank - place) > 0;
  };
}

/** The first slots of a selection in an order, of those that pass. */
export function firstOf(selection: Selection, sort: Sort, compare: Compare, limit: number, passes?: (slot: number) => boolean): number[] {
  const { slots, count } = selection;
  const found: number[] = [];
  let worst = -1;
  // From the end that comes first where values tie or grow with time: then most slots are worse than what is found already.
  const step = sort.descending ? -1 : 1;
  for (let at = sort.descending ? count - 1 : 0; at >= 0 && at < count; at += step) {
    const slot = slots[at];
    if (found.length === limit && compare(worst, slot) < 0) continue;
    if (passes && !passes(slot)) continue;
    let low = 0;
    let high = found.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(found[middle], slot) < 0) low = middle + 1;
      else high = middle;
    }
    if (found.length === limit) found.pop();
    found.splice(low, 0, slot);
    worst = found[found.length - 1];
  }
  return found;
}

/**
 * All slots of a selection in order. They are sorted in runs, which are merged as they are asked for. An alert that
 * changes meanwhile may come out of its place, but none is lost and none comes twice.
 */
export class Ordered {
  readonly #order: () => Compare;
  #compare: Compare;
  /** Slots of all runs; each run is sorted by itself. */
  #slots: Uint32Array;
  #sorted = 0;
  /** Next and end of each run. */
  #next: number[] = [];
  #ends: number[] = [];

  constructor(selection: Selection, order: () => Compare) {
    this.#slots = selection.slots.slice(0, selection.count);
    this.#order = order;
    this.#compare = order();
  }

  /** Sorts one more run; false when all are sorted. */
  prepare(): boolean {
    if (this.#sorted >= this.#slots.length) return false;
    const end = Math.min(this.#sorted + RUN, this.#slots.length);
    this.#slots.subarray(this.#sorted, end).sort(this.#compare);
    this.#next.push(this.#sorted);
    this.#ends.push(end);
    this.#sorted = end;
    return true;
  }

  /** The next slots in order, none when all were told. Every run has to be prepared. */
  take(limit: number): number[] {
    const taken: number[] = [];
    while (taken.length < limit && this.#next.length > 0) {
      let best = 0;
      for (let run = 1; run < this.#next.length; run++) {
        if (this.#compare(this.#slots[this.#next[run]], this.#slots[this.#next[best]]) < 0) best = run;
      }
      taken.push(this.#slots[this.#next[best]++]);
      if (this.#next[best] < this.#ends[best]) continue;
      this.#next.splice(best, 1);
      this.#ends.splice(best, 1);
    }
    return taken;
  }

  /** Follows alerts to their new slots; `moved` tells the new slot of each, -1 for those that are gone. */
  move(moved: Int32Array): void {
    const slots = new Uint32Array(this.#slots.length);
    let used = 0;
    const carry = (from: number, to: number): number => {
      for (let at = from; at < to; at++) if (moved[this.#slots[at]] >= 0) slots[used++] = moved[this.#slots[at]];
      return used;
    };
    for (let run = 0; run < this.#next.length; run++) {
      const start = used;
      this.#ends[run] = carry(this.#next[run], this.#ends[run]);
      this.#next[run] = start;
    }
    const rest = carry(this.#sorted, this.#slots.length);
    this.#sorted = this.#ends.at(-1) ?? 0;
    this.#slots = slots.subarray(0, rest);
    this.#compare = this.#order();
  }
}

function isNumber(column: string): column is 'severity' | 'firstDetection' | 'lastDetection' | 'lastActivity' {
  return column === 'severity' || column.endsWith('Detection') || column === 'lastActivity';
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
