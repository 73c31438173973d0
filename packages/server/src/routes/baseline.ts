/** The baseline of a sensor: as text, its entries, its history, changes to it, and the review list. */
import { Readable } from 'node:stream';
import { REVIEW_KINDS, REVIEW_NAMES, REVIEW_STATES, type ReviewItem } from '@annunciator/core/review';
import { formatInstant, type Instant } from '@annunciator/core/time';
import { differenceText } from '@annunciator/sensor/baseline/baseline-text';
import { lineOf } from '@annunciator/sensor/baseline/entry';
import type { BaselineVersion } from '@annunciator/store/baseline-records';
import { z } from 'zod';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import { atSensor } from '../accounts/reach.ts';
import type { BaselineDesk, BaselineOutcome, BaselineState } from '../baseline/baseline-desk.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { RequestError } from '../http/request-error.ts';
import type { SensorLink } from '../sensor-link.ts';

/** A baseline at its bound has about a million lines. */
const TEXT_LIMIT = 128 * 1024 * 1024;
const LINES_LIMIT = 10_000;
const tags = ['Baseline'];
const time = z.string().nullable();

const entrySchema = z
  .object({
    line: z.string().describe('The entry as the text of the baseline has it'),
    aspect: z.string(),
    source: z.string(),
    destination: z.string(),
    value: z.string(),
    learned: time.describe('Packet time at which it came in'),
    by: z.string().nullable().describe('Who learned it; null when the sensor did, while learning'),
    at: time.describe("When that person did it, by the server's clock"),
    alert: z.string().nullable().describe('Id of the alert that was learned'),
  })
  .meta({ id: 'BaselineEntry' });

const versionSchema = z
  .object({
    number: z.number(),
    at: z.string(),
    packetTime: time,
    by: z.string().nullable(),
    action: z.string(),
    reason: z.string(),
    about: z.string().nullable(),
    added: z.number(),
    removed: z.number(),
    entries: z.number(),
  })
  .meta({ id: 'BaselineVersion' });

const outcomeSchema = z
  .object({
    added: z.array(z.string()),
    removed: z.array(z.string()),
    version: z.number().describe('Newest version afterwards'),
    closes: z.array(z.string()).describe('Ids of open alerts that it closed, or would close'),
    refused: z.array(z.string()).describe('Lines that found no place in the sensor'),
  })
  .meta({ id: 'BaselineOutcome' });

const differenceSchema = z
  .object({ added: z.array(z.string()), removed: z.array(z.string()), text: z.string().describe('Lines with - and + before them') })
  .meta({ id: 'BaselineDifference' });

const end = z.object({ device: z.string(), ip: z.string().nullable(), mac: z.string().nullable(), name: z.string().nullable() }).nullable();
const reviewSchema = z
  .object({
    id: z.string(),
    kind: z.enum(REVIEW_KINDS),
    title: z.string(),
    state: z.enum(REVIEW_STATES),
    type: z.string().describe('Type of the alert that rejecting raises'),
    source: end,
    destination: end,
    protocol: z.string().nullable(),
    message: z.string(),
    count: z.number(),
    firstSeen: z.string(),
    lastSeen: z.string(),
    frames: z.array(z.number()),
    learns: z.array(z.string()).describe('Lines that accepting puts into the baseline'),
    by: z.string().nullable(),
    at: time,
  })
  .meta({ id: 'ReviewItem' });

const sensor = z.string().min(1).max(200).describe('Name of the sensor');
const ofSensor = z.object({ sensor });
const order = {
  sensor,
  reason: z.string().max(1000).default(''),
  dryRun: z.boolean().default(false).describe('Only tells what it would do'),
};
const lines = z.array(z.string().max(4096)).max(LINES_LIMIT).default([]);
const state = z.object({ version: z.number().int().min(0).optional(), text: z.string().optional() }).describe('Neither: what is there now');

export interface BaselineRouteOptions {
  readonly baseline: BaselineDesk;
  readonly sensors: Pick<SensorLink, 'status'>;
}

