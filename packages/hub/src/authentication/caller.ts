/** Who asks the hub for something, as far as it has proved it. */
import type { HubAuthentication, HubProtocol } from '@annunciator/rules/hub-operation';
import { HubError } from '../hub-error.ts';
import type { Identity, IdentityName } from '../identity/identity.ts';
import type { Right } from './policies.ts';

/** Where a request comes from, before anybody proved anything. */
export interface Origin {
  readonly protocol: HubProtocol | null;
  readonly ipAddress: string | null;
}

/** A device or module that proved who it is. */
export interface DeviceCaller extends Origin {
  readonly side: 'device';
  readonly identity: Identity;
  readonly authentication: HubAuthentication;
  /** The policy whose key it used instead of its own, null mostly. */
  readonly policy: string | null;
  /** Milliseconds since 1970 at which the proof ends, null for certificates. */
  readonly expires: number | null;
}

/** A back end with the rights of a shared access policy. */
export interface ServiceCaller extends Origin {
  readonly side: 'service';
  readonly authentication: HubAuthentication;
  readonly policy: string | null;
  readonly rights: ReadonlySet<Right>;
  readonly expires: number | null;
  /** Null for all devices, or the only one that the token is for. */
  readonly scope: IdentityName | null;
}

export type Caller = DeviceCaller | ServiceCaller;

/** @throws HubError IotHubUnauthorized */
export function needRight(caller: ServiceCaller, right: Right, target: IdentityName | null): void {
  if (!caller.rights.has(right))
    throw new HubError('IotHubUnauthorized', `The policy ${caller.policy} lacks the right ${right}: use one that has it.`, 'missingRight');
  const { scope } = caller;
  if (scope && (target?.deviceId !== scope.deviceId || (scope.moduleId !== null && target.moduleId !== scope.moduleId)))
    throw new HubError('IotHubUnauthorized', `The token is for ${scope.deviceId} only: use one for the hub.`, 'otherIdentity');
}
