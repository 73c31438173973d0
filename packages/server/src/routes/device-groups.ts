/**
 * Groups of devices: those that people make, and those that are there by themselves. Whoever may change devices everywhere changes
 * every group. Somebody who may at some places makes groups of devices there, changes their own, and sees of others those that hold a
 * device they see, and whose question names no place that is hidden from them.
 */
import { mayEverywhere, maySomewhere, reachOf } from '@annunciator/core/access';
import type { DeviceColumn } from '@annunciator/store/inventory/device-columns';
import type { DeviceGroup } from '@annunciator/store/inventory/groups';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from '../app.ts';
import type { Audit } from '../audit.ts';
import { callerOf } from '../accounts/authentication.ts';
import { builtInGroups } from '../devices/built-in-groups.ts';
import { savedQuery } from '../devices/device-address.ts';
import type { DeviceDesk } from '../devices/device-desk.ts';
import { checkDevices } from '../devices/device-reach.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { reachOfRoute, within, withinRoute } from '../accounts/reach.ts';
import { notFound, RequestError } from '../http/request-error.ts';

const tags = ['Devices'];
const name = z.string().trim().min(1).max(30);
const filter = z.string().max(4000).describe('A question to the inventory, as its address carries it: type=PLC&filter=vlan:equals:12');
const members = z.array(z.number().int().min(1)).max(10_000);
const byId = z.object({ id: z.coerce.number().int().min(1) });
const groupSchema = z
  .object({
    id: z.number(),
    name: z.string(),
    filter: z.string().nullable().describe('null for a group that lists its devices'),
    devices: z.number(),
    by: z.string(),
    at: z.string(),
    mayEdit: z.boolean().describe('You may change and remove it'),
  })
  .meta({ id: 'DeviceGroup' });

