/** The question of the grid as SQL. Every value of a person is a bound parameter, never text of a statement. */
import { ENGINES, PORTAL_SEVERITIES, SEVERITIES } from '@annunciator/core/alert';
import { fromMilliseconds, parseInstant } from '@annunciator/core/time';
import { type Expression, type ExpressionBuilder, type RawBuilder, sql, type SqlBool } from 'kysely';
import type { AlertColumn, AlertFilter, AlertQuery } from './alert-query.ts';
import { SENSOR_WEIGHTS, TACTIC_MARK } from './alert-row.ts';
import type { AlertsTable, Schema } from './schema.ts';
import { StoreError } from './store-error.ts';

type Builder = ExpressionBuilder<Schema, 'alerts'>;
type Condition = Expression<SqlBool>;

/** Column of the table for each column of the grid. */
export const SQL_COLUMN = {
  id: 'id',
  severity: 'severity_rank',
  title: 'title',
  engine: 'engine',
  firstDetection: 'first_detection',
  lastDetection: 'last_detection',
  lastActivity: 'last_activity',
  status: 'status',
  disposition: 'disposition',
  category: 'category',
  type: 'type',
  protocol: 'protocol',
  sourceDevice: 'source_device',
  sourceAddress: 'source_address',
  destinationDevice: 'destination_device',
  destinationAddress: 'destination_address',
  sensor: 'sensor',
  site: 'site',
  zone: 'zone',
  tactics: 'tactics',
} as const satisfies Record<AlertColumn, keyof AlertsTable>;

/** Trigrams find texts of this length and longer. */
const TRIGRAM = 3;

/**
 * How SQLite should find what matches. `filter`: by the index of a filter, then sort; right when few match. `order`: along the
 * index of the sort, leaving out what does not match; right when many match, since a page is full soon. SQLite knows no
 * counts, so it would choose the first for both.
 */
export type Approach = 'filter' | 'order';

/** All conditions of a query. */
export function conditionsOf(
  builder: Builder,
  query: Pick<AlertQuery, 'search' | 'from' | 'to' | 'filters'>,
  approach: Approach = 'filter',
): Condition {
  const conditions: Condition[] = query.filters.map((filter) => filterCondition(builder, filter, approach));
  if (query.from !== undefined) conditions.push(builder('last_detection', '>=', query.from));
  if (query.to !== undefined) conditions.push(builder('last_detection', '<=', query.to));
  const search = query.search?.replaceAll('\0', '').trim();
  if (search) conditions.push(searchCondition(search, approach));
  return builder.and(conditions);
}

/** A column; with a plus before it SQLite uses no index for it. */
function columnOf<Value>(column: string, approach: Approach): RawBuilder<Value> {
  return approach === 'order' ? sql`+${sql.ref(column)}` : sql`${sql.ref(column)}`;
}

