/** Alerts as rows: the columns of the grid, the search text, and the rest as JSON. */
import type { Endpoint, Violation } from '@annunciator/core/alert';
import { PORTAL_SEVERITIES, SEVERITIES } from '@annunciator/core/alert';
import { findAlertType } from '@annunciator/core/catalogue';
import { shownSeverity } from '@annunciator/core/severity';
import type { Insertable, Selectable } from 'kysely';
import type { StoredAlert } from './alert-query.ts';
import type { AlertsTable } from './schema.ts';

export type AlertRow = Selectable<AlertsTable>;

/** Names of the ATT&CK tactics of an alert type; the store keeps them for filters, since types live in catalogues. */
export type TacticsOf = (type: string) => readonly string[];

export function networkTactics(type: string): readonly string[] {
  return findAlertType(type)?.tactics.map((tactic) => tactic.name) ?? [];
}

/**
 * Order of severities: the portal's word weighs first, the sensor's decides within it. Higher is more severe; the portal's
 * weight is the rank divided by {@link SENSOR_WEIGHTS}.
 */
export function severityRank(alert: Pick<StoredAlert, 'severity' | 'portalSeverity'>): number {
  const portal = PORTAL_SEVERITIES.length - 1 - PORTAL_SEVERITIES.indexOf(shownSeverity(alert));
  return portal * SENSOR_WEIGHTS + (SEVERITIES.length - 1 - SEVERITIES.indexOf(alert.severity));
}

export const SENSOR_WEIGHTS = SEVERITIES.length;

/** Tactics in one column, each between marks, so that a filter can ask for a whole name. */
export const TACTIC_MARK = '\n';

/** The row of an alert, without the violations. */
export function alertRow(alert: StoredAlert, tactics: readonly string[]): Insertable<AlertsTable> {
  return {
    id: alert.id,
    severity_rank: severityRank(alert),
    title: alert.title,
    engine: alert.engine,
    first_detection: alert.firstDetection,
    last_detection: alert.lastDetection,
    last_activity: alert.lastActivity,
    status: alert.status,
    disposition: alert.disposition,
    category: alert.category,
    type: alert.type,
    protocol: alert.protocol ?? '',
    source_id: alert.source?.device ?? '',
    source_device: deviceName(alert.source),
    source_address: alert.source?.ip ?? '',
    destination_id: alert.destination?.device ?? '',
    destination_device: deviceName(alert.destination),
    destination_address: alert.destination?.ip ?? '',
    sensor: alert.sensor,
    site: alert.site,
    zone: alert.zone,
    tactics: tactics.length === 0 ? '' : TACTIC_MARK + tactics.join(TACTIC_MARK) + TACTIC_MARK,
    violations: alert.violations.length,
    body: bodyOf(alert),
  };
}

/** What the grid calls a device: its name, else its IP address, else its MAC address. */
function deviceName(end: Endpoint | null): string {
  return end ? (end.name ?? end.ip ?? end.mac ?? end.device) : '';
}

/** What the search looks into. */
export function searchText(alert: StoredAlert): string {
  const ends = [alert.source, alert.destination].flatMap((end) => (end ? [end.device, end.name, end.ip, end.mac] : []));
  const parts = [alert.title, alert.message, alert.protocol, alert.id, ...ends].filter((part) => part !== null && part !== undefined);
  // A NUL would end the text for SQLite.
  return parts.join(' ').replaceAll('\0', '');
}

function bodyOf(alert: StoredAlert): string {
  const { violations: _violations, firstDetection, lastDetection, lastActivity, ...rest } = alert;
  return JSON.stringify({ ...rest, times: [String(firstDetection), String(lastDetection), String(lastActivity)] });
}

/** The alert of a stored body and its violations. */
export function alertOf(body: string, violations: readonly Violation[]): StoredAlert {
  const { times, ...rest } = JSON.parse(body);
  const [firstDetection, lastDetection, lastActivity] = times.map(BigInt);
  return { ...rest, firstDetection, lastDetection, lastActivity, violations };
}

export function violationBody({ time, lastTime, ...rest }: Violation): string {
  return JSON.stringify({ ...rest, times: [String(time), String(lastTime)] });
}

export function violationOf(body: string): Violation {
  const { times, ...rest } = JSON.parse(body);
  const [time, lastTime] = times.map(BigInt);
  return { ...rest, time, lastTime };
}
