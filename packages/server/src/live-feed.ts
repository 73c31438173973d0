/**
 * What happened to alerts just now, for pages that are open: numbered, with the last ones kept so that a page whose
 * connection broke can catch up.
 */
import type { AlertRow } from './alert-view.ts';

export interface LiveEvent {
  /** Grows by one an event; starts anew with each server start, which `epoch` tells. */
  readonly id: string;
  readonly raised: readonly AlertRow[];
  readonly changed: readonly AlertRow[];
  /** Alerts that were too many to carry: the page asks for them itself. */
  readonly more: number;
}

const KEPT_EVENTS = 1000;
/** Rows an event carries at most: a flood is told as a number. */
const ROWS_PER_EVENT = 50;

export class LiveFeed {
  readonly #epoch: string;
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  readonly #kept: LiveEvent[] = [];
  #last = 0;

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  publish(raised: readonly AlertRow[], changed: readonly AlertRow[]): void {
    if (raised.length + changed.length === 0) return;
    this.#last++;
    const firstRaised = raised.slice(0, ROWS_PER_EVENT);
    const firstChanged = changed.slice(0, ROWS_PER_EVENT - firstRaised.length);
    const event: LiveEvent = {
      id: this.#idOf(this.#last),
      raised: firstRaised,
      changed: firstChanged,
      more: raised.length + changed.length - firstRaised.length - firstChanged.length,
    };
    this.#kept.push(event);
    if (this.#kept.length > KEPT_EVENTS) this.#kept.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** Events after the one a page saw last, or undefined when they are no longer known and the page has to load anew. */
  since(lastEventId: string): readonly LiveEvent[] | undefined {
    const [epoch, text] = lastEventId.split('.');
    const seen = Number(text);
    if (epoch !== this.#epoch || !Number.isSafeInteger(seen) || seen > this.#last) return undefined;
    const oldest = this.#last - this.#kept.length;
    return seen < oldest ? undefined : this.#kept.slice(seen - oldest);
  }

  /** The id to go on from when nothing has been seen yet. */
  get lastId(): string {
    return this.#idOf(this.#last);
  }

  /** Calls the listener on each event until the returned function is called. */
  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #idOf(count: number): string {
    return `${this.#epoch}.${count}`;
  }
}
