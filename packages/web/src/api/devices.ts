/** Devices as the server gives them (GET /api/openapi.json: Device, DevicePage, DeviceFacets). */
import type { ValueCount } from './alerts.ts';
import { get } from './client.ts';

export interface Device {
  readonly number: number;
  readonly id: string;
  readonly name: string | null;
  readonly type: string | null;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly ips: readonly string[];
  readonly macs: readonly string[];
  readonly protocols: readonly string[];
  readonly roles: readonly string[];
  readonly authorised: boolean;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly sensor: string;
  readonly site: string;
  readonly zone: string;
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

export function fetchDevices(query: URLSearchParams, cursor: string | null): Promise<DevicePage> {
  const asked = new URLSearchParams(query);
  if (cursor !== null) asked.set('cursor', cursor);
  return get(`/api/devices?${asked}`);
}

export function fetchDeviceFacets(query: URLSearchParams): Promise<DeviceFacets> {
  return get(`/api/devices/facets?${query}`);
}

/** A device by its name, else IP, else MAC address. */
export function deviceTitle({ name, ips, macs, id }: Device): string {
  return name ?? ips[0] ?? macs[0] ?? id;
}
