/** The custom rules in the store: which there are, and which of them can be used. */
import { checkRule } from '@annunciator/sensor/rules/check';
import type { RuleSet } from '@annunciator/sensor/process/messages';
import { DEFAULT_RULE_SETTINGS, type Rule, type RuleProblem, type RuleSettings } from '@annunciator/sensor/rules/rule';
import type { Store } from '@annunciator/store/store';
import { draftSchema, ruleOf, settingsSchema } from './rule-view.ts';

/** Where the settings of rules are among those of the system. */
const SETTINGS = 'rules';

export interface KeptRule {
  readonly rule: Rule;
  readonly by: string;
  readonly at: number;
  /** Why it cannot be used: another version of the program, or other settings, made it. */
  readonly problems: readonly RuleProblem[];
}

type Records = Pick<Store, 'rules' | 'settings'>;

export async function ruleSettings({ settings }: Records): Promise<RuleSettings> {
  const read = settingsSchema.safeParse(await settings.get(SETTINGS));
  return read.success ? read.data : DEFAULT_RULE_SETTINGS;
}

export function keepSettings({ settings }: Records, { timeZone, workingHours, groups }: RuleSettings): Promise<void> {
  return settings.set({ [SETTINGS]: { timeZone, workingHours: { ...workingHours }, groups: { ...groups } } });
}

/** By name. */
export async function keptRules({ rules }: Records, settings: RuleSettings): Promise<KeptRule[]> {
  const kept: KeptRule[] = [];
  for (const { id, name, body, by, at } of await rules.list()) {
    const read = draftSchema.safeParse(JSON.parse(body));
    if (!read.success) {
      const part = read.error.issues[0];
      const message = `The rule cannot be read: ${part.path.join('.')}: ${part.message}.`;
      kept.push({ rule: unreadable(id, name), by, at, problems: [{ part: '', message }] });
      continue;
    }
    const problems: RuleProblem[] = [];
    const rule = ruleOf(read.data, id, problems);
    kept.push({ rule, by, at, problems: [...problems, ...checkRule(rule, settings)] });
  }
  return kept;
}

/** What sensors are given: rules with problems are left out. */
export async function ruleSet(records: Records): Promise<RuleSet> {
  const settings = await ruleSettings(records);
  const kept = await keptRules(records, settings);
  return { rules: kept.filter(({ problems }) => problems.length === 0).map(({ rule }) => rule), settings };
}

function unreadable(id: string, name: string): Rule {
  const action = { kind: 'alert', severity: 'Major', packets: true } as const;
  return { id, name, enabled: false, protocol: '', when: null, from: [], to: [], schedule: null, action, message: '' };
}
