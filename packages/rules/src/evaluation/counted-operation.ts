/** Which rule counts an operation at the hub. An operation is counted by one rule at most. */
import { ruleNumber } from '../custom-alerts/rule-types.ts';
import { type HubOperation, type HubProtocol, isUnauthorized } from '../hub-operation.ts';

function number(name: string): number {
  const found = ruleNumber(name);
  if (found === undefined) throw new Error(`no rule type ${name}`);
  return found;
}

function byProtocol(suffix: string): Readonly<Record<HubProtocol, number>> {
  return { AMQP: number(`Amqp${suffix}`), HTTPS: number(`Http${suffix}`), MQTT: number(`Mqtt${suffix}`) };
}

const SENT = byProtocol('C2DMessagesNotInAllowedRange');
const REJECTED = byProtocol('C2DRejectedMessagesNotInAllowedRange');
const RECEIVED = byProtocol('D2CMessagesNotInAllowedRange');
const INVOKES = number('DirectMethodInvokesNotInAllowedRange');
const UPLOADS = number('FileUploadsNotInAllowedRange');
const PURGES = number('QueuePurgesNotInAllowedRange');
const TWIN_UPDATES = number('TwinUpdatesNotInAllowedRange');
const UNAUTHORIZED = number('UnauthorizedOperationsNotInAllowedRange');

/** Number of the rule type that counts the operation, -1 when none does. */
export function countedBy(operation: HubOperation): number {
  if (isUnauthorized(operation)) return UNAUTHORIZED;
  // What the device answers, and whether it answers, does not matter.
  if (operation.category === 'DirectMethods') return INVOKES;
  if (operation.result !== 'accepted') return -1;
  const { protocol } = operation;
  switch (operation.category) {
    case 'DeviceTelemetry':
      return operation.operation === 'ingress' && protocol ? RECEIVED[protocol] : -1;
    case 'C2DCommands':
      return countedCommand(operation, protocol);
    case 'FileUploadOperations':
      return operation.operation === 'complete' ? UPLOADS : -1;
    case 'D2CTwinOperations':
      return operation.operation === 'updateReported' ? TWIN_UPDATES : -1;
    case 'C2DTwinOperations':
      return operation.operation === 'read' ? -1 : TWIN_UPDATES;
    default:
      return -1;
  }
}

function countedCommand({ operation, reason }: HubOperation, protocol: HubProtocol | null): number {
  if (operation === 'purge') return PURGES;
  if (!protocol) return -1;
  if (operation === 'deliver') return SENT[protocol];
  if (operation === 'reject') return REJECTED[protocol];
  // MQTT has no reject: a message that its device had and never acknowledged until it was given up counts as one.
  const givenUp = operation === 'deadLetter' && (reason === 'DeliveryCountExceeded' || reason === 'Expired');
  return givenUp && protocol === 'MQTT' ? REJECTED.MQTT : -1;
}
