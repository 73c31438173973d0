/**
 * What was found known a moment ago, by conversation: polls ask the same again, and the answer then stands in one cache
 * line beside the others of the conversation instead of somewhere in the tables of a whole plant. Hot code.
 *
 * A place holds the whole question, so an answer is never that of another one; a place that is taken gives way.
 */

/** Places of a conversation, and the numbers of a place: who, to whom, aspect, a or key, first and last of a range, generation. */
const PLACE_BITS = 4;
const PLACES = 1 << PLACE_BITS;
const PLACE = 8;
const LINE = PLACES * PLACE;

export class Recent {
  #lines = new Int32Array(16 * LINE);
  /** Only answers of this generation count: when the baseline forgets something, all of them are void. */
  #generation = 1;

  /** Something is no longer known. */
  forget(): void {
    this.#generation = (this.#generation + 1) | 0;
  }

  /** True when the tuple was known the last time it was asked on the line of this conversation (a number of `Connections.line`). */
  has(line: number, who: number, whom: number, aspect: number, a: number, b: number): boolean {
    const lines = this.#lines;
    const at = line * LINE + placeOf(who, aspect, a, b);
    return (
      at < lines.length &&
      lines[at] === who &&
      lines[at + 1] === whom &&
      lines[at + 2] === aspect &&
      lines[at + 3] === a &&
      lines[at + 4] === b &&
      lines[at + 6] === this.#generation
    );
  }

  put(line: number, who: number, whom: number, aspect: number, a: number, b: number): void {
    this.#write(line, placeOf(who, aspect, a, b), who, whom, aspect, a, b, b);
  }

  /** True when all from `first` to `last` lies in the interval that was last known of the key on this line. */
  covers(line: number, who: number, whom: number, aspect: number, key: number, first: number, last: number): boolean {
    const lines = this.#lines;
    const at = line * LINE + placeOf(who, aspect, key, 0);
    return (
      at < lines.length &&
      lines[at] === who &&
      lines[at + 1] === whom &&
      lines[at + 2] === aspect &&
      lines[at + 3] === key &&
      lines[at + 4] <= first &&
      lines[at + 5] >= last &&
      lines[at + 6] === this.#generation
    );
  }

  putRange(line: number, who: number, whom: number, aspect: number, key: number, first: number, last: number): void {
    this.#write(line, placeOf(who, aspect, key, 0), who, whom, aspect, key, first, last);
  }

  #write(line: number, place: number, who: number, whom: number, aspect: number, a: number, first: number, last: number): void {
    const at = line * LINE + place;
    if (at >= this.#lines.length) this.#grow(line);
    const lines = this.#lines;
    lines[at] = who;
    lines[at + 1] = whom;
    lines[at + 2] = aspect;
    lines[at + 3] = a;
    lines[at + 4] = first;
    lines[at + 5] = last;
    lines[at + 6] = this.#generation;
  }

  #grow(line: number): void {
    const wider = new Int32Array(Math.max(this.#lines.length * 2, (line + 1) * LINE));
    wider.set(this.#lines);
    this.#lines = wider;
  }
}

/** Both sides of a conversation ask here, so who asks counts, too. */
function placeOf(who: number, aspect: number, a: number, b: number): number {
  const mixed = Math.imul(a ^ (b << 3) ^ (aspect << 7) ^ (who << 11), 0x9e3779b1);
  return (mixed >>> (32 - PLACE_BITS)) * PLACE;
}
