/** Whether a rule makes sense: its protocol, its fields and what they are compared with. Each fault names its part and what is allowed. */
import { SEVERITIES } from '@annunciator/core/alert';
import { AddressSet } from '../inventory/address-set.ts';
import { FIELDS, type FieldDefinition, type ProtocolFields } from './fields.ts';
import {
  BUILT_IN_GROUPS,
  type Condition,
  DAYS,
  type End,
  isGroup,
  NUMBER_OPERATORS,
  type Rule,
  type RuleProblem,
  type RuleRange,
  type RuleSettings,
  type RuleValue,
  TEXT_OPERATORS,
} from './rule.ts';
import { variablesOf } from './message.ts';

const LONGEST_NAME = 200;
const LONGEST_MESSAGE = 1000;
/** Comparisons of one rule. */
const MOST_COMPARISONS = 200;
const MOST_ENDS = 1000;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/;

/** Every fault of a rule; none when it can be used. */
export function checkRule(rule: Rule, settings: RuleSettings): RuleProblem[] {
  const problems: RuleProblem[] = [];
  const fault = (part: string, message: string): void => void problems.push({ part, message });
  if (rule.name.trim() === '' || rule.name.length > LONGEST_NAME) fault('name', `Give a name of 1 to ${LONGEST_NAME} characters.`);
  const known = FIELDS.get(rule.protocol);
  if (!known) fault('protocol', `There is no protocol "${rule.protocol}". There are ${[...FIELDS.keys()].sort().join(', ')}.`);
  if (!rule.when && rule.from.length === 0 && rule.to.length === 0)
    fault('when', 'Give a condition, or say from whom or to whom: a rule about everything would be about nothing.');
  if (known && rule.when) {
    if (comparisons(rule.when) > MOST_COMPARISONS) fault('when', `A rule has at most ${MOST_COMPARISONS} comparisons.`);
    else checkCondition(rule.when, known, 'when', fault);
  }
  for (const part of ['from', 'to'] as const) {
    if (rule[part].length > MOST_ENDS) fault(part, `Name at most ${MOST_ENDS} ends; use a group for more.`);
    rule[part].forEach((end, index) => checkEnd(end, settings, `${part}.${index}`, fault));
  }
  checkSchedule(rule, fault);
  if (!SEVERITIES.includes(rule.action.severity))
    fault('action.severity', `There is no severity "${rule.action.severity}". There are ${SEVERITIES.join(', ')}.`);
  checkMessage(rule, known, fault);
  return problems;
}

/** Every fault of the settings that rules share. */
export function checkRuleSettings({ timeZone, workingHours, groups }: RuleSettings): RuleProblem[] {
  const problems: RuleProblem[] = [];
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    problems.push({ part: 'timeZone', message: `There is no time zone "${timeZone}". Give an IANA name such as Europe/Berlin.` });
  }
  for (const part of ['from', 'to'] as const)
    if (!TIME.test(workingHours[part]))
      problems.push({ part: `workingHours.${part}`, message: `"${workingHours[part]}" is no time of day such as 18:30.` });
  if (workingHours.days.length === 0) problems.push({ part: 'workingHours.days', message: `Name at least one day: ${DAYS.join(', ')}.` });
  for (const [name, members] of Object.entries(groups)) {
    if (Object.hasOwn(BUILT_IN_GROUPS, name) || name.trim() === '' || name.length > 60)
      problems.push({ part: `groups.${name}`, message: 'Give another name of 1 to 60 characters: this one is taken or empty.' });
    members.forEach((member, index) => {
      if (!AddressSet.parse(member))
        problems.push({ part: `groups.${name}.${index}`, message: `"${member}" is no address, subnet or range of addresses.` });
    });
  }
  return problems;
}

type Fault = (part: string, message: string) => void;

function comparisons(condition: Condition): number {
  if ('all' in condition) return condition.all.reduce((sum, part) => sum + comparisons(part), 0);
  if ('any' in condition) return condition.any.reduce((sum, part) => sum + comparisons(part), 0);
  return 'not' in condition ? comparisons(condition.not) : 1;
}

function checkCondition(condition: Condition, known: ProtocolFields, part: string, fault: Fault): void {
  if (isGroup(condition)) {
    if ('not' in condition) checkCondition(condition.not, known, `${part}.not`, fault);
    else {
      const [name, parts] = 'all' in condition ? ['all', condition.all] : ['any', condition.any];
      if (parts.length === 0) fault(`${part}.${name}`, 'Give at least one condition.');
      parts.forEach((one, index) => checkCondition(one, known, `${part}.${name}.${index}`, fault));
    }
    return;
  }
  const field = fieldOf(condition.field, known, `${part}.field`, fault);
  if (!field) return;
  if ('other' in condition) {
    const other = fieldOf(condition.other, known, `${part}.other`, fault);
    if (other && (field.kind === 'number') !== (other.kind === 'number'))
      fault(`${part}.other`, `${field.name} is a ${field.kind} and ${other.name} is a ${other.kind}: they are never the same.`);
    return;
  }
  const allowed: readonly string[] = field.kind === 'number' ? NUMBER_OPERATORS : field.kind === 'text' ? TEXT_OPERATORS : ['==', '!='];
  if ('values' in condition) {
    if (condition.values.length === 0) fault(`${part}.values`, 'Give at least one value.');
    condition.values.forEach((range, index) => checkRange(range, field, `${part}.values.${index}`, fault));
  } else if (!allowed.includes(condition.operator))
    fault(`${part}.operator`, `${field.name} is ${aKind(field)}; compare it with ${[...allowed, 'in', 'not in', 'same as'].join(', ')}.`);
  else checkValue(condition.value, field, `${part}.value`, fault);
}

