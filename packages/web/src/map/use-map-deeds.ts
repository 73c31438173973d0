/** What the menus of the map do with the devices that are selected. */
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { type DeviceChanges, type DeviceDetails, fetchDevice } from '../api/devices.ts';
import { idsOf } from '../devices/device-alerts.ts';
import type { DeviceActions } from '../devices/use-device-actions.ts';
import { filterText } from '../grid/column-filter.ts';
import { useNotice } from '../shell/notices.tsx';
import type { MapDeed } from './map-menu.tsx';

export type MapDialogKind = 'group' | 'merge' | 'delete';

/** Devices whose details are asked for at once. */
const TOGETHER = 8;
/** Values that a filter takes. */
const MOST_VALUES = 200;

const CHANGES: Readonly<Partial<Record<MapDeed, readonly [changes: DeviceChanges, done: string]>>> = {
  authorise: [{ authorised: true }, 'authorized'],
  unauthorise: [{ authorised: false }, 'set to unauthorized'],
  important: [{ importance: 'High' }, 'marked as important'],
  unimportant: [{ importance: null }, 'no longer marked as important'],
};

export interface MapDeedsOptions {
  /** Numbers of devices. */
  readonly selected: readonly number[];
  readonly actions: DeviceActions;
  onOpen(number: number): void;
  onNeighbours(number: number): void;
  /** Opens the network that is selected, or draws it as one again. */
  onNetwork(isOpened: boolean): void;
}

export function useMapDeeds({ selected, actions, onOpen, onNeighbours, onNetwork }: MapDeedsOptions) {
  const navigate = useNavigate();
  const notice = useNotice();
  const [asked, setAsked] = useState<{ readonly dialog: MapDialogKind; readonly devices: readonly DeviceDetails[] } | null>(null);

  const work = async (deed: MapDeed): Promise<void> => {
    const [number] = selected;
    if (deed === 'expand' || deed === 'collapse') return onNetwork(deed === 'expand');
    if (number === undefined) return;
    if (deed === 'properties') return onOpen(number);
    if (deed === 'details') return navigate(`/devices/${number}`);
    if (deed === 'neighbours') return onNeighbours(number);
    const devices = await everyOne(selected);
    const ids = devices.flatMap(idsOf);
    if (deed === 'alerts') {
      const filter = filterText({ column: 'device', operator: 'equals', values: ids.slice(0, MOST_VALUES) });
      return navigate(`/alerts?${new URLSearchParams({ range: 'all', filter })}`);
    }
    if (deed === 'events')
      return navigate(`/events?${new URLSearchParams(ids.slice(0, MOST_VALUES).map((id): [string, string] => ['device', id]))}`);
    const change = CHANGES[deed];
    if (change) return actions.edit({ rows: devices }, ...change);
    if (deed === 'group' || deed === 'merge' || deed === 'delete') setAsked({ dialog: deed, devices });
  };

  return {
    dialog: asked?.dialog ?? null,
    devices: asked?.devices ?? [],
    close: () => setAsked(null),
    run: (deed: MapDeed) => {
      work(deed).catch((error: unknown) => notice({ intent: 'error', text: error instanceof Error ? error.message : String(error) }));
    },
  };
}

async function everyOne(numbers: readonly number[]): Promise<DeviceDetails[]> {
  const found: DeviceDetails[] = [];
  for (let at = 0; at < numbers.length; at += TOGETHER)
    found.push(...(await Promise.all(numbers.slice(at, at + TOGETHER).map(fetchDevice))));
  return found;
}
