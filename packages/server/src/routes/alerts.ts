/** The grid, one alert, and what people do with alerts. */
import { Readable } from 'node:stream';
import { PORTAL_SEVERITIES, STATUSES } from '@annunciator/core/alert';
import { GROUP_COLUMNS, type GroupColumn } from '@annunciator/store/alert-query';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type AlertAction, PERMISSION } from '../alert-action.ts';
import { alertAddressSchema, alertQueryOf } from '../alert-address.ts';
import { csvHeader, csvRows, violationsCsv } from '../alert-csv.ts';
import type { AlertDesk, Outcome } from '../alert-desk.ts';
import { reachedAlert, siftAlerts, withRefused } from '../alert-reach.ts';
import { alertDetailsSchema, alertRowSchema, detailsOf, recordOf, rowOf } from '../alert-view.ts';
import type { App } from '../app.ts';
import { callerOf } from '../authentication.ts';
import { refusalSchema } from '../error-answers.ts';
import { withinRoute } from '../reach.ts';
import { notFound, RequestError } from '../request-error.ts';

const MAX_PAGE = 1000;
const CSV_BATCH = 1000;
const tags = ['Alerts'];
const byId = z.object({ id: z.string().max(200) });
const ids = z.array(z.string().max(200)).min(1).max(10_000);
const countSchema = z.object({ value: z.string(), count: z.number() }).meta({ id: 'ValueCount' });
const outcomeSchema = z
  .object({
    changed: z.array(alertRowSchema),
    refused: z.array(z.object({ id: z.string(), code: z.string(), message: z.string() })),
  })
  .meta({ id: 'Outcome' });
const one = { 200: alertDetailsSchema, 403: refusalSchema, 404: refusalSchema, 409: refusalSchema };

