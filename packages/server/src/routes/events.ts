/** The event timeline: alerts and their management, network events, what people did. */
import { Readable } from 'node:stream';
import { EVENT_SEVERITIES, EVENT_TYPES } from '@annunciator/core/event-types';
import { reaches, reachOf } from '@annunciator/core/access';
import { fromMilliseconds } from '@annunciator/core/time';
import type { StoredEvent, TimelineQuery } from '@annunciator/store/timeline';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import { csvHeaderLine, csvRowsOf } from '@annunciator/core/csv';
import type { DeviceDesk } from '../devices/device-desk.ts';
import { checkDevices } from '../devices/device-reach.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { type EventAddress, eventAddressSchema, timelineQueryOf } from '../events/event-address.ts';
import type { EventDesk } from '../events/event-desk.ts';
import { EVENT_CSV, eventSchema, type EventView, eventViews } from '../events/event-view.ts';
import { isHidden, notHere, reachOfRoute, sensorsIn, sensorsWithin, within } from '../accounts/reach.ts';
import { notFound, RequestError } from '../http/request-error.ts';
import type { SensorLink } from '../sensor-link.ts';
import { timeOf } from '../http/time-address.ts';

const MAX_PAGE = 1000;
const tags = ['Events'];

export interface EventRoutes {
  readonly events: EventDesk;
  readonly devices: DeviceDesk | undefined;
  readonly sensors: Pick<SensorLink, 'status'>;
  /** Packets of the event can be read. */
  readonly hasPackets: (id: string) => boolean;
}

