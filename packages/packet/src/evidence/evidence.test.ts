import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Packet } from '../packet.ts';
import { evidenceOf, LIMITS } from './extract.ts';
import { PacketIndex } from './packet-index.ts';
import { pcapngFile } from './pcapng-file.ts';
import { scanSegments } from './scan.ts';
import { listSegments, SegmentWriter } from './segments.ts';

const folder = mkdtempSync(join(tmpdir(), 'annunciator-evidence-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const withoutTshark = spawnSync('tshark', ['--version']).status === 0 ? false : 'tshark is not installed';
let folders = 0;
const newFolder = (): string => join(folder, String(++folders));

/** An Ethernet frame with an EtherType for experiments, a marker and padding. */
function frameOf(marker: number, length = 60): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5, marker >>> 24, marker >>> 16, marker >>> 8, marker]);
  return bytes;
}

function packetOf(frame: number, second: number, bytes = frameOf(frame), linkType = 1): Packet {
  const packet = new Packet();
  return Object.assign(packet, {
    bytes,
    start: 0,
    end: bytes.length,
    frame,
    seconds: second,
    nanoseconds: frame,
    wireLength: bytes.length,
    linkType,
  });
}

/** A store that has taken packets: `flows[i]` is the row of frame i + 1, a packet a second. */
function filled(flows: readonly number[], step = 1): { index: PacketIndex; writer: SegmentWriter } {
  const writer = new SegmentWriter(newFolder(), { budget: 1 << 24 });
  const index = new PacketIndex(1 << 10);
  const begun = new Set<number>();
  flows.forEach((row, i) => {
    const second = 1000 + Math.floor(i * step);
    index.add(i + 1, writer.append(packetOf(i + 1, second)), second, row, row >= 0 && !begun.has(row));
    begun.add(row);
  });
  return { index, writer };
}

const markers = (frames: readonly { bytes: Uint8Array }[] | undefined): number[] | undefined =>
  frames?.map(({ bytes }) => Buffer.from(bytes).readUInt32BE(14));

