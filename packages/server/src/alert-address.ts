/**
 * The question to the grid as the address carries it: `?search=plc&from=...&filter=status:equals:New,Active&sort=-lastDetection`.
 *
 * A filter is `column:operator:value,value`; inside a value, `%`, `,` and `:` are percent-encoded, so that any text can be asked for.
 */
import {
  ALERT_COLUMNS,
  type AlertColumn,
  type AlertFilter,
  type AlertQuery,
  FILTER_COLUMNS,
  FILTER_OPERATORS,
} from '@annunciator/store/alert-query';
import { z } from 'zod';
import { RequestError } from './request-error.ts';
import { timeOf } from './time-address.ts';

const MAX_FILTERS = 20;
const MAX_VALUES = 200;

export const alertAddressSchema = z.object({
  search: z
    .string()
    .max(200)
    .optional()
    .describe('Words in title, message, devices, addresses, protocol or id; all have to occur, those in double quotes together'),
  from: z.string().max(40).optional().describe('Earliest last detection, ISO 8601 with offset'),
  to: z.string().max(40).optional().describe('Latest last detection, ISO 8601 with offset'),
  filter: z
    .union([z.string().max(8000), z.array(z.string().max(8000)).max(MAX_FILTERS)])
    .optional()
    .describe(`column:operator:value,value; columns ${FILTER_COLUMNS.join(', ')}; operators ${FILTER_OPERATORS.join(', ')}`),
  sort: z.string().max(40).optional().describe('A column, with - in front for descending; -lastDetection when absent'),
});
export type AlertAddress = z.infer<typeof alertAddressSchema>;

/** The query an address asks. Throws a {@link RequestError} that names the part that cannot be read. */
export function alertQueryOf(address: AlertAddress): AlertQuery {
  const filters = address.filter === undefined ? [] : [address.filter].flat();
  const from = timeOf('from', address.from);
  const to = timeOf('to', address.to);
  return {
    ...(address.search?.trim() ? { search: address.search.trim() } : {}),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    filters: filters.map(filterOf),
    sort: sortOf(address.sort ?? '-lastDetection'),
  };
}

/** A column by its name, or a refusal that lists the columns. */
function columnOf<Column extends string>(name: string, columns: readonly Column[]): Column {
  const column = columns.find((known) => known === name);
  if (!column)
    throw new RequestError(400, 'unknown_column', `There is no column ${JSON.stringify(name)}: use one of ${columns.join(', ')}.`);
  return column;
}

function filterOf(text: string): AlertFilter {
  const [name = '', operatorName = '', ...rest] = text.split(':');
  const operator = FILTER_OPERATORS.find((known) => known === operatorName);
  if (!operator) {
    throw new RequestError(
      400,
      'unknown_operator',
      `A filter is column:operator:value,value with an operator of ${FILTER_OPERATORS.join(', ')}; got ${JSON.stringify(text)}.`,
    );
  }
  const values = rest.join(':').split(',').map(decodeValue);
  if (values.length > MAX_VALUES)
    throw new RequestError(400, 'too_many_values', `A filter takes at most ${MAX_VALUES} values, this one has ${values.length}.`);
  return { column: columnOf(name, FILTER_COLUMNS), operator, values };
}

function decodeValue(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new RequestError(
      400,
      'bad_filter',
      `The filter value ${JSON.stringify(value)} has a % that starts no percent-encoded character.`,
    );
  }
}

function sortOf(text: string): AlertQuery['sort'] {
  const descending = text.startsWith('-');
  const column: AlertColumn = columnOf(descending ? text.slice(1) : text, ALERT_COLUMNS);
  return { column, descending };
}
