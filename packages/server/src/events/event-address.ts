/** The question to the event timeline as the address carries it: `?severity=ALERT&devices=type%3DPLC&search=stop`. */
import { EVENT_SEVERITIES, EVENT_TYPES, type EventType } from '@annunciator/core/event-types';
import type { TimelineQuery } from '@annunciator/store/timeline';
import { z } from 'zod';
import { groupFilters, savedQuery } from '../devices/device-address.ts';
import type { DeviceDesk } from '../devices/device-desk.ts';
import { several } from '../http/filter-address.ts';
import { timeOf } from '../http/time-address.ts';

// The keys of a constant are exactly its type's.
const TYPES = Object.keys(EVENT_TYPES) as [EventType, ...EventType[]];
const ids = several(z.string().max(200));
const groups = several(z.coerce.number().int().min(1));
const question = z.string().max(2000).optional();

export const eventAddressSchema = z.object({
  search: several(z.string().max(200)).describe('Text in title or content; of several all have to be there'),
  from: z.string().max(40).optional().describe('Earliest time, ISO 8601 with offset'),
  to: z.string().max(40).optional().describe('Latest time, ISO 8601 with offset'),
  severity: several(z.enum(EVENT_SEVERITIES)).describe('One or several: ALERT and NOTICE for alerts and notices'),
  type: several(z.enum(TYPES)).describe('One or several types'),
  excludedType: several(z.enum(TYPES)).describe('Types to leave out'),
  device: ids.describe('Ids of devices, one of which takes part; a device has the events of its parts, too'),
  excludedDevice: ids.describe('Ids of devices that must not take part'),
  devices: question.describe('Devices of which one takes part, as the address of /api/devices finds them: type=PLC&filter=vlan:equals:12'),
  excludedDevices: question.describe('Devices that must not take part, in the same way'),
  group: groups.describe('Ids of groups that people made: a device of one of them takes part'),
  excludedGroup: groups.describe('Ids of groups of which no device takes part'),
  sensor: z.string().max(200).optional(),
  userOperations: z.enum(['show', 'hide']).default('hide').describe('Whether to show what people did'),
});
export type EventAddress = z.infer<typeof eventAddressSchema>;

/** @throws RequestError that names the part that cannot be read */
export async function timelineQueryOf(address: EventAddress, desk: DeviceDesk | undefined, limit: number): Promise<TimelineQuery> {
  const { severity, type, excludedType, sensor } = address;
  const keywords = (address.search ?? []).map((text) => text.trim()).filter(Boolean);
  const from = timeOf('from', address.from);
  const to = timeOf('to', address.to);
  const [devices, excludedDevices] = await Promise.all([
    idsMeant(address.device, address.devices, address.group, desk),
    idsMeant(address.excludedDevice, address.excludedDevices, address.excludedGroup, desk),
  ]);
  return {
    limit,
    userOperations: address.userOperations === 'show',
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(keywords.length > 0 ? { keywords } : {}),
    ...(severity ? { severities: severity } : {}),
    ...(type ? { types: type } : {}),
    ...(excludedType ? { excludedTypes: excludedType } : {}),
    ...(devices ? { devices } : {}),
    ...(excludedDevices ? { excludedDevices } : {}),
    ...(sensor === undefined ? {} : { sensor }),
  };
}

/** Ids of the devices that are named, found or grouped, of all of these together; undefined when none of them is asked for. */
async function idsMeant(
  named: readonly string[] | undefined,
  found: string | undefined,
  grouped: readonly number[] | undefined,
  desk: DeviceDesk | undefined,
): Promise<string[] | undefined> {
  if (!named && found === undefined && !grouped) return undefined;
  if (!desk) return [...(named ?? [])];
  const { devices } = desk.inventory;
  const numbers = new Set((await devices.meantBy(named ?? [])).values());
  if (found !== undefined) for (const number of await devices.numbers(savedQuery(found))) numbers.add(number);
  for (const group of grouped ?? [])
    for (const number of await devices.numbers({ filters: await groupFilters(desk.inventory, group) })) numbers.add(number);
  return [...new Set([...(named ?? []), ...(await devices.idsOf(numbers))])];
}
