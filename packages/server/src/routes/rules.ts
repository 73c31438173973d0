/** Custom alert rules: the list, changes, what rules share, rules as text, what they can ask for, and trials. */
import { FIELDS } from '@annunciator/sensor/rules/fields';
import { BUILT_IN_GROUPS, NUMBER_OPERATORS, TEXT_OPERATORS } from '@annunciator/sensor/rules/rule';
import { z } from 'zod';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import { atSensor, sensorsWithin } from '../accounts/reach.ts';
import { problemSchema, refusalSchema } from '../http/error-answers.ts';
import { RequestError } from '../http/request-error.ts';
import type { SensorLink } from '../sensor-link.ts';
import type { RuleDesk } from '../rules/rule-desk.ts';
import { changeSchema, draftSchema, ruleSchema, settingsSchema, trialSchema, trialView, viewOf } from '../rules/rule-view.ts';

const tags = ['Custom alert rules'];
const TEXT_LIMIT = 4 * 1024 * 1024;
const MOST_MATCHES = 1000;
const view = { permission: 'customRules.view', byPlace: true } as const;
const edit = { permission: 'customRules.edit' } as const;

const byId = z.object({ id: z.string().min(1).max(200) });
const ids = z.array(z.string().min(1).max(200)).min(1).max(1000);
const textBody = z.object({ text: z.string() });

const fieldSchema = z
  .object({
    name: z.string(),
    kind: z.enum(['number', 'text', 'address']),
    about: z.string(),
    operators: z.array(z.string()),
    words: z.record(z.string(), z.string()).describe('Words that may stand for numbers, by number'),
    perItem: z.boolean().describe('A message may hold several of it; conditions are asked item by item'),
  })
  .meta({ id: 'RuleField' });

const protocolSchema = z.object({ id: z.string(), name: z.string(), fields: z.array(fieldSchema) }).meta({ id: 'RuleProtocol' });

const importSchema = z
  .object({
    created: z.array(z.string()).describe('Names'),
    edited: z.array(z.string()),
    removed: z.array(z.string()),
    settings: z.boolean().describe('What rules share is different, too'),
  })
  .meta({ id: 'RuleImport' });

/**
 * A rule asks the traffic of every sensor, so rules are of the whole system and are changed for all of it. Whoever has a role at a site
 * reads them, since they hold there, too, and is told how often they held at the sensors there.
 */
