/** The question to the inventory as the address carries it: `?search=plc&type=PLC&filter=vlan:equals:12&sort=-lastSeen`. */
import { DEVICE_COLUMN_NAMES, type DeviceColumn } from '@annunciator/store/inventory/device-columns';
import type { DeviceFilter, DeviceQuery } from '@annunciator/store/inventory/device-query';
import type { Inventory } from '@annunciator/store/store';
import { z } from 'zod';
import { filterParameters, filtersOf, readAddress, sortOf } from '../http/filter-address.ts';
import { notFound } from '../http/request-error.ts';

/** Columns that people filter by most, each a parameter of its own. */
export const DEVICE_FACETS = ['type', 'vendor', 'protocol', 'authorised'] as const;

const values = z.union([z.string().max(200), z.array(z.string().max(200)).max(200)]).optional();

export const deviceAddressSchema = z.object({
  search: z.string().max(200).optional().describe('Text in any column of words: names, addresses, type, vendor, model, tags, owner ...'),
  ...filterParameters(DEVICE_COLUMN_NAMES),
  type: values.describe('One or several; empty for devices whose type is not known. As filter=type:equals:...'),
  vendor: values.describe('One or several; empty for devices whose vendor is not known'),
  protocol: values.describe('Devices that speak one of these'),
  authorised: values.describe('yes, no'),
});
export type DeviceAddress = z.infer<typeof deviceAddressSchema>;

/** @throws RequestError that names the part that cannot be read */
export function deviceQueryOf(address: DeviceAddress): DeviceQuery {
  const filters: DeviceFilter[] = filtersOf(address.filter, DEVICE_COLUMN_NAMES);
  for (const column of DEVICE_FACETS) {
    const given = address[column] === undefined ? [] : [address[column]].flat();
    if (given.length > 0) filters.push({ column, operator: 'equals', values: given });
  }
  const search = address.search?.trim();
  return {
    ...(search ? { search } : {}),
    filters: filters.map(unknownType),
    sort: sortOf(address.sort ?? '-lastSeen', DEVICE_COLUMN_NAMES),
  };
}

/** A type that is not known is told as none, and asked for as none. */
function unknownType(filter: DeviceFilter): DeviceFilter {
  if (filter.column !== 'type') return filter;
  return { ...filter, values: filter.values.map((value) => (value === '' ? 'Unknown' : value)) };
}

/** The query without the filters on one column, so that its other values can be added. */
export function without(query: DeviceQuery, column: DeviceColumn): DeviceQuery {
  return { ...query, filters: query.filters.filter((filter) => filter.column !== column) };
}

/** The query that a saved filter asks, as an address without its question mark. @throws RequestError when it cannot be read */
export function savedQuery(text: string): DeviceQuery {
  return deviceQueryOf(readAddress(text, deviceAddressSchema));
}

/** What finds the devices of a group that people made. @throws RequestError when there is none of the number */
export async function groupFilters({ groups }: Pick<Inventory, 'groups'>, id: number): Promise<readonly DeviceFilter[]> {
  const group = await groups.get(id);
  if (!group) throw notFound('group of devices', String(id));
  return group.filter === null ? [{ column: 'group', operator: 'equals', values: [group.name] }] : savedQuery(group.filter).filters;
}
