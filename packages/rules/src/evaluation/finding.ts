/** What evaluation finds: a device outside a range, a value that is not in a list, or an event at the hub that always matters. */
import { createHash } from 'node:crypto';

export interface Finding {
  /** The same whenever the same is found, also when it is found again after a crash. */
  readonly id: string;
  readonly alertType: string;
  /** Null for what concerns the hub itself. */
  readonly deviceId: string | null;
  /** The security group by whose rule it was judged, as it was typed; null for built-in alerts. */
  readonly group: string | null;
  /** Null for built-in alerts. */
  readonly ruleType: string | null;
  readonly alertName: string | null;
  readonly bound: 'max' | 'min' | 'list' | 'event';
  /** Milliseconds since 1970: the event that decided, or the end of a window with too few. */
  readonly time: number;
  /** Events in the window so far, or how often the value was seen. */
  readonly count: number;
  /** False while the count may still grow. */
  readonly final: boolean;
  /** The window, milliseconds since 1970; the UTC day for lists, the minute for events at the hub. */
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly range: { readonly min: number; readonly max: number; readonly size: string } | null;
  /** What is not in the list. */
  readonly value: string | null;
}

/** Id of a finding: one per device, rule type and window, or value and day. */
export function findingId(
  deviceId: string | null,
  alertType: string,
  windowStart: number,
  windowEnd: number,
  value: string | null,
): string {
  return createHash('sha256')
    .update(JSON.stringify([deviceId, alertType, windowStart, windowEnd, value]))
    .digest('hex')
    .slice(0, 32);
}
