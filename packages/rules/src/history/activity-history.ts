/**
 * What the devices of a partition did, in buckets of five minutes: every rule type is counted here, whether a rule is enabled
 * or not, so that a rule can be tried on the past. Buckets that are over are handed out to be written down. What the hub counts
 * stands beside the counters of the rule, so that memory is waited for once.
 *
 * Hot code: `add` allocates nothing once there is room for the device.
 */
import type { WindowCounters } from '../evaluation/window-counters.ts';

export const BUCKET_MINUTES = 5;
const BUCKET_MS = BUCKET_MINUTES * 60_000;
/** Different values and late counts of a bucket; more are left out. */
const MOST_ROWS = 50_000;

/** A bucket as it is written down. */
export interface ActivityFrame {
  /** Beginning, minutes since 1970. */
  readonly bucket: number;
  /** What the hub counted: by number of the rule type, devices and their counts in the same order. */
  readonly counts: readonly { readonly rule: number; readonly devices: readonly string[]; readonly counts: readonly number[] }[];
  /** What agents reported, with the bucket in which it happened. */
  readonly late: readonly (readonly [device: string, rule: number, bucket: number, count: number])[];
  /** Values of lists, with the bucket in which they were first seen. */
  readonly values: readonly (readonly [device: string, rule: number, bucket: number, value: string, hits: number])[];
}

/** Ids of devices by number. */
export interface NumberedDevices {
  /** All numbers are below it. */
  readonly end: number;
  id(device: number): string;
  /** As `id`, for whoever asks for many. */
  reader(): (device: number) => string;
}

export class ActivityHistory {
  readonly #counters: readonly WindowCounters[];
  readonly #devices: NumberedDevices;
  readonly #late = new Map<string, [device: number, rule: number, bucket: number, count: number]>();
  readonly #values = new Map<string, [device: number, rule: number, bucket: number, value: string, hits: number]>();
  #bucket = 0;
  #ends = 0;
  /** Nothing was counted in the bucket; the other way round it may hold nothing any more. */
  #empty = true;
  readonly #done: ActivityFrame[] = [];
  /** What found no room in its bucket. */
  leftOut = 0;

  /** @param counters by number of the rule type */
  constructor(devices: NumberedDevices, counters: readonly WindowCounters[]) {
    this.#devices = devices;
    this.#counters = counters;
  }

  /** Counts what the hub saw. @param time milliseconds since 1970 */
  add(device: number, rule: number, time: number, amount: number): void {
    if (time >= this.#ends) this.advance(time);
    this.#counters[rule].note(device, amount);
    this.#empty = false;
  }

  /** Counts what an agent reported. @param time when it happened @param arrived milliseconds since 1970 */
  addLate(device: number, rule: number, time: number, arrived: number, amount: number): void {
    this.advance(arrived);
    const bucket = bucketOf(time);
    const key = `${device}/${rule}/${bucket}`;
    const known = this.#late.get(key);
    if (known) known[3] += amount;
    else if (this.#late.size >= MOST_ROWS) this.leftOut++;
    else this.#late.set(key, [device, rule, bucket, amount]);
    this.#empty = false;
  }

  /** Notes a value that a list would judge. */
  addValue(device: number, rule: number, time: number, arrived: number, value: string, hits: number): void {
    this.advance(arrived);
    const key = JSON.stringify([device, rule, value]);
    const known = this.#values.get(key);
    if (known) known[4] += hits;
    else if (this.#values.size >= MOST_ROWS) this.leftOut++;
    else this.#values.set(key, [device, rule, bucketOf(time), value, hits]);
    this.#empty = false;
  }

  /** Closes the bucket when it is over. @param now milliseconds since 1970 */
  advance(now: number): void {
    if (now < this.#ends) return;
    if (!this.#empty) {
      const frame = this.#frame();
      // A device may have been deleted with all that it did.
      if (frame.counts.length > 0 || frame.late.length > 0 || frame.values.length > 0) this.#done.push(frame);
    }
    this.#bucket = bucketOf(now);
    this.#ends = this.#bucket * 60_000 + BUCKET_MS;
  }

  /** A device is deleted: its number may be another's soon. */
  forget(device: number): void {
    for (const counters of this.#counters) counters.forget(device);
    for (const rows of [this.#late, this.#values]) for (const [key, row] of rows) if (row[0] === device) rows.delete(key);
  }

  /** Takes out the buckets that are over. */
  take(): ActivityFrame[] {
    return this.#done.splice(0);
  }

  /** What is not over yet, as {@link take} would give it. */
  present(): ActivityFrame {
    return this.#read(false);
  }

  #frame(): ActivityFrame {
    const frame = this.#read(true);
    this.#late.clear();
    this.#values.clear();
    this.#empty = true;
    return frame;
  }

  #read(clear: boolean): ActivityFrame {
    const counts: ActivityFrame['counts'][number][] = [];
    // A device has one text in all of a frame.
    const ids = Array.from<string | undefined>({ length: this.#devices.end });
    const read = this.#devices.reader();
    for (const [rule, counters] of this.#counters.entries()) {
      const devices: string[] = [];
      const own: number[] = [];
      counters.eachNoted(clear, (device, count) => {
        devices.push((ids[device] ??= read(device)));
        own.push(count);
      });
      if (devices.length > 0) counts.push({ rule, devices, counts: own });
    }
    return {
      bucket: this.#bucket,
      counts,
      late: [...this.#late.values()].map(([device, ...rest]) => [this.#devices.id(device), ...rest]),
      values: [...this.#values.values()].map(([device, ...rest]) => [this.#devices.id(device), ...rest]),
    };
  }

  /** The bucket that is not over, and those that nobody has taken, as plain data. */
  snapshot(): { present: ActivityFrame; done: readonly ActivityFrame[] } {
    return { present: this.present(), done: [...this.#done] };
  }

  /** @param numberOf the number of a device by its id, negative when it is no more */
  restore({ present, done }: ReturnType<ActivityHistory['snapshot']>, numberOf: (id: string) => number): void {
    this.#done.push(...done);
    this.#bucket = present.bucket;
    this.#ends = present.bucket === 0 ? 0 : present.bucket * 60_000 + BUCKET_MS;
    for (const { rule, devices, counts } of present.counts)
      for (const [at, id] of devices.entries()) {
        const device = numberOf(id);
        if (device >= 0) this.#counters[rule].note(device, counts[at]);
      }
    for (const [id, ...rest] of present.late) this.#late.set(`${numberOf(id)}/${rest[0]}/${rest[1]}`, [numberOf(id), ...rest]);
    for (const [id, ...rest] of present.values) this.#values.set(JSON.stringify([numberOf(id), rest[0], rest[2]]), [numberOf(id), ...rest]);
    this.#empty = present.counts.length + present.late.length + present.values.length === 0;
  }
}

function bucketOf(time: number): number {
  return Math.floor(time / BUCKET_MS) * BUCKET_MINUTES;
}
