/** Alerts of plant protocols whose detectors are rows of tables: what was learned, what is new, and the nearest innocent traffic. */
import { describe, it } from 'node:test';
import * as ads from '@annunciator/testkit/ads';
import * as fins from '@annunciator/testkit/fins';
import * as fox from '@annunciator/testkit/fox';
import * as lldp from '@annunciator/testkit/lldp';
import * as modbus from '@annunciator/testkit/modbus';
import { octets } from '@annunciator/testkit/octets';
import * as roc from '@annunciator/testkit/roc';
import * as sbus from '@annunciator/testkit/sbus';
import * as slmp from '@annunciator/testkit/slmp';
import * as snmp from '@annunciator/testkit/snmp';
import * as srtp from '@annunciator/testkit/srtp';
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

const adsReads = (timeline: Timeline): void => {
  const connection = ads.session(timeline, HMI, PLC);
  ads.exchange(connection, 2, ads.read(0x4020, 64, 4), octets().u32le(0).u32le(4).u32le(7).take());
  ads.exchange(connection, 1, undefined, ads.deviceInfo('TCatPlcCtrl', 2, 11, 2228));
  connection.close();
};
const adsAsks =
  (command: number, data?: Uint8Array, answer?: Uint8Array) =>
  (timeline: Timeline): void =>
    ads.exchange(ads.session(timeline, HMI, PLC), command, data, answer);

const ADS: readonly Row[] = [
  {
    type: 'new-activity-detected-using-ams-protocol-command',
    learn: adsReads,
    see: adsAsks(6, ads.read(0x4020, 64, 4)),
    also: ['new-activity-detected-read-write-command-ams-index-group', 'new-activity-detected-read-write-command-ams-index-offset'],
    source: HMI,
    destination: PLC,
    message: /port 851, command 6 \(Add Device Notification\)/,
  },
  {
    type: 'new-activity-detected-read-write-command-ams-index-group',
    learn: adsReads,
    see: adsAsks(2, ads.read(0xf020, 64, 4)),
    also: ['new-activity-detected-read-write-command-ams-index-offset'],
    source: HMI,
    destination: PLC,
    message: /used an index group of .*command Read, group 0xf020 \(inputs\)/,
  },
  {
    type: 'new-activity-detected-read-write-command-ams-index-offset',
    learn: (timeline) => {
      adsReads(timeline);
      adsAsks(2, ads.read(0xf005, 0x1d000001, 4))(timeline);
    },
    see: adsAsks(2, ads.read(0x4020, 4096, 4)),
    source: HMI,
    destination: PLC,
    message: /used an index offset of .*offset 0x1000/,
    // Handles are other ones in each session.
    innocent: adsAsks(2, ads.read(0xf005, 0x1d000777, 4)),
  },
  {
    type: 'beckhoff-software-changed',
    learn: adsReads,
    see: adsAsks(1, undefined, ads.deviceInfo('TCatPlcCtrl', 3, 1, 4024)),
    source: PLC,
    destination: null,
    message: /reports firmware TCatPlcCtrl 3\.1\.4024; it was TCatPlcCtrl 2\.11\.2228/,
  },
];

const srtpReads = (timeline: Timeline): void => {
  const connection = srtp.session(timeline, HMI, PLC);
  connection.request(srtp.memory(false, 0x08, 0, 100)).response(srtp.answer());
  connection.request(srtp.request(0x00)).response(srtp.answer());
  connection.close();
};
const srtpAsks =
  (...pieces: readonly (readonly [Uint8Array, Uint8Array])[]) =>
  (timeline: Timeline): void => {
    const connection = srtp.session(timeline, HMI, PLC);
    for (const [ask, reply] of pieces) connection.request(ask).response(reply);
  };

const SRTP: readonly Row[] = [
  {
    type: 'unauthorized-ge-srtp-protocol-command',
    learn: srtpReads,
    see: srtpAsks([srtp.request(0x38), srtp.answer()]),
    source: HMI,
    destination: PLC,
    message: /sent an SRTP service request to .*service 0x38 \(Return Fault Table\)/,
  },
  {
    type: 'unauthorized-ge-srtp-system-memory-operation',
    learn: srtpReads,
    see: srtpAsks([srtp.memory(false, 0x08, 90, 20), srtp.answer()]),
    source: HMI,
    destination: PLC,
    message: /reached outside the known addresses of .*access read, memory %R, first 90, last 109/,
    innocent: srtpAsks([srtp.memory(false, 0x08, 10, 20), srtp.answer()]),
  },
  {
    type: 'unauthorized-ge-srtp-file-access',
    learn: srtpReads,
    see: srtpAsks([srtp.requestWithText(0x03, octets().text('MAIN').take()), srtp.answer()]),
    also: ['unauthorized-ge-srtp-protocol-command'],
    source: HMI,
    destination: PLC,
    message: /used a program of .*program MAIN/,
  },
  {
    type: 'ge-srtp-stop-plc-command-was-sent',
    learn: (timeline) => {
      srtpReads(timeline);
      srtpAsks([srtp.request(0x23, [0]), srtp.answer()])(timeline);
    },
    see: srtpAsks([srtp.request(0x23, [2]), srtp.answer()]),
    source: HMI,
    destination: PLC,
    message: /ordered a stop of .*Set PLC State: STOP, I\/O disabled/,
    innocent: srtpAsks([srtp.request(0x23, [0]), srtp.answer()]),
  },
  {
    type: 'ge-srtp-command-failure',
    learn: srtpReads,
    see: srtpAsks([srtp.memory(false, 0x08, 0, 100), srtp.refusal(2, 0xf1)]),
    source: HMI,
    destination: PLC,
    message: /did not do what .* asked: Read System Memory was refused: insufficient privilege/,
  },
];

