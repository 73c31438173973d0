/** How the alerts and the events of a device are asked for: by its id and by those of its parts. */
import type { DeviceDetails } from '../api/devices.ts';
import { filterText } from '../grid/column-filter.ts';

type Whole = Pick<DeviceDetails, 'id' | 'parts' | 'sensor'>;

export function idsOf({ id, parts }: Pick<DeviceDetails, 'id' | 'parts'>): readonly string[] {
  return [id, ...parts.map((part) => part.id)];
}

/** The question to the alerts, the newest first. */
export function alertsQuery(device: Whole): URLSearchParams {
  const query = new URLSearchParams({ sort: '-lastDetection' });
  query.append('filter', filterText({ column: 'device', operator: 'equals', values: idsOf(device) }));
  query.append('filter', filterText({ column: 'sensor', operator: 'equals', values: [device.sensor] }));
  return query;
}

/** The page of these alerts. */
export function alertsPath(device: Whole): string {
  const query = alertsQuery(device);
  query.set('range', 'all');
  return `/alerts?${query}`;
}
