/** What happened, for a person at a terminal: the captures, the devices, who speaks what, the alerts, and a last line. */
import { styleText } from 'node:util';
import { SEVERITIES } from '@annunciator/core/alert';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import type { AnalysisDocument, ConnectionDocument, DeviceDocument } from '@annunciator/sensor/analysis/document';
import { alertLines, bySeverity } from './text-alerts.ts';
import type { Report } from './format.ts';
import { counted, printable, someOf, wrap } from './printable.ts';
import { table } from './table.ts';

/** Lines of a list before "and N more". */
const MAX_DEVICES = 40;
const MAX_CONNECTIONS = 40;
const MAX_ALERTS = 200;
const MAX_REVIEW = 40;

export function* text(report: Report): Iterable<string> {
  const { document, width } = report;
  yield* block(captureLines(report));
  yield* section(report, `DEVICES (${document.devices.length})`, deviceLines(document.devices, width));
  yield* section(report, 'WHO SPEAKS WHAT', connectionLines(document, width));
  if (document.alerts.length > 0) {
    yield* section(report, `ALERTS (${document.alerts.length})`, []);
    const ordered = document.alerts.toSorted(bySeverity);
    for (const alert of ordered.slice(0, MAX_ALERTS)) yield* block(['', ...alertLines(alert, report)]);
    if (ordered.length > MAX_ALERTS) yield `\nand ${ordered.length - MAX_ALERTS} more alerts; --format json has them all\n`;
  }
  if (document.review.length > 0) {
    yield* section(report, `TO REVIEW (${document.review.length})`, reviewLines(report));
  }
  yield* block(['', ...lastLines(report)]);
}

function* block(lines: readonly string[]): Iterable<string> {
  for (const line of lines) yield `${line}\n`;
}

function* section(report: Report, title: string, lines: readonly string[]): Iterable<string> {
  yield* block(['', report.colour ? styleText('bold', title, { validateStream: false }) : title, ...lines.map((line) => `  ${line}`)]);
}

function captureLines({ document: { capture, protocols, timing }, damages, width }: Report): string[] {
  const lines = wrap(printable(`${counted(capture.files.length, 'capture')}: ${capture.files.join(', ')}`), width);
  const size = `${counted(capture.packets, 'packet')}, ${bytes(capture.bytes)}, ${[...capture.formats, ...capture.linkTypes].join(', ')}; read in ${timing.seconds} s`;
  lines.push(size);
  if (capture.firstTime !== null && capture.lastTime !== null)
    lines.push(`${capture.firstTime} to ${capture.lastTime} (${span(Date.parse(capture.lastTime) - Date.parse(capture.firstTime))})`);
  const ids = Object.entries(protocols)
    .sort(([, x], [, y]) => y.packets - x.packets)
    .map(([id, protocol]) => `${id} ${protocol.packets.toLocaleString('en')}`);
  if (ids.length > 0) lines.push(`Packets by protocol: ${someOf(ids, width - 21)}`);
  const malformed = Object.entries(protocols).flatMap(([id, { violations }]) =>
    Object.entries(violations).map(([name, count]) => `${id} ${name} ${count.toLocaleString('en')}`),
  );
  if (malformed.length > 0) lines.push(`Against the standards: ${someOf(malformed, width - 23)}`);
  const skipped = Object.entries(capture.skipped).map(([reason, count]) => `${count.toLocaleString('en')} ${reason}`);
  if (skipped.length > 0) lines.push(`Not decoded: ${someOf(skipped, width - 13)}`);
  for (const damage of damages) lines.push(...wrap(printable(damage), width));
  return lines;
}

function deviceLines(devices: readonly DeviceDocument[], width: number): string[] {
  if (devices.length === 0) return ['none sent anything'];
  const rows = devices.slice(0, MAX_DEVICES).map((device) => {
    const model = [device.model, device.firmware && `firmware ${device.firmware}`].filter(Boolean).join(', ');
    // A device known by its MAC before it had an address keeps that id: both are told.
    const address = device.ips[0] && device.ips[0] !== device.id ? `${device.id} ${device.ips[0]}` : device.id;
    return [address, device.name, device.vendor, device.type, model, device.protocols.join(' '), device.packets.toLocaleString('en')].map(
      printable,
    );
  });
  const columns = [
    { title: 'Address' },
    { title: 'Name', least: 8 },
    { title: 'Vendor', least: 12 },
    { title: 'Type', least: 10 },
    { title: 'Model', least: 8 },
    { title: 'Protocols', least: 14 },
    { title: 'Packets', align: 'right' as const },
  ];
  // A column in which nobody has anything only costs space.
  const used = columns.map((_, at) => rows.some((row) => row[at] !== ''));
  const keep = <T>(cells: readonly T[]): T[] => cells.filter((_, at) => used[at]);
  return [...table(keep(columns), rows.map(keep), width - 2), ...more(devices.length, MAX_DEVICES, 'devices')];
}

