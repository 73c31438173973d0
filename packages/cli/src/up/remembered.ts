/** What a sensor goes on from: the devices it knew when it stopped, and what people decided about them. */
import type { DeviceRecord } from '@annunciator/core/device';
import type { Decisions } from '@annunciator/sensor/inventory/inventory';
import { recordOf } from '@annunciator/server/devices/device-name';
import type { DeviceRow } from '@annunciator/store/inventory/device-query';
import type { Store } from '@annunciator/store/store';

/** Pairs of devices that a sensor is told to have met before. */
const MOST_PAIRS = 100_000;

export interface Remembered {
  readonly devices: readonly DeviceRecord[];
  readonly met: readonly (readonly [string, string])[];
  readonly decisions: Decisions;
}

export async function remembered(store: Pick<Store, 'inventory'>, sensor: string): Promise<Remembered> {
  const { devices, connections, subnets, unions } = store.inventory;
  const rows: DeviceRow[] = [];
  for await (const batch of devices.told(sensor)) rows.push(...batch);
  const whole = rows.filter(({ mergedInto, origin }) => mergedInto === null && origin === 'sensor');
  const byNumber = new Map(whole.map((row) => [row.number, row]));
  return {
    devices: whole.map(recordOf),
    met: await connections.pairs(sensor, MOST_PAIRS),
    decisions: {
      names: rows.flatMap(({ id, edits }) => (edits.name ? [[id, edits.name] as const] : [])),
      subnets: subnets.named(),
      apart: await unions.apart(sensor),
      together: rows.flatMap((part) => {
        const into = part.mergedInto === null ? undefined : byNumber.get(part.mergedInto);
        return into ? [{ id: into.id, addresses: [part.id, ...part.facts.ips, ...part.facts.macs] }] : [];
      }),
    },
  };
}
