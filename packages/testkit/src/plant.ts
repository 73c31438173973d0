/**
 * The demo plant as an endless stream of packets: quiet operation to learn from, then staged incidents, then quiet
 * operation again. Only packet time counts here; whoever feeds the packets to a sensor decides how fast it passes.
 */
import type { PcapOptions } from './pcap-writer.ts';
import { writePcapFile } from './pcap-writer.ts';
import type { Incident } from './plant-incidents.ts';
import { INCIDENTS } from './plant-incidents.ts';
import { LONGEST_PERIOD, PlantSessions, routines } from './plant-routine.ts';
import { Random } from './random.ts';
import type { TimedPacket } from './timeline.ts';
import { DEFAULT_START, Timeline } from './timeline.ts';

export interface PlantOptions {
  readonly seed?: number;
  /** Packet time of the first packet, whole seconds since 1970. */
  readonly start?: number;
  /** Seconds of quiet operation before the incidents; at least {@link LONGEST_PERIOD} shows everything normal once. */
  readonly learning?: number;
  /** False leaves the incidents out. */
  readonly incidents?: boolean;
}

/** Seconds of quiet operation unless told otherwise. */
export const DEFAULT_LEARNING = 2 * LONGEST_PERIOD;

/** Seconds from the end of learning to the end of the last incident. */
export const INCIDENTS_LENGTH = 480;

/** The incidents with their packet times, for those who compare. */
export function plantIncidents(options: PlantOptions = {}): (Incident & { readonly seconds: number })[] {
  const end = (options.start ?? DEFAULT_START) + (options.learning ?? DEFAULT_LEARNING);
  return INCIDENTS.map(({ at, title, expectedAlertTypes }) => ({ at, title, expectedAlertTypes, seconds: end + at }));
}

interface Task {
  /** Nanoseconds since the start. */
  next: number;
  turn: number;
  readonly period: number;
  readonly run: (turn: number) => void;
}

/** Packets in time order, without end. The same options give the same packets. */
export function* plantTraffic(options: PlantOptions = {}): Generator<TimedPacket, never, void> {
  const seed = options.seed ?? 1;
  const timeline = new Timeline({ seed, start: options.start ?? DEFAULT_START });
  const sessions = new PlantSessions(timeline);
  const phases = new Random(seed + 1);
  const tasks: Task[] = routines(sessions).map(({ period, run }) => ({
    next: Math.floor((phases.below(1000) / 1000) * Math.min(period, 60) * 1e9),
    turn: 0,
    period: period * 1e9,
    run,
  }));
  if (options.incidents !== false) {
    const begin = options.learning ?? DEFAULT_LEARNING;
    for (const { at, run } of INCIDENTS)
      tasks.push({ next: (begin + at) * 1e9, turn: 0, period: Number.POSITIVE_INFINITY, run: () => run(sessions) });
  }
  // Written but not yet due: an incident writes its whole course at once.
  let ahead: { readonly at: number; readonly frame: Uint8Array }[] = [];
  for (;;) {
    const task = tasks.reduce((first, other) => (other.next < first.next ? other : first));
    const due = ahead.findIndex((packet) => packet.at >= task.next);
    for (const packet of ahead.splice(0, due < 0 ? ahead.length : due)) yield timeline.timed(packet.at, packet.frame);
    timeline.atClock(task.next);
    task.run(task.turn++);
    task.next += task.period;
    const written = timeline.drain();
    if (written.length > 0) ahead = [...ahead, ...written].toSorted((a, b) => a.at - b.at);
  }
}

/** The packets of the first `seconds` of packet time; by default learning and all incidents. */
export function* plantPackets(options: PlantOptions & { readonly seconds?: number } = {}): Generator<TimedPacket, void, void> {
  const end = (options.start ?? DEFAULT_START) + (options.seconds ?? (options.learning ?? DEFAULT_LEARNING) + INCIDENTS_LENGTH);
  for (const packet of plantTraffic(options)) {
    if (packet.seconds >= end) return;
    yield packet;
  }
}

/** Writes {@link plantPackets} to a file with nanoseconds. Returns the number of packets. */
export async function writePlantCapture(
  file: string,
  options: PlantOptions & { readonly seconds?: number } = {},
  format: PcapOptions = { resolution: 'nano' },
): Promise<number> {
  return writePcapFile(file, plantPackets(options), format);
}
