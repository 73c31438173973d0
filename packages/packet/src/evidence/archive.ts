/**
 * The packets of the last minutes, hours or days on disk, within a budget: segments (pcap files of one link type each,
 * numbered in the order they were begun) with an index beside each. The oldest go before all of them pass the budget. A
 * disk that refuses never stops the sensor: the packets are lost, counted, and the next ones begin another segment.
 *
 * Hot code: `append` and `index` run for every packet and allocate nothing.
 */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RawRecords } from '../capture/packet-source.ts';
import { type Packet, Tcp } from '../packet.ts';
import { readIndex, readTimes, writeIndex } from './index-file.ts';
import { PCAP_HEADER, RECORD_HEADER, SegmentFile } from './segment-file.ts';
import { BEGINS, SegmentIndex } from './segment-index.ts';
import { indexSegment } from './segment-reading.ts';

const LONGEST_SEGMENT = 1 << 25;
/** Segments are at most this share of the budget, so that one of every open link type fits. */
const SEGMENTS_IN_BUDGET = 10;
/** Link types whose packets are kept at the same time; those of further ones are not. */
const MOST_OPEN = 4;
/** Segments that are kept, whatever their size: each start of the sensor begins another. */
const MOST_SEGMENTS = 10_000;
/** An index is at most this share of its segment: one of tiny packets ends early. */
const INDEX_SHARE = 4;
const BYTES_OF_ENTRY = 16;
/** Indexes of finished segments that stay in memory: that of the last one, and one that was asked for. */
const MOST_LOADED = 2;

export interface ArchiveOptions {
  /** Bytes that segments and indexes may have together. */
  readonly budget: number;
  /** Begins empty: what an earlier run left is deleted. */
  readonly fresh?: boolean;
}

/** A finished segment. */
interface Finished {
  readonly number: number;
  readonly size: number;
  indexSize: number;
  /** Frames of this run; 0 of another. */
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Packet seconds; unknown until its index is read. */
  times: { readonly first: number; readonly last: number } | undefined;
}

/** A segment and the index of its packets, for reading. */
export interface IndexedSegment {
  readonly number: number;
  readonly path: string;
  readonly index: SegmentIndex;
  /** Bytes of whole records and the header. */
  readonly size: number;
}

export class PacketArchive {
  /** Packets that the disk refused, and why it last did; empty when it never did. */
  lost = 0;
  failure = '';
  readonly #folder: string;
  #budget: number;
  #segmentSize: number;
  readonly #open = new Map<number, SegmentFile>();
  #current: SegmentFile | undefined;
  /** The packets of this batch lie as records: they are written whole. */
  #raw = false;
  /** The last packet was kept. */
  #kept = false;
  /** By number, oldest first. */
  readonly #finished = new Map<number, Finished>();
  /** Indexes of finished segments in memory, the one used last at the end. */
  readonly #loaded = new Map<number, SegmentIndex>();
  /** Room of an index that is not needed any more, for the next one. */
  #room: Int32Array | undefined;
  #next = 1;
  #writes: Promise<void>[] = [];

  /** @throws the error of the file system when the folder cannot be made or listed */
  constructor(folder: string, options: ArchiveOptions) {
    this.#folder = folder;
    this.#budget = options.budget;
    this.#segmentSize = segmentSizeOf(options.budget);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const files = new Map(readdirSync(folder).map((name) => [name, options.fresh ? 0 : statSync(join(folder, name)).size]));
    for (const [name, size] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const number = Number(/^(\d{8})\.pcap$/.exec(name)?.[1]);
      if (options.fresh) rmSync(join(folder, name), { recursive: true, force: true });
      else if (number > 0) {
        const indexSize = files.get(fileName(number, 'idx')) ?? 0;
        this.#finished.set(number, { number, size, indexSize, firstFrame: 0, lastFrame: 0, times: undefined });
        this.#next = number + 1;
      }
    }
  }

