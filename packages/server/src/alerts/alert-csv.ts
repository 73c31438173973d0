/** Alerts as CSV: every column of the grid in its order. */
import { formatInstant } from '@annunciator/core/time';
import type { AlertRecord, StoredAlert } from '@annunciator/store/alert-query';
import { deviceLabel } from './alert-view.ts';
import type { AlertTypes } from './alert-types.ts';
import { csvHeaderLine, csvLines } from '../http/csv.ts';

const COLUMNS: readonly (readonly [header: string, cell: (alert: AlertRecord, types: AlertTypes) => string])[] = [
  ['Severity', (alert, types) => types.shownSeverity(alert)],
  ['Name', (alert) => alert.title],
  ['Site', (alert) => alert.site],
  ['Engine', (alert, types) => types.engineName(alert.engine)],
  ['Last detection', (alert) => formatInstant(alert.lastDetection)],
  ['Status', (alert) => alert.status],
  ['Source device', (alert) => deviceLabel(alert.source)],
  ['Tactics', (alert, types) => (types.get(alert.type)?.tactics ?? []).map((tactic) => tactic.name).join('; ')],
  ['Source device address', (alert) => alert.source?.ip ?? alert.source?.mac ?? ''],
  ['Destination device address', (alert) => alert.destination?.ip ?? alert.destination?.mac ?? ''],
  ['Destination device', (alert) => deviceLabel(alert.destination)],
  ['First detection', (alert) => formatInstant(alert.firstDetection)],
  ['ID', (alert) => alert.id],
  ['Last activity', (alert) => formatInstant(alert.lastActivity)],
  ['Protocol', (alert) => alert.protocol ?? ''],
  ['Sensor', (alert) => alert.sensor],
  ['Zone', (alert) => alert.zone],
  ['Category', (alert) => alert.category],
  ['Type', (alert) => alert.type],
  ['Message', (alert) => alert.message],
  ['Detections', (alert) => String(alert.count)],
];

export function csvHeader(): string {
  return csvHeaderLine(COLUMNS.map(([header]) => header));
}

export function csvRows(alerts: readonly AlertRecord[], types: AlertTypes): string {
  return csvLines(alerts.map((alert) => COLUMNS.map(([, cell]) => cell(alert, types))));
}

/** All rows of an aggregated alert, a column per parameter. */
export function violationsCsv(alert: StoredAlert): string {
  const names = [...new Set(alert.violations.flatMap((row) => Object.keys(row.parameters)))];
  const header = ['First detection', 'Last detection', 'Source device', 'Destination device', ...names, 'Detections'];
  const rows = alert.violations.map((row) => [
    formatInstant(row.time),
    formatInstant(row.lastTime),
    deviceLabel(row.source),
    deviceLabel(row.destination),
    ...names.map((name) => String(row.parameters[name] ?? '')),
    String(row.count),
  ]);
  return csvHeaderLine(header) + csvLines(rows);
}
