/** The packets of an alert. */
import { z } from 'zod';
import type { AlertDesk } from '../alert-desk.ts';
import { reachedAlert } from '../alert-reach.ts';
import type { App } from '../app.ts';
import type { Audit } from '../audit.ts';
import { callerOf } from '../authentication.ts';
import type { PacketEvidence } from '../packet-evidence.ts';
import { RequestError } from '../request-error.ts';

export interface PcapParts {
  readonly alerts: AlertDesk;
  readonly evidence: Pick<PacketEvidence, 'read'> | undefined;
  readonly audit: Audit;
}

export function addPcapRoute(app: App, { alerts: desk, evidence, audit }: PcapParts): void {
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
        params: z.object({ id: z.string().max(200) }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const alert = await reachedAlert(request, desk.store, id, 'alerts.pcap');
      const found = await evidence?.read(id);
      if (found === undefined || typeof found === 'string')
        throw new RequestError(404, 'no_packets', found ?? alert.pcap.reason ?? 'Packets are not kept here.');
      await audit.record({
        at: Date.now(),
        who: callerOf(request).userName,
        action: 'alert.pcap',
        on: [id],
        details: { sha256: found.sha256 },
      });
      return reply
        .type('application/x-pcapng')
        .header('content-disposition', `attachment; filename="alert-${id.replaceAll(/[^\w.-]/g, '_')}.pcapng"`)
        .header('x-content-sha256', found.sha256)
        .send(found.bytes);
    },
  );
}
