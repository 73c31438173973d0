import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { host } from '@annunciator/testkit/host';
import { pcap } from '@annunciator/testkit/pcap-writer';
import { Connection } from '@annunciator/testkit/tcp';
import { Timeline } from '@annunciator/testkit/timeline';
import { MemorySource } from '../../tests/memory-source.ts';
import { CaptureFile } from '../capture/capture-file.ts';
import { Decoder } from '../decode.ts';
import { Packet } from '../packet.ts';
import { PacketArchive } from './archive.ts';
import { endOfText, PacketEnds } from './ends.ts';
import { evidenceOf, LIMITS, type Wanted } from './extract.ts';
import { pcapngFile } from './pcapng-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'annunciator-evidence-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const withoutTshark = spawnSync('tshark', ['--version']).status === 0 ? false : 'tshark is not installed';
let folders = 0;
const newFolder = (): string => join(folder, String(++folders));
const mac = (host: number): string => `02:00:00:00:00:${host.toString(16).padStart(2, '0')}`;

/** An Ethernet frame with an EtherType for experiments between two hosts, with a marker. */
function frameOf(marker: number, source = 2, destination = 1, length = 60): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set([2, 0, 0, 0, 0, destination, 2, 0, 0, 0, 0, source, 0x88, 0xb5, marker >>> 24, marker >>> 16, marker >>> 8, marker]);
  return bytes;
}

/** Takes packets as a sensor does. */
class Keeper {
  readonly archive: PacketArchive;
  readonly #decoder = new Decoder();
  readonly #ends = new PacketEnds(this.#decoder.addresses);
  frame = 0;

  constructor(path: string, budget = 1 << 24, fresh = false) {
    this.archive = new PacketArchive(path, { budget, fresh });
  }

  /** A packet whose nanoseconds are its frame number. */
  keep(second: number, bytes = frameOf(this.frame + 1), linkType = 1): void {
    this.frame++;
    const parts = { bytes, start: 0, end: bytes.length, frame: this.frame, seconds: second, nanoseconds: this.frame };
    this.take(Object.assign(new Packet(), { ...parts, wireLength: bytes.length, linkType }));
  }

  take(packet: Packet): void {
    this.archive.append(packet);
    this.#decoder.decode(packet);
    this.#ends.find(packet);
    this.archive.index(packet, this.#ends.source, this.#ends.destination);
  }

  evidence(wanted: Partial<Wanted>): readonly { bytes: Uint8Array; comment: string }[] | undefined {
    this.archive.flush();
    return evidenceOf(this.archive, { frames: [], seconds: 0, nanoseconds: 0, source: null, destination: null, ...wanted });
  }
}

const markers = (frames: readonly { bytes: Uint8Array }[] | undefined): number[] | undefined =>
  frames?.map(({ bytes }) => Buffer.from(bytes).readUInt32BE(14));
const named = (frames: readonly { bytes: Uint8Array; comment: string }[] | undefined): number[] | undefined =>
  markers(frames?.filter(({ comment }) => comment !== ''));
const sizeOf = (path: string): number => readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);

