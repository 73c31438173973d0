/**
 * Turns rules into closures, and decides beforehand which of them a message can concern: by protocol, and by the code of the
 * operation where a rule asks for one. Without rules of its protocol a message costs one look into a table.
 */
import { AddressSet } from '../inventory/address-set.ts';
import { globMatches } from '../glob.ts';
import { addressOf, numberOf } from './check.ts';
import { CODE_FIELDS, FIELDS, type FieldDefinition, type ProtocolFields } from './fields.ts';
import { type Condition, type Rule, type RuleRange, type RuleSettings, isGroup } from './rule.ts';
import { variablesOf } from './message.ts';
import { compileSchedule, type SiteClock } from './schedule.ts';

/** What is known of the message under the cursor, by slot. */
export interface Values {
  readonly present: Uint8Array;
  /** Numbers; a range from `numbers` to `highs`. */
  readonly numbers: Float64Array;
  readonly highs: Float64Array;
  readonly texts: string[];
  /** Addresses of an end are asked for only when a rule compares them. */
  addresses(slot: number): readonly string[];
}

export type Test = (values: Values) => boolean;

export interface CompiledRule {
  readonly rule: Rule;
  readonly test: Test | null;
  readonly holds: ((seconds: number) => boolean) | null;
  /** Codes of operations that it can concern; null for all. */
  readonly codes: ReadonlySet<number> | null;
  /** Number of the last message for which it fired: once is enough. */
  fired: number;
}

export interface ProtocolRules {
  readonly fields: ProtocolFields;
  /** Slots of the fields that any rule reads, by name. */
  readonly slots: ReadonlyMap<string, number>;
  /** By slot. */
  readonly definitions: readonly FieldDefinition[];
  readonly byCode: ReadonlyMap<number, readonly CompiledRule[]>;
  /** Rules that name no code. */
  readonly others: readonly CompiledRule[];
}

/** Most different fields that the rules of one protocol read. */
export const MAX_SLOTS = 64;

/** Rules by protocol index. Rules that are switched off are left out; the caller has checked them. */
export function compileRules(rules: readonly Rule[], settings: RuleSettings, clock: SiteClock): Map<number, ProtocolRules> {
  const compiled = new Map<number, ProtocolRules>();
  for (const [protocol, own] of Map.groupBy(
    rules.filter((rule) => rule.enabled),
    (rule) => rule.protocol,
  )) {
    const fields = FIELDS.get(protocol);
    if (fields) compiled.set(fields.index, compileProtocol(fields, own, settings, clock));
  }
  return compiled;
}

function compileProtocol(fields: ProtocolFields, rules: readonly Rule[], settings: RuleSettings, clock: SiteClock): ProtocolRules {
  const slots = new Map<string, number>();
  const definitions: FieldDefinition[] = [];
  const slotOf = (name: string): number => {
    const known = slots.get(name);
    if (known !== undefined) return known;
    if (name === CODE_FIELDS[fields.protocol]) {
      const slot = slotOf('code');
      if (slot < MAX_SLOTS) slots.set(name, slot);
      return slot;
    }
    const definition = fields.fields.get(name);
    // Fields beyond the bound share the last slot, which is never present.
    if (!definition || definitions.length >= MAX_SLOTS) return MAX_SLOTS;
    slots.set(name, definitions.length);
    return definitions.push(definition) - 1;
  };
  const all = rules.map((rule): CompiledRule => {
    for (const name of variablesOf(rule.message)) if (fields.fields.has(name)) slotOf(name);
    return {
      rule,
      test: rule.when && compileCondition(rule.when, fields, slotOf),
      holds: compileSchedule(rule.schedule, settings, clock),
      codes: rule.when && codesOf(rule.when, fields),
      fired: -1,
    };
  });
  const others = all.filter(({ codes }) => codes === null);
  const byCode = new Map<number, CompiledRule[]>();
  for (const rule of all)
    for (const code of rule.codes ?? []) {
      const list = byCode.get(code);
      if (list) list.push(rule);
      else byCode.set(code, [...others, rule]);
    }
  return { fields, slots, definitions, byCode, others };
}

/** Codes without which the condition cannot hold; null when it may hold for any. */
function codesOf(condition: Condition, known: ProtocolFields): ReadonlySet<number> | null {
  if ('all' in condition) {
    const sets = condition.all.flatMap((part) => codesOf(part, known) ?? []);
    return sets.length === 0 ? null : sets.reduce((least, set) => (set.size < least.size ? set : least));
  }
  if ('any' in condition) {
    const sets = condition.any.map((part) => codesOf(part, known));
    return sets.includes(null) ? null : new Set(sets.flatMap((set) => [...(set ?? [])]));
  }
  if ('not' in condition || 'other' in condition) return null;
  const definition = known.fields.get(condition.field);
  if (!definition || (condition.field !== 'code' && condition.field !== CODE_FIELDS[known.protocol])) return null;
  const values = 'values' in condition ? condition.values : [condition.value];
  if ((condition.operator !== 'in' && condition.operator !== '==') || values.some((value) => typeof value === 'object')) return null;
  return new Set(values.flatMap((value) => (typeof value === 'object' ? [] : (numberOf(value, definition) ?? []))));
}

type SlotOf = (name: string) => number;

