/** Security of the hub as the server gives it (GET /api/openapi.json: SecurityGroup, CustomAlertRule, RuleType, DryRun, SuggestedRange). */
import type { PortalSeverity, Severity } from './alerts.ts';
import { get, send } from './client.ts';

export interface RuleType {
  readonly ruleType: string;
  readonly kind: 'timeWindow' | 'allowlist';
  /** Of lists. */
  readonly valueType: 'IpCidr' | 'String' | null;
  readonly title: string;
  readonly displayName: string;
  readonly description: string;
  readonly remediation: readonly string[];
  readonly severity: Severity;
  readonly dataSource: 'IoT Hub' | 'Agent';
}

export interface TimeWindow {
  /** ISO 8601, such as PT15M. */
  readonly timeWindowSize: string;
  readonly minutes: number;
}

interface RuleBase {
  readonly ruleType: string;
  readonly isEnabled: boolean;
  /** Fixed once it is saved. */
  readonly alertName: string | null;
}

export interface WindowRule extends RuleBase {
  readonly minThreshold: number;
  readonly maxThreshold: number;
  readonly timeWindowSize: string;
}

export interface ListRule extends RuleBase {
  readonly allowlistValues: readonly string[];
}

export type Rule = WindowRule | ListRule;
export type ShownRule = Rule & { readonly isSet: boolean };

export interface SecurityGroup {
  readonly name: string;
  /** Null when nobody saved rules yet. */
  readonly version: number | null;
  readonly savedAt: string | null;
  readonly savedBy: string | null;
  readonly devices: { readonly total: number; readonly enabled: number };
  readonly rules: { readonly enabled: number; readonly set: number };
  readonly openAlerts: Readonly<Record<PortalSeverity, number>>;
  /** A group with rules whose name is nearly this one, which has none. */
  readonly meant: string | null;
}

export interface SecurityGroupDetails {
  readonly name: string;
  readonly version: number | null;
  readonly savedAt: string | null;
  readonly savedBy: string | null;
  readonly rules: readonly ShownRule[];
}

export interface GroupSave {
  readonly name: string;
  readonly version: number | null;
  readonly rules: readonly Rule[];
}

interface Looked {
  readonly from: string;
  readonly to: string;
  readonly groupDevices: number;
  /** Why the counts are estimates. */
  readonly note: string | null;
}

export interface DryRun extends Looked {
  readonly alerts: number;
  readonly devices: number;
  readonly windows: number;
  readonly above: number | null;
  readonly below: number | null;
  readonly byDevice: readonly { readonly deviceId: string; readonly alerts: number }[];
  readonly values: readonly { readonly value: string; readonly devices: number; readonly hits: number }[] | null;
}

export interface SuggestedRange extends Looked {
  readonly windows: number;
  readonly devices: number;
  readonly range: { readonly min: number; readonly max: number } | null;
  readonly percentiles: readonly { readonly percent: number; readonly count: number }[];
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly windows: number }[];
  readonly line: readonly { readonly time: string; readonly median: number; readonly most: number }[];
}

export interface HubSecurity {
  readonly protected: boolean;
  readonly since: string | null;
  readonly by: string | null;
  readonly workspace: string | null;
  readonly resourceGroups: readonly string[];
  readonly notEvaluated: {
    readonly unknownDevices: number;
    readonly tooLate: number;
    readonly noRoom: number;
    readonly silentNotTold: number;
    readonly findingsDropped: number;
    readonly ignoredMessages: {
      readonly count: number;
      readonly last: { readonly deviceId: string; readonly time: string; readonly reason: string } | null;
    };
  };
}

export interface HubSecurityChange {
  readonly protected?: boolean;
  readonly workspace?: string | null;
  readonly resourceGroups?: readonly string[];
}

const group = (name: string): string => `/api/hub/security-groups/${encodeURIComponent(name)}`;

export function fetchRuleTypes(): Promise<{ readonly ruleTypes: readonly RuleType[]; readonly timeWindows: readonly TimeWindow[] }> {
  return get('/api/hub/rule-types');
}

export function fetchGroups(): Promise<readonly SecurityGroup[]> {
  return get('/api/hub/security-groups');
}

export function fetchGroup(name: string): Promise<SecurityGroupDetails> {
  return get(group(name));
}

/** Replaces the rules of each group; all of them are saved, or none. */
export function saveGroups(groups: readonly GroupSave[]): Promise<readonly SecurityGroupDetails[]> {
  return send('PUT', '/api/hub/security-groups', { groups });
}

export function dryRun(name: string, rule: Rule): Promise<DryRun> {
  return send('POST', `${group(name)}/dry-run`, { rule });
}

export function fetchSuggestion(name: string, ruleType: string, timeWindowSize: string): Promise<SuggestedRange> {
  return get(`${group(name)}/suggestion?${new URLSearchParams({ ruleType, timeWindowSize })}`);
}

export function fetchSecurity(): Promise<HubSecurity> {
  return get('/api/hub/security');
}

export function changeSecurity(change: HubSecurityChange): Promise<HubSecurity> {
  return send('PATCH', '/api/hub/security', change);
}

export function isListRule(rule: Rule): rule is ListRule {
  return 'allowlistValues' in rule;
}
