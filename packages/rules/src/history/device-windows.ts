/** What devices did in the past, put together in windows of any length that is a multiple of a bucket. */
import type { ActivityFrame } from './activity-history.ts';

const MINUTE = 60_000;

export interface PastDevice {
  readonly id: string;
  /** Since when it exists or is enabled, milliseconds since 1970. */
  readonly since: number;
}

export interface Stretch {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

export interface DeviceWindows {
  readonly device: PastDevice;
  /** Counts by the beginning of the window, minutes since 1970; windows without any are left out. */
  readonly counts: Map<number, number>;
  /** How many whole windows of the device were seen, those without any included. */
  windows: number;
  /** Whether a window was seen as a whole. */
  readonly seen: (start: number) => boolean;
}

/**
 * Windows of devices by id.
 * @param size minutes, a multiple of a bucket
 * @param past the time that is looked at, and stretches in it of which nothing is known
 */
export async function windowsOf(
  frames: AsyncIterable<ActivityFrame>,
  devices: readonly PastDevice[],
  rule: number,
  size: number,
  past: Stretch & { readonly gaps: readonly Stretch[] },
): Promise<Map<string, DeviceWindows>> {
  const length = size * MINUTE;
  const unseen = gapWindows(past, length);
  const first = Math.ceil(past.from / length);
  const end = Math.floor(past.to / length);
  const found = new Map<string, DeviceWindows>();
  for (const device of devices) {
    const own = Math.max(first, Math.ceil(device.since / length));
    let missed = 0;
    for (const window of unseen) if (window >= own && window < end) missed++;
    const seen = (start: number): boolean => {
      const window = start / size;
      return window >= own && window < end && !unseen.has(window);
    };
    found.set(device.id, { device, counts: new Map(), windows: Math.max(0, end - own - missed), seen });
  }
  const count = (id: string, bucket: number, amount: number): void => {
    const windows = found.get(id);
    const start = Math.floor(bucket / size) * size;
    if (windows?.seen(start)) windows.counts.set(start, (windows.counts.get(start) ?? 0) + amount);
  };
  for await (const frame of frames) {
    for (const part of frame.counts)
      if (part.rule === rule) for (const [at, id] of part.devices.entries()) count(id, frame.bucket, part.counts[at]);
    for (const [id, of, bucket, amount] of frame.late) if (of === rule) count(id, bucket, amount);
  }
  return found;
}

/** Windows that a gap touches, by number. */
function gapWindows({ gaps, from, to }: Stretch & { readonly gaps: readonly Stretch[] }, length: number): Set<number> {
  const touched = new Set<number>();
  for (const gap of gaps)
    for (let window = Math.floor(Math.max(from, gap.from) / length); window * length < Math.min(to, gap.to); window++) touched.add(window);
  return touched;
}
