/**
 * Filters as an address carries them: `filter=type:equals:PLC,RTU`, several times. Inside a value, `%`, `,` and `:` are
 * percent-encoded, so that any text can be asked for.
 */
import { FILTER_OPERATORS, type FilterOperator } from '@annunciator/store/alert-query';
import { z } from 'zod';
import { RequestError } from './request-error.ts';

const MAX_FILTERS = 20;
const MAX_VALUES = 200;

export interface Filter<Column extends string> {
  readonly column: Column;
  readonly operator: FilterOperator;
  readonly values: readonly string[];
}

/** A parameter that may be given several times. */
export function several<Schema extends z.ZodType>(schema: Schema) {
  return (
    z
      .union([schema, z.array(schema).max(MAX_VALUES)])
      .optional()
      // Either branch of the union.
      .transform((given) => (given === undefined ? undefined : ([given].flat() as z.infer<Schema>[])))
  );
}

/** The parameter `filter`, and `sort`: a column with `-` in front for descending. */
export function filterParameters(columns: readonly string[]) {
  return {
    filter: z
      .union([z.string().max(8000), z.array(z.string().max(8000)).max(MAX_FILTERS)])
      .optional()
      .describe(`column:operator:value,value; columns ${columns.join(', ')}; operators ${FILTER_OPERATORS.join(', ')}`),
    sort: z.string().max(40).optional().describe('A column, with - in front for descending'),
  };
}

/** @throws RequestError that names the part that cannot be read */
export function filtersOf<Column extends string>(given: string | string[] | undefined, columns: readonly Column[]): Filter<Column>[] {
  return (given === undefined ? [] : [given].flat()).map((text) => {
    const [name = '', operatorName = '', ...rest] = text.split(':');
    const operator = FILTER_OPERATORS.find((known) => known === operatorName);
    if (!operator) {
      const how = `A filter is column:operator:value,value with an operator of ${FILTER_OPERATORS.join(', ')}`;
      throw new RequestError(400, 'unknown_operator', `${how}; got ${JSON.stringify(text)}.`);
    }
    const values = rest.join(':').split(',').map(decoded);
    if (values.length > MAX_VALUES)
      throw new RequestError(400, 'too_many_values', `A filter takes at most ${MAX_VALUES} values, this one has ${values.length}.`);
    return { column: columnOf(name, columns), operator, values };
  });
}

export function sortOf<Column extends string>(text: string, columns: readonly Column[]): { column: Column; descending: boolean } {
  const descending = text.startsWith('-');
  return { column: columnOf(descending ? text.slice(1) : text, columns), descending };
}

/** A column by its name, or a refusal that lists the columns. */
export function columnOf<Column extends string>(name: string, columns: readonly Column[]): Column {
  const column = columns.find((known) => known === name);
  if (column !== undefined) return column;
  throw new RequestError(400, 'unknown_column', `There is no column ${JSON.stringify(name)}: use one of ${columns.join(', ')}.`);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    const what = `The filter value ${JSON.stringify(value)} has a % that starts no percent-encoded character.`;
    throw new RequestError(400, 'bad_filter', what);
  }
}

/** A filter as text, for addresses that the server gives out. */
export function filterText(column: string, operator: FilterOperator, values: readonly string[]): string {
  return `${column}:${operator}:${values.map((value) => encodeURIComponent(value)).join(',')}`;
}

/** Reads an address (without its question mark) that was kept as text. @throws RequestError that says what cannot be read */
export function readAddress<Schema extends z.ZodObject>(text: string, schema: Schema): z.infer<Schema> {
  const parameters = new URLSearchParams(text);
  const given: Record<string, string | string[]> = {};
  for (const name of new Set(parameters.keys())) {
    const all = parameters.getAll(name);
    given[name] = all.length === 1 ? all[0] : all;
  }
  const read = schema.strict().safeParse(given);
  // The schema gives what it infers.
  if (read.success) return read.data as z.infer<Schema>;
  const what = read.error.issues.map(({ path, message }) => `${path.join('.') || 'the address'}: ${message}`).join('; ');
  throw new RequestError(400, 'bad_filter', `The address ${JSON.stringify(text)} cannot be read: ${what}.`);
}