describe('evidence', () => {
  test('an alert gets its frames and those of its flow from ten seconds before to twenty after', () => {
    const { index, writer } = filled(Array.from({ length: 60 }, (_, i) => i % 2));
    const frames = evidenceOf(index, writer, [30]);
    // Frame 30 is in row 1: even frames, a second apart.
    assert.deepEqual(markers(frames), [20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50]);
    assert.deepEqual(markers(frames?.filter(({ comment }) => comment !== '')), [30]);
  });

  test('frames of several flows are all there, and one without a flow too', () => {
    const { index, writer } = filled([0, 1, 2, -1, -1], 30);
    assert.deepEqual(markers(evidenceOf(index, writer, [1, 3, 4])), [1, 3, 4]);
  });

  test('packets of a flow that had the row before are not taken for those of the flow', () => {
    const writer = new SegmentWriter(newFolder(), { budget: 1 << 24 });
    const index = new PacketIndex(64);
    for (const [frame, begins] of [
      [1, true],
      [2, false],
      [3, true],
      [4, false],
    ] as const)
      index.add(frame, writer.append(packetOf(frame, 1000)), 1000, 5, begins);
    assert.deepEqual(markers(evidenceOf(index, writer, [2])), [1, 2]);
    assert.deepEqual(markers(evidenceOf(index, writer, [3])), [3, 4]);
  });

  test('a frame that the ring has forgotten gives nothing', () => {
    const { index, writer } = filled(Array.from({ length: 2000 }, () => 0));
    assert.equal(evidenceOf(index, writer, [10]), undefined);
    assert.deepEqual(markers(evidenceOf(index, writer, [10, 2000]))?.at(-1), 2000);
  });

  test('one alert takes no more than its share, and what fired is always in it', () => {
    const writer = new SegmentWriter(newFolder(), { budget: 1 << 29 });
    const index = new PacketIndex();
    const count = LIMITS.packets + 5000;
    for (let frame = 1; frame <= count; frame++) index.add(frame, writer.append(packetOf(frame, 1000)), 1000, 0, frame === 1);
    const many = markers(evidenceOf(index, writer, [count]));
    assert.equal(many?.length, LIMITS.packets);
    assert.equal(many?.at(-1), count);
    const long = frameOf(7, 60_000);
    for (let frame = count + 1; frame <= count + 300; frame++)
      index.add(frame, writer.append(packetOf(frame, 2000, long)), 2000, 1, frame === count + 1);
    const frames = evidenceOf(index, writer, [count + 200]) ?? [];
    assert.ok(pcapngFile(frames, '').length <= LIMITS.bytes + 1000);
    assert.equal(frames.filter(({ comment }) => comment !== '').length, 1);
  });

  test('the oldest segments go before the budget is passed, and their packets are missed without an error', async () => {
    const path = newFolder();
    const writer = new SegmentWriter(path, { budget: 80_000 });
    const positions: number[] = [];
    for (let frame = 1; frame <= 3000; frame++) {
      positions.push(writer.append(packetOf(frame, 1000)));
      if (frame % 50 !== 0) continue;
      await writer.settled();
      if (frame % 100 === 0) writer.flush();
      else writer.flushBeside();
      assert.ok(listSegments(path).reduce((sum, { size }) => sum + size, 0) <= 80_000);
    }
    await writer.settled();
    assert.equal(writer.read(positions[0]), undefined);
    assert.deepEqual(writer.read(positions[2999])?.bytes, frameOf(3000));
    assert.equal(writer.read(positions[2700])?.nanoseconds, 2701);
    await writer.close();
  });

  test('each segment is a capture that tshark reads', { skip: withoutTshark }, async () => {
    const path = newFolder();
    const writer = new SegmentWriter(path, { budget: 400_000 });
    for (let frame = 1; frame <= 1000; frame++) writer.append(packetOf(frame, 1000, frameOf(frame), frame % 10 === 0 ? 101 : 1));
    await writer.close();
    const counts = readdirSync(path).map((name) => {
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

  test('a pcapng file tells times to the nanosecond, lengths on the wire, and which packets the alert names', {
    skip: withoutTshark,
  }, () => {
    const file = join(folder, 'one.pcapng');
    const frame = {
      seconds: 1_700_000_000,
      nanoseconds: 123_456_789,
      wireLength: 1500,
      linkType: 1,
      bytes: frameOf(1, 61),
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

  test('a later run goes on after the segments of the one before, and finds packets in them by time and address', async () => {
    const path = newFolder();
    const first = new SegmentWriter(path, { budget: 1 << 22 });
    for (let frame = 1; frame <= 100; frame++) first.append(packetOf(frame, 1000 + frame));
    await first.close();
    // A run that was killed leaves half a record.
    appendFileSync(listSegments(path)[0].path, Uint8Array.of(1, 2, 3));
    const second = new SegmentWriter(path, { budget: 1 << 22 });
    second.append(packetOf(1, 5000));
    second.flush();
    const a = { ip: null, mac: '02:00:00:00:00:01' };
    const b = { ip: null, mac: '02:00:00:00:00:02' };
    const at = { seconds: 1050, nanoseconds: 50 };
    const found = await scanSegments(second.segments(), { ...at, source: a, destination: b });
    assert.deepEqual(
      markers(found),
      Array.from({ length: 31 }, (_, i) => 40 + i),
    );
    assert.deepEqual(markers(found?.filter(({ comment }) => comment !== '')), [50]);
    const other = { ip: null, mac: '02:00:00:00:00:99' };
    assert.deepEqual(
      markers(await scanSegments(second.segments(), { ...at, source: other, destination: null })),
      [50],
      'what fired is always there',
    );
    const silent = await scanSegments(second.segments(), { seconds: 1105, nanoseconds: 0, source: a, destination: b });
    assert.deepEqual(markers(silent?.filter(({ comment }) => comment !== '')), [100], 'silence is told by the last packet before it');
    assert.equal(await scanSegments(second.segments(), { seconds: 4000, nanoseconds: 0, source: a, destination: b }), undefined);
    await second.close();
    assert.equal(new SegmentWriter(path, { budget: 1 << 22, fresh: true }).segments().length, 0);
  });

  test('a disk that refuses costs packets, not the run', () => {
    const path = newFolder();
    const writer = new SegmentWriter(path, { budget: 1 << 22 });
    rmSync(path, { recursive: true });
    assert.equal(writer.append(packetOf(1, 1000)), -1);
    assert.equal(writer.lost, 1);
    assert.match(writer.failure, /ENOENT/);
    assert.ok(!statSync(path, { throwIfNoEntry: false }));
  });
});
