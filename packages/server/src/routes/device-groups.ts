/** Groups of devices: those that people make, and those that are there by themselves. */
import { z } from 'zod';
import type { App } from '../app.ts';
import type { Audit } from '../audit.ts';
import { callerOf } from '../accounts/authentication.ts';
import { builtInGroups } from '../devices/built-in-groups.ts';
import { savedQuery } from '../devices/device-address.ts';
import type { DeviceDesk } from '../devices/device-desk.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { withinRoute } from '../accounts/reach.ts';
import { notFound } from '../http/request-error.ts';

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
    async (request) => Promise.all((await groups.list()).map((group) => viewOf(group, withinRoute(request)))),
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
      config: { permission: 'devices.edit' },
      schema: {
        tags,
        summary: 'Make a group: a list of devices, or a saved filter',
        body: z.object({ name, filter: filter.nullable().default(null), devices: members.default([]) }),
        response: { 201: groupSchema, 400: refusalSchema, 409: refusalSchema },
      },
    },
    async (request, reply) => {
      const { body } = request;
      if (body.filter !== null) savedQuery(body.filter);
      const by = callerOf(request).userName;
      const made = await groups.create({ name: body.name, filter: body.filter, by, at: Date.now() }, await existing(body.devices));
      await record(by, 'device-group.create', made.name);
      return reply.code(201).send(await viewOf(made));
    },
  );

  app.patch(
    '/api/device-groups/:id',
    {
      config: { permission: 'devices.edit' },
      schema: {
        tags,
        summary: 'Rename a group, change its filter, add devices or take them out',
        params: byId,
        body: z.object({ name, filter: filter.nullable(), add: members, remove: members }).partial(),
        response: { 200: groupSchema, 400: refusalSchema, 404: refusalSchema, 409: refusalSchema },
      },
    },
    async (request) => {
      const before = await groupOf(request.params.id);
      const { name: renamed, filter: saved, add, remove } = request.body;
      if (saved) savedQuery(saved);
      await groups.change(before, {
        ...(renamed === undefined ? {} : { name: renamed }),
        ...(saved === undefined ? {} : { filter: saved }),
        ...(add ? { add: await existing(add) } : {}),
        ...(remove ? { remove } : {}),
      });
      await record(callerOf(request).userName, 'device-group.edit', renamed ?? before.name);
      return viewOf(await groupOf(before.id));
    },
  );

  app.delete(
    '/api/device-groups/:id',
    {
      config: { permission: 'devices.edit' },
      schema: { tags, summary: 'Remove a group; its devices stay', params: byId, response: { 204: z.null(), 404: refusalSchema } },
    },
    async (request, reply) => {
      const group = await groupOf(request.params.id);
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

  async function existing(numbers: readonly number[]): Promise<number[]> {
    return (await devices.byNumbers(numbers)).map(({ number }) => number);
  }

  async function viewOf(
    group: Awaited<ReturnType<typeof groupOf>>,
    within: ReturnType<typeof withinRoute> = {},
  ): Promise<z.infer<typeof groupSchema>> {
    const members = [{ column: 'group', operator: 'equals', values: [group.name] }] as const;
    const query = group.filter === null ? { filters: members } : savedQuery(group.filter);
    const count = group.filter === null && !within.scope ? group.devices : await devices.count({ ...query, ...within });
    return { ...group, devices: count, at: new Date(group.at).toISOString() };
  }

  function record(who: string, action: string, on: string): Promise<void> {
    return audit.record({ at: Date.now(), who, action, on: [on] });
  }
}
