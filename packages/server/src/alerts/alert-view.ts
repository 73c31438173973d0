/**
 * Alerts as the API gives them: rows of the grid, and details. One zod schema serves the check, the type and the
 * OpenAPI document.
 */
import { ENGINES, PORTAL_SEVERITIES, SEVERITIES, STATUSES, type Endpoint, type Violation } from '@annunciator/core/alert';
import type { AlertType } from '@annunciator/core/alert-type';
import { isFlood } from '@annunciator/core/life-cycle';
import { formatInstant } from '@annunciator/core/time';
import type { AlertRecord, StoredAlert } from '@annunciator/store/alert-query';
import { z } from 'zod';
import type { AlertTypes } from './alert-types.ts';

const named = z.object({ id: z.string(), name: z.string() });
const time = z.string().describe('ISO 8601, UTC, packet or event time');

export const endpointSchema = z
  .object({
    device: z.string(),
    name: z.string().nullable(),
    ip: z.string().nullable(),
    mac: z.string().nullable(),
    port: z.number().nullable(),
  })
  .meta({ id: 'Endpoint' });

export const alertRowSchema = z
  .object({
    id: z.string(),
    revision: z.number().int().describe('Grows with each change of status, severity, Learn and Mute; for If-Match'),
    severity: z
      .enum([...PORTAL_SEVERITIES, ...SEVERITIES])
      .describe("The portal's severity, changed by a person or mapped from the sensor's; on a sensor's own console the sensor's"),
    sensorSeverity: z.enum(SEVERITIES),
    title: z.string(),
    type: z.string(),
    engine: z.enum(ENGINES),
    engineName: z.string(),
    category: z.string(),
    status: z.enum(STATUSES),
    disposition: z.enum(['none', 'learned', 'muted']),
    protocol: z.string().nullable(),
    source: endpointSchema.nullable(),
    destination: endpointSchema.nullable(),
    multipleViolations: z.boolean(),
    message: z.string(),
    count: z.number().describe('Detections so far'),
    firstDetection: time,
    lastDetection: time,
    lastActivity: time,
    sensor: z.string(),
    site: z.string(),
    zone: z.string(),
    tactics: z.array(named),
    dataSource: z.enum(['IoT Hub', 'Agent']).nullable().describe('Of devices at the hub; null for network alerts'),
    securityGroup: z.string().nullable(),
    learnable: z.boolean(),
  })
  .meta({ id: 'AlertRow' });
export type AlertRow = z.infer<typeof alertRowSchema>;

const parametersSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const violationSchema = z
  .object({
    firstTime: time,
    lastTime: time,
    source: endpointSchema.nullable(),
    destination: endpointSchema.nullable(),
    parameters: parametersSchema,
    count: z.number(),
  })
  .meta({ id: 'Violation' });

export const alertDetailsSchema = alertRowSchema
  .extend({
    description: z.string(),
    expected: z.string(),
    seen: z.string(),
    parameters: parametersSchema,
    severityChanged: z.boolean(),
    closeReason: z.string().nullable().describe('closed, learned, muted, quiet (nothing for long enough), excluded or resolved'),
    frames: z.array(z.number()),
    violations: z.array(violationSchema),
    violationsDropped: z.number(),
    techniques: z.array(named),
    remediation: z.array(z.string()),
    learns: z.array(z.string()).describe('What Learn would put into the baseline, a line each'),
    muteable: z.boolean(),
    whyNotLearn: z.string().nullable(),
    whyNotMute: z.string().nullable(),
    pcap: z.object({ state: z.enum(['available', 'requested', 'missing', 'expired']), reason: z.string().nullable() }),
  })
  .meta({ id: 'AlertDetails' });
export type AlertDetails = z.infer<typeof alertDetailsSchema>;

export function rowOf(alert: AlertRecord, types: AlertTypes): AlertRow {
  const type = types.get(alert.type);
  return {
    id: alert.id,
    revision: alert.revision,
    severity: types.shownSeverity(alert),
    sensorSeverity: alert.severity,
    title: alert.title,
    type: alert.type,
    engine: alert.engine,
    engineName: types.engineName(alert.engine),
    category: alert.category,
    status: alert.status,
    disposition: alert.disposition,
    protocol: alert.protocol,
    source: endpointOf(alert.source),
    destination: endpointOf(alert.destination),
    multipleViolations: alert.violationCount > 1,
    message: alert.message,
    count: alert.count,
    firstDetection: formatInstant(alert.firstDetection),
    lastDetection: formatInstant(alert.lastDetection),
    lastActivity: formatInstant(alert.lastActivity),
    sensor: alert.sensor,
    site: alert.site,
    zone: alert.zone,
    tactics: (type?.tactics ?? []).map(({ id, name }) => ({ id, name })),
    dataSource: alert.dataSource ?? null,
    securityGroup: alert.securityGroup ?? null,
    learnable: whyNotLearn(alert.flood, type) === null,
  };
}

