/** Connection strings as SDKs and tools take them. */
import type { Identity, IdentityName } from '../identity/identity.ts';
import type { Policy } from './policies.ts';

/** `HostName=..;DeviceId=..;SharedAccessKey=..`, or `x509=true` for identities with certificates. */
export function deviceConnectionString(host: string, identity: Identity): string {
  const { type, primaryKey } = identity.authentication;
  return connectionString(host, identity, type === 'sas' ? primaryKey : null);
}

/** @param key base64, null for an identity that shows a certificate */
export function connectionString(host: string, { deviceId, moduleId }: IdentityName, key: string | null): string {
  const parts = [`HostName=${host}`, `DeviceId=${deviceId}`];
  if (moduleId !== null) parts.push(`ModuleId=${moduleId}`);
  parts.push(key === null ? 'x509=true' : `SharedAccessKey=${key}`);
  return parts.join(';');
}

export function policyConnectionString(host: string, policy: Policy): string {
  return `HostName=${host};SharedAccessKeyName=${policy.name};SharedAccessKey=${policy.primaryKey}`;
}

/** For clients of Event Hubs that read messages of devices. */
export function eventHubConnectionString(host: string, policy: Policy): string {
  return `Endpoint=sb://${host}/;SharedAccessKeyName=${policy.name};SharedAccessKey=${policy.primaryKey};EntityPath=${EVENTS_ENTITY}`;
}

/** The name by which the messages of devices are read. */
export const EVENTS_ENTITY = 'messages-events';
