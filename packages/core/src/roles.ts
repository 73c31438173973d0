/**
 * Who may do what: one table of every action, for the portal's roles and the sensor's. `access.ts` says where a role holds,
 * and everything else asks there.
 */

export const PORTAL_ROLES = ['Security Reader', 'Security Admin', 'Contributor', 'Owner'] as const;
export type PortalRole = (typeof PORTAL_ROLES)[number];

export const SENSOR_ROLES = ['Viewer', 'Security Analyst', 'Admin'] as const;
export type SensorRole = (typeof SENSOR_ROLES)[number];

export type Role = PortalRole | SensorRole;
export const ROLES: readonly Role[] = [...PORTAL_ROLES, ...SENSOR_ROLES];

/** What people sign in to: each has its own roles, the last of which may do everything there. */
export const CONSOLES = ['portal', 'sensor'] as const;
export type Console = (typeof CONSOLES)[number];

export function rolesOf(console: Console): readonly Role[] {
  return console === 'portal' ? PORTAL_ROLES : SENSOR_ROLES;
}

/** The role that may only look at a console. */
export function lowestRole(console: Console): Role {
  return console === 'portal' ? 'Security Reader' : 'Viewer';
}

/** The role that may do everything at a console. */
export function highestRole(console: Console): Role {
  return console === 'portal' ? 'Owner' : 'Admin';
}

/** The table's letters: the portal's Reader, security aDmin, Contributor, Owner; the sensor's Viewer, aNalyst, admIn. */
const LETTERS: Readonly<Record<Role, string>> = {
  'Security Reader': 'R',
  'Security Admin': 'D',
  Contributor: 'C',
  Owner: 'O',
  Viewer: 'V',
  'Security Analyst': 'N',
  Admin: 'I',
};

/**
 * `placed` actions concern what stands in a site and a zone, and may be granted there; `whole` ones concern the system and
 * are granted for everything or not at all.
 */
export type Standing = 'placed' | 'whole';

