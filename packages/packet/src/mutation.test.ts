/** Captures with flipped bits, spliced and cut bytes: nothing throws, and the work stays bounded by the bytes there are. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import {
  be16,
  enhancedPacket,
  ethernet,
  interfaceBlock,
  ipv4,
  ipv6,
  pcap,
  section,
  segmentFrame,
  simplePacket,
  udp,
  repeat,
} from '../tests/build.ts';
import { captureNames, capturePath, NO_CAPTURES } from '../tests/captures.ts';
import { MemorySource } from '../tests/memory-source.ts';
import { randomNumbers } from '../tests/random.ts';
import { CaptureError } from './capture/capture-error.ts';
import { CaptureFile } from './capture/capture-file.ts';
import { CaptureReader } from './capture/capture-reader.ts';
import { Decoder, IpProtocol } from './decode.ts';
import { Packet } from './packet.ts';
import { FlowTable } from './tables/flow-table.ts';
import { TcpOrder } from './tcp-order.ts';

/** Runs the whole path; returns the packets read, -1 when the bytes are no capture. */
async function drive(content: Uint8Array, fresh: () => { decoder: Decoder; flows: FlowTable }): Promise<number> {
  let reader: CaptureReader;
  try {
    reader = new CaptureReader([await CaptureFile.from('memory', new MemorySource(content, content.length))]);
  } catch (error) {
    assert.ok(error instanceof CaptureError);
    return -1;
  }
  const { decoder, flows } = fresh();
  const packet = new Packet();
  let delivered = 0;
  const order = new TcpOrder(flows, {
    consume(_row, _direction, bytes, start, end) {
      assert.ok(start >= 0 && start < end && end <= bytes.length);
      delivered += end - start;
      // Sometimes part of a message stays, sometimes the answer is nonsense.
      return end - ((end - start) % 5) - (delivered % 11 === 0 ? 100_000 : 0);
    },
    gap: () => undefined,
    restart: () => undefined,
  });
  flows.onEvict = (row) => order.forget(row);
  do {
    while (reader.next(packet)) {
      assert.ok(packet.start >= 0 && packet.start <= packet.end && packet.end <= packet.bytes.length);
      decoder.decode(packet);
      assert.ok(packet.payload >= packet.start && packet.payloadEnd <= packet.end && packet.missing >= 0);
      assert.ok(
        packet.stopped || packet.payload <= packet.payloadEnd,
        `${packet.payload} ${packet.payloadEnd} of protocol ${packet.protocol}`,
      );
      assert.ok(packet.nanoseconds >= 0 && packet.nanoseconds < 1e9 && packet.seconds >= 0);
      if (packet.fragment || packet.stopped) continue;
      const row = flows.touch(packet);
      if (row >= 0 && packet.protocol === IpProtocol.TCP) order.accept(packet, row, flows.direction);
    }
  } while (await reader.advance());
  order.finish();
  const summary = reader.summary();
  assert.ok(summary.packets * 16 <= content.length, 'more packets than the bytes allow');
  assert.ok(delivered <= 2 * content.length + 200_000, `${delivered} bytes delivered from ${content.length}`);
  for (let row = 0; row < flows.used; row++) flows.remove(row);
  assert.ok(order.heldBytes === 0 && flows.size === 0);
  return summary.packets;
}

/** Tables are costly to make: mutants of one seed file share their limits, not their contents. */
const fresh = (): { decoder: Decoder; flows: FlowTable } => ({
  decoder: new Decoder(),
  flows: new FlowTable({ initialFlows: 64, maxFlows: 256 }),
});

function mutate(content: Uint8Array, random: (limit: number) => number): Uint8Array {
  let mutant = Uint8Array.from(content);
  const changes = 1 + random(12);
  for (let i = 0; i < changes; i++) {
    const at = random(mutant.length);
    const kind = random(10);
    if (kind < 5) mutant[at] ^= 1 << random(8);
    else if (kind < 8) mutant[at] = [0, 1, 0x7f, 0x80, 0xff, 4, 6, 17][random(8)];
    else if (kind < 9) mutant.copyWithin(at, random(mutant.length), Math.min(mutant.length, random(mutant.length) + 64));
    else if (mutant.length > 40) mutant = mutant.slice(0, 30 + random(mutant.length - 30));
  }
  return mutant;
}

