/** Devices and modules: their names, and what the registry keeps of each. */
import { HubError } from '../hub-error.ts';

/** A device, or with `moduleId` one of its modules. */
export interface IdentityName {
  readonly deviceId: string;
  readonly moduleId: string | null;
}

/** Characters of a device or module id (IoT Hub, identity registry). Ids are case-sensitive. */
const ID = /^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/;

export function isValidId(id: string): boolean {
  return ID.test(id);
}

/** @throws HubError ArgumentInvalid */
export function checkId(kind: 'device' | 'module', id: unknown): string {
  if (typeof id === 'string' && isValidId(id)) return id;
  throw new HubError(
    'ArgumentInvalid',
    `${JSON.stringify(id)?.slice(0, 140)} is no ${kind} id: give 1 to 128 of the letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ '.`,
  );
}

/** The name alone, without what else an identity holds. */
export function nameOf({ deviceId, moduleId }: IdentityName): IdentityName {
  return { deviceId, moduleId };
}

/** `device` or `device/module`, as MQTT client ids and log lines have it. */
export function nameText({ deviceId, moduleId }: IdentityName): string {
  return moduleId === null ? deviceId : `${deviceId}/${moduleId}`;
}

export type AuthenticationType = 'sas' | 'selfSigned' | 'certificateAuthority' | 'none';

/** How an identity proves who it is. */
export interface IdentityAuthentication {
  readonly type: AuthenticationType;
  /** Base64. */
  readonly primaryKey: string | null;
  readonly secondaryKey: string | null;
  /** Hex, SHA-1 or SHA-256. */
  readonly primaryThumbprint: string | null;
  readonly secondaryThumbprint: string | null;
}

export interface Identity extends IdentityName {
  /** Tells a device from an earlier one of the same id. */
  readonly generationId: string;
  readonly etag: string;
  readonly status: 'enabled' | 'disabled';
  readonly statusReason: string | null;
  /** Times are milliseconds since 1970, 0 for never. */
  readonly statusUpdated: number;
  readonly created: number;
  readonly authentication: IdentityAuthentication;
  readonly iotEdge: boolean;
  readonly deviceScope: string | null;
  readonly parentScopes: readonly string[];
  readonly managedBy: string | null;
  readonly connected: boolean;
  readonly connectionUpdated: number;
  readonly lastActivity: number;
  /** Messages that wait for the device. */
  readonly cloudToDeviceMessageCount: number;
  /** What its MQTT session is subscribed to while it is away, a set of bits; 0 when it keeps none. */
  readonly mqttSubscriptions: number;
}
