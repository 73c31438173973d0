/** The event timeline: alerts and their management, network events, what people did. */
import { Readable } from 'node:stream';
import { EVENT_TYPES } from '@annunciator/core/event-types';
import { z } from 'zod';
import type { App } from '../app.ts';
import { csvHeaderLine, csvRowsOf } from '../csv.ts';
import { refusalSchema } from '../error-answers.ts';
import {
  type DeviceNames,
  EVENT_CSV,
  eventAddressSchema,
  eventSchema,
  type EventSource,
  eventViews,
  timelineQueryOf,
} from '../event-view.ts';

const MAX_PAGE = 1000;
const tags = ['Events'];

export function addEventRoutes(app: App, { timeline, namesOf }: { timeline: EventSource; namesOf: DeviceNames }): void {
  app.get(
    '/api/events',
    {
      config: { permission: 'timeline.view' },
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
        },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const query = timelineQueryOf(request.query, limit, cursor);
      const { events, next } = await timeline.list(query);
      return { events: await eventViews(events, namesOf), next };
    },
  );

  app.get(
    '/api/event-types',
    {
      config: { permission: 'timeline.view' },
      schema: {
        tags,
        summary: 'The types of events',
        response: { 200: z.array(z.object({ id: z.string(), title: z.string() }).meta({ id: 'EventType' })) },
      },
    },
    () => Object.entries(EVENT_TYPES).map(([id, { title }]) => ({ id, title })),
  );

  app.get(
    '/api/events.csv',
    {
      config: { permission: 'timeline.view' },
      schema: { tags, summary: 'Every event that matches, as CSV', querystring: eventAddressSchema },
    },
    (request, reply) => {
      // A question that cannot be read is refused before the file begins.
      const first = timelineQueryOf(request.query, MAX_PAGE);
      const lines = async function* () {
        yield csvHeaderLine(EVENT_CSV.map(([header]) => header));
        let cursor: string | null = null;
        do {
          const page = await timeline.list(cursor === null ? first : { ...first, cursor });
          yield csvRowsOf(EVENT_CSV, await eventViews(page.events, namesOf));
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
