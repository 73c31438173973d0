/**
 * The baseline: every (who, to whom, aspect, a, b) that is normal. Hot code: `check` and `checkRange` are asked for each
 * message and allocate nothing when the answer is known.
 *
 * A request that touches a range of addresses is normal when the range lies inside the intervals learned for its pair. What
 * the tables do not hold may be allowed by an entry with wildcards; then the tuple is remembered, without being an entry of its
 * own. What nothing allows is learned while the sensor learns (learning.ts), and else is a deviation.
 */
import type { Learnable } from '@annunciator/core/alert';
import type { BaselineEntry, Origin } from '@annunciator/core/baseline-entry';
import { instant } from '@annunciator/core/time';
import type { TextTable } from '@annunciator/packet/tables/text-table';
import type { Inventory } from '../inventory/inventory.ts';
import { ASPECTS } from './aspects.ts';
import { inOrder } from './baseline-text.ts';
import type { Clock } from './clock.ts';
import { boundsText, type Entry, EntryError, lineOf, numbersOfEntry, parseEntry, valueOf } from './entry.ts';
import type { Learning } from './learning.ts';
import { BY_THE_SENSOR, Origins, RowOrigins } from './origins.ts';
import { Patterns } from './patterns.ts';
import { Ranges } from './ranges.ts';
import { Recent } from './recent.ts';
import { Tuples } from '@annunciator/packet/tables/tuples';

/** What a row of the tuple table says; those above 0 are known. */
const Known = {
  Unknown: 0,
  /** A person unlearned it: the sensor does not learn it again by itself. */
  TakenBack: -1,
  Learned: 1,
  /** Seen while learning and too dangerous to be learned: known, until a person decides. */
  Waiting: 2,
  /** An entry with wildcards allows it. */
  Matched: 3,
} as const;

const MAX_TUPLES = 1 << 20;
/** Rows learned in one frame that may still have to wait. */
const MAX_FRESH = 64;

/** A row of the tuple table with its key. */
interface Row {
  readonly row: number;
  readonly who: number;
  readonly whom: number;
  readonly aspect: number;
  readonly a: number;
  readonly b: number;
}

/** How a dangerous operation stands. */
export type Standing = 'known' | 'waiting' | 'new';

export class Baseline {
  /** Keys that found no place. */
  refused = 0;
  readonly learning: Learning;
  /** Aspects that could not be learned completely: from then on all of them counts as known, so a flood raises no flood of alerts. */
  readonly #full = new Set<number>();
  /** Aspects of which anything was ever put in: what engines ask most is answered by this alone. */
  readonly #used = new Uint8Array(256);
  readonly #tuples = new Tuples(MAX_TUPLES);
  readonly #ranges = new Ranges();
  readonly #patterns: Patterns;
  /** Ranges that patterns allow. */
  #matched = new Ranges();
  readonly #origins = new Origins();
  readonly #tupleOrigins = new RowOrigins();
  readonly #rangeOrigins = new RowOrigins();
  readonly #patternOrigins = new Map<string, { seconds: number; origin: Origin }>();
  readonly #recent = new Recent();
  readonly #inventory: Inventory;
  readonly #texts: TextTable;
  readonly #clock: Clock;
  #learned = 0;
  /** Rows of operations that were learned in the frame under the cursor, and where they wait when it did something dangerous. */
  #freshFrame = 0;
  readonly #fresh: Row[] = [];
  #withheld: ((entry: Learnable) => void) | undefined;
  #withheldFrame = -1;
  /** Rows of tuples that were told when the changes were last taken, and ranges that changed since; `#rewritten` when that would not do. */
  #toldTuples = 0;
  readonly #newRanges = new Map<number, Row>();
  readonly #toldRanges = new Map<number, string>();
  #rewritten = false;

  constructor(inventory: Inventory, texts: TextTable, clock: Clock, learning: Learning) {
    this.#inventory = inventory;
    this.#texts = texts;
    this.#clock = clock;
    this.learning = learning;
    this.#patterns = new Patterns(inventory, texts);
  }

