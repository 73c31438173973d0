/** Security of the IoT hub: security groups with their custom alerts, dry runs, suggested ranges, protection on and off. */
import type { Rule } from '@annunciator/rules/groups/security-group';
import { PORTAL_SEVERITIES } from '@annunciator/core/alert';
import { RULE_TYPES } from '@annunciator/rules/custom-alerts/rule-types';
import { formatTimeWindow, OFFERED_MINUTES } from '@annunciator/rules/groups/time-window';
import { z } from 'zod';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import { refusalSchema } from '../http/error-answers.ts';
import type { HubLink } from '../hub/hub-link.ts';
import type { GroupSummary, SecurityDesk } from '../hub/security-desk.ts';
import { notFound, RequestError } from '../http/request-error.ts';

const tags = ['Custom alerts'];
const refusals = { 400: refusalSchema, 404: refusalSchema, 409: refusalSchema, 412: refusalSchema, 503: refusalSchema };
const nameSchema = z.string().min(1).max(200);
const byName = z.object({ name: nameSchema });
const time = z.string().describe('ISO 8601, UTC');
const days = z.coerce.number().int().min(1).max(30).default(30).describe('How far back');

const ruleBase = {
  ruleType: z.string().max(100),
  isEnabled: z.boolean(),
  alertName: z.string().max(200).nullable().default(null).describe('Fixed once it is saved; null keeps the one it has'),
};
const windowRuleSchema = z.object({
  ...ruleBase,
  minThreshold: z.number(),
  maxThreshold: z.number(),
  timeWindowSize: z.string().max(40).describe('ISO 8601, such as PT15M'),
});
const listRuleSchema = z.object({ ...ruleBase, allowlistValues: z.array(z.string().max(1000)).max(5000) });
const ruleSchema = z.union([windowRuleSchema, listRuleSchema]).meta({ id: 'CustomAlertRule' });
/** A rule as it is answered; `isSet` tells those that somebody saved from the defaults. */
const shownRuleSchema = z
  .union([windowRuleSchema.extend({ isSet: z.boolean() }), listRuleSchema.extend({ isSet: z.boolean() })])
  .meta({ id: 'ShownCustomAlertRule' });

const ruleTypeSchema = z
  .object({
    ruleType: z.string(),
    kind: z.enum(['timeWindow', 'allowlist']),
    valueType: z.enum(['IpCidr', 'String']).nullable().describe('Of lists'),
    title: z.string().describe('Of alerts without a name'),
    displayName: z.string(),
    description: z.string(),
    remediation: z.array(z.string()),
    severity: z.literal('Low'),
    dataSource: z.enum(['IoT Hub', 'Agent']),
  })
  .meta({ id: 'RuleType' });

const groupSchema = z
  .object({
    name: z.string(),
    version: z.number().nullable().describe('Give it back when saving; null when nobody saved rules yet'),
    savedAt: time.nullable(),
    savedBy: z.string().nullable(),
    devices: z.object({ total: z.number(), enabled: z.number() }),
    rules: z.object({ enabled: z.number(), set: z.number() }),
    openAlerts: z.object(Object.fromEntries(PORTAL_SEVERITIES.map((severity) => [severity, z.number()]))),
    meant: z.string().nullable().describe('A group with rules whose name is nearly this one, which has none'),
  })
  .meta({ id: 'SecurityGroup' });

const groupDetailsSchema = z
  .object({
    name: z.string(),
    version: z.number().nullable(),
    savedAt: time.nullable(),
    savedBy: z.string().nullable(),
    rules: z.array(shownRuleSchema).describe('Every rule type, in the order of the rule types'),
  })
  .meta({ id: 'SecurityGroupDetails' });

const lookedSchema = {
  from: time,
  to: time,
  groupDevices: z.number().describe('Devices that are in the group now'),
  note: z.string().nullable().describe('Why the counts are estimates; null when they are exact'),
};

