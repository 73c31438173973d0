/** The JSON document of an analysis. Its shape is a contract that outlasts redesigns (docs/reference/analyze.md). */
import type { Alert, Endpoint } from '@annunciator/core/alert';
import { findAlertType } from '@annunciator/core/catalogue';
import { REVIEW_NAMES, type ReviewItem } from '@annunciator/core/review';
import { formatInstant, instant } from '@annunciator/core/time';
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';
import { lineOf } from '../baseline/entry.ts';
import type { Device } from '../inventory/device.ts';
import type { Sensor } from '../sensor.ts';
import type { Analysis } from './analysis.ts';
import { connectionProtocol, transportName } from './connection-names.ts';
import { operationNames } from '../path/operation-names.ts';

type Counts = Record<string, number>;

export interface ProtocolDocument {
  packets: number;
  bytes: number;
  operations: Counts;
  violations: Counts;
  fields?: Record<string, Counts>;
}

export interface DeviceDocument {
  id: string;
  macs: readonly string[];
  ips: readonly string[];
  vendor: string;
  type: string;
  name: string;
  model: string;
  firmware: string;
  roles: readonly string[];
  protocols: readonly string[];
  purdueLevel: number | null;
  firstSeen: string;
  lastSeen: string;
  packets: number;
}

export interface ConnectionDocument {
  source: string;
  destination: string;
  protocol: string;
  /** `tcp`, `udp`, `ip-<number>` or `ethertype-0x<number>`: what the protocol runs on. */
  transport: string;
  port: number;
  packets: number;
  bytes: number;
  operations: Counts;
  /** What TLS and SSH showed in clear; absent without. */
  handshakes?: HandshakeDocument;
}

export interface HandshakeDocument {
  fingerprints: {
    /** `ja4`, `hassh` or `hassh-server`. */
    kind: string;
    value: string;
    /** Server name asked for, or the software that an SSH side names. */
    about: string;
  }[];
  certificates: {
    subject: string;
    issuer: string;
    notBefore: string;
    notAfter: string;
    names: string[];
  }[];
}

export interface AlertDocument {
  id: string;
  type: string;
  title: string;
  engine: string;
  severity: string;
  category: string;
  status: string;
  source: Pick<Endpoint, 'device' | 'ip' | 'mac' | 'port'> | null;
  destination: Pick<Endpoint, 'device' | 'ip' | 'mac' | 'port'> | null;
  protocol: string | null;
  message: string;
  expected: string;
  seen: string;
  firstDetection: string;
  lastDetection: string;
  count: number;
  frames: readonly number[];
  violations: readonly { time: string; source: string; destination: string; parameters: object; count: number }[];
  tactics: readonly string[];
  techniques: readonly string[];
  learnable: boolean;
  pcap: Alert['pcap'];
}

export interface ReviewDocument {
  id: string;
  kind: string;
  title: string;
  source: AlertDocument['source'];
  destination: AlertDocument['destination'];
  protocol: string | null;
  message: string;
  firstSeen: string;
  lastSeen: string;
  count: number;
  /** Of the FILEs, or of the captures that were learned from. */
  frames: readonly number[];
  learnedBefore: boolean;
  /** Entries of the baseline that wait for a decision. */
  learns: readonly string[];
}

export interface AnalysisDocument {
  capture: {
    files: readonly string[];
    formats: readonly string[];
    linkTypes: readonly string[];
    packets: number;
    bytes: number;
    firstTime: string | null;
    lastTime: string | null;
    truncated: boolean;
    skipped: Readonly<Counts>;
  };
  protocols: Record<string, ProtocolDocument>;
  devices: DeviceDocument[];
  connections: ConnectionDocument[];
  alerts: AlertDocument[];
  review: ReviewDocument[];
  timing: { seconds: number; packetsPerSecond: number; megabitsPerSecond: number; peakRssBytes: number };
}

