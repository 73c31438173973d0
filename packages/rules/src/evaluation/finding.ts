/** What evaluation finds: a device outside a range, a value that is not in a list, or an event at the hub that always matters. */
import { createHash } from 'node:crypto';
import { alertTypeOf, RULE_TYPES } from '../custom-alerts/rule-types.ts';
import type { CompiledWindow } from './compiled-rule.ts';

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

/** What is told of a window. */
interface JudgedWindow {
  /** Minutes since 1970. */
  readonly start: number;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly bound: 'max' | 'min';
}

/** A finding of a window that is out of the range of a rule; the last one where it has too few. */
export function windowFinding(deviceId: string, group: string, rule: CompiledWindow, { start, count, time, bound }: JudgedWindow): Finding {
  const ruleType = RULE_TYPES[rule.number].name;
  const alertType = alertTypeOf(ruleType);
  const windowStart = start * 60_000;
  const windowEnd = windowStart + rule.size * 60_000;
  return {
    id: findingId(deviceId, alertType, windowStart, windowEnd, null),
    alertType,
    deviceId,
    group,
    ruleType,
    alertName: rule.alertName,
    bound,
    time,
    count,
    final: bound === 'min',
    windowStart,
    windowEnd,
    range: { min: rule.min, max: rule.max, size: rule.sizeText },
    value: null,
  };
}
