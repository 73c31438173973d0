/** The question to the inventory as SQL. Every value of a person is a bound parameter, never text of a statement. */
import { addressOrder, parseNetwork } from '@annunciator/core/subnet';
import { fromMilliseconds, parseInstant } from '@annunciator/core/time';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import type { FilterOperator } from '../alert-query.ts';
import { StoreError } from '../store-error.ts';
import { type DeviceColumn, deviceColumn } from './device-columns.ts';
import type { DeviceFilter, DeviceQuery } from './device-query.ts';

type Condition = RawBuilder<SqlBool>;

/** Trigrams find texts of this length and longer. */
const TRIGRAM = 3;

const YES = sql<SqlBool>`1`;

/** All conditions of a query on the table `devices`, named `d`. Parts of other devices are not in the inventory. */
export function deviceConditions({
  search,
  filters,
  among,
  scope,
}: Pick<DeviceQuery, 'search' | 'filters' | 'among' | 'scope'>): Condition {
  const conditions: Condition[] = [sql<SqlBool>`d.merged_into IS NULL`, ...filters.map(filterCondition)];
  if (scope) conditions.push(scopeCondition(scope));
  const text = search?.replaceAll('\0', '').trim();
  if (text) conditions.push(searchCondition(text));
  if (among) conditions.push(sql<SqlBool>`d.number IN (SELECT value FROM json_each(${JSON.stringify(among)}))`);
  return sql.join(conditions, sql` AND `);
}

/** One of the lists of filters holds; nothing holds when there is none. */
export function scopeCondition(scope: NonNullable<DeviceQuery['scope']>): Condition {
  if (scope.length === 0) return sql<SqlBool>`0`;
  const lists = scope.map((filters) => sql<SqlBool>`(${sql.join([YES, ...filters.map(filterCondition)], sql` AND `)})`);
  return sql<SqlBool>`(${sql.join(lists, sql` OR `)})`;
}

function searchCondition(text: string): Condition {
  if ([...text].length >= TRIGRAM) {
    const phrase = `"${text.replaceAll('"', '""')}"`;
    return sql<SqlBool>`d.number IN (SELECT rowid FROM device_search WHERE device_search MATCH ${phrase})`;
  }
  const pattern = `%${escapeLike(text)}%`;
  return sql<SqlBool>`d.number IN (SELECT number FROM device_text WHERE told LIKE ${pattern} ESCAPE '\\' OR said LIKE ${pattern} ESCAPE '\\')`;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

const NEGATIVE: ReadonlySet<FilterOperator> = new Set(['notEquals', 'notContains']);

function filterCondition({ column, operator, values }: DeviceFilter): Condition {
  if (values.length === 0) return YES;
  const some = sql<SqlBool>`(${sql.join(
    values.map((value) => valueCondition(column, operator, value)),
    sql` OR `,
  )})`;
  return NEGATIVE.has(operator) ? sql<SqlBool>`NOT ${some}` : some;
}

function valueCondition(name: DeviceColumn, operator: FilterOperator, value: string): Condition {
  const column = deviceColumn(name);
  const cell = sql.ref(`d.${column.sql}`);
  switch (column.kind) {
    case 'list':
      return listCondition(column.list ?? '', operator, value);
    case 'text':
      return textCondition(cell, operator, value);
    case 'flag':
      return sql<SqlBool>`${cell} = ${flagOf(column.label, value)}`;
    case 'number':
      return numberCondition(column.label, cell, operator, value);
    case 'time':
      return timeCondition(cell, operator, value);
  }
}

function textCondition(cell: RawBuilder<unknown>, operator: FilterOperator, value: string): Condition {
  switch (operator) {
    case 'equals':
    case 'notEquals':
      return sql<SqlBool>`${cell} = ${value}`;
    case 'contains':
    case 'notContains':
      return sql<SqlBool>`${cell} LIKE ${`%${escapeLike(value)}%`} ESCAPE '\\'`;
    case 'startsWith':
      return sql<SqlBool>`${cell} LIKE ${`${escapeLike(value)}%`} ESCAPE '\\'`;
    case 'greater':
      return sql<SqlBool>`${cell} > ${value}`;
    case 'less':
      return sql<SqlBool>`${cell} < ${value}`;
  }
}

/** A device has one of the words; an empty value asks for devices that have none. IP addresses are also asked for by network. */
function listCondition(kind: string, operator: FilterOperator, value: string): Condition {
  if (value === '' && (operator === 'equals' || operator === 'notEquals'))
    return sql<SqlBool>`NOT EXISTS (SELECT 1 FROM device_values v WHERE v.number = d.number AND v.kind = ${kind})`;
  const among = (condition: Condition, of = kind): Condition =>
    sql<SqlBool>`d.number IN (SELECT v.number FROM device_values v WHERE v.kind = ${of} AND ${condition})`;
  if (kind === 'ip' && (operator === 'equals' || operator === 'notEquals')) {
    const network = parseNetwork(value);
    if (network) return among(sql<SqlBool>`v.value BETWEEN ${network.first} AND ${network.last}`, 'ip-order');
  }
  if (kind === 'ip' && (operator === 'greater' || operator === 'less')) {
    const order = addressOrder(value);
    if (order === '') throw new StoreError('bad-value', `"${value}" is no IP address: write it like 10.1.2.3.`);
    return among(textCondition(sql.ref('v.value'), operator, order), 'ip-order');
  }
  return among(textCondition(sql.ref('v.value'), operator, value));
}

const FLAGS: Readonly<Record<string, number>> = { yes: 1, true: 1, 1: 1, no: 0, false: 0, 0: 0 };

function flagOf(label: string, value: string): number {
  const found = FLAGS[value.toLowerCase()];
  if (found === undefined) throw new StoreError('bad-value', `${label} is yes or no, not "${value}".`);
  return found;
}

function numberCondition(label: string, cell: RawBuilder<unknown>, operator: FilterOperator, value: string): Condition {
  if (value === '') return sql<SqlBool>`${cell} IS NULL`;
  if (!/^-?\d{1,15}$/.test(value)) throw new StoreError('bad-value', `${label} is a number, "${value}" is none.`);
  const number = Number(value);
  switch (operator) {
    case 'greater':
      return sql<SqlBool>`${cell} > ${number}`;
    case 'less':
      return sql<SqlBool>`${cell} < ${number}`;
    case 'equals':
    case 'notEquals':
      // A level that is not known differs from every level.
      return sql<SqlBool>`coalesce(${cell} = ${number}, 0)`;
    default:
      throw new StoreError('bad-value', `${label} cannot be compared by ${operator}: use equals, notEquals, greater or less.`);
  }
}

function timeCondition(cell: RawBuilder<unknown>, operator: FilterOperator, value: string): Condition {
  if (value === '') return sql<SqlBool>`${cell} IS NULL`;
  const at = /^\d{1,15}$/.test(value) ? fromMilliseconds(Number(value)) : parseInstant(value);
  if (at === undefined)
    throw new StoreError('bad-value', `"${value}" is no time: write it like 2026-11-21T09:34:00Z, or as milliseconds since 1970.`);
  switch (operator) {
    case 'greater':
      return sql<SqlBool>`${cell} > ${at}`;
    case 'less':
      return sql<SqlBool>`${cell} < ${at}`;
    case 'equals':
    case 'notEquals':
      return sql<SqlBool>`${cell} = ${at}`;
    default:
      throw new StoreError('bad-value', `Times cannot be compared by ${operator}: use equals, notEquals, greater or less.`);
  }
}
