/**
 * What was changed of the custom alerts of groups and is not saved yet. It lives with the page: leaving drops it. Saving
 * writes whole groups, all that were changed together.
 */
import type { GroupSave, Rule, SecurityGroupDetails } from '../../api/hub-security.ts';

export interface GroupDraft {
  readonly name: string;
  /** Of the group as it was read: a group that somebody saved since is refused. */
  readonly version: number | null;
  /** As it was read. */
  readonly before: readonly Rule[];
  readonly rules: readonly Rule[];
}

/** Changed groups by name. */
export type Draft = ReadonlyMap<string, GroupDraft>;

export const NO_DRAFT: Draft = new Map();

export interface RuleInGroup {
  readonly group: string;
  readonly rule: Rule;
  /** Not as it is saved. */
  readonly isChanged: boolean;
  /** Its name can still be given: it was never saved. */
  readonly isNew: boolean;
}

function savedRules({ rules }: SecurityGroupDetails): Rule[] {
  return rules.filter(({ isSet }) => isSet).map(({ isSet: _isSet, ...rule }) => rule);
}

/** The rules of a group as they would be saved. */
export function rulesOf(draft: Draft, group: SecurityGroupDetails): readonly Rule[] {
  return draft.get(group.name)?.rules ?? savedRules(group);
}

export function listRules(draft: Draft, groups: readonly SecurityGroupDetails[]): RuleInGroup[] {
  return groups.flatMap((group) => {
    const before = savedRules(group);
    return rulesOf(draft, group).map((rule) => {
      const saved = before.find(({ ruleType }) => ruleType === rule.ruleType);
      return { group: group.name, rule, isChanged: !saved || !isSame(saved, rule), isNew: !saved };
    });
  });
}

/** Puts a rule into each of the groups; one of the same type gives way. */
export function putRule(draft: Draft, groups: readonly SecurityGroupDetails[], rule: Rule): Draft {
  return changed(draft, groups, (rules) => {
    const at = rules.findIndex(({ ruleType }) => ruleType === rule.ruleType);
    return at < 0 ? [...rules, rule] : rules.map((one, index) => (index === at ? rule : one));
  });
}

export function removeRule(draft: Draft, group: SecurityGroupDetails, ruleType: string): Draft {
  return changed(draft, [group], (rules) => rules.filter((rule) => rule.ruleType !== ruleType));
}

function changed(draft: Draft, groups: readonly SecurityGroupDetails[], change: (rules: readonly Rule[]) => readonly Rule[]): Draft {
  const next = new Map(draft);
  for (const group of groups) {
    const present = draft.get(group.name);
    const before = present?.before ?? savedRules(group);
    const rules = change(present?.rules ?? before);
    if (isSameList(before, rules)) next.delete(group.name);
    else next.set(group.name, { name: group.name, version: present ? present.version : group.version, before, rules });
  }
  return next;
}

export function savesOf(draft: Draft): GroupSave[] {
  return [...draft.values()].map(({ name, version, rules }) => ({ name, version, rules }));
}

/** How many rules differ from what is saved. */
export function changesIn(draft: Draft): number {
  return [...draft.values()].reduce((sum, { before, rules }) => {
    const types = new Set([...before, ...rules].map(({ ruleType }) => ruleType));
    const differ = [...types].filter((type) => !isSame(find(before, type), find(rules, type)));
    return sum + differ.length;
  }, 0);
}

function find(rules: readonly Rule[], type: string): Rule | undefined {
  return rules.find(({ ruleType }) => ruleType === type);
}

function isSameList(one: readonly Rule[], other: readonly Rule[]): boolean {
  return one.length === other.length && one.every((rule) => isSame(rule, find(other, rule.ruleType)));
}

function isSame(one: Rule | undefined, other: Rule | undefined): boolean {
  if (!one || !other) return one === other;
  const text = (rule: Rule): string => JSON.stringify(Object.entries(rule).sort(([a], [b]) => (a < b ? -1 : 1)));
  return text(one) === text(other);
}
