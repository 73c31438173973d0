/** What devices call over HTTPS: send, receive, settle. */
import { z } from 'zod';
import type { Deed } from '../core/context.ts';
import type { Hub } from '../core/hub.ts';
import type { DeviceCaller } from '../authentication/caller.ts';
import { HubError } from '../hub-error.ts';
import type { IdentityName } from '../identity/identity.ts';
import type { DeviceMessage } from '../message/message.ts';
import { formatMessageHeaders, parseMessageHeaders, parseProperties } from './message-headers.ts';
import { type Answer, type HubRequest, NO_CONTENT } from './request.ts';
import type { Route } from './router.ts';

const BATCH_TYPE = 'application/vnd.microsoft.iothub.json';
/** Base64 and JSON around the messages of a batch. */
const BATCH_OVERHEAD = 2;
const MOST_IN_BATCH = 500;
const INGRESS = { category: 'DeviceTelemetry', operation: 'ingress' } as const;

const batchShape = z.array(
  z.object({
    body: z.union([z.string(), z.record(z.string(), z.unknown())]),
    base64Encoded: z.boolean().optional(),
    properties: z.record(z.string(), z.string()).optional(),
  }),
);

export function callingDevice(request: HubRequest): IdentityName {
  return { deviceId: request.parameter('device'), moduleId: request.optional('module') };
}

/** The device that calls, proved. @param deed what a refusal is recorded as */
export function authenticated(hub: Hub, request: HubRequest, deed: Omit<Deed, 'target'>): Promise<DeviceCaller> {
  return hub.connections.authenticate(callingDevice(request), request.credentials, request.origin, deed);
}

export function deviceRoutes(hub: Hub): Route[] {
  const { limits } = hub.context;

  const send = async (request: HubRequest): Promise<Answer> => {
    const caller = await authenticated(hub, request, INGRESS);
    hub.connections.heard(caller.identity);
    const deed: Deed = { ...INGRESS, target: caller.identity };
    if (request.header('content-type')?.startsWith(BATCH_TYPE)) {
      const messages = await hub.context.attempt(caller, deed, async () =>
        parseBatch(await request.body(limits.deviceMessageBytes * BATCH_OVERHEAD)),
      );
      await hub.telemetry.acceptBatch(caller, messages);
      return NO_CONTENT;
    }
    const message = await hub.context.attempt(caller, deed, async () => ({
      ...parseMessageHeaders(request.incoming),
      body: await request.body(limits.deviceMessageBytes),
    }));
    await hub.telemetry.accept(caller, message);
    return NO_CONTENT;
  };

  const receive = async (request: HubRequest): Promise<Answer> => {
    const caller = await authenticated(hub, request, { category: 'C2DCommands', operation: 'deliver' });
    hub.connections.heard(caller.identity);
    const message = await hub.commands.receive(caller);
    if (!message) return NO_CONTENT;
    const headers = formatMessageHeaders(message, caller.identity.deviceId);
    return { status: 200, headers: { 'content-type': 'application/octet-stream', ...headers }, body: Buffer.from(message.body) };
  };

  const remove = async (request: HubRequest): Promise<Answer> => {
    const rejects = request.query.has('reject');
    const caller = await authenticated(hub, request, { category: 'C2DCommands', operation: rejects ? 'reject' : 'complete' });
    const lockToken = request.parameter('lock');
    if (rejects) await hub.commands.reject(caller, lockToken);
    else await hub.commands.complete(caller, lockToken);
    return NO_CONTENT;
  };

  const abandon = async (request: HubRequest): Promise<Answer> => {
    const caller = await authenticated(hub, request, { category: 'C2DCommands', operation: 'abandon' });
    await hub.commands.abandon(caller, request.parameter('lock'));
    return NO_CONTENT;
  };

  return [
    { method: 'POST', path: '/devices/:device/messages/events', handle: send },
    { method: 'POST', path: '/devices/:device/modules/:module/messages/events', handle: send },
    { method: 'GET', path: '/devices/:device/messages/devicebound', handle: receive },
    { method: 'DELETE', path: '/devices/:device/messages/devicebound/:lock', handle: remove },
    { method: 'POST', path: '/devices/:device/messages/devicebound/:lock/abandon', handle: abandon },
  ];
}

/** Messages of a batch: bodies in base64, properties named as headers are. @throws HubError ArgumentInvalid */
function parseBatch(body: Buffer): DeviceMessage[] {
  let list: unknown;
  try {
    list = JSON.parse(body.toString());
  } catch {
    throw new HubError('ArgumentInvalid', 'The batch is not JSON.');
  }
  const parsed = batchShape.safeParse(list);
  if (!parsed.success || parsed.data.length === 0 || parsed.data.length > MOST_IN_BATCH)
    throw new HubError('ArgumentInvalid', `The batch must be a list of 1 to ${MOST_IN_BATCH} messages with a body.`);
  return parsed.data.map(({ body: content, base64Encoded, properties }) => ({
    ...parseProperties(Object.entries(properties ?? {})),
    body:
      typeof content === 'string'
        ? Buffer.from(content, base64Encoded === false ? 'utf8' : 'base64')
        : Buffer.from(JSON.stringify(content)),
  }));
}
