/** What the sensor tells of devices and connections, again and again, and what it does not tell twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as dhcp from '@annunciator/testkit/dhcp';
import * as enip from '@annunciator/testkit/enip';
import { group, host } from '@annunciator/testkit/host';
import * as modbus from '@annunciator/testkit/modbus';
import { DEFAULT_START, Timeline } from '@annunciator/testkit/timeline';
import * as udp from '@annunciator/testkit/udp';
import { feed } from '../../tests/sense.ts';
import { recall, recordOf } from '../inventory/device-record.ts';
import { Device } from '../inventory/device.ts';
import { Sensor } from '../sensor.ts';
import { ConnectionReports } from './connection-reports.ts';
import { DeviceReports } from './device-reports.ts';

const HMI = host('hmi', '10.1.1.10', '00:80:f4:01:01:10', 7);
const PLC = host('plc', '10.1.1.20', '00:00:bc:01:01:20', 7);
const NEW = host('new', '10.1.1.77', '00:80:f4:01:01:77');

function watched() {
  const timeline = new Timeline();
  const sensor = new Sensor({ report: () => undefined });
  const devices = new DeviceReports(sensor.inventory);
  const connections = new ConnectionReports(sensor);
  const frames: Uint8Array[] = [];
  let taken = 0;
  const take = (write: (timeline: Timeline) => void): void => {
    write(timeline);
    feed(sensor, timeline, taken, frames);
    taken = timeline.count;
  };
  return { sensor, devices, connections, take };
}

const reads = (timeline: Timeline): void => void modbus.session(timeline, HMI, PLC).readHoldingRegisters(0, 2);

test('a device is told once, again when something new is known of it, and its activity once a minute', () => {
  const { devices, take } = watched();
  take(reads);
  assert.deepEqual(
    devices.next().devices.map(({ id }) => id),
    ['10.1.1.10', '10.1.1.20'],
  );
  take(reads);
  assert.deepEqual(devices.next(), { devices: [], touched: [] });
  take((timeline) => reads(timeline.at(61)));
  const { devices: none, touched } = devices.next();
  assert.deepEqual([none, touched.map(({ id }) => id)], [[], ['10.1.1.10', '10.1.1.20']]);
  take((timeline) => dhcp.lease(timeline, NEW, PLC));
  const told = devices.next().devices;
  assert.deepEqual(told.map(({ ips, dynamicAddress }) => [ips[0], dynamicAddress]).sort(), [
    ['10.1.1.20', false],
    ['10.1.1.77', true],
  ]);
});

test('a record holds what traffic says, and a later run goes on from it', () => {
  const { sensor, devices, take } = watched();
  take((timeline) => {
    reads(timeline);
    const identity: enip.Identity = {
      vendorId: 1,
      deviceType: 14,
      productCode: 55,
      revision: [20, 11],
      serial: 0x00c0ffee,
      productName: '1756-L61/B',
    };
    enip.listIdentity(timeline, HMI, PLC, [[PLC, identity]]);
  });
  const plc = devices.next().devices.find(({ id }) => id === '10.1.1.20');
  assert.ok(plc);
  assert.equal(plc.type, 'PLC');
  assert.ok(plc.confidence > 80 && plc.reasons.length > 1);
  assert.deepEqual([plc.purdueLevel, plc.networkLocation, plc.vlans, plc.ot], [1, 'local', [7], true]);
  assert.deepEqual(plc.serves.includes('modbus') && plc.protocols.includes('Modbus/TCP'), true);
  assert.match(plc.vendor, /Rockwell/);
  const again = new Device(plc.id, 1, plc.firstSeen);
  again.ips.push(...plc.ips);
  again.macs.push(...plc.macs);
  again.ot = plc.ot;
  recall(again, plc);
  assert.deepEqual({ ...recordOf(again, sensor.inventory), lastSeen: plc.lastSeen }, plc);
});

test('connections are told with what they carry, when and which way', () => {
  const { connections, take } = watched();
  take((timeline) => {
    reads(timeline);
    udp.send(timeline, HMI, 5000, PLC, 7777, new Uint8Array(20));
    udp.send(timeline, HMI, 5000, group('239.1.2.3'), 5001, new Uint8Array(20));
  });
  const told = connections
    .next()
    .map(({ source, destination, protocolName, port, kind, operations }) => [
      `${source} > ${destination}`,
      `${protocolName} ${port}`,
      kind,
      operations,
    ]);
  assert.deepEqual(told, [
    ['10.1.1.10 > 10.1.1.20', 'Modbus/TCP 502', 'Two Way', ['Read Holding Registers']],
    ['10.1.1.10 > 10.1.1.20', 'UDP 7777', 'One Way', []],
    ['10.1.1.10 > 239.1.2.3', 'UDP 5001', 'Multicast', []],
  ]);
  assert.deepEqual(connections.next(), []);
});

test('how much a connection carries is told every five minutes, what is new in it at once, and all of it at the end', () => {
  const { connections, take } = watched();
  take(reads);
  const [first] = connections.next();
  assert.ok(first);
  take(reads);
  assert.deepEqual(connections.next(), []);
  const [whole] = connections.next(true);
  assert.equal(whole?.packets, first.packets * 2);
  assert.equal(whole.firstSeen, first.firstSeen);
  take((timeline) => void modbus.session(timeline, HMI, PLC).writeRegister(5, 7));
  assert.deepEqual(connections.next()[0]?.operations, ['Read Holding Registers', 'Write Single Register']);
  take((timeline) => reads(timeline.at(400)));
  const [later] = connections.next();
  assert.equal(later?.lastSeen, BigInt(DEFAULT_START + 400) * 1_000_000_000n);
});

test('connections of devices that became one are told as one', () => {
  const { sensor, connections, take } = watched();
  const second = host('second', '10.1.1.30');
  take((timeline) => {
    reads(timeline);
    modbus.session(timeline, second, PLC).readHoldingRegisters(0, 2);
  });
  const packets = connections.next().reduce((sum, one) => sum + one.packets, 0);
  sensor.unite('10.1.1.10', '10.1.1.30');
  connections.renamed(['10.1.1.10', '10.1.1.30']);
  const told = connections.next();
  assert.deepEqual(
    told.map(({ source, destination, packets: all }) => [source, destination, all]),
    [['10.1.1.10', '10.1.1.20', packets]],
  );
});
