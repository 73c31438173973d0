/** Alerts as CSV: every column of the grid in its order. */
import { formatInstant } from '@annunciator/core/time';
import type { AlertRecord, StoredAlert } from '@annunciator/store/alert-query';
import { deviceLabel } from './alert-view.ts';
import type { AlertTypes } from './alert-types.ts';
import { type CsvColumn, csvHeaderLine, csvLines, csvRowsOf } from '../http/csv.ts';

function columnsOf(types: AlertTypes): readonly CsvColumn<AlertRecord>[] {
  const tactics = new Map(types.all().map((type) => [type.id, type.tactics.map((tactic) => tactic.name).join('; ')]));
  return [
    ['Severity', (alert) => types.shownSeverity(alert)],
    ['Name', (alert) => alert.title],
    ['Site', (alert) => alert.site],
    ['Engine', (alert) => types.engineName(alert.engine)],
    ['Last detection', (alert) => formatInstant(alert.lastDetection)],
    ['Status', (alert) => alert.status],
    ['Source device', (alert) => deviceLabel(alert.source)],
    ['Tactics', (alert) => tactics.get(alert.type) ?? ''],
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
}

/** The header, and what makes lines of alerts. */
export function alertCsv(types: AlertTypes): { readonly header: string; readonly lines: (alerts: readonly AlertRecord[]) => string } {
  const columns = columnsOf(types);
  return { header: csvHeaderLine(columns.map(([header]) => header)), lines: (alerts) => csvRowsOf(columns, alerts) };
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