export function addRuleRoutes(app: App, { rules, sensors }: { rules: RuleDesk; sensors: Pick<SensorLink, 'status'> }): void {
  const refusals = { 400: refusalSchema, 404: refusalSchema, 409: refusalSchema };

  app.get(
    '/api/rules',
    { config: view, schema: { tags, summary: 'All rules, by name', response: { 200: z.object({ rules: z.array(ruleSchema) }) } } },
    async (request) => ({ rules: (await rules.list((await sensorsWithin(request, sensors)).scope)).map(viewOf) }),
  );

  app.post(
    '/api/rules',
    { config: edit, schema: { tags, summary: 'Make a rule', body: draftSchema, response: { 201: ruleSchema, ...refusals } } },
    async (request, reply) => reply.code(201).send(viewOf(await rules.create(request.body, callerOf(request).userName))),
  );

  app.get(
    '/api/rules/:id',
    { config: view, schema: { tags, summary: 'One rule', params: byId, response: { 200: ruleSchema, 404: refusalSchema } } },
    async (request) => viewOf(await rules.get(request.params.id, (await sensorsWithin(request, sensors)).scope)),
  );

  app.patch(
    '/api/rules/:id',
    {
      config: edit,
      schema: { tags, summary: 'Change a rule', params: byId, body: changeSchema, response: { 200: ruleSchema, ...refusals } },
    },
    async (request) => viewOf(await rules.edit(request.params.id, request.body, callerOf(request).userName)),
  );

  app.delete(
    '/api/rules/:id',
    { config: edit, schema: { tags, summary: 'Delete a rule', params: byId, response: { 204: z.null(), 404: refusalSchema } } },
    async (request, reply) => {
      await rules.remove([request.params.id], callerOf(request).userName);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/rules/actions',
    {
      config: edit,
      schema: {
        tags,
        summary: 'Enable, disable or delete several rules',
        body: z.object({ action: z.enum(['enable', 'disable', 'delete']), ids }),
        response: { 200: z.object({ changed: z.number() }), 404: refusalSchema },
      },
    },
    async (request) => {
      const { action, ids: chosen } = request.body;
      const by = callerOf(request).userName;
      return { changed: action === 'delete' ? await rules.remove(chosen, by) : await rules.enable(chosen, action === 'enable', by) };
    },
  );

  app.get(
    '/api/rules/fields',
    {
      config: view,
      schema: {
        tags,
        summary: 'What rules can ask of each protocol, and the groups that are always there',
        querystring: z.object({ protocol: z.string().max(60).optional() }),
        response: {
          200: z.object({ protocols: z.array(protocolSchema), groups: z.array(z.object({ name: z.string(), about: z.string() })) }),
          404: refusalSchema,
        },
      },
    },
    (request) => fieldsOf(request.query.protocol),
  );

  app.get(
    '/api/rules/settings',
    { config: view, schema: { tags, summary: 'What rules share: time zone, working hours, groups', response: { 200: settingsSchema } } },
    async () => plain(await rules.settings()),
  );

  app.put(
    '/api/rules/settings',
    {
      config: edit,
      schema: { tags, summary: 'Set what rules share', body: settingsSchema, response: { 200: settingsSchema, 400: refusalSchema } },
    },
    async (request) => plain(await rules.setSettings(request.body, callerOf(request).userName)),
  );

  app.get(
    '/api/rules/text',
    { config: view, schema: { tags, summary: 'All rules and what they share, as text', response: { 200: textBody } } },
    async () => ({ text: await rules.text() }),
  );

  app.post(
    '/api/rules/check',
    {
      config: view,
      bodyLimit: TEXT_LIMIT,
      schema: {
        tags,
        summary: 'What is wrong with a text of rules, and where',
        body: textBody,
        response: { 200: z.object({ problems: z.array(problemSchema) }) },
      },
    },
    async (request) => ({ problems: [...(await rules.check(request.body.text))] }),
  );

  app.post(
    '/api/rules/import',
    {
      config: edit,
      bodyLimit: TEXT_LIMIT,
      schema: {
        tags,
        summary: 'Make the rules what a text says',
        body: textBody.extend({ dryRun: z.boolean().default(false).describe('Only tells what it would do') }),
        response: { 200: importSchema, 400: refusalSchema },
      },
    },
    async (request) => {
      const { text, dryRun } = request.body;
      const { created, edited, removed, settings } = await rules.import(text, { by: callerOf(request).userName, dryRun });
      return { created: [...created], edited: [...edited], removed: [...removed], settings };
    },
  );

  app.post(
    '/api/rules/test',
    {
      config: view,
      preHandler: atSensor(sensors),
      bodyLimit: TEXT_LIMIT,
      schema: {
        tags,
        summary: 'How often rules would have held, by the packets that a sensor still has',
        description: 'Give "rule", "text" or "ids"; without any of them all rules are tried.',
        body: z.object({
          sensor: z.string().min(1).max(200),
          rule: draftSchema.optional(),
          text: z.string().optional(),
          ids: ids.optional(),
          limit: z.number().int().min(0).max(MOST_MATCHES).default(20).describe('Matches that are listed for each rule'),
        }),
        response: { 200: trialSchema, ...refusals },
      },
    },
    async (request) => {
      const { sensor, rule, text, ids: chosen, limit } = request.body;
      const what = { ...(rule ? { draft: rule } : {}), ...(text === undefined ? {} : { text }), ...(chosen ? { ids: chosen } : {}) };
      const { names, complete, ...trial } = await rules.try(sensor, what, limit);
      return { ...trialView(trial, names), complete };
    },
  );
}

/** The same, to be changed by whoever writes the answer. */
function plain({ timeZone, workingHours, groups }: Awaited<ReturnType<RuleDesk['settings']>>): z.infer<typeof settingsSchema> {
  return {
    timeZone,
    workingHours: { ...workingHours, days: [...workingHours.days] },
    groups: Object.fromEntries(Object.entries(groups).map(([name, members]) => [name, [...members]])),
  };
}

function fieldsOf(protocol: string | undefined): {
  protocols: z.infer<typeof protocolSchema>[];
  groups: { name: string; about: string }[];
} {
  const chosen = protocol === undefined ? [...FIELDS.values()] : [FIELDS.get(protocol)];
  const protocols = chosen.map((known) => {
    if (!known) throw new RequestError(404, 'not_found', `There is no protocol "${protocol}".`);
    return {
      id: known.protocol,
      name: known.name,
      fields: [...known.fields.values()].map(({ name, kind, about, words, item }) => ({
        name,
        kind,
        about,
        operators: [...(kind === 'number' ? NUMBER_OPERATORS : kind === 'text' ? TEXT_OPERATORS : ['==', '!=']), 'in', 'not in', 'same as'],
        words: { ...words },
        perItem: item,
      })),
    };
  });
  return { protocols, groups: Object.entries(BUILT_IN_GROUPS).map(([name, about]) => ({ name, about })) };
}
