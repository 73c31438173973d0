/** Conditions as JSON brings them: as text, or as the values of rule.ts. What is neither is named by its part. */
import { MAX_DEPTH, parseCondition } from './parse-condition.ts';
import { type Condition, OPERATORS, type Operator, type RuleProblem, type RuleRange, type RuleValue } from './rule.ts';
import { RuleTextError } from './tokens.ts';

const SHAPES = 'Give a text such as "value > 900", {"field", "operator", "value"}, {"all": [...]}, {"any": [...]} or {"not": {...}}.';

/** Undefined when it is no condition; then at least one problem was added. */
export function conditionOf(value: unknown, part: string, problems: RuleProblem[], depth = 0): Condition | undefined {
  const fault = (where: string, message: string): undefined => void problems.push({ part: where, message });
  if (typeof value === 'string') {
    try {
      return parseCondition(value);
    } catch (error) {
      if (!(error instanceof RuleTextError)) throw error;
      return fault(part, `Line ${error.line}, column ${error.column}: ${error.message}`);
    }
  }
  if (depth > MAX_DEPTH) return fault(part, `Conditions stand in each other more than ${MAX_DEPTH} deep.`);
  if (!isObject(value)) return fault(part, SHAPES);
  if ('not' in value) {
    const inner = conditionOf(value['not'], `${part}.not`, problems, depth + 1);
    return inner && { not: inner };
  }
  for (const kind of ['all', 'any'] as const) {
    const list = value[kind];
    if (list === undefined) continue;
    if (!Array.isArray(list)) return fault(`${part}.${kind}`, 'Give a list of conditions.');
    const parts = list.map((one, index) => conditionOf(one, `${part}.${kind}.${index}`, problems, depth + 1));
    const whole = parts.filter((one) => one !== undefined);
    if (whole.length < parts.length) return undefined;
    return kind === 'all' ? { all: whole } : { any: whole };
  }
  return comparisonOf(value, part, fault);
}

function comparisonOf(
  { field, operator, value, values, other }: Readonly<Record<string, unknown>>,
  part: string,
  fault: (part: string, message: string) => undefined,
): Condition | undefined {
  if (typeof field !== 'string') return fault(part, SHAPES);
  if (operator === 'in' || operator === 'not in') {
    if (!Array.isArray(values)) return fault(`${part}.values`, 'Give a list of values, or of {"from", "to"}.');
    const bad = values.findIndex((one) => !isRange(one));
    if (bad >= 0) return fault(`${part}.values.${bad}`, 'Give a number, a text, or {"from", "to"}.');
    return { field, operator, values: values.filter(isRange) };
  }
  if (operator === 'same as') {
    if (typeof other !== 'string') return fault(`${part}.other`, 'Give the name of a field.');
    return { field, operator, other };
  }
  if (!isOperator(operator)) return fault(`${part}.operator`, `Give one of ${OPERATORS.join(', ')}, in, not in, same as.`);
  if (!isValue(value)) return fault(`${part}.value`, 'Give a number or a text.');
  return { field, operator, value };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isOperator = (value: unknown): value is Operator => OPERATORS.some((one) => one === value);
const isValue = (value: unknown): value is RuleValue => typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
const isRange = (value: unknown): value is RuleRange =>
  isValue(value) || (isObject(value) && isValue(value['from']) && isValue(value['to']));
