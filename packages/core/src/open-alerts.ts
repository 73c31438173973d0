/**
 * The open alerts of a book, found by id and by key, and those that were closed of late.
 *
 * All of them may be in memory, or only those that changed of late while the store has the rest: then whoever needs one
 * of the others gives it back first.
 */
import type { Alert } from './alert.ts';

const RECENTLY_CLOSED = 10_000;

export class OpenAlerts {
  /** In memory, the longest without change first. */
  readonly #open = new Map<string, Alert>();
  readonly #idByKey = new Map<string, string>();
  readonly #recentlyClosed = new Map<string, Alert>();
  #count = 0;

  /** Open alerts, in memory or released. */
  get count(): number {
    return this.#count;
  }

  /** True when some open alerts are not in memory. */
  get hasReleased(): boolean {
    return this.#count !== this.#open.size;
  }

  /** Counts alerts that are open beyond those known so far, or with a negative number fewer. */
  add(count: number): void {
    this.#count += count;
  }

  /** Holds the newest value of an alert; {@link add} counts it when it was opened or closed. */
  keep(alert: Alert): void {
    this.#recentlyClosed.delete(alert.id);
    this.#open.delete(alert.id);
    if (alert.status !== 'Closed') {
      this.#open.set(alert.id, alert);
      this.#idByKey.set(alert.key, alert.id);
      return;
    }
    this.#forgetKey(alert);
    this.#recentlyClosed.set(alert.id, alert);
    this.#dropClosed(RECENTLY_CLOSED);
  }

  /** Takes back open alerts that were released; what is known by now stays. */
  recall(alerts: Iterable<Alert>): void {
    for (const alert of alerts) if (alert.status !== 'Closed' && !this.get(alert.id)) this.keep(alert);
  }

  /** Lets go of the alerts beyond so many, those longest without change first. The store must have them. */
  release(most: number): void {
    this.#dropClosed(most);
    for (const alert of this.#open.values()) {
      if (this.#open.size <= most) return;
      this.#open.delete(alert.id);
      this.#forgetKey(alert);
    }
  }

  /** The newest value of an alert that is open, or was closed of late. */
  get(id: string): Alert | undefined {
    return this.#open.get(id) ?? this.#recentlyClosed.get(id);
  }

  ofKey(key: string): Alert | undefined {
    const id = this.#idByKey.get(key);
    return id === undefined ? undefined : this.#open.get(id);
  }

  values(): IterableIterator<Alert> {
    return this.#open.values();
  }

  #forgetKey(alert: Alert): void {
    if (this.#idByKey.get(alert.key) === alert.id) this.#idByKey.delete(alert.key);
  }

  #dropClosed(most: number): void {
    for (const id of this.#recentlyClosed.keys()) {
      if (this.#recentlyClosed.size <= most) return;
      this.#recentlyClosed.delete(id);
    }
  }
}
