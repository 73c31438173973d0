/**
 * The baseline: every (who, to whom, aspect, a, b) that is normal. Hot code: `check` and `checkRange` are asked for each
 * message and allocate nothing when the answer is known.
 *
 * A request that touches a range of addresses is normal when the range lies inside the intervals learned for its pair.
 */
import type { Learnable } from '@annunciator/core/alert';
import type { TextTable } from '@annunciator/packet/tables/text-table';
import { Tuples } from './tuples.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { ASPECT_BY_NAME, ASPECTS } from './aspects.ts';
import { Ranges } from './ranges.ts';

/** What a row of the tuple table says. */
const Known = { Forgotten: 0, Learned: 1 } as const;

const MAX_TUPLES = 1 << 20;

export class Baseline {
  /** While true, everything asked is learned and known. */
  learning = true;
  /** Tuples that found no place. */
  refused = 0;
  /** Aspects that could not be learned completely: from then on all of them counts as known, so a flood raises no flood of alerts. */
  readonly #full = new Set<number>();
  readonly #tuples = new Tuples(MAX_TUPLES);
  readonly #ranges = new Ranges();
  readonly #inventory: Inventory;
  readonly #texts: TextTable;

  constructor(inventory: Inventory, texts: TextTable) {
    this.#inventory = inventory;
    this.#texts = texts;
  }

  /** Number of learned tuples. */
  get size(): number {
    return this.#tuples.size + this.#ranges.size;
  }

  /** True when the tuple is known; while learning it becomes so. */
  check(who: number, whom: number, aspect: number, a: number, b: number): boolean {
    const tuples = this.#tuples;
    const row = tuples.find(who, whom, aspect, a, b);
    if (row >= 0 && tuples.value(row) !== Known.Forgotten) return true;
    if (!this.learning) return this.#full.size > 0 && this.#full.has(aspect);
    this.#put(who, whom, aspect, a, b, Known.Learned);
    return true;
  }

  /** True when the tuple is known; never learns. */
  knows(who: number, whom: number, aspect: number, a: number, b: number): boolean {
    const row = this.#tuples.find(who, whom, aspect, a, b);
    return row >= 0 && this.#tuples.value(row) !== Known.Forgotten;
  }

  /** True when `first` and the `count - 1` after it are known within `key`; while learning they become so. */
  checkRange(who: number, whom: number, aspect: number, key: number, first: number, count: number): boolean {
    const last = first + Math.max(count, 1) - 1;
    const row = this.#ranges.find(who, whom, aspect, key);
    if (row >= 0 && this.#ranges.covers(row, first, last)) return true;
    if (!this.learning) return row < 0 && this.#full.has(aspect);
    const made = row < 0 ? this.#range(who, whom, aspect, key) : row;
    if (made >= 0) this.#ranges.add(made, first, last);
    return true;
  }

  /** True when `first` and the `count - 1` after it are known within `key`; never learns. */
  knowsRange(who: number, whom: number, aspect: number, key: number, first: number, count: number): boolean {
    const row = this.#ranges.find(who, whom, aspect, key);
    return row >= 0 && this.#ranges.covers(row, first, first + Math.max(count, 1) - 1);
  }

  #put(who: number, whom: number, aspect: number, a: number, b: number, known: number): void {
    const row = this.#tuples.insert(who, whom, aspect, a, b);
    if (row >= 0) {
      this.#tuples.setValue(row, known);
      return;
    }
    this.refused++;
    this.#full.add(aspect);
  }

