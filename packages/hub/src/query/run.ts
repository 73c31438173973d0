/** Runs a query over rows: filter, show, group. */
import type { JsonObject } from '../twin/limits.ts';
import { evaluate, type Row, type Value } from './evaluate.ts';
import type { Expression, Projection, Query } from './syntax.ts';

/** Groups that a query may form. */
const MOST_GROUPS = 10_000;

export function accepts(query: Query, row: Row): boolean {
  return query.where === null || evaluate(query.where, row) === true;
}

/** What is shown of a row, as a JSON object. Members without a value are left out. */
export function show(projections: readonly Projection[], row: Row): JsonObject {
  const shown: JsonObject = {};
  for (const { value, as } of projections) if (value.kind !== 'aggregate') put(shown, as, evaluate(value, row));
  return shown;
}

export function isAggregate(query: Query): boolean {
  return query.groupBy.length > 0 || (query.projections?.some(({ value }) => value.kind === 'aggregate') ?? false);
}

interface Running {
  rows: number;
  count: number;
  sum: number;
  min: number;
  max: number;
}

interface Group {
  readonly keys: readonly Value[];
  readonly running: Running[];
}

/** Gathers rows into groups, one for everything when there is no GROUP BY. */
export class Groups {
  readonly #query: Query;
  readonly #groups = new Map<string, Group>();
  /** Rows that belong to groups beyond the most that are formed. */
  dropped = 0;

  constructor(query: Query) {
    this.#query = query;
    if (query.groupBy.length === 0) this.#group([]);
  }

  add(row: Row): void {
    const group = this.#group(this.#query.groupBy.map((path) => evaluate(path, row)));
    if (!group) {
      this.dropped++;
      return;
    }
    this.#query.projections?.forEach(({ value }, at) => {
      if (value.kind === 'aggregate') accumulate(group.running[at], value.operand, row);
    });
  }

  #group(keys: readonly Value[]): Group | undefined {
    const name = JSON.stringify(keys.map((key) => (key === undefined ? [] : [key])));
    let group = this.#groups.get(name);
    if (!group && this.#groups.size < MOST_GROUPS) {
      group = { keys, running: (this.#query.projections ?? []).map(() => ({ rows: 0, count: 0, sum: 0, min: Infinity, max: -Infinity })) };
      this.#groups.set(name, group);
    }
    return group;
  }

  /** One object for each group. */
  results(): JsonObject[] {
    return [...this.#groups.values()].map(({ keys, running }) => {
      const shown: JsonObject = {};
      this.#query.projections?.forEach(({ value, as }, at) => {
        if (value.kind === 'aggregate') put(shown, as, result(value.name, running[at]));
        else if (value.kind === 'path')
          put(shown, as, keys[this.#query.groupBy.findIndex((path) => path.steps.join('\0') === value.steps.join('\0'))]);
      });
      return shown;
    });
  }
}

function accumulate(running: Running, operand: Expression | null, row: Row): void {
  running.rows++;
  const value = operand === null ? undefined : evaluate(operand, row);
  if (typeof value !== 'number') return;
  running.count++;
  running.sum += value;
  running.min = Math.min(running.min, value);
  running.max = Math.max(running.max, value);
}

function result(name: 'count' | 'avg' | 'sum' | 'min' | 'max', { rows, count, sum, min, max }: Running): Value {
  if (name === 'count') return rows;
  if (count === 0) return undefined;
  return { avg: sum / count, sum, min, max }[name];
}

function put(object: JsonObject, name: string, value: Value): void {
  if (value !== undefined && name !== '__proto__') object[name] = value;
}
