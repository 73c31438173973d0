/**
 * The event timeline: what happened and who did what, as values.
 *
 * The life cycle makes the events of alerts; the sensor makes those of devices and traffic with {@link timelineEvent}.
 */
import type { Alert } from './alert.ts';
import { EVENT_TYPES, type EventSeverity, type EventType } from './event-types.ts';
import { digest } from './identity.ts';
import type { Instant } from './time.ts';

/** One entry of the timeline. */
export interface TimelineEvent {
  /** The same for the same event of a replay. */
  readonly id: string;
  readonly time: Instant;
  readonly type: EventType;
  readonly title: string;
  readonly severity: EventSeverity;
  readonly content: string;
  /** Ids of the devices that take part. */
  readonly devices: readonly string[];
  /** Id of the alert it is about, if it is about one. */
  readonly alert: string | null;
  /** Name of the person who did it, null when no person did. */
  readonly owner: string | null;
  readonly userOperation: boolean;
}

/** What the maker of an event says beyond its type, time and content. */
export interface EventDetails {
  readonly devices?: readonly string[];
  readonly alert?: string;
  readonly owner?: string;
  /** Needed for types whose severity is chosen (`CUSTOM_EVENT`, `USER_DEFINED_RULE_OPERATION`); INFO otherwise. */
  readonly severity?: EventSeverity;
}

/** Makes an event of the timeline. */
export function timelineEvent(type: EventType, time: Instant, content: string, details: EventDetails = {}): TimelineEvent {
  const row: { title: string; severity: EventSeverity | 'chosen'; user?: true } = EVENT_TYPES[type];
  const severity = row.severity === 'chosen' ? (details.severity ?? 'INFO') : row.severity;
  const devices = details.devices ?? [];
  const alert = details.alert ?? null;
  const owner = details.owner ?? null;
  const id = digest(['event', type, time.toString(), content, ...devices, alert ?? '', owner ?? '']);
  return { id, time, type, title: row.title, severity, content, devices, alert, owner, userOperation: row.user ?? false };
}

/** Ids of the devices at the ends of an alert. */
export function alertDevices(alert: Pick<Alert, 'source' | 'destination'>): string[] {
  const devices = new Set<string>();
  if (alert.source) devices.add(alert.source.device);
  if (alert.destination) devices.add(alert.destination.device);
  return [...devices];
}

/** An alert was raised. */
export function alertReported(alert: Alert): TimelineEvent {
  return timelineEvent('ALERT_REPORTED', alert.firstDetection, `${alert.title}: ${alert.message}`, {
    devices: alertDevices(alert),
    alert: alert.id,
  });
}

/** An alert changed by hand or by the system; `what` completes "The alert ... was", such as `closed`. */
export function alertUpdated(alert: Alert, at: Instant, what: string, owner?: string): TimelineEvent {
  const details = { devices: alertDevices(alert), alert: alert.id };
  return timelineEvent('ALERT_UPDATED', at, `${alert.title} was ${what}.`, owner === undefined ? details : { ...details, owner });
}
