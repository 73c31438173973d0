/** The device inventory. */
import { z } from 'zod';
import type { App } from '../app.ts';
import { deviceAddressSchema, deviceFacets, devicesCsv, deviceSchema, matchingDevices } from '../device-view.ts';
import { refusalSchema } from '../error-answers.ts';
import type { SensorLink } from '../sensor-link.ts';

const tags = ['Devices'];
const countsSchema = z.array(z.object({ value: z.string(), count: z.number() }));

export function addDeviceRoutes(app: App, { sensors }: { sensors: SensorLink }): void {
  app.get(
    '/api/devices',
    {
      config: { permission: 'devices.view' },
      schema: {
        tags,
        summary: 'Devices that match',
        querystring: deviceAddressSchema,
        response: { 200: z.object({ devices: z.array(deviceSchema), total: z.number() }).meta({ id: 'DeviceList' }), 400: refusalSchema },
      },
    },
    async (request) => {
      const all = await sensors.devices();
      return { devices: matchingDevices(all, request.query), total: all.length };
    },
  );

  app.get(
    '/api/devices/facets',
    {
      config: { permission: 'devices.view' },
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
    async (request) => deviceFacets(await sensors.devices(), request.query),
  );

  app.get(
    '/api/devices.csv',
    {
      config: { permission: 'devices.view' },
      schema: { tags, summary: 'Every device that matches, as CSV', querystring: deviceAddressSchema },
    },
    async (request, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="devices.csv"')
        .send(devicesCsv(matchingDevices(await sensors.devices(), request.query))),
  );
}
