/** What is dangerous is not blessed by learning: it is on the review list, and a person decides. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Detection } from '@annunciator/core/alert';
import type { ReviewItem } from '@annunciator/core/review';
import * as arp from '@annunciator/testkit/arp';
import * as dnp3 from '@annunciator/testkit/dnp3';
import * as enip from '@annunciator/testkit/enip';
import * as iec104 from '@annunciator/testkit/iec104';
import * as modbus from '@annunciator/testkit/modbus';
import * as s7 from '@annunciator/testkit/s7comm';
import { refused } from '@annunciator/testkit/tcp';
import { Timeline } from '@annunciator/testkit/timeline';
import { Umas } from '@annunciator/testkit/umas';
import { lineOf } from '../baseline/entry.ts';
import { feed, HMI, PLC, STATION, type Write } from '../../tests/sense.ts';
import { Sensor } from '../sensor.ts';

const BLOCK = new Uint8Array(60);

interface Run {
  readonly sensor: Sensor;
  readonly heard: Detection[];
  /** Policy alerts, which nothing that was learned may raise. */
  readonly policy: () => string[];
  readonly see: (write: Write) => void;
}

/** A sensor that learns, and what it says. */
function run(): Run {
  const timeline = new Timeline();
  const frames: Uint8Array[] = [];
  const heard: Detection[] = [];
  const sensor = new Sensor({ settings: { enableAll: true, focus: 'any' }, report: (detection) => heard.push(detection) });
  return {
    sensor,
    heard,
    policy: () => heard.filter(({ type }) => /^(unauthorized|unpermitted|new-activity)/.test(type)).map(({ type }) => type),
    see: (write) => {
      const from = timeline.count;
      write(timeline);
      feed(sensor, timeline, from, frames);
      timeline.wait(5000);
    },
  };
}

const download: Write = (timeline) => s7.session(timeline, STATION, PLC).download('08', 1, BLOCK).insertBlock('08', 1).close();

const kinds = (items: readonly ReviewItem[]): string[] => items.map(({ kind }) => kind).sort();

/** A row: an operation, what the list calls it, and what of the baseline waits with it. */
const OPERATIONS: readonly (readonly [string, Write, readonly string[], RegExp | null])[] = [
  ['a download of a block', download, ['engineering-station', 'program-download'], /^device\.programming /],
  ['an upload', (timeline) => s7.session(timeline, STATION, PLC).upload('08', 1, BLOCK).close(), ['program-upload'], /^program\.upload /],
  ['a stop (S7comm)', (timeline) => s7.session(timeline, STATION, PLC).stop().close(), ['stop'], null],
  ['a start (S7comm)', (timeline) => s7.session(timeline, STATION, PLC).start().close(), ['restart'], /^s7comm\.control /],
  [
    'a clock that is set (S7comm)',
    (timeline) => s7.session(timeline, STATION, PLC).setClock().close(),
    ['time-set'],
    /^configuration\.write /,
  ],
  [
    'a cold restart (DNP3)',
    (timeline) => dnp3.session(timeline, HMI, PLC).coldRestart().close(),
    ['restart'],
    /^dnp3\.function .*function=13$/,
  ],
  [
    'an application that is stopped (DNP3)',
    (timeline) => dnp3.session(timeline, HMI, PLC).stopApplication().close(),
    ['stop'],
    /function=18$/,
  ],
  [
    'a reset of the process (IEC 104)',
    (timeline) => iec104.session(timeline, HMI, PLC).resetProcess().close(),
    ['restart'],
    /^iec104\.asdu .*type=105$/,
  ],
  ['a reset (CIP)', (timeline) => enip.session(timeline, STATION, PLC).reset().close(), ['restart'], /^cip\.class-service .*service=5$/],
  [
    'a stop (UMAS)',
    (timeline) => modbus.session(timeline, STATION, PLC).umas(Umas.StopPlc).close(),
    ['stop'],
    /^umas\.function .*function=65$/,
  ],
  [
    'a scan of ports',
    (timeline) => {
      arp.resolve(timeline, STATION, PLC);
      for (let port = 20; port < 80; port++) refused(timeline.wait(50), STATION, PLC, port);
    },
    ['scan'],
    /^device\.scanner /,
  ],
];

