/** Tables of devices that people fill in. */
import { mayAt } from '@annunciator/core/access';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import { isHidden, notHere } from '../accounts/reach.ts';
import type { DeviceDesk } from '../devices/device-desk.ts';
import { importReach } from '../devices/device-reach.ts';
import { IMPORT_BYTES, importReportSchema, readTable } from '../devices/device-import.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { RequestError } from '../http/request-error.ts';
import type { SensorLink } from '../sensor-link.ts';

export function addDeviceImportRoute(app: App, { desk, sensors }: { desk: DeviceDesk; sensors: Pick<SensorLink, 'status'> }): void {
  app.addContentTypeParser(['text/csv', 'text/plain'], { parseAs: 'string', bodyLimit: IMPORT_BYTES }, (_request, body, done) =>
    done(null, body),
  );

  app.post(
    '/api/devices/import',
    {
      config: { permission: 'devices.edit', byPlace: true },
      bodyLimit: IMPORT_BYTES,
      schema: {
        tags: ['Devices'],
        summary: 'Set fields of devices from a table, and report line by line',
        description:
          'A table of comma-separated values, such as the export with some cells changed. A line finds its device by Number, ID, IP Address or MAC Address; empty cells leave a field alone; a Version that is not the present one is refused. Devices that you may not change are refused line by line.',
        consumes: ['text/csv'],
        querystring: z.object({
          dryRun: z.enum(['true', 'false']).default('false').describe('Say what the table would do, and do nothing'),
          create: z.enum(['true', 'false']).default('false').describe('Enter devices that nobody has seen'),
          sensor: z.string().max(200).optional().describe('The sensor in whose zone entered devices stand; needed when there are several'),
        }),
        body: z.string(),
        response: { 200: importReportSchema, 400: refusalSchema, 403: refusalSchema },
      },
    },
    async (request) => {
      const { dryRun, create, sensor } = request.query;
      const place = create === 'true' ? await placeOf(request, sensor) : null;
      const lines = readTable(request.body);
      return desk.tables.import(lines, { dryRun: dryRun === 'true', place, reach: importReach(request) }, callerOf(request).userName);
    },
  );

  /** Where new devices are entered: a sensor that the caller sees, and where they may enter devices, which are authorised. */
  async function placeOf(request: FastifyRequest, name: string | undefined) {
    const all = (await sensors.status()).filter((one) => !isHidden(request, 'sites.view', one));
    const found = name === undefined && all.length === 1 ? all[0] : all.find((one) => one.name === name);
    if (!found) {
      const names = all.map((one) => one.name).join(', ');
      throw new RequestError(
        400,
        'unknown_sensor',
        `Say with sensor=... in whose zone new devices stand: ${names || 'there is no sensor yet'}.`,
      );
    }
    const { access } = callerOf(request);
    if (!(['devices.edit', 'devices.authorise'] as const).every((action) => mayAt(access, action, found))) throw notHere(request, found);
    return { sensor: found.name, site: found.site, zone: found.zone };
  }
}
