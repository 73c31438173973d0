/** The packet that fired an alert, taken apart for people. */
import { readEvidence } from '@annunciator/packet/evidence/read-evidence';
import { readPacket } from '@annunciator/sensor/reading/read-packet';
import { formatInstant, instant } from '@annunciator/core/time';
import { z } from 'zod';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import { reachedAlert } from '../alerts/alert-reach.ts';
import type { App } from '../app.ts';
import type { Audit } from '../audit.ts';
import { callerOf } from '../accounts/authentication.ts';
import { refusalSchema } from '../http/error-answers.ts';
import type { PacketEvidence } from '../alerts/packet-evidence.ts';
import { RequestError } from '../http/request-error.ts';

/** Bytes of the packet that are shown; the file has all. */
const SHOWN_BYTES = 2048;

const layerSchema = z.object({
  name: z.string(),
  fields: z.array(z.object({ name: z.string(), field: z.string(), value: z.string(), offset: z.number(), length: z.number() })),
});
const messageSchema = z.object({
  protocol: z.string(),
  operation: z.string(),
  role: z.enum(['request', 'response', 'notification', 'unknown']),
  fields: z.array(z.object({ field: z.string(), value: z.string() })),
  notes: z.array(z.string()).describe('What was found worth telling, as sentences'),
});
const packetSchema = z
  .object({
    number: z.number().describe('Its number in the file of the packets, from 1'),
    frame: z.number().nullable().describe('Its number in what the sensor read'),
    time: z.string().describe('ISO 8601, UTC, nanoseconds'),
    length: z.number().describe('Bytes on the wire'),
    captured: z.number(),
    layers: z.array(layerSchema).describe('Headers, with the place of each field in the packet'),
    messages: z.array(messageSchema).describe('What the dissectors read in it, under Wireshark’s field names'),
    problem: z.string().describe('Name of what is wrong with the headers; empty when nothing is'),
    payload: z.number().describe('Where the payload begins'),
    bytes: z.string().describe(`The first ${SHOWN_BYTES} bytes in hexadecimal`),
  })
  .meta({ id: 'DecodedPacket' });

export interface PacketParts {
  readonly alerts: AlertDesk;
  readonly evidence: Pick<PacketEvidence, 'read'> | undefined;
  readonly audit: Audit;
}

export function addPacketRoute(app: App, { alerts: desk, evidence, audit }: PacketParts): void {
  app.get(
    '/api/alerts/:id/packet',
    {
      config: { permission: 'alerts.pcap', byPlace: true },
      schema: {
        tags: ['Alerts'],
        summary: 'The packet that fired the alert, decoded',
        params: z.object({ id: z.string().max(200) }),
        response: { 200: packetSchema, 404: refusalSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const alert = await reachedAlert(request, desk.store, id, 'alerts.pcap');
      const found = await evidence?.read(id);
      if (found === undefined || typeof found === 'string')
        throw new RequestError(404, 'no_packets', found ?? alert.pcap.reason ?? 'Packets are not kept here.');
      const frames = readEvidence(found.bytes);
      // The alert's own packets carry a comment; the one that fired is the last of them.
      const fired = frames.findLastIndex(({ comment }) => comment !== '');
      const frame = frames[fired];
      const reading = readPacket(frames, fired);
      if (!frame || !reading)
        throw new RequestError(404, 'no_packets', 'The file holds no packet that the alert names: download it to look at the others.');
      await audit.record({ at: Date.now(), who: callerOf(request).userName, action: 'alert.packet', on: [id] });
      const { layers, messages, problem, payload } = reading;
      return {
        number: fired + 1,
        frame: alert.count === 1 ? (alert.frames.at(-1) ?? null) : null,
        time: formatInstant(instant(frame.seconds, frame.nanoseconds), 9),
        length: frame.wireLength,
        captured: frame.bytes.length,
        layers: layers.map(({ name, fields }) => ({ name, fields: [...fields] })),
        messages: messages.map((message) => ({ ...message, fields: [...message.fields], notes: [...message.notes] })),
        problem,
        payload,
        bytes: Buffer.from(frame.bytes.subarray(0, SHOWN_BYTES)).toString('hex'),
      };
    },
  );
}