function fieldOf(name: string, known: ProtocolFields, part: string, fault: Fault): FieldDefinition | undefined {
  const field = known.fields.get(name);
  if (!field) fault(part, `${known.name} has no field "${name}". It has ${[...known.fields.keys()].sort().join(', ')}.`);
  return field;
}

function checkRange(range: RuleRange, field: FieldDefinition, part: string, fault: Fault): void {
  if (typeof range !== 'object') {
    if (field.kind === 'address' && typeof range === 'string' && AddressSet.parse(range)) return;
    checkValue(range, field, part, fault);
    return;
  }
  if (field.kind === 'text') {
    fault(part, `${field.name} is a text: name single texts, or use matches with a pattern.`);
    return;
  }
  if (field.kind === 'address') {
    if (!AddressSet.parse(`${addressOf(range.from)}-${addressOf(range.to)}`))
      fault(part, `${range.from} to ${range.to} is no range of addresses of one kind, the lower one first.`);
    return;
  }
  checkValue(range.from, field, `${part}.from`, fault);
  checkValue(range.to, field, `${part}.to`, fault);
  const [from, to] = [numberOf(range.from, field), numberOf(range.to, field)];
  if (from !== undefined && to !== undefined && from > to) fault(part, `${from} to ${to} is empty: the lower number comes first.`);
}

function checkValue(value: RuleValue, field: FieldDefinition, part: string, fault: Fault): void {
  switch (field.kind) {
    case 'number':
      if (numberOf(value, field) === undefined) {
        const words = Object.values(field.words);
        fault(part, `${field.name} is a number${words.length > 0 ? `, or ${words.join(', ')}` : ''}; ${JSON.stringify(value)} is none.`);
      }
      return;
    case 'text':
      if (typeof value !== 'string') fault(part, `${field.name} is a text: put ${value} in double quotes.`);
      return;
    case 'address':
      if (!AddressSet.parse(addressOf(value))) fault(part, `${field.name} is an address; ${JSON.stringify(value)} is none.`);
      return;
    default:
      field.kind satisfies never;
  }
}

/** A number, or the number of a word. Undefined for others. */
export function numberOf(value: RuleValue, field: FieldDefinition): number | undefined {
  if (typeof value === 'number') return value;
  const word = Object.entries(field.words).find(([, known]) => known === value);
  return word && Number(word[0]);
}

/** An address as text. Whole numbers are addresses, too: up to 32 bits of IPv4, beyond that of 48 bits a MAC. */
export function addressOf(value: RuleValue): string {
  if (typeof value === 'string') return value.toLowerCase();
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 48) return String(value);
  if (value < 2 ** 32) return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
  return value
    .toString(16)
    .padStart(12, '0')
    .replace(/(..)(?=.)/g, '$1:');
}

function aKind({ kind }: FieldDefinition): string {
  return kind === 'address' ? 'an address' : `a ${kind}`;
}

function checkEnd(end: End, settings: RuleSettings, part: string, fault: Fault): void {
  if ('addresses' in end) {
    if (!AddressSet.parse(end.addresses)) fault(part, `"${end.addresses}" is no address, subnet or range of addresses.`);
    return;
  }
  if (Object.hasOwn(BUILT_IN_GROUPS, end.group) || Object.hasOwn(settings.groups, end.group)) return;
  const own = Object.keys(settings.groups);
  fault(part, `There is no group "${end.group}". There are ${[...Object.keys(BUILT_IN_GROUPS), ...own].join(', ')}.`);
}

function checkSchedule({ schedule }: Rule, fault: Fault): void {
  if (!schedule) return;
  const { days, hours } = schedule;
  if (days && (days.length === 0 || days.some((day) => !DAYS.includes(day)))) fault('schedule.days', `Name days: ${DAYS.join(', ')}.`);
  if (!hours) return;
  for (const part of ['from', 'to'] as const)
    if (!TIME.test(hours[part])) fault(`schedule.hours.${part}`, `"${hours[part]}" is no time of day such as 18:30.`);
  if (hours.from === hours.to) fault('schedule.hours', 'The hours are empty: give two different times.');
}

function checkMessage({ message }: Rule, known: ProtocolFields | undefined, fault: Fault): void {
  if (message.trim() === '' || message.length > LONGEST_MESSAGE)
    fault('message', `Give a message of 1 to ${LONGEST_MESSAGE} characters, such as "{source} wrote to {destination}".`);
  if (!known) return;
  for (const name of variablesOf(message))
    if (!known.fields.has(name) && name !== 'rule' && name !== 'protocol' && name !== 'time')
      fault('message', `There is no variable {${name}}. There are rule, protocol, time, ${[...known.fields.keys()].sort().join(', ')}.`);
}
