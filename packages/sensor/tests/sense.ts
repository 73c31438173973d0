/**
 * A sensor and its alert book over written traffic: learn this conversation, then see that one, and expect exactly these
 * alert types. Used by the tests of the policy, protocol violation and malware engines.
 */
import assert from 'node:assert/strict';
import type { Alert, Detection } from '@annunciator/core/alert';
import { AlertBook } from '@annunciator/core/alert-book';
import { Packet } from '@annunciator/packet/packet';
import { type Host, host } from '@annunciator/testkit/host';
import { Timeline } from '@annunciator/testkit/timeline';
import type { DetectionSettings } from '../src/engines/judge.ts';
import type { ThreatIntelligence } from '../src/engines/threats.ts';
import { Sensor } from '../src/sensor.ts';

export const HMI: Host = host('hmi', '10.1.1.10', '00:80:f4:01:01:10');
export const PLC: Host = host('plc', '10.1.1.20', '00:80:f4:01:01:20');
export const STATION: Host = host('station', '10.1.1.30', '00:80:f4:01:01:30');
/** A public address, not one for documentation. */
export const FAR: Host = host('far', '52.20.30.40', '00:80:f4:01:01:01');

export type Write = (timeline: Timeline) => void;

export interface Senses {
  /** Alerts after learning, in the order they were raised. */
  readonly alerts: readonly Alert[];
  readonly detections: readonly Detection[];
  /** Bytes by frame number - 1. */
  readonly frames: readonly Uint8Array[];
  readonly sensor: Sensor;
}

export interface SenseOptions {
  /** Traffic to learn from; without it the sensor is operational from the first packet. */
  readonly learn?: Write | undefined;
  readonly settings?: Partial<DetectionSettings>;
  readonly threats?: ThreatIntelligence | undefined;
  /** Called when learning has ended. */
  readonly operational?: (sensor: Sensor) => void;
}

export function feed(sensor: Sensor, timeline: Timeline, from: number, frames: Uint8Array[]): void {
  const packet = new Packet();
  for (const { seconds, nanoseconds, frame } of timeline.packets.slice(from)) {
    frames.push(frame);
    packet.bytes = frame;
    packet.start = 0;
    packet.end = frame.length;
    packet.wireLength = frame.length;
    packet.frame = frames.length;
    packet.seconds = seconds;
    packet.nanoseconds = nanoseconds;
    packet.linkType = 1;
    sensor.take(packet);
  }
}

/** What a sensor raises about `see` after learning. */
export function sense(see: Write, options: SenseOptions = {}): Senses {
  const timeline = new Timeline();
  const book = new AlertBook({ enabled: () => true });
  const alerts = new Map<string, Alert>();
  const detections: Detection[] = [];
  const frames: Uint8Array[] = [];
  const sensor = new Sensor({
    ...(options.settings ? { settings: options.settings } : {}),
    ...(options.threats ? { threats: options.threats } : {}),
    learning: options.learn !== undefined,
    report: (detection) => {
      if (sensor.learning) return;
      detections.push(detection);
      const { alert } = book.apply(detection);
      if (alert) alerts.set(alert.id, alert);
    },
  });
  options.learn?.(timeline);
  feed(sensor, timeline, 0, frames);
  sensor.learning = false;
  options.operational?.(sensor);
  timeline.wait(2000);
  const learned = timeline.count;
  see(timeline);
  feed(sensor, timeline, learned, frames);
  sensor.finish();
  return { alerts: [...alerts.values()], detections, frames, sensor };
}

/** A row of a table: what raises a type, and what is next to it and does not. */
export interface Row {
  readonly type: string;
  /** What else tells rows of one type apart. */
  readonly by?: string;
  readonly learn?: Write;
  readonly see: Write;
  /** Other types that the same traffic deserves. */
  readonly also?: readonly string[];
  readonly source: Host | null;
  readonly destination: Host | string | null;
  readonly message: RegExp;
  /** Bytes that a frame of the evidence holds. */
  readonly holds?: Uint8Array;
  /** The nearest traffic that does not raise the type; what was learned, once more, when absent. */
  readonly innocent?: Write;
  readonly settings?: Partial<DetectionSettings>;
  readonly threats?: ThreatIntelligence;
}

/** Holds a row against a sensor with default settings in which the row's type is on. */
export function holdAgainst(row: Row): void {
  const settings = { enabledTypes: [row.type], ...row.settings };
  const options = { learn: row.learn, settings, threats: row.threats };
  const { alerts, frames } = sense(row.see, options);
  assert.deepEqual(
    [...new Set(alerts.map((alert) => alert.type))].sort(),
    [row.type, ...(row.also ?? [])].sort(),
    alerts.map((alert) => `${alert.type}: ${alert.message}`).join('\n'),
  );
  const alert = alerts.find((one) => one.type === row.type);
  assert.ok(alert);
  assert.equal(alert.source?.ip ?? null, row.source?.ip ?? null, 'source');
  const destination = typeof row.destination === 'string' ? row.destination : (row.destination?.ip ?? null);
  assert.equal(alert.destination?.ip ?? alert.destination?.mac ?? null, destination, 'destination');
  assert.match(alert.message, row.message);
  assert.doesNotMatch(`${alert.message} ${alert.expected} ${alert.seen}`, /undefined|NaN|null|\[object/);
  assert.ok(alert.expected !== '' && alert.seen !== '');
  assert.ok(alert.frames.length > 0, 'frames are named');
  for (const number of alert.frames) assert.ok(frames[number - 1], `frame ${number} of ${frames.length} exists`);
  if (row.holds) {
    const { holds } = row;
    const evidence = alert.frames.map((number) => Buffer.from(frames[number - 1]));
    assert.ok(
      evidence.some((frame) => frame.includes(Buffer.from(holds))),
      `frames ${alert.frames.join(', ')} hold what the alert quotes`,
    );
  }
  const innocent = row.innocent ?? row.learn;
  assert.ok(innocent, 'the row has innocent traffic');
  const quiet = sense(innocent, options).alerts.filter((one) => one.type === row.type);
  assert.deepEqual(
    quiet.map((one) => one.message),
    [],
    'innocent traffic raises nothing of the type',
  );
}
