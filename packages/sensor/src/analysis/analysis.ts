/**
 * Analyses captures from beginning to end: what `annunciator analyze` runs, and what tests replay. The alerts live the
 * same life as in a running system; nobody answers them here.
 */
import type { Alert } from '@annunciator/core/alert';
import { AlertBook } from '@annunciator/core/alert-book';
import { withPackets } from '@annunciator/core/life-cycle';
import { type Instant, instant } from '@annunciator/core/time';
import type { CaptureError } from '@annunciator/packet/capture/capture-error';
import { type CaptureSummary, openCaptures } from '@annunciator/packet/capture/capture-reader';
import { Packet } from '@annunciator/packet/packet';
import type { DetectionSettings } from '../engines/judge.ts';
import type { ThreatIntelligence } from '../engines/threats.ts';
import type { RuleMatch } from '../rules/engine.ts';
import type { Rule, RuleSettings } from '../rules/rule.ts';
import { Sensor, type SensorEvent, type SensorMemory } from '../sensor.ts';
import { AlertPackets } from './alert-packets.ts';

/** End of learning within the capture: a share of its packets, or a moment. */
export type LearnUntil = { readonly share: number } | { readonly time: Instant };

/** Custom rules that hold during an analysis. */
export interface AnalysisRules {
  readonly rules: readonly Rule[];
  readonly settings: RuleSettings;
  /** Told each time that a rule holds, instead of raising an alert: a dry run. */
  readonly held?: (match: RuleMatch) => void;
}

export interface AnalysisOptions {
  readonly settings?: Partial<DetectionSettings>;
  /** Captures to learn from first; the analysis is then operational from its first packet. */
  readonly learn?: readonly string[];
  readonly learnUntil?: LearnUntil;
  readonly threats?: ThreatIntelligence;
  readonly fields?: boolean;
  /** Folder that exists: the packets of each alert are written there, as `<alert id>.pcapng`. */
  readonly pcap?: string;
  readonly rules?: AnalysisRules;
  /** What an earlier run knew; instead of captures to learn from. */
  readonly memory?: SensorMemory;
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

/**
 * Analyses FILEs as one timeline. Files that cannot be read are returned as errors; the rest is still read. `pcapFiles` is
 * how many alerts got their packets written.
 */
export async function analyse(
  files: readonly string[],
  options: AnalysisOptions = {},
): Promise<{ analysis: Analysis; errors: CaptureError[]; pcapFiles: number }> {
  const errors: CaptureError[] = [];
  let { memory } = options;
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
  let packets: AlertPackets | undefined;
  const sensor = new Sensor({
    ...only(options.settings, options.threats),
    fields: options.fields ?? false,
    learning: memory === undefined,
    report: (detection) => {
      const applied = book.apply(detection);
      if (applied.alert) alerts.set(applied.alert.id, applied.alert);
      if (applied.alert?.count === 1) packets?.raised(applied.alert, detection);
      for (const { alert } of applied.closed) alerts.set(alert.id, alert);
    },
    event: (event) => {
      if (events.length < MAX_EVENTS) events.push(event);
    },
  });
  if (memory) sensor.inherit(memory);
  if (options.rules) {
    sensor.setRules(options.rules.rules, options.rules.settings);
    sensor.engines.rules.dryRun = options.rules.held;
  }
  if (options.pcap !== undefined) packets = new AlertPackets(options.pcap, sensor.path.decoder.addresses);
  const before = (packet: Packet): void => {
    if (switchAt?.(packet)) sensor.learning = false;
    if (packet.frame % 100_000 === 0) options.progress?.(packet.frame);
  };
  const { summary, errors: unread } = await drive(sensor, files, before, packets);
  const kept = await packets?.finish();
  for (const [id, reason] of kept?.missing ?? []) {
    const alert = alerts.get(id);
    if (alert) alerts.set(id, withPackets(alert, { state: 'missing', reason }));
  }
  const seconds = (performance.now() - started) / 1000;
  const sorted = [...alerts.values()].sort((x, y) =>
    x.firstDetection < y.firstDetection ? -1 : x.firstDetection > y.firstDetection ? 1 : x.id < y.id ? -1 : 1,
  );
  return { analysis: { sensor, summary, alerts: sorted, events, seconds }, errors: [...errors, ...unread], pcapFiles: kept?.written ?? 0 };
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
  packets?: AlertPackets,
): Promise<{ summary: CaptureSummary; errors: CaptureError[] }> {
  const { reader, errors } = await openCaptures(files);
  const append = packets
    ? (packet: Packet): void => {
        before(packet);
        packets.append(packet);
      }
    : before;
  const index = packets ? (packet: Packet): void => packets.index(packet) : () => undefined;
  do {
    packets?.begin(reader.raw());
    sensor.takeBatch(reader, append, index);
    await packets?.batch(reader.raw());
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
