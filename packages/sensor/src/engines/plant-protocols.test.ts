/** Alerts of plant protocols whose detectors are rows of tables: what was learned, what is new, and the nearest innocent traffic. */
import { describe, it } from 'node:test';
import * as fins from '@annunciator/testkit/fins';
import * as fox from '@annunciator/testkit/fox';
import * as lldp from '@annunciator/testkit/lldp';
import * as modbus from '@annunciator/testkit/modbus';
import { octets } from '@annunciator/testkit/octets';
import * as snmp from '@annunciator/testkit/snmp';
import type { Timeline } from '@annunciator/testkit/timeline';
import { HMI, holdAgainst, PLC, type Row, STATION } from '../../tests/sense.ts';

const reads = (timeline: Timeline): void => {
  for (let turn = 0; turn < 3; turn++) fins.readMemory(timeline.wait(500), HMI, PLC, 100, 4);
};
const stop = (timeline: Timeline): void => fins.exchange(timeline, HMI, PLC, 0x0402);

const FINS: readonly Row[] = [
  {
    type: 'omron-fins-unauthorized-command',
    learn: reads,
    see: (timeline) => fins.exchange(timeline, HMI, PLC, 0x0102, octets().u8(0x82).u16(100).u8(0).u16(1).u16(7).take()),
    source: HMI,
    destination: PLC,
    message: /sent a FINS command to .*, new for this pair: command 0x0102 \(Memory Area Write\)/,
    holds: octets().u16(0x0102).u8(0x82).take(),
  },
  {
    type: 'controller-stop',
    by: 'FINS',
    learn: (timeline) => {
      reads(timeline);
      stop(timeline);
    },
    see: stop,
    source: HMI,
    destination: PLC,
    message: /ordered a stop of .*: Stop \(FINS command 0x0402\)/,
    innocent: (timeline) => fins.exchange(timeline, HMI, PLC, 0x0401, octets().u16(0xffff).u8(4).take()),
  },
  {
    type: 'unauthorized-plc-programming',
    by: 'FINS',
    learn: reads,
    see: (timeline) => fins.exchange(timeline, HMI, PLC, 0x0307, octets().u16(0xffff).u32(0).u16(4).u32(0).take()),
    also: ['omron-fins-unauthorized-command'],
    source: HMI,
    destination: PLC,
    message: /Program Area Write/,
  },
];

const FOX: readonly Row[] = [
  {
    type: 'plc-scan-detected',
    by: 'a Fox hello and nothing more',
    see: (timeline) => fox.hello(timeline, STATION, PLC).reset(),
    source: STATION,
    destination: PLC,
    message: /asked .* who it is and left within a second, without signing in/,
    // A workbench that signs in; and one whose user takes his time and then closes the dialog.
    innocent: (timeline) => {
      fox.signIn(fox.hello(timeline, STATION, PLC)).close();
      const undecided = fox.hello(timeline, HMI, PLC);
      timeline.wait(6000);
      undecided.close();
    },
  },
];

/** What puts a pair into the focus of OT. */
const plant = (timeline: Timeline): void => void modbus.session(timeline, HMI, PLC).readHoldingRegisters(0, 4);
const reports = (timeline: Timeline): void => {
  for (const object of ['1.3.6.1.2.1.1.3.0', '1.3.6.1.2.1.2.2.1.10.1']) snmp.exchange(timeline, HMI, PLC, snmp.Pdu.Get, object);
};

const MANAGEMENT: readonly Row[] = [
  {
    type: 'unauthorized-snmp-operation',
    learn: (timeline) => {
      plant(timeline);
      reports(timeline);
    },
    see: (timeline) => snmp.exchange(timeline, HMI, PLC, snmp.Pdu.Get, '1.3.6.1.4.1.9.9.96.1.1'),
    source: HMI,
    destination: PLC,
    message: /asked by SNMP .*: operation Get, community public, objects 1\.3\.6\.1\.4\.1\.9\.9/,
    holds: snmp.objectIdentifier('1.3.6.1.4.1.9.9.96.1.1'),
    // Another counter of the table that was read before.
    innocent: (timeline) => snmp.exchange(timeline, HMI, PLC, snmp.Pdu.Get, '1.3.6.1.2.1.2.2.1.16.1'),
  },
  {
    type: 'unauthorized-snmp-operation',
    by: 'another community',
    learn: (timeline) => {
      plant(timeline);
      reports(timeline);
    },
    see: (timeline) => snmp.exchange(timeline, HMI, PLC, snmp.Pdu.Get, '1.3.6.1.2.1.1.3.0', 'private'),
    source: HMI,
    destination: PLC,
    message: /community private/,
  },
  {
    type: 'new-lldp-device-configuration',
    learn: (timeline) => {
      plant(timeline);
      lldp.advertise(timeline, PLC, 'port-001');
    },
    see: (timeline) => lldp.advertise(timeline, PLC, 'port-001', 'plc-renamed'),
    source: PLC,
    destination: '01:80:c2:00:00:0e',
    message: /LLDP/,
    holds: octets().text('plc-renamed').take(),
  },
];

for (const [name, rows] of [
  ['Omron FINS', FINS],
  ['Niagara Fox', FOX],
  ['management protocols', MANAGEMENT],
] as const)
  describe(name, () => {
    for (const row of rows) it(`raises ${row.type}${row.by ? ` (${row.by})` : ''}`, () => holdAgainst(row));
  });
