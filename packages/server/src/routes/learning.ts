/** How learning goes on a sensor, and its switches. */
import { findAlertType } from '@annunciator/core/catalogue';
import { formatInstant, instant } from '@annunciator/core/time';
import { z } from 'zod';
import type { App } from '../app.ts';
import type { Audit } from '../audit.ts';
import { callerOf } from '../accounts/authentication.ts';
import { atSensor } from '../accounts/reach.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { RequestError } from '../http/request-error.ts';
import type { LearningReport, SensorLink } from '../sensor-link.ts';

const WEEK = 7 * 86_400;
const MAX_SCENARIOS = 1000;
const tags = ['Learning'];

const settingsSchema = z
  .object({
    end: z
      .enum(['manual', 'fixed', 'stable'])
      .describe('fixed: after the days; stable: once a week brought less than 1 % new; manual: by hand only'),
    days: z.number().int().min(0).max(3650).describe('Days of packet time before learning may end'),
    dynamic: z.boolean().describe('After learning, scenarios that still change go on learning until seven days brought nothing new'),
    smartIt: z.boolean().describe('Smart IT Learning: the same for names, web and the like'),
    newDeviceDays: z.number().int().min(0).max(365).describe('Days for which ordinary traffic of devices that appear later is learned'),
  })
  .meta({ id: 'LearningSettings' });

const learningSchema = z
  .object({
    state: z.enum(['learning', 'dynamic', 'operational']),
    on: z.boolean(),
    since: z.string().nullable().describe('Packet time at which learning began'),
    ended: z.string().nullable(),
    ends: z.string().nullable().describe('Packet time at which learning ends by itself, where that is known'),
    now: z.string().nullable().describe('Packet time of the last packet'),
    settings: settingsSchema,
    known: z.number().describe('Entries known at the end of the last day that brought something'),
    newInWeek: z.number().describe('New keys of the last seven days'),
    share: z.number().describe('newInWeek as a share of what is known: learning is stable below 0.01'),
    days: z.array(z.object({ day: z.string(), fresh: z.number(), known: z.number() })).describe('The learning curve'),
    scenarios: z.array(
      z.object({
        type: z.string(),
        title: z.string(),
        scope: z.string().describe('Two devices, or a subnet'),
        state: z.enum(['learning', 'dynamic', 'operational']),
        keys: z.number(),
        first: z.string(),
        last: z.string(),
        until: z.string().nullable().describe('When it becomes operational if nothing new comes'),
      }),
    ),
    scenariosLeft: z.number().describe('Scenarios beyond the first thousand'),
    newDevices: z.array(z.object({ device: z.string(), until: z.string() })).describe('Devices that have days of their own'),
  })
  .meta({ id: 'Learning' });

const ofSensor = z.object({ sensor: z.string().min(1).max(200) });

export function addLearningRoutes(app: App, { sensors, audit }: { sensors: SensorLink; audit: Audit }): void {
  const preHandler = atSensor(sensors);

  app.get(
    '/api/learning',
    {
      config: { permission: 'baseline.view', byPlace: true },
      preHandler,
      schema: {
        tags,
        summary: 'State of learning, its curve and its scenarios',
        querystring: ofSensor,
        response: { 200: learningSchema, 404: refusalSchema },
      },
    },
    async (request) => viewOf(await reportOf(request.query.sensor)),
  );

  app.patch(
    '/api/learning',
    {
      config: { permission: 'learningMode.edit', byPlace: true },
      preHandler,
      schema: {
        tags,
        summary: 'Begin or end learning, or change how it goes on',
        body: ofSensor.extend({ on: z.boolean().optional(), settings: settingsSchema.partial().optional() }),
        response: { 200: learningSchema, 400: refusalSchema, 404: refusalSchema },
      },
    },
    async (request) => {
      const { sensor, on, settings } = request.body;
      const before = await reportOf(sensor);
      if (on === undefined && settings === undefined) throw new RequestError(400, 'bad_request', 'Give "on", "settings", or both.');
      await sensors.setLearning?.(sensor, {
        ...(on === undefined ? {} : { on }),
        // Parts that are not given stay as they are.
        ...(settings ? { settings: { ...before.settings, ...defined(settings) } } : {}),
      });
      await audit.record({
        at: Date.now(),
        who: callerOf(request).userName,
        action: 'learning.set',
        on: [sensor],
        details: { ...(on === undefined ? {} : { on }), ...defined(settings ?? {}) },
      });
      return viewOf(await reportOf(sensor));
    },
  );

  async function reportOf(sensor: string): Promise<LearningReport> {
    const report = await sensors.learning?.(sensor);
    if (report) return report;
    throw new RequestError(404, 'not_found', `There is no sensor ${JSON.stringify(sensor)} that learns here.`);
  }
}

function defined<T extends object>(settings: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as never;
}

function viewOf({ state, settings, memory, now, ends }: LearningReport): z.infer<typeof learningSchema> {
  const seconds = now === null ? 0 : Number(now / 1_000_000_000n);
  const known = memory.days.at(-1)?.known ?? 0;
  const oldest = Math.floor(seconds / 3600) - 168;
  const newInWeek = memory.hours.filter(([hour]) => hour > oldest).reduce((sum, [, count]) => sum + count, 0);
  const scenarios = memory.scenarios.toSorted((x, y) => y.last - x.last);
  return {
    state,
    on: memory.on,
    since: secondText(memory.since),
    ended: memory.on ? null : secondText(memory.ended),
    ends: ends === null ? null : formatInstant(ends, 0),
    now: now === null ? null : formatInstant(now, 0),
    settings,
    known,
    newInWeek,
    share: known === 0 ? 0 : newInWeek / known,
    days: memory.days.map(({ day, fresh, known: total }) => ({
      day: new Date(day * 86_400_000).toISOString().slice(0, 10),
      fresh,
      known: total,
    })),
    scenarios: scenarios.slice(0, MAX_SCENARIOS).map(({ alert, scope, it, keys, first, last }) => {
      const dynamic = !memory.on && (it ? settings.smartIt : settings.dynamic) && seconds - last < WEEK;
      return {
        type: alert,
        title: findAlertType(alert)?.title ?? alert,
        scope,
        state: memory.on ? 'learning' : dynamic ? 'dynamic' : 'operational',
        keys,
        first: secondText(first) ?? '',
        last: secondText(last) ?? '',
        until: dynamic ? secondText(last + WEEK) : null,
      } as const;
    }),
    scenariosLeft: Math.max(0, scenarios.length - MAX_SCENARIOS),
    newDevices: memory.young.filter(([, until]) => until > seconds).map(([device, until]) => ({ device, until: secondText(until) ?? '' })),
  };
}

function secondText(seconds: number): string | null {
  return seconds === 0 ? null : formatInstant(instant(seconds, 0), 0);
}
