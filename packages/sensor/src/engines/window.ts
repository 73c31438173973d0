/**
 * Counting in sliding windows of packet time, bounded. Two shapes serve all thresholds: how often something happened, and
 * how many different things happened. A new key beyond the bound costs one that was not used for long.
 */

const MAX_KEYS = 1 << 16;
/** Frames of evidence that a key keeps, the latest. */
const MAX_FRAMES = 100;
/** Keys looked at, in the order in which they came, to find one that was not used for long. */
const CANDIDATES = 16;

/** Read anew at each event, so that it can be changed meanwhile. */
interface Limit {
  readonly count: number;
  readonly windowSeconds: number;
}

/** What a key names: a pair of parties as one number, an address as text. */
type Key = number | string;

/** Pairs in one list, as one list of small numbers is cheaper than objects: second and number of its events; second and frame. */
interface Times {
  /** Seconds with events, oldest first, each with the number of its events: never longer than the window or the count. */
  readonly events: number[];
  total: number;
  /** Frames of the events, each with its second. */
  readonly frames: number[];
  /** Second of the last event. */
  last: number;
}

/** Tells when a key has had `count` events within `windowSeconds`; then starts counting anew for that key. */
export class RateWindow {
  readonly #limit: Limit;
  readonly #keys = new Map<Key, Times>();
  /** Keys that were forgotten to stay within the bound. */
  forgotten = 0;

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** Counts one event. Returns the frames of the evidence (the latest 100) when the threshold is reached, else null. */
  add(key: Key, seconds: number, frame: number): readonly number[] | null {
    let times = this.#keys.get(key);
    if (times === undefined) {
      if (this.#keys.size >= MAX_KEYS) this.forgotten += dropIdle(this.#keys, lastEvent);
      times = { events: [], total: 0, frames: [], last: seconds };
      this.#keys.set(key, times);
    }
    const { events, frames } = times;
    const oldest = seconds - this.#limit.windowSeconds;
    times.last = seconds;
    times.total += 1 - dropUntil(events, oldest);
    const latest = events.length - 2;
    if (latest >= 0 && events[latest] === seconds) events[latest + 1]++;
    else events.push(seconds, 1);
    dropUntil(frames, oldest);
    if (frame && frames[frames.length - 1] !== frame) {
      frames.push(seconds, frame);
      if (frames.length > 2 * MAX_FRAMES) frames.splice(0, 2);
    }
    if (times.total < this.#limit.count) return null;
    this.#keys.delete(key);
    return frames.filter((_, index) => index % 2 === 1);
  }

  /** The key has events in its window that have not yet reached the threshold, as of the last one counted. */
  counts(key: Key): boolean {
    return this.#keys.has(key);
  }

  forget(key: Key): void {
    this.#keys.delete(key);
  }
}

/** Removes the pairs up to and including second `last`; returns the sum of their second numbers. */
function dropUntil(pairs: number[], last: number): number {
  let old = 0;
  let sum = 0;
  for (; old < pairs.length && pairs[old] <= last; old += 2) sum += pairs[old + 1];
  if (old > 0) pairs.splice(0, old);
  return sum;
}

/** Members in one list: number, second and frame in which it was last seen. There are never more than the highest count so far. */
interface Members {
  readonly seen: number[];
  /** Second of the last addition. */
  last: number;
}

/** Tells when a key has had `count` different members within `windowSeconds`; then starts counting anew for that key. */
export class DistinctWindow {
  readonly #limit: Limit;
  readonly #keys = new Map<number, Members>();
  /** Keys that were forgotten to stay within the bound. */
  forgotten = 0;

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** Adds a member. Returns the frames in which the members were last seen when the threshold is reached, else null. */
  add(key: number, member: number, seconds: number, frame: number): readonly number[] | null {
    let members = this.#keys.get(key);
    if (members === undefined) {
      if (this.#keys.size >= MAX_KEYS) this.forgotten += dropIdle(this.#keys, lastEvent);
      members = { seen: [], last: seconds };
      this.#keys.set(key, members);
    }
    members.last = seconds;
    const { seen } = members;
    const at = find(seen, member);
    if (at >= 0) {
      seen[at + 1] = seconds;
      seen[at + 2] = frame;
    } else seen.push(member, seconds, frame);
    if (seen.length < 3 * this.#limit.count) return null;
    // Only a full key is worth looking for members that are too old.
    for (let old = seen.length - 3; old >= 0; old -= 3) if (seen[old + 1] <= seconds - this.#limit.windowSeconds) seen.splice(old, 3);
    if (seen.length < 3 * this.#limit.count) return null;
    this.#keys.delete(key);
    const frames = seen.filter((one, index) => index % 3 === 2 && one !== 0);
    return [...new Set(frames)].sort((x, y) => x - y).slice(-MAX_FRAMES);
  }

  /** The member turned out to be ordinary. */
  withdraw(key: number, member: number): void {
    const seen = this.#keys.get(key)?.seen ?? [];
    const at = find(seen, member);
    if (at >= 0) seen.splice(at, 3);
  }
}

/** Offset of a member in its list, or -1. */
function find(seen: readonly number[], member: number): number {
  for (let at = 0; at < seen.length; at += 3) if (seen[at] === member) return at;
  return -1;
}

const lastEvent = (one: { readonly last: number }): number => one.last;

/** Makes room in a map that is one entry too large; returns how many entries went. */
export function dropOldest<K, V>(map: Map<K, V>): number {
  const oldest = map.keys().next();
  if (oldest.done) return 0;
  map.delete(oldest.value);
  return 1;
}

/** Makes room for one more: of the keys that came first the one not used for longest goes. Returns how many went. */
function dropIdle<K, V>(map: Map<K, V>, last: (value: V) => number): number {
  let idle: K | undefined;
  let since = Number.POSITIVE_INFINITY;
  let looked = 0;
  for (const [key, value] of map) {
    if (last(value) < since) {
      since = last(value);
      idle = key;
    }
    if (++looked === CANDIDATES) break;
  }
  if (idle === undefined) return 0;
  map.delete(idle);
  return 1;
}

/** A number for a name that is only counted: names that hostile traffic invents must not fill the table of texts. FNV-1a. */
export function hashOfName(name: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
