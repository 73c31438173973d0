/**
 * One entry of the baseline as text, and what the text means. An entry says who may do what to whom:
 *
 *     modbus.function 10.0.0.5 -> 10.0.0.9 unit=1 function=3
 *
 * Where all parts are one value the entry is exact; a part may also be a set of numbers (`3,16` or `1-16`), a pattern of texts
 * (`tag~"pump*"`), a subnet or range of addresses, or `*`. The grammar is in docs/reference/baseline-grammar.md.
 */
import type { Learnable } from '@annunciator/core/alert';
import { globMatches } from '../glob.ts';
import { AddressSet } from '../inventory/address-set.ts';
import { ASPECT_BY_NAME, ASPECTS, type AspectDefinition, type AspectField } from './aspects.ts';
import { Intervals } from './intervals.ts';

/** What one value may be. */
export type Match =
  | { readonly kind: 'any' }
  /** Bounds: first, last, first, last ... ascending. */
  | { readonly kind: 'numbers'; readonly bounds: readonly number[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'like'; readonly pattern: string };

const ANY: Match = { kind: 'any' };

export interface Entry {
  /** Number of the aspect. */
  readonly aspect: number;
  readonly definition: AspectDefinition;
  /** The canonical text, part by part. */
  readonly learnable: Learnable;
  /** Null when an end is one name; the destination of an aspect without one is null too. */
  readonly sources: AddressSet | null;
  readonly destinations: AddressSet | null;
  /** By field of the definition. */
  readonly fields: readonly Match[];
  /** Of range aspects. */
  readonly items: Match;
  /** Everything but the items of a range aspect is one value: a row of the baseline's tables. */
  readonly exact: boolean;
}

/** Text that is no entry; `at` is the offset of the part that is wrong. */
export class EntryError extends Error {
  readonly code = 'BASELINE_ENTRY';
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = 'EntryError';
    this.at = at;
  }
}

/** The entry as one line. */
export function lineOf({ aspect, source, destination, value }: Learnable): string {
  return `${aspect} ${source}${destination && ` -> ${destination}`}${value && ` ${value}`}`;
}

const LINE = /^(\S+)\s+(\S+)(?:\s+->\s+(\S+))?(?:\s+(\S.*))?$/;

/** Reads a line. @throws EntryError when it is none */
export function parseLine(line: string): Entry {
  const text = line.trimEnd();
  const match = LINE.exec(text);
  if (!match) throw new EntryError('A line is "aspect source -> destination name=value ...", or without "-> destination".', 0);
  const [, aspect, source, destination = '', value = ''] = match;
  return parseEntry({ aspect, source, destination, value }, text.length - value.length, text.indexOf(source, aspect.length));
}

/**
 * Reads an entry. Offsets of errors count from the beginning of the line.
 * @param valueAt where the value begins in its line; @param sourceAt where the source does
 * @throws EntryError when a part cannot be read
 */
export function parseEntry(entry: Learnable, valueAt = 0, sourceAt = 0): Entry {
  const aspect = ASPECT_BY_NAME.get(entry.aspect);
  if (aspect === undefined) throw new EntryError(`There is no aspect "${entry.aspect}".${nearest(entry.aspect)}`, 0);
  const definition = ASPECTS[aspect];
  const pair = definition.between === 'pair';
  if (pair && entry.destination === '') throw new EntryError(`${definition.name} needs "-> destination" after the source.`, sourceAt);
  if (!pair && entry.destination !== '')
    throw new EntryError(`${definition.name} is about one device; leave "-> ${entry.destination}" out.`, sourceAt);
  const sources = endOf(entry.source, sourceAt);
  const destinations = pair ? endOf(entry.destination, sourceAt) : null;
  const values = readValues(definition, entry.value, valueAt);
  const fields = definition.fields.map((field) => {
    const found = values.get(field.name);
    if (found) return found;
    throw new EntryError(`${definition.name} needs ${field.name}=...`, valueAt);
  });
  const items = definition.items === undefined ? ANY : values.get(definition.items);
  if (!items) throw new EntryError(`${definition.name} needs ${definition.items}=...`, valueAt);
  const exact = !sources && !destinations && fields.every(isOne) && (definition.items === undefined || items.kind !== 'any');
  const words = definition.fields.map((field, index) => written(field.name, fields[index], field.words));
  if (definition.items !== undefined) words.push(written(definition.items, items, {}));
  const learnable = {
    aspect: definition.name,
    source: sources?.text ?? entry.source,
    destination: destinations?.text ?? (pair ? entry.destination : ''),
    value: words.join(' '),
  };
  return { aspect, definition, learnable, sources, destinations, fields, items, exact };
}

