import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { block, enhancedPacket, ethernet, interfaceBlock, ipv4, pcap, section, simplePacket, udp, repeat } from '../../tests/build.ts';
import { CAPTURES, captureNames, capturePath, NO_CAPTURES } from '../../tests/captures.ts';
import { MemorySource } from '../../tests/memory-source.ts';
import { Packet } from '../packet.ts';
import { CaptureError } from './capture-error.ts';
import { CaptureFile } from './capture-file.ts';
import { CaptureReader, openCaptures } from './capture-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'annunciator-packet-'));
after(() => rmSync(folder, { recursive: true }));

const FRAME = ethernet(0x0800, ipv4(17, udp(1000, 2000, [1, 2, 3, 4, 5])));

interface Seen {
  readonly frame: number;
  readonly time: string;
  readonly length: number;
  readonly wire: number;
  readonly interface: number;
  readonly linkType: number;
}

async function readAll(reader: CaptureReader): Promise<Seen[]> {
  const packet = new Packet();
  const seen: Seen[] = [];
  do {
    while (reader.next(packet)) {
      seen.push({
        frame: packet.frame,
        time: `${packet.seconds}.${String(packet.nanoseconds).padStart(9, '0')}`,
        length: packet.end - packet.start,
        wire: packet.wireLength,
        interface: packet.interface,
        linkType: packet.linkType,
      });
    }
  } while (await reader.advance());
  return seen;
}

async function inMemory(content: Uint8Array, piece?: number): Promise<CaptureReader> {
  return new CaptureReader([await CaptureFile.from('memory', new MemorySource(content, piece))]);
}

for (const little of [true, false]) {
  for (const nanoseconds of [true, false]) {
    test(`reads pcap, ${little ? 'little' : 'big'}-endian, ${nanoseconds ? 'nano' : 'micro'}seconds`, async () => {
      const content = pcap([{ frame: FRAME, seconds: 1_700_000_000, fraction: 123_456, wireLength: 900 }], { little, nanoseconds });
      const reader = await inMemory(content);
      const time = nanoseconds ? '1700000000.000123456' : '1700000000.123456000';
      assert.deepEqual(await readAll(reader), [{ frame: 1, time, length: FRAME.length, wire: 900, interface: 0, linkType: 1 }]);
      const summary = reader.summary();
      assert.equal(summary.decimals, nanoseconds ? 9 : 6);
      assert.deepEqual(summary.linkTypes, ['Ethernet']);
      assert.equal(summary.truncated, false);
      assert.equal(summary.bytes, 900);
    });
  }
}

test('a negative fraction, as tools that shift times leave it, counts back from the second', async () => {
  const reader = await inMemory(pcap([{ frame: FRAME, seconds: 100, fraction: -250_000 }]));
  assert.equal((await readAll(reader))[0].time, '99.750000000');
});

test('reads pcapng with two sections of different byte order, each with its own interfaces', async () => {
  const content = Uint8Array.from([
    ...section(true),
    ...interfaceBlock(true, 1),
    ...interfaceBlock(true, 101, { resolution: 9, offset: 1000 }),
    ...enhancedPacket(true, 0, 5_000_001n, FRAME),
    ...block(5, true, (w) => w.u32(0).u32(0).u32(0)),
    ...enhancedPacket(true, 1, 1_700_000_000_123_456_789n, FRAME.slice(14)),
    ...section(false),
    ...interfaceBlock(false, 113, { resolution: 0x80 | 10 }),
    ...enhancedPacket(false, 0, (7n << 10n) + 512n, FRAME),
    ...simplePacket(false, FRAME),
  ]);
  const reader = await inMemory(content);
  assert.deepEqual(
    (await readAll(reader)).map(({ frame, time, interface: from, linkType }) => [frame, time, from, linkType]),
    [
      [1, '5.000001000', 0, 1],
      [2, '1700001000.123456789', 1, 101],
      [3, '7.500000000', 2, 113],
      [4, '7.500000000', 2, 113],
    ],
  );
  assert.deepEqual(reader.summary().linkTypes, ['Ethernet', 'Raw IP', 'Linux SLL']);
  assert.equal(reader.summary().decimals, 9);
});

