/**
 * Refusals of the hub, with the names and numbers that the product documents.
 *
 * Front doors translate them: HTTPS by `status` and a body with the name, AMQP by condition, MQTT by return code or close.
 */

import type { HubReason } from '@annunciator/rules/hub-operation';

/** Name: [number, HTTP status]. */
export const HUB_ERRORS = {
  ArgumentInvalid: [400004, 400],
  ArgumentNull: [400005, 400],
  IotHubFormatError: [400006, 400],
  DeviceDefinedMultipleTimes: [400012, 400],
  BulkRegistryOperationFailure: [400013, 400],
  IotHubSuspended: [400020, 400],
  ConnectionClosedByNewConnection: [400027, 400],
  QueryStoreInvalidQuery: [400014, 400],
  InvalidProtocolVersion: [400001, 400],
  InvalidOperation: [400003, 400],
  IotHubUnauthorizedAccess: [401002, 401],
  IotHubUnauthorized: [401003, 401],
  QuotaExceeded: [403002, 403],
  DeviceMaximumQueueDepthExceeded: [403004, 403],
  DeviceMaximumActiveFileUploadLimitExceeded: [403006, 403],
  DeviceNotFound: [404001, 404],
  ModuleNotFound: [404010, 404],
  JobNotFound: [404002, 404],
  ConfigurationNotFound: [404011, 404],
  CertificateNotFound: [404012, 404],
  BlobNotFound: [404013, 404],
  NotFound: [404000, 404],
  DeviceNotOnline: [404103, 404],
  DeviceConnectionClosedRemotely: [404104, 404],
  MethodNotAllowed: [405000, 405],
  DeviceAlreadyExists: [409001, 409],
  LinkCreationConflict: [409002, 409],
  ConfigurationAlreadyExists: [409003, 409],
  JobAlreadyExists: [409004, 409],
  CertificateAlreadyExists: [409005, 409],
  ModuleAlreadyExistsOnDevice: [409301, 409],
  PreconditionFailed: [412001, 412],
  DeviceMessageLockLost: [412002, 412],
  MessageTooLarge: [413001, 413],
  TooManyDevices: [403003, 403],
  TooManyModulesOnDevice: [413003, 413],
  ThrottlingException: [429001, 429],
  ThrottleBacklogLimitExceeded: [429002, 429],
  ServerError: [500001, 500],
  BadDeviceResponse: [502001, 502],
  ServiceUnavailable: [503001, 503],
  StorageFull: [503008, 503],
  GatewayTimeout: [504101, 504],
} as const satisfies Record<string, readonly [number, number]>;

export type HubErrorName = keyof typeof HUB_ERRORS;

export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: HubErrorName;
  /** The cause, for those who count operations. */
  readonly reason: HubReason | null;

  /** @param message one sentence: what happened, with which value, what to do */
  constructor(code: HubErrorName, message: string, reason: HubReason | null = null) {
    super(message);
    this.code = code;
    this.reason = reason;
  }

  /** The number of the product's documentation, such as 404001. */
  get number(): number {
    return HUB_ERRORS[this.code][0];
  }

  /** HTTP status. */
  get status(): number {
    return HUB_ERRORS[this.code][1];
  }
}

/** Any thrown value as a refusal. What is no refusal is a fault of ours: it becomes a ServerError and keeps its cause. */
export function asHubError(error: unknown): HubError {
  if (error instanceof HubError) return error;
  const fault = new HubError('ServerError', `The hub failed: ${error instanceof Error ? error.message : String(error)}.`);
  fault.cause = error;
  return fault;
}
