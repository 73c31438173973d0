import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressBytes, group, host, macBytes } from './host.ts';
import { hex, octets, packBits } from './octets.ts';
import { Connection } from './tcp.ts';
import { Timeline } from './timeline.ts';
import { frameCount, withoutTshark } from './tshark.ts';
import * as udp from './udp.ts';

const a = host('a', '10.0.0.1');
const b = host('b', '10.0.0.2');

test('numbers are written in the order of their name and cut to their width', () => {
  const written = octets().u8(1, 0x1ff).u16(0x10203).u16le(0x0405).u24(0x060708).u24le(0x0b0a09).u32(-2).u32le(0x0c0d0e0f).take();
  assert.deepEqual(written, hex('01ff 0203 0504 060708 090a0b fffffffe 0f0e0d0c'));
  assert.deepEqual(octets().f32(1.5).f32le(1.5).u64le(0x0102030405060708n).take(), hex('3fc00000 0000c03f 0807060504030201'));
  assert.deepEqual(octets().text('ab', 4, 0x20).text('abcdef', 2).zeros(2).take(), hex('61622020 6162 0000'));
  assert.deepEqual(packBits([1, 0, 1, 0, 0, 0, 0, 0, 1]), hex('0501'));
});

test('a builder grows beyond any first size', () => {
  const large = octets().bytes(new Uint8Array(5000)).u16(7).take();
  assert.equal(large.length, 5002);
  assert.equal(large[5001], 7);
});

test('addresses are read in both versions of IP, groups get their MAC', () => {
  assert.deepEqual(addressBytes('fd00::1:2'), hex('fd00 0000 0000 0000 0000 0000 0001 0002'));
  assert.deepEqual(group('224.129.2.3').mac, macBytes('01:00:5e:01:02:03'));
  assert.deepEqual(group('ff02::fb').mac, macBytes('33:33:00:00:00:fb'));
  assert.deepEqual(group('10.0.0.255').mac, macBytes('ff:ff:ff:ff:ff:ff'));
  assert.throws(() => addressBytes('10.0.0'), /is no IP address: write it as/);
  assert.throws(() => macBytes('00:11'), /is no MAC address: write six pairs/);
  assert.throws(() => udp.send(new Timeline(), a, 1, host('c', 'fd00::1'), 2, hex('00')), /one is IPv4, the other IPv6/);
});

test('packets written at an earlier time come earlier', () => {
  const timeline = new Timeline({ start: 100, gap: 0 });
  udp.send(timeline.at(5), a, 5, b, 9, hex('05'));
  udp.send(timeline.at(1.25), a, 1, b, 9, hex('01'));
  assert.deepEqual(
    timeline.packets.map((packet) => [packet.seconds, packet.nanoseconds, packet.frame[35]]),
    [
      [101, 250_000_000, 1],
      [105, 0, 5],
    ],
  );
});

test('one connection never goes back in time', () => {
  const timeline = new Timeline({ start: 100 });
  const connection = new Connection(timeline.at(5), a, b, 80);
  connection.request(hex('01'));
  timeline.at(1);
  connection.response(hex('02'));
  assert.ok(timeline.clock > 5e9);
});

test('bytes that the tap missed leave a hole that tshark sees', { skip: withoutTshark }, () => {
  const timeline = new Timeline();
  new Connection(timeline, a, b, 80).request(hex('0102')).request(hex('0304'), { lost: true }).request(hex('0506'));
  assert.equal(frameCount(timeline, 'tcp.analysis.lost_segment'), 1);
});