for (const [resolution, ticks, expected] of [
  [0, 12n, '12.000000000'],
  [3, 12_345n, '12.345000000'],
  [6, 1_700_000_000_999_999n, '1700000000.999999000'],
  [9, 1_700_000_000_999_999_999n, '1700000000.999999999'],
  [12, 3_000_000_000_001_000n, '3000.000000001'],
  [0x80 | 32, (9n << 32n) | 0x80000000n, '9.500000000'],
] as const) {
  test(`pcapng time resolution 0x${resolution.toString(16)}`, async () => {
    const content = [...section(true), ...interfaceBlock(true, 1, { resolution }), ...enhancedPacket(true, 0, ticks, FRAME)];
    assert.equal((await readAll(await inMemory(Uint8Array.from(content))))[0].time, expected);
  });
}

test('a simple packet is cut at the snap length of its interface', async () => {
  const content = [
    ...section(true),
    ...interfaceBlock(true, 1, { snapLength: 20 }),
    ...simplePacket(true, FRAME.slice(0, 20), FRAME.length),
  ];
  const [seen] = await readAll(await inMemory(Uint8Array.from(content)));
  assert.deepEqual([seen.length, seen.wire], [20, FRAME.length]);
});

test('packets of unknown interfaces are left out and counted', async () => {
  const content = [
    ...section(true),
    ...interfaceBlock(true, 1),
    ...enhancedPacket(true, 3, 1n, FRAME),
    ...enhancedPacket(true, 0, 1n, FRAME),
  ];
  const reader = await inMemory(Uint8Array.from(content));
  assert.equal((await readAll(reader)).length, 1);
  assert.deepEqual(reader.summary().skipped, { 'unknown interface': 1 });
});

test('packets of link types nobody decodes are counted by name and keep their frame numbers', async () => {
  const content = [
    ...section(true),
    ...interfaceBlock(true, 1),
    ...interfaceBlock(true, 147),
    ...enhancedPacket(true, 1, 1n, FRAME),
    ...enhancedPacket(true, 0, 2n, FRAME),
  ];
  const reader = await inMemory(Uint8Array.from(content));
  assert.deepEqual(
    (await readAll(reader)).map(({ frame }) => frame),
    [2],
  );
  assert.deepEqual(reader.summary().skipped, { 'link type User 0': 1 });
  assert.equal(reader.summary().packets, 2);
});

test('records that straddle the pieces read are the same as in one piece', async () => {
  const records = Array.from({ length: 300 }, (_, i) => ({ frame: [...FRAME, ...repeat(i & 255, i)], seconds: i }));
  const whole = await readAll(await inMemory(pcap(records)));
  assert.equal(whole.length, 300);
  for (const piece of [1, 7, 100, 4096]) assert.deepEqual(await readAll(await inMemory(pcap(records), piece)), whole);
});

test('a file larger than the buffer is read whole', async () => {
  const long = repeat(7, 60_000);
  const records = Array.from({ length: 40 }, (_, i) => ({ frame: long, seconds: i }));
  assert.equal((await readAll(await inMemory(pcap(records)))).length, 40);
});

test('a capture cut anywhere is read to its last whole packet and says so', async () => {
  const classic = pcap([{ frame: FRAME }, { frame: FRAME }, { frame: FRAME }]);
  const next = Uint8Array.from([
    ...section(true),
    ...interfaceBlock(true, 1),
    ...enhancedPacket(true, 0, 1n, FRAME),
    ...enhancedPacket(true, 0, 2n, FRAME),
    ...block(10, true, (w) => w.raw(repeat(1, 64))),
  ]);
  for (const content of [classic, next]) {
    const boundaries = new Set<number>();
    let last = 0;
    for (let length = 28; length <= content.length; length++) {
      const reader = await inMemory(content.subarray(0, length));
      const count = (await readAll(reader)).length;
      assert.ok(count === last || count === last + 1, `length ${length}`);
      last = count;
      if (!reader.summary().truncated) boundaries.add(length);
      else assert.match(reader.summary().damages[0], /memory is cut off: it ends inside the record that begins at offset \d+\./);
    }
    assert.ok(boundaries.has(content.length));
    assert.equal(boundaries.size, content === classic ? 3 : 5);
  }
});

test('damage stops the reading with a sentence', async () => {
  const damaged = pcap([{ frame: FRAME }, { frame: FRAME }]);
  new DataView(damaged.buffer).setUint32(24 + 16 + FRAME.length + 8, 0x7fffffff, true);
  const reader = await inMemory(damaged);
  assert.equal((await readAll(reader)).length, 1);
  assert.match(reader.summary().damages[0], /read up to damage: the record at offset 87 announces 2147483647 captured bytes/);
});

