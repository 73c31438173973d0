/** Sites, zones and sensors: where they are, how they are, and what people set about them. */
import { type Reach, reaches, reachOf } from '@annunciator/core/access';
import { SENSOR_TYPES } from '@annunciator/store/sites';
import { z } from 'zod';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import { csvOf } from '@annunciator/core/csv';
import type { DeviceDesk } from '../devices/device-desk.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { healthSchema, silentSinceSchema, silentText } from '../sites/health-view.ts';
import { reachOfRoute, within } from '../accounts/reach.ts';
import { editorOf } from '../sites/site-editor.ts';
import { notFound } from '../http/request-error.ts';
import { HEALTH_STATES } from '../sites/sensor-health-word.ts';
import type { SensorNow, SiteDesk } from '../sites/site-desk.ts';

const tags = ['Sites and sensors'];
const name = z.string().trim().min(1).max(80);
const displayName = z.string().trim().max(80);
const time = z.string().nullable();
const tagsSchema = z.record(z.string().trim().min(1).max(60), z.string().trim().max(200)).describe('Keys with values, at most 50');
const owners = z.array(z.email().max(200)).max(20).describe('E-mail addresses of those who answer for the site');
const type = z.enum(SENSOR_TYPES);

const sensorSchema = z
  .object({
    name: z.string(),
    type,
    site: z.string(),
    zone: z.string(),
    health: z.object({
      state: z.enum(HEALTH_STATES),
      word: z.string(),
      sentence: z.string().describe('What to do; empty when healthy'),
      silentSince: silentSinceSchema,
    }),
    version: z.string().nullable().describe('Null while it does not run'),
    registered: z.string(),
    registeredBy: z.string().nullable().describe('Null when it came up by itself'),
    lastConnected: time,
    learning: z.enum(['learning', 'dynamic', 'operational', 'disconnected']).nullable(),
    learningUntil: time,
    source: z.string(),
    packets: z.number(),
    devices: z.number(),
    openAlerts: z.number(),
  })
  .meta({ id: 'Sensor' });
type SensorView = z.infer<typeof sensorSchema>;

const siteSchema = z
  .object({
    name: z.string(),
    displayName: z.string().describe('The name when nobody gave another'),
    tags: tagsSchema,
    owners: z.array(z.string()),
    zones: z.array(z.string()),
    editable: z.boolean().describe('The caller may change the site and its zones'),
    editableZones: z.array(z.string()).describe('Zones in which the caller may register, change and delete sensors'),
    devices: z.number(),
    openAlerts: z.number(),
    sensors: z.array(sensorSchema),
  })
  .meta({ id: 'Site' });

const bySite = z.object({ site: z.string().max(80) });
const bySensor = z.object({ sensor: z.string().max(80) });
const refusals = { 404: refusalSchema, 409: refusalSchema };
const view = { permission: 'sites.view', byPlace: true } as const;
const edit = { permission: 'sites.edit', byPlace: true } as const;
/** Which sites there are concerns the whole system. */
const editAll = { permission: 'sites.edit' } as const;

export interface SiteRouteParts {
  readonly sites: SiteDesk;
  readonly alerts: AlertDesk;
  readonly devices: DeviceDesk | undefined;
  readonly version: string;
}

