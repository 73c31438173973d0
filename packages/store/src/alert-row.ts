/**
 * Alerts as rows: what lists show as columns, the evidence as JSON in a table of its own, so that a change of status
 * does not write the evidence again.
 */
import type { Alert, Endpoint, Violation } from '@annunciator/core/alert';
import { PORTAL_SEVERITIES, SEVERITIES } from '@annunciator/core/alert';
import type { DataSource } from '@annunciator/core/alert-type';
import { findAlertType } from '@annunciator/core/catalogue';
import { isFlood } from '@annunciator/core/life-cycle';
import { shownSeverity } from '@annunciator/core/severity';
import type { Insertable } from 'kysely';
import type { DecidedAlert, IndexedAlert } from './alert-index/columns.ts';
import type { AlertRecord, StoredAlert } from './alert-query.ts';
import type { AlertsTable } from './schema.ts';
import { textHash } from './text-hash.ts';

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

/** Tactics in one column, with a mark between them. */
export const TACTIC_MARK = '\n';

/** The row of an alert. */
export function alertRow(alert: StoredAlert, change: number, tactics: readonly string[]): Insertable<AlertsTable> {
  const { source, destination } = alert;
  return {
    id: alert.id,
    change,
    born: change,
    revision: alert.revision,
    severity_rank: severityRank(alert),
    severity: alert.severity,
    portal_severity: alert.portalSeverity,
    title: alert.title,
    engine: alert.engine,
    first_detection: alert.firstDetection,
    last_detection: alert.lastDetection,
    last_activity: alert.lastActivity,
    status: alert.status,
    disposition: alert.disposition,
    close_reason: alert.closeReason,
    category: alert.category,
    type: alert.type,
    protocol: alert.protocol,
    source_id: source?.device ?? null,
    source_name: source?.name ?? null,
    source_address: source?.ip ?? null,
    source_mac: source?.mac ?? null,
    source_port: source?.port ?? null,
    destination_id: destination?.device ?? null,
    destination_name: destination?.name ?? null,
    destination_address: destination?.ip ?? null,
    destination_mac: destination?.mac ?? null,
    destination_port: destination?.port ?? null,
    sensor: alert.sensor,
    site: alert.site,
    zone: alert.zone,
    tactics: tactics.join(TACTIC_MARK),
    message: alert.message,
    count: alert.count,
    violations: alert.violations.length,
    flood: isFlood(alert) ? 1 : 0,
    pcap_state: alert.pcap.state,
    pcap_reason: alert.pcap.reason,
    data_source: alert.dataSource ?? null,
    security_group: alert.securityGroup ?? null,
    traffic: alert.key,
    traffic_hash: textHash(alert.key),
  };
}

/** What the index needs of a row that was written under a sequence number. */
export function indexedAlert(row: Insertable<AlertsTable>, seq: number, born: number): IndexedAlert {
  const source: Named = [row.source_name, row.source_address, row.source_mac, row.source_id];
  const destination: Named = [row.destination_name, row.destination_address, row.destination_mac, row.destination_id];
  return {
    seq,
    id: row.id,
    change: Number(row.change),
    born,
    severity: Number(row.severity_rank),
    title: row.title,
    engine: row.engine,
    firstDetection: Number(row.first_detection / 1000n),
    lastDetection: Number(row.last_detection / 1000n),
    lastActivity: Number(row.last_activity / 1000n),
    status: row.status,
    disposition: row.disposition,
    category: row.category,
    type: row.type,
    protocol: row.protocol ?? '',
    sourceId: row.source_id ?? '',
    sourceDevice: deviceName(source),
    sourceAddress: row.source_address ?? '',
    destinationId: row.destination_id ?? '',
    destinationDevice: deviceName(destination),
    destinationAddress: row.destination_address ?? '',
    sensor: row.sensor,
    site: row.site,
    zone: row.zone,
    tactics: row.tactics,
    dataSource: row.data_source ?? '',
    securityGroup: row.security_group ?? '',
    traffic: Number(row.traffic_hash),
    message: searchedMessage(row.message, row.source_mac, row.destination_mac),
  };
}

/** What the index needs of a decision about an alert. */
export function decidedAlert(alert: StoredAlert, seq: number, change: number): DecidedAlert {
  const { status, disposition, lastActivity } = alert;
  return { seq, change, severity: severityRank(alert), lastActivity: Number(lastActivity / 1000n), status, disposition };
}

/** Name, IP address, MAC address and id of a device. */
type Named = readonly (string | null | undefined)[];

/** What the grid calls a device: its name, else its IP address, else its MAC address. */
export function deviceName(parts: Named): string {
  return parts.find((part) => part !== null && part !== undefined) ?? '';
}

/** The message, and what is searched for beside it. */
export function searchedMessage(message: string, ...more: readonly (string | null | undefined)[]): string {
  return [message, ...more.filter((part) => part)].join(' ');
}

/** The evidence of an alert, as text. */
export function evidenceOf({ expected, seen, parameters, frames, learn, internet, violationsDropped }: StoredAlert): string {
  return JSON.stringify({ expected, seen, parameters, frames, learn, internet, violationsDropped });
}

type Evidence = Pick<Alert, 'expected' | 'seen' | 'parameters' | 'frames' | 'learn' | 'internet' | 'violationsDropped'>;

