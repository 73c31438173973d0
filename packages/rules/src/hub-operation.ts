/**
 * What happened at the hub, as one record for each accepted or refused operation.
 *
 * The hub writes these records and knows nothing of who reads them: counters of custom alerts, built-in hub alerts and the
 * diagnostics log do. A record is plain data, so that it can be kept in a journal and read again after a restart.
 */

import type { Membership } from './groups/membership.ts';

/** How the other side talks. WebSocket transports count as the protocol inside. */
export type HubProtocol = 'MQTT' | 'AMQP' | 'HTTPS';

/**
 * Every kind of operation by category. The categories are those of the hub's diagnostic logs; `Certificates` and
 * `DiagnosticSettings` are about the hub itself.
 */
export const HUB_OPERATIONS = {
  Connections: ['deviceConnect', 'deviceDisconnect', 'subscribe', 'serviceConnect'],
  DeviceTelemetry: ['ingress', 'read'],
  /** `deliver` counts at the hand-over to the device; `deadLetter` says why in `detail`. */
  C2DCommands: ['enqueue', 'deliver', 'complete', 'reject', 'abandon', 'deadLetter', 'purge', 'receiveFeedback'],
  DeviceIdentityOperations: ['create', 'update', 'get', 'list', 'delete', 'bulk', 'statistics'],
  /** `write` is a finished file in the blob store, `complete` and `fail` are what the device tells afterwards. */
  FileUploadOperations: ['initiate', 'write', 'complete', 'fail', 'read', 'receiveNotification'],
  D2CTwinOperations: ['read', 'updateReported', 'subscribe'],
  C2DTwinOperations: ['read', 'update', 'replace'],
  TwinQueries: ['query'],
  JobsOperations: ['create', 'get', 'cancel', 'query'],
  Configurations: ['create', 'update', 'get', 'delete', 'apply'],
  DirectMethods: ['invoke'],
  Certificates: ['create', 'delete', 'verify', 'get'],
  DiagnosticSettings: ['update', 'delete', 'get'],
} as const;

export type HubCategory = keyof typeof HUB_OPERATIONS;
export type HubOperationName<Category extends HubCategory = HubCategory> = (typeof HUB_OPERATIONS)[Category][number];

/** How a caller proved who it is. `policy` stands for a shared access policy of the hub. */
export type HubAuthentication = 'sas' | 'x509SelfSigned' | 'x509CertificateAuthority' | 'policy' | 'blobToken' | 'local';

/** Causes that the number alone does not tell. */
export type HubReason =
  | 'unknownIdentity'
  | 'identityDisabled'
  | 'noCredentials'
  | 'notAToken'
  | 'otherHub'
  | 'otherIdentity'
  | 'tokenExpired'
  | 'tokenSignature'
  | 'unknownPolicy'
  | 'missingRight'
  | 'thumbprintMismatch'
  | 'certificateExpired'
  | 'certificateUntrusted'
  | 'malformed'
  /** Of dead letters. */
  | 'Expired'
  | 'DeliveryCountExceeded'
  | 'Rejected'
  | 'Purged';

export interface HubOperation {
  /** Milliseconds since 1970 at which the hub decided, by its clock. */
  readonly time: number;
  readonly category: HubCategory;
  readonly operation: HubOperationName;
  /** Who asked: a device (or one of its modules), or a back end. */
  readonly side: 'device' | 'service';
  readonly result: 'accepted' | 'refused';
  /** 0 when accepted, else the number the product documents, such as 401003 or 412002. */
  readonly statusCode: number;
  /** Machine-readable cause, where readers must tell causes of the same number apart. */
  readonly reason: HubReason | null;
  /** Why it was refused or what was special, in one sentence; null for the usual case. */
  readonly detail: string | null;
  /** The device acted on or claimed; null when none is concerned, or when no such device exists. */
  readonly deviceId: string | null;
  readonly moduleId: string | null;
  /** Null for what the hub does by itself, such as the expiry of a message that nobody held. */
  readonly protocol: HubProtocol | null;
  readonly authentication: HubAuthentication | null;
  /** Name of the policy, for callers that use one. */
  readonly policy: string | null;
  /** Bytes of what was sent: body, system property values, names and values of application properties. */
  readonly sizeBytes: number;
  /** As the socket gives it, IPv4 addresses in dotted form. Readers that show it mask it where settings say so. */
  readonly ipAddress: string | null;
  /** How long it took, milliseconds. */
  readonly durationMs: number;
  /** 1; more where equal refusals of a flood were folded into one record. */
  readonly count: number;
  /** What the device is by now, after an operation that may have changed it; null: it is no more. */
  readonly membership?: Membership | null;
}

/** True for operations that failed for a reason of authorisation: 401xxx, and 403 for a policy that lacks the right. */
export function isUnauthorized(operation: HubOperation): boolean {
  return operation.result === 'refused' && Math.floor(operation.statusCode / 1000) === 401;
}

/** A record as it stands in the journal of a partition. */
export interface RecordedOperation {
  readonly operation: HubOperation;
  /** The message, when the operation is telemetry that was accepted. */
  readonly event: RecordedMessage | null;
  /** Where it stands, and where the next one will: to go on from after a restart. */
  readonly position: number;
  readonly next: number;
}

export interface RecordedMessage {
  readonly system: { readonly interfaceId?: string; readonly contentType?: string; readonly contentEncoding?: string };
  readonly application: Readonly<Record<string, string | null>>;
  readonly body: Uint8Array;
}

/** Marks a security message: {@link RecordedMessage}'s `system.interfaceId`. */
export const SECURITY_INTERFACE = 'urn:azureiot:Security:SecurityAgent:1';

/**
 * Somebody who follows what happens: counters, alerts, logs. Each partition is told in the order of its journal, after the
 * records are durable; an operation is answered only then.
 */
export interface HubOperationConsumer {
  /**
   * Where to begin in a partition: after a start the hub first plays what was recorded since. Null: only what comes from
   * now on.
   */
  resumeAt(partition: number): number | null;
  /** All that was recorded has been played; what comes from now on stands there. */
  begins?(partition: number, position: number): void;
  /** Must not throw, and must be quick: it runs on the thread of the front doors. */
  accept(partition: number, records: readonly RecordedOperation[]): void;
}