/** A comparison with a field that the message does not have is false. */
function compileCondition(condition: Condition, known: ProtocolFields, slotOf: SlotOf): Test {
  if (isGroup(condition)) {
    if ('not' in condition) {
      const inner = compileCondition(condition.not, known, slotOf);
      return (values) => !inner(values);
    }
    const every = 'all' in condition;
    const parts = (every ? condition.all : condition.any).map((part) => compileCondition(part, known, slotOf));
    return (values) => {
      for (const part of parts) if (part(values) !== every) return !every;
      return every;
    };
  }
  const definition = known.fields.get(condition.field);
  const slot = slotOf(condition.field);
  if (!definition || slot >= MAX_SLOTS) return NEVER;
  if ('other' in condition) return sameAs(slot, slotOf(condition.other), definition.kind);
  const list = 'values' in condition ? condition.values : [condition.value];
  switch (definition.kind) {
    case 'number':
      return numberTest(slot, condition.operator, list, definition);
    case 'text':
      return textTest(
        slot,
        condition.operator,
        list.filter((value) => typeof value === 'string'),
      );
    case 'address':
      return addressTest(slot, condition.operator === '!=' || condition.operator === 'not in', list);
    default:
      return definition.kind satisfies never;
  }
}

const NEVER: Test = () => false;

/** A field may hold a range (the registers that a request touches): a comparison holds when it does for one number of it. */
function numberTest(slot: number, operator: string, list: readonly RuleRange[], definition: FieldDefinition): Test {
  const bounds = boundsOf(list, definition, 0);
  const joined = boundsOf(list, definition, 1);
  const [first = Number.NaN] = bounds;
  switch (operator) {
    case '==':
    case 'in':
      return ({ present, numbers, highs }) => {
        if (present[slot] === 0) return false;
        for (let i = 0; i < bounds.length; i += 2) if (numbers[slot] <= bounds[i + 1] && highs[slot] >= bounds[i]) return true;
        return false;
      };
    case '!=':
    case 'not in':
      return ({ present, numbers, highs }) => {
        if (present[slot] === 0) return false;
        const within = numbers[slot] === highs[slot] ? bounds : joined;
        for (let i = 0; i < within.length; i += 2) if (numbers[slot] >= within[i] && highs[slot] <= within[i + 1]) return false;
        return true;
      };
    case '>':
      return ({ present, highs }) => present[slot] !== 0 && highs[slot] > first;
    case '>=':
      return ({ present, highs }) => present[slot] !== 0 && highs[slot] >= first;
    case '<':
      return ({ present, numbers }) => present[slot] !== 0 && numbers[slot] < first;
    case '<=':
      return ({ present, numbers }) => present[slot] !== 0 && numbers[slot] <= first;
    default:
      return NEVER;
  }
}

/**
 * Lower and upper bounds of disjoint ranges, ascending.
 * @param gap between ranges that are made one: 1 where only whole numbers are asked about
 */
function boundsOf(list: readonly RuleRange[], definition: FieldDefinition, gap: 0 | 1): number[] {
  const pairs = list
    .map((range) => (typeof range === 'object' ? [range.from, range.to] : [range, range]))
    .map(([from, to]) => [numberOf(from, definition) ?? Number.NaN, numberOf(to, definition) ?? Number.NaN])
    .sort(([x], [y]) => x - y);
  const bounds: number[] = [];
  for (const [from, to] of pairs) {
    const last = bounds.length - 1;
    if (last > 0 && from <= bounds[last] + gap) bounds[last] = Math.max(bounds[last], to);
    else bounds.push(from, to);
  }
  return bounds;
}

function textTest(slot: number, operator: string, list: readonly string[]): Test {
  const set = new Set(list);
  const [first = ''] = list;
  switch (operator) {
    case '==':
    case 'in':
      return ({ present, texts }) => present[slot] !== 0 && set.has(texts[slot]);
    case '!=':
    case 'not in':
      return ({ present, texts }) => present[slot] !== 0 && !set.has(texts[slot]);
    case 'contains':
      return ({ present, texts }) => present[slot] !== 0 && texts[slot].includes(first);
    case 'matches':
      return ({ present, texts }) => present[slot] !== 0 && globMatches(first, texts[slot]);
    default:
      return NEVER;
  }
}

function addressTest(slot: number, negated: boolean, list: readonly RuleRange[]): Test {
  const sets = list.flatMap(
    (range) => AddressSet.parse(typeof range === 'object' ? `${addressOf(range.from)}-${addressOf(range.to)}` : addressOf(range)) ?? [],
  );
  return (values) => {
    if (values.present[slot] === 0) return false;
    const addresses = values.addresses(slot);
    return addresses.length > 0 && addresses.some((address) => sets.some((set) => set.has(address))) !== negated;
  };
}

function sameAs(slot: number, other: number, kind: FieldDefinition['kind']): Test {
  if (other >= MAX_SLOTS) return NEVER;
  return (values) => {
    const { present, numbers, highs, texts } = values;
    if (present[slot] === 0 || present[other] === 0) return false;
    if (kind === 'number') return numbers[slot] === numbers[other] && highs[slot] === highs[other];
    const [one, two] = [slot, other].map((at) => (texts[at] ? [texts[at]] : values.addresses(at)));
    return one.some((text) => two.includes(text));
  };
}
