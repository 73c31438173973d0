/** The event timeline: what is told of an event, and how the address asks for events. */
import { EVENT_SEVERITIES, EVENT_TYPES, type EventType } from '@annunciator/core/event-types';
import { formatInstant } from '@annunciator/core/time';
import type { StoredEvent, TimelinePage, TimelineQuery } from '@annunciator/store/timeline';
import { z } from 'zod';
import type { CsvColumn } from './csv.ts';
import { timeOf } from './time-address.ts';

/** Where events come from. */
export interface EventSource {
  list(query: TimelineQuery): Promise<TimelinePage>;
}

export const NO_EVENTS: EventSource = { list: () => Promise.resolve({ events: [], next: null }) };

export const eventSchema = z
  .object({
    id: z.string(),
    time: z.string().describe('ISO 8601, UTC'),
    type: z.string(),
    title: z.string(),
    severity: z.enum(EVENT_SEVERITIES),
    content: z.string(),
    devices: z.array(z.object({ id: z.string(), name: z.string() })),
    alert: z.string().nullable().describe('Id of the alert it is about'),
    owner: z.string().nullable().describe('Who did it, null when no person did'),
    userOperation: z.boolean(),
    sensor: z.string(),
  })
  .meta({ id: 'Event' });
export type EventView = z.infer<typeof eventSchema>;

// The keys of a constant are exactly its type's.
const TYPES = Object.keys(EVENT_TYPES) as [EventType, ...EventType[]];

function several<Schema extends z.ZodType>(schema: Schema) {
  return z
    .union([schema, z.array(schema).max(200)])
    .optional()
    .transform((given): z.infer<Schema>[] | undefined => {
      if (given === undefined) return undefined;
      // Either branch of the union above.
      return Array.isArray(given) ? given : [given as z.infer<Schema>];
    });
}

export const eventAddressSchema = z.object({
  search: z.string().max(200).optional().describe('Text in title or content'),
  from: z.string().max(40).optional().describe('Earliest time, ISO 8601 with offset'),
  to: z.string().max(40).optional().describe('Latest time, ISO 8601 with offset'),
  severity: several(z.enum(EVENT_SEVERITIES)).describe('One or several'),
  type: several(z.enum(TYPES)).describe('One or several types'),
  excludedType: several(z.enum(TYPES)).describe('Types to leave out'),
  device: several(z.string().max(200)).describe('Ids of devices, one of which takes part'),
  sensor: z.string().max(200).optional(),
  userOperations: z.enum(['show', 'hide']).default('hide').describe('Whether to show what people did'),
});
export type EventAddress = z.infer<typeof eventAddressSchema>;

/** @throws RequestError that names the time that cannot be read. */
export function timelineQueryOf(address: EventAddress, limit: number, cursor?: string): TimelineQuery {
  const { severity, type, excludedType, device, sensor } = address;
  const search = address.search?.trim();
  const from = timeOf('from', address.from);
  const to = timeOf('to', address.to);
  return {
    limit,
    userOperations: address.userOperations === 'show',
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(search ? { search } : {}),
    ...(severity ? { severities: severity } : {}),
    ...(type ? { types: type } : {}),
    ...(excludedType ? { excludedTypes: excludedType } : {}),
    ...(device ? { devices: device } : {}),
    ...(sensor === undefined ? {} : { sensor }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** Names by which people know devices, by the ids that events carry; an id without one stands for itself. */
export type DeviceNames = (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;

export async function eventViews(events: readonly StoredEvent[], namesOf: DeviceNames): Promise<EventView[]> {
  const names = await namesOf(events.flatMap(({ devices }) => devices));
  return events.map((event) => eventView(event, names));
}

function eventView(event: StoredEvent, names: ReadonlyMap<string, string>): EventView {
  return {
    ...event,
    time: formatInstant(event.time),
    devices: event.devices.map((id) => ({ id, name: names.get(id) ?? id })),
  };
}

export const EVENT_CSV: readonly CsvColumn<EventView>[] = [
  ['Time', (event) => event.time],
  ['Severity', (event) => event.severity],
  ['Title', (event) => event.title],
  ['Content', (event) => event.content],
  ['Devices', (event) => event.devices.map(({ name }) => name).join('; ')],
  ['User', (event) => event.owner ?? ''],
  ['Sensor', (event) => event.sensor],
  ['Type', (event) => event.type],
  ['Alert', (event) => event.alert ?? ''],
];
