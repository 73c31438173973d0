/** Messages between devices and back ends, apart from any wire: system properties, application properties, body. */
import type { HubProtocol } from '@annunciator/rules/hub-operation';

/** System properties that travel with a message. Absent ones are undefined. */
export interface SystemProperties {
  readonly messageId?: string;
  readonly correlationId?: string;
  readonly userId?: string;
  readonly to?: string;
  /** ISO 8601 as the sender gave it. */
  readonly expiry?: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** Interface id; `urn:azureiot:Security:SecurityAgent:1` marks security messages. */
  readonly interfaceId?: string;
  /** Component of a device model (`dt-subject`). */
  readonly component?: string;
  readonly outputName?: string;
  readonly creationTime?: string;
  readonly messageSchema?: string;
}

/** Name and value of application properties; null where the sender gave a name without a value. */
export type ApplicationProperties = Readonly<Record<string, string | null>>;

export interface MessageProperties {
  readonly system: SystemProperties;
  readonly application: ApplicationProperties;
}

/** What a device sends. */
export interface DeviceMessage extends MessageProperties {
  readonly body: Uint8Array;
}

/** What the hub adds to a message from a device. */
export interface ConnectionStamp {
  readonly deviceId: string;
  readonly moduleId: string | null;
  readonly generationId: string;
  /** `{"scope":"device|module|hub","type":"sas|x509","issuer":"iothub"}` */
  readonly authMethod: string;
  readonly protocol: HubProtocol;
}

/** Bytes that limits count: body, values of system properties, names and values of application properties. */
export function messageBytes(message: DeviceMessage): number {
  let bytes = message.body.length;
  for (const value of Object.values(message.system)) if (value !== undefined) bytes += Buffer.byteLength(value);
  for (const name in message.application) bytes += Buffer.byteLength(name) + Buffer.byteLength(message.application[name] ?? '');
  return bytes;
}
