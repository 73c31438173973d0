import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOfOrder, addressOrder, assumedNetwork, contains, parseNetwork } from './subnet.ts';

test('addresses sort as numbers, whatever their text', () => {
  const ips = ['10.0.0.10', '10.0.0.9', '9.255.0.1', 'fe80::1', 'fd00:0:0:1::2'];
  assert.deepEqual(
    ips.toSorted((a, b) => (addressOrder(a) < addressOrder(b) ? -1 : 1)),
    ['9.255.0.1', '10.0.0.9', '10.0.0.10', 'fd00:0:0:1::2', 'fe80::1'],
  );
  for (const none of ['', 'plc', '10.0.0.256', '10.0.0', '1:2:3', '1::2::3', '12345::1']) assert.equal(addressOrder(none), '');
  assert.equal(addressOrder('::'), `6${'0'.repeat(32)}`);
});

test('a network holds its addresses and no others', () => {
  const network = parseNetwork('10.1.2.0/23');
  assert.ok(network);
  const inside = (ip: string): boolean => contains(network, addressOrder(ip));
  assert.deepEqual(['10.1.2.0', '10.1.3.255', '10.1.4.0', '10.1.1.255', 'fd00::1'].map(inside), [true, true, false, false, false]);
  const six = parseNetwork('fd00:1::/32');
  assert.ok(six && contains(six, addressOrder('fd00:1:ffff::9')) && !contains(six, addressOrder('fd00:2::')));
});

test('what is no network is refused', () => {
  for (const none of ['10.1.2.0', '10.1.2.3/24', '10.1.2.0/33', '10.1.2.0/', 'x/8', '10.0.0.0/8/8', 'fd00::/129'])
    assert.equal(parseNetwork(none), undefined, none);
  assert.equal(parseNetwork('0.0.0.0/0')?.prefix, 0);
});

test('the network that is assumed for an address', () => {
  assert.equal(assumedNetwork('10.1.2.3'), '10.1.2.0/24');
  assert.equal(assumedNetwork('fe80:0:0:1:2:3:4:5'), 'fe80:0:0:1::/64');
  assert.equal(assumedNetwork('fe80::d1d9:a23d:f71d:9f1a'), 'fe80::/64');
  for (const ip of ['10.1.2.3', 'fe80::1', '2001:db8:7:1::9']) assert.ok(parseNetwork(assumedNetwork(ip)), ip);
});

test('an address comes back from its order', () => {
  for (const ip of ['10.1.2.3', '255.255.255.255', '::', '::1', 'fe80::1', 'fd00:1:2:3:4:5:6:7', 'fd00::', '2001:db8::1:0:5']) {
    assert.equal(addressOrder(addressOfOrder(addressOrder(ip))), addressOrder(ip), ip);
  }
  assert.equal(addressOfOrder(addressOrder('fe80::1')), 'fe80::1');
});
