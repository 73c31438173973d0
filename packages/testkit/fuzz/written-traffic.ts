/** One short session of each protocol that this package writes, so that the fuzzer has something of each without captures. */
import { host, group } from '../src/host.ts';
import * as ads from '../src/ads.ts';
import * as arp from '../src/arp.ts';
import * as bacnet from '../src/bacnet.ts';
import * as databases from '../src/databases.ts';
import * as dhcp from '../src/dhcp.ts';
import * as dnp3 from '../src/dnp3.ts';
import * as dns from '../src/dns.ts';
import * as enip from '../src/enip.ts';
import * as fins from '../src/fins.ts';
import * as fox from '../src/fox.ts';
import * as http from '../src/http.ts';
import * as icmp from '../src/icmp.ts';
import * as iec104 from '../src/iec104.ts';
import { send } from '../src/ip.ts';
import * as lldp from '../src/lldp.ts';
import * as modbus from '../src/modbus.ts';
import * as ntp from '../src/ntp.ts';
import * as profinet from '../src/profinet.ts';
import * as roc from '../src/roc.ts';
import * as s7comm from '../src/s7comm.ts';
import * as slmp from '../src/slmp.ts';
import * as smb from '../src/smb.ts';
import * as snmp from '../src/snmp.ts';
import * as srtp from '../src/srtp.ts';
import { Connection } from '../src/tcp.ts';
import type { TimedPacket } from '../src/timeline.ts';
import { Timeline } from '../src/timeline.ts';
import * as tls from '../src/tls.ts';
import { IO_IDENTITY, LABEL_IDENTITY } from '../src/plant-site.ts';
import * as umas from '../src/umas.ts';

const A = host('client', '10.9.0.1');
const B = host('server', '10.9.0.2');
const A6 = host('client', 'fd00::1');
const B6 = host('server', 'fd00::2');
const BROADCAST = group('10.9.0.255');

export function writtenTraffic(seed = 1): TimedPacket[] {
  const timeline = new Timeline({ seed });
  writeModbus(timeline);
  writeS7(timeline);
  writeDnp3(timeline);
  writeEnip(timeline);
  writeIec104(timeline);
  writeBacnet(timeline);
  writeOffice(timeline);
  writeMoreControllers(timeline);
  writeDatabases(timeline);
  writeGroups(timeline);
  return timeline.packets;
}

function writeMoreControllers(timeline: Timeline): void {
  const beckhoff = ads.session(timeline, A, B);
  ads.exchange(beckhoff, 2, ads.read(0x4020, 0, 4));
  ads.exchange(beckhoff, 3, ads.write(0x4020, 4, Uint8Array.of(1, 2, 3, 4)));
  ads.exchange(beckhoff, 5, ads.control(5));
  fins.readMemory(timeline, A, B, 100, 10);
  fox.signIn(fox.hello(timeline, A, B));
  roc.session(timeline, A, B);
  slmp.read(slmp.session(timeline, A, B));
  snmp.exchange(timeline, A, B, snmp.Pdu.Get, '1.3.6.1.2.1.1.1.0');
  snmp.exchange(timeline, A, B, snmp.Pdu.Set, '1.3.6.1.2.1.1.5.0');
  lldp.advertise(timeline, A, 'port-1');
  profinet.cyclic(timeline, A, B, 0x8000, 1, Uint8Array.of(0x80, 1, 2, 3));
  const plc = srtp.session(timeline, A, B);
  plc.request(srtp.memory(false, 0x08, 99, 10)).response(srtp.answer(0, 1));
  plc.request(srtp.memory(true, 0x08, 10, 2)).response(srtp.answer(0, 1));
  plc.request(srtp.requestWithText(0x40, new TextEncoder().encode('PROG1\0\0\0'))).response(srtp.refusal(2, 0xf1));
  plc.request(srtp.request(0x23, [2])).response(srtp.answer(2));
  smb.runService(timeline, A, B, 'backup', 'C:\\tools\\backup.exe');
}

function writeDatabases(timeline: Timeline): void {
  for (const kind of ['mysql', 'postgresql', 'tds'] as const) {
    databases
      .session(timeline, A, B, kind)
      .signIn('historian')
      .query('SELECT value FROM tags WHERE id = 7')
      .query('DROP TABLE tags')
      .close();
    databases.session(timeline, A, B, kind).signIn('root', false).close();
  }
}

/** A router's query and what listeners report, of IGMP version 2 and 3 (RFC 2236, RFC 3376). */
function writeGroups(timeline: Timeline): void {
  const messages = ['1164ee9b00000000', '1600f9ffef0000ff', '1700f8ffef0000ff', '2200f9020000000104000000e00000fb'];
  for (const message of messages) send(timeline, A, group('224.0.0.251'), 2, Buffer.from(message, 'hex'));
}

