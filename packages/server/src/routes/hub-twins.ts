/** Twins of devices and modules, and what is sent to devices: messages and method calls. */
import { parseTwinChange, parseTwinEtag } from '@annunciator/hub/twin/document';
import { z } from 'zod';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import { deskOf, type HubLink } from '../hub/hub-link.ts';
import { twinSchema, twinView } from '../hub/hub-view.ts';
import { RequestError } from '../http/request-error.ts';
import { byDevice, byModule, ifMatchSchema, refusals, targetOf } from './hub-devices.ts';

const tags = ['IoT hub'];
/** Of system properties that people give. */
const propertySchema = z.string().max(128).optional();
const sectionSchema = z.record(z.string(), z.unknown());
const twinChangeSchema = z.object({
  tags: sectionSchema.optional(),
  properties: z.object({ desired: sectionSchema.optional() }).optional(),
});

export function addHubTwinRoutes(app: App, { hub }: { hub: HubLink }): void {
  for (const [path, params, what] of [
    ['/api/hub/devices/:device', byDevice, 'device'],
    ['/api/hub/devices/:device/modules/:module', byModule, 'module'],
  ] as const) {
    app.get(
      `${path}/twin`,
      {
        config: { permission: 'hub.view' },
        schema: { tags, summary: `The twin of a ${what}`, params, response: { 200: twinSchema, ...refusals } },
      },
      async (request) => twinView(await deskOf(hub).twin(targetOf(request.params))),
    );

    for (const [method, how, summary] of [
      ['PATCH', 'patch', `Change parts of the twin of a ${what}; null removes a member`],
      ['PUT', 'replace', `Replace tags and desired properties of a ${what}`],
    ] as const)
      app.route({
        method,
        url: `${path}/twin`,
        config: { permission: 'hub.edit' },
        schema: {
          tags,
          summary,
          description: 'The device is told of changes to its desired properties. Reported properties are the device’s own.',
          params,
          headers: ifMatchSchema,
          body: twinChangeSchema,
          response: { 200: twinSchema, ...refusals },
        },
        handler: async (request) => {
          const { params: names, headers, body } = request;
          // The hub judges the members again: depth, names and sizes are its rules.
          const change = parseTwinChange(JSON.parse(JSON.stringify(body)), how);
          const etag = parseTwinEtag(headers['if-match']?.replace(/^"(.*)"$/, '$1') ?? null);
          const bytes = Number(headers['content-length'] ?? 0);
          return twinView(await deskOf(hub).changeTwin(targetOf(names), change, how, etag, bytes, callerOf(request).userName));
        },
      });

    app.post(
      `${path}/methods`,
      {
        config: { permission: 'hub.edit' },
        schema: {
          tags,
          summary: `Call a direct method of a ${what} and wait for its answer`,
          params,
          body: z.object({
            name: z.string().max(200),
            payload: z.unknown().optional().describe('Any JSON; null when absent'),
            responseTimeout: z.number().int().min(5).max(50).default(30).describe('Seconds to wait for the answer'),
            connectTimeout: z.number().int().min(0).max(50).default(0).describe('Seconds to wait for the device to connect'),
          }),
          response: {
            200: z.object({ status: z.number(), payload: z.unknown() }).meta({ id: 'HubMethodAnswer' }),
            ...refusals,
          },
        },
      },
      async (request) => {
        const { name, payload, responseTimeout, connectTimeout } = request.body;
        const call = { name, payload: JSON.stringify(payload ?? null), responseTimeout, connectTimeout };
        const answer = await deskOf(hub).invoke(targetOf(request.params), call, callerOf(request).userName);
        // The hub lets nothing but JSON through.
        const given: unknown = answer.payload === '' ? null : JSON.parse(answer.payload);
        return { status: answer.status, payload: given };
      },
    );
  }

  app.post(
    '/api/hub/devices/:device/messages',
    {
      config: { permission: 'hub.edit' },
      schema: {
        tags,
        summary: 'Send a cloud-to-device message; it waits until the device takes it or it expires',
        params: byDevice,
        body: z.object({
          body: z.string().max(70_000).describe('Text, or base64 with `encoding`'),
          encoding: z.enum(['utf-8', 'base64']).default('utf-8'),
          properties: z.record(z.string().min(1).max(128), z.string().max(4096)).default({}),
          messageId: propertySchema,
          correlationId: propertySchema,
          contentType: propertySchema,
          contentEncoding: propertySchema,
          expiry: z.iso.datetime({ offset: true }).optional().describe('An hour from now when absent'),
          ack: z.enum(['none', 'positive', 'negative', 'full']).default('none').describe('Feedback that back ends get'),
        }),
        response: { 202: z.object({ messageId: z.string().nullable() }), ...refusals },
      },
    },
    async (request, reply) => {
      const { body, encoding, properties, messageId, correlationId, contentType, contentEncoding, expiry, ack } = request.body;
      if (encoding === 'base64' && !/^[A-Za-z0-9+/]*={0,2}$/.test(body))
        throw new RequestError(400, 'bad_request', 'The body is not base64: send it as text, or encode it.');
      await deskOf(hub).sendMessage(
        request.params.device,
        {
          system: given({ messageId, correlationId, contentType, contentEncoding, expiry }),
          application: properties,
          body: Buffer.from(body, encoding),
        },
        ack,
        callerOf(request).userName,
      );
      return reply.code(202).send({ messageId: messageId ?? null });
    },
  );

  app.delete(
    '/api/hub/devices/:device/messages',
    {
      config: { permission: 'hub.edit' },
      schema: {
        tags,
        summary: 'Take away the messages that wait for a device',
        params: byDevice,
        response: { 200: z.object({ purged: z.number() }), ...refusals },
      },
    },
    async (request) => ({ purged: await deskOf(hub).purgeMessages(request.params.device, callerOf(request).userName) }),
  );
}

/** Without the members that nobody gave. */
function given<Name extends string>(properties: Record<Name, string | undefined>): Partial<Record<Name, string>> {
  // Object.entries widens the names to string; they are those of the argument.
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined && value !== '')) as Partial<
    Record<Name, string>
  >;
}
