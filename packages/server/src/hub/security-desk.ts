/** What people do with the security of a hub: groups and their custom alerts, protection, and looks at the past. */
import type { HubPast } from '@annunciator/hub/security/past';
import type { HubSecurity } from '@annunciator/hub/security/hub-security';
import type { GroupSave, Protection, SecuritySettings } from '@annunciator/hub/security/security-settings';
import { RULE_TYPES } from '@annunciator/rules/custom-alerts/rule-types';
import { DEFAULT_GROUP, groupKey } from '@annunciator/rules/groups/membership';
import type { Rule, SecurityGroup } from '@annunciator/rules/groups/security-group';
import { defaultRule } from '@annunciator/rules/groups/security-group';
import type { AlertStore } from '@annunciator/store/alert-query';
import type { FindingRecords } from '@annunciator/store/finding-records';
import type { Audit } from '../audit.ts';
import { similarName } from './similar-name.ts';

export interface SecurityDeskParts {
  readonly security: HubSecurity;
  readonly past: HubPast;
  readonly alerts: Pick<AlertStore, 'groups'>;
  readonly findings: Pick<FindingRecords, 'list'>;
  readonly audit: Audit;
  readonly clock?: () => number;
}

/** A group as lists show it. */
export interface GroupSummary {
  readonly name: string;
  /** Null when nobody saved rules for it: devices name it, or it is the default group. */
  readonly saved: SecurityGroup | null;
  readonly devices: { readonly total: number; readonly enabled: number };
  readonly openAlerts: Readonly<Record<string, number>>;
  /** A group with rules whose name is nearly this one, when this one has none: devices may be tagged wrongly. */
  readonly meant: string | null;
}

export class SecurityDesk {
  readonly #security: HubSecurity;
  readonly #past: HubPast;
  readonly #alerts: Pick<AlertStore, 'groups'>;
  readonly #audit: Audit;
  /** What was found, one by one. */
  readonly findings: Pick<FindingRecords, 'list'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;

  constructor({ security, past, alerts, findings, audit, clock = Date.now }: SecurityDeskParts) {
    this.findings = findings;
    this.#security = security;
    this.#past = past;
    this.#alerts = alerts;
    this.#audit = audit;
    this.clock = clock;
  }

  get settings(): SecuritySettings {
    return this.#security.settings;
  }

  get protection(): Protection {
    return this.#security.settings.protection;
  }

  get workspace(): string | null {
    return this.#security.settings.workspace;
  }

  get resourceGroups(): readonly string[] {
    return this.#security.settings.resourceGroups;
  }

  omissions(): ReturnType<HubSecurity['omissions']> {
    return this.#security.omissions();
  }

  /** Switches the evaluation of the hub on or off. */
  async protect(enabled: boolean, by: string): Promise<void> {
    const before = this.protection.enabled;
    await this.#security.protect(enabled, by);
    if (before !== enabled) await this.#record(by, 'hub.protection', [], { before, after: enabled });
  }

  async setPlace(change: { workspace?: string | null; resourceGroups?: readonly string[] }, by: string): Promise<void> {
    await this.#security.settings.set(change);
    await this.#record(by, 'hub.solution', [], {
      workspace: this.workspace ?? '',
      resourceGroups: this.resourceGroups.join(', '),
    });
  }

  /** Saved groups, groups that devices name, and the default one; by name. */
  async groups(): Promise<GroupSummary[]> {
    const saved = this.#security.settings.groups();
    const sizes = this.#security.groupSizes();
    const names = new Map<string, string>([[DEFAULT_GROUP, DEFAULT_GROUP]]);
    for (const { name } of [...sizes, ...saved]) names.set(groupKey(name), name);
    const { groups: open } = await this.#alerts.groups({ filters: [OPEN] }, 'securityGroup');
    const ruled = saved.map(({ name }) => name);
    return Promise.all(
      [...names].sort().map(async ([key, name]) => {
        const size = sizes.find((one) => groupKey(one.name) === key);
        const group = saved.find((one) => groupKey(one.name) === key) ?? null;
        const alerted = open.filter(({ value, count }) => groupKey(value) === key && count > 0).map(({ value }) => value);
        return {
          name,
          saved: group,
          devices: { total: size?.total ?? 0, enabled: size?.enabled ?? 0 },
          openAlerts: alerted.length === 0 ? {} : await this.#openBySeverity(alerted),
          meant: group || key === DEFAULT_GROUP ? null : similarName(name, ruled),
        };
      }),
    );
  }

  async #openBySeverity(groups: readonly string[]): Promise<Record<string, number>> {
    const ofGroups = { column: 'securityGroup', operator: 'equals', values: groups } as const;
    const { groups: counts } = await this.#alerts.groups({ filters: [OPEN, ofGroups] }, 'severity');
    return Object.fromEntries(counts.map(({ value, count }) => [value, count]));
  }

  group(name: string): SecurityGroup | undefined {
    return this.#security.settings.group(name);
  }

  /** Every rule type of a group: what is set, the others as they are when nobody set them. */
  rulesOf(group: SecurityGroup | undefined): (Rule & { readonly isSet: boolean })[] {
    return RULE_TYPES.map(({ name }) => {
      const set = group?.rules.find(({ ruleType }) => ruleType === name);
      return { ...(set ?? defaultRule(name)), isSet: set !== undefined };
    });
  }

  /** Saves groups, all of them or none. @throws RuleError */
  async save(saves: readonly GroupSave[], by: string): Promise<SecurityGroup[]> {
    const before = saves.map(({ name }) => this.group(name));
    const groups = await this.#security.saveGroups(saves, by);
    for (const [at, group] of groups.entries())
      await this.#record(by, 'hub.group.save', [group.name], {
        version: group.version,
        before: JSON.stringify(before[at]?.rules ?? []),
        after: JSON.stringify(group.rules),
      });
    return groups;
  }

  /** Returns whether there was such a group. */
  async remove(name: string, by: string): Promise<boolean> {
    const before = this.group(name);
    const removed = await this.#security.removeGroup(name, by);
    if (removed) await this.#record(by, 'hub.group.delete', [name], { before: JSON.stringify(before?.rules ?? []) });
    return removed;
  }

  /** @throws RuleError */
  dryRun(group: string, rule: Rule, days: number): ReturnType<HubPast['dryRun']> {
    return this.#past.dryRun(group, rule, days);
  }

  /** @throws RuleError */
  suggest(group: string, ruleType: string, timeWindowSize: string, days: number): ReturnType<HubPast['suggest']> {
    return this.#past.suggest(group, ruleType, timeWindowSize, days);
  }

  #record(by: string, action: string, on: readonly string[], details: Readonly<Record<string, string | number | boolean>>): Promise<void> {
    return this.#audit.record({ at: this.clock(), who: by, action, on: [...on], details });
  }
}

const OPEN = { column: 'status', operator: 'notEquals', values: ['Closed'] } as const;
