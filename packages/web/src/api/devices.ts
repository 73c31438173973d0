/** Devices as the server gives them (GET /api/openapi.json: Device, DeviceDetails, DevicePage, DeviceOutcome). */
import type { ValueCount } from './alerts.ts';
import { get, send } from './client.ts';

export interface Device {
  readonly number: number;
  readonly id: string;
  readonly version: number;
  readonly name: string | null;
  readonly type: string | null;
  readonly class: string;
  readonly subtype: string | null;
  readonly confidence: number;
  readonly purdueLevel: number | null;
  readonly purdueLayer: string | null;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly serial: string | null;
  readonly os: string | null;
  readonly plcMode: string | null;
  readonly plcSecured: boolean | null;
  readonly importance: Importance;
  readonly authorised: boolean;
  readonly scanner: boolean;
  readonly programming: boolean;
  readonly openAlerts: number;
  readonly isNew: boolean;
  readonly description: string;
  readonly location: string;
  readonly businessFunction: string;
  readonly owner: string;
  readonly tags: readonly string[];
  readonly groups: readonly string[];
  readonly ips: readonly string[];
  readonly macs: readonly string[];
  readonly vlans: readonly number[];
  readonly protocols: readonly string[];
  readonly roles: readonly string[];
  readonly networkLocation: string;
  readonly subnet: string | null;
  readonly dynamicAddress: boolean;
  readonly fqdn: string | null;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly programmedAt: string | null;
  /** Fields that people set. */
  readonly edited: readonly string[];
  readonly dataSource: string;
  readonly sensor: string;
  readonly site: string;
  readonly zone: string;
}

export const IMPORTANCES = ['Low', 'Normal', 'High'] as const;
export type Importance = (typeof IMPORTANCES)[number];

export interface DeviceField {
  readonly field: EditableField;
  readonly value: string;
  readonly told: string | null;
  readonly by: string | null;
  readonly at: string | null;
}

export interface DevicePart {
  readonly number: number;
  readonly id: string;
  readonly name: string;
  readonly ips: readonly string[];
  readonly macs: readonly string[];
  readonly by: string | null;
  readonly at: string | null;
}

export interface DeviceDetails extends Device {
  readonly reasons: readonly { readonly rule: string; readonly type: string; readonly confidence: number; readonly says: string }[];
  readonly modules: readonly {
    readonly place: string;
    readonly vendor: string;
    readonly model: string;
    readonly firmware: string;
    readonly serial: string;
  }[];
  readonly fqdnAt: string | null;
  readonly fields: readonly DeviceField[];
  readonly mergedInto: number | null;
  readonly parts: readonly DevicePart[];
}

/** What people may set; null gives a field back to what traffic says. */
export interface DeviceChanges {
  name?: string | null;
  type?: string | null;
  subtype?: string | null;
  purdueLevel?: number | null;
  vendor?: string | null;
  model?: string | null;
  firmware?: string | null;
  serial?: string | null;
  os?: string | null;
  importance?: Importance | null;
  authorised?: boolean;
  scanner?: boolean;
  programming?: boolean;
  description?: string | null;
  location?: string | null;
  businessFunction?: string | null;
  owner?: string | null;
  tags?: readonly string[] | null;
}
export type EditableField = keyof DeviceChanges;

export interface DeviceVersion {
  readonly number: number;
  readonly version: number;
}

export interface DeviceOutcome {
  readonly changed: readonly Device[];
  readonly refused: readonly { readonly number: number; readonly code: string; readonly message: string }[];
}

export interface DeviceFacets {
  readonly type: readonly ValueCount[];
  readonly vendor: readonly ValueCount[];
  readonly protocol: readonly ValueCount[];
  readonly authorised: readonly ValueCount[];
}

export interface DevicePage {
  readonly devices: readonly Device[];
  readonly next: string | null;
  readonly matching: number;
  readonly total: number;
}

export interface DeviceColumnFacts {
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'number' | 'time' | 'flag' | 'list';
  readonly editable: boolean;
  /** Values that it may have; empty where any text may stand. */
  readonly choices: readonly string[];
}

export interface DeviceGroup {
  readonly id: number;
  readonly name: string;
  readonly filter: string | null;
  readonly devices: number;
  readonly by: string;
  readonly at: string;
  /** One may change and remove it. */
  readonly mayEdit: boolean;
}

export interface BuiltInGroup {
  readonly kind: string;
  readonly name: string;
  readonly of: 'devices' | 'connections';
  readonly query: string;
  readonly count: number;
}

export interface ConnectionEnd {
  readonly number: number | null;
  readonly id: string;
  readonly name: string;
  readonly subnet: string;
}

export interface Connection {
  readonly source: ConnectionEnd;
  readonly destination: ConnectionEnd;
  readonly protocol: string;
  readonly protocolName: string;
  readonly ot: boolean;
  readonly transport: string;
  readonly port: number;
  readonly kind: string;
  readonly packets: number;
  readonly bytes: number;
  readonly operations: readonly string[];
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly period: number | null;
  readonly sensor: string;
}

export interface ConnectionPage {
  readonly connections: readonly Connection[];
  readonly next: string | null;
  readonly matching: number;
}

