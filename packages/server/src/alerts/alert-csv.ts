/** Alerts as CSV: every column of the grid in its order. */
import { ENGINES } from '@annunciator/core/alert';
import { formatInstant } from '@annunciator/core/time';
import type { ExportedColumn, StoredAlert } from '@annunciator/store/alert-query';
import { deviceLabel } from './alert-view.ts';
import type { AlertTypes } from './alert-types.ts';
import { csvHeaderLine, csvLines } from '@annunciator/core/csv';

/** Columns as the store exports them. */
export function exportedColumns(types: AlertTypes): readonly ExportedColumn[] {
  const tactics = new Map(types.all().map((type) => [type.id, type.tactics.map((tactic) => tactic.name).join('; ')]));
  const engines = new Map(ENGINES.map((engine) => [engine, types.engineName(engine)]));
  return [
    { header: 'Severity', value: types.console === 'sensor' ? 'sensorSeverity' : 'severity' },
    { header: 'Name', value: 'title' },
    { header: 'Site', value: 'site' },
    { header: 'Engine', value: 'engine', words: engines },
    { header: 'Last detection', value: 'lastDetection' },
    { header: 'Status', value: 'status' },
    { header: 'Source device', value: 'sourceDevice' },
    { header: 'Tactics', value: 'type', words: tactics },
    { header: 'Source device address', value: 'sourceAddress' },
    { header: 'Destination device address', value: 'destinationAddress' },
    { header: 'Destination device', value: 'destinationDevice' },
    { header: 'First detection', value: 'firstDetection' },
    { header: 'ID', value: 'id' },
    { header: 'Last activity', value: 'lastActivity' },
    { header: 'Protocol', value: 'protocol' },
    { header: 'Sensor', value: 'sensor' },
    { header: 'Zone', value: 'zone' },
    { header: 'Category', value: 'category' },
    { header: 'Type', value: 'type' },
    { header: 'Message', value: 'message' },
    { header: 'Detections', value: 'count' },
  ];
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
