/** Networks and VLANs as the server gives them (GET /api/openapi.json: Subnet). */
import { get, send } from './client.ts';

export const NETWORK_KINDS = ['auto', 'ot', 'it'] as const;
export type NetworkKind = (typeof NETWORK_KINDS)[number];

export interface Network {
  readonly cidr: string;
  readonly name: string;
  readonly kind: NetworkKind;
  /** It counts as a network of the plant. */
  readonly ot: boolean;
  /** A person named it. */
  readonly named: boolean;
  readonly devices: number;
  readonly otDevices: number;
}

export interface Vlan {
  readonly id: number;
  readonly name: string;
  readonly devices: number;
}

export function fetchNetworks(): Promise<readonly Network[]> {
  return get('/api/subnets');
}

export function describeNetwork(network: Pick<Network, 'cidr' | 'name' | 'kind'>): Promise<void> {
  return send('PUT', '/api/subnets', network);
}

export function forgetNetwork(cidr: string): Promise<void> {
  return send('DELETE', `/api/subnets?${new URLSearchParams({ cidr })}`);
}

export function fetchVlans(): Promise<readonly Vlan[]> {
  return get('/api/vlans');
}

export function nameVlan(id: number, name: string): Promise<void> {
  return send('PUT', `/api/vlans/${id}`, { name });
}