function seeds(): [string, Uint8Array][] {
  const body = udp(1, 2, repeat(7, 40));
  const frames = [
    ethernet(0x0800, ipv4(17, body), [5]),
    ethernet(0x86dd, ipv6(0, [44, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 1, 0, 0, 0, 1, ...body.slice(0, 24)])),
    ethernet(0x86dd, ipv6(44, [17, 0, 0, 24, 0, 0, 0, 1, ...body.slice(24)])),
    ethernet(0x0800, ipv4(17, body.slice(0, 24), { more: true })),
    ethernet(0x0800, ipv4(17, body.slice(24), { offset: 24 })),
    ethernet(0x0800, ipv4(47, [0x10, 0, 0x88, 0xbe, ...repeat(0, 12), ...ethernet(0x0800, ipv4(17, body))])),
    ethernet(0x0800, ipv4(17, udp(5, 4789, [8, 0, 0, 0, 0, 0, 1, 0, ...ethernet(0x0800, ipv4(17, body))]))),
    ethernet(0x8847, [0, 1, 0, 64, 0, 1, 1, 64, ...ipv4(17, body)]),
    ethernet(0x8864, [0x11, 0, 0, 1, ...be16(2 + 20 + body.length), 0, 0x21, ...ipv4(17, body)]),
    ethernet(0x0806, repeat(1, 28)),
    segmentFrame({ from: 'A', sequence: 99, flags: 2 }),
    segmentFrame({ from: 'B', sequence: 499, acknowledgement: 100, flags: 18 }),
    segmentFrame({ from: 'A', sequence: 100, acknowledgement: 500, flags: 24, data: 'hello world' }),
    segmentFrame({ from: 'A', sequence: 120, acknowledgement: 500, flags: 24, data: 'early' }),
    segmentFrame({ from: 'B', sequence: 500, acknowledgement: 125, flags: 24, data: 'answer' }),
    segmentFrame({ from: 'A', sequence: 125, acknowledgement: 506, flags: 17 }),
  ];
  const next = [...section(true), ...interfaceBlock(true, 1, { resolution: 9, offset: 5 })];
  frames.forEach((frame, i) => next.push(...enhancedPacket(true, 0, BigInt(i) * 1_000_000_000n, frame)));
  next.push(...section(false), ...interfaceBlock(false, 1), ...simplePacket(false, frames[0]), ...enhancedPacket(false, 0, 9n, frames[1]));
  return [
    ['pcap', pcap(frames.map((frame, seconds) => ({ frame, seconds })))],
    [
      'pcap, big-endian',
      pcap(
        frames.map((frame, seconds) => ({ frame, seconds })),
        { little: false },
      ),
    ],
    ['pcapng', Uint8Array.from(next)],
  ];
}

for (const [name, content] of seeds()) {
  test(`damaged ${name} files never throw`, async () => {
    const random = randomNumbers(4711);
    let read = 0;
    for (let i = 0; i < 1500; i++) read += Math.max(0, await drive(mutate(content, random), fresh));
    assert.ok(read > 5000, `${read} packets: the mutants must still get through the reader`);
  });
}

test('damaged public captures never throw', { skip: NO_CAPTURES }, async () => {
  const random = randomNumbers(99);
  for (const name of captureNames()) {
    if (statSync(capturePath(name)).size > 60_000) continue;
    const content = readFileSync(capturePath(name));
    for (let i = 0; i < 6; i++) await drive(mutate(content, random), fresh);
  }
});

test('random bytes as frames of every link type never throw', () => {
  const random = randomNumbers(3);
  const decoder = new Decoder();
  const packet = new Packet();
  for (let i = 0; i < 60_000; i++) {
    packet.bytes = Uint8Array.from({ length: random(120) }, () => random(256));
    // Steer half of them past the first fields.
    if (packet.bytes.length > 20 && i % 2 === 0)
      packet.bytes.set(
        [
          [8, 0, 0x45],
          [0x86, 0xdd, 0x60],
          [0x81, 0, 1],
          [0x88, 0x47, 1],
        ][random(4)],
        12,
      );
    packet.start = 0;
    packet.end = packet.bytes.length;
    packet.wireLength = packet.end;
    packet.linkType = [0, 1, 12, 101, 108, 113, 192, 228, 229, 276, 999][random(11)];
    decoder.decode(packet);
    assert.ok(packet.payloadEnd <= packet.end);
  }
  assert.ok(decoder.fragments.pending <= 1024);
});
