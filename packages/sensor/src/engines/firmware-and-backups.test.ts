/** Firmware that somebody replaced, controllers that tell another one, field devices nobody expected, backups that are overdue. */
import { describe, it } from 'node:test';
import * as enip from '@annunciator/testkit/enip';
import * as modbus from '@annunciator/testkit/modbus';
import { octets } from '@annunciator/testkit/octets';
import * as s7 from '@annunciator/testkit/s7comm';
import * as smb from '@annunciator/testkit/smb';
import { Connection } from '@annunciator/testkit/tcp';
import type { Timeline } from '@annunciator/testkit/timeline';
import { HMI, holdAgainst, PLC, type Row, STATION } from '../../tests/sense.ts';

type Revision = readonly [number, number];
const controller = (revision: Revision) => ({
  vendorId: 1,
  deviceType: 14,
  productCode: 54,
  revision,
  serial: 0x1234,
  productName: '1756-L61',
});
const tells = (timeline: Timeline, revision: Revision): void => enip.session(timeline, HMI, PLC).readIdentity(controller(revision)).close();
/** Class 0xA1 moves firmware. */
const flashes = (timeline: Timeline): void => enip.session(timeline, STATION, PLC).service(0x4b, 0xa1, 1).close();

/** An S7-1200 opens a session: the answer to CreateObject says what the controller is. */
function s7plus(timeline: Timeline, version: string): void {
  const pdu = (body: Uint8Array): Uint8Array => s7.tpktData(octets().u8(0x72, 1).u16(body.length).bytes(body).u8(0x72, 1).u16(0).take());
  const head = (opcode: number) => octets().u8(opcode).u16(0).u16(0x04ca).u16(0).u16(1);
  const description = `1;6ES7 214-1HE30-0XB0 ;${version}`;
  const connection = new Connection(timeline, HMI, PLC, s7.PORT);
  connection.request(s7.cotpConnect(false)).response(s7.cotpConnect(true));
  connection.request(pdu(head(0x31).u32(0x288).u8(0x36).u32(0x11d).zeros(24).take()));
  connection.response(pdu(head(0x32).u8(0x36).u16(0x11d).zeros(12).text(description).zeros(24).take()));
  connection.close();
}

/** A drive joins: a client asks everybody who is there. */
const drive = (timeline: Timeline, deviceType: number): void => {
  modbus.session(timeline, HMI, PLC).readCoils(0, 8).close();
  enip.listIdentity(timeline, HMI, STATION, [
    [STATION, { vendorId: 1, deviceType, productCode: 150, revision: [5, 1], serial: 7, productName: 'PowerFlex 525' }],
  ]);
};

const DAY = 86_400;
/** Copies two files to a server, and then asks a controller now and then for ten minutes, so that the sensor sees something. */
function backup(timeline: Timeline, begin: number, runs = true): void {
  timeline.at(begin - 240);
  const poll = (): unknown => modbus.session(timeline, HMI, PLC).readCoils(0, 8).close();
  poll();
  timeline.at(begin);
  if (runs) {
    const session = new smb.Session2(timeline, STATION, HMI).signIn('PLANT', 'backup').connect('backup', 1);
    for (const name of ['project.zip', 'recipes.zip']) session.write(1, session.create(1, name), octets().zeros(64).take());
    session.close();
  }
  for (const later of [60, 180, 300]) {
    timeline.at(begin + later);
    poll();
  }
}
/** Runs on these days (or parts of days) after the begin of the capture. */
const backups =
  (...days: readonly number[]) =>
  (timeline: Timeline): void => {
    for (const day of days) backup(timeline, day * DAY);
  };

/** Days without a packet between the runs are not what these tests are about. */
const WATCHED = {
  focus: 'any',
  disabledTypes: ['no-traffic-detected-on-sensor-interface', 'traffic-detected-on-sensor-interface'],
} as const;

const ROWS: readonly Row[] = [
  {
    type: 'firmware-change-detected',
    learn: (timeline) => tells(timeline, [20, 11]),
    see: (timeline) => {
      flashes(timeline);
      tells(timeline, [30, 11]);
    },
    also: [
      'firmware-update',
      'firmware-version-changed',
      'new-activity-detected-cip-class',
      'new-activity-detected-cip-class-service',
      'new-activity-detected-ethernet-ip-protocol-command',
      'new-asset-detected',
    ],
    source: STATION,
    destination: PLC,
    message: /10\.1\.1\.30 replaced the firmware of .* by CIP .*: it was 20\.011 and is 30\.011/,
    // A transfer without another version afterwards, and another version without a transfer.
    innocent: (timeline) => {
      tells(timeline, [30, 11]);
      flashes(timeline);
      tells(timeline, [30, 11]);
    },
  },
  {
    type: 's7-plus-plc-firmware-changed',
    learn: (timeline) => s7plus(timeline, 'V2.2'),
    see: (timeline) => s7plus(timeline, 'V4.6.1'),
    source: PLC,
    destination: null,
    message: /reports firmware V4\.6\.1; it was V2\.2/,
  },
  {
    type: 'field-device-discovered-unexpectedly',
    learn: (timeline) => modbus.session(timeline, HMI, PLC).readCoils(0, 8).close(),
    see: (timeline) => drive(timeline, 0x02),
    also: ['new-asset-detected', 'new-activity-detected-ethernet-ip-protocol-command', 'new-port-discovery'],
    source: STATION,
    destination: null,
    message: /nobody has authorised: .* says that it is a Variable Frequency Drive/,
    // A new controller is a new device, and none of the field level.
    innocent: (timeline) => drive(timeline, 0x0e),
  },
  {
    type: 'expected-backup-operation-did-not-occur',
    learn: backups(1, 2, 3, 4, 5),
    see: (timeline) => backup(timeline, 6 * DAY, false),
    source: STATION,
    destination: HMI,
    message: /writes files to .* by SMB every 24 hours; this time it has not done so/,
    // A minute late is not overdue.
    innocent: backups(6 + 60 / DAY, 7),
    settings: WATCHED,
  },
  {
    type: 'expected-backup-operation-did-not-occur',
    by: 'after a day that was missed and one that was not',
    learn: backups(1, 2, 3, 4, 5, 7, 8),
    see: (timeline) => backup(timeline, 9 * DAY, false),
    source: STATION,
    destination: HMI,
    message: /every 24 hours/,
    // The sensor sees nothing around the time: it cannot say that nothing happened.
    innocent: (timeline) => {
      timeline.at(9 * DAY + 4000);
      modbus.session(timeline, HMI, PLC).readCoils(0, 8).close();
    },
    settings: WATCHED,
  },
  {
    type: 'expected-backup-operation-did-not-occur',
    by: 'not for transfers without a schedule',
    learn: backups(1, 2, 3, 4, 5),
    see: (timeline) => backup(timeline, 6 * DAY, false),
    source: STATION,
    destination: HMI,
    message: /every 24 hours/,
    innocent: backups(5.3, 5.9, 6.05, 7.5, 7.6),
    settings: WATCHED,
  },
];

describe('firmware and backups', () => {
  for (const row of ROWS) it(`raises ${row.type}${row.by ? ` (${row.by})` : ''}`, () => holdAgainst(row));
});
