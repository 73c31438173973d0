/** A rule as the form holds it, and as the server takes it. */
import { type Day, DAYS, type End, type Rule, type RuleDraft, type RuleField, type RuleSeverity } from '../api/rules.ts';
import { type ConditionSets, conditionOf, EMPTY_ROW, setsOf } from './condition-rows.ts';

export interface RuleForm {
  readonly name: string;
  readonly enabled: boolean;
  readonly protocol: string;
  readonly sets: ConditionSets;
  /** The condition as text; null while it is edited in rows. */
  readonly expression: string | null;
  /** Ends with commas between. */
  readonly from: string;
  readonly to: string;
  readonly working: 'any' | 'inside' | 'outside';
  readonly days: readonly Day[];
  readonly hoursFrom: string;
  readonly hoursTo: string;
  readonly kind: 'alert' | 'event';
  readonly severity: RuleSeverity;
  readonly packets: boolean;
  readonly message: string;
}

// The keys of a constant are exactly its type's.
export const ALL_DAYS = Object.keys(DAYS) as Day[];

export const NEW_RULE: RuleForm = {
  name: '',
  enabled: true,
  protocol: '',
  sets: [[EMPTY_ROW]],
  expression: null,
  from: '',
  to: '',
  working: 'any',
  days: ALL_DAYS,
  hoursFrom: '',
  hoursTo: '',
  kind: 'alert',
  severity: 'Major',
  packets: true,
  message: '',
};

export function formOf(rule: Rule): RuleForm {
  const { name, enabled, protocol, when, condition, from, to, schedule, action, message } = rule;
  const sets = setsOf(when);
  return {
    name,
    enabled,
    protocol,
    sets: sets ?? [],
    expression: sets === null ? condition : null,
    from: endsText(from),
    to: endsText(to),
    working: schedule?.working ?? 'any',
    days: schedule?.days ?? ALL_DAYS,
    hoursFrom: schedule?.hours?.from ?? '',
    hoursTo: schedule?.hours?.to ?? '',
    kind: action.kind,
    severity: action.severity,
    packets: action.packets,
    message,
  };
}

/** @param groups names that are groups and no addresses */
export function draftOf(form: RuleForm, fields: ReadonlyMap<string, RuleField>, groups: ReadonlySet<string>): RuleDraft {
  const { name, enabled, protocol, sets, expression, from, to, working, days, hoursFrom, hoursTo, kind, severity, packets, message } = form;
  const schedule = {
    ...(days.length < ALL_DAYS.length ? { days } : {}),
    ...(hoursFrom || hoursTo ? { hours: { from: hoursFrom, to: hoursTo } } : {}),
    ...(working === 'any' ? {} : { working }),
  };
  return {
    name: name.trim(),
    enabled,
    protocol,
    when: expression === null ? conditionOf(sets, fields) : expression.trim() === '' ? null : expression,
    from: endsOf(from, groups),
    to: endsOf(to, groups),
    schedule: Object.keys(schedule).length === 0 ? null : schedule,
    action: { kind, severity, packets: kind === 'alert' || packets },
    message,
  };
}

function endsText(ends: readonly End[]): string {
  return ends.map(({ addresses, group }) => addresses ?? group ?? '').join(', ');
}

function endsOf(text: string, groups: ReadonlySet<string>): End[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => (groups.has(part) || !/[\d:]/.test(part) ? { group: part } : { addresses: part.replaceAll(/\s*-\s*/g, '-') }));
}
