/**
 * Alerts as OCSF Detection Findings (schema.ocsf.io, class 2004 of version 1.4.0), one JSON object a line.
 * Times are milliseconds since 1970; what OCSF has no name for is in `unmapped`.
 */
import { findAlertType } from '@annunciator/core/catalogue';
import type { AlertDocument, AnalysisDocument } from '@annunciator/sensor/analysis/document';
import { VERSION } from '../version.ts';
import type { Report } from './format.ts';
import { applicationOf, ipProtocol, type TransportOf, transports } from './transport.ts';

const SCHEMA_VERSION = '1.4.0';
const CLASS = 2004;

/** `severity_id` and its caption. */
const SEVERITY: Readonly<Record<string, readonly [number, string]>> = {
  Critical: [5, 'Critical'],
  Major: [4, 'High'],
  Minor: [3, 'Medium'],
  Warning: [2, 'Low'],
};

/** `activity_id` and `status_id` with their captions, by our status. */
const LIFE: Readonly<Record<string, { activity: readonly [number, string]; status: readonly [number, string] }>> = {
  New: { activity: [1, 'Create'], status: [1, 'New'] },
  Active: { activity: [2, 'Update'], status: [2, 'In Progress'] },
  Closed: { activity: [3, 'Close'], status: [4, 'Resolved'] },
};

/** `type_id` of the analytic, with its caption, by engine: the baseline's engines compare with behaviour, the others are rules. */
const ANALYTIC: Readonly<Record<string, readonly [number, string]>> = {
  PolicyViolation: [2, 'Behavioral'],
  Anomaly: [2, 'Behavioral'],
};

export function* ocsf({ document }: Report): Iterable<string> {
  const transportOf = transports(document.connections);
  for (const alert of document.alerts) yield `${JSON.stringify(finding(alert, document, transportOf))}\n`;
}

function finding(alert: AlertDocument, { capture }: AnalysisDocument, transportOf: TransportOf): object {
  const type = findAlertType(alert.type);
  const { activity, status } = LIFE[alert.status] ?? LIFE['New'];
  const [severityId, severity] = SEVERITY[alert.severity] ?? [99, alert.severity];
  const [analyticId, analytic] = ANALYTIC[alert.engine] ?? [1, 'Rule'];
  const first = Date.parse(alert.firstDetection);
  const last = Date.parse(alert.lastDetection);
  return {
    category_uid: 2,
    category_name: 'Findings',
    class_uid: CLASS,
    class_name: 'Detection Finding',
    type_uid: CLASS * 100 + activity[0],
    type_name: `Detection Finding: ${activity[1]}`,
    activity_id: activity[0],
    activity_name: activity[1],
    time: first,
    start_time: first,
    end_time: last,
    count: alert.count,
    severity_id: severityId,
    severity,
    status_id: status[0],
    status: status[1],
    is_alert: alert.status !== 'Closed',
    message: alert.message,
    metadata: {
      version: SCHEMA_VERSION,
      uid: alert.id,
      product: { name: 'Annunciator', vendor_name: 'Annunciator', version: VERSION, feature: { name: 'analyze' } },
      log_name: capture.files.join(', '),
      original_time: alert.firstDetection,
    },
    finding_info: {
      uid: alert.id,
      title: alert.title,
      desc: type?.description ?? alert.message,
      types: [alert.category],
      created_time: first,
      first_seen_time: first,
      last_seen_time: last,
      analytic: { uid: alert.type, name: alert.title, category: alert.engine, type_id: analyticId, type: analytic },
      attacks: attacks(alert),
    },
    remediation: type && type.remediation.length > 0 ? { desc: type.remediation.join('\n') } : undefined,
    evidences: evidences(alert, transportOf(alert)),
    observables: observables(alert),
    unmapped: {
      expected: alert.expected,
      seen: alert.seen,
      protocol: alert.protocol,
      frames: alert.frames,
      violations: alert.violations,
      learnable: alert.learnable,
    },
  };
}

/** A tactic or technique each: the catalogue does not say which technique serves which tactic. */
function attacks(alert: AlertDocument): object[] {
  const type = findAlertType(alert.type);
  const named = (names: readonly { id: string; name: string }[] | undefined): { uid: string; name: string }[] =>
    names?.map(({ id, name }) => ({ uid: id, name })) ?? [];
  return [
    ...named(type?.tactics).map((tactic) => ({ version: 'ICS', tactic })),
    ...named(type?.techniques).map((technique) => ({ version: 'ICS', technique })),
  ];
}

type End = NonNullable<AlertDocument['source']>;

function evidences(alert: AlertDocument, transport: string | null): object[] | undefined {
  if (!alert.source && !alert.destination) return undefined;
  const service = applicationOf(alert);
  const carrier = ipProtocol(transport);
  return [
    {
      src_endpoint: alert.source ? networkEndpoint(alert.source, service) : undefined,
      dst_endpoint: alert.destination ? networkEndpoint(alert.destination, service) : undefined,
      // Direction 0: unknown; whose side an end is on, a capture does not tell.
      connection_info: carrier && {
        direction_id: 0,
        direction: 'Unknown',
        protocol_name: carrier.name.toLowerCase(),
        protocol_num: carrier.number,
      },
      data: { frames: alert.frames, expected: alert.expected, seen: alert.seen },
    },
  ];
}

function networkEndpoint(end: End, service: string | undefined): object {
  return {
    uid: end.device,
    ip: end.ip ?? undefined,
    mac: end.mac ?? undefined,
    port: end.port ?? undefined,
    svc_name: service,
  };
}

/** Addresses a reader may pivot on; `type_id` 2 is an IP address, 3 a MAC address. */
function observables(alert: AlertDocument): object[] {
  const found: object[] = [];
  for (const [side, end] of [
    ['src_endpoint', alert.source],
    ['dst_endpoint', alert.destination],
  ] as const) {
    if (end?.ip) found.push({ name: `evidences[].${side}.ip`, type_id: 2, type: 'IP Address', value: end.ip });
    if (end?.mac) found.push({ name: `evidences[].${side}.mac`, type_id: 3, type: 'MAC Address', value: end.mac });
  }
  return found;
}
