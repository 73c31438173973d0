import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as dnp3 from './dnp3.ts';
import { host } from './host.ts';
import { octets } from './octets.ts';
import { Timeline } from './timeline.ts';
import { complaints, fieldCounts, frameCount, withoutTshark } from './tshark.ts';

const master = host('scada', '10.3.0.10');
const rtu = host('rtu', '10.3.0.20');

test('every DNP3 exchange is read by tshark as it was written', { skip: withoutTshark }, () => {
  const timeline = new Timeline();
  const session = dnp3.session(timeline, master, rtu, { master: 1, outstation: 25 });
  session
    .poll()
    .poll([1])
    .read(1, 0, dnp3.binaryInputs(0, [true, false, true]));
  session.select(3).operate(3).directOperate(4, 0x41).writeTime(1_780_293_600_000n).enableUnsolicited().disableUnsolicited();
  session.unsolicited(5, true).coldRestart();
  session.indications = dnp3.Indication.DeviceRestart;
  session.warmRestart().stopApplication();
  session.indications = 0;
  session
    .clearRestart()
    .readFile('/config.xml', octets().text('<a/>').take())
    .writeFile('/config.xml', octets().zeros(600, 66).take())
    .deleteFile('/old.log');
  session.close();
  assert.deepEqual(complaints(timeline), []);
  const counts = fieldCounts(timeline, ['dnp3.al.func', 'dnp3.al.iin.rst', 'dnp3.dst']);
  const requests = { 0: 1, 1: 4, 2: 3, 3: 1, 4: 1, 5: 1, 13: 1, 14: 1, 18: 1, 20: 1, 21: 1, 25: 2, 26: 2, 27: 1, 129: 20, 130: 1 };
  assert.deepEqual(counts['dnp3.al.func'], requests);
  assert.deepEqual(counts['dnp3.al.iin.rst'], { 0: 19, 1: 2 });
  assert.equal(frameCount(timeline, 'dnp.hdr.CRC.status != 1 || dnp.data_chunk.CRC.status != 1'), 0);
});

test('a fragment above 249 bytes crosses several transport segments', { skip: withoutTshark }, () => {
  const timeline = new Timeline();
  dnp3.session(timeline, master, rtu).poll([0], 120).poll([0], 3);
  assert.deepEqual(complaints(timeline), []);
  assert.deepEqual(fieldCounts(timeline, ['dnp3.al.func', 'dnp3.tr.fir']), {
    'dnp3.al.func': { 1: 2, 129: 2 },
    'dnp3.tr.fir': { 0: 2, 1: 4 },
  });
});
