/** The packets of alerts, and of events that custom rules wrote. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import { reachedAlert } from '../alerts/alert-reach.ts';
import type { App } from '../app.ts';
import type { Audit } from '../audit.ts';
import { reachOf, reaches } from '@annunciator/core/access';
import { callerOf } from '../accounts/authentication.ts';
import { notHere, reachOfRoute, sensorsIn } from '../accounts/reach.ts';
import type { EventDesk } from '../events/event-desk.ts';
import type { PacketEvidence } from '../alerts/packet-evidence.ts';
import { notFound, RequestError } from '../http/request-error.ts';
import type { SensorLink } from '../sensor-link.ts';

export interface PcapParts {
  readonly alerts: AlertDesk;
  /** Nothing where there is no timeline. */
  readonly events: Pick<EventDesk, 'list'> | undefined;
  readonly sensors: Pick<SensorLink, 'status'>;
  readonly evidence: Pick<PacketEvidence, 'read'> | undefined;
  readonly audit: Audit;
}

const byId = z.object({ id: z.string().max(200) });

export function addPcapRoutes(app: App, { alerts: desk, events, sensors, evidence, audit }: PcapParts): void {
  app.get(
    '/api/alerts/:id/pcap',
    {
      config: { permission: 'alerts.pcap', byPlace: true, answers: 'application/x-pcapng' },
      schema: {
        tags: ['Alerts'],
        summary: 'The packets of an alert, as pcapng',
        description:
          'Holds the frames that the alert names, with a comment each, and what the same devices said to each other around them. ' +
          'x-content-sha256 tells the SHA-256 of the file. 404 with the code no_packets says why an alert has none.',
        params: byId,
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const alert = await reachedAlert(request, desk.store, id, 'alerts.pcap');
      return send(request, reply, 'alert', alert.pcap.reason);
    },
  );

  app.get(
    '/api/events/:id/pcap',
    {
      config: { permission: 'alerts.pcap', byPlace: true, answers: 'application/x-pcapng' },
      schema: {
        tags: ['Events'],
        summary: 'The packets of an event that a custom rule wrote, as pcapng',
        description: 'As those of an alert; only rules that ask for packets keep them.',
        params: byId,
      },
    },
    async (request, reply) => {
      await checkEvent(request, request.params.id);
      return send(request, reply, 'event', 'No packets were kept for this event.');
    },
  );

  /** An event stands where its sensor does. It throws RequestError: 404 for one that the caller may not see, 403 for one whose packets they may not have. */
  async function checkEvent(request: FastifyRequest, id: string): Promise<void> {
    const reach = reachOfRoute(request);
    const seen = reachOf(callerOf(request).access, 'timeline.view');
    // Such callers may also have the packets of an event whose sensor is not there any more.
    if (reach === 'everything' && seen === 'everything') return;
    const named = await sensorsIn(seen, sensors);
    const scope = named === 'everything' ? (await sensors.status()).map(({ name }) => name) : named;
    const [event] = (await events?.list({ id, scope, limit: 1 }))?.events ?? [];
    const sensor = event && (await sensors.status()).find(({ name }) => name === event.sensor);
    if (!sensor) throw notFound('event', id);
    if (!reaches(reach, sensor)) throw notHere(request, sensor);
  }

  async function send(
    request: FastifyRequest<{ Params: z.infer<typeof byId> }>,
    reply: FastifyReply,
    of: 'alert' | 'event',
    reason: string | null,
  ): Promise<Buffer> {
    const { id } = request.params;
    const found = await evidence?.read(id);
    if (found === undefined || typeof found === 'string')
      throw new RequestError(404, 'no_packets', found ?? reason ?? 'Packets are not kept here.');
    const { bytes, sha256 } = found;
    await audit.record({ at: Date.now(), who: callerOf(request).userName, action: `${of}.pcap`, on: [id], details: { sha256 } });
    void reply
      .type('application/x-pcapng')
      .header('content-disposition', `attachment; filename="${of}-${id.replaceAll(/[^\w.-]/g, '_')}.pcapng"`)
      .header('x-content-sha256', sha256);
    return bytes;
  }
}
