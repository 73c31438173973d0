/** The tree of a query (IoT Hub query language over twins, modules and jobs). */

/** `tags.location.plant`, `properties.reported['a b'][0]`. */
export interface Path {
  readonly kind: 'path';
  readonly steps: readonly (string | number)[];
}

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | 'and' | 'or' | 'in' | 'nin';

export type Expression =
  | Path
  | { readonly kind: 'constant'; readonly value: string | number | boolean | null }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'negative'; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Expression[] };

export type AggregateName = 'count' | 'avg' | 'sum' | 'min' | 'max';

export interface Projection {
  /** What is shown: a value of each row, or an aggregate over a group. */
  readonly value: Expression | { readonly kind: 'aggregate'; readonly name: AggregateName; readonly operand: Expression | null };
  /** Name of the member in the answer. */
  readonly as: string;
}

export type Collection = 'devices' | 'devices.modules' | 'devices.jobs';

export interface Query {
  /** Null for `*`. */
  readonly projections: readonly Projection[] | null;
  /** At most so many rows altogether, null for all. */
  readonly top: number | null;
  readonly from: Collection;
  readonly where: Expression | null;
  readonly groupBy: readonly Path[];
}
