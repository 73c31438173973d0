/** The device inventory: the grid, one device, and what people do with devices. */
import { Readable } from 'node:stream';
import { ALL_DEVICE_TYPES, DEVICE_CLASSES, HIGHEST_PURDUE_LEVEL, IMPORTANCES, NETWORK_LOCATIONS } from '@annunciator/core/device-types';
import { DEVICE_COLUMN_NAMES, type DeviceColumn, deviceColumn } from '@annunciator/store/inventory/device-columns';
import type { DeviceRow } from '@annunciator/store/inventory/device-query';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import { csvHeaderLine } from '@annunciator/core/csv';
import { DEVICE_FACETS, deviceAddressSchema, deviceQueryOf, without } from '../devices/device-address.ts';
import { actionsOf, checkDevices, siftDevices } from '../devices/device-reach.ts';
import type { DeviceDesk } from '../devices/device-desk.ts';
import type { DeviceOutcome } from '../devices/device-refusals.ts';
import { MOST_MERGED } from '../devices/device-unions.ts';
import { changesSchema } from '../devices/device-edits.ts';
import {
  DEVICE_CSV,
  deviceCsvRows,
  type DeviceDetails,
  deviceDetails,
  deviceDetailsSchema,
  deviceSchema,
  deviceView,
} from '../devices/device-view.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { columnOf } from '../http/filter-address.ts';
import { isHidden, withinRoute } from '../accounts/reach.ts';
import { notFound, RequestError } from '../http/request-error.ts';

const MAX_PAGE = 1000;
/** Devices that one request changes. */
const MOST_AT_ONCE = 10_000;
const DAY_MILLISECONDS = 86_400_000;
const tags = ['Devices'];
const countsSchema = z.array(z.object({ value: z.string(), count: z.number() }));
const numberSchema = z.coerce.number().int().min(1);
const byNumber = z.object({ number: numberSchema });
const versionSchema = z.number().int().min(0).describe('The version that was read: a device that somebody changed since is refused');
const versioned = z.object({ number: numberSchema, version: versionSchema });
const outcomeSchema = z
  .object({
    changed: z.array(deviceSchema),
    refused: z.array(z.object({ number: z.number(), code: z.string(), message: z.string() })),
  })
  .meta({ id: 'DeviceOutcome' });
const one = { 200: deviceDetailsSchema, 400: refusalSchema, 403: refusalSchema, 404: refusalSchema, 409: refusalSchema };