function writeModbus(timeline: Timeline): void {
  const session = modbus.session(timeline, A, B);
  session.readCoils(0, 19).readDiscreteInputs(3, 8).readHoldingRegisters(40, 30).readInputRegisters(2, 4);
  session.writeCoil(5, true).writeRegister(6, 77).writeCoils(0, [1, 0, 1, 1, 0, 0, 1, 1, 1]).writeRegisters(10, [1, 2, 3]);
  session.readExceptionStatus().diagnostics(0, 0x1234).diagnostics(1).readEventCounter().readEventLog().reportServerId();
  session.exchange(modbus.readRequest(3, 9000, 10), modbus.exception(3, 2));
  session.exchange(Uint8Array.of(43, 14, 1, 0), modbus.deviceIdentificationResponse(['Maker', 'M1', '2.0']));
  for (const code of Object.values(umas.Umas))
    session.exchange(umas.request(code, timeline.random.bytes(24)), umas.response(timeline.random.bytes(40)));
  session.exchange(umas.request(0x40), umas.refusal(0x80));
}

function writeS7(timeline: Timeline): void {
  const session = s7comm.session(timeline, A, B);
  session.readDataBlock(1, 0, 20).writeDataBlock(1, 4, Uint8Array.of(1, 2, 3, 4));
  session.readModuleIdentification('6ES7 315-2EH14-0AB0', [3, 2, 8]).readComponentIdentification('S7', 'CPU 315', 'S C-X4U1');
  session.readOperatingMode().setClock().download('08', 1, timeline.random.bytes(700)).upload('0A', 3, timeline.random.bytes(500));
  session.insertBlock('08', 1).deleteBlock('08', 2).start().stop();
}

function writeDnp3(timeline: Timeline): void {
  const session = dnp3.session(timeline, A, B);
  session.poll().select(3).operate(3).directOperate(4).clearRestart().writeTime(1_780_000_000_000n).coldRestart().warmRestart();
  session.enableUnsolicited().disableUnsolicited().stopApplication().unsolicited(2, true);
  session.readFile('config.txt', timeline.random.bytes(900)).writeFile('new.bin', timeline.random.bytes(1500)).deleteFile('old.bin');
}

function writeEnip(timeline: Timeline): void {
  enip.listIdentity(timeline, A, BROADCAST, [[B, LABEL_IDENTITY]]);
  const session = enip.session(timeline, A, B);
  session.listServices().listIdentity(IO_IDENTITY).refuseCommand(0x99).open().readTag('Level').writeTag('Pump1', 1, 2);
  session.readTags('A', 'B', 'C').listTags('One', 'Two').readIdentity(IO_IDENTITY).reset().stop();
  session
    .pccc(0x06, 0x03)
    .pcccRead(7, 0, 4)
    .pccc(0x0f, 0xaa, timeline.random.bytes(12))
    .pccc(0x0f, 0x80, Uint8Array.of(6))
    .closeConnection();
  enip.io(timeline, A, B, 0x12345678, 1, timeline.random.bytes(32));
}

function writeIec104(timeline: Timeline): void {
  const session = iec104.session(timeline, A, B);
  session.start().interrogate().measuredValues(100, [1.5, 2.5]).singlePoint(7, true).singleCommand(9, true).singleCommand(10, true, 44);
  session.setpoint(11, 42).synchronizeClock().testLink().resetProcess().acknowledge().stop();
}

function writeBacnet(timeline: Timeline): void {
  bacnet.whoIs(timeline, A, BROADCAST, [1, 4000]);
  bacnet.iAm(timeline, B, BROADCAST, 260_001, 5);
  const session = bacnet.session(timeline, A, B);
  const input = [bacnet.ObjectType.AnalogInput, 1] as const;
  session.readProperty(input, 85).readPropertyMultiple([input, [bacnet.ObjectType.Device, 260_001]]);
  session.writeProperty(input, 85, bacnet.real(20)).subscribe(input).notify(260_001, input, 3).reinitialize().deviceCommunicationControl(1);
  const body = bacnet.propertyReference(input, 85);
  session.error(12, body).reject(12, body).abort(12, body).segmented(12, body, timeline.random.bytes(1800));
}

function writeOffice(timeline: Timeline): void {
  arp.resolve(timeline, A, B);
  arp.announce(timeline, B);
  icmp.echo(timeline, A, B);
  icmp.portUnreachable(timeline, B, 5000, A, 161);
  icmp.neighbour(timeline, A6, B6);
  dns.lookup(timeline, A, B, 'historian.plant.example', ['10.9.0.77']);
  dns.mdnsAnnounce(timeline, A);
  dns.mdnsQuery(timeline, A, '_services._dns-sd._udp.local');
  dns.llmnr(timeline, A, 'printer', B);
  dns.nbnsQuery(timeline, A, BROADCAST, 'SERVER');
  dns.nbnsRegistration(timeline, A, BROADCAST);
  dhcp.lease(timeline, A, B);
  ntp.exchange(timeline, A, B);
  const web = http.session(timeline, A, B);
  web.get('/index.html').get('/large', 'x'.repeat(4000)).soap('/service', 'urn:read', '<read/>');
  const secured = new Connection(timeline, A, B, 443);
  secured.request(tls.clientHello('portal.example', timeline.random)).response(tls.serverHello(timeline.random));
  secured.request(tls.applicationData(200, timeline.random));
  // A datagram in pieces, of both IP versions.
  send(timeline, A, B, 17, timeline.random.bytes(2000), { fragment: 512 });
  send(timeline, A6, B6, 17, timeline.random.bytes(2000), { fragment: 512 });
}
