/** The registry of the IoT hub: devices and modules, and the connection strings of those. */
import { checkId, type IdentityName } from '@annunciator/hub/identity/identity';
import { parseIdentity } from '@annunciator/hub/registry/identity-document';
import { z } from 'zod';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { deskOf, type HubLink } from '../hub/hub-link.ts';
import { identitySchema, identityView, listedDeviceSchema } from '../hub/hub-view.ts';

const MAX_PAGE = 1000;
const tags = ['IoT hub'];
export const idSchema = z.string().min(1).max(128);
export const byDevice = z.object({ device: idSchema });
export const byModule = byDevice.extend({ module: idSchema });
export const refusals = { 400: refusalSchema, 404: refusalSchema, 409: refusalSchema, 412: refusalSchema, 503: refusalSchema };
export const ifMatchSchema = z.object({ 'if-match': z.string().max(100).optional().describe('The ETag that was read; without it any') });

const authenticationSchema = z
  .object({
    type: z.enum(['sas', 'selfSigned', 'certificateAuthority']).default('sas'),
    primaryThumbprint: z.string().max(100).optional(),
    secondaryThumbprint: z.string().max(100).optional(),
  })
  .default({ type: 'sas' });
const statusSchema = z.enum(['enabled', 'disabled']);
const keysSchema = z
  .object({
    primaryKey: z.string().nullable(),
    secondaryKey: z.string().nullable(),
    primaryConnectionString: z.string(),
    secondaryConnectionString: z.string().nullable(),
  })
  .meta({ id: 'HubKeys' });

export interface ModuleParameters {
  readonly device: string;
  readonly module?: string;
}

/** The device, or the module, that a path names. */
export function targetOf({ device, module }: ModuleParameters): IdentityName {
  return { deviceId: device, moduleId: module ?? null };
}

/** Null for `*` and for none: any version will do. */
function etagOf(header: string | undefined): string | null {
  return header === undefined || header === '*' ? null : header.replace(/^"(.*)"$/, '$1');
}

