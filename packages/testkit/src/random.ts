/** A seeded source of numbers: the same seed gives the same traffic (xorshift32). Not for secrets. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) | 0 || 1;
    for (let i = 0; i < 8; i++) this.next();
  }

  /** Unsigned 32-bit. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** Whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return this.next() % limit;
  }

  /** True in `share` of the cases (0 to 1). */
  chance(share: number): boolean {
    return this.next() < share * 4294967296;
  }

  /** Whole number around `middle`, within plus or minus `spread`. */
  around(middle: number, spread: number): number {
    return middle - spread + this.below(2 * spread + 1);
  }

  bytes(count: number): Uint8Array {
    const result = new Uint8Array(count);
    for (let i = 0; i < count; i++) result[i] = this.next();
    return result;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }
}
