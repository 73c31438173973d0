/**
 * Which actions of core's role table a role of the portal may do here.
 *
 * This server holds its sensors in its own process, so whoever holds a portal role also acts on the sensor, with the
 * sensor's role of the same rank: that is where unlearn, mute and unmute are allowed.
 */
import { ACTIONS, type Action, may, PORTAL_ROLES, type PortalRole, type SensorRole } from '@annunciator/core/roles';

export { type Action, PORTAL_ROLES, type PortalRole };

const AT_THE_SENSOR: Readonly<Record<PortalRole, SensorRole>> = {
  'Security Reader': 'Viewer',
  'Security Admin': 'Security Analyst',
  Contributor: 'Security Analyst',
  Owner: 'Admin',
};

export function mayHere(role: PortalRole, action: Action): boolean {
  return may(role, action) || may(AT_THE_SENSOR[role], action);
}

/** Everything a role may do, for the portal to hide what it would be refused. */
export function actionsOf(role: PortalRole): Action[] {
  return ACTIONS.filter((action) => mayHere(role, action));
}

/** Whether a role includes everything another may do: nobody can hand out more than they have. */
export function includesRole(role: PortalRole, other: PortalRole): boolean {
  return actionsOf(other).every((action) => mayHere(role, action));
}