export function addHubSecurityRoutes(app: App, { hub }: { hub: HubLink }): void {
  app.get(
    '/api/hub/security',
    {
      config: { permission: 'hub.view' },
      schema: {
        tags,
        summary: 'Whether the hub is protected, its workspace and resource groups, and what was not evaluated',
        response: { 200: securitySchema, ...refusals },
      },
    },
    () => securityView(deskOf(hub)),
  );

  app.patch(
    '/api/hub/security',
    {
      config: { permission: 'hub.edit' },
      schema: {
        tags,
        summary: 'Switch protection on or off, set the workspace and the resource groups of the solution',
        description: 'While protection is off nothing is evaluated and no alert is raised; what happens meanwhile is not judged later.',
        body: z.object({
          protected: z.boolean().optional(),
          workspace: z.string().trim().max(300).nullable().optional(),
          resourceGroups: z.array(z.string().trim().min(1).max(90)).max(100).optional(),
        }),
        response: { 200: securitySchema, ...refusals },
      },
    },
    async (request) => {
      const desk = deskOf(hub);
      const by = callerOf(request).userName;
      const { protected: enabled, workspace, resourceGroups } = request.body;
      if (enabled !== undefined) await desk.protect(enabled, by);
      if (workspace !== undefined || resourceGroups !== undefined)
        await desk.setPlace(
          {
            ...(workspace === undefined ? {} : { workspace: workspace || null }),
            ...(resourceGroups === undefined ? {} : { resourceGroups }),
          },
          by,
        );
      return securityView(desk);
    },
  );

  app.get(
    '/api/hub/rule-types',
    {
      config: { permission: 'customRules.view' },
      schema: {
        tags,
        summary: 'Every behaviour that a custom alert can watch, and the time windows that are offered',
        response: {
          200: z.object({
            ruleTypes: z.array(ruleTypeSchema),
            timeWindows: z.array(z.object({ timeWindowSize: z.string(), minutes: z.number() })),
          }),
        },
      },
    },
    () => ({
      ruleTypes: RULE_TYPES.map((type) => ({
        ruleType: type.name,
        kind: type.kind,
        valueType: type.kind === 'allowlist' ? type.valueType : null,
        title: type.title,
        displayName: type.displayName,
        description: type.description,
        remediation: [...type.remediation],
        severity: 'Low' as const,
        dataSource: type.dataSource,
      })),
      timeWindows: OFFERED_MINUTES.map((minutes) => ({ timeWindowSize: formatTimeWindow(minutes), minutes })),
    }),
  );

  app.get(
    '/api/hub/security-groups',
    {
      config: { permission: 'customRules.view' },
      schema: {
        tags,
        summary: 'Security groups: those with rules, and those that devices are tagged with',
        response: { 200: z.array(groupSchema), ...refusals },
      },
    },
    async () => (await deskOf(hub).groups()).map(groupView),
  );

  app.put(
    '/api/hub/security-groups',
    {
      config: { permission: 'customRules.edit' },
      bodyLimit: 4 * 1024 * 1024,
      schema: {
        tags,
        summary: 'Save the rules of one or several groups: all of them or none',
        description:
          'Replaces the rules of each group; a rule that is left out is deleted. `version` is the one that was read, null for a group without rules, absent for any.',
        body: z.object({
          groups: z
            .array(z.object({ name: nameSchema, version: z.number().nullable().optional(), rules: z.array(ruleSchema).max(100) }))
            .min(1)
            .max(100),
        }),
        response: { 200: z.array(groupDetailsSchema), ...refusals },
      },
    },
    async (request) => {
      const desk = deskOf(hub);
      const saves = request.body.groups.map(({ version, ...save }) => ({ ...save, ...(version === undefined ? {} : { version }) }));
      const saved = await desk.save(saves, callerOf(request).userName);
      return saved.map(({ name }) => detailsView(desk, name));
    },
  );

  app.get(
    '/api/hub/security-groups/:name',
    {
      config: { permission: 'customRules.view' },
      schema: {
        tags,
        summary: 'A group with every rule type, set or not',
        params: byName,
        response: { 200: groupDetailsSchema, ...refusals },
      },
    },
    (request) => detailsView(deskOf(hub), request.params.name),
  );

  app.delete(
    '/api/hub/security-groups/:name',
    {
      config: { permission: 'customRules.edit' },
      schema: {
        tags,
        summary: 'Delete the rules of a group; its devices stay tagged with it',
        params: byName,
        response: { 204: z.null(), ...refusals },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      if (!(await deskOf(hub).remove(name, callerOf(request).userName))) throw notFound('security group', name);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/hub/security-groups/:name/dry-run',
    {
      config: { permission: 'customRules.view' },
      schema: {
        tags,
        summary: 'What a rule would have raised on the devices of a group',
        description: 'The rule need not be saved. Windows of ranges must be multiples of five minutes.',
        params: byName,
        body: z.object({ rule: ruleSchema, days }),
        response: {
          200: z
            .object({
              ...lookedSchema,
              alerts: z.number(),
              devices: z.number(),
              windows: z.number().describe('Windows that were judged, of all devices; 0 for lists'),
              above: z.number().nullable(),
              below: z.number().nullable(),
              byDevice: z.array(z.object({ deviceId: z.string(), alerts: z.number() })).describe('At most 100, most alerts first'),
              values: z
                .array(z.object({ value: z.string(), devices: z.number(), hits: z.number() }))
                .nullable()
                .describe('What is not in the list, at most 100'),
            })
            .meta({ id: 'DryRun' }),
          ...refusals,
        },
      },
    },
    async (request) => {
      const { rule, days: back } = request.body;
      return lookedView(await deskOf(hub).dryRun(request.params.name, rule, back));
    },
  );

  app.get(
    '/api/hub/security-groups/:name/suggestion',
    {
      config: { permission: 'customRules.view' },
      schema: {
        tags,
        summary: 'A range that fits what the devices of a group really did, with what a chart needs',
        params: byName,
        querystring: z.object({ ruleType: z.string().max(100), timeWindowSize: z.string().max(40).default('PT15M'), days }),
        response: {
          200: z
            .object({
              ...lookedSchema,
              windows: z.number(),
              devices: z.number(),
              range: z
                .object({ min: z.number(), max: z.number() })
                .nullable()
                .describe('From the 1st to the 99th percentile; null while nothing was seen'),
              percentiles: z.array(z.object({ percent: z.number(), count: z.number() })),
              histogram: z
                .array(z.object({ from: z.number(), to: z.number(), windows: z.number() }))
                .describe('Windows by their count, at most 20 bars'),
              line: z
                .array(z.object({ time, median: z.number(), most: z.number() }))
                .describe('Counts of a device over time, at most 240 points'),
            })
            .meta({ id: 'SuggestedRange' }),
          ...refusals,
        },
      },
    },
    async (request) => {
      const { ruleType, timeWindowSize, days: back } = request.query;
      const { line, ...rest } = await deskOf(hub).suggest(request.params.name, ruleType, timeWindowSize, back);
      return { ...lookedView(rest), line: line.map((point) => ({ ...point, time: isoOf(point.time) })) };
    },
  );
}

const securitySchema = z
  .object({
    protected: z.boolean(),
    since: time.nullable(),
    by: z.string().nullable().describe('Who switched it; null as it came'),
    workspace: z.string().nullable(),
    resourceGroups: z.array(z.string()),
    notEvaluated: z.object({
      unknownDevices: z.number().describe('Operations that name no device of the hub'),
      tooLate: z.number().describe('Events of agents whose windows were over'),
      noRoom: z.number(),
      silentNotTold: z.number().describe('Silent devices beyond those that a rule tells at once'),
      findingsDropped: z.number(),
      ignoredMessages: z.object({
        count: z.number(),
        last: z.object({ deviceId: z.string(), time, reason: z.string() }).nullable(),
      }),
    }),
  })
  .meta({ id: 'HubSecurity' });

function securityView(desk: SecurityDesk): z.infer<typeof securitySchema> {
  const { protection, workspace, resourceGroups } = desk;
  const { ignoredMessages, ...notEvaluated } = desk.omissions();
  const { count, last } = ignoredMessages;
  return {
    protected: protection.enabled,
    since: protection.since === 0 ? null : isoOf(protection.since),
    by: protection.by,
    workspace,
    resourceGroups: [...resourceGroups],
    notEvaluated: { ...notEvaluated, ignoredMessages: { count, last: last && { ...last, time: isoOf(last.time) } } },
  };
}

function groupView({ name, saved, devices, openAlerts, meant }: GroupSummary): z.infer<typeof groupSchema> {
  return {
    name,
    version: saved?.version ?? null,
    savedAt: saved ? isoOf(saved.savedAt) : null,
    savedBy: saved?.savedBy ?? null,
    devices,
    rules: { enabled: saved?.rules.filter(({ isEnabled }) => isEnabled).length ?? 0, set: saved?.rules.length ?? 0 },
    openAlerts: Object.fromEntries(PORTAL_SEVERITIES.map((severity) => [severity, openAlerts[severity] ?? 0])),
    meant,
  };
}

function detailsView(desk: SecurityDesk, name: string): z.infer<typeof groupDetailsSchema> {
  const group = desk.group(name);
  return {
    name: group?.name ?? name,
    version: group?.version ?? null,
    savedAt: group ? isoOf(group.savedAt) : null,
    savedBy: group?.savedBy ?? null,
    rules: desk
      .rulesOf(group)
      .map((rule: Rule & { readonly isSet: boolean }) =>
        'allowlistValues' in rule ? { ...rule, allowlistValues: [...rule.allowlistValues] } : rule,
      ),
  };
}

function lookedView<Looked extends { readonly from: number; readonly to: number }>(looked: Looked) {
  return { ...mutable(looked), from: isoOf(looked.from), to: isoOf(looked.to) };
}

/** The answer's type has arrays that can be written to; nobody writes to them. */
function mutable<Value>(value: Value): Mutable<Value> {
  return value as Mutable<Value>;
}
type Mutable<Value> = {
  -readonly [Name in keyof Value]: Value[Name] extends readonly (infer Item)[]
    ? Item[]
    : Value[Name] extends readonly (infer Item)[] | null
      ? Item[] | null
      : Value[Name];
};

function isoOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** @throws RequestError 503 while no hub runs */
function deskOf({ security, why }: HubLink): SecurityDesk {
  if (security) return security;
  throw new RequestError(503, 'hub_off', why);
}