describe('while the sensor learns', () => {
  for (const [name, write, expected, waits] of OPERATIONS)
    it(`${name} goes on the review list, with frames, and not into the baseline`, () => {
      const { sensor, see } = run();
      see(write);
      const items = sensor.review.items();
      assert.deepEqual(kinds(items), [...expected].sort());
      for (const { detection, frames, count, state } of items) {
        assert.ok(detection.source && detection.message && count >= 1 && state === 'pending');
        assert.ok(frames.length > 0 && frames.every((frame) => frame > 0));
      }
      const waiting = items.flatMap(({ learn }) => learn.map(lineOf));
      const learned = sensor.baseline.entries().map(lineOf);
      assert.ok(!waits || waiting.some((line) => waits.test(line)), waiting.join('\n'));
      assert.ok(!waits || !learned.some((line) => waits.test(line)), learned.join('\n'));
    });

  it('ordinary work is learned, and leaves nothing to review', () => {
    const { sensor, see } = run();
    see((timeline) => {
      s7.session(timeline, HMI, PLC).readDataBlock(5, 0, 8).writeDataBlock(5, 0, new Uint8Array(4)).close();
      modbus.session(timeline, HMI, PLC).readHoldingRegisters(0, 10).writeRegisters(4, [1, 2]).close();
      dnp3.session(timeline, HMI, PLC).poll().directOperate(3).close();
      iec104.session(timeline, HMI, PLC).interrogate().singleCommand(4001, true).close();
      enip.session(timeline, HMI, PLC).readTag('Line').close();
    });
    assert.deepEqual(kinds(sensor.review.items()), []);
    assert.ok(sensor.baseline.size > 10);
  });

  it('the same again counts on, and is one item for a pair', () => {
    const { sensor, see } = run();
    see(download);
    see(download);
    const item = sensor.review.items().find(({ kind }) => kind === 'program-download');
    assert.ok(item && item.count > 1 && item.lastSeen > item.firstSeen);
    see((timeline) => s7.session(timeline, STATION, HMI).download('08', 1, BLOCK).close());
    assert.equal(sensor.review.items().filter(({ kind }) => kind === 'program-download').length, 2);
    assert.equal(sensor.review.items().filter(({ kind }) => kind === 'engineering-station').length, 1);
  });
});

describe('after learning', () => {
  it('what waits is silent where it was seen, and counted; a step beyond is an alert', () => {
    const { sensor, see, policy } = run();
    see(download);
    sensor.learning = false;
    const before = sensor.review.items().find(({ kind }) => kind === 'program-download')?.count ?? 0;
    see(download);
    assert.deepEqual(policy(), []);
    assert.ok((sensor.review.items().find(({ kind }) => kind === 'program-download')?.count ?? 0) > before);
    see((timeline) => s7.session(timeline, STATION, HMI).download('08', 1, BLOCK).close());
    assert.ok(policy().includes('unauthorized-plc-programming'), 'another controller was never programmed');
  });

  it('what was accepted is normal', () => {
    const { sensor, see, policy } = run();
    see(download);
    sensor.learning = false;
    for (const { id } of sensor.review.items()) sensor.decide(id, 'accepted', 'eva', 1);
    assert.ok(sensor.baseline.entries().some((entry) => lineOf(entry) === `device.programming ${STATION.ip}` && entry.origin.by === 'eva'));
    see(download);
    see((timeline) => s7.session(timeline, STATION, HMI).download('08', 1, BLOCK).close());
    assert.ok(!policy().includes('unauthorized-plc-programming'));
  });

  it('what was rejected is heard, also while the sensor still learns', () => {
    for (const learning of [true, false]) {
      const { sensor, see, policy } = run();
      see(download);
      sensor.learning = learning;
      for (const { id } of sensor.review.items()) sensor.decide(id, 'rejected', 'eva', 1);
      see(download);
      assert.ok(policy().includes('unauthorized-plc-programming'), `learning ${learning}`);
      assert.ok(!sensor.baseline.entries().some(({ aspect }) => aspect === 'device.programming'));
    }
  });

  it('a rejected operation of a protocol is unknown to it, too', () => {
    const { sensor, see, policy } = run();
    const stop: Write = (timeline) => modbus.session(timeline, STATION, PLC).umas(Umas.StopPlc).close();
    see(stop);
    sensor.learning = false;
    see(stop);
    assert.deepEqual(policy(), []);
    for (const { id } of sensor.review.items()) sensor.decide(id, 'rejected', 'eva', 1);
    see(stop);
    assert.ok(policy().includes('unpermitted-modbus-schneider-electric-extension'));
  });

  it('nothing new is listed: it is an alert', () => {
    const { sensor, see, policy } = run();
    sensor.learning = false;
    see(download);
    assert.deepEqual(kinds(sensor.review.items()), []);
    assert.ok(policy().includes('unauthorized-plc-programming'));
  });
});

describe('over a restart', () => {
  it('what waits goes on waiting, what was decided stays decided', () => {
    const first = run();
    first.see(download);
    first.see((timeline) => s7.session(timeline, HMI, PLC).upload('08', 1, BLOCK).close());
    const upload = first.sensor.review.items().find(({ kind }) => kind === 'program-upload');
    assert.ok(upload);
    first.sensor.decide(upload.id, 'rejected', 'eva', 1);
    const memory = structuredClone(first.sensor.memory());
    const second = run();
    second.sensor.inherit(memory);
    second.sensor.learning = false;
    second.see(download);
    assert.deepEqual(second.policy(), []);
    second.see((timeline) => s7.session(timeline, HMI, PLC).upload('08', 1, BLOCK).close());
    assert.deepEqual([...new Set(second.policy())], ['unauthorized-plc-program-upload']);
    assert.deepEqual(kinds(second.sensor.review.items()), kinds(first.sensor.review.items()));
  });
});

describe('the list itself', () => {
  it('is bounded, and counts what it had no room for', () => {
    const { sensor } = run();
    const detection = { type: 'controller-stop', source: null, destination: null, protocol: null } as unknown as Detection;
    for (let i = 0; i < 10_100; i++)
      sensor.review.note('stop', { ...detection, parameterKey: String(i), time: 1n, frames: [1], learn: [] });
    assert.equal(sensor.review.size, 10_000);
    assert.equal(sensor.review.refused, 100);
  });
});