export function addEventRoutes(app: App, { events: desk, devices, sensors, hasPackets }: EventRoutes): void {
  async function viewsFor(request: FastifyRequest, events: readonly StoredEvent[]): Promise<EventView[]> {
    const open = await sensorsIn(reachOf(callerOf(request).access, 'alerts.pcap'), sensors);
    return eventViews(events, {
      namesOf: (sensor, ids) => devices?.inventory.devices.named(sensor, ids) ?? Promise.resolve(new Map()),
      hasPackets: ({ id, sensor }) => (open === 'everything' || open.includes(sensor)) && hasPackets(id),
    });
  }

  app.get(
    '/api/events',
    {
      config: { permission: 'timeline.view', byPlace: true },
      schema: {
        tags,
        summary: 'A page of the event timeline, newest first',
        querystring: eventAddressSchema.extend({
          cursor: z.string().max(200).optional().describe('`next` of the page before'),
          limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(200),
        }),
        response: {
          200: z.object({ events: z.array(eventSchema), next: z.string().nullable() }).meta({ id: 'EventPage' }),
          400: refusalSchema,
          404: refusalSchema,
        },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const query = await queryOf(request, request.query, limit);
      const { events, next } = await desk.list({ ...query, ...(cursor === undefined ? {} : { cursor }) });
      return { events: await viewsFor(request, events), next };
    },
  );

  app.post(
    '/api/events',
    {
      config: { permission: 'timeline.write', byPlace: true },
      schema: {
        tags,
        summary: 'Enter an event by hand: a User Defined Event of yours',
        description:
          'It is of the sensor that sees its devices, or of the one that is named. Who may enter events for everything need name neither; others have to, unless there is one sensor where they may.',
        body: z.object({
          time: z.string().max(40).optional().describe('When it happened, ISO 8601 with offset; now when absent'),
          severity: z.enum(EVENT_SEVERITIES).default('INFO'),
          description: z.string().trim().min(1).max(2000),
          devices: z.array(z.number().int().min(1)).max(20).default([]).describe('Numbers of the devices that take part'),
          sensor: z.string().max(200).optional().describe('The sensor that it is of, where no device takes part'),
        }),
        response: { 201: eventSchema, 400: refusalSchema, 403: refusalSchema, 404: refusalSchema, 409: refusalSchema },
      },
    },
    async (request, reply) => {
      const { time, severity, description, devices: numbers, sensor: named } = request.body;
      const { sensor, ids } = numbers.length > 0 ? await takingPart(request, numbers) : { sensor: await sensorOf(request, named), ids: [] };
      const at = timeOf('time', time) ?? fromMilliseconds(Date.now());
      const { userName } = callerOf(request);
      const event = await desk.enter({ time: at, severity, content: description, devices: ids }, sensor, userName);
      const [view] = await viewsFor(request, [event]);
      return reply.code(201).send(view);
    },
  );

  /** Ids of devices, and the sensor that sees them. @throws RequestError 404 for devices that the caller may not see, 403 for those they may only see */
  async function takingPart(request: FastifyRequest, numbers: readonly number[]): Promise<{ sensor: string; ids: string[] }> {
    if (!devices) throw notFound('device', String(numbers[0]));
    await checkDevices(request, devices.inventory.devices, numbers, ['timeline.write']);
    const rows = await devices.inventory.devices.byNumbers(numbers);
    const missing = numbers.find((number) => !rows.some((row) => row.number === number));
    if (missing !== undefined) throw notFound('device', String(missing));
    const [sensor = '', other] = new Set(rows.map((row) => row.sensor));
    if (other !== undefined)
      throw new RequestError(
        409,
        'other_place',
        `An event is of one sensor, its devices are of ${sensor} and ${other}: enter one for each.`,
      );
    return { sensor, ids: rows.map(({ id }) => id) };
  }

  /** The sensor of an event without devices; none for callers who may enter events for everything and name none. */
  async function sensorOf(request: FastifyRequest, named: string | undefined): Promise<string> {
    const reach = reachOfRoute(request);
    if (named === undefined && reach === 'everything') return '';
    const seen = (await sensors.status()).filter((one) => !isHidden(request, 'sites.view', one));
    const open = seen.filter((one) => reaches(reach, one));
    const found = named === undefined && open.length === 1 ? open[0] : seen.find(({ name }) => name === named);
    if (!found) {
      const names = open.map(({ name }) => name).join(', ');
      throw new RequestError(400, 'unknown_sensor', `Say with "sensor" at which sensor it happened: ${names || 'there is none yet'}.`);
    }
    if (!open.includes(found)) throw notHere(request, found);
    return found.name;
  }

  /** The question of an address, as far as the caller may see events, and find devices. */
  async function queryOf(request: FastifyRequest, address: EventAddress, limit: number): Promise<TimelineQuery> {
    const seen = within(reachOf(callerOf(request).access, 'devices.view'));
    return { ...(await timelineQueryOf(address, devices, limit, seen)), ...(await sensorsWithin(request, sensors)) };
  }

  app.get(
    '/api/event-types',
    {
      config: { permission: 'timeline.view', byPlace: true },
      schema: {
        tags,
        summary: 'The types of events',
        response: {
          200: z.array(
            z
              .object({
                id: z.string(),
                title: z.string(),
                severity: z.enum(EVENT_SEVERITIES).nullable().describe('null when who makes the event chooses it'),
                userOperation: z.boolean(),
              })
              .meta({ id: 'EventType' }),
          ),
        },
      },
    },
    () =>
      Object.entries(EVENT_TYPES).map(([id, { title, severity, ...rest }]) => ({
        id,
        title,
        severity: severity === 'chosen' ? null : severity,
        userOperation: 'user' in rest,
      })),
  );

  app.get(
    '/api/events.csv',
    {
      config: { permission: 'timeline.view', byPlace: true, answers: 'text/csv' },
      schema: { tags, summary: 'Every event that matches, as CSV', querystring: eventAddressSchema },
    },
    async (request, reply) => {
      // A question that cannot be read is refused before the file begins.
      const first = await queryOf(request, request.query, MAX_PAGE);
      const lines = async function* () {
        yield csvHeaderLine(EVENT_CSV.map(([header]) => header));
        let cursor: string | null = null;
        do {
          const page = await desk.list(cursor === null ? first : { ...first, cursor });
          yield csvRowsOf(EVENT_CSV, await viewsFor(request, page.events));
          cursor = page.next;
        } while (cursor !== null);
      };
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="events.csv"')
        .send(Readable.from(lines()));
    },
  );
}
