/** What people call a device, and what its sensor told of it. */
import type { DeviceRecord } from '@annunciator/core/device';
import type { DeviceRow } from '@annunciator/store/inventory/device-query';

/** What people call a device, with its address. */
export function nameOf({ name, facts, id }: Pick<DeviceRow, 'name' | 'facts' | 'id'>): string {
  const address = facts.ips[0] ?? facts.macs[0] ?? id;
  return name && name !== address ? `${name} (${address})` : address;
}

/** What the sensor told of a device, as it tells it. */
export function recordOf({ facts, id, firstSeen, lastSeen }: DeviceRow): DeviceRecord {
  return { ...facts, id, firstSeen, lastSeen };
}