/** What lists show of a whole alert. */
export function recordOf(alert: StoredAlert): AlertRecord {
  return { ...alert, violationCount: alert.violations.length, flood: isFlood(alert) };
}

export function detailsOf(alert: StoredAlert, types: AlertTypes): AlertDetails {
  const type = types.get(alert.type);
  const noMute = whyNotMute(alert, type);
  return {
    ...rowOf(recordOf(alert), types),
    description: type?.description ?? '',
    expected: alert.expected,
    seen: alert.seen,
    parameters: { ...alert.parameters },
    severityChanged: alert.portalSeverity !== null,
    closeReason: alert.closeReason,
    frames: [...alert.frames],
    violations: alert.violations.map(violationOf),
    violationsDropped: alert.violationsDropped,
    techniques: (type?.techniques ?? []).map(({ id, name }) => ({ id, name })),
    remediation: [...(type?.remediation ?? [])],
    learns: learnLines(alert),
    muteable: noMute === null,
    whyNotLearn: whyNotLearn(isFlood(alert), type),
    whyNotMute: noMute,
    pcap: alert.pcap,
  };
}

/** The entity tag of an alert: its revision. */
export function etagOf({ revision }: { readonly revision: number }): string {
  return `"${revision}"`;
}

/** The revision of an If-Match header, undefined when it names none. */
export function revisionOf(ifMatch: string | undefined): number | undefined {
  const [, digits] = /^(?:W\/)?"?(\d{1,9})"?$/.exec(ifMatch?.trim() ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Why Learn is not offered, as a sentence; null when it is. The life cycle decides by the same facts. */
export function whyNotLearn(flood: boolean, type: AlertType | undefined): string | null {
  if (flood) return FLOOD;
  return type?.learnable ? null : 'This type of alert cannot be learned: its traffic is never normal.';
}

/** Why Mute is not offered, as a sentence; null when it is. */
export function whyNotMute(alert: StoredAlert, type: AlertType | undefined): string | null {
  if (isFlood(alert)) return FLOOD;
  if (type?.learnable) return 'Learn this alert instead: mute is for what cannot be learned.';
  if (!type?.muteable) return 'This type of alert cannot be muted.';
  return alert.internet ? 'An alert with an Internet address cannot be muted.' : null;
}

const FLOOD = 'This alert counts a flood of many devices: close it, and handle the alerts that name their devices.';

/** Name, else IP address, else MAC address, as the Source device column shows it. */
export function deviceLabel(endpoint: Endpoint | null): string {
  return endpoint ? (endpoint.name ?? endpoint.ip ?? endpoint.mac ?? endpoint.device) : '';
}

function endpointOf(endpoint: Endpoint | null): AlertRow['source'] {
  return endpoint && { ...endpoint, name: endpoint.name ?? null };
}

function violationOf(violation: Violation): AlertDetails['violations'][number] {
  return {
    firstTime: formatInstant(violation.time),
    lastTime: formatInstant(violation.lastTime),
    source: endpointOf(violation.source),
    destination: endpointOf(violation.destination),
    parameters: { ...violation.parameters },
    count: violation.count,
  };
}

/** A line per baseline entry. Parameters say it in words; where they cannot be told apart, the baseline's own text stays. */
export function learnLines(alert: StoredAlert): string[] {
  const rows = alert.violations.length > 0 ? alert.violations.map((row) => row.parameters) : [alert.parameters];
  return alert.learn.map((entry, index) => {
    const words = rows.length === alert.learn.length ? Object.entries(rows[index] ?? {}).map(([name, value]) => `${name} ${value}`) : [];
    const ends = [entry.source, entry.destination].filter((end) => end !== '').join(' to ');
    return [entry.aspect, ends, words.join(', ') || entry.value].filter((part) => part !== '').join(' · ');
  });
}
