/**
 * Counting in sliding windows of packet time, bounded. Two shapes serve all thresholds: how often something happened, and
 * how many different things happened.
 */

const MAX_KEYS = 1 << 16;
const MAX_FRAMES = 32;

interface Times {
  /** Seconds of the last events, oldest first; at most the threshold's count. */
  readonly at: number[];
  readonly frames: number[];
}

/** Tells when a key has had `count` events within `windowSeconds`; then starts counting anew for that key. */
export class RateWindow {
  readonly #count: number;
  readonly #windowSeconds: number;
  readonly #keys = new Map<string, Times>();
  /** Keys that were forgotten, oldest first, to stay within the bound. */
  forgotten = 0;

  constructor(threshold: { readonly count: number; readonly windowSeconds: number }) {
    this.#count = threshold.count;
    this.#windowSeconds = threshold.windowSeconds;
  }

  /** Counts one event. Returns the frames of the evidence when the threshold is reached, else null. */
  add(key: string, seconds: number, frame: number): readonly number[] | null {
    let times = this.#keys.get(key);
    if (!times) {
      if (this.#keys.size >= MAX_KEYS) {
        const oldest = this.#keys.keys().next();
        if (!oldest.done) this.#keys.delete(oldest.value);
        this.forgotten++;
      }
      times = { at: [], frames: [] };
      this.#keys.set(key, times);
    }
    const { at, frames } = times;
    let old = 0;
    while (old < at.length && at[old] <= seconds - this.#windowSeconds) old++;
    if (old) at.splice(0, old);
    at.push(seconds);
    if (frame && frames[frames.length - 1] !== frame) frames.push(frame);
    if (frames.length > MAX_FRAMES) frames.splice(0, frames.length - MAX_FRAMES);
    if (at.length < this.#count) return null;
    at.length = 0;
    return frames.splice(0, frames.length);
  }

  forget(key: string): void {
    this.#keys.delete(key);
  }
}

interface Members {
  /** Second at which each member was last seen, in order of that. */
  readonly seen: Map<number, number>;
  readonly frames: number[];
}

/** Tells when a key has had `count` different members within `windowSeconds`; again only for further ones. */
export class DistinctWindow {
  readonly #count: number;
  readonly #windowSeconds: number;
  readonly #keys = new Map<number, Members>();
  forgotten = 0;

  constructor(threshold: { readonly count: number; readonly windowSeconds: number }) {
    this.#count = threshold.count;
    this.#windowSeconds = threshold.windowSeconds;
  }

  /** Adds a member. Returns the frames of the evidence when the threshold is reached, else null. */
  add(key: number, member: number, seconds: number, frame: number): readonly number[] | null {
    let members = this.#keys.get(key);
    if (!members) {
      if (this.#keys.size >= MAX_KEYS) {
        const oldest = this.#keys.keys().next();
        if (!oldest.done) this.#keys.delete(oldest.value);
        this.forgotten++;
      }
      members = { seen: new Map(), frames: [] };
      this.#keys.set(key, members);
    }
    const { seen, frames } = members;
    const isNew = seen.delete(member) === false;
    for (const [old, at] of seen) {
      if (at > seconds - this.#windowSeconds) break;
      seen.delete(old);
    }
    seen.set(member, seconds);
    if (isNew) frames.push(frame);
    if (frames.length > MAX_FRAMES) frames.splice(0, frames.length - MAX_FRAMES);
    if (seen.size < this.#count) return null;
    seen.clear();
    return frames.splice(0, frames.length);
  }

  /** The member turned out to be ordinary. */
  withdraw(key: number, member: number): void {
    this.#keys.get(key)?.seen.delete(member);
  }
}
