/** Custom rules as the API takes and gives them. */
import { SEVERITIES } from '@annunciator/core/alert';
import { conditionOf } from '@annunciator/sensor/rules/condition-value';
import { conditionText, ruleText } from '@annunciator/sensor/rules/format';
import { DAYS, type Rule, type RuleProblem, type Schedule } from '@annunciator/sensor/rules/rule';
import { formatInstant, type Instant } from '@annunciator/core/time';
import type { RuleTrial } from '@annunciator/sensor/rules/trial';
import { z } from 'zod';
import { problemSchema } from '../http/error-answers.ts';
import type { RuleEntry } from './rule-desk.ts';

const text = z.string().max(10_000);
const days = z.array(z.enum(DAYS)).max(7);
const time = z.string().max(5).describe('HH:MM');

const endSchema = z
  .object({
    addresses: z.string().max(100).optional().describe('An address, a subnet, or a range such as 10.0.0.1-10.0.0.9'),
    group: z.string().max(60).optional().describe('internet, local, ot, controllers ... or a group of the settings'),
  })
  .refine(({ addresses, group }) => (addresses === undefined) !== (group === undefined), 'Give "addresses" or "group".')
  .meta({ id: 'RuleEnd' });

const parts = {
  name: z.string().max(200),
  enabled: z.boolean(),
  protocol: z.string().max(60).describe('Id of a protocol; GET /api/rules/fields lists them'),
  when: z
    .union([text, z.record(z.string(), z.unknown())])
    .nullable()
    .describe('A condition, as text or as {"field", "operator", "value"}, {"all": []}, {"any": []}, {"not": {}}; null: every message'),
  from: z.array(endSchema).max(1000),
  to: z.array(endSchema).max(1000),
  schedule: z
    .object({
      days: days.optional(),
      hours: z.object({ from: time, to: time }).optional(),
      working: z.enum(['inside', 'outside']).optional(),
    })
    .nullable(),
  action: z.object({
    kind: z.enum(['alert', 'event']),
    severity: z.enum(SEVERITIES),
    packets: z.boolean().default(true).describe('Always kept for alerts'),
  }),
  message: z.string().max(1000).describe('With {variables}: names of fields, rule, protocol, time'),
};

/** A rule that somebody makes; what is left out is as usual. */
export const draftSchema = z
  .object({
    ...parts,
    enabled: parts.enabled.default(true),
    when: parts.when.default(null),
    from: parts.from.default([]),
    to: parts.to.default([]),
    schedule: parts.schedule.default(null),
    action: parts.action.default({ kind: 'alert', severity: 'Major', packets: true }),
  })
  .meta({ id: 'RuleDraft' });
export type RuleDraft = z.infer<typeof draftSchema>;

export const changeSchema = z.object(parts).partial().meta({ id: 'RuleChange' });

export const ruleSchema = z
  .object({
    id: z.string(),
    ...parts,
    when: z.record(z.string(), z.unknown()).nullable(),
    condition: z.string().describe('The condition as text; empty without one'),
    text: z.string().describe('The whole rule as text'),
    modifiedBy: z.string(),
    modifiedAt: z.string(),
    lastTriggered: z.string().nullable().describe('Packet time at which it last held'),
    countInWeek: z.number().describe('How often it held in the last seven days of packet time'),
    problems: z.array(problemSchema).describe('Why it is not in force, where it cannot be used any more'),
  })
  .meta({ id: 'Rule' });

export const settingsSchema = z
  .object({
    timeZone: z.string().max(100).describe('IANA name, such as Europe/Berlin'),
    workingHours: z.object({ days, from: time, to: time }),
    groups: z.record(z.string().max(60), z.array(z.string().max(100)).max(1000)).describe('Addresses, subnets and ranges by name'),
  })
  .meta({ id: 'RuleSettings' });

/** The rule that a draft means; problems of its condition are added. */
export function ruleOf(draft: RuleDraft, id: string, problems: RuleProblem[]): Rule {
  const { name, enabled, protocol, schedule, message } = draft;
  const { kind, severity, packets } = draft.action;
  return {
    id,
    name,
    enabled,
    protocol,
    when: draft.when === null ? null : (conditionOf(draft.when, 'when', problems) ?? null),
    from: draft.from.map(endOf),
    to: draft.to.map(endOf),
    schedule: schedule && scheduleOf(schedule),
    action: { kind, severity, packets: kind === 'alert' || packets },
    message,
  };
}

function endOf({ addresses, group }: z.infer<typeof endSchema>): Rule['from'][number] {
  return group === undefined ? { addresses: (addresses ?? '').toLowerCase() } : { group };
}

function scheduleOf({ days: on, hours, working }: NonNullable<RuleDraft['schedule']>): Rule['schedule'] {
  if (!on && !hours && !working) return null;
  return { ...(on ? { days: DAYS.filter((day) => on.includes(day)) } : {}), ...(hours ? { hours } : {}), ...(working ? { working } : {}) };
}

export function viewOf({ rule, by, at, last, week, problems }: RuleEntry): z.infer<typeof ruleSchema> {
  return {
    ...rule,
    when: rule.when && { ...rule.when },
    from: [...rule.from],
    to: [...rule.to],
    schedule: rule.schedule && scheduleView(rule.schedule),
    condition: rule.when ? conditionText(rule.when) : '',
    text: ruleText(rule),
    modifiedBy: by,
    modifiedAt: new Date(at).toISOString(),
    lastTriggered: last === null ? null : formatInstant(last, 0),
    countInWeek: week,
    problems: [...problems],
  };
}

/** The same, to be changed by whoever writes the answer. */
export function scheduleView({ days: on, ...rest }: Schedule): NonNullable<RuleDraft['schedule']> {
  return { ...rest, ...(on ? { days: [...on] } : {}) };
}

const matchSchema = z.object({
  time: z.string(),
  frames: z.array(z.number()).describe('Numbers in the packets that were tried'),
  source: z.string(),
  destination: z.string(),
  message: z.string(),
});
const momentSchema = z.string().nullable();

const trial = {
  from: momentSchema.describe('Packet time of the first packet that was tried'),
  to: momentSchema,
  packets: z.number(),
  rules: z.array(z.object({ name: z.string(), count: z.number(), first: momentSchema, last: momentSchema, matches: z.array(matchSchema) })),
};

export const trialSchema = z
  .object({ ...trial, complete: z.boolean().describe('False when older packets were left out, or some could not be read') })
  .meta({ id: 'RuleTrial' });

const trialViewSchema = z.object(trial);
export type TrialView = z.infer<typeof trialViewSchema>;

/** A trial with its times as text; `names` of the rules in its order. */
export function trialView({ from, to, packets, rules }: RuleTrial, names: readonly string[]): TrialView {
  return {
    from: timeText(from),
    to: timeText(to),
    packets,
    rules: rules.map(({ count, first, last, matches }, at) => ({
      name: names[at],
      count,
      first: timeText(first),
      last: timeText(last),
      matches: matches.map((match) => ({ ...match, frames: [...match.frames], time: formatInstant(match.time, 6) })),
    })),
  };
}

const timeText = (at: Instant | null): string | null => (at === null ? null : formatInstant(at, 0));
