/** Twins as the wires carry them. The sections are kept as JSON text and put together as text. */
import { plainThumbprint } from '../authentication/certificate-chain.ts';
import { HubError } from '../hub-error.ts';
import type { Identity } from '../identity/identity.ts';
import { connectionState, isoTime } from '../registry/identity-document.ts';
import type { Twin, TwinChange, TwinRecord } from '../state/twins.ts';
import { isObject, type JsonObject } from './limits.ts';

/** What a device sees: its properties with versions. Tags are for back ends only. */
export function deviceTwin(twin: TwinRecord): string {
  return `{"desired":${withMembers(twin.desired, `"$version":${twin.desiredVersion}`)},"reported":${withMembers(twin.reported, `"$version":${twin.reportedVersion}`)}}`;
}

/** What a back end sees. */
export function serviceTwin({ identity, twin }: Twin): string {
  const head = JSON.stringify(twinHead(identity, twin));
  const { tags, desired, desiredMetadata, desiredVersion, reported, reportedMetadata, reportedVersion } = twin;
  const section = (text: string, metadata: string, version: number): string =>
    withMembers(text, `"$metadata":${metadata},"$version":${version}`);
  return withMembers(
    head,
    `"tags":${tags},"properties":{"desired":${section(desired, desiredMetadata, desiredVersion)},"reported":${section(reported, reportedMetadata, reportedVersion)}}`,
  );
}

export function twinHead(identity: Identity, twin: TwinRecord): object {
  const { authentication } = identity;
  const thumbprint = (print: string | null): string | null => (print === null ? null : plainThumbprint(print));
  return {
    deviceId: identity.deviceId,
    ...(identity.moduleId === null ? {} : { moduleId: identity.moduleId }),
    etag: twinEtag(twin),
    deviceEtag: identity.etag,
    status: identity.status,
    ...(identity.statusReason === null ? {} : { statusReason: identity.statusReason }),
    statusUpdateTime: isoTime(identity.statusUpdated),
    connectionState: connectionState(identity),
    lastActivityTime: isoTime(identity.lastActivity),
    cloudToDeviceMessageCount: identity.cloudToDeviceMessageCount,
    authenticationType: authentication.type,
    x509Thumbprint: {
      primaryThumbprint: thumbprint(authentication.primaryThumbprint),
      secondaryThumbprint: thumbprint(authentication.secondaryThumbprint),
    },
    modelId: twin.modelId ?? '',
    version: twin.version,
    ...(identity.moduleId === null ? { capabilities: { iotEdge: identity.iotEdge } } : {}),
    ...(identity.deviceScope === null ? {} : { deviceScope: identity.deviceScope }),
    ...(identity.parentScopes.length === 0 ? {} : { parentScopes: identity.parentScopes }),
  };
}

/** Adds members to the text of a JSON object. */
export function withMembers(object: string, members: string): string {
  return object === '{}' ? `{${members}}` : `${object.slice(0, -1)},${members}}`;
}

/** ETag of a twin: the base64 of its counter in 8 bytes. */
export function twinEtag({ etag }: TwinRecord): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(etag));
  return bytes.toString('base64');
}

/** The counter in an ETag, null for `*` or none. A text that is no ETag of ours fits no twin. */
export function parseTwinEtag(text: string | null): number | null {
  if (text === null || text === '*') return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 8 && bytes.readUInt32BE(0) < 0x20_0000 ? Number(bytes.readBigUInt64BE()) : -1;
}

/**
 * What a back end sent as a patch or a whole twin. Members that the hub writes itself are passed over.
 * @throws HubError ArgumentInvalid
 */
export function parseTwinChange(document: JsonObject, how: 'patch' | 'replace'): TwinChange {
  const { tags, properties } = document;
  const change: { tags?: JsonObject | null; desired?: JsonObject | null } = {};
  if (tags !== undefined) change.tags = section(tags, 'tags');
  if (properties !== undefined && properties !== null) {
    if (!isObject(properties)) throw new HubError('ArgumentInvalid', 'properties must be a JSON object.');
    if (properties['desired'] !== undefined) change.desired = section(properties['desired'], 'properties.desired');
  }
  if (how === 'replace') return { tags: change.tags ?? {}, desired: change.desired ?? {} };
  return change;
}

function section(value: unknown, what: string): JsonObject | null {
  if (value === null) return null;
  if (!isObject(value)) throw new HubError('ArgumentInvalid', `${what} must be a JSON object or null.`);
  const { $version: _version, $metadata: _metadata, ...rest } = value;
  return rest;
}