export function fetchDevices(query: URLSearchParams, cursor: string | null, limit?: number): Promise<DevicePage> {
  return get(`/api/devices?${paged(query, cursor, limit)}`);
}

export function fetchDeviceFacets(query: URLSearchParams): Promise<DeviceFacets> {
  return get(`/api/devices/facets?${query}`);
}

export function fetchDeviceColumns(): Promise<readonly DeviceColumnFacts[]> {
  return get('/api/devices/columns');
}

/** Values of a column with the number of devices that each would leave. */
export function fetchDeviceValues(query: URLSearchParams, column: string): Promise<readonly ValueCount[]> {
  const asked = new URLSearchParams(query);
  asked.set('column', column);
  return get(`/api/devices/values?${asked}`);
}

export function fetchDevice(number: number): Promise<DeviceDetails> {
  return get(`/api/devices/${number}`);
}

export function fetchConnections(query: URLSearchParams, cursor: string | null): Promise<ConnectionPage> {
  return get(`/api/connections?${paged(query, cursor)}`);
}

export function fetchDeviceGroups(): Promise<readonly DeviceGroup[]> {
  return get('/api/device-groups');
}

export function fetchBuiltInGroups(): Promise<readonly BuiltInGroup[]> {
  return get('/api/device-groups/built-in');
}

export function makeDeviceGroup(group: {
  readonly name: string;
  readonly filter?: string;
  readonly devices?: readonly number[];
}): Promise<DeviceGroup> {
  return send('POST', '/api/device-groups', group);
}

export function changeDeviceGroup(
  id: number,
  change: { readonly name?: string; readonly add?: readonly number[]; readonly remove?: readonly number[] },
): Promise<DeviceGroup> {
  return send('PATCH', `/api/device-groups/${id}`, change);
}

export function removeDeviceGroup(id: number): Promise<void> {
  return send('DELETE', `/api/device-groups/${id}`);
}

export function editDevice({ number, version }: DeviceVersion, changes: DeviceChanges): Promise<DeviceDetails> {
  return send('PATCH', `/api/devices/${number}`, { version, changes });
}

export function editDevices(devices: readonly DeviceVersion[], changes: DeviceChanges): Promise<DeviceOutcome> {
  return send('POST', '/api/devices/edit', { devices: devices.map(versionOf), changes });
}

/** Takes the mark New from devices. */
export function acknowledgeDevices(numbers: readonly number[]): Promise<DeviceOutcome> {
  return send('POST', '/api/devices/acknowledge', { numbers });
}

export function mergeDevices({ number, version }: DeviceVersion, others: readonly DeviceVersion[]): Promise<DeviceDetails> {
  return send('POST', `/api/devices/${number}/merge`, { version, others: others.map(versionOf) });
}

/** Takes parts, or one new device with these addresses, out of a device. */
export function splitDevice(
  { number, version }: DeviceVersion,
  taken: { readonly parts?: readonly number[]; readonly addresses?: readonly string[] },
): Promise<{ readonly devices: readonly Device[] }> {
  return send('POST', `/api/devices/${number}/split`, { version, ...taken });
}

export function deleteDevices(numbers: readonly number[], reason: string): Promise<DeviceOutcome> {
  return send('POST', '/api/devices/delete', { numbers, reason });
}

export function deleteInactive(query: URLSearchParams, days: number, reason: string): Promise<DeviceOutcome> {
  return send('POST', `/api/devices/delete-inactive?${query}`, { days, reason });
}

export const IMPORT_OUTCOMES = ['changed', 'unchanged', 'entered', 'refused'] as const;
export type ImportOutcome = (typeof IMPORT_OUTCOMES)[number];

export interface ImportReport {
  readonly dryRun: boolean;
  readonly counts: Readonly<Record<ImportOutcome, number>>;
  readonly lines: readonly {
    readonly line: number;
    readonly outcome: ImportOutcome;
    readonly number: number | null;
    readonly device: string;
    readonly message: string;
  }[];
}

/** Sets fields of devices from a table; `dryRun` says what it would do. */
export function importDevices(
  table: Blob,
  options: { readonly dryRun: boolean; readonly create: boolean; readonly sensor: string | null },
): Promise<ImportReport> {
  const asked = new URLSearchParams({ dryRun: String(options.dryRun), create: String(options.create) });
  if (options.create && options.sensor !== null) asked.set('sensor', options.sensor);
  return send('POST', `/api/devices/import?${asked}`, table);
}

/** A device by its name, else IP, else MAC address. */
export function deviceTitle({ name, ips, macs, id }: Pick<Device, 'name' | 'ips' | 'macs' | 'id'>): string {
  return name ?? ips[0] ?? macs[0] ?? id;
}

const versionOf = ({ number, version }: DeviceVersion): DeviceVersion => ({ number, version });

function paged(query: URLSearchParams, cursor: string | null, limit?: number): URLSearchParams {
  const asked = new URLSearchParams(query);
  if (cursor !== null) asked.set('cursor', cursor);
  if (limit !== undefined) asked.set('limit', String(limit));
  return asked;
}