/** What lists read of a row, in the order of {@link RecordRow}. Times in microseconds: a number holds them, and lists show no more. */
export const RECORD_COLUMNS = `id, revision, severity, portal_severity, title, engine, first_detection / 1000, last_detection / 1000,
  last_activity / 1000, status, disposition, close_reason, category, type, protocol, source_id, source_name, source_address, source_mac,
  source_port, destination_id, destination_name, destination_address, destination_mac, destination_port, sensor, site, zone, message,
  count, violations, flood, pcap_state, pcap_reason, data_source, security_group`;

type Text = string | null;
/** An array, because objects cost three times as much to read and to hand from thread to thread. */
export type RecordRow = readonly [
  ...[id: string, revision: number, severity: string, portalSeverity: Text, title: string, engine: string],
  ...[firstDetection: number, lastDetection: number, lastActivity: number, status: string, disposition: string, closeReason: Text],
  ...[category: string, type: string, protocol: Text],
  ...[sourceId: Text, sourceName: Text, sourceIp: Text, sourceMac: Text, sourcePort: number | null],
  ...[destinationId: Text, destinationName: Text, destinationIp: Text, destinationMac: Text, destinationPort: number | null],
  ...[sensor: string, site: string, zone: string, message: string, count: number, violations: number, flood: number],
  ...[pcapState: string, pcapReason: Text, dataSource: Text, securityGroup: Text],
];

/** What lists need of a row. */
export function recordOf(row: RecordRow): AlertRecord {
  const [
    id,
    revision,
    severity,
    portalSeverity,
    title,
    engine,
    firstDetection,
    lastDetection,
    lastActivity,
    status,
    disposition,
    closeReason,
    category,
    type,
    protocol,
    sourceId,
    sourceName,
    sourceIp,
    sourceMac,
    sourcePort,
    destinationId,
    destinationName,
    destinationIp,
    destinationMac,
    destinationPort,
    sensor,
    site,
    zone,
    message,
    count,
    violations,
    flood,
    pcapState,
    pcapReason,
    dataSource,
    securityGroup,
  ] = row;
  return {
    id,
    revision,
    // The words were written by this file from the types' own.
    severity: severity as AlertRecord['severity'],
    portalSeverity: portalSeverity as AlertRecord['portalSeverity'],
    title,
    engine: engine as AlertRecord['engine'],
    firstDetection: BigInt(firstDetection) * 1000n,
    lastDetection: BigInt(lastDetection) * 1000n,
    lastActivity: BigInt(lastActivity) * 1000n,
    status: status as AlertRecord['status'],
    disposition: disposition as AlertRecord['disposition'],
    closeReason: closeReason as AlertRecord['closeReason'],
    category,
    type,
    protocol,
    source: endpointOf(sourceId, sourceName, sourceIp, sourceMac, sourcePort),
    destination: endpointOf(destinationId, destinationName, destinationIp, destinationMac, destinationPort),
    sensor,
    site,
    zone,
    message,
    count,
    violationCount: violations,
    flood: flood === 1,
    pcap: { state: pcapState as AlertRecord['pcap']['state'], reason: pcapReason },
    ...(dataSource === null ? {} : { dataSource: dataSource as DataSource }),
    ...(securityGroup === null ? {} : { securityGroup }),
  };
}

function endpointOf(device: Text, name: Text, ip: Text, mac: Text, port: number | null): Endpoint | null {
  return device === null ? null : { device, name, ip, mac, port };
}

/** What is read of a whole alert: what lists read, what the times have below a microsecond, and the rest. */
export const WHOLE_COLUMNS = `${RECORD_COLUMNS}, first_detection % 1000, last_detection % 1000, last_activity % 1000, traffic, body, seq`;
export type WholeRow = readonly [
  ...RecordRow,
  first: number,
  last: number,
  activity: number,
  traffic: string,
  evidence: string,
  seq: number,
];
const FURTHER = 36;

/** Place of the number of violations and of the sequence number in a row. */
export function violationsOf(row: WholeRow): number {
  return row[30];
}

export function seqOf(row: WholeRow): number {
  return row[41];
}

/** The whole alert of a row with its violations. */
export function alertOf(row: WholeRow, violations: readonly Violation[]): StoredAlert {
  // The first columns are those of a record.
  const { violationCount: _count, flood: _flood, ...record } = recordOf(row.slice(0, FURTHER) as unknown as RecordRow);
  const [first, last, activity, key, evidence] = row.slice(FURTHER) as [number, number, number, string, string, number];
  return {
    ...record,
    firstDetection: record.firstDetection + BigInt(first),
    lastDetection: record.lastDetection + BigInt(last),
    lastActivity: record.lastActivity + BigInt(activity),
    // Written by evidenceOf.
    ...(JSON.parse(evidence) as Evidence),
    key,
    violations,
  };
}

export function violationBody({ time, lastTime, ...rest }: Violation): string {
  return JSON.stringify({ ...rest, times: [String(time), String(lastTime)] });
}

export function violationOf(body: string): Violation {
  const { times, ...rest } = JSON.parse(body);
  const [time, lastTime] = times.map(BigInt);
  return { ...rest, time, lastTime };
}