const sbusReads = (timeline: Timeline): void => {
  sbus.exchange(timeline, HMI, PLC, 6, [0, 0, 100], [0, 0, 0, 7]);
  sbus.exchange(timeline, HMI, PLC, 27, [], [0x52]);
};
const SBUS: readonly Row[] = [
  {
    type: 'unauthorized-saia-s-bus-command',
    learn: sbusReads,
    see: (timeline) => sbus.exchange(timeline, HMI, PLC, 14, [0, 0, 100, 0, 0, 0, 1]),
    source: HMI,
    destination: PLC,
    message: /sent an S-Bus command to .*command 0x0e \(Write registers\)/,
  },
  {
    type: 'controller-stop',
    by: 'S-Bus',
    learn: sbusReads,
    see: (timeline) => sbus.exchange(timeline, HMI, PLC, 67),
    also: ['unauthorized-saia-s-bus-command'],
    source: HMI,
    destination: PLC,
    message: /Stop procedure \(own CPU\)/,
    innocent: (timeline) => sbus.exchange(timeline, HMI, PLC, 47),
  },
];

const slmpReads = (timeline: Timeline): void => {
  const connection = slmp.read(slmp.session(timeline, HMI, PLC));
  connection.request(slmp.request(slmp.Command.ReadTypeName)).response(slmp.answer(0, slmp.typeName('Q03UDVCPU', 0x0366)));
};
const MELSEC: readonly Row[] = [
  {
    type: 'unauthorized-mitsubishi-melsec-command',
    learn: slmpReads,
    see: (timeline) => void slmp.session(timeline, HMI, PLC).request(slmp.request(slmp.Command.WriteDevices)).response(slmp.answer()),
    source: HMI,
    destination: PLC,
    message: /sent a MELSEC command to .*command Device Write, subcommand 0x0000/,
  },
  {
    type: 'mitsubishi-firmware-version-changed',
    learn: slmpReads,
    see: (timeline) =>
      void slmp
        .session(timeline, HMI, PLC)
        .request(slmp.request(slmp.Command.ReadTypeName))
        .response(slmp.answer(0, slmp.typeName('Q03UDVCPU', 0x0367))),
    source: PLC,
    destination: null,
    message: /reports firmware type code 0x0367; it was type code 0x0366/,
  },
  {
    type: 'controller-stop',
    by: 'SLMP',
    learn: slmpReads,
    see: (timeline) => void slmp.session(timeline, HMI, PLC).request(slmp.request(slmp.Command.RemoteStop)).response(slmp.answer()),
    also: ['unauthorized-mitsubishi-melsec-command'],
    source: HMI,
    destination: PLC,
    message: /ordered a stop of .*Remote Stop/,
    innocent: (timeline) => void slmp.session(timeline, HMI, PLC).request(slmp.request(slmp.Command.RemoteRun)).response(slmp.answer()),
  },
];

const rocReads = (timeline: Timeline): void => {
  const connection = roc.session(timeline, HMI, PLC);
  roc.exchange(connection, 167, [91, 0, 1, 0]);
  roc.exchange(connection, 7);
};
const ROC: readonly Row[] = [
  {
    type: 'unauthorized-emerson-roc-operation',
    learn: rocReads,
    see: (timeline) => roc.exchange(roc.session(timeline, HMI, PLC), 118, [10, 0, 0]),
    source: HMI,
    destination: PLC,
    message: /sent a ROC opcode to .*opcode 118 \(Request Alarm Data\)/,
  },
  {
    type: 'unauthorized-plc-configuration-write',
    by: 'ROC Plus',
    learn: rocReads,
    see: (timeline) => roc.exchange(roc.session(timeline, HMI, PLC), 181, [1, 91, 0, 1, 7]),
    also: ['unauthorized-emerson-roc-operation'],
    source: HMI,
    destination: PLC,
    message: /changes the configuration of .*Write Parameters/,
  },
];

for (const [name, rows] of [
  ['Omron FINS', FINS],
  ['Niagara Fox', FOX],
  ['Beckhoff ADS', ADS],
  ['GE SRTP', SRTP],
  ['SAIA S-Bus', SBUS],
  ['Mitsubishi MELSEC', MELSEC],
  ['ROC Plus', ROC],
  ['management protocols', MANAGEMENT],
] as const)
  describe(name, () => {
    for (const row of rows) it(`raises ${row.type}${row.by ? ` (${row.by})` : ''}`, () => holdAgainst(row));
  });
