/**
 * Who brought each row of the baseline in, when, and by which alert. Numbers beside the tables, so that a million rows that
 * the sensor learned by itself cost eight bytes each.
 */
import type { Origin } from '@annunciator/core/baseline-entry';

/** Different origins that are told apart; later ones share the last. */
const MAX_ORIGINS = 1 << 16;

/** What the sensor learns by itself. */
export const BY_THE_SENSOR: Origin = { by: null, at: null, alert: null };

/** Origins, each known by a number; the same for all tables. */
export class Origins {
  readonly #origins: Origin[] = [BY_THE_SENSOR];
  readonly #numbers = new Map<string, number>([[keyOf(BY_THE_SENSOR), 0]]);

  number(origin: Origin): number {
    const key = keyOf(origin);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#origins.length >= MAX_ORIGINS) return MAX_ORIGINS - 1;
    this.#numbers.set(key, this.#origins.length);
    return this.#origins.push(origin) - 1;
  }

  of(number: number): Origin {
    return this.#origins[number] ?? BY_THE_SENSOR;
  }
}

function keyOf({ by, at, alert }: Origin): string {
  return JSON.stringify([by, at, alert]);
}

/** Second of packet time and origin by row of one table. */
export class RowOrigins {
  #seconds = new Uint32Array(1024);
  #origins = new Int32Array(1024);

  note(row: number, seconds: number, origin: number): void {
    if (row >= this.#seconds.length) this.#grow(row);
    this.#seconds[row] = seconds;
    this.#origins[row] = origin;
  }

  /** Second of packet time, 0 before the first packet. */
  seconds(row: number): number {
    return this.#seconds[row] ?? 0;
  }

  origin(row: number): number {
    return this.#origins[row] ?? 0;
  }

  #grow(row: number): void {
    const size = Math.max(this.#seconds.length * 2, row + 1);
    const seconds = new Uint32Array(size);
    const origins = new Int32Array(size);
    seconds.set(this.#seconds);
    origins.set(this.#origins);
    this.#seconds = seconds;
    this.#origins = origins;
  }
}
