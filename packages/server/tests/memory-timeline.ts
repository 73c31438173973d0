/** The event timeline in memory, newest first, for tests. */
import type { TimelineEvent } from '@annunciator/core/events';
import type { StoredEvent, TimelinePage, TimelineQuery } from '@annunciator/store/timeline';
import type { Place } from '../src/alert-desk.ts';
import type { EventSource } from '../src/event-view.ts';

export class MemoryTimeline implements EventSource {
  #events: StoredEvent[] = [];

  append = (events: readonly TimelineEvent[], { sensor }: Pick<Place, 'sensor'>): void => {
    this.#events = [...this.#events, ...events.map((event) => ({ ...event, sensor }))].sort((a, b) => Number(b.time - a.time));
  };

  list(query: TimelineQuery): Promise<TimelinePage> {
    const search = query.search?.toLowerCase();
    const matching = this.#events.filter(
      (event) =>
        (query.from === undefined || event.time >= query.from) &&
        (query.to === undefined || event.time <= query.to) &&
        (!query.types || query.types.includes(event.type)) &&
        !query.excludedTypes?.includes(event.type) &&
        (!query.severities || query.severities.includes(event.severity)) &&
        (!query.devices || event.devices.some((device) => query.devices?.includes(device))) &&
        (query.userOperations !== false || !event.userOperation) &&
        (!search || `${event.title} ${event.content}`.toLowerCase().includes(search)),
    );
    const start = Number(query.cursor ?? 0);
    const end = start + query.limit;
    return Promise.resolve({ events: matching.slice(start, end), next: end < matching.length ? String(end) : null });
  }
}
