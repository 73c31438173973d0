/** Tests of engines as data: written traffic goes through a whole sensor, and what it raised is compared with a row of a table. */
import assert from 'node:assert/strict';
import type { Detection } from '@annunciator/core/alert';
import { Packet } from '@annunciator/packet/packet';
import { type Host, host } from '@annunciator/testkit/host';
import { Timeline } from '@annunciator/testkit/timeline';
import type { DetectionSettings } from '../src/engines/judge.ts';
import { Sensor, type SensorEvent } from '../src/sensor.ts';

export const MASTER: Host = host('hmi', '10.1.1.10');
export const SLAVE: Host = host('plc', '10.1.1.20');
export const OTHER: Host = host('other', '10.1.1.30');

export type Write = (timeline: Timeline) => void;

export interface Raised {
  readonly detections: readonly Detection[];
  readonly events: readonly SensorEvent[];
  /** Bytes by frame number - 1. */
  readonly frames: readonly Uint8Array[];
  readonly sensor: Sensor;
}

export interface RaisedOptions {
  /** Traffic before the end of learning; without it the sensor learns to the end. */
  readonly learned?: Write;
  readonly settings?: Partial<DetectionSettings>;
  /** Called with the sensor before the first packet. */
  readonly prepare?: (sensor: Sensor) => void;
}

/** Everything that the traffic raises, with every type switched on and no OT focus. */
export function raised(write: Write, options: RaisedOptions = {}): Raised {
  const detections: Detection[] = [];
  const events: SensorEvent[] = [];
  const timeline = new Timeline();
  const sensor = new Sensor({
    settings: { enableAll: true, focus: 'any', ...options.settings },
    report: (detection) => detections.push(detection),
    event: (event) => events.push(event),
  });
  options.prepare?.(sensor);
  options.learned?.(timeline);
  const learned = timeline.count;
  if (options.learned) timeline.wait(1000);
  write(timeline);
  const packet = new Packet();
  const frames: Uint8Array[] = [];
  for (const { seconds, nanoseconds, frame } of timeline.packets) {
    if (options.learned && frames.length === learned) sensor.learning = false;
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
  sensor.finish();
  return { detections, events, frames, sensor };
}

/** Detections of one type. */
export function ofType(result: Raised, type: string): Detection[] {
  return result.detections.filter((detection) => detection.type === type);
}

/** A row: traffic that raises a type once `count` is reached, and not with one step less. */
export interface Row {
  readonly type: string;
  /** What else tells rows of one type apart. */
  readonly by?: string;
  /** The documented number, 1 where the first occurrence raises. */
  readonly count: number;
  readonly write: (timeline: Timeline, count: number) => void;
  readonly learned?: Write;
  readonly source: Host | null;
  readonly destination?: Host | null;
  readonly message: RegExp;
  /** Bytes that every frame of the evidence holds, or one of them; the addresses of the source unless told. Null when no packet shows it. */
  readonly holds?: Uint8Array | readonly Uint8Array[] | null;
  /** Traffic as near as can be that raises nothing of the type, besides the same with one step less. */
  readonly innocent?: Write;
}

/** Holds a row against the sensor: raised at the number, silent one below and for the innocent traffic. */
export function check(row: Row): void {
  const options = row.learned ? { learned: row.learned } : {};
  const result = raised((timeline) => row.write(timeline, row.count), options);
  const found = ofType(result, row.type);
  assert.ok(found.length > 0, `${row.type} is raised at ${row.count}; raised were ${result.detections.map(({ type }) => type).join(', ')}`);
  const detection = found[0];
  assert.equal(detection.source?.ip ?? null, row.source?.ip ?? null, 'source');
  if (row.destination !== undefined) assert.equal(detection.destination?.ip ?? null, row.destination?.ip ?? null, 'destination');
  assert.match(detection.message, row.message);
  assert.ok(detection.expected !== '' && detection.seen !== '');
  if (row.holds !== null) {
    assert.ok(detection.frames.length > 0, 'names its frames');
    for (const number of detection.frames) {
      const frame = result.frames[number - 1];
      assert.ok(frame, `frame ${number} of ${result.frames.length} exists`);
      const holds = [row.holds ?? row.source?.address ?? []].flat();
      assert.ok(holds.length === 0 || holds.some((bytes) => includes(frame, bytes)), `frame ${number} holds what the alert quotes`);
    }
  }
  const less = raised((timeline) => row.write(timeline, row.count - 1), options);
  assert.deepEqual(ofType(less, row.type), [], `silent at ${row.count - 1}`);
  if (row.innocent) assert.deepEqual(ofType(raised(row.innocent, options), row.type), [], 'silent for innocent traffic');
}

function includes(frame: Uint8Array, part: Uint8Array): boolean {
  return Buffer.from(frame).includes(Buffer.from(part));
}

/** Hosts of one network: `10.1.7.1` and on. */
export function hosts(count: number, network = '10.1.7'): Host[] {
  return Array.from({ length: count }, (_, i) => host(`host-${i + 1}`, `${network}.${i + 1}`));
}

/** Repeats with a pause of `milliseconds` between. */
export function times(timeline: Timeline, count: number, milliseconds: number, what: (turn: number) => void): void {
  for (let turn = 0; turn < count; turn++) {
    if (turn > 0) timeline.wait(milliseconds);
    what(turn);
  }
}
