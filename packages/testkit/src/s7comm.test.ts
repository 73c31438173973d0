import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from './host.ts';
import { octets } from './octets.ts';
import * as s7comm from './s7comm.ts';
import { Timeline } from './timeline.ts';
import { complaints, fieldCounts, withoutTshark } from './tshark.ts';

const station = host('engineering', '10.1.0.11', '00:1b:1b:aa:00:01');
const cpu = host('cpu', '10.1.0.30', '00:1b:1b:1e:2f:30');

test('jobs of an S7 session are read by tshark as they were written', { skip: withoutTshark }, () => {
  const timeline = new Timeline();
  const session = s7comm.session(timeline, station, cpu);
  session.readDataBlock(10, 0, 21).read({ block: 1, start: 4, length: 3 }, { area: s7comm.Area.Flags, start: 0, length: 2 });
  session.readRefused({ block: 999, start: 0, length: 4 }).writeDataBlock(10, 8, Uint8Array.of(1, 2));
  session.download('08', 1, octets().u16(0x7070).zeros(298, 7).take()).upload('0A', 10, new Uint8Array(100)).deleteBlock('0C', 5);
  session.stop().start().piService('_MODU', octets().u8(0, 0).take());
  session.close();
  assert.deepEqual(complaints(timeline), []);
  const counts = fieldCounts(timeline, [
    's7comm.param.func',
    's7comm.header.rosctr',
    's7comm.param.pistart.servicename',
    's7comm.param.item.db',
    'cotp.type',
    's7comm.blockinfo.blocktype',
  ]);
  assert.deepEqual(counts['s7comm.param.func'], {
    '0xf0': 2,
    '0x04': 6,
    '0x05': 2,
    '0x1a': 2,
    '0x1b': 4,
    '0x1c': 2,
    '0x1d': 2,
    '0x1e': 2,
    '0x1f': 2,
    '0x28': 8,
    '0x29': 2,
  });
  assert.deepEqual(counts['s7comm.param.item.db'], { 10: 2, 1: 1, 0: 1, 999: 1 });
  assert.equal(counts['s7comm.param.pistart.servicename']['_INSE'], 1);
  assert.deepEqual(counts['s7comm.header.rosctr'], { 1: 17, 3: 17 });
});

test('user data of an S7 session is read by tshark as it was written', { skip: withoutTshark }, () => {
  const timeline = new Timeline();
  const session = s7comm.session(timeline, station, cpu);
  session
    .readModuleIdentification('6ES7 315-2EH14-0AB0', [3, 2, 10])
    .readComponentIdentification('SIMATIC 300', 'Filler', 'S C-X4U421302009');
  session.readOperatingMode().setClock();
  assert.deepEqual(complaints(timeline), []);
  const counts = fieldCounts(timeline, [
    's7comm.param.userdata.funcgroup',
    's7comm.data.userdata.szl_id',
    's7comm.szl.001c.0001.name',
    's7comm.szl.001c.0005.serialn',
  ]);
  assert.deepEqual(counts['s7comm.param.userdata.funcgroup'], { 4: 6, 7: 2 });
  assert.deepEqual(counts['s7comm.data.userdata.szl_id'], { '0x0011': 2, '0x001c': 2, '0x0424': 2 });
  assert.deepEqual(counts['s7comm.szl.001c.0001.name'], { 'SIMATIC 300': 1 });
});
