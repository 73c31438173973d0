/** Events as the server gives them (GET /api/openapi.json: Event, EventPage). */
import { get, send } from './client.ts';

export const EVENT_SEVERITIES = ['ALERT', 'NOTICE', 'INFO'] as const;
export type EventSeverity = (typeof EVENT_SEVERITIES)[number];

export interface TimelineEvent {
  readonly id: string;
  readonly time: string;
  readonly type: string;
  readonly title: string;
  readonly severity: EventSeverity;
  readonly content: string;
  readonly devices: readonly { readonly id: string; readonly name: string }[];
  readonly alert: string | null;
  readonly owner: string | null;
  readonly userOperation: boolean;
  readonly sensor: string;
  /** A custom rule wrote it and kept its packets, and the caller may have them. */
  readonly packets: boolean;
}

export interface EventPage {
  readonly events: readonly TimelineEvent[];
  readonly next: string | null;
}

export function fetchEvents(query: URLSearchParams, cursor: string | null): Promise<EventPage> {
  const asked = new URLSearchParams(query);
  if (cursor !== null) asked.set('cursor', cursor);
  return get(`/api/events?${asked}`);
}

export interface EventTypeFacts {
  readonly id: string;
  readonly title: string;
  /** Null when who makes the event chooses it. */
  readonly severity: EventSeverity | null;
  readonly userOperation: boolean;
}

/** An event that a person enters; `devices` are numbers, and the sensor is theirs when there are some. */
export function enterEvent(event: {
  readonly severity: EventSeverity;
  readonly time: string;
  readonly description: string;
  readonly devices: readonly number[];
  readonly sensor?: string;
}): Promise<TimelineEvent> {
  return send('POST', '/api/events', event);
}

export function fetchEventTypes(): Promise<readonly EventTypeFacts[]> {
  return get('/api/event-types');
}