/** Action to where it stands, the roles that may do it, and what it is. */
const TABLE = {
  // alerts
  'alerts.view': ['placed', 'RDCO VNI', 'See alerts, their counts, groups, history and comments'],
  'alerts.export': ['placed', 'RDCO VNI', 'Export alerts as CSV and PDF'],
  'alerts.status': ['placed', 'DCO NI', 'Change the status of alerts'],
  // The portal's severity never goes back to a sensor, so a sensor has nothing to set.
  'alerts.severity': ['placed', 'DCO', 'Change the severity of alerts'],
  'alerts.learn': ['placed', 'DCO NI', 'Learn alerts: their traffic is normal from now on'],
  // Undoing what was learned or muted changes what the sensor calls normal: there only.
  'alerts.unlearn': ['placed', 'NI', 'Take back what was learned'],
  'alerts.mute': ['placed', 'NI', 'Mute alerts: stay silent without allowing the traffic'],
  'alerts.unmute': ['placed', 'NI', 'Alert about muted traffic again'],
  // Packets carry passwords and process values: a grant can give or withhold this by itself.
  'alerts.pcap': ['placed', 'DCO NI', 'See and download the packets of alerts'],
  'alerts.comment': ['placed', 'DCO NI', 'Comment on alerts'],
  // Own views are everybody's business.
  'views.share': ['whole', 'DCO NI', 'Keep views of pages for the team'],
  // devices, timeline and what was learned
  'devices.view': ['placed', 'RDCO VNI', 'See devices, connections and the map'],
  'devices.edit': ['placed', 'DCO NI', 'Change fields, tags and groups of devices'],
  'devices.authorise': ['placed', 'DCO NI', 'Say which devices are authorised, scan or program'],
  'devices.export': ['placed', 'RDCO VNI', 'Export devices and connections as CSV'],
  // One device out of several, several out of one, none out of one: on a sensor for its Admin only.
  'devices.merge': ['placed', 'DCO I', 'Merge devices, and split them'],
  'devices.delete': ['placed', 'DCO I', 'Delete devices'],
  'subnets.edit': ['whole', 'DCO I', 'Name networks and VLANs, and say which are a plant’s'],
  'timeline.view': ['placed', 'RDCO NI', 'See the event timeline'],
  'timeline.write': ['placed', 'DCO NI', 'Write into the event timeline'],
  'baseline.view': ['placed', 'RDCO NI', 'See what was learned'],
  'baseline.edit': ['placed', 'I', 'Change what was learned'],
  // logs and reports
  'logs.query': ['whole', 'RDCO NI', 'Query the logs'],
  'workbooks.view': ['placed', 'RDCO VNI', 'See workbooks'],
  'workbooks.edit': ['whole', 'DCO NI', 'Change workbooks'],
  // rules
  'suppression.view': ['whole', 'RDCO NI', 'See suppression rules'],
  'suppression.edit': ['whole', 'DCO', 'Change suppression rules'],
  'exclusion.view': ['whole', 'RDCO NI', 'See alert exclusions'],
  'exclusion.edit': ['whole', 'O I', 'Change alert exclusions'],
  'forwarding.view': ['whole', 'DCO NI', 'See where alerts are forwarded to'],
  'forwarding.edit': ['whole', 'O I', 'Change where alerts are forwarded to'],
  // A rule asks the traffic of every sensor: it is read at each site, and changed for all of them.
  'customRules.view': ['placed', 'RDCO NI', 'See custom alert rules'],
  'customRules.edit': ['whole', 'DCO I', 'Change custom alert rules'],
  'commentTexts.edit': ['whole', 'O I', 'Change the texts that are offered for comments'],
  // sites, sensors and hub
  'sites.view': ['placed', 'RDCO VNI', 'See sites, zones and sensors, and how they are'],
  'sites.edit': ['placed', 'DCO', 'Change sites, zones and sensors'],
  'hub.view': ['whole', 'RDCO', 'See the hub and its devices'],
  'hub.edit': ['whole', 'CO', 'Change the hub and its devices'],
  // Whoever knows a device's key can be that device.
  'hub.keys': ['whole', 'CO', 'See and renew the keys of the hub’s devices'],
  // A type is switched for every sensor.
  'engines.edit': ['whole', 'DCO I', 'Switch engines and alert types'],
  'learningMode.edit': ['placed', 'DCO I', 'Begin and end learning'],
  // the system itself
  'users.view': ['whole', 'O I', 'See users'],
  'users.edit': ['whole', 'O I', 'Add, change, disable and remove users'],
  'tokens.edit': ['whole', 'O I', 'Make and revoke API tokens of one’s own'],
  'certificates.edit': ['whole', 'O I', 'Change certificates'],
  'settings.view': ['whole', 'DCO NI', 'See settings'],
  'settings.edit': ['whole', 'O I', 'Change settings'],
  'audit.view': ['whole', 'DO I', 'Read the audit log'],
  'backup.run': ['whole', 'O I', 'Back up and restore'],
} as const satisfies Readonly<Record<string, readonly [standing: Standing, roles: string, meaning: string]>>;

export type Action = keyof typeof TABLE;
// Object.keys gives string[]; the keys of a constant are exactly its type's.
export const ACTIONS = Object.keys(TABLE) as readonly Action[];

/** True when somebody with this role may do the action, as the table says. */
export function may(role: Role, action: Action): boolean {
  return TABLE[action][1].includes(LETTERS[role]);
}

/** The sensor's role of the same rank as a role of the portal. */
const AT_THE_SENSOR: Readonly<Record<PortalRole, SensorRole>> = {
  'Security Reader': 'Viewer',
  'Security Admin': 'Security Analyst',
  Contributor: 'Security Analyst',
  Owner: 'Admin',
};

/**
 * As {@link may}, where a portal holds its sensors: whoever has a portal role also acts on the sensor, with the sensor's
 * role of the same rank. That is where unlearn, mute and unmute are allowed.
 */
export function mayHere(role: Role, action: Action): boolean {
  return may(role, action) || (isPortalRole(role) && may(AT_THE_SENSOR[role], action));
}

export function isPortalRole(role: Role): role is PortalRole {
  return role in AT_THE_SENSOR;
}

export function standingOf(action: Action): Standing {
  return TABLE[action][0];
}

/** What the action is, for people. */
export function meaningOf(action: Action): string {
  return TABLE[action][2];
}
