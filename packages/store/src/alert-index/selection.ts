/**
 * Which alerts match: all slots, narrowed by one condition after the other. A condition on texts is asked of the few
 * texts of the column first, so that an alert costs a look into two arrays.
 */
import { PORTAL_SEVERITIES, SEVERITIES } from '@annunciator/core/alert';
import { fromMilliseconds, parseInstant } from '@annunciator/core/time';
import type { AlertFilter, AlertMatch, FilterColumn, FilterOperator } from '../alert-query.ts';
import { SENSOR_WEIGHTS, TACTIC_MARK } from '../alert-row.ts';
import { StoreError } from '../store-error.ts';
import type { Columns, TextColumn } from './columns.ts';

/** Search terms that are looked for; further ones are left out. */
const MOST_TERMS = 8;
/** An alert's id is hexadecimal: other texts need not be looked for there. */
const LIKE_AN_ID = /^[0-9a-f-]{4,}$/i;

/** Matching slots, ascending: the first `count` of `slots`. The array is used again by the next selection. */
export interface Selection {
  readonly slots: Uint32Array;
  count: number;
}

export class Selector {
  readonly #columns: Columns;
  #slots = new Uint32Array(1024);

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  /** The alerts that match, of the slots from one up to another. @throws StoreError `bad-value` when a filter asks what cannot be read. */
  select(match: AlertMatch, from = 0, to = this.#columns.size): Selection {
    const selection = this.#all(from, to);
    const columns = this.#columns;
    const { lastDetection } = columns.numbers;
    if (match.from !== undefined) {
      const least = microseconds(match.from);
      keep(selection, (slot) => lastDetection[slot] >= least);
    }
    if (match.to !== undefined) {
      const most = microseconds(match.to);
      keep(selection, (slot) => lastDetection[slot] <= most);
    }
    for (const filter of match.filters) this.#narrow(selection, filter);
    if (match.scope) this.#within(selection, match.scope);
    for (const term of termsOf(match.search ?? '')) this.#find(selection, term);
    return selection;
  }

  #all(from: number, to: number): Selection {
    const { size, live } = this.#columns;
    if (this.#slots.length < size) this.#slots = new Uint32Array(live.length);
    const slots = this.#slots;
    let count = 0;
    for (let slot = from; slot < Math.min(to, size); slot++) if (live[slot] === 1) slots[count++] = slot;
    return { slots, count };
  }

  #narrow(selection: Selection, filter: AlertFilter): void {
    const { column } = filter;
    if (isText(column)) return keepCodes(selection, this.#columns.codes[column], this.#mask(column, filter));
    keep(selection, this.#test(filter));
  }

  /** Alternatives of filters: a slot stays when all filters of one of them hold. */
  #within(selection: Selection, scope: readonly (readonly AlertFilter[])[]): void {
    const alternatives = scope.map((filters) => filters.map((filter) => this.#test(filter)));
    keep(selection, (slot) => alternatives.some((tests) => tests.every((test) => test(slot))));
  }

  #test(filter: AlertFilter): (slot: number) => boolean {
    const { codes, numbers, ids } = this.#columns;
    const { column, operator, values } = filter;
    switch (column) {
      case 'severity': {
        const mask = severityMask(operator, values);
        return (slot) => mask[numbers.severity[slot]] === 1;
      }
      case 'firstDetection':
      case 'lastDetection':
      case 'lastActivity':
        return timeTest(numbers[column], operator, values);
      case 'id': {
        const test = textTest(operator, values);
        return (slot) => test(ids[slot].toLowerCase());
      }
      case 'sourceDevice':
      case 'destinationDevice':
        return this.#deviceTest(column === 'sourceDevice' ? ['source'] : ['destination'], filter);
      case 'device':
        return this.#deviceTest(['source', 'destination'], filter);
      default: {
        const mask = this.#mask(column, filter);
        const own = codes[column];
        return (slot) => mask[own[slot]] === 1;
      }
    }
  }

  /** A device is asked for by what the grid shows or, when it is named whole, by its id. */
  #deviceTest(ends: readonly ('source' | 'destination')[], { operator, values }: AlertFilter): (slot: number) => boolean {
    const { codes, dictionaries } = this.#columns;
    const negative = isNegative(operator);
    const positive = negative ? (operator === 'notEquals' ? 'equals' : 'contains') : operator;
    const names = maskOf(dictionaries.sourceDevice, positive, values);
    const ids = positive === 'equals' ? maskOf(dictionaries.sourceId, positive, values) : undefined;
    const parts = ends.map((end) => [codes[`${end}Device`], codes[`${end}Id`]] as const);
    return (slot) => parts.some(([name, id]) => names[name[slot]] === 1 || (ids !== undefined && ids[id[slot]] === 1)) !== negative;
  }

  #mask(column: TextColumn, { operator, values }: AlertFilter): Uint8Array {
    const dictionary = this.#columns.dictionaries[column];
    return column === 'tactics' ? tacticsMask(dictionary, operator, values) : maskOf(dictionary, operator, values);
  }

  /** Keeps the alerts in which a term occurs. */
  #find(selection: Selection, term: string): void {
    const { codes, dictionaries, ids, messages } = this.#columns;
    const includes = (lower: string) => lower.includes(term);
    const fields = SEARCHED.map((column) => [codes[column], dictionaries[column].mask(includes)] as const).filter(([, mask]) =>
      mask.includes(1),
    );
    const inMessage = messages.finder(term);
    const inId = LIKE_AN_ID.test(term);
    keep(selection, (slot) => {
      for (const [own, mask] of fields) if (mask[own[slot]] === 1) return true;
      return inMessage(slot) || (inId && ids[slot].includes(term));
    });
  }
}