const OT_PROTOCOLS: ReadonlySet<string> = new Set(
  Object.values(PROTOCOLS)
    .filter((protocol) => protocol.ot)
    .map((protocol) => protocol.id),
);

/** Connections of protocols that were recognised, those of plants first, the busiest first; the rest only counted. */
function connectionLines({ connections }: AnalysisDocument, width: number): string[] {
  const recognised = connections.filter(({ protocol, transport }) => protocol !== transport && protocol !== 'unknown');
  const others = connections.length - recognised.length;
  recognised.sort((x, y) => Number(OT_PROTOCOLS.has(y.protocol)) - Number(OT_PROTOCOLS.has(x.protocol)) || y.packets - x.packets);
  const rows = recognised.slice(0, MAX_CONNECTIONS);
  const ends = rows.map((row) => printable(`${row.source} -> ${row.destination}`));
  const protocols = rows.map(protocolAndPort);
  const longest = (cells: readonly string[]): number => cells.reduce((most, cell) => Math.max(most, cell.length), 0);
  // What the other columns and the gaps leave; seven characters are the title of the packets.
  const room = Math.max(width - 2 - longest(ends) - Math.max(longest(protocols), 8) - 7 - 6, 30);
  const lines = table(
    [{ title: 'From -> to', least: 30 }, { title: 'Protocol' }, { title: 'Packets', align: 'right' }, { title: 'Operations', least: 20 }],
    rows.map((row, at) => [ends[at], protocols[at], row.packets.toLocaleString('en'), operations(row, room)]),
    width - 2,
  );
  return [
    ...(rows.length > 0 ? lines : []),
    ...more(recognised.length, MAX_CONNECTIONS, 'connections'),
    ...(others > 0 ? [`${rows.length > 0 ? 'and ' : ''}${counted(others, 'connection')} whose protocol is not recognised`] : []),
    ...(connections.length === 0 ? ['nobody spoke with anybody'] : []),
  ];
}

function protocolAndPort({ protocol, port, transport }: ConnectionDocument): string {
  return port > 0 ? `${protocol} ${transport}/${port}` : protocol;
}

function operations(connection: ConnectionDocument, width: number): string {
  const names = Object.entries(connection.operations)
    .sort(([, x], [, y]) => y - x)
    .map(([name, count]) => printable(`${name} ${count.toLocaleString('en')}`));
  return someOf(names, width);
}

function more(count: number, shown: number, noun: string): string[] {
  return count > shown ? [`and ${count - shown} more ${noun}; --format json has them all`] : [];
}

/** What was seen while learning and is too dangerous to be learned by itself. */
function reviewLines({ document: { review }, width }: Report): string[] {
  const lines = ['Seen while learning, and not learned: a person decides whether it is normal.'];
  for (const item of review.slice(0, MAX_REVIEW)) {
    const where = item.learnedBefore ? ' of what was learned' : '';
    const times = item.count > 1 ? `, ${item.count.toLocaleString('en')} times` : '';
    const frames = item.frames.length > 0 ? `frame ${item.frames[0]}${item.frames.length > 1 ? ' and more' : ''}${where}` : 'no frame';
    const [head, ...rest] = wrap(printable(`${item.title}: ${item.message} (${frames}${times})`), width - 6);
    lines.push(head, ...rest.map((line) => `    ${line}`));
  }
  return [...lines, ...more(review.length, MAX_REVIEW, 'to review')];
}

const BASELINES: Readonly<Record<Report['baseline'], string>> = {
  learning: 'baseline learning: policy alerts are silent; --learn FILE or --learn-until 50% lets it judge',
  'learned before': 'baseline learned from other captures, then operational',
  'learned within': 'baseline learned from the beginning of the captures, then operational',
  'not yet operational': 'baseline learning to the end: the captures end before --learn-until',
};

function lastLines({ document: { alerts }, baseline, width }: Report): string[] {
  const counts = SEVERITIES.map((severity) => [severity, alerts.filter((alert) => alert.severity === severity).length] as const);
  const told = counts.filter(([, count]) => count > 0).map(([severity, count]) => `${count.toLocaleString('en')} ${severity}`);
  return wrap(`${counted(alerts.length, 'alert')}${told.length > 0 ? `: ${told.join(', ')}` : ''}; ${BASELINES[baseline]}`, width);
}

function bytes(count: number): string {
  if (count < 1000) return counted(count, 'byte');
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = count / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** A length of time in its two largest units. */
function span(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(3))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`;
}
