/** Who talks with whom over what. */
import { Readable } from 'node:stream';
import { CONNECTION_KINDS } from '@annunciator/core/device';
import { formatInstant } from '@annunciator/core/time';
import type { StoredConnection } from '@annunciator/store/inventory/connections';
import { z } from 'zod';
import type { App } from '../app.ts';
import { type CsvColumn, csvHeaderLine, csvRowsOf } from '@annunciator/core/csv';
import { connectionAddressSchema, connectionQueryOf } from '../devices/connection-address.ts';
import type { DeviceDesk } from '../devices/device-desk.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { withinRoute } from '../accounts/reach.ts';

const tags = ['Devices'];
const endSchema = z.object({
  number: z.number().nullable().describe('null for a group of receivers, and for an address that never sent'),
  id: z.string(),
  name: z.string(),
  subnet: z.string(),
});
const connectionSchema = z
  .object({
    source: endSchema.describe('Who opened it'),
    destination: endSchema,
    protocol: z.string(),
    protocolName: z.string(),
    ot: z.boolean(),
    transport: z.string(),
    port: z.number(),
    kind: z.enum(CONNECTION_KINDS),
    packets: z.number(),
    bytes: z.number(),
    operations: z.array(z.string()),
    firstSeen: z.string(),
    lastSeen: z.string(),
    period: z.number().nullable().describe('Seconds between two polls; null when it has no rhythm'),
    sensor: z.string(),
  })
  .meta({ id: 'Connection' });
type ConnectionView = z.infer<typeof connectionSchema>;

function connectionView({ seq: _seq, ...connection }: StoredConnection): ConnectionView {
  return {
    ...connection,
    source: { ...connection.source },
    destination: { ...connection.destination },
    operations: [...connection.operations],
    firstSeen: formatInstant(connection.firstSeen, 0),
    lastSeen: formatInstant(connection.lastSeen, 0),
    period: connection.period > 0 ? connection.period : null,
  };
}

const CSV: readonly CsvColumn<ConnectionView>[] = [
  ['Source', ({ source }) => source.name],
  ['Source id', ({ source }) => source.id],
  ['Destination', ({ destination }) => destination.name],
  ['Destination id', ({ destination }) => destination.id],
  ['Protocol', ({ protocolName }) => protocolName],
  ['Transport', ({ transport }) => transport],
  ['Port', ({ port }) => (port === 0 ? '' : String(port))],
  ['Connection type', ({ kind }) => kind],
  ['Packets', ({ packets }) => String(packets)],
  ['Bytes', ({ bytes }) => String(bytes)],
  ['Operations', ({ operations }) => operations.join('; ')],
  ['Polling interval', ({ period }) => (period === null ? '' : period.toFixed(3))],
  ['First seen', ({ firstSeen }) => firstSeen],
  ['Last activity', ({ lastSeen }) => lastSeen],
  ['Sensor', ({ sensor }) => sensor],
];

export function addConnectionRoutes(app: App, { desk }: { desk: DeviceDesk }): void {
  const { connections } = desk.inventory;

  app.get(
    '/api/connections',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: {
        tags,
        summary: 'A page of the connections that match',
        querystring: connectionAddressSchema.extend({
          cursor: z.string().max(2000).optional().describe('`next` of the page before'),
          limit: z.coerce.number().int().min(1).max(1000).default(200),
        }),
        response: {
          200: z
            .object({ connections: z.array(connectionSchema), next: z.string().nullable(), matching: z.number() })
            .meta({ id: 'ConnectionPage' }),
          400: refusalSchema,
        },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const page = await connections.page({ ...connectionQueryOf(request.query), ...withinRoute(request) }, limit, cursor ?? null);
      return { ...page, connections: page.connections.map(connectionView) };
    },
  );

  app.get(
    '/api/connections.csv',
    {
      config: { permission: 'devices.export', byPlace: true, answers: 'text/csv' },
      schema: { tags, summary: 'Every connection that matches, as CSV', querystring: connectionAddressSchema },
    },
    (request, reply) => {
      const query = { ...connectionQueryOf(request.query), ...withinRoute(request) };
      const lines = async function* () {
        yield csvHeaderLine(CSV.map(([header]) => header));
        for await (const batch of connections.stream(query)) yield csvRowsOf(CSV, batch.map(connectionView));
      };
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="connections.csv"')
        .send(Readable.from(lines()));
    },
  );
}
