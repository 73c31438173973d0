/** Writes rules as text: what parse.ts reads. The same rule is the same text. */
import {
  type Condition,
  BUILT_IN_GROUPS,
  type Day,
  DAYS,
  type End,
  type Rule,
  type RuleRange,
  type RuleSettings,
  type RuleValue,
} from './rule.ts';
import { idOfName } from './parse.ts';
import { readsAsAddress } from './tokens.ts';

/** Rules one after the other, a blank line between. */
export function rulesText(rules: readonly Rule[]): string {
  return rules.map(ruleText).join('\n');
}

/** Settings and rules, all that a text can say. */
export function ruleDocument(rules: readonly Rule[], { timeZone, workingHours, groups }: RuleSettings): string {
  const lines = [
    `time zone ${JSON.stringify(timeZone)}`,
    `working hours ${daysText(workingHours.days)} ${workingHours.from} - ${workingHours.to}`,
  ];
  for (const [name, members] of Object.entries(groups).sort(([one], [other]) => (one < other ? -1 : 1)))
    lines.push(`group ${JSON.stringify(name)} ${members.map(addressesText).join(', ')}`);
  return [lines.join('\n'), '', ...rules.map(ruleText)].join('\n');
}

export function ruleText(rule: Rule): string {
  const { name, id, enabled, protocol, when, from, to, schedule, action, message } = rule;
  const lines = [`rule ${JSON.stringify(name)}`];
  if (id !== idOfName(name)) lines.push(`  id ${JSON.stringify(id)}`);
  if (!enabled) lines.push('  disabled');
  lines.push(`  protocol ${protocol}`);
  if (when) lines.push(`  when ${conditionText(when)}`);
  if (from.length > 0) lines.push(`  from ${from.map(endText).join(', ')}`);
  if (to.length > 0) lines.push(`  to ${to.map(endText).join(', ')}`);
  if (schedule?.days) lines.push(`  on ${daysText(schedule.days)}`);
  if (schedule?.hours) lines.push(`  during ${schedule.hours.from} - ${schedule.hours.to}`);
  if (schedule?.working) lines.push(`  ${schedule.working} working hours`);
  lines.push(`  ${action.kind} ${action.severity}${action.kind === 'event' && action.packets ? ' with packets' : ''}`);
  lines.push(`  message ${JSON.stringify(message)}`, 'end', '');
  return lines.join('\n');
}

/** How tightly a condition holds together: what binds less stands in parentheses. */
const BINDS = { any: 0, all: 1, not: 2, one: 3 } as const;

export function conditionText(condition: Condition, within: number = BINDS.any): string {
  if ('any' in condition) return wrapped(condition.any.map((part) => conditionText(part, BINDS.all)).join(' or '), BINDS.any, within);
  if ('all' in condition) return wrapped(condition.all.map((part) => conditionText(part, BINDS.not)).join(' and '), BINDS.all, within);
  if ('not' in condition) return `not ${conditionText(condition.not, BINDS.not)}`;
  if ('values' in condition) return `${condition.field} ${condition.operator} ${condition.values.map(rangeText).join(', ')}`;
  if ('other' in condition) return `${condition.field} same as ${condition.other}`;
  return `${condition.field} ${condition.operator} ${valueText(condition.value)}`;
}

function wrapped(text: string, binds: number, within: number): string {
  return binds < within ? `(${text})` : text;
}

function rangeText(range: RuleRange): string {
  return typeof range === 'object' ? `${valueText(range.from)} - ${valueText(range.to)}` : valueText(range);
}

function valueText(value: RuleValue): string {
  if (typeof value === 'number') return String(value);
  return readsAsAddress(value) ? value : JSON.stringify(value);
}

const addressesText = (addresses: string): string => addresses.replace('-', ' - ');

function endText(end: End): string {
  if ('addresses' in end) return addressesText(end.addresses);
  return Object.hasOwn(BUILT_IN_GROUPS, end.group) ? end.group : `group ${JSON.stringify(end.group)}`;
}

function daysText(days: readonly Day[]): string {
  return DAYS.filter((day) => days.includes(day)).join(', ');
}
