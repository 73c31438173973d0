/** Custom alert rules as the server gives them (GET /api/openapi.json: Rule, RuleDraft, RuleField, RuleSettings, RuleTrial). */
import { get, Refusal, send } from './client.ts';

export const RULE_SEVERITIES = ['Critical', 'Major', 'Minor', 'Warning'] as const;
export type RuleSeverity = (typeof RULE_SEVERITIES)[number];

export const DAYS = { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' } as const;
export type Day = keyof typeof DAYS;

export type RuleValue = number | string;
export type RuleRange = RuleValue | { readonly from: RuleValue; readonly to: RuleValue };

export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly field: string; readonly operator: string; readonly value: RuleValue }
  | { readonly field: string; readonly operator: string; readonly values: readonly RuleRange[] }
  | { readonly field: string; readonly operator: string; readonly other: string };

export interface End {
  readonly addresses?: string;
  readonly group?: string;
}

export interface Schedule {
  readonly days?: readonly Day[];
  readonly hours?: { readonly from: string; readonly to: string };
  readonly working?: 'inside' | 'outside';
}

export interface RuleDraft {
  readonly name: string;
  readonly enabled: boolean;
  readonly protocol: string;
  /** As text, or as the parts of it. */
  readonly when: Condition | string | null;
  readonly from: readonly End[];
  readonly to: readonly End[];
  readonly schedule: Schedule | null;
  readonly action: { readonly kind: 'alert' | 'event'; readonly severity: RuleSeverity; readonly packets: boolean };
  readonly message: string;
}

export interface RuleProblem {
  readonly part: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

export interface Rule extends Omit<RuleDraft, 'when'> {
  readonly id: string;
  readonly when: Condition | null;
  readonly condition: string;
  readonly text: string;
  readonly modifiedBy: string;
  readonly modifiedAt: string;
  readonly lastTriggered: string | null;
  readonly countInWeek: number;
  readonly problems: readonly RuleProblem[];
}

export interface RuleField {
  readonly name: string;
  readonly kind: 'number' | 'text' | 'address';
  readonly about: string;
  readonly operators: readonly string[];
  readonly words: Readonly<Record<string, string>>;
  readonly perItem: boolean;
}

export interface RuleProtocol {
  readonly id: string;
  readonly name: string;
  readonly fields: readonly RuleField[];
}

export interface RuleChoices {
  readonly protocols: readonly RuleProtocol[];
  readonly groups: readonly { readonly name: string; readonly about: string }[];
}

export interface RuleSettings {
  readonly timeZone: string;
  readonly workingHours: { readonly days: readonly Day[]; readonly from: string; readonly to: string };
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

export interface RuleTrial {
  readonly from: string | null;
  readonly to: string | null;
  readonly packets: number;
  readonly complete: boolean;
  readonly rules: readonly {
    readonly name: string;
    readonly count: number;
    readonly first: string | null;
    readonly last: string | null;
    readonly matches: readonly {
      readonly time: string;
      readonly frames: readonly number[];
      readonly source: string;
      readonly destination: string;
      readonly message: string;
    }[];
  }[];
}

export interface RuleImport {
  readonly created: readonly string[];
  readonly edited: readonly string[];
  readonly removed: readonly string[];
  readonly settings: boolean;
}

/** What a trial is of: a rule as it stands in the form, rules that there are, or all of them. */
export type Tried = { readonly rule: RuleDraft } | { readonly ids: readonly string[] } | Readonly<Record<string, never>>;

const path = (id: string): string => `/api/rules/${encodeURIComponent(id)}`;

export async function fetchRules(): Promise<readonly Rule[]> {
  return (await get<{ rules: readonly Rule[] }>('/api/rules')).rules;
}
export const fetchRule = (id: string): Promise<Rule> => get(path(id));
export const createRule = (draft: RuleDraft): Promise<Rule> => send('POST', '/api/rules', draft);
export const changeRule = (id: string, change: Partial<RuleDraft>): Promise<Rule> => send('PATCH', path(id), change);
export const actOnRules = (action: 'enable' | 'disable' | 'delete', ids: readonly string[]): Promise<{ changed: number }> =>
  send('POST', '/api/rules/actions', { action, ids });

export const fetchRuleChoices = (): Promise<RuleChoices> => get('/api/rules/fields');
export const fetchRuleSettings = (): Promise<RuleSettings> => get('/api/rules/settings');
export const saveRuleSettings = (settings: RuleSettings): Promise<RuleSettings> => send('PUT', '/api/rules/settings', settings);

export const tryRules = (sensor: string, what: Tried, limit = 50): Promise<RuleTrial> =>
  send('POST', '/api/rules/test', { sensor, limit, ...what });

export async function fetchRuleText(): Promise<string> {
  return (await get<{ text: string }>('/api/rules/text')).text;
}
export const importRules = (text: string, dryRun: boolean): Promise<RuleImport> => send('POST', '/api/rules/import', { text, dryRun });

/** What is wrong, part by part, when the server said so. */
export function problemsOf(error: unknown): readonly RuleProblem[] {
  if (!(error instanceof Refusal) || typeof error.answer !== 'object' || error.answer === null || !('problems' in error.answer)) return [];
  // Refusals of rules carry these; the server checks its answers.
  return error.answer.problems as readonly RuleProblem[];
}

/** A refusal for people: the sentences of its problems, without the names of the parts. */
export function refusalText(error: Error): string {
  const problems = problemsOf(error);
  return problems.length === 0 ? error.message : problems.map(({ message }) => message).join(' ');
}
