/**
 * Alerts as CSV (RFC 4180), one row each, with the document's names as columns. Cells that a spreadsheet would run as a
 * formula begin with an apostrophe instead, because names in them come from the network.
 */
import type { AlertDocument } from '@annunciator/sensor/analysis/document';
import type { Report } from './format.ts';

type Cell = string | number | boolean | null | undefined;

const COLUMNS: readonly (readonly [name: string, cell: (alert: AlertDocument) => Cell])[] = [
  ['id', (alert) => alert.id],
  ['type', (alert) => alert.type],
  ['title', (alert) => alert.title],
  ['engine', (alert) => alert.engine],
  ['severity', (alert) => alert.severity],
  ['category', (alert) => alert.category],
  ['status', (alert) => alert.status],
  ['source.device', (alert) => alert.source?.device],
  ['source.ip', (alert) => alert.source?.ip],
  ['source.mac', (alert) => alert.source?.mac],
  ['source.port', (alert) => alert.source?.port],
  ['destination.device', (alert) => alert.destination?.device],
  ['destination.ip', (alert) => alert.destination?.ip],
  ['destination.mac', (alert) => alert.destination?.mac],
  ['destination.port', (alert) => alert.destination?.port],
  ['protocol', (alert) => alert.protocol],
  ['message', (alert) => alert.message],
  ['expected', (alert) => alert.expected],
  ['seen', (alert) => alert.seen],
  ['firstDetection', (alert) => alert.firstDetection],
  ['lastDetection', (alert) => alert.lastDetection],
  ['count', (alert) => alert.count],
  ['frames', (alert) => alert.frames.join(' ')],
  ['violations', (alert) => alert.violations.length],
  ['tactics', (alert) => alert.tactics.join(' ')],
  ['techniques', (alert) => alert.techniques.join(' ')],
  ['learnable', (alert) => alert.learnable],
  ['pcap', (alert) => alert.pcap.state],
];

export function* csv({ document }: Report): Iterable<string> {
  yield row(COLUMNS.map(([name]) => name));
  for (const alert of document.alerts) yield row(COLUMNS.map(([, cell]) => cell(alert)));
}

function row(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** One cell: quoted where it must be, harmless to spreadsheets. */
export function csvCell(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const harmless = /^\s*[=+\-@\t\r＝＋－＠]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