export function addDeviceRoutes(app: App, { desk }: { desk: DeviceDesk }): void {
  const { devices, unions } = desk.inventory;

  app.get(
    '/api/devices',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: {
        tags,
        summary: 'A page of the devices that match',
        querystring: deviceAddressSchema.extend({
          cursor: z.string().max(2000).optional().describe('`next` of the page before'),
          limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(200),
        }),
        response: {
          200: z
            .object({ devices: z.array(deviceSchema), next: z.string().nullable(), matching: z.number(), total: z.number() })
            .meta({ id: 'DevicePage' }),
          400: refusalSchema,
        },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const page = await devices.page({ ...deviceQueryOf(request.query), ...withinRoute(request) }, limit, cursor ?? null);
      return { ...page, devices: page.devices.map(deviceView) };
    },
  );

  app.get(
    '/api/devices/facets',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: {
        tags,
        summary: 'Values to filter devices by, with the number of devices each would leave',
        querystring: deviceAddressSchema,
        response: {
          200: z
            .object({ type: countsSchema, vendor: countsSchema, protocol: countsSchema, authorised: countsSchema })
            .meta({ id: 'DeviceFacets' }),
          400: refusalSchema,
        },
      },
    },
    async (request) => {
      const query = { ...deviceQueryOf(request.query), ...withinRoute(request) };
      const facet = (column: (typeof DEVICE_FACETS)[number]) => valuesOf(column, query);
      const [type, vendor, protocol, authorised] = await Promise.all(DEVICE_FACETS.map(facet));
      return { type, vendor, protocol: protocol.filter(({ value }) => value !== ''), authorised };
    },
  );

  app.get(
    '/api/devices/first-seen',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: {
        tags,
        summary: 'Number of matching devices that were seen for the first time, by day',
        querystring: deviceAddressSchema.extend({ from: z.iso.date().describe('The first day, UTC, such as 2026-11-01') }),
        response: { 200: z.array(z.object({ day: z.string(), count: z.number() })), 400: refusalSchema },
      },
    },
    async (request) => {
      const { from, ...address } = request.query;
      const days = await devices.firstSeen({ ...deviceQueryOf(address), ...withinRoute(request) }, Date.parse(from) / DAY_MILLISECONDS);
      return days.map(({ day, count }) => ({ day: new Date(day * DAY_MILLISECONDS).toISOString().slice(0, 10), count }));
    },
  );

  app.get(
    '/api/devices/values',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: {
        tags,
        summary: 'Values of any column, with the number of devices each would leave',
        description: 'Filters on the column itself are left out, so that its other values can be added. Also for grouping.',
        querystring: deviceAddressSchema.extend({ column: z.string().max(40) }),
        response: { 200: countsSchema, 400: refusalSchema },
      },
    },
    (request) =>
      valuesOf(columnOf(request.query.column, DEVICE_COLUMN_NAMES), { ...deviceQueryOf(request.query), ...withinRoute(request) }),
  );

  app.get(
    '/api/devices/columns',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: {
        tags,
        summary: 'The columns of the inventory',
        response: {
          200: z.array(
            z.object({
              name: z.string(),
              label: z.string(),
              kind: z.enum(['text', 'number', 'time', 'flag', 'list']),
              editable: z.boolean(),
              choices: z.array(z.string()).describe('Values that it may have; empty where any text may stand'),
            }),
          ),
        },
      },
    },
    () => DEVICE_COLUMN_NAMES.map((name) => ({ name, ...partsOf(name) })),
  );

  app.get(
    '/api/devices.csv',
    {
      config: { permission: 'devices.export', byPlace: true, answers: 'text/csv' },
      schema: { tags, summary: 'Every device that matches, as CSV', querystring: deviceAddressSchema },
    },
    (request, reply) => {
      // A question that cannot be read is refused before the file begins.
      const query = { ...deviceQueryOf(request.query), ...withinRoute(request) };
      const lines = async function* () {
        yield csvHeaderLine(DEVICE_CSV.map(([header]) => header));
        for await (const batch of devices.stream(query)) yield deviceCsvRows(batch);
      };
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="devices.csv"')
        .send(Readable.from(lines()));
    },
  );

  app.get(
    '/api/devices/:number',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: {
        tags,
        summary: 'One device with everything about it',
        params: byNumber,
        response: { 200: deviceDetailsSchema, 404: refusalSchema },
      },
    },
    (request) => detailsOf(request, request.params.number),
  );

  app.patch(
    '/api/devices/:number',
    {
      config: { permission: 'devices.edit', byPlace: true },
      schema: {
        tags,
        summary: 'Set fields of a device, or give them back to what traffic says',
        description: 'What people set stays, whatever traffic says later; null gives a field back.',
        params: byNumber,
        body: z.object({ version: versionSchema, changes: changesSchema }),
        response: one,
      },
    },
    async (request) => {
      const { number } = request.params;
      const { version, changes } = request.body;
      await checkDevices(request, devices, [number], actionsOf(changes));
      single(await desk.changing.edit([{ number, version }], changes, callerOf(request).userName));
      return detailsOf(request, number);
    },
  );

  app.post(
    '/api/devices/edit',
    {
      config: { permission: 'devices.edit', byPlace: true },
      schema: {
        tags,
        summary: 'Set fields of several devices',
        description: 'Each device is changed if it has the version that was read; the others are told with who changed what.',
        body: z.object({ devices: z.array(versioned).min(1).max(MOST_AT_ONCE), changes: changesSchema.omit({ name: true }) }),
        response: { 200: outcomeSchema, 403: refusalSchema },
      },
    },
    async (request) => {
      const { devices: asked, changes } = request.body;
      const numbers = asked.map(({ number }) => number);
      const { open, refused } = await siftDevices(request, devices, numbers, actionsOf(changes));
      const outcome = await desk.changing.edit(
        asked.filter(({ number }) => open.has(number)),
        changes,
        callerOf(request).userName,
      );
      return outcomeOf(outcome, refused);
    },
  );

  app.post(
    '/api/devices/acknowledge',
    {
      config: { permission: 'devices.edit', byPlace: true },
      schema: {
        tags,
        summary: 'Take the mark New from devices: somebody has looked at them',
        description: 'Every other change takes it, too. Whether they are authorised is a question of its own.',
        body: z.object({ numbers: z.array(numberSchema).min(1).max(MOST_AT_ONCE) }),
        response: { 200: outcomeSchema },
      },
    },
    async (request) => {
      const { open, refused } = await siftDevices(request, devices, request.body.numbers, ['devices.edit']);
      return outcomeOf(await desk.changing.acknowledge([...open], callerOf(request).userName), refused);
    },
  );

  const tagSchema = z.string().trim().min(1).max(60);
  app.post(
    '/api/devices/tags',
    {
      config: { permission: 'devices.edit', byPlace: true },
      schema: {
        tags,
        summary: 'Add tags to every device that matches, or take them away; other tags stay',
        querystring: deviceAddressSchema,
        body: z.object({ add: z.array(tagSchema).max(20).default([]), remove: z.array(tagSchema).max(20).default([]) }),
        response: { 200: z.object({ devices: z.number() }), 400: refusalSchema },
      },
    },
    async (request) => {
      const { add, remove } = request.body;
      const gone = new Set(remove.map((tag) => tag.toLowerCase()));
      const matching = await desk.changing.editMatching(
        { ...deviceQueryOf(request.query), ...withinRoute(request) },
        (row) => ({ tags: [...row.tags.filter((tag) => !gone.has(tag.toLowerCase())), ...add.filter((tag) => !row.tags.includes(tag))] }),
        callerOf(request).userName,
      );
      return { devices: matching };
    },
  );

  app.post(
    '/api/devices/:number/merge',
    {
      config: { permission: 'devices.merge', byPlace: true },
      schema: {
        tags,
        summary: 'Make other devices part of this one',
        description: 'Addresses, alerts, connections and what the sensor learned of them go on under this one. Splitting undoes it.',
        params: byNumber,
        body: z.object({
          version: versionSchema,
          others: z
            .array(versioned)
            .min(1)
            .max(MOST_MERGED - 1),
        }),
        response: one,
      },
    },
    async (request) => {
      const { number } = request.params;
      const { version, others } = request.body;
      await checkDevices(request, devices, [number, ...others.map((other) => other.number)], ['devices.merge']);
      await desk.unions.merge({ number, version }, others, callerOf(request).userName);
      return detailsOf(request, number);
    },
  );

  app.post(
    '/api/devices/:number/split',
    {
      config: { permission: 'devices.merge', byPlace: true },
      schema: {
        tags,
        summary: 'Take parts or addresses out of a device: they are devices of their own',
        description:
          'Undoes a merge, of people or of the sensor. The addresses stay apart, whatever the traffic suggests, until they are merged again.',
        params: byNumber,
        body: z.object({
          version: versionSchema,
          parts: z.array(numberSchema).max(100).default([]),
          addresses: z.array(z.string().max(100)).max(32).default([]).describe('IP and MAC addresses of one new device'),
        }),
        response: { ...one, 200: z.object({ devices: z.array(deviceSchema) }) },
      },
    },
    async (request) => {
      const { version, parts, addresses } = request.body;
      const { number } = request.params;
      await checkDevices(request, devices, [number], ['devices.merge']);
      const split = await desk.unions.split({ number, version }, { parts, addresses }, callerOf(request).userName);
      return { devices: split.map(deviceView) };
    },
  );

  app.post(
    '/api/devices/delete',
    {
      config: { permission: 'devices.delete', byPlace: true },
      schema: {
        tags,
        summary: 'Take devices out of the inventory',
        description: 'When they send again they are new, and not authorised. What was active within ten minutes is refused.',
        body: z.object({ numbers: z.array(numberSchema).min(1).max(MOST_AT_ONCE), reason: z.string().trim().min(1).max(500) }),
        response: { 200: outcomeSchema },
      },
    },
    async (request) => {
      const { numbers, reason } = request.body;
      const { open, refused } = await siftDevices(request, devices, numbers, ['devices.delete']);
      return outcomeOf(await desk.removal.remove([...open], reason, callerOf(request).userName), refused);
    },
  );

  app.post(
    '/api/devices/delete-inactive',
    {
      config: { permission: 'devices.delete', byPlace: true },
      schema: {
        tags,
        summary: 'Take every matching device out of the inventory that was silent for some days',
        querystring: deviceAddressSchema,
        body: z.object({ days: z.number().min(1).max(3650), reason: z.string().trim().min(1).max(500) }),
        response: { 200: outcomeSchema, 400: refusalSchema },
      },
    },
    async (request) => {
      const { days, reason } = request.body;
      return outcomeOf(
        await desk.removal.removeInactive(
          { ...deviceQueryOf(request.query), ...withinRoute(request) },
          days,
          reason,
          callerOf(request).userName,
        ),
      );
    },
  );

  async function detailsOf(request: FastifyRequest, number: number): Promise<DeviceDetails> {
    const row = await devices.get(number);
    if (!row || isHidden(request, 'devices.view', row)) throw notFound('device', String(number));
    const parts = await devices.parts(number);
    const joined = await Promise.all(
      parts.map(async (part) => {
        const union = await unions.get(part.number);
        return { row: part, by: union?.by ?? '', at: union?.at ?? 0 };
      }),
    );
    return deviceDetails(row, joined);
  }

  async function valuesOf(column: (typeof DEVICE_COLUMN_NAMES)[number], query: ReturnType<typeof deviceQueryOf>) {
    const found = await devices.values(without(query, column), column);
    return found.map(({ value, count }) => ({ value: column === 'type' && value === 'Unknown' ? '' : value, count }));
  }
}

function partsOf(name: (typeof DEVICE_COLUMN_NAMES)[number]) {
  const { label, kind, edited } = deviceColumn(name);
  return { label, kind, editable: edited ?? false, choices: [...(CHOICES[name] ?? [])] };
}

const CHOICES: Readonly<Partial<Record<DeviceColumn, readonly string[]>>> = {
  type: ALL_DEVICE_TYPES,
  class: DEVICE_CLASSES,
  importance: IMPORTANCES,
  networkLocation: NETWORK_LOCATIONS,
  purdueLevel: Array.from({ length: HIGHEST_PURDUE_LEVEL + 1 }, (_, level) => String(level)),
};

function outcomeOf({ changed, refused }: DeviceOutcome, more: DeviceOutcome['refused'] = []): z.infer<typeof outcomeSchema> {
  return { changed: changed.map((row: DeviceRow) => deviceView(row)), refused: [...more, ...refused] };
}

/** For a single device a refusal is the answer. */
function single({ refused: [first] }: DeviceOutcome): void {
  if (first) throw new RequestError(first.code === 'not_found' ? 404 : 409, first.code, first.message);
}
