/** Identities as JSON, the way the registry's REST calls carry them. */
import { z } from 'zod';
import { HubError } from '../hub-error.ts';
import { type AuthenticationType, type Identity, type IdentityAuthentication, type IdentityName } from '../identity/identity.ts';
import { plainThumbprint } from '../authentication/certificate-chain.ts';
import type { IdentityDefinition } from '../state/identities.ts';

/** What the product writes for a time that never was. */
const NEVER = '0001-01-01T00:00:00Z';

export function isoTime(milliseconds: number): string {
  return milliseconds === 0 ? NEVER : new Date(milliseconds).toISOString();
}

const optionalText = z.string().nullish();
const documentShape = z.object({
  status: z.string().nullish(),
  statusReason: z.string().max(128).nullish(),
  authentication: z
    .object({
      type: optionalText,
      symmetricKey: z.object({ primaryKey: optionalText, secondaryKey: optionalText }).nullish(),
      // Older SDKs write it so.
      SymmetricKey: z.object({ primaryKey: optionalText, secondaryKey: optionalText }).nullish(),
      x509Thumbprint: z.object({ primaryThumbprint: optionalText, secondaryThumbprint: optionalText }).nullish(),
    })
    .nullish(),
  capabilities: z.object({ iotEdge: z.boolean().nullish() }).nullish(),
  deviceScope: optionalText,
  parentScopes: z.array(z.string().max(512)).max(10).nullish(),
  managedBy: z.string().max(128).nullish(),
});

/** @throws HubError ArgumentInvalid that names the member at fault */
export function parseIdentity(name: IdentityName, document: unknown): IdentityDefinition {
  const parsed = documentShape.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new HubError('ArgumentInvalid', `${issue.path.join('.') || 'The document'} cannot be used: ${issue.message}.`);
  }
  const { status, statusReason, authentication, capabilities, deviceScope, parentScopes, managedBy } = parsed.data;
  return {
    deviceId: name.deviceId,
    moduleId: name.moduleId,
    status: parseStatus(status),
    statusReason: statusReason ?? null,
    authentication: parseAuthentication(authentication ?? {}),
    iotEdge: capabilities?.iotEdge ?? false,
    deviceScope: deviceScope || null,
    parentScopes: parentScopes ?? [],
    managedBy: managedBy ?? null,
  };
}

function parseStatus(status: string | null | undefined): 'enabled' | 'disabled' {
  const given = status?.toLowerCase() ?? 'enabled';
  if (given === 'enabled' || given === 'disabled') return given;
  throw new HubError('ArgumentInvalid', `The status ${JSON.stringify(status)} is neither enabled nor disabled.`);
}

function parseAuthentication(given: NonNullable<z.infer<typeof documentShape>['authentication']>): IdentityAuthentication {
  const key = given.symmetricKey ?? given.SymmetricKey ?? {};
  const print = given.x509Thumbprint ?? {};
  const primaryThumbprint = print.primaryThumbprint || null;
  const secondaryThumbprint = print.secondaryThumbprint || null;
  const type = parseType(given.type, primaryThumbprint !== null || secondaryThumbprint !== null);
  const none = { primaryKey: null, secondaryKey: null, primaryThumbprint: null, secondaryThumbprint: null };
  switch (type) {
    case 'sas': {
      const [primaryKey, secondaryKey] = [key.primaryKey || null, key.secondaryKey || null];
      for (const one of [primaryKey, secondaryKey]) if (one !== null) checkKey(one);
      if ((primaryKey === null) !== (secondaryKey === null))
        throw new HubError('ArgumentInvalid', 'Give both keys of a device, or none to have them made.');
      return { ...none, type, primaryKey, secondaryKey };
    }
    case 'selfSigned': {
      if (primaryThumbprint === null && secondaryThumbprint === null)
        throw new HubError('ArgumentInvalid', 'A device with a self-signed certificate needs at least one thumbprint.');
      for (const one of [primaryThumbprint, secondaryThumbprint]) if (one !== null) checkThumbprint(one);
      return { ...none, type, primaryThumbprint, secondaryThumbprint };
    }
    default:
      return { ...none, type };
  }
}

function parseType(given: string | null | undefined, hasThumbprints: boolean): AuthenticationType {
  const types: readonly AuthenticationType[] = ['sas', 'selfSigned', 'certificateAuthority', 'none'];
  if (!given) return hasThumbprints ? 'selfSigned' : 'sas';
  const type = types.find((known) => known.toLowerCase() === given.toLowerCase());
  if (type) return type;
  throw new HubError('ArgumentInvalid', `The authentication type ${JSON.stringify(given)} is none of ${types.join(', ')}.`);
}

function checkKey(key: string): void {
  const bytes = Buffer.from(key, 'base64').length;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key) || bytes < 16 || bytes > 64)
    throw new HubError('ArgumentInvalid', `A key must be the base64 of 16 to 64 bytes; this one has ${bytes}.`);
}

function checkThumbprint(print: string): void {
  if (/^([0-9A-F]{40}|[0-9A-F]{64})$/.test(plainThumbprint(print))) return;
  throw new HubError('ArgumentInvalid', `The thumbprint ${JSON.stringify(print.slice(0, 70))} is neither SHA-1 nor SHA-256 in hex.`);
}

/** The document of a device or module. */
export function formatIdentity(identity: Identity): object {
  const { authentication } = identity;
  const common = {
    deviceId: identity.deviceId,
    generationId: identity.generationId,
    etag: identity.etag,
    connectionState: connectionState(identity),
    connectionStateUpdatedTime: isoTime(identity.connectionUpdated),
    lastActivityTime: isoTime(identity.lastActivity),
    cloudToDeviceMessageCount: identity.cloudToDeviceMessageCount,
    authentication: {
      symmetricKey: { primaryKey: authentication.primaryKey, secondaryKey: authentication.secondaryKey },
      x509Thumbprint: { primaryThumbprint: authentication.primaryThumbprint, secondaryThumbprint: authentication.secondaryThumbprint },
      type: authentication.type,
    },
  };
  if (identity.moduleId !== null) return { moduleId: identity.moduleId, managedBy: identity.managedBy, ...common };
  return {
    ...common,
    status: identity.status,
    statusReason: identity.statusReason,
    statusUpdatedTime: isoTime(identity.statusUpdated),
    capabilities: { iotEdge: identity.iotEdge },
    ...(identity.deviceScope === null ? {} : { deviceScope: identity.deviceScope }),
    ...(identity.parentScopes.length === 0 ? {} : { parentScopes: identity.parentScopes }),
  };
}

export function connectionState({ connected }: Identity): 'Connected' | 'Disconnected' {
  return connected ? 'Connected' : 'Disconnected';
}
