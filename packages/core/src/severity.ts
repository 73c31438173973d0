/** How severities of different places relate. */
import { type Alert, type PortalSeverity, SEVERITIES, type Severity } from './alert.ts';

/** The portal's word for a sensor's severity. */
export const PORTAL_SEVERITY: Readonly<Record<Severity, PortalSeverity>> = {
  Critical: 'High',
  Major: 'Medium',
  Minor: 'Low',
  Warning: 'Low',
};

/** Severity in a CEF header, 0 to 10. */
export const CEF_SEVERITY: Readonly<Record<Severity, number>> = { Critical: 10, Major: 8, Minor: 4, Warning: 1 };

/** The severity that the portal shows: what a person set there, else what the sensor's says. */
export function shownSeverity(alert: Pick<Alert, 'severity' | 'portalSeverity'>): PortalSeverity {
  return alert.portalSeverity ?? PORTAL_SEVERITY[alert.severity];
}

/** True when `severity` is `least` or more severe. */
export function atLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);
}
