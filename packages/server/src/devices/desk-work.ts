/**
 * What the parts of the device desk share: the inventory, its sensors, where what people do is written down, and the turns in which
 * it is carried out, one after the other.
 */
import type { EventType } from '@annunciator/core/event-types';
import { type EventDetails, type TimelineEvent, timelineEvent } from '@annunciator/core/events';
import { DAY, fromMilliseconds, type Instant } from '@annunciator/core/time';
import type { DeviceRow } from '@annunciator/store/inventory/device-query';
import type { Inventory } from '@annunciator/store/store';
import type { Place } from '../alerts/alert-desk.ts';
import type { Audit } from '../audit.ts';
import type { SensorLink } from '../sensor-link.ts';

export interface DeviceDeskOptions {
  readonly inventory: Inventory;
  readonly sensors: Pick<SensorLink, 'learned' | 'unlearned' | 'change' | 'unite' | 'divide' | 'forget' | 'goBy' | 'isRunning'>;
  readonly audit: Audit;
  /** Takes the entries of the event timeline; they are dropped without it. */
  readonly timeline?: (events: readonly TimelineEvent[], place: Pick<Place, 'sensor'>) => void;
  /** How long a device that nobody worked on may be silent, in nanoseconds of packet time; asked each time. 90 days without. */
  readonly retention?: () => Instant;
  /** Milliseconds since 1970, for the time of people's actions; passed in by tests. */
  readonly clock?: () => number;
}

/** Devices that are in memory at once when many are changed. */
const SLICE = 500;
const RETENTION = 90n * DAY;

export class DeskWork {
  readonly inventory: Inventory;
  readonly sensors: DeviceDeskOptions['sensors'];
  readonly audit: Audit;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly timeline: (events: readonly TimelineEvent[], place: Pick<Place, 'sensor'>) => void;
  readonly retention: () => Instant;
  /** Packet time of the newest packet, by sensor: what "now" means for a device. */
  readonly #now = new Map<string, Instant>();
  #turns: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<() => void>();

  constructor(options: DeviceDeskOptions) {
    this.inventory = options.inventory;
    this.sensors = options.sensors;
    this.audit = options.audit;
    this.timeline = options.timeline ?? (() => undefined);
    this.retention = options.retention ?? (() => RETENTION);
    this.clock = options.clock ?? Date.now;
  }

  /** Calls the listener after devices came, went, or became one, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Devices came, went, or became one. */
  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** A sensor has come so far in packet time. */
  reached(sensor: string, now: Instant): void {
    this.#now.set(sensor, now);
  }

  /** Packet time of a sensor's newest packet; the clock's where it has sent none since the start. */
  nowOf(sensor: string): Instant {
    return this.#now.get(sensor) ?? fromMilliseconds(this.clock());
  }

  /** Packet time of the newest packet of all sensors. */
  now(): Instant {
    let newest: Instant | undefined;
    for (const at of this.#now.values()) if (newest === undefined || at > newest) newest = at;
    return newest ?? fromMilliseconds(this.clock());
  }

  /** Devices by their numbers, some at a time. */
  async *inSlices(numbers: readonly number[]): AsyncIterable<readonly DeviceRow[]> {
    for (let at = 0; at < numbers.length; at += SLICE) yield await this.inventory.devices.byNumbers(numbers.slice(at, at + SLICE));
  }

  /** Writes into the timeline of a sensor what a person did. */
  tell(type: EventType, sensor: string, content: string, details: EventDetails): void {
    this.timeline([timelineEvent(type, fromMilliseconds(this.clock()), content, details)], { sensor });
  }

  /** One after the other. */
  turn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(work);
    this.#turns = turn.catch(() => undefined);
    return turn;
  }
}
