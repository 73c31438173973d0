/**
 * The demo plant at the pace of a demonstration: learning passes quickly, then packet time runs like the wall clock. No
 * timers here; whoever feeds a sensor asks again and again what is due.
 */
import type { PlantOptions } from './plant.ts';
import { DEFAULT_LEARNING, plantTraffic } from './plant.ts';
import type { TimedPacket } from './timeline.ts';

export interface PlantFeedOptions extends Omit<PlantOptions, 'start'> {
  /** Wall clock at the beginning, milliseconds since 1970. */
  readonly now: number;
  /** Seconds of packet time per second of the wall clock while learning. */
  readonly learningSpeed?: number;
  /** The same after learning; 1 keeps packet time and wall clock together. */
  readonly speed?: number;
}

export class PlantFeed {
  /** Packet time at which learning ends, seconds since 1970: where the sensor is to become operational. */
  readonly learningEnds: number;
  readonly #begin: number;
  readonly #start: number;
  readonly #learning: number;
  readonly #learningSpeed: number;
  readonly #speed: number;
  readonly #packets: Generator<TimedPacket, never, void>;
  #next: TimedPacket;

  constructor(options: PlantFeedOptions) {
    this.#begin = options.now;
    this.#learning = options.learning ?? DEFAULT_LEARNING;
    this.#learningSpeed = options.learningSpeed ?? 60;
    this.#speed = options.speed ?? 1;
    // Begins so far in the past that packet time meets the wall clock when learning ends.
    this.#start = Math.floor(options.now / 1000 + this.#learning / this.#learningSpeed - this.#learning);
    this.learningEnds = this.#start + this.#learning;
    this.#packets = plantTraffic({ ...options, learning: this.#learning, start: this.#start });
    this.#next = this.#packets.next().value;
  }

  /** Packet time (seconds since 1970) that belongs to a wall clock time (milliseconds since 1970). */
  packetTime(now: number): number {
    const passed = Math.max(0, now - this.#begin) / 1000;
    const learned = this.#learning / this.#learningSpeed;
    if (passed < learned) return this.#start + passed * this.#learningSpeed;
    return this.learningEnds + (passed - learned) * this.#speed;
  }

  /** Packets due by now that were not given before. At most `limit`: the rest comes with the next call. */
  *due(now: number, limit = 100_000): Generator<TimedPacket, void, void> {
    const until = this.packetTime(now);
    for (let given = 0; given < limit && this.#next.seconds + this.#next.nanoseconds / 1e9 < until; given++) {
      const packet = this.#next;
      this.#next = this.#packets.next().value;
      yield packet;
    }
  }
}
