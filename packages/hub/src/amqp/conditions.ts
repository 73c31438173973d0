/** Refusals as AMQP error conditions, the way the SDKs tell them apart. */
import type { AmqpError } from 'rhea';
import type { HubError, HubErrorName } from '../hub-error.ts';

const CONDITIONS: Partial<Record<HubErrorName, string>> = {
  IotHubUnauthorized: 'amqp:unauthorized-access',
  IotHubUnauthorizedAccess: 'amqp:unauthorized-access',
  DeviceNotFound: 'amqp:not-found',
  ModuleNotFound: 'amqp:not-found',
  NotFound: 'amqp:not-found',
  ArgumentInvalid: 'com.microsoft:argument-error',
  ArgumentNull: 'com.microsoft:argument-error',
  InvalidOperation: 'amqp:not-allowed',
  MessageTooLarge: 'amqp:link:message-size-exceeded',
  DeviceMaximumQueueDepthExceeded: 'amqp:resource-limit-exceeded',
  QuotaExceeded: 'amqp:resource-limit-exceeded',
  StorageFull: 'amqp:resource-limit-exceeded',
  ThrottlingException: 'com.microsoft:device-container-throttled',
  ThrottleBacklogLimitExceeded: 'com.microsoft:device-container-throttled',
  DeviceMessageLockLost: 'com.microsoft:message-lock-lost',
  PreconditionFailed: 'com.microsoft:precondition-failed',
  GatewayTimeout: 'com.microsoft:timeout',
  ConnectionClosedByNewConnection: 'amqp:link:stolen',
  ServiceUnavailable: 'com.microsoft:server-busy',
};

export function conditionOf(error: HubError): AmqpError {
  return { condition: CONDITIONS[error.code] ?? 'amqp:internal-error', description: `${error.message} (${error.number})` };
}
