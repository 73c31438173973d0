/**
 * What was found known a moment ago, by conversation: polls ask the same again, and the answer then stands in one cache
 * line beside others of the conversation instead of somewhere in the tables of a whole plant. Hot code.
 *
 * A place holds the whole question in four numbers, so an answer is never that of another one. Four places share a cache
 * line and belong to the same questions; the one that was written longest ago gives way.
 */

import { PARTY_BITS } from '../inventory/inventory.ts';

/** Cache lines of a conversation, places of a cache line, numbers of a place. */
const GROUP_BITS = 3;
const PLACES = 4;
const PLACE = 4;
const GROUP_SHIFT = 4;
const LINE_SHIFT = GROUP_SHIFT + GROUP_BITS;
/** Bits of an aspect; beside two parties and the aspect, the generation has the rest of two numbers. */
const ASPECT_BITS = 8;
const GENERATION_SHIFT = 2 * PARTY_BITS - 32 + ASPECT_BITS;
const LAST_GENERATION = (1 << (32 - GENERATION_SHIFT)) - 1;
/** Ranges that begin within so many items of each other (a power of two) share their places: requests of a neighbourhood lie in one interval. */
const NEIGHBOURHOOD_BITS = 6;
/** Last item of a range that finds a place. */
const LAST_ITEM = 0xffff;

export class Recent {
  #lines = new Int32Array(16 << LINE_SHIFT);
  /** Only answers of this generation count: when the baseline forgets something, all of them are void. */
  #generation = 1;

  /** Something is no longer known. */
  forget(): void {
    this.#generation++;
    if (this.#generation <= LAST_GENERATION) return;
    this.#generation = 1;
    this.#lines.fill(0);
  }

  /** True when the tuple was known the last time it was asked on the line of this conversation (a number of `Connections.line`). */
  has(line: number, who: number, whom: number, aspect: number, a: number, b: number): boolean {
    const lines = this.#lines;
    const at = (line << LINE_SHIFT) + groupOf(who, aspect, a, b);
    if (at >= lines.length) return false;
    const parties = partiesOf(who, whom);
    const matter = this.#matter(whom, aspect);
    return (
      (lines[at] === parties && lines[at + 1] === matter && lines[at + 2] === a && lines[at + 3] === b) ||
      (lines[at + 4] === parties && lines[at + 5] === matter && lines[at + 6] === a && lines[at + 7] === b) ||
      (lines[at + 8] === parties && lines[at + 9] === matter && lines[at + 10] === a && lines[at + 11] === b) ||
      (lines[at + 12] === parties && lines[at + 13] === matter && lines[at + 14] === a && lines[at + 15] === b)
    );
  }

  put(line: number, who: number, whom: number, aspect: number, a: number, b: number): void {
    this.#write(line, groupOf(who, aspect, a, b), who, whom, aspect, a, b);
  }

  /** True when all from `first` to `last` lies in an interval that was known of the key on this line. */
  covers(line: number, who: number, whom: number, aspect: number, key: number, first: number, last: number): boolean {
    const lines = this.#lines;
    const from = (line << LINE_SHIFT) + groupOf(who, aspect, key, first >> NEIGHBOURHOOD_BITS);
    if (from >= lines.length) return false;
    const parties = partiesOf(who, whom);
    const matter = this.#matter(whom, aspect);
    for (let at = from; at < from + PLACES * PLACE; at += PLACE) {
      if (lines[at] !== parties || lines[at + 1] !== matter || lines[at + 2] !== key) continue;
      const interval = lines[at + 3];
      if (interval >>> 16 <= first && (interval & LAST_ITEM) >= last) return true;
    }
    return false;
  }

  /** @param asked an item within the interval `first` to `last`, near which the next requests are expected */
  putRange(line: number, who: number, whom: number, aspect: number, key: number, first: number, last: number, asked: number): void {
    if (first < 0 || last > LAST_ITEM) return;
    this.#write(line, groupOf(who, aspect, key, asked >> NEIGHBOURHOOD_BITS), who, whom, aspect, key, (first << 16) | last);
  }

  #write(line: number, group: number, who: number, whom: number, aspect: number, a: number, b: number): void {
    const at = (line << LINE_SHIFT) + group;
    if (at >= this.#lines.length) this.#grow(line);
    const lines = this.#lines;
    lines.copyWithin(at + PLACE, at, at + (PLACES - 1) * PLACE);
    lines[at] = partiesOf(who, whom);
    lines[at + 1] = this.#matter(whom, aspect);
    lines[at + 2] = a;
    lines[at + 3] = b;
  }

  /** The rest of the second party, the aspect and the generation in one number. */
  #matter(whom: number, aspect: number): number {
    return (whom >>> (32 - PARTY_BITS)) | (aspect << (2 * PARTY_BITS - 32)) | (this.#generation << GENERATION_SHIFT);
  }

  #grow(line: number): void {
    const wider = new Int32Array(Math.max(this.#lines.length * 2, (line + 1) << LINE_SHIFT));
    wider.set(this.#lines);
    this.#lines = wider;
  }
}

/** The first party, and as much of the second as there is room for. */
function partiesOf(who: number, whom: number): number {
  return who | (whom << PARTY_BITS);
}

/** Both sides of a conversation ask here, so who asks counts, too. */
function groupOf(who: number, aspect: number, a: number, b: number): number {
  const mixed = Math.imul(a ^ (b << 3) ^ (aspect << 7) ^ (who << 11), 0x9e3779b1);
  return (mixed >>> (32 - GROUP_BITS)) << GROUP_SHIFT;
}