export function addBaselineRoutes(app: App, { baseline: desk, sensors }: BaselineRouteOptions): void {
  const preHandler = atSensor(sensors);

  app.get(
    '/api/baseline/text',
    {
      config: { permission: 'baseline.view', byPlace: true, answers: 'text/plain' },
      preHandler,
      schema: {
        tags,
        summary: 'The baseline as text, or one of its versions',
        querystring: ofSensor.extend({
          version: z.coerce.number().int().min(0).optional(),
          origins: z.enum(['true', 'false']).default('false').describe('Adds who learned each entry, as comments'),
        }),
      },
    },
    async (request, reply) => {
      const { sensor: name, version, origins } = request.query;
      return reply.type('text/plain; charset=utf-8').send(Readable.from(await desk.text(name, version, origins === 'true')));
    },
  );

  app.get(
    '/api/baseline/entries',
    {
      config: { permission: 'baseline.view', byPlace: true },
      preHandler,
      schema: {
        tags,
        summary: 'A page of entries, with who learned them',
        querystring: ofSensor.extend({
          search: z.string().max(500).optional().describe('Text in the line, or who learned it'),
          device: z.string().max(200).optional().describe('Entries with this device at an end'),
          aspect: z.string().max(100).optional(),
          by: z.enum(['people', 'sensor']).optional(),
          alert: z.string().max(100).optional().describe('Entries learned from this alert'),
          cursor: z.string().max(8192).optional().describe('`next` of the page before'),
          limit: z.coerce.number().int().min(1).max(1000).default(200),
        }),
        response: { 200: z.object({ entries: z.array(entrySchema), next: z.string().nullable() }), 400: refusalSchema },
      },
    },
    async (request) => {
      const { sensor: name, cursor, ...filter } = request.query;
      const { entries, next } = await desk.page(name, filter, cursor);
      return {
        entries: entries.map((entry) => ({
          line: lineOf(entry),
          aspect: entry.aspect,
          source: entry.source,
          destination: entry.destination,
          value: entry.value,
          learned: instantOf(entry.learned),
          by: entry.origin.by,
          at: dateOf(entry.origin.at),
          alert: entry.origin.alert,
        })),
        next,
      };
    },
  );

  app.get(
    '/api/baseline/aspects',
    {
      config: { permission: 'baseline.view', byPlace: true },
      preHandler,
      schema: {
        tags,
        summary: 'How many entries there are of each aspect, the most first',
        querystring: ofSensor,
        response: { 200: z.object({ aspects: z.array(z.object({ aspect: z.string(), count: z.number() })), total: z.number() }) },
      },
    },
    async (request) => {
      const aspects = await desk.records.aspects(request.query.sensor);
      return { aspects, total: aspects.reduce((sum, { count }) => sum + count, 0) };
    },
  );

  app.post(
    '/api/baseline/diff',
    {
      config: { permission: 'baseline.view', byPlace: true },
      preHandler,
      bodyLimit: TEXT_LIMIT,
      schema: {
        tags,
        summary: 'What is different between two versions, texts, or what is there now',
        body: z.object({ sensor, from: state.default({}), to: state.default({}) }),
        response: { 200: differenceSchema, 400: refusalSchema, 404: refusalSchema },
      },
    },
    async (request) => {
      const { sensor: name, from, to } = request.body;
      const found = await desk.difference(name, stateOf(from), stateOf(to));
      return { added: found.added.map(lineOf), removed: found.removed.map(lineOf), text: [...differenceText(found)].join('') };
    },
  );

  app.post(
    '/api/baseline/import',
    {
      config: { permission: 'baseline.edit', byPlace: true },
      preHandler,
      bodyLimit: TEXT_LIMIT,
      schema: {
        tags,
        summary: 'Make the baseline what a text says',
        body: z.object({ ...order, text: z.string() }),
        response: { 200: outcomeSchema, 400: refusalSchema },
      },
    },
    async (request) => {
      const { sensor: name, text, reason, dryRun } = request.body;
      return outcomeOf(await desk.import(name, text, { by: callerOf(request).userName, reason, dryRun }));
    },
  );

  app.post(
    '/api/baseline/edit',
    {
      config: { permission: 'baseline.edit', byPlace: true },
      preHandler,
      bodyLimit: 16 * 1024 * 1024,
      schema: {
        tags,
        summary: 'Add and take out single lines',
        body: z.object({ ...order, learn: lines, unlearn: lines }),
        response: { 200: outcomeSchema, 400: refusalSchema },
      },
    },
    async (request) => {
      const { sensor: name, learn, unlearn, reason, dryRun } = request.body;
      return outcomeOf(await desk.edit(name, learn, unlearn, { by: callerOf(request).userName, reason, dryRun }));
    },
  );

  app.get(
    '/api/baseline/versions',
    {
      config: { permission: 'baseline.view', byPlace: true },
      preHandler,
      schema: {
        tags,
        summary: 'Versions of the baseline, newest first',
        querystring: ofSensor.extend({
          before: z.coerce.number().int().optional().describe('Only older ones than this number'),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
        }),
        response: { 200: z.object({ versions: z.array(versionSchema) }) },
      },
    },
    async (request) => {
      const { sensor: name, limit, before } = request.query;
      return { versions: (await desk.versions(name, limit, before)).map(versionOf) };
    },
  );

  app.post(
    '/api/baseline/revert',
    {
      config: { permission: 'baseline.edit', byPlace: true },
      preHandler,
      schema: {
        tags,
        summary: 'Bring a version back, as a new version',
        body: z.object({ ...order, version: z.number().int().min(0) }),
        response: { 200: outcomeSchema, 404: refusalSchema },
      },
    },
    async (request) => {
      const { sensor: name, version, reason, dryRun } = request.body;
      return outcomeOf(await desk.revert(name, version, { by: callerOf(request).userName, reason, dryRun }));
    },
  );

  app.get(
    '/api/baseline/review',
    {
      config: { permission: 'baseline.view', byPlace: true },
      preHandler,
      schema: {
        tags,
        summary: 'Dangerous operations that were seen while learning',
        querystring: ofSensor.extend({ state: z.enum(REVIEW_STATES).optional() }),
        response: { 200: z.object({ items: z.array(reviewSchema), waiting: z.number() }) },
      },
    },
    async (request) => {
      const items = await desk.review(request.query.sensor);
      const wanted = items.filter((item) => request.query.state === undefined || item.state === request.query.state);
      const inOrder = wanted.toSorted((x, y) => (x.firstSeen < y.firstSeen ? -1 : x.firstSeen > y.firstSeen ? 1 : x.id < y.id ? -1 : 1));
      return { items: inOrder.map(reviewOf), waiting: items.filter((item) => item.state === 'pending').length };
    },
  );

  app.post(
    '/api/baseline/review/:id',
    {
      config: { permission: 'alerts.learn', byPlace: true },
      preHandler,
      schema: {
        tags,
        summary: 'Accept an operation (it becomes normal) or reject it (its alert is raised)',
        params: z.object({ id: z.string().max(100) }),
        body: z.object({ sensor, decision: z.enum(['accept', 'reject']) }),
        response: { 200: z.object({ item: reviewSchema, alert: z.string().nullable() }), 404: refusalSchema },
      },
    },
    async (request) => {
      const { sensor: name, decision } = request.body;
      const decided = decision === 'accept' ? 'accepted' : 'rejected';
      const { item, alert } = await desk.decide(name, request.params.id, decided, callerOf(request).userName);
      return { item: reviewOf(item), alert };
    },
  );
}

