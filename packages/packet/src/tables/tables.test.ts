import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomNumbers } from '../../tests/random.ts';
import { Packet } from '../packet.ts';
import { Flow, FLOW_WIDTH, FlowBit, FlowTable } from './flow-table.ts';
import { TextTable } from './text-table.ts';
import { TupleTable, WIDTH } from './tuple-table.ts';

function packetOf(source: number, destination: number, options: Partial<Packet> = {}): Packet {
  return Object.assign(new Packet(), { ipVersion: 4, source, destination, protocol: 6, wireLength: 100, seconds: 10, ...options });
}

for (const keyColumns of [1, 2, 3, 4, 5, 6]) {
  test(`a tuple table with keys of ${keyColumns} columns keeps all rows while it grows`, () => {
    const table = new TupleTable({ maxRows: 100_000, initialRows: 16 });
    const key = (i: number): [number, number, number, number, number, number] => {
      const values = [0, 0, 0, 0, 0, 0];
      values[keyColumns - 1] = Math.imul(i, 0x01000193);
      if (keyColumns > 1) values[0] = i % 7;
      return values as [number, number, number, number, number, number];
    };
    for (let i = 1; i <= 50_000; i++) {
      const row = table.insert(...key(i));
      assert.ok(table.created);
      table.rows[row * WIDTH + 7] = i;
    }
    assert.equal(table.size, 50_000);
    for (let i = 1; i <= 50_000; i++) assert.equal(table.rows[table.find(...key(i)) * WIDTH + 7], i);
    assert.equal(table.insert(...key(1)), 0);
    assert.equal(table.created, false);
    assert.equal(table.find(...key(50_001)), -1);
  });
}

test('a full tuple table refuses new tuples, counts them and still finds the others', () => {
  const table = new TupleTable({ maxRows: 100, initialRows: 10 });
  for (let i = 0; i < 150; i++) table.insert(i, 0, 0, 0, 0, 0);
  assert.deepEqual([table.size, table.refused], [100, 50]);
  assert.equal(table.find(99, 0, 0, 0, 0, 0), 99);
  assert.equal(table.find(100, 0, 0, 0, 0, 0), -1);
});

test('a tuple table is the same after snapshot and restore', () => {
  const table = new TupleTable({ maxRows: 1000, initialRows: 4 });
  for (let i = 0; i < 500; i++) table.rows[table.insert(i, -i, i * i, 0, 0, 0) * WIDTH + 6] = i;
  const copy = new TupleTable({ maxRows: 1000 });
  copy.insert(1, 2, 3, 0, 0, 0);
  copy.restore(table.snapshot());
  assert.deepEqual(copy.snapshot(), table.snapshot());
  assert.equal(copy.find(1, 2, 3, 0, 0, 0), -1);
});

test('texts get numbers, beyond the bound all share 0', () => {
  const table = new TextTable({ maxTexts: 2, longestText: 4 });
  assert.deepEqual(
    ['a', 'bcdefgh', 'a', 'bcdexyz', 'new', 'newer'].map((text) => table.intern(text)),
    [1, 2, 1, 2, 0, 0],
  );
  assert.deepEqual([table.overflow, table.text(2), table.text(0)], [2, 'bcde', '(other)']);
});

test('both directions meet in one flow, whatever the VLAN', () => {
  const flows = new FlowTable();
  const there = flows.touch(packetOf(5, 9, { sourcePort: 4000, destinationPort: 502, vlan: 1 }));
  assert.deepEqual([flows.created, flows.direction], [true, 0]);
  const back = flows.touch(packetOf(9, 5, { sourcePort: 502, destinationPort: 4000, wireLength: 60, seconds: 12 }));
  assert.deepEqual([back, flows.created, flows.direction], [there, false, 1]);
  assert.deepEqual([flows.packets(there, 0), flows.packets(there, 1), flows.bytes(there, 0), flows.bytes(there, 1)], [1, 1, 100, 60]);
  assert.equal(flows.rows[there * FLOW_WIDTH + Flow.LAST], 12);
  assert.equal(flows.rows[there * FLOW_WIDTH + Flow.PORTS], (4000 << 16) | 502);
});

test('protocol, ports and IP version part flows', () => {
  const flows = new FlowTable();
  const base = { sourcePort: 1, destinationPort: 2 };
  const rows = [
    packetOf(1, 2, base),
    packetOf(1, 2, { ...base, protocol: 17 }),
    packetOf(1, 2, { ...base, ipVersion: 6 }),
    packetOf(1, 2, { sourcePort: 2, destinationPort: 1 }),
    packetOf(1, 1, base),
    packetOf(1, 1, { sourcePort: 2, destinationPort: 1 }),
  ].map((packet) => flows.touch(packet));
  assert.equal(new Set(rows).size, 5);
  assert.equal(rows[4], rows[5]);
});

