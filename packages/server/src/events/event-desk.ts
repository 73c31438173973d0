/**
 * The event timeline at run time: takes in what desks and people make, and answers with everything that came before the
 * question. What people do to the system itself comes from the audit log, so that none of it is missed.
 */
import type { EventSeverity } from '@annunciator/core/event-types';
import { type TimelineEvent, timelineEvent } from '@annunciator/core/events';
import { fromMilliseconds, type Instant } from '@annunciator/core/time';
import type { StoredEvent, TimelinePage, TimelineQuery } from '@annunciator/store/timeline';
import type { Audit, AuditEntry } from '../audit.ts';
import { eventOfAudit } from './audit-events.ts';

/** `Timeline` of the store. */
export interface EventStore {
  append(sensor: string, events: readonly TimelineEvent[]): Promise<void>;
  list(query: TimelineQuery): Promise<TimelinePage>;
}

/** An event as a person enters it. */
export interface EnteredEvent {
  readonly time: Instant;
  readonly severity: EventSeverity;
  readonly content: string;
  /** Ids of devices. */
  readonly devices: readonly string[];
}

/** The sensor of events that belong to none. */
const NO_SENSOR = '';

export class EventDesk {
  readonly #store: EventStore;
  readonly #say: (line: string) => void;
  #written: Promise<void> = Promise.resolve();

  constructor({ store, say }: { readonly store: EventStore; readonly say: (line: string) => void }) {
    this.#store = store;
    this.#say = say;
  }

  /** Takes events in; they are written soon. What cannot be written is told. */
  readonly take = (events: readonly TimelineEvent[], { sensor }: { readonly sensor: string }): void => {
    if (events.length === 0) return;
    this.#written = this.#store
      .append(sensor, events)
      .catch((error: unknown) => this.#say(`The timeline could not be written: ${String(error)}`));
  };

  /** Newest first, with everything that was taken in before. */
  async list(query: TimelineQuery): Promise<TimelinePage> {
    await this.#written;
    return this.#store.list(query);
  }

  /** Writes what a person says happened. Resolves when it is durable. */
  async enter({ time, content, ...details }: EnteredEvent, sensor: string, owner: string): Promise<StoredEvent> {
    const event = timelineEvent('CUSTOM_EVENT', time, content, { ...details, owner });
    await this.#store.append(sensor, [event]);
    return { ...event, sensor };
  }

  /** The audit log, with what people do standing in the timeline, too. */
  audited(audit: Audit): Audit {
    return {
      record: async (entry: AuditEntry) => {
        await audit.record(entry);
        const event = eventOfAudit(entry);
        if (event)
          this.take([timelineEvent(event.type, fromMilliseconds(entry.at), event.content, { owner: entry.who })], { sensor: NO_SENSOR });
      },
    };
  }
}
