/**
 * Keeps a flood out of the timeline: of each type so many lines in a minute of packet time are written, the rest is counted
 * and told in one line when the minute is over.
 */
import { EVENT_TYPES, type EventType } from '@annunciator/core/event-types';
import { instant } from '@annunciator/core/time';
import type { SensorEvent } from '../sensor.ts';

/** Lines of one type in one minute. */
export const EVENTS_PER_MINUTE = 600;
const MINUTE = 60;

interface Minute {
  /** Minutes since 1970. */
  minute: number;
  written: number;
  counted: number;
}

export class EventLimit {
  /** Events that were counted and not written, since the start. */
  counted = 0;
  readonly #write: (event: SensorEvent) => void;
  readonly #minutes = new Map<EventType, Minute>();

  constructor(write: (event: SensorEvent) => void) {
    this.#write = write;
  }

  /** Takes an event at `seconds` of packet time. `make` is called for events that are written only. */
  add(type: EventType, seconds: number, make: () => SensorEvent): void {
    const minute = Math.floor(seconds / MINUTE);
    let state = this.#minutes.get(type);
    if (!state) this.#minutes.set(type, (state = { minute, written: 0, counted: 0 }));
    if (state.minute !== minute) {
      this.#tellRest(type, state);
      state.minute = minute;
      state.written = 0;
    }
    if (state.written >= EVENTS_PER_MINUTE) {
      state.counted++;
      this.counted++;
      return;
    }
    state.written++;
    this.#write(make());
  }

  /** No packet comes after. */
  finish(): void {
    for (const [type, state] of this.#minutes) this.#tellRest(type, state);
  }

  #tellRest(type: EventType, state: Minute): void {
    const { counted, minute } = state;
    if (counted === 0) return;
    state.counted = 0;
    const content = `${counted.toLocaleString('en')} more of "${EVENT_TYPES[type].title}" came within this minute and were counted only.`;
    this.#write({ type, time: instant((minute + 1) * MINUTE, 0), content, devices: [] });
  }
}
