/** A set of integers as sorted, disjoint, closed intervals: which registers or points a pair is known to use. */

/** Beyond this many intervals the two nearest are joined: a bound that errs towards silence, counted by the caller. */
const MAX_INTERVALS = 512;

export class Intervals {
  /** first, last, first, last ... ascending, with gaps of at least one between them. */
  readonly bounds: number[] = [];
  /** Times that two intervals were joined across a gap to stay within the bound. */
  joined = 0;

  /** Offset in `bounds` of the last interval that begins at `first` or before it; -2 when there is none. */
  before(first: number): number {
    const { bounds } = this;
    let low = 0;
    let high = bounds.length >> 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bounds[2 * middle] <= first) low = middle + 1;
      else high = middle;
    }
    return 2 * (low - 1);
  }

  add(first: number, last: number): void {
    const { bounds } = this;
    let from = Math.max(0, this.before(first));
    while (from < bounds.length && bounds[from + 1] < first - 1) from += 2;
    let to = from;
    let low = first;
    let high = last;
    while (to < bounds.length && bounds[to] <= last + 1) {
      low = Math.min(low, bounds[to]);
      high = Math.max(high, bounds[to + 1]);
      to += 2;
    }
    bounds.splice(from, to - from, low, high);
    if (bounds.length > 2 * MAX_INTERVALS) this.#joinNearest();
  }

  remove(first: number, last: number): void {
    const kept: number[] = [];
    for (let i = 0; i < this.bounds.length; i += 2) {
      const [low, high] = [this.bounds[i], this.bounds[i + 1]];
      if (low < first) kept.push(low, Math.min(high, first - 1));
      if (high > last) kept.push(Math.max(low, last + 1), high);
    }
    // A part left of `first` and one right of `last` are pushed in order; untouched intervals satisfy one condition twice.
    this.bounds.length = 0;
    for (let i = 0; i < kept.length; i += 2) this.add(kept[i], kept[i + 1]);
  }

  #joinNearest(): void {
    let best = 2;
    for (let i = 2; i < this.bounds.length; i += 2)
      if (this.bounds[i] - this.bounds[i - 1] < this.bounds[best] - this.bounds[best - 1]) best = i;
    this.bounds.splice(best - 1, 2);
    this.joined++;
  }

  toString(): string {
    const parts: string[] = [];
    for (let i = 0; i < this.bounds.length; i += 2)
      parts.push(this.bounds[i] === this.bounds[i + 1] ? `${this.bounds[i]}` : `${this.bounds[i]}-${this.bounds[i + 1]}`);
    return parts.join(',');
  }
}
