/**
 * Volumes far from what is usual for the hour of the week, of the whole network and of each pair of devices. Costs nothing
 * per packet: every five minutes of packet time the connections' counters are compared with those of five minutes before.
 */
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { SensorAspect } from '../baseline/aspects.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { Connections } from '../path/connections.ts';
import type { Judge } from './judge.ts';
import { moment } from './scene.ts';

export const BUCKET_SECONDS = 300;
const HOURS = 168;
/** Buckets of one hour of the week before it is judged: two weeks. */
const ENOUGH_BUCKETS = 24;
/** Standard deviations that are still usual. */
const DEVIATIONS = 4;
/** A deviation is taken for at least this share of the mean and this many bytes, so that steady traffic may breathe. */
const LEAST_SHARE = 0.05;
const LEAST_BYTES = 1514;
/** Pairs with a history (2 KiB each). */
const MAX_PAIRS = 4096;
/** Multiplier that makes one number of a pair of parties. */
const PAIR = 2 ** 20;

/** What was out of range, told when it has been so for the threshold's number of buckets. */
interface Deviation {
  readonly bytes: number;
  readonly mean: number;
  readonly spread: number;
}

/** Mean and deviation of the volume per hour of the week (Welford). */
class WeekProfile {
  readonly #count = new Uint16Array(HOURS);
  readonly #mean = new Float32Array(HOURS);
  readonly #squares = new Float64Array(HOURS);
  /** Buckets out of range in a row, the last one included. */
  #run = 0;
  /** Counter of the pair at the end of the last bucket; -1 when that was not looked at. */
  before = -1;

  interrupt(): void {
    this.#run = 0;
    this.before = -1;
  }

