/** Settings of the system: how long alerts, events and the audit log are kept, and how much disk packets have. */
import { z } from 'zod';
import type { App } from '../app.ts';
import { type Audit, recordDone } from '../audit.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { RequestError } from '../http/request-error.ts';
import type { SettingsDesk } from '../settings/settings-desk.ts';
import { SETTING_NAMES, settingProblem, type SystemSettings } from '../settings/system-settings.ts';

const tags = ['Settings'];
const settingsSchema = z
  .object({
    closeQuietAlertsAfterDays: z.number().describe('Days without identical traffic after which an open alert closes by itself, 1 to 3,650'),
    deleteClosedAlertsAfterDays: z.number().describe('Days from its first detection after which a closed alert is deleted, 1 to 3,650'),
    deleteSilentDevicesAfterDays: z
      .number()
      .describe('Days of silence after which a device that nobody worked on is deleted, 7 to 3,650; connections go with the same age'),
    timelineEvents: z.number().describe('Events that the timeline holds, the oldest go; 1,000 to 10,000,000'),
    auditDays: z.number().nullable().describe('Days for which the audit log is kept, 90 to 3,650; null for good'),
    packetGigabytes: z.number().describe('Disk for packets in GB (10^9 bytes), 0.01 to 1,000,000; 0 keeps none'),
  })
  .meta({ id: 'SystemSettings' });
const answerSchema = z
  .object({
    settings: settingsSchema.describe('What holds'),
    usual: settingsSchema.describe('What holds where nobody has set anything: options of the command'),
    waiting: z.string().nullable().describe('What is set and holds from the next start on only'),
  })
  .meta({ id: 'SettingsInForce' });

export function addSettingsRoutes(app: App, { settings, audit }: { settings: SettingsDesk; audit: Audit }): void {
  app.get(
    '/api/settings',
    { config: { permission: 'settings.view' }, schema: { tags, summary: 'The settings of the system', response: { 200: answerSchema } } },
    () => answer(settings),
  );

  app.patch(
    '/api/settings',
    {
      config: { permission: 'settings.edit' },
      schema: {
        tags,
        summary: 'Change settings of the system; what is not given stays. They hold at once, but for what `waiting` names',
        body: settingsSchema.partial().strict(),
        response: { 200: answerSchema, 400: refusalSchema },
      },
    },
    async (request) => {
      const given = changesOf(request.body, settings.current);
      const names = SETTING_NAMES.filter((name) => name in given);
      if (names.length === 0) return answer(settings);
      const { before, after } = await settings.change(given);
      const only = (all: SystemSettings) => Object.fromEntries(names.map((name) => [name, all[name]]));
      await recordDone(audit, request, 'settings.change', names, { before: only(before), after: only(after) });
      return answer(settings);
    },
  );
}

/** What is asked for and not so already. @throws RequestError that names all that cannot be */
function changesOf(asked: Readonly<Record<string, unknown>>, current: SystemSettings): Partial<SystemSettings> {
  const given = SETTING_NAMES.filter((name) => asked[name] !== undefined);
  const problems = given.flatMap((part) => {
    const message = settingProblem(part, asked[part]);
    return message === null ? [] : [{ part, message }];
  });
  if (problems.length > 0) throw new RequestError(400, 'bad_setting', problems.map(({ message }) => message).join(' '), { problems });
  return Object.fromEntries(given.filter((name) => asked[name] !== current[name]).map((name) => [name, asked[name]]));
}

function answer({ current, usual, waiting }: SettingsDesk): z.infer<typeof answerSchema> {
  return { settings: { ...current }, usual: { ...usual }, waiting };
}
