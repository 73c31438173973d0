/** Security groups as `Microsoft.Security/deviceSecurityGroups` has them (api-version 2019-08-01). */
import { RULE_TYPES } from '@annunciator/rules/custom-alerts/rule-types';
import { DEFAULT_GROUP, groupKey } from '@annunciator/rules/groups/membership';
import { defaultRule, isListRule, type Rule, type SecurityGroup } from '@annunciator/rules/groups/security-group';
import { z } from 'zod';
import type { SecurityDesk } from '../hub/security-desk.ts';
import { ManagementError, notThere } from './management-error.ts';

const base = { ruleType: z.string(), isEnabled: z.boolean(), alertName: z.string().nullish() };
const threshold = { ...base, minThreshold: z.number(), maxThreshold: z.number() };
const bodySchema = z.object({
  properties: z
    .object({
      thresholdRules: z.array(z.object(threshold)).nullish(),
      timeWindowRules: z.array(z.object({ ...threshold, timeWindowSize: z.string() })).nullish(),
      allowlistRules: z.array(z.object({ ...base, allowlistValues: z.array(z.string()) })).nullish(),
      denylistRules: z.array(z.object({ ...base, denylistValues: z.array(z.string()) })).nullish(),
    })
    .nullish(),
});

const PAGE = 100;

export interface Answer {
  readonly status: number;
  readonly body?: object;
  readonly etag?: string;
}

export class DeviceSecurityGroups {
  readonly #desk: SecurityDesk;

  constructor(desk: SecurityDesk) {
    this.#desk = desk;
  }

  /** @param skip groups on the pages before @param link the address of a page that begins after so many */
  async list(scope: string, skip: number, link: (skip: number) => string): Promise<Answer> {
    const groups = await this.#desk.groups();
    const page = groups.filter(({ saved, name }) => saved || groupKey(name) === DEFAULT_GROUP).slice(skip, skip + PAGE + 1);
    const value = page.slice(0, PAGE).map(({ name, saved }) => groupBody(scope, name, saved ?? undefined));
    return { status: 200, body: { value, ...(page.length > PAGE ? { nextLink: link(skip + PAGE) } : {}) } };
  }

  /** A group that nobody saved and that devices name, as the default one, has every rule at its defaults. */
  async get(scope: string, name: string): Promise<Answer> {
    const group = this.#desk.group(name);
    if (!group && !(await this.#isNamed(name))) throw notThere('device security group', name);
    return answerOf(200, scope, name, group);
  }

  async #isNamed(name: string): Promise<boolean> {
    return (await this.#desk.groups()).some((group) => groupKey(group.name) === groupKey(name));
  }

  /** Replaces the rules. @param ifMatch ETag that was read, `*` for any there is @param ifNoneMatch `*`: only when there is none */
  async put(
    scope: string,
    name: string,
    body: unknown,
    conditions: { ifMatch?: string; ifNoneMatch?: string },
    by: string,
  ): Promise<Answer> {
    const before = this.#desk.group(name);
    const { ifMatch, ifNoneMatch } = conditions;
    if ((ifMatch !== undefined && (!before || (ifMatch !== '*' && ifMatch !== etagOf(before)))) || (ifNoneMatch === '*' && before))
      throw new ManagementError(
        412,
        'PreconditionFailed',
        `The group ${name} is not as it was read: read it again, then repeat the change.`,
      );
    const [after] = await this.#desk.save([{ name, rules: rulesOf(body, before), version: before?.version ?? null }], by);
    return answerOf(before ? 200 : 201, scope, name, after);
  }

  async delete(name: string, by: string): Promise<Answer> {
    return { status: (await this.#desk.remove(name, by)) ? 200 : 204 };
  }
}

/** @throws ManagementError for what is no group, or asks for what nothing here can judge */
function rulesOf(body: unknown, before: SecurityGroup | undefined): Rule[] {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new ManagementError(400, 'InvalidParameter', `${path.join('.') || 'The body'}: ${message}.`);
  }
  const { thresholdRules, timeWindowRules, allowlistRules, denylistRules } = parsed.data.properties ?? {};
  const timeless = thresholdRules?.find(({ isEnabled }) => isEnabled);
  if (timeless)
    throw new ManagementError(400, 'InvalidParameter', `${timeless.ruleType} needs a time window: give it under timeWindowRules.`);
  const denied = denylistRules?.find(({ isEnabled }) => isEnabled);
  if (denied)
    throw new ManagementError(
      400,
      'InvalidParameter',
      `There is no list ${denied.ruleType} of what is forbidden: give what is allowed under allowlistRules.`,
    );
  const rules: Rule[] = [
    ...(timeWindowRules ?? []).map((rule) => ({ ...rule, alertName: rule.alertName ?? null })),
    ...(allowlistRules ?? []).map((rule) => ({ ...rule, alertName: rule.alertName ?? null })),
  ];
  // Programs give back every rule that they read; those that are as nobody set them stay so.
  return rules.filter(
    (rule) => !isUntouched(rule) || before?.rules.some(({ ruleType, alertName }) => ruleType === rule.ruleType && alertName !== null),
  );
}

function isUntouched(rule: Rule): boolean {
  if (rule.isEnabled || rule.alertName !== null) return false;
  const usual = defaultRule(rule.ruleType);
  if (isListRule(rule)) return isListRule(usual) && rule.allowlistValues.length === 0;
  return !isListRule(usual) && rule.minThreshold === 0 && rule.maxThreshold === 0 && rule.timeWindowSize === usual.timeWindowSize;
}

function etagOf(group: SecurityGroup): string {
  return `"${group.version}"`;
}

function answerOf(status: number, scope: string, name: string, group: SecurityGroup | undefined): Answer {
  return { status, body: groupBody(scope, name, group), etag: group ? etagOf(group) : '"0"' };
}

function groupBody(scope: string, name: string, group: SecurityGroup | undefined): object {
  const shown = group?.name ?? name;
  const rules = RULE_TYPES.map((type) => {
    const rule = group?.rules.find(({ ruleType }) => ruleType === type.name) ?? defaultRule(type.name);
    const { alertName, ...own } = rule;
    const named = alertName === null ? {} : { alertName };
    const texts = { displayName: type.displayName, description: type.description };
    return { kind: type.kind, rule: { ...texts, ...own, ...named, ...(type.kind === 'allowlist' ? { valueType: type.valueType } : {}) } };
  });
  return {
    id: `${scope}/providers/Microsoft.Security/deviceSecurityGroups/${encodeURIComponent(shown)}`,
    name: shown,
    type: 'Microsoft.Security/deviceSecurityGroups',
    properties: {
      thresholdRules: [],
      timeWindowRules: rules.filter(({ kind }) => kind === 'timeWindow').map(({ rule }) => rule),
      allowlistRules: rules.filter(({ kind }) => kind === 'allowlist').map(({ rule }) => rule),
      denylistRules: [],
    },
  };
}
