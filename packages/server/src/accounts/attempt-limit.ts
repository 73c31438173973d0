/**
 * Counts failed attempts per name (an address, an account) in a window, so that passwords cannot be tried in bulk.
 *
 * Bounded: at most `capacity` names; when it is full the oldest is forgotten.
 */
export interface AttemptLimitOptions {
  readonly attempts: number;
  readonly windowSeconds: number;
  readonly capacity?: number;
  /** Milliseconds since 1970; passed in by tests. */
  readonly clock?: () => number;
}

interface Window {
  failures: number;
  /** Milliseconds since 1970. */
  endsAt: number;
}

export class AttemptLimit {
  readonly #windows = new Map<string, Window>();
  readonly #attempts: number;
  readonly #windowMilliseconds: number;
  readonly #capacity: number;
  readonly #clock: () => number;

  constructor(options: AttemptLimitOptions) {
    this.#attempts = options.attempts;
    this.#windowMilliseconds = options.windowSeconds * 1000;
    this.#capacity = options.capacity ?? 10_000;
    this.#clock = options.clock ?? Date.now;
  }

  /** Seconds until the name may try again; 0 when it may now. */
  secondsToWait(name: string): number {
    const window = this.#current(name);
    if (!window || window.failures < this.#attempts) return 0;
    return Math.max(1, Math.ceil((window.endsAt - this.#clock()) / 1000));
  }

  failed(name: string): void {
    const window = this.#current(name);
    if (window) {
      window.failures++;
      return;
    }
    if (this.#windows.size >= this.#capacity) {
      const oldest = this.#windows.keys().next();
      if (!oldest.done) this.#windows.delete(oldest.value);
    }
    this.#windows.set(name, { failures: 1, endsAt: this.#clock() + this.#windowMilliseconds });
  }

  succeeded(name: string): void {
    this.#windows.delete(name);
  }

  #current(name: string): Window | undefined {
    const window = this.#windows.get(name);
    if (!window) return undefined;
    if (window.endsAt > this.#clock()) return window;
    this.#windows.delete(name);
    return undefined;
  }
}
