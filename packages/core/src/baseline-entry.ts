/** An entry of a sensor's baseline, and who brought it in. */
import type { Learnable } from './alert.ts';
import type { Instant } from './time.ts';

export interface Origin {
  /** Name of the person who learned it; null when the sensor did, while learning. */
  readonly by: string | null;
  /** Milliseconds since 1970, a person's time; null when no person did it. */
  readonly at: number | null;
  /** Id of the alert that was learned; null when none was. */
  readonly alert: string | null;
}

export interface BaselineEntry extends Learnable {
  /** Packet time at which it came in; null when no packet had come yet. */
  readonly learned: Instant | null;
  readonly origin: Origin;
}
