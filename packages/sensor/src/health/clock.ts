/** Steps of a clock: of the one that stamps packets, which decides in all engines, and of this machine's. */

/** Packets may come out of order by so many seconds without anybody having set a clock. */
const DISORDER = 1;
/** A machine's clock that is kept right moves less than this against its steady one, in milliseconds. */
const DRIFT = 500;

export interface ClockStep {
  /** Packet second at which it was seen. */
  readonly second: number;
  /** Seconds that the clock went on (above 0) or back. */
  readonly by: number;
}

export class ClockWatch {
  count = 0;
  last: ClockStep | null = null;
  #newest = 0;
  #offset: number | null = null;

  /** Hot: runs for every packet. Time that goes on by a leap may be silence; time that goes back is a step. */
  packet(seconds: number): void {
    if (seconds >= this.#newest) this.#newest = seconds;
    else if (seconds < this.#newest - DISORDER) this.#step(seconds, seconds - this.#newest);
  }

  /**
   * Compares the clock that may be set with the one that only goes on, for interfaces, whose packets the former stamps.
   * @param now milliseconds since 1970
   * @param steady milliseconds of `performance.now`
   */
  compare(now: number, steady: number): void {
    const offset = now - steady;
    // A step back shows in the packets as well, and is counted there.
    if (this.#offset !== null && offset - this.#offset > DRIFT) this.#step(Math.floor(now / 1000), (offset - this.#offset) / 1000);
    this.#offset = offset;
  }

  #step(second: number, by: number): void {
    this.count++;
    this.last = { second, by };
    this.#newest = second;
  }
}
