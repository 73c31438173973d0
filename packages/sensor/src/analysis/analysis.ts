/**
 * Analyses captures from beginning to end: what `annunciator analyze` runs, and what tests replay. The alerts live the
 * same life as in a running system; nobody answers them here.
 */
import type { Alert } from '@annunciator/core/alert';
import { AlertBook } from '@annunciator/core/alert-book';
import { type Instant, instant } from '@annunciator/core/time';
import type { CaptureError } from '@annunciator/packet/capture/capture-error';
import { type CaptureSummary, openCaptures } from '@annunciator/packet/capture/capture-reader';
import { Packet } from '@annunciator/packet/packet';
import type { DetectionSettings } from '../engines/judge.ts';
import type { ThreatIntelligence } from '../engines/threats.ts';
import { Sensor, type SensorEvent, type SensorMemory } from '../sensor.ts';

/** End of learning within the capture: a share of its packets, or a moment. */
export type LearnUntil = { readonly share: number } | { readonly time: Instant };

export interface AnalysisOptions {
  readonly settings?: Partial<DetectionSettings>;
  /** Captures to learn from first; the analysis is then operational from its first packet. */
  readonly learn?: readonly string[];
  readonly learnUntil?: LearnUntil;
  readonly threats?: ThreatIntelligence;
  readonly fields?: boolean;
  /** Packets read so far, now and then. */
  readonly progress?: (packets: number) => void;
}

export interface Analysis {
  readonly sensor: Sensor;
  readonly summary: CaptureSummary;
  /** By first detection, then id. */
  readonly alerts: readonly Alert[];
  readonly events: readonly SensorEvent[];
  readonly seconds: number;
}

/** Lines of the timeline that an analysis keeps. */
const MAX_EVENTS = 100_000;

/** Analyses FILEs as one timeline. Files that cannot be read are returned as errors; the rest is still read. */
export async function analyse(
  files: readonly string[],
  options: AnalysisOptions = {},
): Promise<{ analysis: Analysis; errors: CaptureError[] }> {
  const errors: CaptureError[] = [];
  let memory: SensorMemory | undefined;
  if (options.learn?.length) {
    const teacher = new Sensor({ ...only(options.settings, options.threats), learning: true, report: () => undefined });
    errors.push(...(await drive(teacher, options.learn, () => undefined)).errors);
    teacher.learning = false;
    memory = teacher.memory();
  }
  const switchAt = options.learnUntil ? await switchPacket(files, options.learnUntil) : undefined;
  const book = new AlertBook({ enabled: () => true });
  const alerts = new Map<string, Alert>();
  const events: SensorEvent[] = [];
  const started = performance.now();
  const sensor = new Sensor({
    ...only(options.settings, options.threats),
    fields: options.fields ?? false,
    learning: memory === undefined,
    report: (detection) => {
      const applied = book.apply(detection);
      if (applied.alert) alerts.set(applied.alert.id, applied.alert);
      for (const { alert } of applied.closed) alerts.set(alert.id, alert);
    },
    event: (event) => {
      if (events.length < MAX_EVENTS) events.push(event);
    },
  });
  if (memory) sensor.inherit(memory);
  const { summary, errors: unread } = await drive(sensor, files, (packet) => {
    if (switchAt?.(packet)) sensor.learning = false;
    if (packet.frame % 100_000 === 0) options.progress?.(packet.frame);
  });
  const seconds = (performance.now() - started) / 1000;
  const sorted = [...alerts.values()].sort((x, y) =>
    x.firstDetection < y.firstDetection ? -1 : x.firstDetection > y.firstDetection ? 1 : x.id < y.id ? -1 : 1,
  );
  return { analysis: { sensor, summary, alerts: sorted, events, seconds }, errors: [...errors, ...unread] };
}

function only(
  settings: Partial<DetectionSettings> | undefined,
  threats: ThreatIntelligence | undefined,
): Pick<AnalysisOptions, 'settings' | 'threats'> {
  return { ...(settings ? { settings } : {}), ...(threats ? { threats } : {}) };
}

async function drive(
  sensor: Sensor,
  files: readonly string[],
  before: (packet: Packet) => void,
): Promise<{ summary: CaptureSummary; errors: CaptureError[] }> {
  const { reader, errors } = await openCaptures(files);
  const packet = new Packet();
  do {
    while (reader.next(packet)) {
      before(packet);
      sensor.take(packet);
    }
  } while (await reader.advance());
  sensor.finish();
  await reader.close();
  return { summary: reader.summary(), errors };
}

/** Tells for each packet whether learning ends with it. A share needs the number of packets first: one quick pass. */
async function switchPacket(files: readonly string[], until: LearnUntil): Promise<(packet: Packet) => boolean> {
  if ('time' in until) {
    let done = false;
    return (packet) => {
      if (done || instant(packet.seconds, packet.nanoseconds) < until.time) return false;
      done = true;
      return true;
    };
  }
  const { reader } = await openCaptures(files);
  const packet = new Packet();
  do while (reader.next(packet));
  while (await reader.advance());
  await reader.close();
  const last = Math.floor(reader.summary().packets * until.share);
  return (next) => next.frame === last + 1;
}