export function addHubDeviceRoutes(app: App, { hub }: { hub: HubLink }): void {
  app.get(
    '/api/hub/devices',
    {
      config: { permission: 'hub.view' },
      schema: {
        tags,
        summary: 'A page of the devices that match, in the order of their ids',
        querystring: z.object({
          search: z.string().max(200).default('').describe('Part of the id'),
          status: statusSchema.optional(),
          connection: z.enum(['connected', 'disconnected']).optional(),
          group: z.string().max(200).optional().describe('Security group'),
          cursor: z.string().max(200).default('').describe('`next` of the page before'),
          limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(200),
        }),
        response: {
          200: z
            .object({
              devices: z.array(listedDeviceSchema),
              next: z.string().nullable(),
              matching: z.number().nullable().describe('Devices that match; on the first page only'),
              total: z.number(),
            })
            .meta({ id: 'HubDevicePage' }),
          ...refusals,
        },
      },
    },
    async (request) => {
      const { search, status, connection, group, cursor, limit } = request.query;
      const desk = deskOf(hub);
      const [{ devices, matching }, { total }] = await Promise.all([
        desk.list({
          search,
          status: status ?? null,
          connected: connection === undefined ? null : connection === 'connected',
          securityGroup: group ?? null,
          after: cursor,
          limit,
        }),
        desk.statistics(),
      ]);
      return {
        devices: devices.map((device) => ({ ...identityView(device), securityGroup: device.securityGroup, modules: device.modules })),
        next: devices.length < limit ? null : (devices.at(-1)?.deviceId ?? null),
        matching,
        total,
      };
    },
  );

  app.post(
    '/api/hub/devices',
    {
      config: { permission: 'hub.edit' },
      schema: {
        tags,
        summary: 'Create a device; its keys are made by the hub',
        body: z.object({ deviceId: z.string().max(200), authentication: authenticationSchema, status: statusSchema.default('enabled') }),
        response: { 201: identitySchema, ...refusals },
      },
    },
    async (request, reply) => {
      const { deviceId } = request.body;
      checkId('device', deviceId);
      const made = await deskOf(hub).create(definitionOf({ deviceId, moduleId: null }, request.body), callerOf(request).userName);
      return reply.code(201).send(identityView(made));
    },
  );

  app.patch(
    '/api/hub/devices/:device',
    {
      config: { permission: 'hub.edit' },
      schema: {
        tags,
        summary: 'Enable or disable a device; a disabled one is disconnected and may not connect',
        params: byDevice,
        headers: ifMatchSchema,
        body: z.object({ status: statusSchema, statusReason: z.string().max(128).nullable().default(null) }),
        response: { 200: identitySchema, ...refusals },
      },
    },
    async (request) =>
      identityView(
        await deskOf(hub).change(targetOf(request.params), request.body, etagOf(request.headers['if-match']), callerOf(request).userName),
      ),
  );

  app.get(
    '/api/hub/devices/:device/modules',
    {
      config: { permission: 'hub.view' },
      schema: { tags, summary: 'The modules of a device', params: byDevice, response: { 200: z.array(identitySchema), ...refusals } },
    },
    async (request) => (await deskOf(hub).modulesOf(request.params.device)).map(identityView),
  );

  app.post(
    '/api/hub/devices/:device/modules',
    {
      config: { permission: 'hub.edit' },
      schema: {
        tags,
        summary: 'Create a module of a device',
        description: 'The security agent of a device is its module azureiotsecurity or DefenderIotMicroAgent.',
        params: byDevice,
        body: z.object({ moduleId: z.string().max(200), authentication: authenticationSchema }),
        response: { 201: identitySchema, ...refusals },
      },
    },
    async (request, reply) => {
      const { moduleId } = request.body;
      checkId('module', moduleId);
      const name = { deviceId: request.params.device, moduleId };
      const made = await deskOf(hub).create(definitionOf(name, { ...request.body, status: 'enabled' }), callerOf(request).userName);
      return reply.code(201).send(identityView(made));
    },
  );

  // What devices and modules have in common.
  for (const [path, params, what] of [
    ['/api/hub/devices/:device', byDevice, 'device'],
    ['/api/hub/devices/:device/modules/:module', byModule, 'module'],
  ] as const) {
    app.get(
      path,
      {
        config: { permission: 'hub.view' },
        schema: { tags, summary: `One ${what}`, params, response: { 200: identitySchema, ...refusals } },
      },
      async (request) => identityView(await deskOf(hub).get(targetOf(request.params))),
    );

    app.delete(
      path,
      {
        config: { permission: 'hub.edit' },
        schema: {
          tags,
          summary: `Delete a ${what} with its twin and what waits for it`,
          params,
          headers: ifMatchSchema,
          response: { 204: z.null(), ...refusals },
        },
      },
      async (request, reply) => {
        await deskOf(hub).delete(targetOf(request.params), etagOf(request.headers['if-match']), callerOf(request).userName);
        return reply.code(204).send(null);
      },
    );

    app.get(
      `${path}/keys`,
      {
        config: { permission: 'hub.keys' },
        schema: {
          tags,
          summary: `Keys and connection strings of a ${what}`,
          description: 'Each look is written into the audit log.',
          params,
          response: { 200: keysSchema, ...refusals },
        },
      },
      (request) => deskOf(hub).keys(targetOf(request.params), callerOf(request).userName),
    );

    app.post(
      `${path}/keys`,
      {
        config: { permission: 'hub.keys' },
        schema: {
          tags,
          summary: `Make a key of a ${what} anew`,
          description: 'Connections end, and whoever used the old key must take the new one. Change one key after the other.',
          params,
          body: z.object({ key: z.enum(['primary', 'secondary']) }),
          response: { 200: keysSchema, ...refusals },
        },
      },
      (request) => deskOf(hub).renewKey(targetOf(request.params), request.body.key, callerOf(request).userName),
    );
  }
}

/** @throws HubError ArgumentInvalid for thumbprints that are none */
function definitionOf(name: IdentityName, body: { authentication: z.infer<typeof authenticationSchema>; status: 'enabled' | 'disabled' }) {
  const { type, primaryThumbprint, secondaryThumbprint } = body.authentication;
  const document = { status: body.status, authentication: { type, x509Thumbprint: { primaryThumbprint, secondaryThumbprint } } };
  const { authentication, status } = parseIdentity(name, document);
  return { ...name, authentication, status };
}
