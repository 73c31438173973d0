/**
 * Learned ranges: for each (who, to whom, aspect, key) the intervals that are normal. Hot code: `covers` runs for each
 * request of a range and allocates nothing. A row holds, beside its key, the interval that covered the last request:
 * clients ask for the same neighbourhood again, so one line of memory answers, and the list itself is rarely walked.
 */
import { SECOND_VALUE, TupleTable, VALUE, WIDTH } from '@annunciator/packet/tables/tuple-table';
import { Intervals } from './intervals.ts';

const MAX_ROWS = 1 << 16;
/** Columns behind the key: first and last of the interval that covered the last request; first > last when there is none. */
const FIRST = VALUE;
const LAST = SECOND_VALUE;

export class Ranges {
  readonly #table = new TupleTable({ maxRows: MAX_ROWS });
  readonly #intervals: Intervals[] = [];

  get size(): number {
    return this.#table.size;
  }

  /** Row of a key, or -1. Rows are stable. */
  find(who: number, whom: number, aspect: number, key: number): number {
    return this.#table.find(who, whom, aspect, key, 0, 0);
  }

  /** Row of a key, made when new; -1 when there is no room. */
  insert(who: number, whom: number, aspect: number, key: number): number {
    const row = this.#table.insert(who, whom, aspect, key, 0, 0);
    if (row >= this.#intervals.length) {
      this.#intervals.push(new Intervals());
      this.#forget(row);
    }
    return row;
  }

  /** True when the intervals of the row hold all from `first` to `last`. */
  covers(row: number, first: number, last: number): boolean {
    const { rows } = this.#table;
    const at = row * WIDTH;
    if (first >= rows[at + FIRST] && last <= rows[at + LAST]) return true;
    const intervals = this.#intervals[row];
    const found = intervals.before(first);
    if (found < 0 || last > intervals.bounds[found + 1]) return false;
    rows[at + FIRST] = intervals.bounds[found];
    rows[at + LAST] = intervals.bounds[found + 1];
    return true;
  }

  /** First and last of the interval that {@link covers} found last. */
  lowest(row: number): number {
    return this.#table.rows[row * WIDTH + FIRST];
  }

  highest(row: number): number {
    return this.#table.rows[row * WIDTH + LAST];
  }

  add(row: number, first: number, last: number): void {
    // Intervals only grow by this: the one remembered stays within them.
    this.#intervals[row].add(first, last);
  }

  remove(row: number, first: number, last: number): void {
    this.#intervals[row].remove(first, last);
    this.#forget(row);
  }

  /** Bounds of the row's intervals: first, last, first, last ... */
  bounds(row: number): readonly number[] {
    return this.#intervals[row].bounds;
  }

  /** The row's intervals as text: `0-99,200`. */
  text(row: number): string {
    return this.#intervals[row].toString();
  }

  clear(row: number): void {
    this.#intervals[row].bounds.length = 0;
    this.#forget(row);
  }

  /** Visits every row, in order of insertion. */
  forEach(visit: (row: number, who: number, whom: number, aspect: number, key: number) => void): void {
    const { rows, size } = this.#table;
    for (let row = 0; row < size; row++) visit(row, rows[row * WIDTH], rows[row * WIDTH + 1], rows[row * WIDTH + 2], rows[row * WIDTH + 3]);
  }

  #forget(row: number): void {
    this.#table.rows[row * WIDTH + FIRST] = 1;
    this.#table.rows[row * WIDTH + LAST] = 0;
  }
}
