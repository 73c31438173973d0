/** The event timeline: what is told of an event. */
import { EVENT_SEVERITIES } from '@annunciator/core/event-types';
import { formatInstant } from '@annunciator/core/time';
import type { StoredEvent } from '@annunciator/store/timeline';
import { z } from 'zod';
import type { CsvColumn } from '@annunciator/core/csv';

export const eventSchema = z
  .object({
    id: z.string(),
    time: z.string().describe('ISO 8601, UTC'),
    type: z.string(),
    title: z.string(),
    severity: z.enum(EVENT_SEVERITIES),
    content: z.string(),
    devices: z.array(
      z.object({ id: z.string(), name: z.string(), number: z.number().nullable().describe('null when it is not in the inventory') }),
    ),
    alert: z.string().nullable().describe('Id of the alert it is about'),
    owner: z.string().nullable().describe('Who did it, null when no person did'),
    userOperation: z.boolean(),
    sensor: z.string(),
    packets: z.boolean().describe('Its packets were kept, and the caller may have them: GET /api/events/{id}/pcap'),
  })
  .meta({ id: 'Event' });
export type EventView = z.infer<typeof eventSchema>;

/** Names and numbers by which people know devices, by the ids that events of a sensor carry; an id without one stands for itself. */
type Named = ReadonlyMap<string, { readonly name: string; readonly number: number }>;
export type DeviceNames = (sensor: string, ids: readonly string[]) => Promise<Named>;

/** Where to look up what the timeline itself does not hold. */
export interface EventLookups {
  readonly namesOf: DeviceNames;
  /** Packets of the event can be read, and the one who asks may. */
  readonly hasPackets: (event: Pick<StoredEvent, 'id' | 'sensor'>) => boolean;
}

export async function eventViews(events: readonly StoredEvent[], { namesOf, hasPackets }: EventLookups): Promise<EventView[]> {
  const names = new Map<string, Named>();
  for (const [sensor, some] of Map.groupBy(events, (event) => event.sensor))
    names.set(
      sensor,
      await namesOf(
        sensor,
        some.flatMap(({ devices }) => devices),
      ),
    );
  return events.map((event) => ({ ...eventView(event, names.get(event.sensor)), packets: hasPackets(event) }));
}

function eventView(event: StoredEvent, names: Named | undefined): Omit<EventView, 'packets'> {
  return {
    ...event,
    time: formatInstant(event.time),
    devices: event.devices.map((id) => ({ id, ...(names?.get(id) ?? { name: id, number: null }) })),
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