/** Builds the document. `fields` adds the counted fields of each protocol. */
export function analysisDocument(analysis: Analysis, fields: boolean): AnalysisDocument {
  const { sensor, summary } = analysis;
  const time = (seconds: number, nanoseconds: number): string => formatInstant(instant(seconds, nanoseconds), summary.decimals);
  return {
    capture: {
      files: summary.files,
      formats: summary.formats,
      linkTypes: summary.linkTypes,
      packets: summary.packets,
      bytes: summary.bytes,
      firstTime: summary.firstTime === null ? null : formatInstant(summary.firstTime, summary.decimals),
      lastTime: summary.lastTime === null ? null : formatInstant(summary.lastTime, summary.decimals),
      truncated: summary.truncated,
      skipped: summary.skipped,
    },
    protocols: protocolDocuments(sensor, fields),
    devices: deviceDocuments(sensor, summary.decimals, time),
    connections: connectionDocuments(sensor),
    alerts: analysis.alerts.map((alert) => alertDocument(alert, summary.decimals)),
    review: sensor.review.items().map((item) => reviewDocument(item, sensor.review.isRestored(item.id), summary.decimals)),
    timing: {
      seconds: round(analysis.seconds, 3),
      packetsPerSecond: Math.round(summary.packets / Math.max(analysis.seconds, 1e-6)),
      megabitsPerSecond: round((summary.bytes * 8) / 1e6 / Math.max(analysis.seconds, 1e-6), 1),
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    },
  };
}

function protocolDocuments(sensor: Sensor, fields: boolean): Record<string, ProtocolDocument> {
  const { observer } = sensor;
  const name = operationNames(sensor.dissectors);
  const documents = new Map<string, ProtocolDocument>();
  const of = (id: string): ProtocolDocument => {
    let document = documents.get(id);
    if (!document) documents.set(id, (document = { packets: 0, bytes: 0, operations: {}, violations: {} }));
    return document;
  };
  observer.packets.forEach((packets, index) => {
    if (packets === 0) return;
    const document = of(PROTOCOL_BY_INDEX[index]?.id ?? `protocol ${index}`);
    document.packets = packets;
    document.bytes = observer.bytes[index];
  });
  sensor.connections.forEachOperation((_row, protocol, code, _role, count) => {
    const { operations } = of(PROTOCOL_BY_INDEX[protocol]?.id ?? `protocol ${protocol}`);
    const operation = name(protocol, code);
    operations[operation] = (operations[operation] ?? 0) + count;
  });
  for (const [id, names] of observer.violations) of(id).violations = Object.fromEntries([...names].sort(([x], [y]) => (x < y ? -1 : 1)));
  if (fields) for (const id of observer.fields.protocols) of(id).fields = observer.fields.of(id);
  for (const document of documents.values()) document.operations = sorted(document.operations);
  return sorted(Object.fromEntries(documents));
}

function deviceDocuments(sensor: Sensor, decimals: number, time: (seconds: number, nanoseconds: number) => string): DeviceDocument[] {
  const { inventory } = sensor;
  const document = (device: Device): DeviceDocument => ({
    id: device.id,
    macs: device.macs,
    ips: device.ips,
    vendor: device.vendor,
    type: device.type,
    name: device.name,
    model: device.model,
    firmware: device.firmware,
    roles: [...device.roles].sort(),
    protocols: [...device.protocols]
      .map((index) => PROTOCOL_BY_INDEX[index]?.id ?? '')
      .filter(Boolean)
      .sort(),
    purdueLevel: device.purdueLevel,
    firstSeen: formatInstant(device.firstSeen, decimals),
    lastSeen:
      inventory.activity.packets(device.party) > 0
        ? time(inventory.activity.lastSeconds(device.party), inventory.activity.lastNanoseconds(device.party))
        : formatInstant(device.firstSeen, decimals),
    packets: inventory.activity.packets(device.party),
  });
  return inventory.devices
    .filter((device) => device.sent)
    .sort((x, y) => (x.firstSeen < y.firstSeen ? -1 : x.firstSeen > y.firstSeen ? 1 : x.id < y.id ? -1 : 1))
    .map(document);
}