/** A set of addresses, or null for one name. */
function endOf(text: string, at: number): AddressSet | null {
  const set = AddressSet.parse(text);
  if (set) return set.single ? null : set;
  if (/[/*~]/.test(text) || /^\d+\.\d+\.\d+\.\d+-/.test(text))
    throw new EntryError(`"${text}" is no address, subnet (10.0.0.0/24), range (10.0.0.1-10.0.0.9) or "*".`, at);
  return null;
}

const FIELD = /([\w-]+)(=|~)("(?:[^"\\]|\\.)*"|[^\s"]+)(?:\s+|$)/y;

function readValues(definition: AspectDefinition, value: string, valueAt: number): Map<string, Match> {
  const values = new Map<string, Match>();
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < value.length) {
    const at = FIELD.lastIndex;
    const match = FIELD.exec(value);
    if (!match) throw new EntryError(`"${value.slice(at)}" is not name=value.`, valueAt + at);
    const [, name, operator, written] = match;
    const field = definition.fields.find((one) => one.name === name);
    if (!field && name !== definition.items)
      throw new EntryError(`${definition.name} has no "${name}"; it has ${namesOf(definition)}.`, valueAt + at);
    if (values.has(name)) throw new EntryError(`${name} is given twice.`, valueAt + at);
    values.set(name, matchOf(field, operator, written, valueAt + at + name.length + 1));
  }
  return values;
}

function namesOf(definition: AspectDefinition): string {
  const names = definition.fields.map((field) => field.name);
  if (definition.items !== undefined) names.push(definition.items);
  return names.length === 0 ? 'no values' : names.join(', ');
}

function matchOf(field: AspectField | undefined, operator: string, text: string, at: number): Match {
  if (text === '*' && operator === '=') return ANY;
  if (field?.text) {
    if (!text.startsWith('"')) throw new EntryError(`${field.name} is a text: put it in double quotes.`, at);
    let read: unknown;
    try {
      read = JSON.parse(text);
    } catch {
      throw new EntryError(`${text} is no text: control characters and backslashes are written as in JSON.`, at);
    }
    return operator === '~' ? { kind: 'like', pattern: String(read) } : { kind: 'text', text: String(read) };
  }
  if (operator === '~') throw new EntryError(`${field?.name ?? 'A range'} is a number: use "=" with numbers, "1-16", "3,16" or "*".`, at);
  return { kind: 'numbers', bounds: numbersOf(text, field, at) };
}

function numbersOf(text: string, field: AspectField | undefined, at: number): readonly number[] {
  const set = new Intervals();
  for (const part of text.split(',')) {
    const word = Object.entries(field?.words ?? {}).find(([, known]) => known === part);
    const match = /^(-?\d+|0x[0-9a-f]+)(?:-(-?\d+|0x[0-9a-f]+))?$/i.exec(part);
    const first = word ? Number(word[0]) : match ? Number(match[1]) : Number.NaN;
    const last = match?.[2] === undefined ? first : Number(match[2]);
    const low = field?.signed ? -(2 ** 31) : 0;
    const high = field?.signed ? 2 ** 31 - 1 : 2 ** (field?.bits ?? 32) - 1;
    if (!(first >= low && last <= high && first <= last)) {
      const words = Object.values(field?.words ?? {});
      const or = words.length > 0 ? `, or ${words.join(', ')}` : '';
      throw new EntryError(`"${part}" is no number from ${low} to ${high} and no range such as 1-16${or}.`, at);
    }
    set.add(first, last);
  }
  return set.bounds;
}

function isOne(match: Match): boolean {
  return match.kind === 'text' || (match.kind === 'numbers' && match.bounds.length === 2 && match.bounds[0] === match.bounds[1]);
}

function written(name: string, match: Match, words: AspectField['words']): string {
  switch (match.kind) {
    case 'any':
      return `${name}=*`;
    case 'text':
      return `${name}=${JSON.stringify(match.text)}`;
    case 'like':
      return `${name}~${JSON.stringify(match.pattern)}`;
    case 'numbers':
      return `${name}=${boundsText(match.bounds, words)}`;
    default:
      return match satisfies never;
  }
}

/** `0-99,200`. */
export function boundsText(bounds: readonly number[], words: AspectField['words'] = {}): string {
  const parts: string[] = [];
  for (let i = 0; i < bounds.length; i += 2)
    parts.push(bounds[i] === bounds[i + 1] ? (words[bounds[i]] ?? String(bounds[i])) : `${bounds[i]}-${bounds[i + 1]}`);
  return parts.join(',');
}

/** The part of a number that a field holds. */
export function partOf(field: AspectField, a: number, b: number): number {
  const value = field.in === 'a' ? a : b;
  if (field.bits === 32) return field.signed ? value : value >>> 0;
  return (value >>> field.low) & (2 ** field.bits - 1);
}

/** Numbers of a tuple as the value of its entry. @param text the text behind an interned number */
export function valueOf(definition: AspectDefinition, a: number, b: number, text: (interned: number) => string): string {
  return definition.fields
    .map((field) => {
      const part = partOf(field, a, b);
      return `${field.name}=${field.text ? JSON.stringify(text(part)) : (field.words[part] ?? part)}`;
    })
    .join(' ');
}

/** The numbers of an exact entry. @param intern the number of a text */
export function numbersOfEntry(entry: Entry, intern: (text: string) => number): [number, number] {
  const out: [number, number] = [0, 0];
  entry.definition.fields.forEach((field, index) => {
    const match = entry.fields[index];
    const value = match.kind === 'text' ? intern(match.text) : match.kind === 'numbers' ? match.bounds[0] : 0;
    const at = field.in === 'a' ? 0 : 1;
    out[at] = out[at] | (field.bits === 32 ? value : value << field.low) | 0;
  });
  return out;
}

/** True when the value of a field fits. @param text the text behind an interned number */
export function fits(match: Match, value: number, text: (interned: number) => string): boolean {
  switch (match.kind) {
    case 'any':
      return true;
    case 'numbers':
      return inBounds(match.bounds, value, value);
    case 'text':
      return match.text === text(value);
    case 'like':
      return globMatches(match.pattern, text(value));
    default:
      return match satisfies never;
  }
}

/** True when one interval holds all from `first` to `last`. */
export function inBounds(bounds: readonly number[], first: number, last: number): boolean {
  for (let i = 0; i < bounds.length; i += 2) if (bounds[i] <= first && last <= bounds[i + 1]) return true;
  return false;
}

/** ` Did you mean ...?` for a name that is nearly right, else nothing. */
function nearest(name: string): string {
  const [head] = name.split('.');
  const near = [...ASPECT_BY_NAME.keys()].filter((known) => known.split('.')[0] === head);
  return near.length > 0 ? ` Known are ${near.join(', ')}.` : '';
}
