/** Networks and VLANs: what devices were seen in, and what people say of them. */
import { isIP } from 'node:net';
import { parseNetwork } from '@annunciator/core/subnet';
import { SUBNET_KINDS } from '@annunciator/store/inventory/subnets';
import { z } from 'zod';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import { withinRoute } from '../accounts/reach.ts';
import type { DeviceDesk } from '../devices/device-desk.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { notFound, RequestError } from '../http/request-error.ts';

const tags = ['Devices'];
const subnetSchema = z
  .object({
    cidr: z.string(),
    name: z.string(),
    kind: z.enum(SUBNET_KINDS).describe('What a person said: auto leaves it to the traffic'),
    ot: z.boolean().describe('It counts as a network of the plant: a person says so, or a device in it speaks a plant protocol'),
    named: z.boolean().describe('A person named it; others are assumed around the addresses that were seen'),
    devices: z.number(),
    otDevices: z.number(),
  })
  .meta({ id: 'Subnet' });

export function addSubnetRoutes(app: App, { desk }: { desk: DeviceDesk }): void {
  const { subnets, vlans } = desk.inventory;

  app.get(
    '/api/subnets',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: {
        tags,
        summary: 'Networks that people named, and those that devices were seen in',
        description: 'Who sees devices of some places only is told the networks that those are in, and counts of those devices.',
        response: { 200: z.array(subnetSchema) },
      },
    },
    async (request) => {
      const { scope } = withinRoute(request);
      const named = new Map(subnets.named().map((subnet) => [subnet.cidr, subnet]));
      const seen = new Map((await subnets.seen(scope)).map((subnet) => [subnet.cidr, subnet]));
      return [...new Set([...(scope ? [] : named.keys()), ...seen.keys()])]
        .map((cidr) => {
          const { name = '', kind = 'auto' } = named.get(cidr) ?? {};
          const { devices = 0, otDevices = 0 } = seen.get(cidr) ?? {};
          return { cidr, name, kind, ot: kind === 'auto' ? otDevices > 0 : kind === 'ot', named: named.has(cidr), devices, otDevices };
        })
        .sort((a, b) => orderOf(a.cidr).localeCompare(orderOf(b.cidr)));
    },
  );

  app.put(
    '/api/subnets',
    {
      config: { permission: 'subnets.edit' },
      schema: {
        tags,
        summary: 'Name a network, and say whether it is one of the plant',
        description:
          'Most alerts are raised in networks of the plant only. Devices whose addresses lie in it are told with it from now on.',
        body: z.object({
          cidr: z.string().max(60).describe('10.1.2.0/24'),
          name: z.string().trim().max(60).default(''),
          kind: z.enum(SUBNET_KINDS).default('auto'),
        }),
        response: { 204: z.null(), 400: refusalSchema },
      },
    },
    async (request, reply) => {
      const { cidr, name, kind } = request.body;
      const network = parseNetwork(cidr);
      if (!network)
        throw new RequestError(
          400,
          'no_network',
          `${JSON.stringify(cidr)} is no network: write it like 10.1.2.0/24, with no bit of a host set.`,
        );
      await desk.networks.nameSubnet({ cidr: network.cidr, name, kind }, callerOf(request).userName);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/subnets',
    {
      config: { permission: 'subnets.edit' },
      schema: {
        tags,
        summary: 'Forget the name of a network',
        querystring: z.object({ cidr: z.string().max(60) }),
        response: { 204: z.null(), 404: refusalSchema },
      },
    },
    async (request, reply) => {
      const { cidr } = request.query;
      if (!subnets.named().some((subnet) => subnet.cidr === cidr)) throw notFound('named network', cidr);
      await desk.networks.forgetSubnet(cidr, callerOf(request).userName);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/vlans',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: {
        tags,
        summary: 'VLANs that have a name or devices',
        response: { 200: z.array(z.object({ id: z.number(), name: z.string(), devices: z.number() })) },
      },
    },
    (request) => vlans.list(withinRoute(request).scope),
  );

  app.put(
    '/api/vlans/:id',
    {
      config: { permission: 'subnets.edit' },
      schema: {
        tags,
        summary: 'Name a VLAN; an empty name is taken back',
        params: z.object({ id: z.coerce.number().int().min(0).max(4094) }),
        body: z.object({ name: z.string().trim().max(50) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await desk.networks.nameVlan(request.params.id, request.body.name, callerOf(request).userName);
      return reply.code(204).send(null);
    },
  );
}

function orderOf(cidr: string): string {
  const [address = ''] = cidr.split('/');
  return isIP(address) === 0 ? cidr : (parseNetwork(cidr)?.first ?? cidr);
}