describe('the packets of an alert', () => {
  test('are its frames and those of its devices, both ways, from ten seconds before to twenty after', () => {
    const keeper = new Keeper(newFolder());
    // A packet a second: 1 to 2, 2 to 1, 3 to 1, and again.
    for (let frame = 1; frame <= 60; frame++) {
      const [source, destination] = [
        [1, 2],
        [2, 1],
        [3, 1],
      ][frame % 3];
      keeper.keep(1000 + frame, frameOf(frame, source, destination));
    }
    const frames = keeper.evidence({ frames: [30] });
    // Frame 30 goes from 1 to 2; 28 and 31 come back; 29 and 32 are of others.
    assert.deepEqual(markers(frames), [21, 22, 24, 25, 27, 28, 30, 31, 33, 34, 36, 37, 39, 40, 42, 43, 45, 46, 48, 49]);
    assert.deepEqual(named(frames), [30]);
  });

  test('hold what its devices said by other addresses, too', () => {
    const keeper = new Keeper(newFolder());
    keeper.keep(1000, frameOf(1, 5, 6));
    keeper.keep(1001, frameOf(2, 7, 8));
    keeper.keep(1002, frameOf(3, 6, 5));
    const wanted = { frames: [2], source: { ip: '10.0.0.1', mac: mac(5) }, destination: { ip: null, mac: mac(6) } };
    assert.deepEqual(markers(keeper.evidence(wanted)), [1, 2, 3]);
    assert.deepEqual(markers(keeper.evidence({ frames: [2] })), [2]);
  });

  test('of many frames to many devices are all there, with what each answered', () => {
    const keeper = new Keeper(newFolder());
    const frames: number[] = [];
    for (let host = 10; host < 60; host++) {
      keeper.keep(1000, frameOf(keeper.frame + 1, 2, host));
      frames.push(keeper.frame);
      keeper.keep(1000, frameOf(keeper.frame + 1, host, 2));
      keeper.keep(1000, frameOf(keeper.frame + 1, host, 3));
    }
    const found = keeper.evidence({ frames });
    assert.equal(found?.length, 100);
    assert.deepEqual(named(found), frames);
  });

  test('take no more than their share: what fired first, then the nearest before it, then what came after', () => {
    const keeper = new Keeper(newFolder(), 1 << 29);
    const count = 100_000;
    for (let frame = 1; frame <= count; frame++) keeper.keep(1000);
    const many = markers(keeper.evidence({ frames: [50_000] })) ?? [];
    // A little is kept for where connections began.
    assert.ok(many.length > LIMITS.packets - 1000 && many.length <= LIMITS.packets, String(many.length));
    assert.deepEqual([many[0], many.at(-1)], [50_000 - LIMITS.packets / 2 + 1, many[0] + many.length - 1]);
    for (let frame = 1; frame <= 300; frame++) keeper.keep(2000, frameOf(keeper.frame + 1, 4, 5, 60_000));
    const frames = keeper.evidence({ frames: [count + 150] }) ?? [];
    assert.deepEqual(named(frames), [count + 150]);
    const { length } = pcapngFile(frames as Parameters<typeof pcapngFile>[0], '');
    assert.ok(length <= LIMITS.bytes + 1000 && length > LIMITS.bytes - 300_000, String(length));
  });

  test('hold how a connection among them began, however long ago, and not how another on the same ports did', async () => {
    const keeper = new Keeper(newFolder(), 1 << 20);
    const timeline = new Timeline({ start: 1000 });
    const [hmi, plc] = [host('hmi', '10.0.0.1'), host('plc', '10.0.0.2')];
    const old = new Connection(timeline, hmi, plc, 502, { clientPort: 50_000 });
    old.request(Uint8Array.of(1));
    const one = new Connection(timeline.wait(5000), hmi, plc, 502, { clientPort: 50_000 });
    new Connection(timeline, hmi, plc, 502, { clientPort: 50_001 }).request(Uint8Array.of(2));
    one.request(Uint8Array.of(3));
    const filler = timeline.packets.length;
    for (let i = 0; i < 3000; i++)
      new Connection(timeline.wait(10), hmi, host('other', '10.0.0.9'), 80, { established: true }).request(Uint8Array.of(4));
    one.request(Uint8Array.of(5));
    for (const { seconds, frame } of timeline.packets) keeper.keep(seconds, frame);
    await keeper.archive.settled();
    assert.ok(filler < 20 && keeper.frame > 3000);
    const frames = keeper.evidence({ frames: [keeper.frame] }) ?? [];
    // SYN and SYN/ACK of the second connection on the port, then what fired.
    const syns = timeline.packets.map(({ frame }, i) => [i, frame[47]] as const).filter(([, flags]) => (flags & 2) !== 0);
    const [, , third, fourth] = syns.map(([i]) => timeline.packets[i].frame);
    assert.deepEqual(
      frames.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
      [third, fourth, timeline.packets.at(-1)?.frame ?? third].map((bytes) => Buffer.from(bytes).toString('hex')),
    );
    await keeper.archive.close();
  });

  test('are found in segments that are finished, by the index beside them', async () => {
    const path = newFolder();
    const keeper = new Keeper(path, 1 << 20);
    for (let frame = 1; frame <= 16_000; frame++) keeper.keep(1000 + Math.floor(frame / 20));
    await keeper.archive.settled();
    assert.ok(readdirSync(path).filter((name) => name.endsWith('.idx')).length > 3, readdirSync(path).join());
    const found = keeper.evidence({ frames: [8500, 12_005] });
    // Long ago, and around the last.
    assert.deepEqual(named(found), [8500, 12_005]);
    assert.equal(markers(found)?.[1], 11_800);
    assert.equal(markers(found)?.at(-1), 12_419);
    assert.equal(markers(keeper.evidence({ frames: [1] })), undefined, 'its segment was deleted for room');
  });

  test('are found by a later run by time and address, whether the one before could finish its index or not', async () => {
    for (const killed of [false, true]) {
      const path = newFolder();
      const first = new Keeper(path);
      for (let frame = 1; frame <= 100; frame++) first.keep(1000 + frame);
      first.archive.flush();
      if (killed)
        // Half a record.
        appendFileSync(join(path, '00000001.pcap'), Uint8Array.of(1, 2, 3));
      else await first.archive.close();
      const second = new Keeper(path);
      second.keep(5000, frameOf(1, 2, 1));
      const [source, destination] = [2, 1].map((host) => ({ ip: null, mac: mac(host) }));
      const at = { seconds: 1050, nanoseconds: 50 };
      const found = second.evidence({ ...at, source, destination });
      assert.deepEqual(
        markers(found),
        Array.from({ length: 31 }, (_, i) => 40 + i),
      );
      assert.deepEqual(named(found), [50]);
      const other = { ip: null, mac: mac(99) };
      assert.deepEqual(named(second.evidence({ ...at, source: other, destination: null })), [50], 'what fired is always there');
      const silent = second.evidence({ seconds: 1105, nanoseconds: 0, source, destination });
      assert.deepEqual(named(silent), [100], 'silence is told by the last packet before it');
      assert.equal(second.evidence({ seconds: 4000, nanoseconds: 0, source, destination }), undefined);
      await second.archive.close();
      const third = new Keeper(path, 1 << 24, true);
      assert.deepEqual(readdirSync(path), [], 'a run that reads the same again begins empty');
      await third.archive.close();
    }
  });

  test('do not depend on an index that is damaged or belongs to another segment', async () => {
    const path = newFolder();
    const first = new Keeper(path);
    for (let frame = 1; frame <= 50; frame++) first.keep(1000 + frame);
    await first.archive.close();
    for (const damage of [
      () => truncateSync(join(path, '00000001.idx'), 100),
      () => writeFileSync(join(path, '00000001.idx'), 'no index'),
    ]) {
      damage();
      const again = new Keeper(path);
      assert.equal(markers(again.evidence({ seconds: 1020, nanoseconds: 20, source: { ip: null, mac: mac(1) } }))?.length, 31);
      await again.archive.close();
    }
  });

  test('of several link types lie side by side', async () => {
    const keeper = new Keeper(newFolder());
    const ip = Uint8Array.of(0x45, 0, 0, 20, 0, 0, 0, 0, 64, 253, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2);
    for (let frame = 1; frame <= 20; frame++) keeper.keep(1000 + frame, frame % 2 === 0 ? ip : undefined, frame % 2 === 0 ? 101 : 1);
    const wanted = { frames: [11], source: { ip: '10.0.0.2', mac: null }, destination: { ip: '10.0.0.1', mac: null } };
    const found = keeper.evidence(wanted);
    assert.deepEqual(
      found?.map(({ bytes }) => bytes.length),
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 60 : 20)),
    );
    await keeper.archive.close();
  });
});

