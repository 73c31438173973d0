/** What people do with devices: the call, a notice of what was done and what was refused, and the way back. */
import { useQueryClient } from '@tanstack/react-query';
import {
  acknowledgeDevices,
  deleteDevices,
  deleteInactive,
  type Device,
  type DeviceChanges,
  type DeviceDetails,
  type DeviceOutcome,
  deviceTitle,
  type DeviceVersion,
  editDevice,
  editDevices,
  fetchDevice,
  fetchDevices,
  mergeDevices,
  splitDevice,
} from '../api/devices.ts';
import { useNotice } from '../shell/notices.tsx';
import { undoOf } from './undo-changes.ts';

/** Devices of one request; the server takes no more. */
const MOST_AT_ONCE = 10_000;
const PAGE = 1000;

/** The devices that are meant: these, or everything that a question matches. */
export type DeviceTarget = { readonly rows: readonly Device[] } | { readonly query: URLSearchParams };

export interface DeviceActions {
  /** `done` completes "12 devices ...". */
  edit(target: DeviceTarget, changes: DeviceChanges, done: string): Promise<void>;
  /** One field or several of one device; true when the server took it. */
  editOne(device: DeviceDetails, changes: DeviceChanges): Promise<boolean>;
  /** Devices that somebody has looked at are no longer new. Those at places where the person may not change them stay as they are. */
  acknowledge(numbers: readonly number[]): Promise<boolean>;
  merge(one: Device, others: readonly Device[]): Promise<boolean>;
  split(device: DeviceDetails, taken: { readonly parts?: readonly number[]; readonly addresses?: readonly string[] }): Promise<boolean>;
  remove(devices: readonly Device[], reason: string): Promise<void>;
  removeInactive(query: URLSearchParams, days: number, reason: string): Promise<void>;
}

export function devicesText(count: number): string {
  return count === 1 ? '1 device' : `${count.toLocaleString('en')} devices`;
}

export function useDeviceActions(): DeviceActions {
  const notice = useNotice();
  const queries = useQueryClient();
  const renew = () =>
    Promise.all(['devices', 'device', 'map', 'events'].map((key) => queries.invalidateQueries({ queryKey: [key] }))).then(() => undefined);

  /** Runs the work and says what went wrong; true when nothing did. */
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      notice({ intent: 'error', text: error instanceof Error ? error.message : String(error) });
      return false;
    } finally {
      void renew();
    }
  };
  const tell = ({ changed, refused }: DeviceOutcome, done: string, undo?: () => void) => {
    const [first] = refused;
    if (changed.length > 0)
      notice({
        intent: 'success',
        text: `${devicesText(changed.length)} ${done}.`,
        ...(undo ? { actions: [{ label: 'Undo', run: undo }] } : {}),
      });
    if (first)
      notice({
        intent: 'warning',
        text: refused.length === 1 ? first.message : `${devicesText(refused.length)} left as they are. ${first.message}`,
      });
  };
  const takeBack = (before: readonly Device[], changed: readonly DeviceVersion[], changes: DeviceChanges) =>
    attempt(async () => {
      const outcomes = await Promise.all(undoOf(before, changed, changes).map((step) => editDevices(step.devices, step.changes)));
      tell({ changed: outcomes.flatMap((one) => one.changed), refused: outcomes.flatMap((one) => one.refused) }, 'set back');
    });
  const splitOff = (device: DeviceVersion, parts: readonly number[]) =>
    attempt(async () => {
      const { devices } = await splitDevice(device, { parts });
      notice({ intent: 'success', text: `${devicesText(devices.length)} taken apart again.` });
    });

  return {
    edit: async (target, changes, done) => {
      await attempt(async () => {
        const rows = 'rows' in target ? target.rows : await everyDevice(target.query);
        const outcome = await editDevices(rows, changes);
        tell(outcome, done, () => void takeBack(rows, outcome.changed, changes));
      });
    },
    editOne: (device, changes) =>
      attempt(async () => {
        const changed = await editDevice(device, changes);
        queries.setQueryData(['device', device.number], changed);
        notice({
          intent: 'success',
          text: `${deviceTitle(changed)} was changed.`,
          actions: [{ label: 'Undo', run: () => void takeBack([device], [changed], changes) }],
        });
      }),
    acknowledge: (numbers) => attempt(async () => void (await acknowledgeDevices(numbers))),
    merge: (one, others) =>
      attempt(async () => {
        const whole = await mergeDevices(one, others);
        notice({
          intent: 'success',
          text: `${devicesText(others.length)} went into ${deviceTitle(whole)}.`,
          actions: [
            {
              label: 'Undo',
              run: () =>
                void splitOff(
                  whole,
                  others.map(({ number }) => number),
                ),
            },
          ],
        });
      }),
    split: (device, taken) =>
      attempt(async () => {
        const { devices } = await splitDevice(device, taken);
        const join = () =>
          attempt(async () => {
            const rest = await fetchDevice(device.number);
            const back = await mergeDevices(rest, devices);
            notice({ intent: 'success', text: `${deviceTitle(back)} is one device again.` });
          });
        notice({
          intent: 'success',
          text: `${devices.map(deviceTitle).join(', ')} taken out of ${deviceTitle(device)}.`,
          actions: [{ label: 'Undo', run: () => void join() }],
        });
      }),
    remove: async (devices, reason) => {
      await attempt(async () =>
        tell(
          await deleteDevices(
            devices.map(({ number }) => number),
            reason,
          ),
          'taken out of the inventory',
        ),
      );
    },
    removeInactive: async (query, days, reason) => {
      await attempt(async () => {
        const outcome = await deleteInactive(query, days, reason);
        if (outcome.changed.length + outcome.refused.length === 0)
          notice({ intent: 'info', text: `No device was silent for ${days} days.` });
        tell(outcome, 'taken out of the inventory');
      });
    },
  };
}

/** Everything that a question matches. @throws Error when it is more than one request may change */
async function everyDevice(query: URLSearchParams): Promise<readonly Device[]> {
  const found: Device[] = [];
  let cursor: string | null = null;
  do {
    const page = await fetchDevices(query, cursor, PAGE);
    if (page.matching > MOST_AT_ONCE)
      throw new Error(
        `${devicesText(page.matching)} match, and at most ${MOST_AT_ONCE.toLocaleString('en')} are changed at once: filter for fewer.`,
      );
    found.push(...page.devices);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}
