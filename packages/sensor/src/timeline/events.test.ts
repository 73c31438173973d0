/** Lines of the timeline: written traffic goes through a whole sensor, and each type is there with what it says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventType } from '@annunciator/core/event-types';
import * as arp from '@annunciator/testkit/arp';
import * as cip from '@annunciator/testkit/cip';
import * as databases from '@annunciator/testkit/databases';
import * as enip from '@annunciator/testkit/enip';
import { host } from '@annunciator/testkit/host';
import * as icmp from '@annunciator/testkit/icmp';
import * as lldp from '@annunciator/testkit/lldp';
import * as modbus from '@annunciator/testkit/modbus';
import { octets } from '@annunciator/testkit/octets';
import * as s7 from '@annunciator/testkit/s7comm';
import * as smb from '@annunciator/testkit/smb';
import * as snmp from '@annunciator/testkit/snmp';
import * as srtp from '@annunciator/testkit/srtp';
import { Connection } from '@annunciator/testkit/tcp';
import * as udp from '@annunciator/testkit/udp';
import { MASTER, raised, SLAVE, type Write } from '../../tests/raised.ts';
import { EVENTS_PER_MINUTE } from './event-limit.ts';

const ROUTER = host('router', '10.1.1.1');
const text = (value: string): Uint8Array => octets().text(value).take();

/** A BER element (X.690) of less than 128 bytes. */
const ber = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const body = Buffer.concat(parts);
  return Uint8Array.of(tag, body.length, ...body);
};

/** Lines of a protocol of texts, by client and server in turn. */
function lines(timeline: Parameters<Write>[0], port: number, ...said: readonly string[]): void {
  const connection = new Connection(timeline, MASTER, SLAVE, port);
  for (const [turn, line] of said.entries()) {
    if (turn % 2 === 0) connection.response(text(`${line}\r\n`));
    else connection.request(text(`${line}\r\n`));
  }
}

const DRIVE: enip.Identity = { vendorId: 1, deviceType: 2, productCode: 7, revision: [3, 1], serial: 77, productName: 'PowerFlex 525' };
const told = (timeline: Parameters<Write>[0], identity: enip.Identity): void =>
  enip.listIdentity(timeline, MASTER, SLAVE, [[SLAVE, identity]]);
/** A service request, by default the change of the privilege level, and its answer on an SRTP connection. */
const level = (timeline: Parameters<Write>[0], answer: Uint8Array, service = 0x21): void =>
  void srtp
    .session(timeline, MASTER, SLAVE)
    .request(srtp.request(service, [4]))
    .response(answer);

