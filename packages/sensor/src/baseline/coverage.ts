/** Which entries a list of entries allows: what learning them would make normal. */
import type { Learnable } from '@annunciator/core/alert';
import { type Entry, EntryError, inBounds, lineOf, type Match, parseEntry } from './entry.ts';
import { globMatches } from '../glob.ts';
import { Intervals } from './intervals.ts';

export class Coverage {
  readonly #lines = new Set<string>();
  /** By everything but the items. */
  readonly #ranges = new Map<string, Intervals>();
  readonly #patterns = new Map<number, Entry[]>();

  /** Entries that cannot be read allow nothing. */
  constructor(entries: Iterable<Learnable>) {
    for (const learnable of entries) {
      const entry = read(learnable);
      if (entry) this.#add(entry);
    }
  }

  #add(entry: Entry): void {
    if (!entry.exact) {
      const patterns = this.#patterns.get(entry.aspect);
      if (patterns) patterns.push(entry);
      else this.#patterns.set(entry.aspect, [entry]);
    } else if (entry.items.kind !== 'numbers') this.#lines.add(lineOf(entry.learnable));
    else {
      const key = keyOf(entry);
      let range = this.#ranges.get(key);
      if (!range) this.#ranges.set(key, (range = new Intervals()));
      for (let i = 0; i < entry.items.bounds.length; i += 2) range.add(entry.items.bounds[i], entry.items.bounds[i + 1]);
    }
  }

  /** True when all that the entry names is allowed. */
  has(learnable: Learnable): boolean {
    const entry = read(learnable);
    if (!entry) return false;
    if (this.#lines.has(lineOf(entry.learnable))) return true;
    const { items } = entry;
    const range = items.kind === 'numbers' ? this.#ranges.get(keyOf(entry)) : undefined;
    if (range && items.kind === 'numbers' && within(items.bounds, range.bounds)) return true;
    return (this.#patterns.get(entry.aspect) ?? []).some((pattern) => allows(pattern, entry));
  }
}

function allows(pattern: Entry, entry: Entry): boolean {
  const end = (set: Entry['sources'], name: string, other: string): boolean => (set ? set.has(other) : name === other);
  if (!end(pattern.sources, pattern.learnable.source, entry.learnable.source)) return false;
  if (pattern.definition.between === 'pair' && !end(pattern.destinations, pattern.learnable.destination, entry.learnable.destination))
    return false;
  return pattern.fields.every((match, index) => holds(match, entry.fields[index])) && holds(pattern.items, entry.items);
}

/** True when everything that `other` allows is allowed by `match`. */
function holds(match: Match, other: Match): boolean {
  switch (match.kind) {
    case 'any':
      return true;
    case 'numbers':
      return other.kind === 'numbers' && within(other.bounds, match.bounds);
    case 'text':
      return other.kind === 'text' && other.text === match.text;
    case 'like':
      return other.kind === 'text' ? globMatches(match.pattern, other.text) : other.kind === 'like' && other.pattern === match.pattern;
    default:
      return match satisfies never;
  }
}

function within(bounds: readonly number[], outer: readonly number[]): boolean {
  for (let i = 0; i < bounds.length; i += 2) if (!inBounds(outer, bounds[i], bounds[i + 1])) return false;
  return true;
}

function keyOf({ learnable, fields }: Entry): string {
  return JSON.stringify([learnable.aspect, learnable.source, learnable.destination, fields]);
}

function read(learnable: Learnable): Entry | undefined {
  try {
    return parseEntry(learnable);
  } catch (error) {
    if (error instanceof EntryError) return undefined;
    throw error;
  }
}