test('frames without IP are flows between MACs; the MACs of each side are kept', () => {
  const flows = new FlowTable();
  const bytes = Uint8Array.from([0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]);
  const common = { bytes, etherType: 0x8892, wireLength: 60 };
  const frame = Object.assign(new Packet(), { ...common, destinationMac: 0, sourceMac: 6, sourceMacLow: 0x01020304 });
  const row = flows.touch(frame);
  const answer = Object.assign(new Packet(), { ...common, destinationMac: 6, sourceMac: 0, sourceMacLow: 1 });
  assert.equal(flows.touch(answer), row);
  assert.equal(flows.size, 1);
  const [a, b] = [flows.rows[row * FLOW_WIDTH + Flow.ADDRESS], flows.rows[row * FLOW_WIDTH + Flow.ADDRESS + 1]];
  assert.deepEqual([flows.macs.macText(a), flows.macs.macText(b)], ['00:00:01:02:03:04', '00:00:00:00:00:01']);
  assert.deepEqual([...flows.rows.subarray(row * FLOW_WIDTH + Flow.MAC, row * FLOW_WIDTH + Flow.MAC + 2)], [0x01020304, 1]);
});

test('the flow table keeps all flows while it grows past its first size', () => {
  const flows = new FlowTable({ initialFlows: 64 });
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 70_000; i++) assert.equal(flows.touch(packetOf(Math.imul(i, 7919), 1 << 30, { sourcePort: i & 0xffff })), i);
  }
  assert.deepEqual([flows.size, flows.counters.created], [70_000, 70_000]);
  for (let i = 0; i < 70_000; i++) assert.equal(flows.packets(i, 0) + flows.packets(i, 1), 2);
});

test('beyond the bound an idle flow gives way, told before its row is used again', () => {
  const flows = new FlowTable({ initialFlows: 16, maxFlows: 1000 });
  const told: number[] = [];
  flows.onEvict = (row) => {
    assert.ok(flows.packets(row, 0) + flows.packets(row, 1) > 0);
    told.push(row);
  };
  for (let i = 0; i < 5000; i++) flows.touch(packetOf(i, -5, { seconds: i }));
  assert.deepEqual([flows.size, flows.counters.evicted, told.length, flows.capacity], [1000, 4000, 4000, 1000]);
  // Newest flows are still there.
  const created = flows.counters.created;
  for (let i = 4900; i < 5000; i++) flows.touch(packetOf(i, -5, { seconds: 5000 }));
  assert.equal(flows.counters.created, created);
});

test('random inserts, removals and sweeps agree with a Map', () => {
  const flows = new FlowTable({ initialFlows: 16, maxFlows: 400, idleSeconds: 20 });
  const expected = new Map<number, number>();
  flows.onEvict = (row) => {
    assert.ok(expected.delete(flows.rows[row * FLOW_WIDTH + 1]));
  };
  const random = randomNumbers(1);
  for (let i = 0; i < 40_000; i++) {
    const address = 1 + random(700);
    const row = flows.touch(packetOf(0, address, { seconds: i >> 3 }));
    if (flows.created) assert.ok(!expected.has(address));
    else assert.equal(expected.get(address), row);
    expected.set(address, row);
    if (random(64) === 0) flows.remove(row);
    if (random(64) === 0) flows.sweep(i >> 3, 100);
    assert.equal(flows.size, expected.size);
  }
  for (const [address, row] of expected) assert.equal(flows.touch(packetOf(0, address)), row);
  assert.ok(flows.counters.idle > 0 && flows.counters.evicted > 0);
});

test('flows that were found ahead of their turn are the same, whatever was freed meanwhile', () => {
  const [flows, plain] = [0, 1].map(() => new FlowTable({ initialFlows: 16, maxFlows: 60, idleSeconds: 1 }));
  const random = randomNumbers(2);
  for (let batch = 0; batch < 3000; batch++) {
    const packets = Array.from({ length: 16 }, () => {
      const [source, destination] = random(2) === 0 ? [7, random(100)] : [random(100), 7];
      return packetOf(source, destination, { sourcePort: random(2), destinationPort: 502, seconds: batch >> 1 });
    });
    for (const packet of packets) flows.aim(packet);
    for (const packet of packets) flows.find(packet);
    for (const packet of packets) {
      const row = flows.touch(packet);
      const { created, direction, met } = flows;
      const other = plain.touch(
        packetOf(packet.source, packet.destination, { sourcePort: packet.sourcePort, destinationPort: 502, seconds: batch >> 1 }),
      );
      assert.deepEqual([row, created, direction, met], [other, plain.created, plain.direction, plain.met]);
      if (random(10) === 0) for (const table of [flows, plain]) table.remove(row);
      if (random(20) === 0) for (const table of [flows, plain]) table.sweep(batch >> 1, 60);
    }
  }
  assert.deepEqual(flows.counters, plain.counters);
  assert.ok(flows.counters.evicted > 0 && flows.counters.idle > 0);
  assert.deepEqual(flows.rows, plain.rows);
});

test('counters do not wrap: bytes beyond 32 bits stay whole', () => {
  const flows = new FlowTable();
  let row = 0;
  for (let i = 0; i < 100; i++) row = flows.touch(packetOf(1, 2, { wireLength: 1 << 28 }));
  assert.deepEqual([flows.bytes(row, 0), flows.packets(row, 0)], [100 * 2 ** 28, 100]);
  assert.ok(flows.isUsed(row));
});

test('the server side can be set and changed', () => {
  const flows = new FlowTable();
  const row = flows.touch(packetOf(1, 2));
  assert.equal(flows.server(row), -1);
  flows.setServer(row, 0);
  flows.setServer(row, 1);
  assert.equal(flows.server(row), 1);
  assert.equal(flows.rows[row * FLOW_WIDTH + Flow.BITS], FlowBit.SERVER_B);
});
