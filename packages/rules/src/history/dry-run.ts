/** What a rule would have raised in the past. */
import { baseName } from '../agent/agent-fact.ts';
import { addressBits, isLoopback, networkPrefix } from '../groups/networks.ts';
import type { ListRule } from '../groups/security-group.ts';
import type { ActivityFrame } from './activity-history.ts';
import type { DeviceWindows } from './device-windows.ts';

/** Devices, and values, that are told by name. */
const MOST_TOLD = 100;

export interface DryRun {
  readonly alerts: number;
  readonly devices: number;
  /** Windows that were judged, of all devices. */
  readonly windows: number;
  /** Those with most alerts first. */
  readonly byDevice: readonly { readonly deviceId: string; readonly alerts: number }[];
  /** Alerts for too many and for too few; null for lists. */
  readonly above: number | null;
  readonly below: number | null;
  /** Values that are not in the list, those on most devices first; null for ranges. */
  readonly values: readonly { readonly value: string; readonly devices: number; readonly hits: number }[] | null;
}

/** A range on windows of the past. */
export function dryRunOfRange(past: ReadonlyMap<string, DeviceWindows>, min: number, max: number): DryRun {
  let [above, below, windows] = [0, 0, 0];
  const alerts = new Map<string, number>();
  for (const [id, own] of past) {
    const counts = [...own.counts.values()];
    const over = counts.filter((count) => count > max).length;
    const silent = own.windows - counts.length;
    const under = counts.filter((count) => count < min).length + (min > 0 ? silent : 0);
    above += over;
    below += under;
    windows += own.windows;
    if (over + under > 0) alerts.set(id, over + under);
  }
  return { alerts: above + below, devices: alerts.size, windows, byDevice: mostFirst(alerts), above, below, values: null };
}

/** A list on values of the past: a value raises once a day for each device. */
export async function dryRunOfList(
  frames: AsyncIterable<ActivityFrame>,
  devices: ReadonlySet<string>,
  number: number,
  rule: ListRule,
  networks: boolean,
): Promise<DryRun> {
  const allowed = networks ? inNetworks(rule.allowlistValues) : inTexts(rule.allowlistValues);
  const days = new Set<string>();
  const alerts = new Map<string, number>();
  const values = new Map<string, { devices: Set<string>; hits: number }>();
  for await (const frame of frames)
    for (const [id, of, bucket, value, hits] of frame.values) {
      if (of !== number || !devices.has(id) || allowed(value)) continue;
      const known = values.get(value) ?? { devices: new Set<string>(), hits: 0 };
      known.devices.add(id);
      known.hits += hits;
      values.set(value, known);
      const day = JSON.stringify([id, value, Math.floor(bucket / 1440)]);
      if (days.has(day)) continue;
      days.add(day);
      alerts.set(id, (alerts.get(id) ?? 0) + 1);
    }
  const told = [...values].map(([value, known]) => ({ value, devices: known.devices.size, hits: known.hits }));
  told.sort((a, b) => b.devices - a.devices || b.hits - a.hits || (a.value < b.value ? -1 : 1));
  return {
    alerts: days.size,
    devices: alerts.size,
    windows: 0,
    byDevice: mostFirst(alerts),
    above: null,
    below: null,
    values: told.slice(0, MOST_TOLD),
  };
}

function inNetworks(values: readonly string[]): (value: string) => boolean {
  const prefixes = values.flatMap((value) => networkPrefix(value) ?? []);
  return (value) => {
    const bits = addressBits(value);
    return bits === undefined || isLoopback(bits) || prefixes.some((prefix) => bits.startsWith(prefix));
  };
}

function inTexts(values: readonly string[]): (value: string) => boolean {
  const allowed = new Set(values);
  return (value) => allowed.has(value) || allowed.has(baseName(value));
}

function mostFirst(alerts: ReadonlyMap<string, number>): { deviceId: string; alerts: number }[] {
  return [...alerts]
    .map(([deviceId, count]) => ({ deviceId, alerts: count }))
    .sort((a, b) => b.alerts - a.alerts || (a.deviceId < b.deviceId ? -1 : 1))
    .slice(0, MOST_TOLD);
}
