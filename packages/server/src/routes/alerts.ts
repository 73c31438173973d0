/** The grid, and one alert. */
import { Readable } from 'node:stream';
import { csvHeaderLine } from '@annunciator/core/csv';
import { GROUP_COLUMNS, type GroupColumn } from '@annunciator/store/alert-query';
import { z } from 'zod';
import { alertAddressSchema, alertQueryOf } from '../alerts/alert-address.ts';
import { exportedColumns, violationsCsv } from '../alerts/alert-csv.ts';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import { reachedAlert } from '../alerts/alert-reach.ts';
import { alertDetailsSchema, alertRowSchema, detailsOf, etagOf, rowOf } from '../alerts/alert-view.ts';
import type { App } from '../app.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { withinRoute } from '../accounts/reach.ts';

const MAX_PAGE = 1000;
const CSV_BATCH = 1000;
const tags = ['Alerts'];
const byId = z.object({ id: z.string().max(200) });
const countSchema = z.object({ value: z.string(), count: z.number() }).meta({ id: 'ValueCount' });
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
    '/api/alerts/series',
    {
      config: { permission: 'alerts.view', byPlace: true },
      schema: {
        tags,
        summary: 'Number of matching alerts per span of time and value of a column',
        querystring: alertAddressSchema.extend({
          by: z.enum(GROUP_COLUMNS),
          time: z.enum(['firstDetection', 'lastDetection']).default('lastDetection'),
          start: z.coerce.number().int().min(0).describe('Milliseconds since 1970 at which the first span begins'),
          span: z.coerce.number().int().min(60_000).describe('Milliseconds of a span'),
          spans: z.coerce.number().int().min(1).max(400),
        }),
        response: { 200: z.array(z.object({ value: z.string(), counts: z.array(z.number()) }).meta({ id: 'Series' })), 400: refusalSchema },
      },
    },
    async (request) => {
      const { by, time, start, span, spans } = request.query;
      const found = await desk.store.series(
        { ...alertQueryOf(request.query), ...withinRoute(request) },
        { column: countedBy(by), time, start, span, spans },
      );
      return found.map(({ value, counts }) => ({ value, counts: [...counts] }));
    },
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
        const columns = exportedColumns(types);
        yield Buffer.from(csvHeaderLine(columns.map(({ header }) => header)));
        yield* desk.store.csv(query, columns, CSV_BATCH);
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
    async (request, reply) => {
      const alert = await reachedAlert(request, desk.store, request.params.id);
      void reply.header('etag', etagOf(alert));
      return detailsOf(alert, types);
    },
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

  /** On a sensor's own console severities are the sensor's. */
  function countedBy(column: GroupColumn): GroupColumn {
    return column === 'severity' && types.console === 'sensor' ? 'sensorSeverity' : column;
  }
}
