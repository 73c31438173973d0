import { describe, it } from 'node:test';
import * as bacnet from '@annunciator/testkit/bacnet';
import * as cip from '@annunciator/testkit/cip';
import * as dns from '@annunciator/testkit/dns';
import * as dnp3 from '@annunciator/testkit/dnp3';
import * as enip from '@annunciator/testkit/enip';
import { group, host } from '@annunciator/testkit/host';
import * as http from '@annunciator/testkit/http';
import * as iec104 from '@annunciator/testkit/iec104';
import * as modbus from '@annunciator/testkit/modbus';
import { octets } from '@annunciator/testkit/octets';
import * as s7 from '@annunciator/testkit/s7comm';
import { Connection, refused, unanswered } from '@annunciator/testkit/tcp';
import type { Timeline } from '@annunciator/testkit/timeline';
import * as udp from '@annunciator/testkit/udp';
import { Umas } from '@annunciator/testkit/umas';
import { FAR, HMI, holdAgainst, PLC, type Row, STATION } from '../../tests/sense.ts';

const text = (value: string): Uint8Array => octets().text(value).take();

/** A poll that makes both hosts known devices of an industrial network. */
const polled = (timeline: Timeline): void => modbus.session(timeline, HMI, PLC).readHoldingRegisters(100, 10).close();

/** Two that are known, industrial and silent apart from one poll; what `more` writes is learned with it. */
const after =
  (more: (timeline: Timeline) => void) =>
  (timeline: Timeline): void => {
    polled(timeline);
    modbus.session(timeline, STATION, PLC).readCoils(0, 8).close();
    more(timeline);
  };

const nothing = (): void => undefined;
const known = after(nothing);

const IDENTITY = { vendorId: 1, deviceType: 14, productCode: 54, revision: [20, 11], serial: 0x1234, productName: '1756-L61' } as const;

function ftp(timeline: Timeline, reply: string): void {
  const connection = new Connection(timeline, HMI, PLC, 21);
  connection.response(text('220 FTP server ready\r\n')).request(text('USER service\r\n')).response(text('331 Password required\r\n'));
  connection.request(text('PASS x\r\n')).response(text(reply)).close();
}

function ssh(timeline: Timeline): void {
  const connection = new Connection(timeline, STATION, PLC, 22);
  connection.response(text('SSH-2.0-dropbear_2022.83\r\n')).request(text('SSH-2.0-OpenSSH_9.6\r\n'));
  // Key exchange begins: message 20 with 16 random bytes.
  const kexinit = octets().u32(1020).u8(4, 20).zeros(16, 7).zeros(1002).take();
  connection.request(kexinit).response(kexinit).close();
}

const FIRMWARE_30 = [30, 11] as const;

/** A gateway that tells the firmware of the units behind it, one after the other. */
const gateway =
  (...versions: readonly string[]) =>
  (timeline: Timeline): void => {
    polled(timeline);
    for (let turn = 0; turn < 2; turn++)
      versions.forEach((version, i) =>
        modbus
          .session(timeline, HMI, PLC, { unit: i + 1 })
          .readDeviceIdentification('Maker', 'Meter', version)
          .close(),
      );
  };

