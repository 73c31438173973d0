/**
 * The baseline of a sensor as a document: a heading, then an entry per line in the order of their bytes. So the same baseline
 * is the same text, and any tool that compares lines compares baselines.
 *
 *     annunciator baseline 1
 *     device 10.20.10.21
 *     modbus.function 10.20.10.21 -> 10.20.10.42 unit=1 function=3
 *
 * Lines that begin with `#` are for people: they are skipped when read, and written only on request.
 */
import type { Learnable } from '@annunciator/core/alert';
import type { BaselineEntry } from '@annunciator/core/baseline-entry';
import { formatInstant } from '@annunciator/core/time';
import { boundsText, type Entry, EntryError, lineOf, parseEntry, parseLine } from './entry.ts';
import { Intervals } from './intervals.ts';

export const HEADING = 'annunciator baseline 1';
/** Faults that are told; more are only counted. */
const MAX_PROBLEMS = 100;
/** Entries beyond this would find no place. */
export const MAX_ENTRIES = 1 << 20;

export interface Problem {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface ReadBaseline {
  /** In order, each once. */
  readonly entries: readonly Learnable[];
  /** Empty when the text is a baseline; entries are then complete. */
  readonly problems: readonly Problem[];
}

/** The document, line by line. @param origins adds who learned each entry, as a comment above it */
export function* baselineText(entries: Iterable<BaselineEntry | Learnable>, origins = false): Iterable<string> {
  yield `${HEADING}\n`;
  for (const entry of entries) {
    if (origins && 'origin' in entry) yield `# ${originText(entry)}\n`;
    yield `${lineOf(entry)}\n`;
  }
}

/** `learned by the sensor at 2026-06-01T06:00:00Z`, `learned by eva at ... from alert ...`. */
export function originText({ learned, origin }: BaselineEntry): string {
  const traffic = learned === null ? '' : ` from traffic of ${formatInstant(learned, 0)}`;
  if (origin.by === null) return `learned by the sensor${traffic}`;
  const at = origin.at === null ? '' : ` at ${new Date(origin.at).toISOString()}`;
  return `learned by ${origin.by}${at}${origin.alert === null ? '' : ` from alert ${origin.alert}`}`;
}

/** Reads a document. Lines that say the same are one entry; ranges of one pair and table are one entry. */
export function readBaseline(text: string): ReadBaseline {
  const problems: Problem[] = [];
  const exact = new Map<string, Learnable>();
  const ranges = new Map<string, { entry: Entry; items: Intervals }>();
  let headed = false;
  let number = 0;
  for (const raw of text.split('\n')) {
    number++;
    const line = raw.replace(/\r$/, '').trimStart();
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (!headed) {
      headed = true;
      if (line.trimEnd() === HEADING) continue;
      const other = /^annunciator baseline (\S+)/.exec(line);
      const message = other
        ? `This is a baseline in format ${other[1]}; this program reads format 1.`
        : `A baseline begins with the line "${HEADING}".`;
      problems.push({ line: number, column: 1, message });
      if (other) break;
    }
    try {
      add(parseLine(line), exact, ranges);
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      if (problems.length < MAX_PROBLEMS)
        problems.push({ line: number, column: raw.length - raw.trimStart().length + error.at + 1, message: error.message });
    }
    if (exact.size + ranges.size > MAX_ENTRIES) {
      problems.push({ line: number, column: 1, message: `A baseline holds at most ${MAX_ENTRIES.toLocaleString('en')} entries.` });
      break;
    }
  }
  if (!headed) problems.push({ line: 1, column: 1, message: `The text is empty: a baseline begins with the line "${HEADING}".` });
  for (const { entry, items } of ranges.values()) {
    const learnable = withItems(entry, items);
    exact.set(lineOf(learnable), learnable);
  }
  return { entries: inOrder([...exact.values()]), problems };
}

function add(entry: Entry, exact: Map<string, Learnable>, ranges: Map<string, { entry: Entry; items: Intervals }>): void {
  if (!isRange(entry)) {
    exact.set(lineOf(entry.learnable), entry.learnable);
    return;
  }
  const key = keyOf(entry);
  let range = ranges.get(key);
  if (!range) ranges.set(key, (range = { entry, items: new Intervals() }));
  for (const [first, last] of intervalsOf(entry)) range.items.add(first, last);
}

function withItems({ learnable, definition }: Entry, items: Intervals): Learnable {
  const name = ` ${definition.items}=`;
  return { ...learnable, value: `${learnable.value.slice(0, learnable.value.lastIndexOf(name))}${name}${boundsText(items.bounds)}` };
}

/** Entries in the order of their lines. */
export function inOrder<E extends Learnable>(entries: readonly E[]): E[] {
  return entries
    .map((entry) => ({ entry, line: lineOf(entry) }))
    .sort((x, y) => (x.line < y.line ? -1 : x.line > y.line ? 1 : 0))
    .map(({ entry }) => entry);
}

/**
 * The entries after some leave and some come, as a sensor would have them: ranges of one pair and table are one entry, and
 * losing a part of a range leaves the rest.
 */
export function edited(entries: readonly BaselineEntry[], unlearn: readonly Learnable[], learn: readonly BaselineEntry[]): BaselineEntry[] {
  const plain = new Map<string, BaselineEntry>();
  const ranges = new Map<string, { entry: Entry; items: Intervals; told: BaselineEntry }>();
  const put = (told: BaselineEntry): void => {
    const entry = parseEntry(told);
    if (!isRange(entry)) {
      plain.set(lineOf(entry.learnable), { ...told, ...entry.learnable });
      return;
    }
    const key = keyOf(entry);
    let range = ranges.get(key);
    if (!range) ranges.set(key, (range = { entry, items: new Intervals(), told }));
    else if (told.origin.by !== null) range.told = told;
    for (const [first, last] of intervalsOf(entry)) range.items.add(first, last);
  };
  for (const entry of entries) put(entry);
  for (const gone of unlearn) {
    const entry = parseEntry(gone);
    const range = ranges.get(keyOf(entry));
    plain.delete(lineOf(entry.learnable));
    if (range && isRange(entry)) for (const [first, last] of intervalsOf(entry)) range.items.remove(first, last);
  }
  for (const entry of learn) put(entry);
  const out = [...plain.values()];
  for (const { entry, items, told } of ranges.values()) if (items.bounds.length > 0) out.push({ ...told, ...withItems(entry, items) });
  return inOrder(out);
}

const isRange = (entry: Entry): boolean => entry.exact && entry.definition.items !== undefined && entry.items.kind === 'numbers';

function keyOf({ learnable, fields }: Entry): string {
  return JSON.stringify([learnable.aspect, learnable.source, learnable.destination, fields]);
}

function* intervalsOf({ items }: Entry): Iterable<[number, number]> {
  if (items.kind === 'numbers') for (let i = 0; i < items.bounds.length; i += 2) yield [items.bounds[i], items.bounds[i + 1]];
}

export interface BaselineDifference<E extends Learnable = Learnable> {
  /** In order. */
  readonly added: readonly E[];
  readonly removed: readonly Learnable[];
}

/** What brings `before` to `after`. */
export function difference<E extends Learnable>(before: readonly Learnable[], after: readonly E[]): BaselineDifference<E> {
  const known = new Map(before.map((entry) => [lineOf(entry), entry]));
  const added: E[] = [];
  for (const entry of after) if (!known.delete(lineOf(entry))) added.push(entry);
  return { added: inOrder(added), removed: inOrder([...known.values()]) };
}

/** The difference as lines with `-` and `+` before them, in the order of the entries. */
export function* differenceText({ added, removed }: BaselineDifference): Iterable<string> {
  const lines = [...removed.map((entry) => [lineOf(entry), '-'] as const), ...added.map((entry) => [lineOf(entry), '+'] as const)];
  lines.sort(([x, a], [y, b]) => (x < y ? -1 : x > y ? 1 : a < b ? 1 : -1));
  for (const [line, sign] of lines) yield `${sign} ${line}\n`;
}
