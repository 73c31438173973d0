/** Sites and sensors as the server gives them (GET /api/openapi.json: Site, Sensor, SensorDetails). */
import { get, send } from './client.ts';

export const SENSOR_TYPES = ['OT - locally connected', 'OT - cloud connected', 'Enterprise IoT'] as const;

/** What has fallen silent, such as VLAN 30, and when its last packet came. */
export type SilentSince = readonly { readonly what: string; readonly at: string }[];

export interface Sensor {
  readonly name: string;
  readonly type: (typeof SENSOR_TYPES)[number];
  readonly site: string;
  readonly zone: string;
  readonly health: {
    readonly state: 'healthy' | 'pending' | 'warning' | 'critical';
    readonly word: string;
    readonly sentence: string;
    readonly silentSince: SilentSince;
  };
  readonly version: string | null;
  readonly registered: string;
  readonly registeredBy: string | null;
  readonly lastConnected: string | null;
  readonly learning: 'learning' | 'dynamic' | 'operational' | 'disconnected' | null;
  readonly learningUntil: string | null;
  readonly source: string;
  readonly packets: number;
  readonly devices: number;
  readonly openAlerts: number;
}

export interface Site {
  readonly name: string;
  readonly displayName: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly owners: readonly string[];
  readonly zones: readonly string[];
  /** You may change the site and its zones. */
  readonly editable: boolean;
  /** Zones in which you may register, change and delete sensors. */
  readonly editableZones: readonly string[];
  readonly devices: number;
  readonly openAlerts: number;
  readonly sensors: readonly Sensor[];
}

export interface SensorDetails extends Sensor {
  readonly details: {
    readonly findings: readonly {
      readonly severity: 'critical' | 'warning';
      readonly subject: string;
      readonly sentence: string;
      readonly silentSince: SilentSince;
    }[];
    readonly interfaces: readonly {
      readonly name: string;
      readonly method: string;
      readonly state: string;
      readonly packets: number;
      readonly bytes: number;
      readonly kernelDrops: number;
      readonly cardDrops: number | null;
      readonly lastPacket: string | null;
    }[];
    readonly oneSided: { readonly flows: number; readonly oneSided: number };
    readonly undecoded: { readonly bytes: number; readonly undecoded: number };
    readonly vlans: readonly { readonly vlan: number; readonly packets: number; readonly silent: boolean }[];
    readonly clock: { readonly steps: number; readonly lastSeconds: number | null };
    readonly packetsNotKept: number;
    readonly refused: Readonly<Record<string, number>>;
  } | null;
}

/** A sensor can be registered in a zone of the site, at least in a new one. */
export const canOnboard = ({ editable, editableZones }: Site): boolean => editable || editableZones.length > 0;

export const fetchSites = (): Promise<readonly Site[]> => get('/api/sites');
export const fetchSensor = (name: string): Promise<SensorDetails> => get(sensorPath(name));

export function addSite(site: Pick<Site, 'name' | 'displayName' | 'tags' | 'owners' | 'zones'>): Promise<void> {
  return send('POST', '/api/sites', site);
}

export function changeSite(name: string, change: Partial<Pick<Site, 'displayName' | 'tags' | 'owners'>>): Promise<void> {
  return send('PATCH', sitePath(name), change);
}

export const removeSite = (name: string): Promise<void> => send('DELETE', sitePath(name));
export const addZone = (site: string, name: string): Promise<void> => send('POST', `${sitePath(site)}/zones`, { name });
export const removeZone = (site: string, zone: string): Promise<void> =>
  send('DELETE', `${sitePath(site)}/zones/${encodeURIComponent(zone)}`);

export function registerSensor(sensor: Pick<Sensor, 'name' | 'type' | 'site' | 'zone'>): Promise<void> {
  return send('POST', '/api/sensors', sensor);
}

export function changeSensor(name: string, change: Partial<Pick<Sensor, 'type' | 'site' | 'zone'>>): Promise<void> {
  return send('PATCH', sensorPath(name), change);
}

export const removeSensor = (name: string): Promise<void> => send('DELETE', sensorPath(name));

const sitePath = (name: string) => `/api/sites/${encodeURIComponent(name)}`;
const sensorPath = (name: string) => `/api/sensors/${encodeURIComponent(name)}`;
