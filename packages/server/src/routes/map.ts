/** The device map. */
import { z } from 'zod';
import type { App } from '../app.ts';
import { savedConnections } from '../devices/connection-address.ts';
import { deviceAddressSchema, deviceQueryOf, groupFilters } from '../devices/device-address.ts';
import type { DeviceDesk } from '../devices/device-desk.ts';
import { DeviceMap, mapSchema } from '../devices/device-map.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { withinRoute } from '../accounts/reach.ts';

const questionSchema = deviceAddressSchema.omit({ sort: true }).extend({
  group: z.coerce.number().int().optional().describe('Id of a group that people made'),
  neighbours: z.enum(['yes', 'no']).default('no').describe('Show the devices that those are connected with, too'),
  link: z
    .string()
    .max(2000)
    .optional()
    .describe('Which connections are drawn, as the address of /api/connections: protocol=Modbus/TCP&crossSubnet=yes'),
  since: z.string().max(40).optional().describe('Version of the map that the asker has'),
});

export function addMapRoute(app: App, { desk }: { desk: DeviceDesk }): void {
  const map = new DeviceMap(desk.inventory);

  app.get(
    '/api/map',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: {
        tags: ['Devices'],
        summary: 'Devices and what they exchange, as a graph',
        description:
          'The answer carries its version as ETag: ask with If-None-Match to hear nothing when nothing changed (304), or with since=... to get only what changed.',
        querystring: questionSchema,
        response: { 200: mapSchema, 304: z.null(), 400: refusalSchema, 404: refusalSchema },
      },
    },
    async (request, reply) => {
      const { group, neighbours, link, since, ...address } = request.query;
      const { search, filters } = deviceQueryOf(address);
      const of = group === undefined ? [] : await groupFilters(desk.inventory, group);
      const question = {
        devices: { ...(search ? { search } : {}), filters: [...filters, ...of], ...withinRoute(request) },
        connections: link === undefined ? {} : savedConnections(link),
        neighbours: neighbours === 'yes',
      };
      const drawn = await map.draw(question, since ?? null);
      void reply.header('etag', `"${drawn.version}"`).header('cache-control', 'private, no-cache');
      if (request.headers['if-none-match'] === `"${drawn.version}"`) return reply.code(304).send(null);
      return drawn;
    },
  );
}