const ROWS: readonly (readonly [type: EventType, says: RegExp, write: Write])[] = [
  ['DEVICE_CREATE', /10\.1\.1\.20/, (timeline) => icmp.echo(timeline, MASTER, SLAVE)],
  [
    'DEVICE_UPDATE',
    /was updated: model PowerFlex 527 \(told over CIP\)/,
    (timeline) => {
      told(timeline, DRIVE);
      told(timeline, { ...DRIVE, productName: 'PowerFlex 527' });
    },
  ],
  [
    'FIRMWARE_CHANGED',
    /from 3\.001 to 4\.002\./,
    (timeline) => {
      told(timeline, DRIVE);
      told(timeline, { ...DRIVE, revision: [4, 2] });
    },
  ],
  [
    'PLC_MODULE_CHANGE',
    /The module in unit 5 of .* was M340 and is M580\./,
    (timeline) => {
      const session = modbus.session(timeline, MASTER, SLAVE, { unit: 5 });
      session.readDeviceIdentification('Schneider Electric', 'M340', 'V1').readDeviceIdentification('Schneider Electric', 'M580', 'V1');
    },
  ],
  [
    'DEVICE_UNIFICATION',
    /are one device/,
    (timeline) => {
      lldp.advertise(timeline, SLAVE, 'port-001');
      arp.announce(timeline, ROUTER);
      udp.send(timeline, { ...SLAVE, mac: ROUTER.mac, timeToLive: 57 }, 40_000, MASTER, 40_000, text('routed'));
      arp.announce(timeline, SLAVE);
    },
  ],
  [
    'INTERNET_ACCESS',
    /Internet address 93\.184\.216\.34 for the first time/,
    (timeline) => icmp.echo(timeline, MASTER, host('web', '93.184.216.34')),
  ],
  [
    'HARDWARE_UPDATE_BY_IDENTIFIER',
    /uses the address 10\.1\.1\.99, too/,
    (timeline) => {
      icmp.echo(timeline, MASTER, SLAVE);
      arp.announce(timeline, { ...host('alias', '10.1.1.99'), mac: SLAVE.mac });
    },
  ],
  [
    'SNMP_TRAP',
    /trap 1\.3\.6\.1\.4\.1\.9\.9\.41\.2\.0\.1/,
    (timeline) => {
      const which = snmp.objectIdentifier('1.3.6.1.4.1.9.9.41.2.0.1');
      const trap = snmp.message(0xa7, 'public', '1.3.6.1.6.3.1.1.4.1.0', Uint8Array.of(6, which.length, ...which));
      udp.send(timeline, SLAVE, 40_000, MASTER, 162, trap);
    },
  ],
  [
    'SYSLOG_MSG',
    /fan failed/,
    (timeline) => udp.send(timeline, SLAVE, 514, MASTER, 514, text('<34>Oct 11 22:14:15 switch-3 fand: fan failed')),
  ],
  ['PROGRAM_DEVICE', /DB ?1/, (timeline) => void s7.session(timeline, MASTER, SLAVE).download('0A', 1, new Uint8Array(64))],
  ['SIEMENS_S_7_MEMORY_BLOCK_OPERATION', /copy RAM to ROM/i, (timeline) => void s7.session(timeline, MASTER, SLAVE).piService('_MODU')],
  ['CONFIGURATION_CHANGE', /clock|time/i, (timeline) => void s7.session(timeline, MASTER, SLAVE).setClock()],
  ['PLC_START', /UMAS/, (timeline) => void modbus.session(timeline, MASTER, SLAVE).umas(0x40)],
  [
    'DATABASE_ACTION',
    /^DROP TABLE setpoints\.$/,
    (timeline) => databases.session(timeline, MASTER, SLAVE, 'tds').signIn('eve').query('DROP TABLE setpoints').close(),
  ],
  ['SRTP_CHANGE_PRIVILEGE', /access level was changed/, (timeline) => level(timeline, srtp.answer())],
  ['SRTP_CHANGE_LEVEL_FAILED', /refused/, (timeline) => level(timeline, srtp.refusal(2, 1))],
  [
    'SRTP_PLC_COPY_FIRMWARE',
    /Store OS Extension/,
    (timeline) => void srtp.session(timeline, MASTER, SLAVE).request(srtp.request(0x52)).response(srtp.answer()),
  ],
  ['SRTP_LOGIN_PROGRAMMING', /Programmer Logon/, (timeline) => level(timeline, srtp.answer(), 0x20)],
  [
    'ENIP_CONTROLLER_PROGRAM_RESET',
    /Reset program .* class Program/,
    (timeline) => void enip.session(timeline, MASTER, SLAVE).service(cip.Service.Reset, cip.ClassId.Program, 1),
  ],
  [
    'FTP_AUTHENTICATION_FAILURE',
    /failed as eve/,
    (timeline) => lines(timeline, 21, '220 ready', 'USER eve', '331 password', 'PASS x', '530 no'),
  ],
  [
    'CLEARTEXT_AUTHENTICATION',
    /as eve, the password readable/,
    (timeline) => lines(timeline, 21, '220 ready', 'USER eve', '331 password', 'PASS x', '230 in'),
  ],
  [
    'CLEARTEXT_AUTHENTICATION',
    /over LDAP as cn=eve, the password readable/,
    (timeline) => {
      const bind = ber(0x60, Uint8Array.of(2, 1, 3), ber(4, text('cn=eve')), ber(0x80, text('x')));
      const done = ber(0x61, Uint8Array.of(10, 1, 0, 4, 0, 4, 0));
      const directory = new Connection(timeline, MASTER, SLAVE, 389);
      for (const [index, message] of [bind, done].entries())
        directory[index === 0 ? 'request' : 'response'](ber(0x30, Uint8Array.of(2, 1, 1), message));
    },
  ],
  [
    'HTTP_BASIC_AUTHENTICATION',
    /as eve, the password readable/,
    (timeline) =>
      void new Connection(timeline, MASTER, SLAVE, 80)
        .request(text('GET /a HTTP/1.1\r\nHost: plc\r\nAuthorization: Basic ZXZlOng=\r\n\r\n'))
        .response(text('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')),
  ],
  [
    'TELNET_AUTHENTICATION_FAILURE',
    /failed as bob/,
    (timeline) => lines(timeline, 23, 'login: ', 'bob', 'Password: ', 'x', 'Login incorrect'),
  ],
  [
    'FILE_TRANSFER',
    /recipes\.csv/,
    (timeline) => lines(timeline, 21, '220 ready', 'USER eve', '331 password', 'PASS x', '230 in', 'RETR recipes.csv', '150 here', 'NOOP'),
  ],
  [
    'REMOTE_PROCESS_EXECUTION',
    /PSEXESVC/,
    (timeline) => void smb.runService(timeline, MASTER, SLAVE, 'PSEXESVC', '%SystemRoot%\\PSEXESVC.exe'),
  ],
];

for (const [type, says, write] of ROWS)
  test(`${type} stands in the timeline and says what happened`, () => {
    const { events } = raised(write);
    const found = events.filter((event) => event.type === type);
    assert.ok(found.length > 0, `among ${events.map((event) => `${event.type}: ${event.content}`).join('; ')}`);
    assert.ok(
      found.some(({ content }) => says.test(content)),
      found.map(({ content }) => content).join('; '),
    );
    const devices = found.flatMap((event) => event.devices);
    assert.ok(devices.length > 0, 'names its devices');
    assert.ok(found.every(({ time }) => time > 0n));
  });

test('a flood of one type is counted: so many lines in a minute of packet time, and one that says how many more', () => {
  const { events, sensor } = raised((timeline) => {
    for (let i = 0; i < EVENTS_PER_MINUTE + 250; i++)
      udp.send(timeline, SLAVE, 514, MASTER, 514, text(`<34>Oct 11 22:14:15 switch-3 fand: ${i}`));
    icmp.echo(timeline, MASTER, SLAVE);
  });
  const found = events.filter(({ type }) => type === 'SYSLOG_MSG');
  assert.equal(found.length, EVENTS_PER_MINUTE + 1);
  assert.match(found.at(-1)?.content ?? '', /^250 more of "Syslog Message"/);
  assert.equal(sensor.refused()['lines of the timeline'], 250);
});
