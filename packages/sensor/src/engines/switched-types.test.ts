/** Types of alerts that people switch while a sensor runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as modbus from '@annunciator/testkit/modbus';
import { HMI, PLC, sense, type Write } from '../../tests/sense.ts';

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
