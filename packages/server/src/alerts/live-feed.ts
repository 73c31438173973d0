/**
 * What happened to alerts just now, for pages that are open: with the number of the change, and the last ones kept so
 * that a page whose connection broke can catch up. A page that saw an older number asks the store.
 */
import type { JobRecord } from '@annunciator/store/alert-jobs';
import type { AlertRow } from './alert-view.ts';

export interface LiveEvent {
  /** Number of the last change that it tells of. */
  readonly change: number;
  readonly raised: readonly AlertRow[];
  readonly changed: readonly AlertRow[];
  /** Alerts that were too many to carry: the page asks for them itself. */
  readonly moreRaised: number;
  readonly moreChanged: number;
}

export interface Listener {
  alerts(event: LiveEvent): void;
  job(job: JobRecord): void;
}

const KEPT_EVENTS = 1000;
/** Rows an event carries at most: a flood is told as a number. */
export const ROWS_PER_EVENT = 50;

export class LiveFeed {
  readonly #listeners = new Set<Listener>();
  readonly #kept: LiveEvent[] = [];
  /** Number of the change before the oldest that is kept. */
  #before: number;
  #last: number;

  /** `last` is the number of the last change before the start. */
  constructor(last: number) {
    this.#before = last;
    this.#last = last;
  }

  /** Tells of a save; `untold` are alerts that changed beside those of the rows. */
  publish(change: number, raised: readonly AlertRow[], changed: readonly AlertRow[], untold = 0): void {
    this.#last = change;
    if (raised.length + changed.length + untold === 0) return;
    const event = eventOf(change, raised, changed, untold);
    this.#kept.push(event);
    if (this.#kept.length > KEPT_EVENTS) this.#before = this.#kept.shift()?.change ?? this.#before;
    for (const listener of this.#listeners) listener.alerts(event);
  }

  /** Tells how far a job has come; a page that missed it asks for the job. */
  publishJob(job: JobRecord): void {
    for (const listener of this.#listeners) listener.job(job);
  }

  /** Events after the change that a page saw last, or undefined when they are not kept any more. */
  since(change: number): readonly LiveEvent[] | undefined {
    return change < this.#before || change > this.#last ? undefined : this.#kept.filter((event) => event.change > change);
  }

  /** Number of the last change that was told. */
  get last(): number {
    return this.#last;
  }

  /** Calls the listener until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** An event with as many rows as it may carry. */
export function eventOf(change: number, raised: readonly AlertRow[], changed: readonly AlertRow[], untold = 0): LiveEvent {
  const firstRaised = raised.slice(0, ROWS_PER_EVENT);
  const firstChanged = changed.slice(0, ROWS_PER_EVENT - firstRaised.length);
  return {
    change,
    raised: firstRaised,
    changed: firstChanged,
    moreRaised: raised.length - firstRaised.length,
    moreChanged: changed.length - firstChanged.length + untold,
  };
}
