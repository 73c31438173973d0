/** The IoT hub as the server gives it (GET /api/openapi.json: Hub, HubDevice, HubIdentity, HubTwin, HubKeys). */
import { get, send } from './client.ts';

export interface Hub {
  readonly running: boolean;
  /** Why it does not run. */
  readonly why: string;
  readonly host: string;
  readonly ports: { readonly mqtt: number | null; readonly amqp: number | null; readonly https: number | null };
  /** PEM. */
  readonly authority: string | null;
  readonly devices: { readonly total: number; readonly enabled: number; readonly connected: number };
}

export interface HubIdentity {
  readonly deviceId: string;
  readonly moduleId: string | null;
  readonly etag: string;
  readonly status: 'enabled' | 'disabled';
  readonly statusReason: string | null;
  readonly statusUpdated: string | null;
  readonly created: string;
  readonly connected: boolean;
  readonly connectionUpdated: string | null;
  readonly lastActivity: string | null;
  readonly authentication: 'sas' | 'selfSigned' | 'certificateAuthority' | 'none';
  readonly thumbprints: readonly string[];
  readonly waitingMessages: number;
  readonly iotEdge: boolean;
  readonly managedBy: string | null;
}

export interface HubDevice extends HubIdentity {
  readonly securityGroup: string;
  readonly modules: number;
}

export interface HubDevicePage {
  readonly devices: readonly HubDevice[];
  readonly next: string | null;
  /** On the first page only. */
  readonly matching: number | null;
  readonly total: number;
}

export type JsonSection = Readonly<Record<string, unknown>>;

export interface HubTwin {
  readonly etag: string;
  readonly version: number;
  readonly modelId: string;
  readonly tags: JsonSection;
  readonly properties: { readonly desired: JsonSection; readonly reported: JsonSection };
}

export interface HubKeys {
  readonly primaryKey: string | null;
  readonly secondaryKey: string | null;
  readonly primaryConnectionString: string;
  readonly secondaryConnectionString: string | null;
}

/** A device, or one of its modules. */
export interface HubName {
  readonly device: string;
  readonly module: string | null;
}

export const AUTHENTICATION_WORDS: Readonly<Record<HubIdentity['authentication'], string>> = {
  sas: 'Symmetric key',
  selfSigned: 'X.509 self-signed',
  certificateAuthority: 'X.509 CA signed',
  none: 'None',
};

/** Address of a device or module in the API. */
function path({ device, module }: HubName): string {
  const own = `/api/hub/devices/${encodeURIComponent(device)}`;
  return module === null ? own : `${own}/modules/${encodeURIComponent(module)}`;
}

/** Address of its page. */
export function pageOf({ device, module }: HubName): string {
  const own = `/hub/devices/${encodeURIComponent(device)}`;
  return module === null ? own : `${own}/modules/${encodeURIComponent(module)}`;
}

export function fetchHub(): Promise<Hub> {
  return get('/api/hub');
}

export function fetchHubDevices(query: URLSearchParams, cursor: string | null): Promise<HubDevicePage> {
  const asked = new URLSearchParams(query);
  if (cursor !== null) asked.set('cursor', cursor);
  return get(`/api/hub/devices?${asked}`);
}

export function fetchIdentity(name: HubName): Promise<HubIdentity> {
  return get(path(name));
}

export interface NewAuthentication {
  readonly type: 'sas' | 'selfSigned' | 'certificateAuthority';
  readonly primaryThumbprint?: string;
  readonly secondaryThumbprint?: string;
}

export function createDevice(deviceId: string, authentication: NewAuthentication): Promise<HubIdentity> {
  return send('POST', '/api/hub/devices', { deviceId, authentication });
}

export function createModule(device: string, moduleId: string): Promise<HubIdentity> {
  return send('POST', `${path({ device, module: null })}/modules`, { moduleId });
}

export function fetchModules(device: string): Promise<readonly HubIdentity[]> {
  return get(`${path({ device, module: null })}/modules`);
}

export function setStatus(device: string, status: HubIdentity['status'], statusReason: string | null, etag: string): Promise<HubIdentity> {
  return send('PATCH', path({ device, module: null }), { status, statusReason }, { 'if-match': etag });
}

export function deleteIdentity(name: HubName): Promise<null> {
  return send('DELETE', path(name));
}

export function fetchKeys(name: HubName): Promise<HubKeys> {
  return get(`${path(name)}/keys`);
}

export function renewKey(name: HubName, key: 'primary' | 'secondary'): Promise<HubKeys> {
  return send('POST', `${path(name)}/keys`, { key });
}

export function fetchTwin(name: HubName): Promise<HubTwin> {
  return get(`${path(name)}/twin`);
}

/** Replaces tags and desired properties, if nobody changed the twin since. */
export function replaceTwin(name: HubName, tags: JsonSection, desired: JsonSection, etag: string): Promise<HubTwin> {
  return send('PUT', `${path(name)}/twin`, { tags, properties: { desired } }, { 'if-match': etag });
}

export interface MessageToDevice {
  readonly body: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly messageId?: string;
  readonly contentType?: string;
  readonly expiry?: string;
  readonly ack: 'none' | 'positive' | 'negative' | 'full';
}

export function sendMessage(device: string, message: MessageToDevice): Promise<{ readonly messageId: string | null }> {
  return send('POST', `${path({ device, module: null })}/messages`, message);
}

export function purgeMessages(device: string): Promise<{ readonly purged: number }> {
  return send('DELETE', `${path({ device, module: null })}/messages`);
}

export interface MethodCall {
  readonly name: string;
  readonly payload: unknown;
  readonly responseTimeout: number;
  readonly connectTimeout: number;
}

export function invokeMethod(name: HubName, call: MethodCall): Promise<{ readonly status: number; readonly payload: unknown }> {
  return send('POST', `${path(name)}/methods`, call);
}

export interface DeviceMessage {
  readonly id: string;
  readonly enqueued: string;
  readonly deviceId: string;
  readonly moduleId: string | null;
  readonly protocol: string | null;
  readonly system: Readonly<Record<string, string>>;
  readonly application: Readonly<Record<string, string | null>>;
  readonly body: {
    readonly kind: 'json' | 'text' | 'binary' | 'empty';
    readonly text: string;
    readonly bytes: number;
    readonly cut: boolean;
  };
}

export interface MessageStreamEvents {
  onMessage(message: DeviceMessage): void;
  onSkipped(count: number): void;
  onState(open: boolean): void;
}

/** Follows what devices send; returns what ends it. */
export function followMessages(device: string | null, events: MessageStreamEvents): () => void {
  const query = device === null ? '' : `?${new URLSearchParams({ device })}`;
  const stream = new EventSource(`/api/hub/messages/live${query}`);
  stream.addEventListener('open', () => events.onState(true));
  stream.addEventListener('error', () => events.onState(false));
  // Our own server's format, see `LiveMessage` there.
  stream.addEventListener('message', (event) => events.onMessage(JSON.parse(String(event.data)) as DeviceMessage));
  stream.addEventListener('skipped', (event) => events.onSkipped((JSON.parse(String(event.data)) as { count: number }).count));
  return () => stream.close();
}
