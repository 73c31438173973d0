/** Reads conditions: comparisons that stand together by `and`, `or`, `not` and parentheses. */
import { type Condition, OPERATORS, type RuleRange, type RuleValue } from './rule.ts';
import { CLAUSES, Reader } from './reader.ts';
import { RuleTextError, tokensOf } from './tokens.ts';

/** Conditions may stand in each other so deep. */
export const MAX_DEPTH = 32;

/** A condition on its own, as a form may send it. @throws RuleTextError */
export function parseCondition(text: string): Condition {
  const reader = new Reader(tokensOf(text));
  const condition = anyOf(reader, 0);
  if (reader.next.kind !== 'end') reader.fail('the end, or "and" or "or"');
  return condition;
}

/** What stands between `or`, which binds least. */
export function anyOf(reader: Reader, depth: number): Condition {
  const parts = [allOf(reader, depth)];
  while (reader.has('or')) parts.push(allOf(reader, depth));
  return parts.length === 1 ? parts[0] : { any: parts };
}

function allOf(reader: Reader, depth: number): Condition {
  const parts = [not(reader, depth)];
  while (reader.has('and')) parts.push(not(reader, depth));
  return parts.length === 1 ? parts[0] : { all: parts };
}

function not(reader: Reader, depth: number): Condition {
  if (depth > MAX_DEPTH) throw new RuleTextError(`Conditions stand in each other more than ${MAX_DEPTH} deep.`, reader.next);
  if (reader.has('not')) return { not: not(reader, depth + 1) };
  if (!reader.has('(')) return comparison(reader);
  const inner = anyOf(reader, depth + 1);
  if (!reader.has(')')) reader.fail('")", "and" or "or"');
  return inner;
}

function comparison(reader: Reader): Condition {
  if (reader.next.kind !== 'word') reader.fail('the name of a field, "not" or "("');
  const field = reader.take().text;
  const negated = reader.has('not');
  if (reader.has('in')) return { field, operator: negated ? 'not in' : 'in', values: list(reader) };
  if (negated) reader.fail('"in" after "not"');
  if (reader.has('same')) {
    if (!reader.has('as')) reader.fail('"as" after "same"');
    if (reader.next.kind !== 'word') reader.fail('the name of a field');
    return { field, operator: 'same as', other: reader.take().text };
  }
  const operator = OPERATORS.find((one) => reader.has(one));
  if (!operator) reader.fail('==, !=, >, >=, <, <=, in, not in, contains, matches or same as');
  return { field, operator, value: value(reader) };
}

function value(reader: Reader): RuleValue {
  const { kind, text } = reader.next;
  // Words that begin a clause are no values: one is missing before them.
  const begins = kind === 'word' && (text === 'end' || Object.hasOwn(CLAUSES, text));
  if (kind === 'end' || kind === 'sign' || kind === 'time' || begins)
    reader.fail('a number, a text in double quotes, an address or a word');
  reader.take();
  return kind === 'number' ? Number(text) : kind === 'address' ? text.toLowerCase() : text;
}

function list(reader: Reader): RuleRange[] {
  const values: RuleRange[] = [];
  do {
    const from = value(reader);
    // `1-16`: the sign may have been read as that of the second number.
    const second = reader.next;
    if (reader.has('-')) values.push({ from, to: value(reader) });
    else if (typeof from === 'number' && second.kind === 'number' && second.text.startsWith('-')) {
      reader.take();
      values.push({ from, to: Number(second.text.slice(1)) });
    } else values.push(from);
  } while (reader.has(','));
  return values;
}
