/**
 * Where written frames meet time. A conversation writes at the clock of its timeline, which moves on a little with every
 * packet and by {@link Timeline.wait} in between. Nothing here does I/O.
 */
import { Random } from './random.ts';

export interface TimedPacket {
  /** Since 1970. */
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly frame: Uint8Array;
}

export interface TimelineOptions {
  /** Whole seconds since 1970 at which the clock starts. */
  readonly start?: number;
  readonly seed?: number;
  /** Microseconds between two packets of one conversation; they vary by half of it. 0 keeps the clock still. */
  readonly gap?: number;
}

/** Any fixed instant: 2026-06-01 06:00:00 UTC. */
export const DEFAULT_START = 1_780_293_600;

export class Timeline {
  readonly start: number;
  readonly random: Random;
  readonly #collected: { readonly at: number; readonly frame: Uint8Array }[] = [];
  readonly #gap: number;
  /** Nanoseconds since `start`; exact for 104 days. */
  #clock = 0;
  #identification = 0;
  #port: number;

  constructor(options: TimelineOptions = {}) {
    this.start = options.start ?? DEFAULT_START;
    this.random = new Random(options.seed ?? 1);
    this.#gap = options.gap ?? 400;
    this.#port = 49152 + this.random.below(8000);
  }

  /** Nanoseconds since the start. */
  get clock(): number {
    return this.#clock;
  }

  /** Moves the clock on by milliseconds. */
  wait(milliseconds: number): this {
    this.#clock += Math.round(milliseconds * 1e6);
    return this;
  }

  /** Sets the clock to seconds after the start. Going back is allowed: packets are sorted by time when taken. */
  at(seconds: number): this {
    this.#clock = Math.round(seconds * 1e9);
    return this;
  }

  /** Sets the clock to exact nanoseconds after the start, as {@link clock} gives them. */
  atClock(nanoseconds: number): this {
    this.#clock = nanoseconds;
    return this;
  }

  /** Records a frame now and moves the clock on by about the gap. */
  put(frame: Uint8Array): this {
    this.#collected.push({ at: this.#clock, frame });
    if (this.#gap > 0) this.#clock += 500 * this.#gap + this.random.below(1000 * this.#gap);
    return this;
  }

  get count(): number {
    return this.#collected.length;
  }

  /** All packets so far in time order; packets of the same instant keep the order in which they were written. */
  get packets(): TimedPacket[] {
    return this.#collected.toSorted((a, b) => a.at - b.at).map(({ at, frame }) => this.timed(at, frame));
  }

  /** All frames so far in time order. */
  get frames(): Uint8Array[] {
    return this.packets.map((packet) => packet.frame);
  }

  /** Hands over what was written since the last call (with the clock value of each) and forgets it. */
  drain(): readonly { readonly at: number; readonly frame: Uint8Array }[] {
    return this.#collected.splice(0);
  }

  /** Next IPv4 identification. */
  identification(): number {
    this.#identification = (this.#identification + 1) & 0xffff;
    return this.#identification;
  }

  /** Next ephemeral port. */
  port(): number {
    this.#port = this.#port >= 65000 ? 49152 : this.#port + 1;
    return this.#port;
  }

  /** A packet with its clock value split in seconds and nanoseconds. */
  timed(at: number, frame: Uint8Array): TimedPacket {
    const seconds = Math.floor(at / 1e9);
    return { seconds: this.start + seconds, nanoseconds: at - seconds * 1e9, frame };
  }
}