export function addAlertRoutes(app: App, { alerts: desk }: { alerts: AlertDesk }): void {
  const { types } = desk;

  app.get(
    '/api/alerts',
    {
      config: { permission: 'alerts.view', byPlace: true },
      schema: {
        tags,
        summary: 'A page of the grid',
        querystring: alertAddressSchema.extend({
          cursor: z.string().max(2000).optional().describe('`next` of the page before'),
          limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(200),
        }),
        response: {
          200: z
            .object({ alerts: z.array(alertRowSchema), next: z.string().nullable(), matching: z.number(), total: z.number() })
            .meta({ id: 'AlertPage' }),
          400: refusalSchema,
        },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const page = await desk.store.page({ ...alertQueryOf(request.query), ...withinRoute(request) }, limit, cursor ?? null);
      return { alerts: page.alerts.map((alert) => rowOf(alert, types)), next: page.next, matching: page.matching, total: page.total };
    },
  );

  app.get(
    '/api/alerts/groups',
    {
      config: { permission: 'alerts.view', byPlace: true },
      schema: {
        tags,
        summary: 'Number of matching alerts per value of a column',
        querystring: alertAddressSchema.extend({ by: z.enum(GROUP_COLUMNS) }),
        response: { 200: z.array(countSchema), 400: refusalSchema },
      },
    },
    async (request) => [
      ...(await desk.store.groups({ ...alertQueryOf(request.query), ...withinRoute(request) }, countedBy(request.query.by))).groups,
    ],
  );

  app.get(
    '/api/alerts/facets',
    {
      config: { permission: 'alerts.view', byPlace: true },
      schema: {
        tags,
        summary: 'Values to filter a column by, with the number of alerts each would leave',
        description: 'Filters on the column itself are left out, so that its other values can be added.',
        querystring: alertAddressSchema.extend({ column: z.enum(GROUP_COLUMNS) }),
        response: { 200: z.array(countSchema), 400: refusalSchema },
      },
    },
    async (request) => {
      const { column } = request.query;
      const query = { ...alertQueryOf(request.query), ...withinRoute(request) };
      const others = query.filters.filter((filter) => filter.column !== column);
      return [...(await desk.store.groups({ ...query, filters: others }, countedBy(column))).groups];
    },
  );

  app.get(
    '/api/alerts.csv',
    {
      config: { permission: 'alerts.export', byPlace: true, answers: 'text/csv' },
      schema: { tags, summary: 'Everything that matches, as CSV', querystring: alertAddressSchema },
    },
    (request, reply) => {
      const query = { ...alertQueryOf(request.query), ...withinRoute(request) };
      const lines = async function* () {
        yield csvHeader();
        for await (const batch of desk.store.stream(query, CSV_BATCH)) yield csvRows(batch, types);
      };
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="alerts.csv"')
        .send(Readable.from(lines()));
    },
  );

  app.get(
    '/api/alerts/:id',
    {
      config: { permission: 'alerts.view', byPlace: true },
      schema: {
        tags,
        summary: 'One alert with everything about it',
        params: byId,
        response: { 200: alertDetailsSchema, 404: refusalSchema },
      },
    },
    async (request) => detailsOf(await reachedAlert(request, desk.store, request.params.id), types),
  );

  app.get(
    '/api/alerts/:id/violations.csv',
    {
      config: { permission: 'alerts.export', byPlace: true, answers: 'text/csv' },
      schema: { tags, summary: 'All rows of the Violations tab, as CSV', params: byId },
    },
    async (request, reply) => {
      const alert = await reachedAlert(request, desk.store, request.params.id, 'alerts.export');
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="violations.csv"')
        .send(violationsCsv(alert));
    },
  );

  app.patch(
    '/api/alerts/:id',
    {
      config: { permission: 'alerts.status', byPlace: true },
      schema: {
        tags,
        summary: 'Change status or severity',
        params: byId,
        body: z.object({ status: z.enum(STATUSES).optional(), severity: z.enum(PORTAL_SEVERITIES).optional() }),
        response: { ...one, 400: refusalSchema },
      },
    },
    async (request) => {
      const { status, severity } = request.body;
      const by = callerOf(request).userName;
      const { id } = request.params;
      if (status === undefined && severity === undefined) throw new RequestError(400, 'bad_request', 'Give a status, a severity, or both.');
      if (status !== undefined) await reachedAlert(request, desk.store, id, 'alerts.status');
      if (severity !== undefined) await reachedAlert(request, desk.store, id, 'alerts.severity');
      if (status !== undefined) single(await desk.act([id], { kind: 'status', status }, by));
      if (severity !== undefined) single(await desk.act([id], { kind: 'severity', severity }, by));
      return detailsById(id);
    },
  );

  for (const [verb, permission, summary] of [
    ['learn', 'alerts.learn', 'Close the alert and add its traffic to the baseline'],
    ['unlearn', 'alerts.unlearn', 'Take the traffic out of the baseline and open the alert again'],
    ['mute', 'alerts.mute', 'Close the alert and stay silent about the same traffic, without allowing it'],
    ['unmute', 'alerts.unmute', 'Alert about the traffic again and open the alert'],
  ] as const) {
    app.post(
      `/api/alerts/:id/${verb}`,
      { config: { permission, byPlace: true }, schema: { tags, summary, params: byId, response: one } },
      async (request) => {
        const { id } = request.params;
        await reachedAlert(request, desk.store, id, permission);
        single(await desk.act([id], { kind: verb }, callerOf(request).userName));
        return detailsById(id);
      },
    );
  }

  app.post(
    '/api/alerts/status',
    {
      config: { permission: 'alerts.status', byPlace: true },
      schema: {
        tags,
        summary: 'Change the status of several alerts',
        body: z.object({ ids, status: z.enum(STATUSES) }),
        response: { 200: outcomeSchema },
      },
    },
    (request) => actOn(request, request.body.ids, { kind: 'status', status: request.body.status }),
  );

  app.post(
    '/api/alerts/severity',
    {
      config: { permission: 'alerts.severity', byPlace: true },
      schema: {
        tags,
        summary: 'Change the severity of several alerts',
        body: z.object({ ids, severity: z.enum(PORTAL_SEVERITIES) }),
        response: { 200: outcomeSchema },
      },
    },
    (request) => actOn(request, request.body.ids, { kind: 'severity', severity: request.body.severity }),
  );

  for (const [verb, permission, summary] of [
    ['learn', 'alerts.learn', 'Learn those of several alerts that can be learned, and report the rest'],
    ['unlearn', 'alerts.unlearn', 'Undo Learn for several alerts'],
  ] as const) {
    app.post(
      `/api/alerts/${verb}`,
      { config: { permission, byPlace: true }, schema: { tags, summary, body: z.object({ ids }), response: { 200: outcomeSchema } } },
      (request) => actOn(request, request.body.ids, { kind: verb }),
    );
  }

  /** On a sensor's own console severities are the sensor's. */
  function countedBy(column: GroupColumn): GroupColumn {
    return column === 'severity' && types.console === 'sensor' ? 'sensorSeverity' : column;
  }

  async function detailsById(id: string): Promise<z.infer<typeof alertDetailsSchema>> {
    const alert = await desk.store.get(id);
    if (!alert) throw notFound('alert', id);
    return detailsOf(alert, types);
  }

  async function actOn(request: FastifyRequest, all: readonly string[], action: Exclude<AlertAction, { kind: 'undo' }>) {
    const { open, refused } = await siftAlerts(request, desk.store, all, PERMISSION[action.kind]);
    return viewOf(withRefused(await desk.act(open, action, callerOf(request).userName), refused));
  }

  function viewOf(outcome: Outcome): z.infer<typeof outcomeSchema> {
    return { changed: [...outcome.changed, ...outcome.same].map((alert) => rowOf(recordOf(alert), types)), refused: [...outcome.refused] };
  }
}

/** For a single alert a refusal is the answer. */
function single({ refused }: Outcome): void {
  const [first] = refused;
  if (first) throw new RequestError(first.code === 'not_found' ? 404 : 409, first.code, first.message);
}