function searchCondition(search: string, approach: Approach): RawBuilder<SqlBool> {
  const seq = columnOf<bigint>('seq', approach);
  if ([...search].length >= TRIGRAM) {
    const phrase = `"${search.replaceAll('"', '""')}"`;
    return sql<SqlBool>`${seq} IN (SELECT rowid FROM alert_search WHERE alert_search MATCH ${phrase})`;
  }
  return sql<SqlBool>`${seq} IN (SELECT seq FROM alert_text WHERE text LIKE ${`%${escapeLike(search)}%`} ESCAPE '\\')`;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

function filterCondition(builder: Builder, filter: AlertFilter, approach: Approach): Condition {
  const { operator, values } = filter;
  const negative = operator === 'notEquals' || operator === 'notContains';
  const some = builder.or(values.map((value) => valueCondition(builder, filter, value, approach)));
  return negative ? builder.not(some) : some;
}

function valueCondition(builder: Builder, filter: AlertFilter, value: string, approach: Approach): Condition {
  switch (filter.column) {
    case 'severity':
      return severityCondition(builder, filter, value);
    case 'firstDetection':
    case 'lastDetection':
    case 'lastActivity':
      return timeCondition(builder, filter, value);
    case 'tactics':
      return tacticCondition(filter, value);
    case 'sourceDevice':
      return deviceCondition(builder, 'source_id', filter, value, approach);
    case 'destinationDevice':
      return deviceCondition(builder, 'destination_id', filter, value, approach);
    default:
      return textCondition(builder, SQL_COLUMN[filter.column], filter, value, approach);
  }
}

type TextColumn = Exclude<(typeof SQL_COLUMN)[AlertColumn], 'severity_rank' | 'first_detection' | 'last_detection' | 'last_activity'>;

function textCondition(builder: Builder, name: TextColumn, filter: AlertFilter, value: string, approach: Approach): Condition {
  const column = columnOf<string>(name, approach);
  switch (filter.operator) {
    case 'equals':
    case 'notEquals':
      return builder(column, '=', value);
    case 'contains':
    case 'notContains':
      return sql<SqlBool>`${column} LIKE ${`%${escapeLike(value)}%`} ESCAPE '\\'`;
    case 'startsWith':
      return sql<SqlBool>`${column} LIKE ${`${escapeLike(value)}%`} ESCAPE '\\'`;
    case 'greater':
      return builder(column, '>', value);
    case 'less':
      return builder(column, '<', value);
  }
}

/** A device is asked for by what the grid shows, or by its id. */
function deviceCondition(
  builder: Builder,
  id: 'source_id' | 'destination_id',
  filter: AlertFilter,
  value: string,
  approach: Approach,
): Condition {
  const shown = textCondition(builder, id === 'source_id' ? 'source_device' : 'destination_device', filter, value, approach);
  return filter.operator === 'equals' || filter.operator === 'notEquals'
    ? builder.or([shown, builder(columnOf<string>(id, approach), '=', value)])
    : shown;
}

/** Severities are asked for in the portal's words or the sensor's; greater means more severe. */
function severityCondition(builder: Builder, filter: AlertFilter, value: string): Condition {
  const shown = sql<bigint>`severity_rank / ${sql.lit(SENSOR_WEIGHTS)}`;
  const own = sql<bigint>`severity_rank % ${sql.lit(SENSOR_WEIGHTS)}`;
  const matches = (word: string): boolean => {
    const text = word.toLowerCase();
    const asked = value.toLowerCase();
    if (filter.operator === 'contains' || filter.operator === 'notContains') return text.includes(asked);
    return filter.operator === 'startsWith' ? text.startsWith(asked) : text === asked;
  };
  const compare = filter.operator === 'greater' ? '>' : filter.operator === 'less' ? '<' : '=';
  const weights = (words: readonly string[]): number[] => words.flatMap((word, index) => (matches(word) ? [words.length - 1 - index] : []));
  return builder.or([
    ...weights(PORTAL_SEVERITIES).map((weight) => builder(shown, compare, BigInt(weight))),
    ...weights(SEVERITIES).map((weight) => builder(own, compare, BigInt(weight))),
  ]);
}

function timeCondition(builder: Builder, filter: AlertFilter, value: string): Condition {
  const at = /^\d{1,15}$/.test(value) ? fromMilliseconds(Number(value)) : parseInstant(value);
  if (at === undefined) {
    throw new StoreError('bad-value', `"${value}" is no time: write it like 2026-11-21T09:34:00Z, or as milliseconds since 1970.`);
  }
  const column = SQL_COLUMN[filter.column] as 'first_detection' | 'last_detection' | 'last_activity';
  switch (filter.operator) {
    case 'greater':
      return builder(column, '>', at);
    case 'less':
      return builder(column, '<', at);
    case 'equals':
    case 'notEquals':
      return builder(column, '=', at);
    default:
      throw new StoreError('bad-value', `Times cannot be compared by ${filter.operator}: use equals, notEquals, greater or less.`);
  }
}

function tacticCondition(filter: AlertFilter, value: string): Condition {
  const text = escapeLike(value);
  const whole = filter.operator === 'equals' || filter.operator === 'notEquals';
  const pattern = whole
    ? `%${TACTIC_MARK}${text}${TACTIC_MARK}%`
    : filter.operator === 'startsWith'
      ? `%${TACTIC_MARK}${text}%`
      : `%${text}%`;
  return sql<SqlBool>`tactics LIKE ${pattern} ESCAPE '\\'`;
}

/** The words of a group of alerts, from the value that SQL grouped by. */
export function groupWords(column: AlertColumn, value: string | bigint, formatTime: (at: bigint) => string): readonly string[] {
  if (column === 'severity') return [PORTAL_SEVERITIES[PORTAL_SEVERITIES.length - 1 - Math.floor(Number(value) / SENSOR_WEIGHTS)]];
  if (typeof value === 'bigint') return [formatTime(value)];
  if (column === 'tactics') return value.split(TACTIC_MARK).filter((name) => name !== '');
  if (column === 'engine') return [ENGINES.find((engine) => engine.toLowerCase() === value.toLowerCase()) ?? value];
  return [value];
}