function connectionDocuments(sensor: Sensor): ConnectionDocument[] {
  const { connections, inventory } = sensor;
  const totals = sensor.path.totals();
  const name = operationNames(sensor.dissectors);
  const operations = new Map<number, Counts>();
  connections.forEachOperation((row, protocol, code, _role, count) => {
    let counts = operations.get(row);
    if (!counts) operations.set(row, (counts = {}));
    const operation = name(protocol, code);
    counts[operation] = (counts[operation] ?? 0) + count;
  });
  const documents: ConnectionDocument[] = [];
  for (let row = 1; row < connections.count; row++) {
    if (totals.packets[row] === 0 && !operations.has(row)) continue;
    const handshakes = handshakeDocument(sensor, row);
    documents.push({
      source: inventory.nameOf(connections.client(row)),
      destination: inventory.nameOf(connections.server(row)),
      protocol: connectionProtocol(connections.protocol(row), connections.transport(row)),
      transport: transportName(connections.transport(row)),
      port: connections.port(row),
      packets: totals.packets[row],
      bytes: totals.bytes[row],
      operations: sorted(operations.get(row) ?? {}),
      ...(handshakes && { handshakes }),
    });
  }
  return documents;
}

function handshakeDocument(sensor: Sensor, connection: number): HandshakeDocument | undefined {
  const shown = sensor.observer.handshakes.of(connection);
  return (
    shown && {
      fingerprints: shown.fingerprints.map(({ kind, value, about }) => ({ kind, value, about })),
      certificates: shown.certificates.map(({ subject, issuer, notBefore, notAfter, names }) => ({
        subject,
        issuer,
        notBefore: formatInstant(instant(notBefore, 0), 0),
        notAfter: formatInstant(instant(notAfter, 0), 0),
        names: [...names],
      })),
    }
  );
}

function endpoint(end: Endpoint | null): AlertDocument['source'] {
  return end && { device: end.device, ip: end.ip, mac: end.mac, port: end.port };
}

export function alertDocument(alert: Alert, decimals: number): AlertDocument {
  const type = findAlertType(alert.type);
  return {
    id: alert.id,
    type: alert.type,
    title: alert.title,
    engine: alert.engine,
    severity: alert.severity,
    category: alert.category,
    status: alert.status,
    source: endpoint(alert.source),
    destination: endpoint(alert.destination),
    protocol: alert.protocol,
    message: alert.message,
    expected: alert.expected,
    seen: alert.seen,
    firstDetection: formatInstant(alert.firstDetection, decimals),
    lastDetection: formatInstant(alert.lastDetection, decimals),
    count: alert.count,
    frames: alert.frames,
    violations: alert.violations.map((violation) => ({
      time: formatInstant(violation.time, decimals),
      source: violation.source?.device ?? '',
      destination: violation.destination?.device ?? '',
      parameters: violation.parameters,
      count: violation.count,
    })),
    tactics: type?.tactics.map((tactic) => tactic.id) ?? [],
    techniques: type?.techniques.map((technique) => technique.id) ?? [],
    learnable: type?.learnable ?? false,
    pcap: alert.pcap,
  };
}

function reviewDocument(item: ReviewItem, learnedBefore: boolean, decimals: number): ReviewDocument {
  const { id, kind, detection, count, frames, learn } = item;
  return {
    id,
    kind,
    title: REVIEW_NAMES[kind],
    source: endpoint(detection.source),
    destination: endpoint(detection.destination),
    protocol: detection.protocol,
    message: detection.message,
    firstSeen: formatInstant(item.firstSeen, decimals),
    lastSeen: formatInstant(item.lastSeen, decimals),
    count,
    frames,
    learnedBefore,
    learns: learn.map(lineOf),
  };
}

function sorted<V>(record: Record<string, V>): Record<string, V> {
  return Object.fromEntries(Object.entries(record).sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0)));
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
