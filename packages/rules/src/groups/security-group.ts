/**
 * A security group and its custom alerts as they are saved. Pages keep changes as a draft of their own; saving replaces the
 * rules of whole groups. The name of an alert is fixed when its rule is first saved.
 */
import { findRuleType } from '../custom-alerts/rule-types.ts';
import { GROUP_NAME_CHARACTERS } from './membership.ts';
import { networkPrefix } from './networks.ts';
import { RuleError } from './rule-error.ts';
import { LONGEST_MINUTES, parseTimeWindow, SHORTEST_MINUTES } from './time-window.ts';

export const MOST_THRESHOLD = 2 ** 31 - 1;
export const MOST_VALUES = 1000;
export const VALUE_CHARACTERS = 256;
export const ALERT_NAME_CHARACTERS = 128;

interface RuleBase {
  readonly ruleType: string;
  readonly isEnabled: boolean;
  /** The user's name of the alert; null: its title is that of the rule type. */
  readonly alertName: string | null;
}

/** An allowed range of how often something happens within a time window; both bounds belong to it. */
export interface WindowRule extends RuleBase {
  readonly minThreshold: number;
  readonly maxThreshold: number;
  /** ISO 8601, as it was typed. */
  readonly timeWindowSize: string;
}

/** Everything that is not in the list raises the alert. */
export interface ListRule extends RuleBase {
  /** As they were typed. */
  readonly allowlistValues: readonly string[];
}

export type Rule = WindowRule | ListRule;

export interface SecurityGroup {
  /** As it was typed. */
  readonly name: string;
  /** Grows with each save, beyond the deletion of a group too. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  readonly savedBy: string;
  /** Those that somebody has set, in the order of the rule types. */
  readonly rules: readonly Rule[];
}

export function isListRule(rule: Rule): rule is ListRule {
  return 'allowlistValues' in rule;
}

/** The rule of a type that nobody has set. */
export function defaultRule(ruleType: string): Rule {
  const base = { ruleType, isEnabled: false, alertName: null };
  return findRuleType(ruleType)?.kind === 'allowlist'
    ? { ...base, allowlistValues: [] }
    : { ...base, minThreshold: 0, maxThreshold: 0, timeWindowSize: 'PT15M' };
}

/** @throws RuleError `invalid` */
export function checkGroupName(name: string): string {
  const trimmed = name.trim();
  // Names stand in paths and in tags.
  if (trimmed === '' || trimmed.length > GROUP_NAME_CHARACTERS || /[\p{Cc}/\\]/u.test(trimmed))
    throw new RuleError(
      'invalid',
      `${JSON.stringify(name.slice(0, 140))} is no name of a security group: give 1 to ${GROUP_NAME_CHARACTERS} characters without slashes.`,
    );
  return trimmed;
}

/**
 * The group after a save.
 * @param present as it was, undefined when there is none yet
 * @throws RuleError `invalid`, `duplicate`, `renamed`
 */
export function saved(
  present: SecurityGroup | undefined,
  name: string,
  rules: readonly Rule[],
  who: { at: number; by: string },
): SecurityGroup {
  const checked = rules.map(checkRule).map((rule) => withName(rule, present, name));
  for (const [at, rule] of checked.entries()) {
    if (checked.findIndex(({ ruleType }) => ruleType === rule.ruleType) < at)
      throw new RuleError('duplicate', `The rule type ${rule.ruleType} stands in the group ${name} twice: give each type once.`);
    if (rule.alertName !== null && checked.findIndex(({ alertName }) => alertName === rule.alertName) < at)
      throw new RuleError(
        'duplicate',
        `Two alerts of the group ${name} are named ${JSON.stringify(rule.alertName)}: give each a name of its own.`,
      );
  }
  return {
    name: present?.name ?? checkGroupName(name),
    version: (present?.version ?? 0) + 1,
    savedAt: who.at,
    savedBy: who.by,
    rules: checked,
  };
}

/** A rule keeps the name it was first saved with. */
function withName(rule: Rule, present: SecurityGroup | undefined, group: string): Rule {
  const before = present?.rules.find(({ ruleType }) => ruleType === rule.ruleType)?.alertName ?? null;
  if (before === null || rule.alertName === before) return rule;
  if (rule.alertName === null) return { ...rule, alertName: before };
  throw new RuleError(
    'renamed',
    `The alert ${JSON.stringify(before)} of the group ${group} cannot be named ${JSON.stringify(rule.alertName)}: names are fixed. Delete it and add another.`,
  );
}

/** @throws RuleError `invalid` */
export function checkRule(rule: Rule): Rule {
  const type = findRuleType(rule.ruleType);
  if (!type) throw new RuleError('invalid', `There is no rule type ${JSON.stringify(rule.ruleType).slice(0, 100)}.`);
  const alertName = checkAlertName(rule.alertName);
  if (isListRule(rule) !== (type.kind === 'allowlist'))
    throw new RuleError(
      'invalid',
      `${type.name} is a rule of kind ${type.kind}: give ${type.kind === 'allowlist' ? 'a list of values' : 'thresholds and a time window'}.`,
    );
  if (isListRule(rule))
    return {
      ...rule,
      alertName,
      allowlistValues: checkValues(type.name, rule.allowlistValues, type.kind === 'allowlist' && type.valueType === 'IpCidr'),
    };
  checkRange(rule);
  return { ...rule, alertName };
}

function checkAlertName(name: string | null): string | null {
  const trimmed = name?.trim() ?? null;
  if (trimmed !== null && (trimmed === '' || trimmed.length > ALERT_NAME_CHARACTERS))
    throw new RuleError(
      'invalid',
      `${JSON.stringify(trimmed.slice(0, 140))} is no name of an alert: give 1 to ${ALERT_NAME_CHARACTERS} characters.`,
    );
  return trimmed;
}

function checkRange({ ruleType, minThreshold, maxThreshold, timeWindowSize }: WindowRule): void {
  for (const [name, value] of Object.entries({ minThreshold, maxThreshold }))
    if (!Number.isInteger(value) || value < 0 || value > MOST_THRESHOLD)
      throw new RuleError('invalid', `The ${name} ${value} of ${ruleType} is none: give a whole number from 0 to ${MOST_THRESHOLD}.`);
  if (maxThreshold < minThreshold)
    throw new RuleError(
      'invalid',
      `The range ${minThreshold} to ${maxThreshold} of ${ruleType} is empty: maxThreshold must not be below minThreshold.`,
    );
  if (parseTimeWindow(timeWindowSize) === undefined)
    throw new RuleError(
      'invalid',
      `The time window ${JSON.stringify(timeWindowSize).slice(0, 40)} of ${ruleType} is none: give whole minutes from ${SHORTEST_MINUTES} to ${LONGEST_MINUTES}, such as PT15M.`,
    );
}

function checkValues(ruleType: string, values: readonly string[], networks: boolean): readonly string[] {
  if (values.length > MOST_VALUES)
    throw new RuleError('invalid', `The list of ${ruleType} has ${values.length} values; ${MOST_VALUES} are allowed.`);
  for (const value of values) {
    if (value === '' || value.length > VALUE_CHARACTERS)
      throw new RuleError('invalid', `A value of ${ruleType} has ${value.length} characters: give 1 to ${VALUE_CHARACTERS}.`);
    if (networks && networkPrefix(value) === undefined)
      throw new RuleError(
        'invalid',
        `${JSON.stringify(value)} is no network: give an address such as 10.1.2.3, or CIDR such as 10.1.0.0/16 or fd00::/8.`,
      );
  }
  return values;
}
