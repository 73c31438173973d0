/** A filter as the server's address has it: `column:operator:value,value`, values percent-encoded. */

export const OPERATORS = {
  equals: 'equals',
  notEquals: 'does not equal',
  contains: 'contains',
  notContains: 'does not contain',
  startsWith: 'starts with',
  greater: 'above',
  less: 'below',
} as const;
export type Operator = keyof typeof OPERATORS;
const TIME_OPERATORS: Readonly<Partial<Record<Operator, string>>> = { less: 'before', greater: 'after' };

/** An operator as people read it, for a kind of column. */
export const operatorWord = (operator: Operator, kind: string): string =>
  (kind === 'time' ? TIME_OPERATORS[operator] : undefined) ?? OPERATORS[operator];

export interface ColumnFilter {
  readonly column: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

export function filterText({ column, operator, values }: ColumnFilter): string {
  return `${column}:${operator}:${values.map((value) => encodeURIComponent(value)).join(',')}`;
}

/** Null when the text is no filter. */
export function readFilter(text: string): ColumnFilter | null {
  const [column = '', operator = '', ...rest] = text.split(':');
  if (!(operator in OPERATORS)) return null;
  try {
    // Checked on the line above.
    return { column, operator: operator as Operator, values: rest.join(':').split(',').map(decodeURIComponent) };
  } catch {
    return null;
  }
}
