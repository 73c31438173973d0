import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from './device.ts';
import { Inventory } from './inventory.ts';

const ROUND = 64;
const ROUTED = 61;

function inventory(): { inventory: Inventory; appeared: Device[]; merged: [number, number][] } {
  const appeared: Device[] = [];
  const merged: [number, number][] = [];
  return {
    inventory: new Inventory({ deviceAppeared: (device) => appeared.push(device), partyMerged: (from, to) => merged.push([from, to]) }),
    appeared,
    merged,
  };
}

/** A packet of a sender; returns its party. */
function send(to: Inventory, mac: string, ip: string, timeToLive = ROUND): number {
  return to.sender(mac ? to.macText(mac) : 0, ip ? to.ipText(ip) : 0, timeToLive, 100, 0, -1);
}

test('a host is one device, named by its IP address, with the MAC it sends from', () => {
  const { inventory: to, appeared } = inventory();
  const party = send(to, '00:80:f4:00:00:01', '10.0.0.5');
  assert.equal(send(to, '00:80:f4:00:00:01', '10.0.0.5'), party);
  assert.equal(appeared.length, 1);
  assert.deepEqual([appeared[0].id, appeared[0].ips, appeared[0].macs], ['10.0.0.5', ['10.0.0.5'], ['00:80:f4:00:00:01']]);
});

test('a device keeps the party it had as a mere destination', () => {
  const { inventory: to, merged } = inventory();
  const before = to.ipText('10.0.0.9');
  assert.equal(send(to, '00:80:f4:00:00:09', '10.0.0.9'), before);
  assert.deepEqual(merged, []);
});

test('hosts behind a router are devices of their own and the router owns none of their addresses', () => {
  const { inventory: to, appeared } = inventory();
  send(to, '00:00:0c:00:00:01', '10.0.0.1');
  send(to, '00:00:0c:00:00:01', '203.0.113.7', ROUTED);
  send(to, '00:00:0c:00:00:01', '198.51.100.7', ROUTED);
  assert.deepEqual(
    appeared.map((device) => [device.id, device.router]),
    [
      ['10.0.0.1', true],
      ['203.0.113.7', false],
      ['198.51.100.7', false],
    ],
  );
  assert.equal(to.isLocal(to.ipText('203.0.113.7')), false);
});

test('a device known by its MAC alone takes on the IP address it gets later', () => {
  const { inventory: to, appeared, merged } = inventory();
  const party = send(to, '00:80:f4:00:00:02', '');
  const ip = to.ipText('10.0.0.20');
  assert.equal(send(to, '00:80:f4:00:00:02', '10.0.0.20'), party);
  assert.deepEqual(merged, [[ip, party]]);
  assert.equal(appeared.length, 1);
});

test('a device of an earlier run keeps its name, whichever of its addresses comes first', () => {
  const { inventory: to, appeared } = inventory();
  to.remember('00:80:f4:00:00:02', ['10.0.0.20', '00:80:f4:00:00:02']);
  const named = to.byName('00:80:f4:00:00:02');
  assert.equal(to.canonical[to.ipText('10.0.0.20')], named);
  assert.equal(send(to, '00:80:f4:00:00:02', '10.0.0.20'), named);
  assert.deepEqual(
    appeared.map(({ id, ips, macs }) => [id, ips, macs]),
    [['00:80:f4:00:00:02', ['10.0.0.20'], ['00:80:f4:00:00:02']]],
  );
});

test('ARP gives an address seen through a router before to its owner', () => {
  const { inventory: to, appeared } = inventory();
  send(to, '', '10.0.0.30', ROUTED);
  to.claim('00:80:f4:00:00:30', '10.0.0.30', 0n, -1);
  assert.deepEqual(
    appeared.map(({ id, ips, macs }) => [id, ips, macs]),
    [['10.0.0.30', ['10.0.0.30'], ['00:80:f4:00:00:30']]],
  );
  assert.equal(to.devices.length, 1);
});

test('a network card and an address that were two devices become one, which the listener hears of', () => {
  const united: string[] = [];
  const to = new Inventory({
    deviceAppeared: () => undefined,
    partyMerged: () => undefined,
    devicesUnited: (into, from) => united.push(`${from.id} is ${into.id}`),
  });
  send(to, '00:80:f4:00:00:31', '');
  send(to, '', '10.0.0.31', ROUTED);
  to.claim('00:80:f4:00:00:31', '10.0.0.31', 0n, -1);
  assert.deepEqual(united, ['10.0.0.31 is 00:80:f4:00:00:31']);
  assert.deepEqual(
    to.devices.map(({ ips, macs }) => [ips, macs]),
    [[['10.0.0.31'], ['00:80:f4:00:00:31']]],
  );
});

test('a million addresses stay within the bound and are counted', () => {
  const { inventory: to } = inventory();
  for (let i = 0; i < 300_000; i++)
    to.sender(
      0,
      to.ip(4, i | 0, () => `a${i}`),
      ROUND,
      1,
      0,
      -1,
    );
  assert.ok(to.devices.length <= 65_536);
  assert.ok(to.refused > 200_000);
});