const ROWS: readonly Row[] = [
  {
    type: 'unpermitted-usage-of-modbus-function-code',
    learn: known,
    see: (timeline) => modbus.session(timeline, HMI, PLC).maskWriteRegister(100, 0xff00, 0x12).close(),
    source: HMI,
    destination: PLC,
    message: /10\.1\.1\.10 .*10\.1\.1\.20.*function code 22/,
    holds: Uint8Array.of(22, 0, 100, 0xff, 0, 0, 0x12),
  },
  {
    type: 'unpermitted-usage-of-modbus-function-code',
    by: 'another unit',
    learn: known,
    see: (timeline) => modbus.session(timeline, HMI, PLC, { unit: 9 }).readHoldingRegisters(100, 10).close(),
    also: ['modbus-address-range-violation'],
    source: HMI,
    destination: PLC,
    message: /unit 9, function code 3/,
  },
  {
    type: 'modbus-address-range-violation',
    learn: known,
    see: (timeline) => modbus.session(timeline, HMI, PLC).readHoldingRegisters(105, 10).close(),
    source: HMI,
    destination: PLC,
    message: /holding registers, first 105, last 114/,
    holds: modbus.readRequest(3, 105, 10),
    innocent: (timeline) => modbus.session(timeline, HMI, PLC).readHoldingRegisters(103, 7).close(),
  },
  {
    type: 'function-code-raised-unauthorized-exception',
    learn: after((timeline) =>
      modbus
        .session(timeline, HMI, PLC)
        .refuse(modbus.readRequest(3, 100, 1), 6)
        .close(),
    ),
    see: (timeline) =>
      modbus
        .session(timeline, HMI, PLC)
        .refuse(modbus.readRequest(3, 100, 1), 4)
        .close(),
    also: ['modbus-exception'],
    source: HMI,
    destination: PLC,
    message: /exception 4|exception code 4/i,
    holds: modbus.exception(3, 4),
  },
  {
    type: 'modbus-firmware-version-changed',
    learn: after((timeline) => modbus.session(timeline, HMI, PLC).readDeviceIdentification('Schneider', 'BMX P34', 'v2.9').close()),
    see: (timeline) => modbus.session(timeline, HMI, PLC).readDeviceIdentification('Schneider', 'BMX P34', 'v3.1').close(),
    source: PLC,
    destination: null,
    message: /reports firmware v3\.1; it was v2\.9/,
    holds: text('v3.1'),
  },
  {
    type: 'unpermitted-modbus-schneider-electric-extension',
    learn: after((timeline) => modbus.session(timeline, HMI, PLC).umas(Umas.InitComm, Uint8Array.of(0)).close()),
    see: (timeline) =>
      modbus
        .session(timeline, HMI, PLC)
        .umas(Umas.TakePlcReservation, Uint8Array.of(1, 0, 0, 0))
        .close(),
    source: HMI,
    destination: PLC,
    message: /0x10|function 16|Reserv/i,
    holds: Uint8Array.of(90, 0, Umas.TakePlcReservation),
  },
  {
    type: 'unauthorized-access-to-siemens-s7-data-block',
    learn: (timeline) => s7.session(timeline, HMI, PLC).readDataBlock(5, 0, 8).close(),
    see: (timeline) => s7.session(timeline, HMI, PLC).writeDataBlock(5, 0, Uint8Array.of(1, 2)).close(),
    source: HMI,
    destination: PLC,
    message: /access write, data block 5/,
    innocent: (timeline) => s7.session(timeline, HMI, PLC).readDataBlock(5, 4, 2).close(),
  },
  {
    type: 'unauthorized-siemens-s7-execution-of-control-function',
    learn: (timeline) => s7.session(timeline, HMI, PLC).readDataBlock(5, 0, 8).piService('_GARB').close(),
    see: (timeline) => s7.session(timeline, HMI, PLC).piService('P_PROGRAM').close(),
    source: HMI,
    destination: PLC,
    message: /P_PROGRAM/,
    holds: text('P_PROGRAM'),
  },
  {
    type: 'unauthorized-siemens-s7-execution-of-user-defined-function',
    learn: (timeline) => s7.session(timeline, HMI, PLC).readModuleIdentification('6ES7 315-2EH14-0AB0', [3, 2, 10]).close(),
    see: (timeline) =>
      s7
        .session(timeline, HMI, PLC)
        .userData(7, 1, Uint8Array.of(10, 0, 0, 0), Uint8Array.of(0xff, 9, 0, 10, 0, 0x19, 0x26, 6, 1, 6, 0x30, 0, 0, 2))
        .close(),
    source: HMI,
    destination: PLC,
    message: /group 7, subfunction 1/,
  },
  {
    type: 'firmware-version-changed',
    by: 'S7comm',
    learn: (timeline) => s7.session(timeline, HMI, PLC).readModuleIdentification('6ES7 315-2EH14-0AB0', [3, 2, 10]).close(),
    see: (timeline) => s7.session(timeline, HMI, PLC).readModuleIdentification('6ES7 315-2EH14-0AB0', [3, 3, 12]).close(),
    source: PLC,
    destination: null,
    message: /reports firmware V?3\.3\.12; it was V?3\.2\.10/,
    holds: Uint8Array.of(0x56, 3, 3, 12),
  },
  {
    type: 'firmware-version-changed',
    by: 'CIP',
    learn: (timeline) => enip.session(timeline, HMI, PLC).readIdentity(IDENTITY).close(),
    see: (timeline) =>
      enip
        .session(timeline, HMI, PLC)
        .readIdentity({ ...IDENTITY, revision: FIRMWARE_30 })
        .close(),
    source: PLC,
    destination: null,
    message: /reports firmware 30\.0?11; it was 20\.0?11/,
    holds: Uint8Array.of(...FIRMWARE_30, 0x60, 0),
  },
  {
    type: 'modbus-firmware-version-changed',
    by: 'one of two units behind a gateway',
    learn: gateway('v2.9', 'v1.0'),
    see: gateway('v2.9', 'v1.1'),
    source: PLC,
    destination: null,
    message: /reports firmware v1\.1; it was v1\.0/,
  },
  {
    type: 'unauthorized-plc-programming',
    by: 'S7comm',
    learn: (timeline) => {
      s7.session(timeline, HMI, PLC).readDataBlock(5, 0, 8).close();
      s7.session(timeline, STATION, PLC).download('08', 1, new Uint8Array(64)).close();
    },
    see: (timeline) => s7.session(timeline, HMI, PLC).download('08', 1, new Uint8Array(64)).close(),
    also: ['unauthorized-siemens-s7-execution-of-control-function'],
    source: HMI,
    destination: PLC,
    message: /programs 10\.1\.1\.20/,
    // The programming device may load another block.
    innocent: (timeline) => s7.session(timeline, STATION, PLC).download('08', 35, new Uint8Array(80)).close(),
  },
  {
    type: 'unauthorized-plc-programming',
    by: 'UMAS',
    learn: after((timeline) => modbus.session(timeline, HMI, PLC).umas(Umas.InitComm, Uint8Array.of(0)).close()),
    see: (timeline) => modbus.session(timeline, HMI, PLC).umas(0x33, Uint8Array.of(0, 1)).close(),
    also: ['unpermitted-modbus-schneider-electric-extension'],
    source: HMI,
    destination: PLC,
    message: /programs 10\.1\.1\.20/,
    holds: Uint8Array.of(90, 0, 0x33),
  },
  {
    type: 'unauthorized-plc-program-upload',
    learn: (timeline) => {
      s7.session(timeline, HMI, PLC).readDataBlock(5, 0, 8).close();
      s7.session(timeline, STATION, PLC).upload('08', 1, new Uint8Array(64)).close();
    },
    see: (timeline) => s7.session(timeline, HMI, PLC).upload('08', 1, new Uint8Array(64)).close(),
    source: HMI,
    destination: PLC,
    message: /reads the program of 10\.1\.1\.20/,
    holds: text('_0800001A'),
  },
  {
    type: 'unauthorized-plc-configuration-read',
    learn: (timeline) => {
      enip.session(timeline, HMI, PLC).readTag('Line').close();
      enip.session(timeline, STATION, PLC).listTags('Line', 'Speed').close();
    },
    see: (timeline) => enip.session(timeline, HMI, PLC).listTags('Line', 'Speed').close(),
    also: ['new-activity-detected-cip-class', 'new-activity-detected-cip-class-service'],
    source: HMI,
    destination: PLC,
    message: /reads the configuration of 10\.1\.1\.20/,
  },
  {
    type: 'unauthorized-plc-configuration-write',
    learn: (timeline) => s7.session(timeline, HMI, PLC).setClock().close(),
    see: (timeline) => s7.session(timeline, HMI, PLC).setClock().piService('_MODU').close(),
    also: ['unauthorized-siemens-s7-execution-of-control-function'],
    source: HMI,
    destination: PLC,
    message: /changes the configuration of 10\.1\.1\.20: PI service _MODU/,
    holds: text('_MODU'),
  },
  {
    type: 'new-activity-detected-ethernet-ip-protocol-command',
    learn: (timeline) => enip.session(timeline, HMI, PLC).readTag('Line').close(),
    see: (timeline) => enip.session(timeline, HMI, PLC).listServices().close(),
    source: HMI,
    destination: PLC,
    message: /0x0004/,
    holds: enip.encapsulated(enip.Command.ListServices, 0),
  },
  {
    type: 'new-activity-detected-cip-class',
    learn: (timeline) => enip.session(timeline, HMI, PLC).readTag('Line').readIdentity(IDENTITY).close(),
    see: (timeline) =>
      enip.session(timeline, HMI, PLC).service(cip.Service.GetAttributeSingle, cip.ClassId.Tcpip, 1, { attribute: 5 }).close(),
    also: ['new-activity-detected-cip-class-service'],
    source: HMI,
    destination: PLC,
    message: /0xf5/,
    holds: cip.objectPath(cip.ClassId.Tcpip, 1, 5),
  },
  {
    type: 'new-activity-detected-cip-class-service',
    learn: (timeline) => enip.session(timeline, HMI, PLC).readIdentity(IDENTITY).close(),
    see: (timeline) =>
      enip.session(timeline, HMI, PLC).service(cip.Service.GetAttributeSingle, cip.ClassId.Identity, 1, { attribute: 7 }).close(),
    source: HMI,
    destination: PLC,
    message: /0x01.*service 0x0e/,
    holds: cip.objectPath(cip.ClassId.Identity, 1, 7),
  },
  {
    type: 'new-activity-detected-cip-symbol',
    learn: (timeline) => enip.session(timeline, HMI, PLC).readTag('Line').close(),
    see: (timeline) => enip.session(timeline, HMI, PLC).readTag('Recipe').close(),
    source: HMI,
    destination: PLC,
    message: /Recipe/,
    holds: cip.tagPath('Recipe'),
  },
  {
    type: 'new-activity-detected-cip-pccc-command',
    learn: (timeline) => enip.session(timeline, HMI, PLC).pcccRead(7, 0).close(),
    see: (timeline) => enip.session(timeline, HMI, PLC).pccc(0x06, 0x03, undefined, new Uint8Array(20)).close(),
    source: HMI,
    destination: PLC,
    message: /0x06|command 6/,
  },
  {
    type: 'new-activity-detected-ethernet-ip-i-o-connection',
    learn: (timeline) => void enip.session(timeline, HMI, PLC).openIo(100, 101),
    see: (timeline) => void enip.session(timeline, HMI, PLC).openIo(100, 109),
    source: HMI,
    destination: PLC,
    message: /109/,
  },
  {
    type: 'unpermitted-usage-of-dnp3-function-code',
    learn: (timeline) => dnp3.session(timeline, HMI, PLC).poll().close(),
    see: (timeline) => dnp3.session(timeline, HMI, PLC).poll().directOperate(3).close(),
    source: HMI,
    destination: PLC,
    message: /function code 5/,
  },
  {
    type: 'unpermitted-usage-of-internal-indication-iin',
    learn: (timeline) => dnp3.session(timeline, HMI, PLC).poll().close(),
    see: (timeline) => {
      const session = dnp3.session(timeline, HMI, PLC);
      session.indications = dnp3.Indication.NeedTime;
      session.poll().close();
    },
    source: HMI,
    destination: PLC,
    message: /IIN1\.4/,
    innocent: (timeline) => {
      const session = dnp3.session(timeline, HMI, PLC);
      session.indications = dnp3.Indication.Class1Events;
      session.poll().close();
    },
  },
  {
    type: 'suspicion-of-illegal-integrity-scan',
    learn: (timeline) => dnp3.session(timeline, HMI, PLC).poll([1, 2, 3]).close(),
    see: (timeline) => dnp3.session(timeline, HMI, PLC).poll([1, 2, 3, 0]).close(),
    source: HMI,
    destination: PLC,
    message: /classes 0, 1, 2, 3/,
    holds: dnp3.classes(1, 2, 3, 0),
  },
  {
    type: 'unpermitted-usage-of-asdu-types',
    learn: (timeline) => iec104.session(timeline, HMI, PLC).interrogate().close(),
    see: (timeline) => iec104.session(timeline, HMI, PLC).singleCommand(4001, true).close(),
    source: HMI,
    destination: PLC,
    message: /type 45/,
  },
  {
    type: 'unauthorized-bacnet-object-access',
    learn: (timeline) => void bacnet.session(timeline, HMI, PLC).readProperty([0, 1], bacnet.Property.PresentValue),
    see: (timeline) => void bacnet.session(timeline, HMI, PLC).writeProperty([2, 7], bacnet.Property.PresentValue, bacnet.real(5)),
    source: HMI,
    destination: PLC,
    message: /analog-value 7.*WriteProperty.*present-value/,
    holds: bacnet.objectId([2, 7]),
  },
  {
    type: 'unauthorized-bacnet-route',
    learn: (timeline) => void bacnet.session(timeline, HMI, PLC).readProperty([0, 1], bacnet.Property.PresentValue),
    see: (timeline) => {
      const ask = bacnet.confirmedRequest(1, bacnet.Service.ReadProperty, bacnet.propertyReference([0, 1], bacnet.Property.PresentValue));
      udp.send(timeline, HMI, bacnet.PORT, PLC, bacnet.PORT, bacnet.datagram(ask, { destinationNetwork: 200 }));
    },
    source: HMI,
    destination: PLC,
    message: /destination network 200/,
  },
  {
    type: 'illegal-http-communication',
    learn: after((timeline) => http.session(timeline, HMI, PLC).get('/').close()),
    see: (timeline) => http.session(timeline, HMI, PLC, { port: 8080 }).get('/').close(),
    also: ['new-port-discovery'],
    source: HMI,
    destination: PLC,
    message: /8080/,
    holds: text('GET / HTTP/1.1'),
  },
  {
    type: 'unauthorized-http-activity',
    learn: after((timeline) => http.session(timeline, HMI, PLC).get('/status/now').close()),
    see: (timeline) => http.session(timeline, HMI, PLC).get('/admin/users').close(),
    source: HMI,
    destination: PLC,
    message: /GET .*\/admin/,
    holds: text('GET /admin/users'),
    innocent: (timeline) => http.session(timeline, HMI, PLC).get('/status/yesterday?day=1').close(),
  },
  {
    type: 'unauthorized-http-user-agent',
    learn: after((timeline) => http.session(timeline, HMI, PLC).get('/', '', { userAgent: 'Panel/1.0' }).close()),
    see: (timeline) => http.session(timeline, HMI, PLC).get('/', '', { userAgent: 'curl/8.5.0' }).close(),
    source: HMI,
    destination: PLC,
    message: /curl/,
    holds: text('curl/8.5.0'),
  },
  {
    type: 'unauthorized-http-soap-action',
    learn: after((timeline) => http.session(timeline, HMI, PLC).soap('/ws', 'urn:Read', '<r/>').close()),
    see: (timeline) => http.session(timeline, HMI, PLC).soap('/ws', 'urn:Write', '<w/>').close(),
    source: HMI,
    destination: PLC,
    message: /urn:Write/,
    holds: text('urn:Write'),
  },
  {
    type: 'unauthorized-name-query',
    learn: after((timeline) => dns.lookup(timeline, HMI, STATION, 'a.vendor.example', ['10.1.1.9'])),
    see: (timeline) => dns.lookup(timeline, HMI, STATION, 'www.elsewhere.example', ['10.1.1.9']),
    source: HMI,
    destination: STATION,
    message: /elsewhere\.example/,
    holds: dns.nameBytes('www.elsewhere.example'),
    // Another host of a registered domain that is known.
    innocent: (timeline) => dns.lookup(timeline, HMI, STATION, 'b.vendor.example', ['10.1.1.9']),
  },
  {
    type: 'new-asset-detected',
    learn: known,
    see: (timeline) => modbus.session(timeline, host('new', '10.1.1.77'), PLC).readHoldingRegisters(1, 1).close(),
    also: ['unpermitted-usage-of-modbus-function-code', 'modbus-address-range-violation'],
    source: host('new', '10.1.1.77'),
    destination: null,
    message: /not there before is active: 10\.1\.1\.77/,
    // A new computer in a network without industrial devices.
    innocent: (timeline) => dns.lookup(timeline, host('pc', '10.9.9.7'), host('server', '10.9.9.1'), 'a.example', ['10.9.9.3']),
  },
  {
    type: 'new-port-discovery',
    by: 'TCP',
    learn: known,
    see: (timeline) => http.session(timeline, HMI, PLC, { port: 8080 }).get('/').close(),
    also: ['unauthorized-http-activity'],
    source: PLC,
    destination: HMI,
    message: /10\.1\.1\.20 now answers on TCP port 8080/,
    // A reset is no service, and neither is a port that an operating system gives out.
    innocent: (timeline) => {
      refused(timeline, HMI, PLC, 8080);
      modbus.session(timeline, HMI, PLC, { port: 50_000 }).readHoldingRegisters(100, 10).close();
    },
  },
  {
    type: 'new-port-discovery',
    by: 'UDP',
    learn: known,
    see: (timeline) => dns.lookup(timeline, HMI, PLC, 'a.example', ['10.1.1.9']),
    also: ['unauthorized-name-query'],
    source: PLC,
    destination: HMI,
    message: /10\.1\.1\.20 now answers on UDP port 53/,
    innocent: (timeline) => dns.lookup(timeline, HMI, PLC, 'a.example', [], { answered: false }),
  },
  {
    type: 'unauthorized-multicast-broadcast-connection',
    learn: after((timeline) => udp.send(timeline, HMI, 5000, group('239.1.2.3'), 5000, text('tick'))),
    see: (timeline) => udp.send(timeline, HMI, 5000, group('239.1.2.4'), 5000, text('tick')),
    source: HMI,
    destination: '239.1.2.4',
    message: /sends to the group 239\.1\.2\.4 \(UDP port 5000\)/,
    holds: text('tick'),
    // The network's own business.
    innocent: (timeline) => {
      dns.mdnsAnnounce(timeline, HMI);
      udp.send(timeline, HMI, 5000, group('239.1.2.3'), 5000, text('tick'));
    },
  },
  {
    type: 'internet-access-detected',
    learn: known,
    see: (timeline) => unanswered(timeline, PLC, FAR, 443, 3),
    source: PLC,
    destination: FAR,
    message: /tried to reach the Internet address 52\.20\.30\.40 \(TCP port 443\)/,
    innocent: (timeline) => unanswered(timeline, PLC, host('near', '192.168.7.7'), 443, 3),
  },
  {
    type: 'unauthorized-internet-connectivity-detected',
    learn: known,
    see: (timeline) => http.session(timeline, PLC, FAR).get('/').close(),
    also: ['unauthorized-http-activity'],
    source: PLC,
    destination: FAR,
    message: /talks with the Internet address 52\.20\.30\.40 \(TCP port 80\)/,
    innocent: (timeline) => {
      // The name is on the allow list, and resolved to this address a moment ago.
      dns.lookup(timeline, PLC, STATION, 'update.vendor.example', [FAR.ip]);
      http.session(timeline, PLC, FAR).get('/').close();
    },
    settings: { allowedNames: ['vendor.example'] },
  },
  {
    type: 'unauthorized-internet-connectivity-detected',
    by: 'a call from outside',
    learn: known,
    see: (timeline) => modbus.session(timeline, FAR, PLC).readHoldingRegisters(100, 10).close(),
    also: ['unpermitted-usage-of-modbus-function-code', 'modbus-address-range-violation'],
    source: FAR,
    destination: PLC,
    message: /10\.1\.1\.20 answers the Internet address 52\.20\.30\.40 \(TCP port 502\)/,
    innocent: (timeline) => refused(timeline, FAR, PLC, 502),
  },
  {
    type: 'unauthorized-internet-connectivity-detected',
    by: 'a conversation whose beginning was not seen',
    learn: after((timeline) => http.session(timeline, STATION, FAR).get('/').close()),
    see: (timeline) => http.session(timeline, PLC, FAR, { established: true }).get('/').close(),
    also: ['unauthorized-http-activity'],
    source: PLC,
    destination: FAR,
    message: /talks with the Internet address/,
    // The station may: it did while learning.
    innocent: (timeline) => http.session(timeline, STATION, FAR).get('/').close(),
  },
  {
    type: 'external-address-within-the-network-communicated-with-internet',
    learn: (timeline) =>
      modbus
        .session(timeline, HMI, host('odd', '51.1.1.1', '00:80:f4:09:09:09'))
        .readCoils(0, 8)
        .close(),
    see: (timeline) =>
      http
        .session(timeline, host('odd', '51.1.1.1', '00:80:f4:09:09:09'), host('far', '52.20.30.40', '00:80:f4:01:01:01'))
        .get('/')
        .close(),
    also: ['unauthorized-http-activity'],
    source: host('odd', '51.1.1.1'),
    destination: FAR,
    message: /uses a public address inside the network and talks with/,
    innocent: (timeline) =>
      http
        .session(timeline, host('odd', '51.1.1.1', '00:80:f4:09:09:09'), HMI)
        .get('/')
        .close(),
  },
  {
    type: 'ftp-login-failed',
    learn: after((timeline) => ftp(timeline, '230 Logged in\r\n')),
    see: (timeline) => ftp(timeline, '530 Login incorrect\r\n'),
    source: HMI,
    destination: PLC,
    message: /refused the FTP sign-in of 10\.1\.1\.10 as service/,
    holds: text('530 Login incorrect'),
  },
  {
    type: 'unauthorized-ssh-access',
    learn: after((timeline) => modbus.session(timeline, STATION, PLC).readCoils(0, 8).close()),
    see: ssh,
    also: ['new-port-discovery'],
    source: STATION,
    destination: PLC,
    message: /10\.1\.1\.30 opened an SSH session with 10\.1\.1\.20, new for this pair/,
  },
];

describe('policy violations', () => {
  for (const row of ROWS) it(`${row.type}${row.by ? ` by ${row.by}` : ''}: deviation raises, the learned does not`, () => holdAgainst(row));
});
