/** Alerts as the server gives them (GET /api/openapi.json: AlertRow, AlertDetails, AlertPage). */
import { isSensorConsole } from '../shell/console.ts';
import { get, send } from './client.ts';

export const PORTAL_SEVERITIES = ['High', 'Medium', 'Low', 'Informational'] as const;
const SENSOR_SEVERITIES = ['Critical', 'Major', 'Minor', 'Warning'] as const;
export type PortalSeverity = (typeof PORTAL_SEVERITIES)[number];
/** The portal's words; the sensor's on its own console. */
export type Severity = PortalSeverity | (typeof SENSOR_SEVERITIES)[number];
export const SEVERITIES: readonly Severity[] = isSensorConsole ? SENSOR_SEVERITIES : PORTAL_SEVERITIES;
export const STATUSES = ['New', 'Active', 'Closed'] as const;
export type Status = (typeof STATUSES)[number];

export interface Endpoint {
  readonly device: string;
  readonly name: string | null;
  readonly ip: string | null;
  readonly mac: string | null;
  readonly port: number | null;
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface AlertRow {
  readonly id: string;
  readonly revision: number;
  readonly severity: Severity;
  readonly sensorSeverity: string;
  readonly title: string;
  readonly type: string;
  readonly engine: string;
  readonly engineName: string;
  readonly category: string;
  readonly status: Status;
  readonly disposition: 'none' | 'learned' | 'muted';
  readonly protocol: string | null;
  readonly source: Endpoint | null;
  readonly destination: Endpoint | null;
  readonly multipleViolations: boolean;
  readonly message: string;
  readonly count: number;
  readonly firstDetection: string;
  readonly lastDetection: string;
  readonly lastActivity: string;
  readonly sensor: string;
  readonly site: string;
  readonly zone: string;
  /** `IoT Hub` or `Agent`; null for alerts of the network. */
  readonly dataSource: string | null;
  readonly securityGroup: string | null;
  readonly tactics: readonly Named[];
  readonly learnable: boolean;
}

export type Parameters = Readonly<Record<string, string | number | boolean>>;

export interface Violation {
  readonly firstTime: string;
  readonly lastTime: string;
  readonly source: Endpoint | null;
  readonly destination: Endpoint | null;
  readonly parameters: Parameters;
  readonly count: number;
}

export interface AlertDetails extends AlertRow {
  readonly description: string;
  readonly expected: string;
  readonly seen: string;
  readonly parameters: Parameters;
  readonly severityChanged: boolean;
  readonly closeReason: string | null;
  readonly frames: readonly number[];
  readonly violations: readonly Violation[];
  readonly violationsDropped: number;
  readonly techniques: readonly Named[];
  readonly remediation: readonly string[];
  readonly learns: readonly string[];
  readonly muteable: boolean;
  readonly whyNotLearn: string | null;
  readonly whyNotMute: string | null;
  readonly pcap: { readonly state: 'available' | 'requested' | 'missing' | 'expired'; readonly reason: string | null };
}

export interface PcapState {
  readonly state: 'available' | 'requested' | 'missing' | 'expired';
  readonly reason: string | null;
}

export interface AlertPage {
  readonly alerts: readonly AlertRow[];
  readonly next: string | null;
  readonly matching: number;
  readonly total: number;
}

export interface ValueCount {
  readonly value: string;
  readonly count: number;
}

export const PAGE_SIZE = 200;

export function fetchPage(query: URLSearchParams, cursor: string | null, limit = PAGE_SIZE): Promise<AlertPage> {
  const asked = new URLSearchParams(query);
  asked.set('limit', String(limit));
  if (cursor !== null) asked.set('cursor', cursor);
  return get(`/api/alerts?${asked}`);
}

export function fetchGroups(query: URLSearchParams, by: string): Promise<readonly ValueCount[]> {
  const asked = new URLSearchParams(query);
  asked.set('by', by);
  return get(`/api/alerts/groups?${asked}`);
}

export function fetchFacets(query: URLSearchParams, column: string): Promise<readonly ValueCount[]> {
  const asked = new URLSearchParams(query);
  asked.set('column', column);
  return get(`/api/alerts/facets?${asked}`);
}

export function fetchAlert(id: string): Promise<AlertDetails> {
  return get(`/api/alerts/${encodeURIComponent(id)}`);
}

/** Changes one alert; refused with the changes of others when somebody changed it since `seen`. */
export function patchAlert(seen: AlertRow, change: { readonly status?: Status; readonly severity?: Severity }): Promise<AlertDetails> {
  return send('PATCH', `/api/alerts/${encodeURIComponent(seen.id)}`, change, ifMatch(seen));
}

export type Verb = 'learn' | 'unlearn' | 'mute' | 'unmute';

export function actOn(seen: AlertRow, verb: Verb): Promise<AlertDetails> {
  return send('POST', `/api/alerts/${encodeURIComponent(seen.id)}/${verb}`, undefined, ifMatch(seen));
}

function ifMatch({ revision }: AlertRow): Record<string, string> {
  return { 'if-match': `"${revision}"` };
}

/** What was decided about an alert; the system decided where nobody is named. */
export interface AlertDecision {
  readonly revision: number;
  readonly at: string;
  readonly who: string | null;
  readonly action: string;
  readonly job: string | null;
  readonly before: DecidedState;
  readonly after: DecidedState;
}
export interface DecidedState {
  readonly status: Status;
  readonly disposition: 'none' | 'learned' | 'muted';
  readonly closeReason: string | null;
  readonly severity: Severity | null;
}

export function fetchHistory(id: string): Promise<readonly AlertDecision[]> {
  return get(`/api/alerts/${encodeURIComponent(id)}/history`);
}

export interface SensorStatus {
  readonly name: string;
  readonly site: string;
  readonly zone: string;
  readonly state: 'learning' | 'dynamic' | 'operational' | 'disconnected';
  readonly learningUntil: string | null;
  readonly packets: number;
  readonly devices: number;
}

export function fetchStatus(): Promise<{ readonly sensors: readonly SensorStatus[] }> {
  return get('/api/status');
}
