/** The question to the event timeline as the address carries it: `?severity=ALERT&devices=type%3DPLC&search=stop`. */
import { EVENT_SEVERITIES, EVENT_TYPES, type EventType } from '@annunciator/core/event-types';
import type { Matching } from '@annunciator/store/inventory/devices';
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

/**
 * @param within devices that the asker may see: others are not found by what is said of them
 * @throws RequestError that names the part that cannot be read
 */
export async function timelineQueryOf(
  address: EventAddress,
  desk: DeviceDesk | undefined,
  limit: number,
  within: Pick<Matching, 'scope'> = {},
): Promise<TimelineQuery> {
  const { severity, type, excludedType, sensor } = address;
  const keywords = (address.search ?? []).map((text) => text.trim()).filter(Boolean);
  const from = timeOf('from', address.from);
  const to = timeOf('to', address.to);
  const [devices, excludedDevices] = await Promise.all([
    idsMeant({ named: address.device, found: address.devices, grouped: address.group }, sensor, desk, within),
    idsMeant({ named: address.excludedDevice, found: address.excludedDevices, grouped: address.excludedGroup }, sensor, desk, within),
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

interface Meant {
  readonly named: readonly string[] | undefined;
  readonly found: string | undefined;
  readonly grouped: readonly number[] | undefined;
}

/** Ids of the devices that are named, found or grouped, of all of these together; undefined when none of them is asked for. */
async function idsMeant(
  { named, found, grouped }: Meant,
  sensor: string | undefined,
  desk: DeviceDesk | undefined,
  within: Pick<Matching, 'scope'>,
): Promise<string[] | undefined> {
  if (!named && found === undefined && !grouped) return undefined;
  if (!desk) return [...(named ?? [])];
  const { devices } = desk.inventory;
  const numbersOf = ({ search, filters }: Pick<Matching, 'search' | 'filters'>) =>
    devices.numbers({
      ...(search === undefined ? {} : { search }),
      filters: sensor === undefined ? filters : [...filters, { column: 'sensor', operator: 'equals', values: [sensor] }],
      ...within,
    });
  const numbers = new Set<number>();
  if (named) {
    const meant = [...(await devices.meantBy(named, sensor)).values()];
    for (const number of within.scope ? await devices.numbers({ filters: [], among: meant, ...within }) : meant) numbers.add(number);
  }
  if (found !== undefined) for (const number of await numbersOf(savedQuery(found))) numbers.add(number);
  for (const group of grouped ?? [])
    for (const number of await numbersOf({ filters: await groupFilters(desk.inventory, group) })) numbers.add(number);
  return [...new Set([...(named ?? []), ...(await devices.idsOf(numbers))])];
}