const SEARCHED = [
  'title',
  'protocol',
  'sourceId',
  'sourceDevice',
  'sourceAddress',
  'destinationId',
  'destinationDevice',
  'destinationAddress',
] as const satisfies readonly TextColumn[];

/** Words of a search, in lower case; what stands between double quotes is one term. */
export function termsOf(search: string): string[] {
  const terms = Array.from(search.toLowerCase().matchAll(/"([^"]+)"|([^\s"]+)/g), ([, quoted, plain]) => (quoted ?? plain ?? '').trim());
  return [...new Set(terms)].filter((term) => term !== '').slice(0, MOST_TERMS);
}

/** Time of the index: microseconds since 1970, rounded down. */
export function microseconds(at: bigint): number {
  return Number(at / 1000n);
}

function keep(selection: Selection, test: (slot: number) => boolean): void {
  const { slots, count } = selection;
  let kept = 0;
  for (let at = 0; at < count; at++) if (test(slots[at])) slots[kept++] = slots[at];
  selection.count = kept;
}

function keepCodes(selection: Selection, codes: Uint32Array, mask: Uint8Array): void {
  const { slots, count } = selection;
  let kept = 0;
  for (let at = 0; at < count; at++) {
    const slot = slots[at];
    if (mask[codes[slot]] === 1) slots[kept++] = slot;
  }
  selection.count = kept;
}

function isText(column: FilterColumn): column is Exclude<TextColumn, 'sourceDevice' | 'destinationDevice'> & FilterColumn {
  return !['id', 'severity', 'firstDetection', 'lastDetection', 'lastActivity', 'sourceDevice', 'destinationDevice', 'device'].includes(
    column,
  );
}

function isNegative(operator: FilterOperator): boolean {
  return operator === 'notEquals' || operator === 'notContains';
}

/** A test of a text in lower case. */
function textTest(operator: FilterOperator, values: readonly string[]): (lower: string) => boolean {
  const asked = values.map((value) => value.toLowerCase());
  const whole = new Set(asked);
  switch (operator) {
    case 'equals':
      return (text) => whole.has(text);
    case 'notEquals':
      return (text) => !whole.has(text);
    case 'contains':
      return (text) => asked.some((value) => text.includes(value));
    case 'notContains':
      return (text) => !asked.some((value) => text.includes(value));
    case 'startsWith':
      return (text) => asked.some((value) => text.startsWith(value));
    case 'greater':
      return (text) => asked.some((value) => text > value);
    case 'less':
      return (text) => asked.some((value) => text < value);
  }
}

function maskOf(dictionary: Columns['dictionaries'][TextColumn], operator: FilterOperator, values: readonly string[]): Uint8Array {
  return dictionary.mask(textTest(operator, values));
}

function tacticsMask(dictionary: Columns['dictionaries'][TextColumn], operator: FilterOperator, values: readonly string[]): Uint8Array {
  const negative = isNegative(operator);
  const test = textTest(negative ? (operator === 'notEquals' ? 'equals' : 'contains') : operator, values);
  return dictionary.mask((text) => tacticsOf(text).some(test) !== negative);
}

/** The names in a text of tactics. */
export function tacticsOf(text: string): string[] {
  return text.split(TACTIC_MARK).filter((name) => name !== '');
}

/** Severities are asked for in the portal's words or the sensor's; greater means more severe. One place per rank. */
function severityMask(operator: FilterOperator, values: readonly string[]): Uint8Array {
  const mask = new Uint8Array(PORTAL_SEVERITIES.length * SENSOR_WEIGHTS);
  const negative = isNegative(operator);
  for (let rank = 0; rank < mask.length; rank++) {
    const weights = [
      [PORTAL_SEVERITIES, Math.floor(rank / SENSOR_WEIGHTS)],
      [SEVERITIES, rank % SENSOR_WEIGHTS],
    ] as const;
    const some = values.some((value) =>
      weights.some(([words, own]) => words.some((word, at) => severityHolds(word, words.length - 1 - at, own, operator, value))),
    );
    mask[rank] = some === negative ? 0 : 1;
  }
  return mask;
}

function severityHolds(word: string, weight: number, own: number, operator: FilterOperator, value: string): boolean {
  const text = word.toLowerCase();
  const asked = value.toLowerCase();
  const named =
    operator === 'contains' || operator === 'notContains'
      ? text.includes(asked)
      : operator === 'startsWith'
        ? text.startsWith(asked)
        : text === asked;
  if (!named) return false;
  return operator === 'greater' ? own > weight : operator === 'less' ? own < weight : own === weight;
}

function timeTest(times: Float64Array, operator: FilterOperator, values: readonly string[]): (slot: number) => boolean {
  const asked = values.map(timeOf);
  switch (operator) {
    case 'greater':
      return (slot) => asked.some((at) => times[slot] > at);
    case 'less':
      return (slot) => asked.some((at) => times[slot] < at);
    case 'equals':
      return (slot) => asked.includes(times[slot]);
    case 'notEquals':
      return (slot) => !asked.includes(times[slot]);
    default:
      throw new StoreError('bad-value', `Times cannot be compared by ${operator}: use equals, notEquals, greater or less.`);
  }
}

function timeOf(value: string): number {
  const at = /^\d{1,15}$/.test(value) ? fromMilliseconds(Number(value)) : parseInstant(value);
  if (at !== undefined) return microseconds(at);
  throw new StoreError('bad-value', `"${value}" is no time: write it like 2026-11-21T09:34:00Z, or as milliseconds since 1970.`);
}
