/** Ranges that fit what a group really did: percentiles over all windows of all its devices. */
import type { DeviceWindows } from './device-windows.ts';

const PERCENTS = [0, 1, 5, 25, 50, 75, 95, 99, 100] as const;
/** Bars of the histogram, and points of the line, at most. */
const BARS = 20;
const POINTS = 240;

export interface Suggestion {
  /** Windows that were seen, of all devices. */
  readonly windows: number;
  readonly devices: number;
  /** Null while nothing was seen. */
  readonly range: { readonly min: number; readonly max: number } | null;
  readonly percentiles: readonly { readonly percent: number; readonly count: number }[];
  /** How many windows had a count of `from` to `to`, both included. */
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly windows: number }[];
  /** Counts of a device over time: the median and the most of the windows that begin in `[time, next time)`. */
  readonly line: readonly { readonly time: number; readonly median: number; readonly most: number }[];
}

/** @param size minutes of the windows */
export function suggestionOf(past: ReadonlyMap<string, DeviceWindows>, size: number): Suggestion {
  const counted = [...past.values()].flatMap(({ counts }) => [...counts.values()]);
  const windows = [...past.values()].reduce((sum, own) => sum + own.windows, 0);
  const silent = Math.max(0, windows - counted.length);
  const sorted = Float64Array.from(counted).sort();
  // The windows without any come first, and need not be there to be counted.
  const at = (rank: number): number => (rank < silent ? 0 : (sorted[rank - silent] ?? 0));
  const percentile = (percent: number): number =>
    windows === 0
      ? 0
      : at(Math.min(windows - 1, Math.ceil((percent / 100) * windows) - 1 < 0 ? 0 : Math.ceil((percent / 100) * windows) - 1));
  return {
    windows,
    devices: past.size,
    range: windows === 0 ? null : { min: percentile(1), max: percentile(99) },
    percentiles: windows === 0 ? [] : PERCENTS.map((percent) => ({ percent, count: percentile(percent) })),
    histogram: windows === 0 ? [] : histogramOf(sorted, silent),
    line: lineOf(past, size),
  };
}

function histogramOf(sorted: Float64Array, silent: number): Suggestion['histogram'] {
  const most = sorted.at(-1) ?? 0;
  const width = Math.max(1, Math.ceil((most + 1) / BARS));
  const bars = Array.from({ length: Math.floor(most / width) + 1 }, (_, bar) => ({
    from: bar * width,
    to: (bar + 1) * width - 1,
    windows: 0,
  }));
  bars[0].windows = silent;
  for (const count of sorted) bars[Math.floor(count / width)].windows++;
  return bars;
}

function lineOf(past: ReadonlyMap<string, DeviceWindows>, size: number): Suggestion['line'] {
  const starts = [...past.values()].flatMap(({ counts }) => [...counts.keys()]);
  if (starts.length === 0) return [];
  const first = starts.reduce((least, start) => Math.min(least, start));
  const last = starts.reduce((most, start) => Math.max(most, start));
  const windowsInPoint = Math.ceil(((last - first) / size + 1) / POINTS);
  const step = windowsInPoint * size;
  const points = new Map<number, number[]>();
  for (const { counts } of past.values())
    for (const [start, count] of counts) {
      const point = Math.floor((start - first) / step);
      const known = points.get(point);
      if (known) known.push(count);
      else points.set(point, [count]);
    }
  const line: Suggestion['line'][number][] = [];
  for (let point = 0; first + point * step <= last; point++) {
    const counts = (points.get(point) ?? []).sort((a, b) => a - b);
    const begin = first + point * step;
    // Devices that were silent count with 0.
    let seen = 0;
    for (const own of past.values()) for (let at = 0; at < windowsInPoint; at++) if (own.seen(begin + at * size)) seen++;
    const rank = Math.floor(seen / 2) - (seen - counts.length);
    line.push({ time: begin * 60_000, median: rank < 0 ? 0 : (counts[rank] ?? 0), most: counts.at(-1) ?? 0 });
  }
  return line;
}
