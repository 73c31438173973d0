import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from './host.ts';
import * as iec104 from './iec104.ts';
import { Timeline } from './timeline.ts';
import { complaints, fieldCounts, withoutTshark } from './tshark.ts';

test('ASDUs and link control are read by tshark as they were written', { skip: withoutTshark }, () => {
  const timeline = new Timeline();
  const session = iec104.session(timeline, host('scada', '10.5.0.10'), host('gateway', '10.5.0.20'), { commonAddress: 300 });
  session.interrogate([1.5, 2.5]).measuredValues(100, [20.25], iec104.Cause.Periodic).singlePoint(70_000, true).acknowledge();
  session
    .singleCommand(5000, true)
    .singleCommand(9999, true, iec104.Cause.UnknownObjectAddress)
    .setpoint(6000, 1.5)
    .synchronizeClock()
    .resetProcess();
  session.testLink().stop().close();
  assert.deepEqual(complaints(timeline), []);
  const counts = fieldCounts(timeline, [
    'iec60870_asdu.typeid',
    'iec60870_asdu.causetx',
    'iec60870_asdu.addr',
    'iec60870_asdu.nega',
    'iec60870_104.type',
  ]);
  assert.deepEqual(counts['iec60870_asdu.typeid'], { 1: 1, 13: 2, 45: 4, 50: 2, 100: 3, 103: 2, 105: 2 });
  assert.deepEqual(counts['iec60870_asdu.causetx'], { 1: 1, 3: 1, 6: 6, 7: 5, 10: 1, 20: 1, 47: 1 });
  assert.deepEqual(counts['iec60870_asdu.addr'], { 300: 16 });
});
