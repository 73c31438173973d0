/** The packets of alerts, and of events that custom rules wrote. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import { reachedAlert } from '../alerts/alert-reach.ts';
import type { App } from '../app.ts';
import type { Audit } from '../audit.ts';
import { callerOf } from '../accounts/authentication.ts';
import type { PacketEvidence } from '../alerts/packet-evidence.ts';
import { RequestError } from '../http/request-error.ts';

export interface PcapParts {
  readonly alerts: AlertDesk;
  readonly evidence: Pick<PacketEvidence, 'read'> | undefined;
  readonly audit: Audit;
}

const byId = z.object({ id: z.string().max(200) });

export function addPcapRoutes(app: App, { alerts: desk, evidence, audit }: PcapParts): void {
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
      config: { permission: 'alerts.pcap', answers: 'application/x-pcapng' },
      schema: {
        tags: ['Events'],
        summary: 'The packets of an event that a custom rule wrote, as pcapng',
        description: 'As those of an alert; only rules that ask for packets keep them.',
        params: byId,
      },
    },
    (request, reply) => send(request, reply, 'event', 'No packets were kept for this event.'),
  );

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
