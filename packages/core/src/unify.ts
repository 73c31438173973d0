/**
 * One happening seen by several sensors is one alert to the portal.
 *
 * Alerts of different sensors in one zone belong together when type, status, protocol and devices are the same and their first
 * detections lie within ten minutes of the earliest one. Which alerts belong together is decided once: callers keep the
 * group, since a later change of status goes to all its members.
 */
import type { Alert } from './alert.ts';
import { type Duration, type Instant, MINUTE } from './time.ts';

export const UNIFY_WINDOW: Duration = 10n * MINUTE;

/** An alert with the place that detected it. */
export type PlacedAlert = Alert & { readonly sensor: string; readonly zone: string };

export interface UnifiedAlert<A extends PlacedAlert = PlacedAlert> {
  /** The alert with the earliest first detection: it stands for the group. */
  readonly alert: A;
  /** All alerts of the group, the earliest first, at most one of each sensor. */
  readonly members: readonly A[];
}

/** Groups alerts; the answer does not depend on their order. */
export function unify<A extends PlacedAlert>(alerts: Iterable<A>): UnifiedAlert<A>[] {
  const sorted = Array.from(alerts).sort((a, b) => compare(a.firstDetection, b.firstDetection) || compare(a.id, b.id));
  const groups: { alert: A; members: A[] }[] = [];
  const openGroups = new Map<string, { alert: A; members: A[] }[]>();
  for (const alert of sorted) {
    const key = groupKey(alert);
    const candidates = (openGroups.get(key) ?? []).filter((group) => alert.firstDetection - group.alert.firstDetection <= UNIFY_WINDOW);
    const others = candidates.filter(({ members }) => members.every((member) => member.sensor !== alert.sensor));
    // Parameters need not be the same, but where they are, those alerts belong together.
    const group = others.find((other) => other.alert.key === alert.key) ?? others[0];
    if (group) {
      group.members.push(alert);
    } else {
      const fresh = { alert, members: [alert] };
      groups.push(fresh);
      candidates.push(fresh);
    }
    openGroups.set(key, candidates);
  }
  return groups;
}

function groupKey(alert: PlacedAlert): string {
  const { zone, status, type, protocol, source, destination } = alert;
  return JSON.stringify([zone, status, type, protocol, source?.device ?? '', destination?.device ?? '']);
}

function compare<T extends Instant | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
