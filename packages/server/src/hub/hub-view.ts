/** Devices and modules of the hub as the API gives them. Keys are never among it. */
import type { Identity } from '@annunciator/hub/identity/identity';
import { serviceTwin, twinEtag } from '@annunciator/hub/twin/document';
import type { Twin } from '@annunciator/hub/state/twins';
import { z } from 'zod';

const timeSchema = z.string().nullable();
const AUTHENTICATION = ['sas', 'selfSigned', 'certificateAuthority', 'none'] as const;

export const identitySchema = z
  .object({
    deviceId: z.string(),
    moduleId: z.string().nullable(),
    etag: z.string(),
    status: z.enum(['enabled', 'disabled']),
    statusReason: z.string().nullable(),
    statusUpdated: timeSchema,
    created: z.string(),
    connected: z.boolean(),
    connectionUpdated: timeSchema,
    lastActivity: timeSchema.describe('Null when it was never heard of'),
    authentication: z.enum(AUTHENTICATION),
    thumbprints: z.array(z.string()).describe('Of its self-signed certificates'),
    waitingMessages: z.number().describe('Cloud-to-device messages that wait for it'),
    iotEdge: z.boolean(),
    managedBy: z.string().nullable(),
  })
  .meta({ id: 'HubIdentity' });

export const listedDeviceSchema = identitySchema
  .extend({ securityGroup: z.string().describe('`default` without a SecurityGroup tag'), modules: z.number() })
  .meta({ id: 'HubDevice' });

export type IdentityView = z.infer<typeof identitySchema>;

export function identityView(identity: Identity): IdentityView {
  const { authentication } = identity;
  return {
    deviceId: identity.deviceId,
    moduleId: identity.moduleId,
    etag: identity.etag,
    status: identity.status,
    statusReason: identity.statusReason,
    statusUpdated: time(identity.statusUpdated),
    created: new Date(identity.created).toISOString(),
    connected: identity.connected,
    connectionUpdated: time(identity.connectionUpdated),
    lastActivity: time(identity.lastActivity),
    authentication: authentication.type,
    thumbprints: [authentication.primaryThumbprint, authentication.secondaryThumbprint].filter((print) => print !== null),
    waitingMessages: identity.cloudToDeviceMessageCount,
    iotEdge: identity.iotEdge,
    managedBy: identity.managedBy,
  };
}

function time(milliseconds: number): string | null {
  return milliseconds === 0 ? null : new Date(milliseconds).toISOString();
}

const sectionSchema = z.record(z.string(), z.unknown());

export const twinSchema = z
  .object({
    etag: z.string().describe('For `if-match` of a change'),
    version: z.number(),
    modelId: z.string(),
    tags: sectionSchema.describe('Seen by back ends only; SecurityGroup says which custom alerts apply'),
    properties: z.object({
      desired: sectionSchema.describe('With $metadata and $version'),
      reported: sectionSchema.describe('With $metadata and $version'),
    }),
  })
  .meta({ id: 'HubTwin' });

export function twinView(twin: Twin): z.infer<typeof twinSchema> {
  // The text is put together by the hub from sections that it has checked.
  const { tags, properties, version, modelId } = JSON.parse(serviceTwin(twin)) as Omit<z.infer<typeof twinSchema>, 'etag'>;
  return { etag: twinEtag(twin.twin), version, modelId, tags, properties };
}
