/** A clock that ticks once a second and only runs forward, for silences and time-outs of many connections. */
const TICK_MS = 1000;

export class CoarseClock {
  #now = performance.now();
  readonly #ticks = new Set<() => void>();
  readonly #timer = setInterval(() => this.#tick(), TICK_MS).unref();

  /** Milliseconds since some moment, at most a second behind. */
  readonly now = (): number => this.#now;

  /** Calls `act` with every tick. */
  onTick(act: () => void): () => void {
    this.#ticks.add(act);
    return () => this.#ticks.delete(act);
  }

  #tick(): void {
    this.#now = performance.now();
    for (const act of this.#ticks) act();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
