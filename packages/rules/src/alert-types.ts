/** Types of the alerts about devices at the hub, for the life cycle: custom alerts and the built-in ones. */
import type { AlertType } from '@annunciator/core/alert-type';
import type { AttackName } from '@annunciator/core/attack';
import { alertTypeOf, RULE_TYPES } from './custom-alerts/rule-types.ts';
import { HUB_ALERTS } from './hub-alerts/catalogue.ts';

type Own = Pick<
  AlertType,
  'id' | 'title' | 'severity' | 'portalSeverity' | 'category' | 'dataSource' | 'techniques' | 'description' | 'remediation'
>;

function complete(own: Own): AlertType {
  return {
    engine: 'MicroAgent',
    learnable: false,
    muteable: true,
    // What was out of range in which window, or which values, are rows of one alert per device.
    aggregated: true,
    disabledByDefault: false,
    focus: 'any',
    tactics: [],
    protocols: [],
    threshold: null,
    also: [],
    pcap: false,
    tier: 1,
    detected: true,
    trigger: own.description,
    ...own,
  };
}

/** One per rule type; severity Low, which a sensor calls Minor. */
export const CUSTOM_ALERT_TYPES: readonly AlertType[] = RULE_TYPES.map(({ name, title, dataSource, description, remediation }) =>
  complete({
    id: alertTypeOf(name),
    title,
    severity: 'Minor',
    portalSeverity: 'Low',
    category: 'Custom Alerts',
    dataSource,
    techniques: [],
    description,
    remediation,
  }),
);

export const HUB_ALERT_TYPES: readonly AlertType[] = HUB_ALERTS.map(
  ({ alertType, title, severity, techniques, description, remediation }) =>
    complete({
      id: alertType,
      title,
      severity: severity === 'Medium' ? 'Major' : 'Minor',
      portalSeverity: severity,
      category: 'IoT Hub',
      dataSource: 'IoT Hub',
      techniques: techniques.map(([id, name]): AttackName => ({ id, name, retired: false })),
      description,
      remediation,
    }),
);

/** Every type of alert about devices at the hub. */
export const DEVICE_ALERT_TYPES: readonly AlertType[] = [...CUSTOM_ALERT_TYPES, ...HUB_ALERT_TYPES];
