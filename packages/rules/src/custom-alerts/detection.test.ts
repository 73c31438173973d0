/** The words of alerts, and that they meet the life cycle. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlertBook } from '@annunciator/core/alert-book';
import { DEVICE_ALERT_TYPES } from '../alert-types.ts';
import type { Finding } from '../evaluation/finding.ts';
import { detectionOf } from './detection.ts';
import { RULE_TYPES, WINDOW_RULE_TYPES } from './rule-types.ts';

const TEN = Date.UTC(2026, 10, 26, 10);
const FOUND: Finding = {
  id: '1',
  alertType: 'IoT_CA_MqttD2CMessagesNotInAllowedRange',
  deviceId: 'pump-1',
  group: 'Pumps',
  ruleType: 'MqttD2CMessagesNotInAllowedRange',
  alertName: 'Pump chatters',
  bound: 'max',
  time: TEN + 1000,
  count: 4,
  final: false,
  windowStart: TEN,
  windowEnd: TEN + 300_000,
  range: { min: 1, max: 3, size: 'PT5M' },
  value: null,
};

test('there are 20 rule types, 16 of them windows, and a type of alert for each', () => {
  assert.equal(RULE_TYPES.length, 20);
  assert.equal(WINDOW_RULE_TYPES.length, 16);
  assert.equal(new Set(DEVICE_ALERT_TYPES.map(({ id }) => id)).size, 30);
  for (const { description, remediation, dataSource } of DEVICE_ALERT_TYPES)
    assert.ok(description.endsWith('.') && remediation.length > 0 && dataSource);
});

test('an alert of a range says who, what, when and what is allowed', () => {
  assert.deepEqual(detectionOf(FOUND, 'plant-hub'), {
    type: 'IoT_CA_MqttD2CMessagesNotInAllowedRange',
    time: BigInt(TEN + 1000) * 1_000_000n,
    source: { device: 'pump-1', ip: null, mac: null, port: null, name: 'pump-1' },
    destination: null,
    protocol: null,
    message:
      'pump-1: 4 device-to-cloud messages accepted through MQTT from 2026-11-26 10:00 to 2026-11-26 10:05 UTC; at most 3 are expected in the group Pumps.',
    expected: '1 to 3 device-to-cloud messages accepted through MQTT within 5 minutes.',
    seen: '4 device-to-cloud messages accepted through MQTT from 2026-11-26 10:00 to 2026-11-26 10:05 UTC.',
    parameters: {
      DeviceId: 'pump-1',
      SecurityGroup: 'Pumps',
      RuleType: 'MqttD2CMessagesNotInAllowedRange',
      AlertName: 'Pump chatters',
      Count: 4,
      MinThreshold: 1,
      MaxThreshold: 3,
      TimeWindowSize: 'PT5M',
      WindowStartUtc: '2026-11-26T10:00:00.000Z',
      WindowEndUtc: '2026-11-26T10:05:00.000Z',
      Protocol: 'MQTT',
    },
    parameterKey: JSON.stringify([TEN, TEN + 300_000, null]),
    frames: [],
    learn: [],
    internet: false,
    title: 'Pump chatters',
    securityGroup: 'Pumps',
  });
});

test('windows of a device are one alert with a row each, named by the user', () => {
  const types = new Map(DEVICE_ALERT_TYPES.map((type) => [type.id, type]));
  const book = new AlertBook({ types: (id) => types.get(id) });
  assert.equal(book.apply(detectionOf(FOUND, 'hub')).event, 'raised');
  const next = { ...FOUND, id: '2', windowStart: TEN + 300_000, windowEnd: TEN + 600_000, time: TEN + 400_000 };
  const { alert } = book.apply(detectionOf(next, 'hub'));
  assert.equal(alert?.title, 'Pump chatters');
  assert.equal(alert?.securityGroup, 'Pumps');
  assert.equal(alert?.dataSource, 'IoT Hub');
  assert.deepEqual([alert?.engine, alert?.severity, alert?.count, alert?.violations.length], ['MicroAgent', 'Minor', 2, 2]);
});

test('alerts about lists and about the hub itself read as sentences', () => {
  const listed = detectionOf(
    {
      ...FOUND,
      alertType: 'IoT_CA_ProcessNotAllowed',
      ruleType: 'ProcessNotAllowed',
      alertName: null,
      bound: 'list',
      range: null,
      value: '/bin/nc',
      count: 2,
    },
    'hub',
  );
  assert.equal(listed.message, 'pump-1: execution of /bin/nc, 2 times, which is not allowed in the group Pumps.');
  assert.equal(listed.title, undefined);
  const event = detectionOf(
    {
      ...FOUND,
      alertType: 'IoT_Cert_Expired',
      ruleType: null,
      group: null,
      alertName: null,
      bound: 'event',
      range: null,
      deviceId: null,
      value: '192.0.2.9',
      count: 1,
    },
    'plant-hub',
  );
  assert.equal(event.message, 'the hub plant-hub: a client presented a certificate that has expired, from 192.0.2.9.');
  assert.equal(event.source?.device, 'plant-hub');
});
