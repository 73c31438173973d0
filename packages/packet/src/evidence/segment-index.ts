/**
 * Where the packets of one segment are: 16 bytes for each, in the order in which they were kept. The same numbers lie in
 * memory while the segment is written and in a file beside it afterwards.
 *
 * Hot code: `add` runs for every packet and allocates nothing, but for growth.
 */

/** Columns of an entry. */
export const ENTRY = 4;
export const Entry = {
  /** Of the record in the segment, with `BEGINS`. */
  OFFSET: 0,
  /** Packet second since 1970, low 32 bits. */
  SECOND: 1,
  /** `ends.ts`: who sent it, and to whom. */
  SOURCE: 2,
  DESTINATION: 3,
} as const;

/** Set in the offset of a packet that begins a TCP connection (SYN of either side). Offsets are below. */
export const BEGINS = 1 << 30;

const FIRST_CAPACITY = 1 << 14;

export class SegmentIndex {
  /** `count` entries of `ENTRY` numbers. */
  entries: Int32Array;
  count = 0;
  /** Earliest and latest packet second; 0 without packets. */
  firstSecond = 0;
  lastSecond = 0;
  /** Where frame numbers do not go on by one: entry and frame, again and again. */
  readonly runs: number[];
  #nextFrame = -1;
  /** Second of the last packet. */
  #second = -1;

  /** @param entries room to fill, or filled with `count` entries already */
  constructor(entries: Int32Array = new Int32Array(FIRST_CAPACITY * ENTRY), count = 0, runs: number[] = []) {
    this.entries = entries;
    this.count = count;
    this.runs = runs;
  }

  add(frame: number, offset: number, second: number, source: number, destination: number): void {
    const at = this.count * ENTRY;
    if (at === this.entries.length) this.#grow();
    const { entries } = this;
    entries[at] = offset;
    entries[at + Entry.SECOND] = second;
    entries[at + Entry.SOURCE] = source;
    entries[at + Entry.DESTINATION] = destination;
    if (frame !== this.#nextFrame) this.runs.push(this.count, frame);
    this.#nextFrame = frame + 1;
    this.count++;
    if (second !== this.#second) this.#moveOn(second);
  }

  /** Forgets entries whose records begin at an offset or beyond: they never reached the disk. */
  cut(offset: number): void {
    while (this.count > 0 && this.offset(this.count - 1) >= offset) this.count--;
    while (this.runs.length > 0 && (this.runs.at(-2) ?? 0) >= this.count) this.runs.length -= 2;
    this.#nextFrame = -1;
  }

  /** Entry of a frame, -1 when it is not here. */
  entryOf(frame: number): number {
    const { runs } = this;
    let low = 0;
    let high = runs.length / 2;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (runs[2 * middle + 1] <= frame) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return -1;
    const entry = runs[2 * low - 2] + frame - runs[2 * low - 1];
    const end = low < runs.length / 2 ? runs[2 * low] : this.count;
    return entry < end ? entry : -1;
  }

  /** First and last frame; 0 without any. */
  get firstFrame(): number {
    return this.runs[1] ?? 0;
  }

  get lastFrame(): number {
    return this.runs.length === 0 ? 0 : (this.runs.at(-1) ?? 0) + this.count - (this.runs.at(-2) ?? 0) - 1;
  }

  /** Packet second of an entry. */
  second(entry: number): number {
    return this.entries[entry * ENTRY + Entry.SECOND] >>> 0;
  }

  /** Offset of the record of an entry. */
  offset(entry: number): number {
    return this.entries[entry * ENTRY] & ~BEGINS;
  }

  begins(entry: number): boolean {
    return (this.entries[entry * ENTRY] & BEGINS) !== 0;
  }

  #moveOn(second: number): void {
    this.#second = second;
    if (this.count === 1) this.firstSecond = this.lastSecond = second;
    else if (second > this.lastSecond) this.lastSecond = second;
    else if (second < this.firstSecond) this.firstSecond = second;
  }

  #grow(): void {
    const entries = new Int32Array(this.entries.length * 2);
    entries.set(this.entries);
    this.entries = entries;
  }
}
