import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantIncidents, plantPackets, plantTraffic } from './plant.ts';
import type { TimedPacket } from './timeline.ts';
import { pcap } from './pcap-writer.ts';
import { tsharkFile, withoutTshark } from './tshark.ts';

const OBJECTIONS =
  '_ws.malformed || _ws.expert.severity >= 0x00600000 || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0';
const PROTOCOL = ['-T', 'fields', '-e', '_ws.col.Protocol'];

function later(a: TimedPacket, b: TimedPacket): boolean {
  return b.seconds > a.seconds || (b.seconds === a.seconds && b.nanoseconds >= a.nanoseconds);
}

test('packets come in the order of their time, incidents included', () => {
  const packets = [...plantPackets({ learning: 60, start: 1_780_000_000 })];
  assert.ok(packets.length > 10_000);
  assert.ok(packets[0].seconds >= 1_780_000_000);
  const wrong = packets.findIndex((packet, i) => i > 0 && !later(packets[i - 1], packet));
  assert.equal(wrong, -1);
});

test('the same seed gives the same plant, another seed another', () => {
  const bytes = (seed: number): string => Buffer.from(pcap(plantPackets({ seed, learning: 10, seconds: 40 }))).toString('base64');
  assert.equal(bytes(3), bytes(3));
  assert.notEqual(bytes(3), bytes(4));
});

test('the stream does not end with the last incident', () => {
  const last = Math.max(...plantIncidents({ learning: 0 }).map((incident) => incident.seconds));
  const traffic = plantTraffic({ learning: 0 });
  let packet = traffic.next().value;
  while (packet.seconds < last + 60) packet = traffic.next().value;
  assert.ok(packet.frame.length >= 60);
});

test('quiet operation is clean in the eyes of tshark', { skip: withoutTshark }, () => {
  const capture = pcap(plantPackets({ incidents: false, seconds: 700 }));
  assert.deepEqual(tsharkFile(capture, PROTOCOL, OBJECTIONS), []);
  const seen = new Set(tsharkFile(capture, PROTOCOL));
  for (const protocol of [
    'Modbus/TCP',
    'S7COMM',
    'CIP',
    'CIP I/O',
    'DNP 3.0',
    'IEC 60870-5 ASDU',
    'BACnet-APDU',
    'DNS',
    'NTP',
    'DHCP',
    'HTTP',
    'ARP',
    'ICMP',
    'MDNS',
    'NBNS',
    'LLMNR',
  ]) {
    assert.ok(seen.has(protocol), `${protocol} is missing among ${[...seen].join(', ')}`);
  }
});

test('incidents are malformed only where they mean to be', { skip: withoutTshark }, () => {
  const capture = pcap(plantPackets({ learning: 0 }));
  const objections = tsharkFile(capture, PROTOCOL, `(${OBJECTIONS}) && !tcp.connection.rst && !arp.duplicate-address-detected`);
  const counts: Record<string, number> = {};
  for (const protocol of objections) counts[protocol] = (counts[protocol] ?? 0) + 1;
  assert.deepEqual(counts, { 'Modbus/TCP': 3 });
});