export function addDeviceGroupRoutes(app: App, { desk, audit }: { desk: DeviceDesk; audit: Audit }): void {
  const { groups, devices } = desk.inventory;

  app.get(
    '/api/device-groups',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: { tags, summary: 'The groups that people made', response: { 200: z.array(groupSchema) } },
    },
    async (request) => {
      const all = await Promise.all((await groups.list()).map((group) => viewOf(request, group)));
      return all.filter((group) => isShown(request, group, group.devices));
    },
  );

  app.get(
    '/api/device-groups/built-in',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: {
        tags,
        summary: 'Groups by protocol, VLAN, network, layer, activity and connections, with the question that finds each',
        response: {
          200: z.array(
            z.object({ kind: z.string(), name: z.string(), of: z.enum(['devices', 'connections']), query: z.string(), count: z.number() }),
          ),
        },
      },
    },
    (request) => builtInGroups(desk.inventory, desk.now(), withinRoute(request)),
  );

  app.post(
    '/api/device-groups',
    {
      config: { permission: 'devices.edit', byPlace: true },
      schema: {
        tags,
        summary: 'Make a group: a list of devices, or a saved filter',
        body: z.object({ name, filter: filter.nullable().default(null), devices: members.default([]) }),
        response: { 201: groupSchema, 400: refusalSchema, 403: refusalSchema, 404: refusalSchema, 409: refusalSchema },
      },
    },
    async (request, reply) => {
      const { body } = request;
      if (body.filter !== null) savedQuery(body.filter);
      const by = callerOf(request).userName;
      const made = await groups.create({ name: body.name, filter: body.filter, by, at: Date.now() }, await joining(request, body.devices));
      await record(by, 'device-group.create', made.name);
      return reply.code(201).send(await viewOf(request, made));
    },
  );

  app.patch(
    '/api/device-groups/:id',
    {
      config: { permission: 'devices.edit', byPlace: true },
      schema: {
        tags,
        summary: 'Rename a group, change its filter, add devices or take them out',
        params: byId,
        body: z.object({ name, filter: filter.nullable(), add: members, remove: members }).partial(),
        response: { 200: groupSchema, 400: refusalSchema, 403: refusalSchema, 404: refusalSchema, 409: refusalSchema },
      },
    },
    async (request) => {
      const before = await changed(request, request.params.id);
      const { name: renamed, filter: saved, add, remove } = request.body;
      if (saved) savedQuery(saved);
      await groups.change(before, {
        ...(renamed === undefined ? {} : { name: renamed }),
        ...(saved === undefined ? {} : { filter: saved }),
        ...(add ? { add: await joining(request, add) } : {}),
        ...(remove ? { remove } : {}),
      });
      await record(callerOf(request).userName, 'device-group.edit', renamed ?? before.name);
      return viewOf(request, await groupOf(before.id));
    },
  );

  app.delete(
    '/api/device-groups/:id',
    {
      config: { permission: 'devices.edit', byPlace: true },
      schema: {
        tags,
        summary: 'Remove a group; its devices stay',
        params: byId,
        response: { 204: z.null(), 403: refusalSchema, 404: refusalSchema },
      },
    },
    async (request, reply) => {
      const group = await changed(request, request.params.id);
      await groups.remove(group);
      await record(callerOf(request).userName, 'device-group.remove', group.name);
      return reply.code(204).send(null);
    },
  );

  async function groupOf(id: number) {
    const group = await groups.get(id);
    if (!group) throw notFound('group of devices', String(id));
    return group;
  }

  /** A group that the caller may change. @throws RequestError 404 when it is hidden from them, 403 when it is somebody else's */
  async function changed(request: FastifyRequest, id: number) {
    const group = await groupOf(id);
    if (mayChange(request, group)) return group;
    const { devices: seen } = await viewOf(request, group);
    if (!isShown(request, group, seen)) throw notFound('group of devices', String(id));
    throw new RequestError(
      403,
      'not_permitted',
      `The group "${group.name}" was made by ${group.by}, and may hold devices that you may not change: make a group of your own.`,
    );
  }

  /** Devices that go into a group, those that are not there left out. @throws RequestError for devices that the caller may not change */
  async function joining(request: FastifyRequest, numbers: readonly number[]): Promise<number[]> {
    if (reachOfRoute(request) !== 'everything') await checkDevices(request, devices, numbers, ['devices.edit']);
    return (await devices.byNumbers(numbers)).map(({ number }) => number);
  }

  /** The group with the devices of it that the caller sees. */
  async function viewOf(request: FastifyRequest, group: DeviceGroup): Promise<z.infer<typeof groupSchema>> {
    const seen = seenBy(request);
    const members = [{ column: 'group', operator: 'equals', values: [group.name] }] as const;
    const query = group.filter === null ? { filters: members } : savedQuery(group.filter);
    const count = group.filter === null && !seen.scope ? group.devices : await devices.count({ ...query, ...seen });
    return { ...group, devices: count, at: new Date(group.at).toISOString(), mayEdit: mayChange(request, group) };
  }

  function record(who: string, action: string, on: string): Promise<void> {
    return audit.record({ at: Date.now(), who, action, on: [on] });
  }
}

function seenBy(request: FastifyRequest): ReturnType<typeof within> {
  return within(reachOf(callerOf(request).access, 'devices.view'));
}

/** Whoever may change devices everywhere changes every group, others their own. */
function mayChange(request: FastifyRequest, { by }: Pick<DeviceGroup, 'by'>): boolean {
  const { access, userName } = callerOf(request);
  return mayEverywhere(access, 'devices.edit') || (by === userName && maySomewhere(access, 'devices.edit'));
}

/** Whether the caller is told of a group. @param seen devices of it that they see */
function isShown(request: FastifyRequest, { filter, by }: Pick<DeviceGroup, 'filter' | 'by'>, seen: number): boolean {
  const { access, userName } = callerOf(request);
  const reach = reachOf(access, 'devices.view');
  if (reach === 'everything' || by === userName) return true;
  return seen > 0 && (filter === null || savedQuery(filter).filters.every(({ column }) => !PLACES.has(column)));
}

/** Columns whose values name places. */
const PLACES: ReadonlySet<DeviceColumn> = new Set(['site', 'zone', 'sensor']);
