import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cip from './cip.ts';
import * as enip from './enip.ts';
import { group, host } from './host.ts';
import { Timeline } from './timeline.ts';
import { complaints, fieldCounts, frameCount, withoutTshark } from './tshark.ts';

const hmi = host('hmi', '10.4.0.10');
const plc = host('plc', '10.4.0.20', '00:00:bc:01:02:03');
const identity: enip.Identity = {
  vendorId: 1,
  deviceType: 0x0e,
  productCode: 96,
  revision: [32, 11],
  serial: 0x00c0ffee,
  productName: '1769-L33ER',
};
const skip = withoutTshark;

test('encapsulation and CIP services are read by tshark as they were written', { skip }, () => {
  const timeline = new Timeline();
  const session = enip.session(timeline, hmi, plc);
  session.listServices().listIdentity(identity).readIdentity(identity).refuseCommand(0x99);
  session.readTag('Line1.Speed', 2).writeTag('Setpoint', 7).readTags('A', 'Tank_Level', 'Pump3');
  session.service(cip.Service.GetAttributeSingle, 0x300, 1, { attribute: 4, status: 5 }).reset().stop();
  session.pccc(6, 3).pcccRead(7, 0).listTags('Speed', 'Level');
  session.close();
  enip.listIdentity(timeline, hmi, group('255.255.255.255'), [[plc, identity]]);
  assert.deepEqual(complaints(timeline), []);
  const counts = fieldCounts(timeline, [
    'enip.command',
    'cip.sc',
    'cip.symbol',
    'cip.genstat',
    'enip.status',
    'cip.pccc.cmd.code',
    'enip.lir.name',
  ]);
  assert.deepEqual(counts['enip.command'], { '0x0004': 2, '0x0063': 4, '0x0065': 2, '0x0066': 1, '0x006f': 20, '0x0099': 2 });
  assert.deepEqual(counts['cip.sc'], { '0x01': 2, '0x05': 2, '0x07': 2, '0x0a': 2, '0x0e': 2, '0x4b': 4, '0x4c': 8, '0x4d': 2, '0x55': 2 });
  assert.deepEqual(counts['cip.symbol'], { Line1: 2, Speed: 2, Setpoint: 2, A: 2, Tank_Level: 2, Pump3: 2 });
  assert.deepEqual(counts['cip.genstat'], { '0x00': 12, '0x05': 1 });
  assert.deepEqual(counts['cip.pccc.cmd.code'], { '0x06': 1, '0x0f': 1 });
  assert.deepEqual(counts['enip.lir.name'], { '1769-L33ER': 2 });
});

test('connected messages and cyclic data follow their Forward Open', { skip }, () => {
  const timeline = new Timeline();
  const session = enip.session(timeline, hmi, plc).open();
  session.readTag('Speed').readTag('Speed').closeConnection();
  const ids = session.openIo(100, 101);
  for (let i = 0; i < 3; i++) {
    enip.io(timeline, hmi, plc, ids.originatorToTarget, i, new Uint8Array(34));
    enip.io(timeline, plc, hmi, ids.targetToOriginator, i, new Uint8Array(64));
  }
  assert.deepEqual(complaints(timeline), []);
  assert.equal(frameCount(timeline, 'cipio'), 6);
  const counts = fieldCounts(timeline, ['enip.command', 'cip.sc']);
  assert.deepEqual(counts['enip.command'], { '0x0065': 2, '0x006f': 6, '0x0070': 4 });
  assert.deepEqual(counts['cip.sc'], { '0x4c': 4, '0x4e': 2, '0x54': 4 });
});
