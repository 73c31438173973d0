/** Types of alerts that people switch while a sensor runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Detection } from '@annunciator/core/alert';
import * as modbus from '@annunciator/testkit/modbus';
import { refused } from '@annunciator/testkit/tcp';
import { Timeline } from '@annunciator/testkit/timeline';
import { feed, HMI, PLC, sense, type Write } from '../../tests/sense.ts';
import { Sensor } from '../sensor.ts';

/** A request that ends in the middle of its address. */
const truncated: Write = (timeline) => {
  const session = modbus.session(timeline, HMI, PLC).readHoldingRegisters(100, 10);
  session.connection.request(modbus.adu(1, 1, Uint8Array.of(3, 0)));
  session.close();
};

test('a type that is switched off is not raised, one that is off by default is when it is on, and the severity is the one that was set', () => {
  const [usual] = sense(truncated).alerts;
  assert.ok(usual, 'the traffic raises something');
  const off = sense(truncated, { operational: (sensor) => sensor.setTypes({ [usual.type]: { on: false } }) });
  assert.ok(off.alerts.every(({ type }) => type !== usual.type));

  const other = usual.severity === 'Minor' ? 'Warning' : 'Minor';
  const lowered = sense(truncated, { operational: (sensor) => sensor.setTypes({ [usual.type]: { severity: other } }) });
  assert.equal(lowered.alerts.find(({ type }) => type === usual.type)?.severity, other);

  const settings = { disabledTypes: [usual.type] };
  assert.ok(sense(truncated, { settings }).alerts.every(({ type }) => type !== usual.type));
  const on = sense(truncated, { settings, operational: (sensor) => sensor.setTypes({ [usual.type]: { on: true } }) });
  assert.ok(on.alerts.some(({ type }) => type === usual.type));
  // What is set is all that is set.
  const back = sense(truncated, {
    operational: (sensor) => {
      sensor.setTypes({ [usual.type]: { on: false } });
      sensor.setTypes({});
    },
  });
  assert.ok(back.alerts.some(({ type }) => type === usual.type));
});

test('a threshold that is changed holds from the next event on: what is over the new one and under the old one is raised', () => {
  const type = 'suspicion-of-denial-of-service-attack';
  const detections: Detection[] = [];
  const sensor = new Sensor({ report: (detection) => void (detection.type === type && detections.push(detection)) });
  const timeline = new Timeline();
  const frames: Uint8Array[] = [];
  const see = (write: Write) => {
    const from = timeline.count;
    write(timeline);
    feed(sensor, timeline, from, frames);
  };
  const attempts = (count: number) =>
    see(() => {
      for (let left = count; left > 0; left--) refused(timeline.wait(100), HMI, PLC, modbus.PORT);
    });
  see(() => modbus.session(timeline, HMI, PLC).readHoldingRegisters(100, 10).close());
  sensor.learning = false;
  const learned = sensor.baseline.entries();
  assert.ok(learned.length > 0);

  attempts(20);
  assert.deepEqual(detections, []);
  sensor.setTypes({ [type]: { threshold: { count: 30, windowSeconds: 60 } } });
  attempts(8);
  assert.deepEqual(detections, []);
  attempts(2);
  assert.deepEqual(
    detections.map(({ message }) => /made \d+ connection attempts/.exec(message)?.[0]),
    ['made 30 connection attempts'],
    'those before the change count',
  );
  // What is set is all that is set: back to the catalogue's.
  sensor.setTypes({});
  attempts(100);
  assert.equal(detections.length, 1);
  assert.deepEqual(sensor.baseline.entries(), learned);
});
