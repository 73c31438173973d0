/**
 * Counting in sliding windows of packet time, bounded. Two shapes serve all thresholds: how often something happened, and
 * how many different things happened. Both keep the keys in the order of their last use, so the bound costs the idle ones.
 */

const MAX_KEYS = 1 << 16;
/** Frames of evidence that a key keeps, the latest. */
const MAX_FRAMES = 100;

interface Limit {
  readonly count: number;
  readonly windowSeconds: number;
}

interface Times {
  /** Seconds with events, oldest first, and how many events each had: never longer than the window or the count. */
  readonly at: number[];
  readonly counts: number[];
  total: number;
  /** Frames of the events, and the second of each. */
  readonly frames: number[];
  readonly frameSeconds: number[];
}

/** Tells when a key has had `count` events within `windowSeconds`; then starts counting anew for that key. */
export class RateWindow {
  readonly #limit: Limit;
  readonly #keys = new Map<string, Times>();
  /** Keys that were forgotten to stay within the bound. */
  forgotten = 0;

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** Counts one event. Returns the frames of the evidence (the latest 100) when the threshold is reached, else null. */
  add(key: string, seconds: number, frame: number): readonly number[] | null {
    const times = this.#keys.get(key) ?? { at: [], counts: [], total: 0, frames: [], frameSeconds: [] };
    this.#keys.delete(key);
    this.#keys.set(key, times);
    if (this.#keys.size > MAX_KEYS) this.forgotten += dropOldest(this.#keys);
    const { at, counts, frames, frameSeconds } = times;
    times.total -= dropBefore(at, counts, seconds - this.#limit.windowSeconds);
    if (at.length > 0 && at[at.length - 1] === seconds) counts[counts.length - 1]++;
    else {
      at.push(seconds);
      counts.push(1);
    }
    times.total++;
    dropBefore(frameSeconds, frames, seconds - this.#limit.windowSeconds);
    if (frame && frames[frames.length - 1] !== frame) {
      frames.push(frame);
      frameSeconds.push(seconds);
      if (frames.length > MAX_FRAMES) {
        frames.shift();
        frameSeconds.shift();
      }
    }
    if (times.total < this.#limit.count) return null;
    this.#keys.delete(key);
    return frames;
  }

  /** The key has events in its window that have not yet reached the threshold, as of the last one counted. */
  counts(key: string): boolean {
    return this.#keys.has(key);
  }

  forget(key: string): void {
    this.#keys.delete(key);
  }
}

/** Removes the entries of both lists up to and including second `last`; returns the sum of what was removed from `values`. */
function dropBefore(at: number[], values: number[], last: number): number {
  let old = 0;
  let sum = 0;
  while (old < at.length && at[old] <= last) sum += values[old++];
  if (old > 0) {
    at.splice(0, old);
    values.splice(0, old);
  }
  return sum;
}

interface Member {
  seconds: number;
  frame: number;
}

/** Tells when a key has had `count` different members within `windowSeconds`; then starts counting anew for that key. */
export class DistinctWindow {
  readonly #limit: Limit;
  /** Members of each key in the order in which they were last seen. */
  readonly #keys = new Map<number, Map<number, Member>>();
  /** Keys that were forgotten to stay within the bound. */
  forgotten = 0;

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** Adds a member. Returns the frames in which the members were last seen when the threshold is reached, else null. */
  add(key: number, member: number, seconds: number, frame: number): readonly number[] | null {
    const members = this.#keys.get(key) ?? new Map<number, Member>();
    this.#keys.delete(key);
    this.#keys.set(key, members);
    if (this.#keys.size > MAX_KEYS) this.forgotten += dropOldest(this.#keys);
    const seen = members.get(member) ?? { seconds, frame };
    members.delete(member);
    for (const [old, { seconds: at }] of members) {
      if (at > seconds - this.#limit.windowSeconds) break;
      members.delete(old);
    }
    seen.seconds = seconds;
    seen.frame = frame;
    members.set(member, seen);
    if (members.size < this.#limit.count) return null;
    this.#keys.delete(key);
    const frames = [...members.values()].map((one) => one.frame).filter((one) => one !== 0);
    return [...new Set(frames)].sort((x, y) => x - y).slice(-MAX_FRAMES);
  }

  /** The member turned out to be ordinary. */
  withdraw(key: number, member: number): void {
    this.#keys.get(key)?.delete(member);
  }
}

/** Makes room in a map that is one entry too large; returns how many entries went. */
export function dropOldest<K, V>(map: Map<K, V>): number {
  const oldest = map.keys().next();
  if (oldest.done) return 0;
  map.delete(oldest.value);
  return 1;
}

/** A number for a name that is only counted: names that hostile traffic invents must not fill the table of texts. FNV-1a. */
export function hashOfName(name: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