for (const [suffix, compress] of [
  ['gz', gzipSync],
  ['zst', zstdCompressSync],
] as const) {
  test(`reads a .${suffix} file, and a cut one up to the cut`, async () => {
    const records = Array.from({ length: 20_000 }, (_, i) => ({ frame: [...FRAME, i & 255, (i * 7919) & 255], seconds: i }));
    const compressed = compress(pcap(records));
    const path = join(folder, `a.pcap.${suffix}`);
    writeFileSync(path, compressed);
    const { reader } = await openCaptures([path]);
    assert.equal((await readAll(reader)).length, records.length);
    assert.equal(reader.summary().truncated, false);
    writeFileSync(path, compressed.subarray(0, compressed.length >> 1));
    const { reader: cut } = await openCaptures([path]);
    const count = (await readAll(cut)).length;
    assert.ok(count > 1000 && count < records.length, `${count} packets`);
    assert.equal(cut.summary().truncated, true);
  });
}

test('damaged gzip data is read up to the damage', async () => {
  const records = Array.from({ length: 50_000 }, (_, i) => ({ frame: [...FRAME, i & 255, (i * 7919) & 255], seconds: i }));
  const compressed = gzipSync(pcap(records));
  compressed.fill(0xff, compressed.length >> 1, (compressed.length >> 1) + 64);
  const path = join(folder, 'damaged.pcap.gz');
  writeFileSync(path, compressed);
  const { reader } = await openCaptures([path]);
  assert.ok((await readAll(reader)).length > 1000);
  assert.match(reader.summary().damages[0], /damage/);
});

test('several files are one timeline; of equal times the first file comes first', async () => {
  const one = join(folder, 'one.pcap');
  const two = join(folder, 'two.pcap');
  writeFileSync(one, pcap([1, 3, 5].map((seconds) => ({ frame: FRAME, seconds }))));
  writeFileSync(two, pcap([2, 3, 4].map((seconds) => ({ frame: FRAME, seconds }))));
  const { reader } = await openCaptures([one, two]);
  const seen = (await readAll(reader)).map(({ frame, time, interface: from }) => [frame, Number(time), from >> 16]);
  assert.deepEqual(seen, [
    [1, 1, 0],
    [2, 2, 1],
    [3, 3, 0],
    [4, 3, 1],
    [5, 4, 1],
    [6, 5, 0],
  ]);
  const summary = reader.summary();
  assert.equal(summary.packets, 6);
  assert.equal(summary.firstTime, 1_000_000_000n);
  assert.equal(summary.lastTime, 5_000_000_000n);
});

test('a FILE that cannot be read is an error with a code, and the others are still read', async () => {
  const good = join(folder, 'good.pcap');
  const empty = join(folder, 'empty.pcap');
  const text = join(folder, 'text.pcap');
  const short = join(folder, 'short.pcap');
  writeFileSync(good, pcap([{ frame: FRAME }]));
  writeFileSync(empty, '');
  writeFileSync(text, 'These are the voyages of a file that is no capture at all.');
  writeFileSync(short, pcap([]).subarray(0, 10));
  const { reader, errors } = await openCaptures([join(folder, 'absent.pcap'), folder, empty, good, text, short]);
  assert.deepEqual(
    errors.map((error) => [error instanceof CaptureError, error.code]),
    [
      [true, 'missing'],
      [true, 'directory'],
      [true, 'empty'],
      [true, 'not-a-capture'],
      [true, 'not-a-capture'],
    ],
  );
  for (const error of errors) assert.ok(error.message.includes(error.path));
  assert.equal((await readAll(reader)).length, 1);
});

test('packets, bytes and times of all captures are those of the ground truth', { skip: NO_CAPTURES }, async () => {
  const names = captureNames();
  assert.ok(names.length > 0);
  for (const name of names) {
    const truth: { packets: number; wireBytes: number } = JSON.parse(readFileSync(join(CAPTURES, 'truth', `${name}.json`), 'utf8'));
    const { reader, errors } = await openCaptures([capturePath(name)]);
    assert.deepEqual(errors, []);
    await readAll(reader);
    const summary = reader.summary();
    assert.deepEqual([name, summary.packets, summary.bytes], [name, truth.packets, truth.wireBytes]);
  }
});