  /** Row of a range key, made when new; -1 when there is no room. */
  #range(who: number, whom: number, aspect: number, key: number): number {
    const row = this.#ranges.insert(who, whom, aspect, key);
    if (row < 0) {
      this.refused++;
      this.#full.add(aspect);
    }
    return row;
  }

  /** What a policy alert offers to learn. */
  learnable(who: number, whom: number, aspect: number, a: number, b: number): Learnable {
    const definition = ASPECTS[aspect];
    const part = (kind: 'none' | 'number' | 'text', value: number): string =>
      kind === 'none' ? '' : kind === 'text' ? JSON.stringify(this.#texts.text(value)) : String(value);
    return {
      aspect: definition.name,
      source: this.#inventory.nameOf(who),
      destination: definition.between === 'pair' ? this.#inventory.nameOf(whom) : '',
      value: [part(definition.a, a), part(definition.b, b)].filter((text) => text !== '').join(' '),
    };
  }

  learnableRange(who: number, whom: number, aspect: number, key: number, first: number, count: number): Learnable {
    return {
      aspect: ASPECTS[aspect].name,
      source: this.#inventory.nameOf(who),
      destination: this.#inventory.nameOf(whom),
      value: `${key} ${first}-${first + Math.max(count, 1) - 1}`,
    };
  }

  /** Puts an entry into the baseline. Returns false when its aspect or value cannot be read. */
  learn(entry: Learnable): boolean {
    return this.#change(entry, true);
  }

  /** Takes an entry out again. Returns false when its aspect or value cannot be read. */
  unlearn(entry: Learnable): boolean {
    return this.#change(entry, false);
  }

  #change(entry: Learnable, learn: boolean): boolean {
    const aspect = ASPECT_BY_NAME.get(entry.aspect);
    if (aspect === undefined) return false;
    const definition = ASPECTS[aspect];
    const who = this.#inventory.byName(entry.source);
    const whom = definition.between === 'pair' ? this.#inventory.byName(entry.destination) : 0;
    if (definition.range) return this.#changeRange(who, whom, aspect, entry.value, learn);
    const values: number[] = [];
    let rest = entry.value;
    for (const kind of [definition.a, definition.b]) {
      if (kind === 'none') {
        values.push(0);
        continue;
      }
      const match = kind === 'text' ? /^("(?:[^"\\]|\\.)*")\s*/.exec(rest) : /^(-?\d+)\s*/.exec(rest);
      if (!match) return false;
      values.push(kind === 'text' ? this.#texts.intern(String(JSON.parse(match[1]))) : Number(match[1]) | 0);
      rest = rest.slice(match[0].length);
    }
    if (learn) this.#put(who, whom, aspect, values[0], values[1], Known.Learned);
    else {
      const row = this.#tuples.find(who, whom, aspect, values[0], values[1]);
      if (row >= 0) this.#tuples.setValue(row, Known.Forgotten);
    }
    return true;
  }

  #changeRange(who: number, whom: number, aspect: number, value: string, learn: boolean): boolean {
    const [key, list] = value.split(' ');
    if (!/^-?\d+$/.test(key) || !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list ?? '')) return false;
    const row = learn ? this.#range(who, whom, aspect, Number(key)) : this.#ranges.find(who, whom, aspect, Number(key));
    if (row < 0) return true;
    for (const part of list.split(',')) {
      const [first, last] = part.split('-').map(Number);
      if (learn) this.#ranges.add(row, first, last ?? first);
      else this.#ranges.remove(row, first, last ?? first);
    }
    return true;
  }

  /** Two parties turned out to be one device: its tuples go on under the canonical party. */
  merge(from: number, to: number): void {
    const moved: [number, number, number, number, number, number, number][] = [];
    this.#tuples.forEach((row, who, whom, aspect, a, b) => {
      if (who === from || whom === from) moved.push([row, who, whom, aspect, a, b, this.#tuples.value(row)]);
    });
    for (const [row, oldWho, oldWhom, aspect, a, b, value] of moved) {
      const who = oldWho === from ? to : oldWho;
      const whom = oldWhom === from ? to : oldWhom;
      if (value === Known.Forgotten) continue;
      this.#put(who, whom, aspect, a, b, value);
      this.#tuples.setValue(row, Known.Forgotten);
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
    const row = this.#range(who, whom, aspect, key);
    if (row < 0 || row === old) return;
    for (let i = 0; i < bounds.length; i += 2) this.#ranges.add(row, bounds[i], bounds[i + 1]);
    this.#ranges.clear(old);
  }

  /** Every entry, in the order of its text: what export, diff and the store write. */
  entries(): Learnable[] {
    return this.#entries(() => true);
  }

  /** The entries in which a party takes part, in the order of their text. */
  entriesOf(party: number): Learnable[] {
    return this.#entries((who, whom) => who === party || whom === party);
  }

  #entries(wanted: (who: number, whom: number) => boolean): Learnable[] {
    const out: Learnable[] = [];
    this.#tuples.forEach((row, who, whom, aspect, a, b) => {
      if (this.#tuples.value(row) === Known.Learned && wanted(who, whom)) out.push(this.learnable(who, whom, aspect, a, b));
    });
    this.#ranges.forEach((row, who, whom, aspect, key) => {
      const value = wanted(who, whom) ? this.#ranges.text(row) : '';
      if (value)
        out.push({
          aspect: ASPECTS[aspect].name,
          source: this.#inventory.nameOf(who),
          destination: this.#inventory.nameOf(whom),
          value: `${key} ${value}`,
        });
    });
    const text = (entry: Learnable): string => `${entry.aspect}\t${entry.source}\t${entry.destination}\t${entry.value}`;
    return out
      .map((entry) => ({ entry, key: text(entry) }))
      .sort((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : 0))
      .map(({ entry }) => entry);
  }
}
