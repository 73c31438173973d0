/** Who may do what: one table for the portal's roles and one for the sensor's. */

export const PORTAL_ROLES = ['Security Reader', 'Security Admin', 'Contributor', 'Owner'] as const;
export type PortalRole = (typeof PORTAL_ROLES)[number];

export const SENSOR_ROLES = ['Viewer', 'Security Analyst', 'Admin'] as const;
export type SensorRole = (typeof SENSOR_ROLES)[number];

export type Role = PortalRole | SensorRole;
export const ROLES: readonly Role[] = [...PORTAL_ROLES, ...SENSOR_ROLES];

/**
 * Action to the roles that may do it. Letters: the portal's Reader, security aDmin, Contributor, Owner; the sensor's
 * Viewer, aNalyst, admIn.
 */
const LETTERS: Readonly<Record<Role, string>> = {
  'Security Reader': 'R',
  'Security Admin': 'D',
  Contributor: 'C',
  Owner: 'O',
  Viewer: 'V',
  'Security Analyst': 'N',
  Admin: 'I',
};

const TABLE = {
  // alerts
  'alerts.view': 'RDCO VNI',
  'alerts.export': 'RDCO VNI',
  'alerts.status': 'DCO NI',
  // The portal's severity never goes back to a sensor, so a sensor has nothing to set.
  'alerts.severity': 'DCO',
  'alerts.learn': 'DCO NI',
  // Undoing what was learned or muted changes what the sensor calls normal: there only.
  'alerts.unlearn': 'NI',
  'alerts.mute': 'NI',
  'alerts.unmute': 'NI',
  'alerts.pcap': 'DCO NI',
  'alerts.comment': 'DCO NI',
  // devices, timeline and what was learned
  'devices.view': 'RDCO VNI',
  'devices.edit': 'DCO NI',
  'devices.authorise': 'DCO NI',
  'devices.export': 'RDCO VNI',
  // One device out of several, several out of one, none out of one: on a sensor for its Admin only.
  'devices.merge': 'DCO I',
  'devices.delete': 'DCO I',
  'subnets.edit': 'DCO I',
  'timeline.view': 'RDCO NI',
  'timeline.write': 'DCO NI',
  'baseline.view': 'RDCO NI',
  'baseline.edit': 'I',
  // logs and reports
  'logs.query': 'RDCO NI',
  'workbooks.view': 'RDCO VNI',
  'workbooks.edit': 'DCO NI',
  // rules
  'suppression.view': 'RDCO NI',
  'suppression.edit': 'DCO',
  'exclusion.view': 'RDCO NI',
  'exclusion.edit': 'O I',
  'forwarding.view': 'DCO NI',
  'forwarding.edit': 'O I',
  'customRules.view': 'RDCO NI',
  'customRules.edit': 'DCO I',
  'commentTexts.edit': 'O I',
  // sites, sensors and hub
  'sites.view': 'RDCO VNI',
  'sites.edit': 'DCO',
  'hub.view': 'RDCO',
  'hub.edit': 'CO',
  // Whoever knows a device's key can be that device.
  'hub.keys': 'CO',
  'engines.edit': 'DCO I',
  'learningMode.edit': 'DCO I',
  // the system itself
  'users.view': 'O I',
  'users.edit': 'O I',
  'tokens.edit': 'O I',
  'certificates.edit': 'O I',
  'settings.view': 'DCO NI',
  'settings.edit': 'O I',
  'audit.view': 'DO I',
  'backup.run': 'O I',
} as const satisfies Readonly<Record<string, string>>;

export type Action = keyof typeof TABLE;
// Object.keys gives string[]; the keys of a constant are exactly its type's.
export const ACTIONS = Object.keys(TABLE) as readonly Action[];

/** True when somebody with this role may do the action. */
export function may(role: Role, action: Action): boolean {
  return TABLE[action].includes(LETTERS[role]);
}
