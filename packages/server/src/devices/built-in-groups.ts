/** The groups that the map and the inventory offer by themselves: each is a filter of the inventory with a name. */
import { formatInstant, HOUR, type Instant } from '@annunciator/core/time';
import { PURDUE_LAYERS } from '@annunciator/core/device-types';
import type { DeviceColumn } from '@annunciator/store/inventory/device-columns';
import type { DeviceFilter } from '@annunciator/store/inventory/device-query';
import type { Matching } from '@annunciator/store/inventory/devices';
import type { Inventory } from '@annunciator/store/store';
import { filterText } from '../http/filter-address.ts';
import { savedConnections } from './connection-address.ts';

export interface BuiltInGroup {
  /** Heading under which the map lists it. */
  readonly kind: string;
  readonly name: string;
  /** What it is a group of, and the question that finds them: the address of `/api/devices` or `/api/connections`. */
  readonly of: 'devices' | 'connections';
  readonly query: string;
  readonly count: number;
}

const ACTIVITY: readonly (readonly [string, number])[] = [
  ['Last hour', 1],
  ['Last 6 hours', 6],
  ['Last day', 24],
  ['Last 7 days', 168],
];
/** Polling intervals that plants use, in seconds: a group holds what polls about so often. */
const INTERVALS = [1, 1.5, 3, 15, 60];

/** All built-in groups with their devices. @param now packet time of the newest packet @param within what the asker may see */
export async function builtInGroups(
  { devices, connections, subnets, vlans }: Inventory,
  now: Instant,
  within: Pick<Matching, 'scope'>,
): Promise<BuiltInGroup[]> {
  const named = new Map(subnets.named().map(({ cidr, name }) => [cidr, name]));
  const vlanNames = new Map((await vlans.list()).map(({ id, name }) => [String(id), name]));
  const ofColumn = async (kind: string, column: DeviceColumn, word: (value: string) => string): Promise<BuiltInGroup[]> => {
    const values = await devices.values({ filters: [], ...within }, column);
    return values
      .filter(({ value }) => value !== '')
      .map(({ value, count }) => group(kind, word(value), [{ column, operator: 'equals', values: [value] }], count));
  };
  const counted = async (kind: string, name: string, filters: DeviceFilter[]): Promise<BuiltInGroup> =>
    group(kind, name, filters, await devices.count({ filters, ...within }));
  const flag = (column: DeviceColumn, value: 'yes' | 'no'): DeviceFilter => ({ column, operator: 'equals', values: [value] });
  const layer = (index: number): DeviceFilter => ({ column: 'purdueLevel', operator: 'equals', values: LAYER_LEVELS[index].map(String) });
  const since = (hours: number): DeviceFilter => ({
    column: 'lastSeen',
    operator: 'greater',
    values: [formatInstant(now - BigInt(hours) * HOUR, 0)],
  });
  const groups = await Promise.all([
    ofColumn('OT protocols', 'otProtocol', (value) => value),
    ofColumn('VLAN', 'vlan', (id) => (vlanNames.get(id) ? `${id} ${vlanNames.get(id)}` : id)),
    ofColumn('Subnets', 'subnet', (cidr) => (named.get(cidr) ? `${named.get(cidr)} (${cidr})` : cidr)),
    Promise.all(PURDUE_LAYERS.map((name, index) => counted('Purdue level', name, [layer(index)]))),
    Promise.all([
      counted('Authorization', 'Authorized', [flag('authorised', 'yes')]),
      counted('Authorization', 'Unauthorized', [flag('authorised', 'no')]),
    ]),
    Promise.all(ACTIVITY.map(([name, hours]) => counted('Last activity', name, [since(hours)]))),
    Promise.all([
      counted('Programming', 'Programming devices', [flag('programming', 'yes')]),
      counted('Programming', 'Seen programming', [{ column: 'role', operator: 'equals', values: ['programming'] }]),
    ]),
  ]);
  const ofConnections = async (kind: string, name: string, query: string): Promise<BuiltInGroup> => ({
    kind,
    name,
    of: 'connections',
    query,
    count: await connections.count({ ...savedConnections(query), ...within }),
  });
  const connected = await Promise.all([
    ofConnections('Cross subnet connections', 'Between networks', 'crossSubnet=yes'),
    ofConnections('Known applications', 'Recognised protocols', 'recognised=yes'),
    ofConnections('Non-standard ports', 'Protocols away from their port', 'usualPort=no'),
    ...INTERVALS.map((seconds) => ofConnections('Polling intervals', `About ${seconds} s`, `period=${seconds}`)),
  ]);
  return [...groups.flat(), ...connected];
}

const LAYER_LEVELS: readonly (readonly number[])[] = [
  [0, 1],
  [2, 3],
  [4, 5],
];

function group(kind: string, name: string, filters: readonly DeviceFilter[], count: number): BuiltInGroup {
  const query = new URLSearchParams(filters.map(({ column, operator, values }) => ['filter', filterText(column, operator, values)]));
  return { kind, name, of: 'devices', query: query.toString(), count };
}
