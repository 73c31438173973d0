/**
 * By the rule of which group a device that changed its group is counted. Counting goes on in the old group until its window
 * ends, and begins in the new group with the first window after that. Where the old group has no such rule it begins at once;
 * such a window is not judged for too few, as it saw only a part.
 */
import type { Move } from './device-table.ts';

const MINUTE = 60_000;

/** Size of the window of a group's rule in minutes, 0 when it has no such rule. */
export type WindowSize = (group: number) => number;

/** Number of the group, -1 when the device is between two. @param time milliseconds since 1970 */
export function groupAt(moves: readonly Move[], size: WindowSize, time: number): number {
  let running = { group: moves[0].group, from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  let waiting: typeof running | undefined;
  for (const { group, at } of moves.slice(1)) {
    if (waiting && at >= waiting.from) {
      if (time < waiting.from) break;
      running = waiting;
    }
    const length = size(running.group) * MINUTE;
    // One that ended already stays ended.
    if (at < running.until)
      running = { ...running, until: length === 0 ? at : Math.min(running.until, (Math.floor(at / length) + 1) * length) };
    const least = Math.max(at, running.until);
    // Nothing runs that would have to end first.
    const isFree = length === 0 && least === at;
    const next = isFree ? 0 : size(group) * MINUTE;
    waiting = { group, from: next === 0 ? least : Math.ceil(least / next) * next, until: Number.POSITIVE_INFINITY };
  }
  if (time < running.until) return running.group;
  return waiting && time >= waiting.from ? waiting.group : -1;
}