  /** Number of learned keys and patterns. */
  get size(): number {
    return this.#learned + this.#ranges.size + this.#patterns.size;
  }

  /** As {@link check}, asked in the conversation of `line` (see `Connections.line`): what it asked before is answered at once. */
  checkOn(line: number, who: number, whom: number, aspect: number, a: number, b: number): boolean {
    if (this.#recent.has(line, who, whom, aspect, a, b)) return true;
    const row = this.#tuples.find(who, whom, aspect, a, b);
    if (row < 0 || this.#tuples.value(row) <= Known.Unknown) return this.#unknown(row, who, whom, aspect, a, b);
    this.#recent.put(line, who, whom, aspect, a, b);
    return true;
  }

  /** True when the tuple is known; while learning it becomes so. */
  check(who: number, whom: number, aspect: number, a: number, b: number): boolean {
    const tuples = this.#tuples;
    const row = tuples.find(who, whom, aspect, a, b);
    if (row >= 0 && tuples.value(row) > Known.Unknown) return true;
    return this.#unknown(row, who, whom, aspect, a, b);
  }

  #unknown(row: number, who: number, whom: number, aspect: number, a: number, b: number): boolean {
    if (this.#patterns.match(who, whom, aspect, a, b)) {
      const memo = this.#tuples.insert(who, whom, aspect, a, b);
      if (memo >= 0) this.#tuples.setValue(memo, Known.Matched);
      return true;
    }
    if (row >= 0 && this.#tuples.value(row) === Known.TakenBack) return this.learning.on;
    if (!this.learning.on && !this.learning.admits(aspect, who, whom)) return this.#full.size > 0 && this.#full.has(aspect);
    const made = this.#put(who, whom, aspect, a, b, Known.Learned, 0);
    if (made < 0) return true;
    this.learning.learned(aspect, who, whom);
    if (ASPECTS[aspect]?.operation) this.#followOperation({ row: made, who, whom, aspect, a, b });
    return true;
  }

  /** True when a person or the sensor learned the tuple, or a pattern allows it; never learns. */
  knows(who: number, whom: number, aspect: number, a: number, b: number): boolean {
    if (this.#used[aspect] !== 0) {
      const row = this.#tuples.find(who, whom, aspect, a, b);
      if (row >= 0 && this.#tuples.value(row) === Known.Learned) return true;
    }
    return this.#patterns.size > 0 && this.#patterns.match(who, whom, aspect, a, b);
  }

  /**
   * How a dangerous operation stands, which is never learned by itself: new ones wait for a person while the sensor learns,
   * and are deviations afterwards.
   */
  standing(who: number, whom: number, aspect: number, a: number, b: number): Standing {
    const row = this.#tuples.find(who, whom, aspect, a, b);
    const known = row < 0 ? Known.Unknown : this.#tuples.value(row);
    if (known === Known.Waiting) return 'waiting';
    if (known > Known.Unknown || this.#patterns.match(who, whom, aspect, a, b)) return 'known';
    if (!this.learning.on || known === Known.TakenBack) return 'new';
    this.#put(who, whom, aspect, a, b, Known.Waiting, 0);
    return 'waiting';
  }

  /** True when `first` and the `count - 1` after it are known within `key`; while learning they become so. */
  checkRange(who: number, whom: number, aspect: number, key: number, first: number, count: number): boolean {
    const last = first + Math.max(count, 1) - 1;
    const row = this.#ranges.find(who, whom, aspect, key);
    if (row >= 0 && this.#ranges.covers(row, first, last)) return true;
    return this.#unknownRange(row, who, whom, aspect, key, first, last);
  }

  /** As {@link checkRange}, asked in the conversation of `line`. */
  checkRangeOn(line: number, who: number, whom: number, aspect: number, key: number, first: number, count: number): boolean {
    const last = first + Math.max(count, 1) - 1;
    if (this.#recent.covers(line, who, whom, aspect, key, first, last)) return true;
    const row = this.#ranges.find(who, whom, aspect, key);
    if (row < 0 || !this.#ranges.covers(row, first, last)) return this.#unknownRange(row, who, whom, aspect, key, first, last);
    this.#recent.putRange(line, who, whom, aspect, key, this.#ranges.lowest(row), this.#ranges.highest(row), first);
    return true;
  }

  #unknownRange(row: number, who: number, whom: number, aspect: number, key: number, first: number, last: number): boolean {
    if (this.#patterns.size > 0) {
      const memo = this.#matched.find(who, whom, aspect, key);
      if (memo >= 0 && this.#matched.covers(memo, first, last)) return true;
      if (this.#patterns.matchRange(who, whom, aspect, key, first, last)) {
        const made = this.#matched.insert(who, whom, aspect, key);
        if (made >= 0) this.#matched.add(made, first, last);
        return true;
      }
    }
    if (!this.learning.on && !this.learning.admits(aspect, who, whom)) return row < 0 && this.#full.has(aspect);
    const made = row < 0 ? this.#range(who, whom, aspect, key, 0) : row;
    if (made < 0) return true;
    this.#ranges.add(made, first, last);
    if (!this.#newRanges.has(made)) this.#newRanges.set(made, { row: made, who, whom, aspect, a: key, b: 0 });
    this.learning.learned(aspect, who, whom);
    return true;
  }

  /** True when `first` and the `count - 1` after it are known within `key`; never learns. */
  knowsRange(who: number, whom: number, aspect: number, key: number, first: number, count: number): boolean {
    const last = first + Math.max(count, 1) - 1;
    const row = this.#ranges.find(who, whom, aspect, key);
    if (row >= 0 && this.#ranges.covers(row, first, last)) return true;
    return this.#patterns.size > 0 && this.#patterns.matchRange(who, whom, aspect, key, first, last);
  }

  /**
   * The message under the cursor does something dangerous: the operations that were first seen in its frame are not learned.
   * @param waits told each of them
   */
  withhold(waits: (entry: Learnable) => void): void {
    const { frame } = this.#clock;
    this.#withheld = waits;
    this.#withheldFrame = frame;
    if (this.#freshFrame !== frame) return;
    for (const row of this.#fresh) this.#wait(row, waits);
    this.#fresh.length = 0;
  }

  #followOperation(row: Row): void {
    const { frame } = this.#clock;
    if (this.#withheldFrame === frame && this.#withheld) {
      this.#wait(row, this.#withheld);
      return;
    }
    if (this.#freshFrame !== frame) this.#fresh.length = 0;
    this.#freshFrame = frame;
    if (this.#fresh.length < MAX_FRESH) this.#fresh.push(row);
  }

  #wait(row: Row, waits: (entry: Learnable) => void): void {
    if (this.#tuples.value(row.row) !== Known.Learned) return;
    this.#unset(row.row, Known.Waiting);
    waits(this.learnable(row.who, row.whom, row.aspect, row.a, row.b));
  }

  #put(who: number, whom: number, aspect: number, a: number, b: number, known: number, origin: number): number {
    this.#used[aspect] = 1;
    const row = this.#tuples.insert(who, whom, aspect, a, b);
    if (row < 0) {
      this.refused++;
      this.#full.add(aspect);
      return row;
    }
    if (this.#tuples.value(row) === known) return row;
    this.#tupleOrigins.note(row, this.#clock.seconds, origin);
    if (known !== Known.Learned) this.#unset(row, known);
    else {
      this.#tuples.setValue(row, known);
      this.#learned++;
      if (row < this.#toldTuples) this.#rewritten = true;
    }
    return row;
  }

  /** A row is no entry, or no longer. */
  #unset(row: number, known: number): void {
    this.#recent.forget();
    if (this.#tuples.value(row) === Known.Learned) {
      this.#learned--;
      this.#rewritten = true;
    }
    this.#tuples.setValue(row, known);
  }

  /** Row of a range key, made when new; -1 when there is no room. */
  #range(who: number, whom: number, aspect: number, key: number, origin: number): number {
    const before = this.#ranges.size;
    const row = this.#ranges.insert(who, whom, aspect, key);
    if (row < 0) {
      this.refused++;
      this.#full.add(aspect);
    } else if (this.#ranges.size > before) this.#rangeOrigins.note(row, this.#clock.seconds, origin);
    return row;
  }

  /** What a policy alert offers to learn. */
  learnable(who: number, whom: number, aspect: number, a: number, b: number): Learnable {
    const definition = ASPECTS[aspect];
    return {
      aspect: definition.name,
      source: this.#inventory.nameOf(who),
      destination: definition.between === 'pair' ? this.#inventory.nameOf(whom) : '',
      value: valueOf(definition, a, b, (interned) => this.#texts.text(interned)),
    };
  }

  learnableRange(who: number, whom: number, aspect: number, key: number, first: number, count: number): Learnable {
    return this.#rangeEntry(who, whom, aspect, key, boundsText([first, first + Math.max(count, 1) - 1]));
  }

  #rangeEntry(who: number, whom: number, aspect: number, key: number, items: string): Learnable {
    const entry = this.learnable(who, whom, aspect, key, 0);
    return { ...entry, value: `${entry.value} ${ASPECTS[aspect].items}=${items}` };
  }

  /** Puts an entry into the baseline. Returns false when it cannot be read, or when there is no room. */
  learn(entry: Learnable, origin: Origin = BY_THE_SENSOR, seconds = this.#clock.seconds): boolean {
    const parsed = read(entry);
    if (!parsed) return false;
    const number = this.#origins.number(origin);
    if (!parsed.exact) {
      if (this.#patterns.has(parsed)) return true;
      if (!this.#patterns.add(parsed)) return false;
      this.#patternOrigins.set(lineOf(parsed.learnable), { seconds, origin });
      this.#rewritten = true;
      return true;
    }
    if (this.#hasNoRoom(parsed)) return false;
    const [who, whom] = this.#ends(parsed);
    const [a, b] = this.#numbers(parsed);
    if (parsed.definition.items === undefined) {
      const row = this.#put(who, whom, parsed.aspect, a, b, Known.Learned, number);
      if (row >= 0 && seconds !== this.#clock.seconds) this.#tupleOrigins.note(row, seconds, number);
      return row >= 0;
    }
    const row = this.#range(who, whom, parsed.aspect, a, number);
    if (row < 0) return false;
    const bounds = boundsOf(parsed);
    for (let i = 0; i < bounds.length; i += 2) this.#ranges.add(row, bounds[i], bounds[i + 1]);
    // A row is a person's as soon as a person has widened it.
    if (origin.by !== null || seconds !== this.#clock.seconds) this.#rangeOrigins.note(row, seconds, number);
    this.#newRanges.set(row, { row, who, whom, aspect: parsed.aspect, a, b: 0 });
    return true;
  }

  /**
   * Takes an entry out again, learned or waiting: a person's word, which learning does not undo. Returns false when it cannot
   * be read.
   */
  unlearn(entry: Learnable): boolean {
    return this.#remove(entry, Known.TakenBack);
  }

  /** Takes an entry out as if it had never been learned. */
  forget(entry: Learnable): boolean {
    return this.#remove(entry, Known.Unknown);
  }

  #remove(entry: Learnable, as: number): boolean {
    const parsed = read(entry);
    if (!parsed) return false;
    this.#rewritten = true;
    this.#recent.forget();
    if (!parsed.exact) {
      if (this.#patterns.remove(parsed)) this.#forgetMatches();
      this.#patternOrigins.delete(lineOf(parsed.learnable));
      return true;
    }
    const [who, whom] = this.#ends(parsed);
    const [a, b] = this.#numbers(parsed);
    if (parsed.definition.items === undefined) {
      const row = this.#tuples.find(who, whom, parsed.aspect, a, b);
      if (row >= 0) this.#unset(row, as);
      return true;
    }
    const row = this.#ranges.find(who, whom, parsed.aspect, a);
    if (row < 0) return true;
    const bounds = boundsOf(parsed);
    for (let i = 0; i < bounds.length; i += 2) this.#ranges.remove(row, bounds[i], bounds[i + 1]);
    return true;
  }

  /** An operation that waits for review, taken over from an earlier run. */
  wait(entry: Learnable): void {
    const parsed = read(entry);
    if (!parsed?.exact || parsed.definition.items !== undefined) return;
    const [who, whom] = this.#ends(parsed);
    const [a, b] = this.#numbers(parsed);
    const row = this.#tuples.find(who, whom, parsed.aspect, a, b);
    if (row < 0 || this.#tuples.value(row) === Known.Unknown) this.#put(who, whom, parsed.aspect, a, b, Known.Waiting, 0);
  }

  #ends({ learnable, definition }: Entry): [number, number] {
    return [this.#inventory.byName(learnable.source), definition.between === 'pair' ? this.#inventory.byName(learnable.destination) : 0];
  }

  #numbers(entry: Entry): [number, number] {
    return numbersOfEntry(entry, (text) => this.#texts.intern(text));
  }

  /** The table of texts is full, and the entry names one that is new: it would stand for all the others. */
  #hasNoRoom(entry: Entry): boolean {
    const refused = entry.fields.some((match) => match.kind === 'text' && this.#texts.intern(match.text) === 0);
    if (refused) this.refused++;
    return refused;
  }

  /** A pattern is gone: what it allowed is asked anew. */
  #forgetMatches(): void {
    this.#matched = new Ranges();
    this.#tuples.forEach((row) => {
      if (this.#tuples.value(row) === Known.Matched) this.#tuples.setValue(row, Known.Unknown);
    });
  }

  /** Two parties are one device: what one knows becomes the other's. */
  merge(from: number, to: number): void {
    this.learning.merge(from, to);
    this.#recent.forget();
    const moved: [number, number, number, number, number, number, number][] = [];
    this.#tuples.forEach((row, who, whom, aspect, a, b) => {
      if (who === from || whom === from) moved.push([row, who, whom, aspect, a, b, this.#tuples.value(row)]);
    });
    for (const [row, oldWho, oldWhom, aspect, a, b, value] of moved) {
      const who = oldWho === from ? to : oldWho;
      const whom = oldWhom === from ? to : oldWhom;
      if (value === Known.Unknown) continue;
      this.#unset(row, Known.Unknown);
      const known = this.#tuples.find(who, whom, aspect, a, b);
      if (known >= 0 && this.#tuples.value(known) === Known.Learned) continue;
      const made = this.#put(who, whom, aspect, a, b, value, this.#tupleOrigins.origin(row));
      if (made >= 0) this.#tupleOrigins.note(made, this.#tupleOrigins.seconds(row), this.#tupleOrigins.origin(row));
    }
    const ranges: [number, number, number, number, number][] = [];
    this.#ranges.forEach((row, who, whom, aspect, key) => {
      if (who === from || whom === from) ranges.push([row, who === from ? to : who, whom === from ? to : whom, aspect, key]);
    });
    for (const [row, who, whom, aspect, key] of ranges) this.#moveRange(row, who, whom, aspect, key);
  }

  #moveRange(old: number, who: number, whom: number, aspect: number, key: number): void {
    const bounds = this.#ranges.bounds(old);
    if (bounds.length === 0) return;
    const row = this.#range(who, whom, aspect, key, this.#rangeOrigins.origin(old));
    if (row < 0 || row === old) return;
    for (let i = 0; i < bounds.length; i += 2) this.#ranges.add(row, bounds[i], bounds[i + 1]);
    this.#ranges.clear(old);
    this.#rewritten = true;
  }

  /** Every entry, in the order of its text: what export, diff and the store write. */
  entries(): BaselineEntry[] {
    const out = this.#entries(() => true);
    for (const { learnable } of this.#patterns) {
      const { seconds, origin } = this.#patternOrigins.get(lineOf(learnable)) ?? { seconds: 0, origin: BY_THE_SENSOR };
      out.push({ ...learnable, learned: timeOf(seconds), origin });
    }
    return inOrder(out);
  }

  /** The entries in which a party takes part, in the order of their text; those with wildcards name nobody. */
  entriesOf(party: number): BaselineEntry[] {
    return inOrder(this.#entries((who, whom) => who === party || whom === party));
  }

  #entries(wanted: (who: number, whom: number) => boolean): BaselineEntry[] {
    const out: BaselineEntry[] = [];
    this.#tuples.forEach((row, who, whom, aspect, a, b) => {
      if (this.#tuples.value(row) === Known.Learned && wanted(who, whom)) out.push(this.#tupleEntry({ row, who, whom, aspect, a, b }));
    });
    this.#ranges.forEach((row, who, whom, aspect, a) => {
      const entry = wanted(who, whom) ? this.#rangeEntryOf({ row, who, whom, aspect, a, b: 0 }) : undefined;
      if (entry) out.push(entry);
    });
    return out;
  }

  /** What changed since the last call: entries that came in and entries that went; `all` when `added` is the whole baseline. */
  takeChanges(): { readonly all: boolean; readonly added: readonly BaselineEntry[]; readonly removed: readonly Learnable[] } {
    const all = this.#rewritten;
    const removed: Learnable[] = [];
    const added: BaselineEntry[] = all ? this.entries() : [];
    if (all) {
      this.#toldRanges.clear();
      this.#ranges.forEach((row, who, whom, aspect, a) => this.#newRanges.set(row, { row, who, whom, aspect, a, b: 0 }));
    } else if (this.#tuples.size > this.#toldTuples)
      this.#tuples.forEach((row, who, whom, aspect, a, b) => {
        if (row >= this.#toldTuples && this.#tuples.value(row) === Known.Learned)
          added.push(this.#tupleEntry({ row, who, whom, aspect, a, b }));
      });
    for (const row of this.#newRanges.values()) {
      const now = this.#rangeEntryOf(row);
      if (!now) continue;
      const before = this.#toldRanges.get(row.row);
      if (before !== undefined && before !== now.value) removed.push({ ...now, value: before });
      if (!all) added.push(now);
      this.#toldRanges.set(row.row, now.value);
    }
    this.#toldTuples = this.#tuples.size;
    this.#newRanges.clear();
    this.#rewritten = false;
    return { all, added, removed };
  }

  #tupleEntry({ row, who, whom, aspect, a, b }: Row): BaselineEntry {
    const learned = timeOf(this.#tupleOrigins.seconds(row));
    return { ...this.learnable(who, whom, aspect, a, b), learned, origin: this.#origins.of(this.#tupleOrigins.origin(row)) };
  }

  #rangeEntryOf({ row, who, whom, aspect, a }: Row): BaselineEntry | undefined {
    const items = this.#ranges.text(row);
    if (!items) return undefined;
    const learned = timeOf(this.#rangeOrigins.seconds(row));
    return { ...this.#rangeEntry(who, whom, aspect, a, items), learned, origin: this.#origins.of(this.#rangeOrigins.origin(row)) };
  }
}

function timeOf(seconds: number): BaselineEntry['learned'] {
  return seconds === 0 ? null : instant(seconds, 0);
}

function read(entry: Learnable): Entry | undefined {
  try {
    return parseEntry(entry);
  } catch (error) {
    if (error instanceof EntryError) return undefined;
    throw error;
  }
}

function boundsOf({ items }: Entry): readonly number[] {
  return items.kind === 'numbers' ? items.bounds : [];
}
