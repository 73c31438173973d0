/** How severities of different places relate. */
import { type Alert, type PortalSeverity, type Severity } from './alert.ts';

/** The portal's word for a sensor's severity. */
export const PORTAL_SEVERITY: Readonly<Record<Severity, PortalSeverity>> = {
  Critical: 'High',
  Major: 'Medium',
  Minor: 'Low',
  Warning: 'Low',
};

/** The severity that the portal shows: what a person set there, else what the sensor's says. */
export function shownSeverity(alert: Pick<Alert, 'severity' | 'portalSeverity'>): PortalSeverity {
  return alert.portalSeverity ?? PORTAL_SEVERITY[alert.severity];
}
