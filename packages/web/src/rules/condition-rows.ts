/**
 * Conditions as the form shows them: sets of rows. The rows of a set hold together, and one set is enough. What cannot be
 * written that way (`not`, groups within groups) is edited as text.
 */
import type { Condition, RuleField, RuleRange, RuleValue } from '../api/rules.ts';

export interface ConditionRow {
  readonly field: string;
  readonly operator: string;
  /** As typed; of `same as` the name of the other field. */
  readonly value: string;
}

type Comparison = Extract<Condition, { field: string }>;

export type ConditionSets = readonly (readonly ConditionRow[])[];

export const EMPTY_ROW: ConditionRow = { field: '', operator: '==', value: '' };

/** Null when rows cannot show it. */
export function setsOf(condition: Condition | null): ConditionSets | null {
  if (condition === null) return [];
  const sets = 'any' in condition ? condition.any.map(setOf) : [setOf(condition)];
  return sets.every((set) => set !== null) ? sets : null;
}

function setOf(condition: Condition): readonly ConditionRow[] | null {
  const rows = 'all' in condition ? condition.all.map(rowOf) : [rowOf(condition)];
  return rows.every((row) => row !== null) ? rows : null;
}

function rowOf(condition: Condition): ConditionRow | null {
  if (!('field' in condition)) return null;
  const { field, operator } = condition;
  if ('other' in condition) return { field, operator, value: condition.other };
  if ('values' in condition) return { field, operator, value: condition.values.map(rangeText).join(', ') };
  return { field, operator, value: String(condition.value) };
}

const isList = (operator: string): boolean => operator === 'in' || operator === 'not in';

function rangeText(range: RuleRange): string {
  return typeof range === 'object' ? `${range.from} - ${range.to}` : quoted(String(range));
}

function quoted(text: string): string {
  return /[,"]/.test(text) ? JSON.stringify(text) : text;
}

/** Null when there are no rows: every message. */
export function conditionOf(sets: ConditionSets, fields: ReadonlyMap<string, RuleField>): Condition | null {
  const parts = filled(sets).map((set) => {
    const rows = set.map((row) => comparisonOf(row, fields));
    return rows.length === 1 && rows[0] ? rows[0] : { all: rows };
  });
  if (parts.length === 0) return null;
  return parts.length === 1 && parts[0] ? parts[0] : { any: parts };
}

/** Where the server's refusals speak of a row; undefined for a row that is not sent. */
export function partOf(sets: ConditionSets, set: number, row: number): string | undefined {
  const rows = sets[set] ?? [];
  if (!rows[row] || !isFilled(rows[row])) return undefined;
  const isOneOf = filled(sets).length > 1 ? `.any.${filled(sets.slice(0, set)).length}` : '';
  const isWith = rows.filter(isFilled).length > 1 ? `.all.${rows.slice(0, row).filter(isFilled).length}` : '';
  return `when${isOneOf}${isWith}`;
}

/** The same as text, for those who go on in text. */
export function conditionText(sets: ConditionSets, fields: ReadonlyMap<string, RuleField>): string {
  const value = (one: RuleValue): string =>
    typeof one === 'number' || /^[\d:.a-f]*[:.][\d:./a-f]*$/.test(one) ? String(one) : JSON.stringify(one);
  const comparison = (row: ConditionRow): string => {
    const { field, operator, ...rest } = comparisonOf(row, fields);
    if ('other' in rest) return `${field} ${operator} ${rest.other}`;
    if ('value' in rest) return `${field} ${operator} ${value(rest.value)}`;
    const list = rest.values.map((range) => (typeof range === 'object' ? `${value(range.from)} - ${value(range.to)}` : value(range)));
    return `${field} ${operator} ${list.join(', ')}`;
  };
  return filled(sets)
    .map((set) => set.map(comparison).join(' and '))
    .join(' or ');
}

/** Rows in which nothing was chosen yet say nothing. */
const isFilled = ({ field }: ConditionRow): boolean => field !== '';
const filled = (sets: ConditionSets): ConditionRow[][] => sets.map((set) => set.filter(isFilled)).filter((set) => set.length > 0);

function comparisonOf({ field, operator, value }: ConditionRow, fields: ReadonlyMap<string, RuleField>): Comparison {
  const known = fields.get(field);
  if (operator === 'same as') return { field, operator, other: value };
  if (!isList(operator)) return { field, operator, value: valueOf(value, known) };
  return { field, operator, values: pieces(value).map((piece) => rangeOf(piece, known)) };
}

/** What stands between commas; a piece in double quotes may hold commas. */
function pieces(text: string): string[] {
  return [...text.matchAll(/\s*("(?:[^"\\]|\\.)*"|[^,]+)\s*(?:,|$)/g)].map(([, piece = '']) => piece.trim());
}

function rangeOf(piece: string, known: RuleField | undefined): RuleRange {
  const isWord = Object.values(known?.words ?? {}).includes(piece);
  const [, from, to] = (known?.kind === 'text' || isWord ? null : /^(\S+?)\s*-\s*(-?[^-]+)$/.exec(piece)) ?? [];
  return from === undefined || to === undefined ? valueOf(piece, known) : { from: valueOf(from, known), to: valueOf(to, known) };
}

/** What is no number stays text: the server says what it wants. */
function valueOf(typed: string, known: RuleField | undefined): RuleValue {
  const text = typed.trim();
  if (text.startsWith('"') && text.endsWith('"') && text.length > 1) return unquoted(text);
  const isNumber = known?.kind !== 'text' && text !== '' && Number.isFinite(Number(text));
  return isNumber ? Number(text) : text;
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