  /** Takes in one bucket. Volumes out of range are learned only after they were told. */
  take(hour: number, bytes: number, runs: number): Deviation | null {
    const count = this.#count[hour];
    const mean = this.#mean[hour];
    const spread = Math.max(Math.sqrt(this.#squares[hour] / Math.max(count, 1)), LEAST_SHARE * mean, LEAST_BYTES);
    if (count >= ENOUGH_BUCKETS && Math.abs(bytes - mean) > DEVIATIONS * spread) {
      this.#run++;
      if (this.#run === runs) return { bytes, mean, spread };
      if (this.#run < runs) return null;
    } else this.#run = 0;
    if (count === 0xffff) return null;
    this.#count[hour] = count + 1;
    const delta = bytes - mean;
    this.#mean[hour] = mean + delta / (count + 1);
    this.#squares[hour] += delta * (bytes - this.#mean[hour]);
    return null;
  }
}

export class BandwidthEngine {
  readonly #judge: Judge;
  readonly #baseline: Baseline;
  readonly #whole = new WeekProfile();
  readonly #pairs = new Map<number, WeekProfile>();
  #bucket = -1;
  /** Pairs that got no history. */
  refused = 0;

  constructor(judge: Judge, baseline: Baseline) {
    this.#judge = judge;
    this.#baseline = baseline;
  }

  /** Packet time moved on. `bytes` gives the bytes of each connection so far; asked for when a bucket is over. */
  tick(now: number, connections: Connections, bytes: () => Float64Array): void {
    const bucket = Math.floor(now / BUCKET_SECONDS);
    if (bucket === this.#bucket) return;
    const whole = this.#judge.isOn('abnormal-traffic-bandwidth');
    const pairs = this.#judge.isOn('abnormal-traffic-bandwidth-between-devices');
    const last = this.#bucket;
    this.#bucket = bucket;
    if (!whole && !pairs) return;
    // Time without packets, or time that went back: what lies between was not seen.
    const seen = bucket === last + 1;
    const { total, byPair } = this.#sum(connections, bytes(), pairs);
    if (whole) this.#judgeWhole(last, total, seen);
    for (const [key, sum] of byPair) this.#judgePair(last, key, sum, seen);
  }

  #sum(connections: Connections, bytes: Float64Array, pairs: boolean): { total: number; byPair: Map<number, number> } {
    const { canonical } = this.#judge.inventory;
    const byPair = new Map<number, number>();
    let total = 0;
    for (let row = 0; row < connections.count; row++) {
      total += bytes[row];
      const client = canonical[connections.client(row)];
      const server = canonical[connections.server(row)];
      if (!pairs || client === 0 || server === 0 || this.#judge.inventory.party(server).group) continue;
      const key = Math.min(client, server) * PAIR + Math.max(client, server);
      if (byPair.size < MAX_PAIRS || byPair.has(key)) byPair.set(key, (byPair.get(key) ?? 0) + bytes[row]);
      else this.refused++;
    }
    return { total, byPair };
  }

  #judgeWhole(bucket: number, total: number, seen: boolean): void {
    const type = 'abnormal-traffic-bandwidth';
    const hour = hourOfWeek(bucket);
    const deviation = step(this.#whole, hour, total, seen, this.#judge.threshold(type).count);
    if (!deviation || this.#baseline.knows(0, 0, SensorAspect.TrafficVolume, hour, 0)) return;
    this.#judge.raise(moment((bucket + 1) * BUCKET_SECONDS), {
      type,
      source: 0,
      destination: 0,
      protocol: PROTOCOLS.ip.index,
      message: `The network carried ${perBucket(deviation.bytes)}; ${perBucket(deviation.mean)} is usual for this hour of the week.`,
      ...this.#about(type, deviation),
      learn: [this.#baseline.learnable(0, 0, SensorAspect.TrafficVolume, hour, 0)],
    });
  }

  #judgePair(bucket: number, key: number, sum: number, seen: boolean): void {
    const type = 'abnormal-traffic-bandwidth-between-devices';
    let profile = this.#pairs.get(key);
    if (!profile) {
      if (this.#pairs.size >= MAX_PAIRS) {
        this.refused++;
        return;
      }
      profile = new WeekProfile();
      this.#pairs.set(key, profile);
    }
    const deviation = step(profile, hourOfWeek(bucket), sum, seen, this.#judge.threshold(type).count);
    if (!deviation) return;
    const [one, other] = [Math.floor(key / PAIR), key % PAIR];
    this.#judge.raise(moment((bucket + 1) * BUCKET_SECONDS), {
      type,
      source: one,
      destination: other,
      protocol: PROTOCOLS.ip.index,
      message: `${this.#judge.label(one)} and ${this.#judge.label(other)} exchanged ${perBucket(deviation.bytes)}; ${perBucket(deviation.mean)} is usual for this hour of the week.`,
      ...this.#about(type, deviation),
    });
  }

  #about(type: string, { bytes, mean, spread }: Deviation): { expected: string; seen: string; parameters: Record<string, number> } {
    const { count } = this.#judge.threshold(type);
    const low = Math.max(0, Math.round(mean - DEVIATIONS * spread));
    const high = Math.round(mean + DEVIATIONS * spread);
    return {
      expected: `between ${low} and ${high} bytes in five minutes`,
      seen: `${bytes} bytes, the bucket number ${count} in a row outside`,
      parameters: { bytes, low, high },
    };
  }
}

/** Bytes since the bucket before, judged when both ends of the bucket were seen. */
function step(profile: WeekProfile, hour: number, counter: number, seen: boolean, runs: number): Deviation | null {
  const bytes = counter - profile.before;
  // A counter that shrank: two addresses turned out to be one device.
  const known = seen && profile.before >= 0 && bytes >= 0;
  if (!known) profile.interrupt();
  profile.before = counter;
  return known ? profile.take(hour, bytes, runs) : null;
}

/** Hours since Thursday 00:00 UTC, the first of January 1970. */
function hourOfWeek(bucket: number): number {
  return Math.floor((bucket * BUCKET_SECONDS) / 3600) % HOURS;
}

function perBucket(bytes: number): string {
  return `${Math.round(bytes)} bytes in five minutes`;
}