function stateOf({ version, text }: z.infer<typeof state>): BaselineState {
  if (version !== undefined && text !== undefined) throw new RequestError(400, 'bad_request', 'Give a version or a text, not both.');
  return version !== undefined ? { version } : text !== undefined ? { text } : 'now';
}

function outcomeOf({ added, removed, version, closes, refused }: BaselineOutcome): z.infer<typeof outcomeSchema> {
  return { added: [...added], removed: [...removed], version, closes: [...closes], refused: [...refused] };
}

function versionOf(version: BaselineVersion): z.infer<typeof versionSchema> {
  return { ...version, at: new Date(version.at).toISOString(), packetTime: instantOf(version.packetTime) };
}

export function reviewOf({ detection, learn, frames, firstSeen, lastSeen, ...item }: ReviewItem): z.infer<typeof reviewSchema> {
  const endOf = (one: typeof detection.source): z.infer<typeof end> =>
    one && { device: one.device, ip: one.ip, mac: one.mac, name: one.name ?? null };
  return {
    ...item,
    title: REVIEW_NAMES[item.kind],
    type: detection.type,
    source: endOf(detection.source),
    destination: endOf(detection.destination),
    protocol: detection.protocol,
    message: detection.message,
    firstSeen: formatInstant(firstSeen),
    lastSeen: formatInstant(lastSeen),
    frames: [...frames],
    learns: learn.map(lineOf),
    at: dateOf(item.at),
  };
}

function instantOf(instant: Instant | null): string | null {
  return instant === null ? null : formatInstant(instant);
}

function dateOf(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
