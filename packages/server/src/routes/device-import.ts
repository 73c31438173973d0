/** Tables of devices that people fill in. */
import { z } from 'zod';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import type { DeviceDesk } from '../devices/device-desk.ts';
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
      config: { permission: 'devices.edit' },
      bodyLimit: IMPORT_BYTES,
      schema: {
        tags: ['Devices'],
        summary: 'Set fields of devices from a table, and report line by line',
        description:
          'A table of comma-separated values, such as the export with some cells changed. A line finds its device by Number, ID, IP Address or MAC Address; empty cells leave a field alone; a Version that is not the present one is refused.',
        consumes: ['text/csv'],
        querystring: z.object({
          dryRun: z.enum(['true', 'false']).default('false').describe('Say what the table would do, and do nothing'),
          create: z.enum(['true', 'false']).default('false').describe('Enter devices that nobody has seen'),
          sensor: z.string().max(200).optional().describe('The sensor in whose zone entered devices stand; needed when there are several'),
        }),
        body: z.string(),
        response: { 200: importReportSchema, 400: refusalSchema },
      },
    },
    async (request) => {
      const { dryRun, create, sensor } = request.query;
      const place = create === 'true' ? await placeOf(sensor) : null;
      const lines = readTable(request.body);
      return desk.import(lines, { dryRun: dryRun === 'true', place }, callerOf(request).userName);
    },
  );

  async function placeOf(name: string | undefined) {
    const all = await sensors.status();
    const found = name === undefined && all.length === 1 ? all[0] : all.find((one) => one.name === name);
    if (!found) {
      const names = all.map((one) => one.name).join(', ');
      throw new RequestError(
        400,
        'unknown_sensor',
        `Say with sensor=... in whose zone new devices stand: ${names || 'there is no sensor yet'}.`,
      );
    }
    return { sensor: found.name, site: found.site, zone: found.zone };
  }
}
