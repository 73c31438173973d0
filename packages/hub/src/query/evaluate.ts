/**
 * Values of expressions over a document. What is not there is undefined; comparing it with anything is undefined, and so is
 * comparing values of different types. A row is taken when its condition is true.
 */
import { HubError } from '../hub-error.ts';
import { isObject, type Json } from '../twin/limits.ts';
import type { Expression, Operator } from './syntax.ts';

export type Value = Json | undefined;

/** A document whose members may be read on demand. */
export interface Row {
  member(name: string): Value;
}

export function evaluate(expression: Expression, row: Row): Value {
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'path':
      return follow(row, expression.steps);
    case 'list':
      return expression.items.map((item) => evaluate(item, row) ?? null);
    case 'not': {
      const operand = evaluate(expression.operand, row);
      return typeof operand === 'boolean' ? !operand : undefined;
    }
    case 'negative': {
      const operand = evaluate(expression.operand, row);
      return typeof operand === 'number' ? -operand : undefined;
    }
    case 'binary':
      return binary(expression.operator, expression.left, expression.right, row);
    case 'call':
      return call(
        expression.name,
        expression.operands.map((operand) => evaluate(operand, row)),
      );
  }
}

function follow(row: Row, [first, ...rest]: readonly (string | number)[]): Value {
  let value = row.member(String(first));
  for (const step of rest) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step];
    else if (isObject(value) && Object.hasOwn(value, String(step))) value = value[String(step)];
    else return undefined;
  }
  return value;
}

function binary(operator: Operator, leftSide: Expression, rightSide: Expression, row: Row): Value {
  const left = evaluate(leftSide, row);
  if (operator === 'and') {
    if (left === false) return false;
    const right = evaluate(rightSide, row);
    return right === false ? false : left === true && right === true ? true : undefined;
  }
  if (operator === 'or') {
    if (left === true) return true;
    const right = evaluate(rightSide, row);
    return right === true ? true : left === false && right === false ? false : undefined;
  }
  const right = evaluate(rightSide, row);
  switch (operator) {
    case '=':
      return equals(left, right);
    case '!=': {
      const equal = equals(left, right);
      return equal === undefined ? undefined : !equal;
    }
    case 'in':
      return Array.isArray(right) && left !== undefined ? right.some((item) => equals(left, item) === true) : undefined;
    case 'nin':
      return Array.isArray(right) && left !== undefined ? right.every((item) => equals(left, item) !== true) : undefined;
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordered(operator, left, right);
    default:
      return arithmetic(operator, left, right);
  }
}

function equals(left: Value, right: Value): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (left === null || right === null) return left === right;
  if (typeof left !== typeof right || Array.isArray(left) !== Array.isArray(right)) return undefined;
  if (typeof left !== 'object') return left === right;
  // Sections are written with their members in the order of the sender; equal ones usually look the same.
  return JSON.stringify(left) === JSON.stringify(right);
}

function ordered(operator: '<' | '<=' | '>' | '>=', left: Value, right: Value): boolean | undefined {
  const comparable = (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string');
  if (!comparable || left === undefined || right === undefined || left === null || right === null) return undefined;
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

function arithmetic(operator: '+' | '-' | '*' | '/' | '%', left: Value, right: Value): number | undefined {
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  const result = { '+': left + right, '-': left - right, '*': left * right, '/': left / right, '%': left % right }[operator];
  return Number.isFinite(result) ? result : undefined;
}

type Kind = 'any' | 'string' | 'number';

interface Definition {
  readonly operands: readonly Kind[];
  apply(...operands: never[]): Value;
}

const text = (apply: (...operands: string[]) => Value, count = 1): Definition => ({
  operands: Array.from({ length: count }, () => 'string' as const),
  apply,
});
const number = (apply: (operand: number) => Value): Definition => ({ operands: ['number'], apply });
const any = (apply: (operand: Value) => Value): Definition => ({ operands: ['any'], apply });

const FUNCTIONS: Readonly<Record<string, Definition>> = {
  is_defined: any((value) => value !== undefined),
  is_null: any((value) => value === null),
  is_bool: any((value) => typeof value === 'boolean'),
  is_number: any((value) => typeof value === 'number'),
  is_string: any((value) => typeof value === 'string'),
  is_array: any((value) => Array.isArray(value)),
  is_object: any((value) => isObject(value)),
  is_primitive: any((value) => value !== undefined && (value === null || typeof value !== 'object')),
  startswith: text((value, start) => value.startsWith(start), 2),
  starts_with: text((value, start) => value.startsWith(start), 2),
  endswith: text((value, end) => value.endsWith(end), 2),
  ends_with: text((value, end) => value.endsWith(end), 2),
  contains: text((value, part) => value.includes(part), 2),
  index_of: text((value, part) => value.indexOf(part), 2),
  lower: text((value) => value.toLowerCase()),
  upper: text((value) => value.toUpperCase()),
  length: text((value) => value.length),
  concat: text((one, other) => one + other, 2),
  substring: {
    operands: ['string', 'number', 'number'],
    apply: (value: string, from: number, length: number) => value.slice(from, from + length),
  },
  abs: number(Math.abs),
  ceiling: number(Math.ceil),
  floor: number(Math.floor),
  exp: number(Math.exp),
  square: number((value) => value * value),
  sqrt: number(Math.sqrt),
  sign: number(Math.sign),
};

function call(name: string, operands: readonly Value[]): Value {
  const definition = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!definition) throw new HubError('QueryStoreInvalidQuery', `There is no function ${name.toUpperCase()}.`);
  const kinds = definition.operands;
  if (kinds.length !== operands.length)
    throw new HubError('QueryStoreInvalidQuery', `${name.toUpperCase()} takes ${kinds.length} values, not ${operands.length}.`);
  if (kinds.some((kind, at) => kind !== 'any' && typeof operands[at] !== kind)) return undefined;
  // Their kinds have been compared just now.
  return definition.apply(...(operands as never[]));
}