describe('the archive', () => {
  test('deletes the oldest segments before the budget is passed', async () => {
    const path = newFolder();
    const keeper = new Keeper(path, 80_000);
    for (let frame = 1; frame <= 5000; frame++) {
      keeper.keep(1000, frameOf(frame, 2, 1, frame < 2500 ? 60 : 18));
      if (frame % 50 !== 0) continue;
      await keeper.archive.settled();
      if (frame % 100 === 0) keeper.archive.flush();
      else keeper.archive.flushBeside();
      await keeper.archive.settled();
      assert.ok(sizeOf(path) <= 80_000, `${frame}: ${sizeOf(path)}`);
    }
    assert.equal(keeper.evidence({ frames: [1] }), undefined);
    assert.equal(named(keeper.evidence({ frames: [5000] }))?.[0], 5000);
    await keeper.archive.close();
    assert.ok(sizeOf(path) <= 80_000);
  });

  test('gives up the oldest segments when it gets less room, and keeps what comes within it', async () => {
    const path = newFolder();
    const keeper = new Keeper(path, 400_000);
    const keep = async (first: number, last: number) => {
      for (let frame = first; frame <= last; frame++) {
        keeper.keep(1000, frameOf(frame, 2, 1, 60));
        if (frame % 50 !== 0) continue;
        await keeper.archive.settled();
        keeper.archive.flush();
      }
    };
    await keep(1, 3000);
    assert.ok(sizeOf(path) > 200_000);
    keeper.archive.setBudget(80_000);
    await keeper.archive.settled();
    assert.ok(sizeOf(path) <= 80_000, String(sizeOf(path)));
    await keep(3001, 6000);
    await keeper.archive.close();
    assert.ok(sizeOf(path) <= 80_000, String(sizeOf(path)));
    assert.equal(keeper.archive.lost, 0);
    assert.equal(named(keeper.evidence({ frames: [6000] }))?.[0], 6000);
  });

  test('makes no file of each packet of traffic that changes its link type all the time', async () => {
    const path = newFolder();
    const keeper = new Keeper(path);
    for (let frame = 1; frame <= 1000; frame++) keeper.keep(1000, undefined, 100 + (frame % 10));
    await keeper.archive.close();
    assert.equal(readdirSync(path).length, 8);
    assert.equal(keeper.archive.lost, 600);
    assert.match(keeper.archive.failure, /more than 4 link types/);
  });

  test('keeps 16 bytes a packet in memory, for two segments and a half at most', async () => {
    const keeper = new Keeper(newFolder(), 1 << 26);
    const before = process.memoryUsage().arrayBuffers;
    const bytes = frameOf(1);
    for (let frame = 1; frame <= 600_000; frame++) {
      keeper.keep(1000, bytes);
      if (frame % 10_000 === 0) await keeper.archive.settled();
    }
    // Segments of 6.4 MB hold 88,000 of these: a fourth of that for an index, twice that for its room to grow.
    const held = process.memoryUsage().arrayBuffers - before;
    assert.ok(held < 20e6, `${held} bytes`);
    await keeper.archive.close();
  });

  test('writes segments that tshark reads', { skip: withoutTshark }, async () => {
    const path = newFolder();
    const keeper = new Keeper(path, 400_000);
    for (let frame = 1; frame <= 1000; frame++) keeper.keep(1000, undefined, frame % 10 === 0 ? 101 : 1);
    await keeper.archive.close();
    const counts = readdirSync(path)
      .filter((name) => name.endsWith('.pcap'))
      .map((name) => {
        const { status, stdout, stderr } = spawnSync('tshark', ['-r', join(path, name), '-T', 'fields', '-e', 'frame.number'], {
          encoding: 'utf8',
        });
        assert.equal(status, 0, stderr);
        return stdout.trim().split('\n').length;
      });
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      1000,
    );
  });

  for (const resolution of ['nano', 'micro'] as const)
    test(`takes whole pieces of a ${resolution}second capture, and finds each packet in them`, async () => {
      const packets = Array.from({ length: 3000 }, (_, i) => ({
        frame: frameOf(i + 1, 2, 1, 60 + (i % 100)),
        seconds: 1000 + Math.floor(i / 10),
        nanoseconds: (i % 10) * 1000,
      }));
      const key = ({ seconds, nanoseconds }: { seconds: number; nanoseconds: number }): number => seconds * 1e6 + nanoseconds / 1000;
      const file = await CaptureFile.from('memory', new MemorySource(pcap(packets, { resolution }), 70_000));
      const path = newFolder();
      const keeper = new Keeper(path, 1 << 26);
      const packet = new Packet();
      let number = 0;
      do {
        keeper.archive.begin(file.raw());
        while (file.next(packet)) {
          packet.frame = ++number;
          keeper.take(packet);
        }
        keeper.archive.end(file.raw());
      } while (await file.advance());
      assert.equal(number, 3000);
      const found = keeper.evidence({ frames: [7, 2000] }) ?? [];
      assert.deepEqual(named(found), [7, 2000]);
      assert.deepEqual(
        markers(found)?.slice(1),
        Array.from({ length: 310 }, (_, i) => 1891 + i),
      );
      const [, second] = found as unknown as { seconds: number; nanoseconds: number; bytes: Uint8Array }[];
      assert.deepEqual([second.seconds, second.nanoseconds], [1189, 0]);
      // Beyond what is read ahead at once, too.
      const all = (keeper.evidence({ frames: packets.map((_, i) => i + 1) }) ?? []) as unknown as {
        seconds: number;
        nanoseconds: number;
      }[];
      assert.deepEqual(all.map(key), packets.map(key));
      assert.deepEqual(second.bytes, packets[1890].frame);
      await keeper.archive.close();
      assert.equal(sizeOf(path), 24 + packets.reduce((sum, { frame }) => sum + 16 + frame.length, 0) + 48 + 16 + 16 * 3000);
      const later = new Keeper(path, 1 << 26);
      const ends = { source: { ip: null, mac: mac(2) }, destination: { ip: null, mac: mac(1) } };
      assert.deepEqual(named(later.evidence({ seconds: 1199, nanoseconds: 9000, ...ends })), [2000]);
    });

  test('gives times and lengths of damaged records as they were read', async () => {
    const bytes = Buffer.from(pcap([{ frame: frameOf(1), seconds: 2000, nanoseconds: 0 }]));
    bytes.writeInt32LE(-1, 24 + 4);
    bytes.writeUInt32LE(0xffff_ffff, 24 + 12);
    const file = await CaptureFile.from('memory', new MemorySource(bytes));
    const keeper = new Keeper(newFolder(), 1 << 26);
    const packet = new Packet();
    await file.advance();
    keeper.archive.begin(file.raw());
    assert.ok(file.next(packet));
    packet.frame = 1;
    keeper.take(packet);
    keeper.archive.end(file.raw());
    const [frame] = (keeper.evidence({ frames: [1] }) ?? []) as unknown as { seconds: number; nanoseconds: number; wireLength: number }[];
    assert.deepEqual([frame.seconds, frame.nanoseconds, frame.wireLength], [packet.seconds, packet.nanoseconds, packet.wireLength]);
    assert.deepEqual([frame.seconds, frame.nanoseconds, frame.wireLength], [1999, 999_999_000, 60]);
    await keeper.archive.close();
  });

  test('counts what a disk refuses, and goes on', async () => {
    const path = newFolder();
    const keeper = new Keeper(path, 1 << 22);
    rmSync(path, { recursive: true });
    keeper.keep(1000);
    assert.equal(keeper.archive.lost, 1);
    assert.match(keeper.archive.failure, /ENOENT/);
    assert.equal(keeper.evidence({ frames: [1] }), undefined);
    await keeper.archive.close();
  });

  test('counts the packets of a disk that is full', { skip: process.getuid?.() !== 0 && 'mounting needs root' }, async () => {
    const path = newFolder();
    const small = new PacketArchive(path, { budget: 1 << 24 });
    await small.close();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path], { encoding: 'utf8' });
    if (mounted.status !== 0) return;
    try {
      const keeper = new Keeper(path, 1 << 24);
      for (let frame = 1; frame <= 10_000; frame++) keeper.keep(1000);
      keeper.archive.flush();
      await keeper.archive.settled();
      assert.match(keeper.archive.failure, /ENOSPC/);
      assert.equal(keeper.archive.lost, 10_000);
      await keeper.archive.close();
    } finally {
      spawnSync('umount', [path]);
    }
  });

  test('knows ends by number or by text', () => {
    const decoder = new Decoder();
    const ends = new PacketEnds(decoder.addresses);
    const packet = new Packet();
    const six = [
      0x60,
      0,
      0,
      0,
      0,
      0,
      59,
      64,
      ...Buffer.from(`20010db8${'0'.repeat(23)}1`, 'hex'),
      ...Buffer.from(`fe80${'0'.repeat(27)}a`, 'hex'),
    ];
    for (const [bytes, linkType, source, destination] of [
      [[0x45, 0, 0, 20, 0, 0, 0, 0, 64, 253, 0, 0, 192, 168, 0, 1, 10, 0, 0, 2], 101, '192.168.0.1', '10.0.0.2'],
      [six, 101, '2001:db8::1', 'fe80::a'],
      [[...frameOf(1, 0xab, 0xcd)], 1, mac(0xab), mac(0xcd)],
    ] as const) {
      Object.assign(packet, { bytes: Uint8Array.from(bytes), start: 0, end: bytes.length, wireLength: bytes.length, linkType });
      decoder.decode(packet);
      ends.find(packet);
      assert.deepEqual([ends.source, ends.destination], [endOfText(source), endOfText(destination)], source);
      assert.notEqual(ends.source, ends.destination);
    }
  });
});

test('a pcapng file tells times to the nanosecond, lengths on the wire, and which packets the alert names', { skip: withoutTshark }, () => {
  const file = join(folder, 'one.pcapng');
  const frame = {
    seconds: 1_700_000_000,
    nanoseconds: 123_456_789,
    wireLength: 1500,
    linkType: 1,
    bytes: frameOf(1, 2, 1, 61),
    comment: 'named',
  };
  writeFileSync(file, pcapngFile([frame, { ...frame, comment: '', linkType: 101, bytes: Uint8Array.of(0x45, 0) }], 'alert 7'));
  const { stdout, stderr } = spawnSync(
    'tshark',
    ['-r', file, '-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len', '-e', 'frame.cap_len', '-e', 'frame.comment'],
    { encoding: 'utf8' },
  );
  assert.equal(stdout, '1700000000.123456789\t1500\t61\tnamed\n1700000000.123456789\t1500\t2\t\n', stderr);
});