export function addSiteRoutes(app: App, { sites: desk, alerts, devices, version }: SiteRouteParts): void {
  app.get(
    '/api/sites',
    { config: view, schema: { tags, summary: 'Sites with their zones and sensors', response: { 200: z.array(siteSchema) } } },
    async (request) => {
      const reach = reachOfRoute(request);
      const editable = reachOf(callerOf(request).access, 'sites.edit');
      const [sites, sensors, alertsOf, devicesOf] = await Promise.all([
        desk.list(),
        sensorViews(reach),
        openAlerts(reach, 'site'),
        deviceCounts(reach, 'site'),
      ]);
      return sites
        .map((site) => ({ ...site, zones: site.zones.filter((zone) => reaches(reach, { site: site.name, zone })) }))
        .filter(({ name: site, zones }) => zones.length > 0 || reaches(reach, { site, zone: '' }))
        .map((site) => ({
          ...site,
          tags: { ...site.tags },
          owners: [...site.owners],
          displayName: site.displayName || site.name,
          editable: reaches(editable, { site: site.name, zone: '' }),
          editableZones: site.zones.filter((zone) => reaches(editable, { site: site.name, zone })),
          devices: devicesOf.get(site.name) ?? 0,
          openAlerts: alertsOf.get(site.name) ?? 0,
          sensors: sensors.filter((sensor) => sensor.site === site.name),
        }));
    },
  );

  app.post(
    '/api/sites',
    {
      config: editAll,
      schema: {
        tags,
        summary: 'Add a site',
        description: 'Alerts and devices carry its name, which stays; the display name can change.',
        body: z.object({
          name,
          displayName: displayName.default(''),
          tags: tagsSchema.default({}),
          owners: owners.default([]),
          zones: z.array(name).max(100).default([]),
        }),
        response: { 204: z.null(), 409: refusalSchema },
      },
    },
    async (request, reply) => {
      const { zones, ...site } = request.body;
      await desk.create(site, zones, callerOf(request).userName);
      return reply.code(204).send(null);
    },
  );

  app.patch(
    '/api/sites/:site',
    {
      config: edit,
      schema: {
        tags,
        summary: 'Change display name, tags or owners of a site; absent parts stay',
        params: bySite,
        body: z.object({ displayName: displayName.optional(), tags: tagsSchema.optional(), owners: owners.optional() }),
        response: { 204: z.null(), ...refusals },
      },
    },
    async (request, reply) => {
      await desk.change(request.params.site, request.body, editorOf(request));
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/sites/:site',
    {
      config: editAll,
      schema: { tags, summary: 'Remove a site in which no sensor stands', params: bySite, response: { 204: z.null(), ...refusals } },
    },
    async (request, reply) => {
      await desk.remove(request.params.site, callerOf(request).userName);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/sites/:site/zones',
    {
      config: edit,
      schema: { tags, summary: 'Add a zone to a site', params: bySite, body: z.object({ name }), response: { 204: z.null(), ...refusals } },
    },
    async (request, reply) => {
      await desk.addZone(request.params.site, request.body.name, editorOf(request));
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/sites/:site/zones/:zone',
    {
      config: edit,
      schema: {
        tags,
        summary: 'Remove a zone in which no sensor stands',
        params: bySite.extend({ zone: z.string().max(80) }),
        response: { 204: z.null(), ...refusals },
      },
    },
    async (request, reply) => {
      await desk.removeZone(request.params.site, request.params.zone, editorOf(request));
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/sensors.csv',
    { config: { ...view, answers: 'text/csv' }, schema: { tags, summary: 'All sensors, as CSV' } },
    async (request, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="sensors.csv"')
        .send(csvOf(CSV, await sensorViews(reachOfRoute(request)))),
  );

  app.get(
    '/api/sensors/:sensor',
    {
      config: view,
      schema: {
        tags,
        summary: 'One sensor with all of its health',
        params: bySensor,
        response: { 200: sensorSchema.extend({ details: healthSchema.nullable() }).meta({ id: 'SensorDetails' }), 404: refusalSchema },
      },
    },
    async (request) => {
      const reach = reachOfRoute(request);
      const now = await desk.sensor(request.params.sensor);
      if (!reaches(reach, now.sensor)) throw notFound('sensor', request.params.sensor);
      const [shown] = await shownAs(reach, [now]);
      return { ...shown, details: now.health };
    },
  );

  app.post(
    '/api/sensors',
    {
      config: edit,
      schema: {
        tags,
        summary: 'Register a sensor: it is pending until its first packet',
        body: z.object({ name, type: type.default(SENSOR_TYPES[0]), site: name, zone: name }),
        response: { 204: z.null(), ...refusals },
      },
    },
    async (request, reply) => {
      await desk.register(request.body, editorOf(request));
      return reply.code(204).send(null);
    },
  );

  app.patch(
    '/api/sensors/:sensor',
    {
      config: edit,
      schema: {
        tags,
        summary: 'Move a sensor to another zone or site, or change its type',
        description: 'What it detects from now on carries the new place; alerts that are there keep the place where they were raised.',
        params: bySensor,
        body: z.object({ type: type.optional(), site: name.optional(), zone: name.optional() }),
        response: { 204: z.null(), ...refusals },
      },
    },
    async (request, reply) => {
      await desk.move(request.params.sensor, request.body, editorOf(request));
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/sensors/:sensor',
    {
      config: edit,
      schema: {
        tags,
        summary: 'Delete a sensor that does not run; its alerts and devices stay',
        params: bySensor,
        response: { 204: z.null(), ...refusals },
      },
    },
    async (request, reply) => {
      await desk.removeSensor(request.params.sensor, editorOf(request));
      return reply.code(204).send(null);
    },
  );

  async function sensorViews(reach: Reach): Promise<SensorView[]> {
    return shownAs(
      reach,
      (await desk.sensors()).filter(({ sensor }) => reaches(reach, sensor)),
    );
  }

  async function shownAs(reach: Reach, all: readonly SensorNow[]): Promise<[SensorView, ...SensorView[]]> {
    const [alertsOf, devicesOf] = await Promise.all([openAlerts(reach, 'sensor'), deviceCounts(reach, 'sensor')]);
    const views = all.map(
      ({ sensor, status, word }): SensorView => ({
        name: sensor.name,
        type: sensor.type,
        site: sensor.site,
        zone: sensor.zone,
        health: { ...word, silentSince: [...word.silentSince] },
        version: status ? version : null,
        registered: new Date(sensor.registered).toISOString(),
        registeredBy: sensor.by,
        lastConnected: iso(sensor.lastConnected),
        learning: status?.state ?? null,
        learningUntil: iso(status?.learningUntil ?? null),
        source: status?.source ?? '',
        packets: status?.packets ?? 0,
        devices: devicesOf.get(sensor.name) ?? 0,
        openAlerts: alertsOf.get(sensor.name) ?? 0,
      }),
    );
    // As many as were asked for: callers that take the first gave one.
    return views as [SensorView, ...SensorView[]];
  }

  async function openAlerts(reach: Reach, by: 'site' | 'sensor'): Promise<Map<string, number>> {
    const { groups } = await alerts.store.groups(
      { filters: [{ column: 'status', operator: 'notEquals', values: ['Closed'] }], ...within(reach) },
      by,
    );
    return new Map(groups.map(({ value, count }) => [value, count]));
  }

  async function deviceCounts(reach: Reach, by: 'site' | 'sensor'): Promise<Map<string, number>> {
    const counts = (await devices?.inventory.devices.values({ filters: [], ...within(reach) }, by)) ?? [];
    return new Map(counts.map(({ value, count }) => [value, count]));
  }
}

const CSV = [
  ['Sensor name', (sensor: SensorView) => sensor.name],
  ['Sensor type', (sensor: SensorView) => sensor.type],
  ['Site', (sensor: SensorView) => sensor.site],
  ['Zone', (sensor: SensorView) => sensor.zone],
  ['Sensor health', (sensor: SensorView) => sensor.health.word],
  ['Health message', (sensor: SensorView) => sensor.health.sentence + silentText(sensor.health.silentSince)],
  ['Sensor version', (sensor: SensorView) => sensor.version ?? ''],
  ['Last connected (UTC)', (sensor: SensorView) => sensor.lastConnected ?? ''],
  ['Devices', (sensor: SensorView) => String(sensor.devices)],
  ['Open alerts', (sensor: SensorView) => String(sensor.openAlerts)],
] as const;

function iso(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