  /** Segments and indexes may have so many bytes from now on; the oldest beyond them go at once. To be called between batches. */
  setBudget(budget: number): void {
    this.#budget = budget;
    this.#segmentSize = segmentSizeOf(budget);
    for (const open of this.#open.values()) if (open.length > this.#segmentSize) this.#finish(open);
    try {
      this.#makeRoom();
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  /** The packets that follow lie in the buffer of their source as records, if they do; to be told before each batch. */
  begin(raw: RawRecords | null): void {
    this.#raw = false;
    if (raw === null || raw.most <= raw.from) return;
    const length = raw.most - raw.from;
    // So small a budget has segments that no batch fits: its packets are copied one by one.
    if (PCAP_HEADER + length > this.#segmentSize || (length / RECORD_HEADER) * BYTES_OF_ENTRY * INDEX_SHARE > this.#segmentSize) return;
    const open = this.#with(raw.linkType, raw.nanoseconds, length);
    if (!open) return;
    open.expect(raw);
    this.#raw = true;
  }

  /** Keeps the frame part of a packet. To be called before it is decoded, which may move `packet.bytes` elsewhere. */
  append(packet: Packet): void {
    const open = this.#current;
    if (this.#raw && open !== undefined) {
      open.pass(packet);
      this.#kept = true;
      return;
    }
    this.#kept = this.#copy(packet);
  }

  /** Remembers where the packet just appended is, now that it is decoded: by its frame number, its second and its ends. */
  index(packet: Packet, source: number, destination: number): void {
    const open = this.#current;
    if (!this.#kept || open === undefined) return;
    const begins = (packet.flags & Tcp.SYN) !== 0 ? BEGINS : 0;
    open.index.add(packet.frame, open.offset | begins, packet.seconds, source, destination);
  }

  /** All packets of the batch were appended: writes those that lie as records, before their buffer is filled again. */
  end(raw: RawRecords | null): void {
    const open = this.#current;
    if (this.#raw && raw !== null && open !== undefined) {
      open.write(raw);
      if (open.failure) this.#finish(open);
    }
    this.#raw = false;
  }

  /** Begins to write what was copied, beside what follows. */
  flushBeside(): void {
    for (const open of this.#open.values()) {
      open.flushBeside();
      this.#writes.push(open.settled());
    }
  }

  /** Resolves when no write is under way; to be waited for before the next batch. */
  async settled(): Promise<void> {
    while (this.#writes.length > 0) await Promise.all(this.#writes.splice(0));
    for (const open of this.#open.values()) if (open.failure) this.#finish(open);
  }

  /** Writes what was appended, so that it can be read. */
  flush(): void {
    for (const open of this.#open.values()) {
      open.flush();
      if (open.failure) this.#finish(open);
    }
  }

  /** Segments that hold packets of a time (packet seconds), oldest first; the indexes of finished ones are read as they are asked for. */
  *during(first: number, last: number, newestFirst = false): Generator<IndexedSegment> {
    const overlaps = ({ index }: { readonly index: SegmentIndex }): boolean =>
      index.count > 0 && index.firstSecond <= last && index.lastSecond >= first;
    const chosen = this.#select(overlaps, (finished) => {
      finished.times ??= readTimes(this.#path(finished.number, 'idx'), finished.size);
      return finished.times === undefined || (finished.times.first <= last && finished.times.last >= first);
    });
    for (const read of newestFirst ? chosen.reverse() : chosen) {
      const segment = read();
      if (segment && overlaps(segment)) yield segment;
    }
  }

  /** Up to so many segments before this one, the nearest first. */
  *earlier(number: number, most: number): Generator<IndexedSegment> {
    const numbers = [...this.#finished.keys()].filter((other) => other < number).slice(-most);
    for (const other of numbers.reverse()) {
      const finished = this.#finished.get(other);
      const segment = finished && this.#read(finished);
      if (segment) yield segment;
    }
  }

  /** The segment that holds a frame of this run, and its entry there. */
  find(frame: number): { readonly segment: IndexedSegment; readonly entry: number } | undefined {
    const segments = this.#select(
      ({ index }) => index.firstFrame <= frame && index.lastFrame >= frame,
      ({ firstFrame, lastFrame }) => firstFrame <= frame && lastFrame >= frame && firstFrame > 0,
    );
    for (const read of segments) {
      const segment = read();
      const entry = segment?.index.entryOf(frame) ?? -1;
      if (segment && entry >= 0) return { segment, entry };
    }
    return undefined;
  }

  /** Bytes of all segments and indexes, with what is not written yet. */
  get size(): number {
    let sum = 0;
    for (const { size, indexSize } of this.#finished.values()) sum += size + indexSize;
    for (const open of this.#open.values()) sum += open.length;
    return sum;
  }

  async close(): Promise<void> {
    await this.settled();
    for (const open of this.#open.values()) this.#finish(open);
    await this.settled();
    this.#loaded.clear();
  }

  #copy(packet: Packet): boolean {
    const record = RECORD_HEADER + packet.end - packet.start;
    const open = this.#current;
    if (
      open !== undefined &&
      open.linkType === packet.linkType &&
      open.nanoseconds &&
      open.length + record <= this.#segmentSize &&
      !this.#isIndexFull(open, record)
    ) {
      open.append(packet);
      return true;
    }
    const other = PCAP_HEADER + record > this.#segmentSize ? undefined : this.#with(packet.linkType, true, record);
    if (other) other.append(packet);
    else this.lost++;
    return other !== undefined;
  }

  /** The open segment of a kind with room for so many bytes; makes it the current one. */
  #with(linkType: number, nanoseconds: boolean, room: number): SegmentFile | undefined {
    const kind = linkType * 2 + Number(nanoseconds);
    let open = this.#open.get(kind);
    if (open && (open.failure || open.length + room > this.#segmentSize || this.#isIndexFull(open, room))) {
      this.#finish(open);
      open = undefined;
    }
    if (!open) {
      // Traffic that changes its link type with each packet must not make a file of each.
      if (this.#open.size >= MOST_OPEN) this.failure = `packets of more than ${MOST_OPEN} link types came at once`;
      else open = this.#begin(kind, linkType, nanoseconds);
    }
    this.#current = open;
    return open;
  }

  /** Records of so many more bytes might be more entries than the index has room for. */
  #isIndexFull(open: SegmentFile, more: number): boolean {
    return (open.index.count + more / RECORD_HEADER) * BYTES_OF_ENTRY * INDEX_SHARE > this.#segmentSize;
  }

  #begin(kind: number, linkType: number, nanoseconds: boolean): SegmentFile | undefined {
    try {
      this.#makeRoom();
      const index = new SegmentIndex(this.#room);
      this.#room = undefined;
      const begun = new SegmentFile(this.#path(this.#next, 'pcap'), this.#next, linkType, nanoseconds, index);
      this.#next++;
      this.#open.set(kind, begun);
      return begun;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  /** Deletes the oldest segments until one more whole segment and its index fit. */
  #makeRoom(): void {
    let total = (this.#open.size + 1) * this.#segmentSize * (1 + 1 / INDEX_SHARE);
    for (const { size, indexSize } of this.#finished.values()) total += size + indexSize;
    for (const { number, size, indexSize } of this.#finished.values()) {
      if (total <= this.#budget && this.#finished.size < MOST_SEGMENTS) return;
      for (const kind of ['pcap', 'idx'] as const) rmSync(this.#path(number, kind), { force: true });
      this.#finished.delete(number);
      this.#loaded.delete(number);
      total -= size + indexSize;
    }
  }

  /** Ends a segment: writes its rest, and its index. */
  #finish(open: SegmentFile): void {
    open.finish();
    for (const [kind, other] of this.#open) if (other === open) this.#open.delete(kind);
    if (this.#current === open) this.#current = undefined;
    this.#writes.push(open.settled());
    const { number, index } = open;
    if (open.failure) {
      this.failure = open.failure.message;
      const before = index.count;
      index.cut(open.size);
      this.lost += before - index.count;
    }
    let indexSize = 0;
    try {
      indexSize = writeIndex(this.#path(number, 'idx'), index, open.size);
    } catch (error) {
      // The packets are there; without an index they are found by reading the segment.
      this.failure = error instanceof Error ? error.message : String(error);
    }
    this.#finished.set(number, {
      number,
      size: open.size,
      indexSize,
      firstFrame: index.firstFrame,
      lastFrame: index.lastFrame,
      times: { first: index.firstSecond, last: index.lastSecond },
    });
    this.#load(number, index);
  }

  /** Segments by number, each to be read when it is needed; undefined then when it was deleted or has no index. */
  #select(wantsOpen: (open: SegmentFile) => boolean, wantsFinished: (finished: Finished) => boolean): (() => IndexedSegment | undefined)[] {
    const finished = [...this.#finished.values()].filter(wantsFinished).map((one) => ({ number: one.number, read: () => this.#read(one) }));
    const open = [...this.#open.values()].filter(wantsOpen).map((one) => ({
      number: one.number,
      read: (): IndexedSegment => ({ number: one.number, path: this.#path(one.number, 'pcap'), index: one.index, size: one.size }),
    }));
    return [...finished, ...open].sort((a, b) => a.number - b.number).map(({ read }) => read);
  }

  #read(finished: Finished): IndexedSegment | undefined {
    const index = this.#indexOf(finished);
    return index && { number: finished.number, path: this.#path(finished.number, 'pcap'), index, size: finished.size };
  }

  #indexOf(finished: Finished): SegmentIndex | undefined {
    const { number, size } = finished;
    const loaded = this.#loaded.get(number) ?? readIndex(this.#path(number, 'idx'), size);
    if (loaded) return this.#load(number, loaded);
    // A run that was killed had no time to write it.
    const read = indexSegment(this.#path(number, 'pcap'));
    if (!read) return undefined;
    try {
      finished.indexSize = writeIndex(this.#path(number, 'idx'), read, size);
    } catch {
      // It is read again next time.
    }
    finished.times = { first: read.firstSecond, last: read.lastSecond };
    return this.#load(number, read);
  }

  #load(number: number, index: SegmentIndex): SegmentIndex {
    this.#loaded.delete(number);
    this.#loaded.set(number, index);
    for (const [oldest, { entries }] of this.#loaded) {
      if (this.#loaded.size <= MOST_LOADED) break;
      this.#loaded.delete(oldest);
      if (entries.length > (this.#room?.length ?? 0)) this.#room = entries;
    }
    return index;
  }

  #path(number: number, kind: 'pcap' | 'idx'): string {
    return join(this.#folder, fileName(number, kind));
  }
}

function fileName(number: number, kind: 'pcap' | 'idx'): string {
  return `${String(number).padStart(8, '0')}.${kind}`;
}

function segmentSizeOf(budget: number): number {
  return Math.min(LONGEST_SEGMENT, Math.floor(budget / SEGMENTS_IN_BUDGET));
}
