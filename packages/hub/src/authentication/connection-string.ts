/** Connection strings as SDKs and tools take them. */
import type { Identity } from '../identity/identity.ts';
import type { Policy } from './policies.ts';

/** `HostName=..;DeviceId=..;SharedAccessKey=..`, or `x509=true` for identities with certificates. */
export function deviceConnectionString(host: string, identity: Identity): string {
  const { type, primaryKey } = identity.authentication;
  const parts = [`HostName=${host}`, `DeviceId=${identity.deviceId}`];
  if (identity.moduleId !== null) parts.push(`ModuleId=${identity.moduleId}`);
  parts.push(type === 'sas' && primaryKey !== null ? `SharedAccessKey=${primaryKey}` : 'x509=true');
  return parts.join(';');
}

export function policyConnectionString(host: string, policy: Policy): string {
  return `HostName=${host};SharedAccessKeyName=${policy.name};SharedAccessKey=${policy.primaryKey}`;
}
