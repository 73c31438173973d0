/** What each rule counts, and what the built-in alerts see: a table of operations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULE_TYPES } from '../custom-alerts/rule-types.ts';
import { HUB_ALERTS } from '../hub-alerts/catalogue.ts';
import { HubAlertWatch } from '../hub-alerts/hub-alert-watch.ts';
import type { HubOperation } from '../hub-operation.ts';
import { countedBy } from './counted-operation.ts';
import type { Finding } from './finding.ts';

function operation(given: Partial<HubOperation>): HubOperation {
  return {
    time: Date.UTC(2026, 10, 26, 10),
    category: 'DeviceTelemetry',
    operation: 'ingress',
    side: 'device',
    result: 'accepted',
    statusCode: 0,
    reason: null,
    detail: null,
    deviceId: 'pump-1',
    moduleId: null,
    protocol: 'MQTT',
    authentication: 'sas',
    policy: null,
    sizeBytes: 10,
    ipAddress: '192.0.2.9',
    durationMs: 1,
    count: 1,
    ...given,
  };
}

const C2D = { category: 'C2DCommands' } as const;
const REFUSED = { result: 'refused' } as const;

const TABLE: readonly (readonly [Partial<HubOperation>, string | null])[] = [
  [{}, 'MqttD2CMessagesNotInAllowedRange'],
  [{ protocol: 'AMQP', moduleId: 'camera' }, 'AmqpD2CMessagesNotInAllowedRange'],
  [{ protocol: 'HTTPS' }, 'HttpD2CMessagesNotInAllowedRange'],
  [{ operation: 'read', side: 'service' }, null],
  [{ ...REFUSED, statusCode: 429_001 }, null],
  [{ ...C2D, operation: 'enqueue', side: 'service', protocol: 'AMQP' }, null],
  [{ ...C2D, operation: 'deliver' }, 'MqttC2DMessagesNotInAllowedRange'],
  [{ ...C2D, operation: 'deliver', protocol: 'AMQP' }, 'AmqpC2DMessagesNotInAllowedRange'],
  [{ ...C2D, operation: 'deliver', protocol: 'HTTPS' }, 'HttpC2DMessagesNotInAllowedRange'],
  [{ ...C2D, operation: 'complete' }, null],
  [{ ...C2D, operation: 'abandon', protocol: 'AMQP' }, null],
  [{ ...C2D, operation: 'reject', protocol: 'AMQP' }, 'AmqpC2DRejectedMessagesNotInAllowedRange'],
  [{ ...C2D, operation: 'reject', protocol: 'HTTPS' }, 'HttpC2DRejectedMessagesNotInAllowedRange'],
  [{ ...C2D, operation: 'reject', protocol: 'HTTPS', ...REFUSED, statusCode: 412_002 }, null],
  [{ ...C2D, operation: 'deadLetter', reason: 'DeliveryCountExceeded' }, 'MqttC2DRejectedMessagesNotInAllowedRange'],
  [{ ...C2D, operation: 'deadLetter', reason: 'Expired' }, 'MqttC2DRejectedMessagesNotInAllowedRange'],
  [{ ...C2D, operation: 'deadLetter', reason: 'Expired', protocol: null }, null],
  [{ ...C2D, operation: 'deadLetter', reason: 'DeliveryCountExceeded', protocol: 'AMQP' }, null],
  [{ ...C2D, operation: 'purge', protocol: 'HTTPS' }, 'QueuePurgesNotInAllowedRange'],
  [{ ...C2D, operation: 'purge', protocol: null }, 'QueuePurgesNotInAllowedRange'],
  [{ category: 'DirectMethods', operation: 'invoke' }, 'DirectMethodInvokesNotInAllowedRange'],
  [{ category: 'DirectMethods', operation: 'invoke', ...REFUSED, statusCode: 404_103 }, 'DirectMethodInvokesNotInAllowedRange'],
  [{ category: 'DirectMethods', operation: 'invoke', ...REFUSED, statusCode: 401_002 }, 'UnauthorizedOperationsNotInAllowedRange'],
  [{ category: 'FileUploadOperations', operation: 'complete' }, 'FileUploadsNotInAllowedRange'],
  [{ category: 'FileUploadOperations', operation: 'initiate' }, null],
  [{ category: 'FileUploadOperations', operation: 'write' }, null],
  [{ category: 'FileUploadOperations', operation: 'fail' }, null],
  [{ category: 'D2CTwinOperations', operation: 'updateReported' }, 'TwinUpdatesNotInAllowedRange'],
  [{ category: 'D2CTwinOperations', operation: 'read' }, null],
  [{ category: 'C2DTwinOperations', operation: 'update' }, 'TwinUpdatesNotInAllowedRange'],
  [{ category: 'C2DTwinOperations', operation: 'replace' }, 'TwinUpdatesNotInAllowedRange'],
  [{ category: 'C2DTwinOperations', operation: 'read' }, null],
  [{ category: 'Connections', operation: 'deviceConnect' }, null],
  [{ category: 'Connections', operation: 'deviceConnect', ...REFUSED, statusCode: 401_003 }, 'UnauthorizedOperationsNotInAllowedRange'],
  [{ ...REFUSED, statusCode: 401_003 }, 'UnauthorizedOperationsNotInAllowedRange'],
];

test('counts each operation by the rule of its kind and protocol', () => {
  for (const [given, ruleType] of TABLE) {
    const number = countedBy(operation(given));
    assert.equal(number < 0 ? null : RULE_TYPES[number].name, ruleType, JSON.stringify(given));
  }
});

const CERTIFICATES = { category: 'Certificates', deviceId: null } as const;
const SETTINGS = { category: 'DiagnosticSettings', deviceId: null } as const;
const RAISED: readonly (readonly [Partial<HubOperation>, string | null])[] = [
  [{ ...CERTIFICATES, operation: 'create' }, 'IoT_CertificateSuccessfullyAddedToHub'],
  [{ ...CERTIFICATES, operation: 'create', ...REFUSED, statusCode: 400_001 }, 'Hub_CertificateFailedToBeAddedToHub'],
  [{ ...CERTIFICATES, operation: 'delete' }, 'IoT_CertificateSuccessfullyDeletedFromHub'],
  [{ ...CERTIFICATES, operation: 'delete', ...REFUSED, statusCode: 401_002 }, 'IoT.Hub_CertificateFailedToBeDeletedFromHub'],
  [{ ...CERTIFICATES, operation: 'verify' }, null],
  [{ ...SETTINGS, operation: 'update' }, 'IoT_DiagnosticSettingAddedOrEditedOnHub'],
  [{ ...SETTINGS, operation: 'update', ...REFUSED, statusCode: 400_001 }, 'IoT_DiagnosticSettingAddedOrEditedOnHub'],
  [{ ...SETTINGS, operation: 'delete' }, 'IoT_DiagnosticSettingDeletedFromHub'],
  [{ ...SETTINGS, operation: 'get' }, null],
  [{ ...REFUSED, statusCode: 401_003, reason: 'thumbprintMismatch' }, 'IoT_Cert_Print_Mismatch'],
  [{ ...REFUSED, statusCode: 401_003, reason: 'certificateExpired' }, 'IoT_Cert_Expired'],
  [{ ...REFUSED, statusCode: 401_003, reason: 'tokenExpired' }, 'IoT_Expired_SAS_Token'],
  [{ ...REFUSED, statusCode: 401_003, reason: 'tokenSignature' }, 'IoT_Invalid_SAS_Token'],
  [{ ...REFUSED, statusCode: 401_003, reason: 'identityDisabled' }, null],
  [{}, null],
];

test('raises each built-in alert by its operation, and none by its neighbours', () => {
  const seen = new Set<string>();
  for (const [given, alertType] of RAISED) {
    const told: Finding[] = [];
    new HubAlertWatch((finding) => told.push(finding)).operation(operation(given));
    assert.deepEqual(
      told.map((finding) => finding.alertType),
      alertType === null ? [] : [alertType],
      JSON.stringify(given),
    );
    if (alertType !== null) seen.add(alertType);
  }
  assert.equal(seen.size, HUB_ALERTS.length);
});

test('counts what comes again within a minute instead of telling it one by one', () => {
  const told: Finding[] = [];
  const watch = new HubAlertWatch((finding) => told.push(finding));
  const wrong = operation({ ...REFUSED, statusCode: 401_003, reason: 'tokenSignature', count: 200 });
  for (let at = 0; at < 5; at++) watch.operation(wrong);
  watch.advance(wrong.time + 1000);
  watch.advance(wrong.time + 60_000);
  watch.operation({ ...wrong, time: wrong.time + 60_000 });
  assert.deepEqual(
    told.map(({ count }) => count),
    [200, 1000, 200],
  );
  assert.equal(told[0].id, told[1].id);
  assert.notEqual(told[1].id, told[2].id);
});
