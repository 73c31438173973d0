/** A map from five int32 to one, over the tuple table. Hot code. */
import { TupleTable, VALUE, WIDTH } from './tuple-table.ts';

export class Tuples {
  readonly #table: TupleTable;

  /** @param maxRows bound; beyond it `insert` refuses */
  constructor(maxRows: number) {
    this.#table = new TupleTable({ maxRows });
  }

  get size(): number {
    return this.#table.size;
  }

  /** Row of the tuple, or -1. Rows are stable. */
  find(k0: number, k1: number, k2: number, k3: number, k4: number): number {
    return this.#table.find(k0, k1, k2, k3, k4, 0);
  }

  /** Row of the tuple, made with value 0 when new; -1 when there is no room. */
  insert(k0: number, k1: number, k2: number, k3: number, k4: number): number {
    return this.#table.insert(k0, k1, k2, k3, k4, 0);
  }

  value(row: number): number {
    return this.#table.rows[row * WIDTH + VALUE];
  }

  setValue(row: number, value: number): void {
    this.#table.rows[row * WIDTH + VALUE] = value;
  }

  clear(): void {
    this.#table.clear();
  }

  /** Visits every row, in order of insertion. */
  forEach(visit: (row: number, k0: number, k1: number, k2: number, k3: number, k4: number) => void): void {
    const { rows, size } = this.#table;
    for (let row = 0; row < size; row++) {
      const at = row * WIDTH;
      visit(row, rows[at], rows[at + 1], rows[at + 2], rows[at + 3], rows[at + 4]);
    }
  }
}
