/** The IoT hub as a whole: how devices reach it, and what they send as it comes. */
import { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import type { App } from '../app.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { EventStreams } from '../http/event-stream.ts';
import { deskOf, type HubLink } from '../hub/hub-link.ts';
import type { LiveMessage } from '../hub/live-messages.ts';
import { idSchema } from './hub-devices.ts';

const tags = ['IoT hub'];
const portSchema = z.number().nullable();
/** Messages a page is told in a second; beyond that it is told how many it did not see. */
const MOST_A_SECOND = 50;

export function addHubRoutes(app: App, { hub, accounts }: { hub: HubLink; accounts: Accounts }): void {
  app.get(
    '/api/hub',
    {
      config: { permission: 'hub.view' },
      schema: {
        tags,
        summary: 'How devices reach the hub, and how many there are',
        response: {
          200: z
            .object({
              running: z.boolean(),
              why: z.string().describe('Why it does not run; empty when it does'),
              host: z.string(),
              ports: z.object({ mqtt: portSchema, amqp: portSchema, https: portSchema }),
              authority: z.string().nullable().describe('Certificate that devices must trust, PEM'),
              devices: z.object({ total: z.number(), enabled: z.number(), connected: z.number() }),
            })
            .meta({ id: 'Hub' }),
          503: refusalSchema,
        },
      },
    },
    async () => {
      if (!hub.desk) return { running: false, why: hub.why, host: '', ports: NO_PORTS, authority: null, devices: NO_DEVICES };
      return { running: true, why: '', ...hub.desk.facts, devices: await hub.desk.statistics() };
    },
  );

  const streams = new EventStreams(app, accounts, 'GET /api/hub/devices');

  app.get(
    '/api/hub/messages/live',
    {
      config: { permission: 'hub.view' },
      schema: {
        tags,
        summary: 'Messages from devices as they come (text/event-stream)',
        description:
          'First the last ones that are in memory. Events `message` carry {id, enqueued, deviceId, moduleId, protocol, system, application, body}; `skipped` carries {count}: more came than a page can show.',
        querystring: z.object({ device: idSchema.optional().describe('Of this device and its modules only') }),
        headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
      },
    },
    async (request, reply) => {
      const { live } = deskOf(hub);
      const device = request.query.device ?? null;
      const stream = streams.open(request, reply);
      // One that begins sees the end of what is kept; one that comes back sees what it missed.
      const seen = request.headers['last-event-id'];
      const recent = live.recent(device, seen ?? null);
      for (const message of seen === undefined ? recent.slice(-MOST_A_SECOND) : recent) stream.write(textOf(message));
      stream.write('event: ready\ndata: {}\n\n');
      let second = 0;
      let told = 0;
      let skipped = 0;
      stream.onClose(
        live.subscribe(device, (message) => {
          const now = Math.floor(Date.now() / 1000);
          if (now !== second) {
            if (skipped > 0) stream.write(`event: skipped\ndata: {"count":${skipped}}\n\n`);
            [second, told, skipped] = [now, 0, 0];
          }
          if (++told <= MOST_A_SECOND) stream.write(textOf(message()));
          else skipped++;
        }),
      );
    },
  );
}

const NO_PORTS = { mqtt: null, amqp: null, https: null };
const NO_DEVICES = { total: 0, enabled: 0, connected: 0 };

function textOf(message: LiveMessage): string {
  return `id: ${message.id}\nevent: message\ndata: ${JSON.stringify(message)}\n\n`;
}
