/**
 * The journal of a partition: every operation on its devices, and every message they sent, in the order in which the hub
 * accepted them. It is what back ends read messages from, and what counters are rebuilt from after a restart.
 *
 * Records that arrive while the disk is busy share the next write and its fdatasync. When a write fails, what was to be
 * written is refused and the file is cut back to its last whole record: nothing that was acknowledged is lost.
 */
import { mkdir, open, type FileHandle, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError } from '../hub-error.ts';
import { encodeRecord, type JournalEntry, type JournalPosition, type PlacedEntry } from './record.ts';
import { encodeHead, HEAD_BYTES, listSegments, readSegment, type Segment, segmentName } from './segment.ts';

export interface JournalLimits {
  /** Bytes of all files of this journal; the oldest files give way. */
  readonly maxBytes: number;
  readonly segmentBytes: number;
  /** Messages older than this give way, milliseconds. */
  readonly retentionMs: number;
  /** Bytes that may wait for the disk; more are refused. */
  readonly maxPendingBytes: number;
}

interface Pending {
  readonly entry: JournalEntry;
  readonly record: Buffer;
  readonly resolve: (placed: PlacedEntry) => void;
  readonly reject: (error: Error) => void;
}

/** Receives records once they are durable, in order. Must not throw and must be quick. */
export type JournalListener = (entries: readonly PlacedEntry[]) => void;

export class Journal {
  readonly #folder: string;
  readonly #limits: JournalLimits;
  #segments: Segment[];
  #file: FileHandle | undefined;
  /** Where the next record goes. */
  #end: JournalPosition;
  #nextSequence: number;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #flushing: Promise<void> | undefined;
  #closed = false;
  readonly #listeners = new Set<JournalListener>();
  /** Bytes given up because of age or the budget. */
  droppedBytes = 0;

  private constructor(folder: string, limits: JournalLimits, segments: Segment[], end: JournalPosition, nextSequence: number) {
    this.#folder = folder;
    this.#limits = limits;
    this.#segments = segments;
    this.#end = end;
    this.#nextSequence = nextSequence;
  }

  /** Opens a journal, makes it when there is none, and cuts off a record that a crash left unfinished. */
  static async open(folder: string, limits: JournalLimits): Promise<Journal> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const segments = await listSegments(folder);
    const last = segments.at(-1);
    let end = last?.begin ?? 0;
    let nextSequence = last?.firstSequence ?? 1;
    if (last)
      for await (const { next, event } of readSegment(last, last.begin)) {
        end = next;
        if (event) nextSequence = event.sequenceNumber + 1;
      }
    const journal = new Journal(folder, limits, segments, end, nextSequence);
    if (last) {
      journal.#file = await open(last.path, 'r+');
      await journal.#file.truncate(HEAD_BYTES + end - last.begin);
    }
    return journal;
  }

  /** Position of the oldest record that is still there. */
  get begin(): JournalPosition {
    return this.#segments[0]?.begin ?? this.#end;
  }

  get end(): JournalPosition {
    return this.#end;
  }

  /** Sequence number of the oldest message that is still there, and the one the next will have. */
  get sequences(): { first: number; next: number } {
    return { first: this.#segments[0]?.firstSequence ?? this.#nextSequence, next: this.#nextSequence };
  }

  listen(listener: JournalListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The number for the next message. Takes it: append the message at once. */
  takeSequence(): number {
    return this.#nextSequence++;
  }

  /** Appends a record; durable when the promise resolves. @throws HubError StorageFull, ServiceUnavailable */
  append(entry: JournalEntry): Promise<PlacedEntry> {
    if (this.#closed) return Promise.reject(new HubError('ServiceUnavailable', 'The hub is stopping.'));
    const record = encodeRecord(entry);
    if (this.#pendingBytes + record.length > this.#limits.maxPendingBytes)
      return Promise.reject(new HubError('ServiceUnavailable', 'The disk of the hub does not keep up: try again in a moment.'));
    this.#pendingBytes += record.length;
    return new Promise((resolve, reject) => {
      this.#pending.push({ entry, record, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async #flush(): Promise<void> {
    // What else arrives in this turn of the event loop joins the first write.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      this.#pendingBytes = 0;
      try {
        await this.#write(batch);
      } catch (error) {
        const refusal = await this.#refusal(error);
        for (const { reject } of batch) reject(refusal);
        continue;
      }
      this.#announce(batch);
    }
    this.#flushing = undefined;
  }

  async #write(batch: readonly Pending[]): Promise<void> {
    const current = this.#segments.at(-1);
    if (!this.#file || !current || this.#end - current.begin >= this.#limits.segmentBytes) await this.#roll(batch);
    const file = this.#file;
    const segment = this.#segments.at(-1);
    if (!file || !segment) throw new Error('no segment');
    const buffers = batch.map(({ record }) => record);
    const total = buffers.reduce((sum, { length }) => sum + length, 0);
    const { bytesWritten } = await file.writev(buffers, HEAD_BYTES + this.#end - segment.begin);
    // A short write is how a disk that fills up in the middle shows.
    if (bytesWritten < total) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    await file.datasync();
  }

  #announce(batch: readonly Pending[]): void {
    const placed = batch.map(({ entry, record }) => {
      const position = this.#end;
      this.#end += record.length;
      return { ...entry, position, next: this.#end };
    });
    for (const listener of this.#listeners) listener(placed);
    batch.forEach(({ resolve }, at) => resolve(placed[at]));
  }

  async #roll(batch: readonly Pending[]): Promise<void> {
    const firstSequence = batch.find(({ entry }) => entry.event)?.entry.event?.sequenceNumber ?? this.#nextSequence;
    const path = join(this.#folder, segmentName(this.#end));
    const file = await open(path, 'w', 0o600);
    try {
      await file.write(encodeHead(this.#end, firstSequence), 0, HEAD_BYTES, 0);
      await file.sync();
      await syncFolder(this.#folder);
    } catch (error) {
      await file.close();
      await unlink(path).catch(() => {});
      throw error;
    }
    await this.#file?.close();
    this.#file = file;
    this.#segments = [...this.#segments, { path, begin: this.#end, firstSequence }];
    await this.prune(Date.now());
  }

  /** Cuts the file back to what was acknowledged, and says what went wrong. */
  async #refusal(error: unknown): Promise<HubError> {
    const segment = this.#segments.at(-1);
    // When even this fails, opening the journal cuts the rest off.
    if (segment) await this.#file?.truncate(HEAD_BYTES + this.#end - segment.begin).catch(() => {});
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      return new HubError('StorageFull', 'The disk of the hub is full, nothing was written: free some space, then try again.');
    return new HubError('ServerError', `The hub's journal cannot be written: ${error instanceof Error ? error.message : String(error)}.`);
  }

  /** Drops whole files that are too old or over the budget; the newest stays. @param now milliseconds since 1970 */
  async prune(now: number): Promise<void> {
    while (this.#segments.length > 1) {
      const [oldest, second] = this.#segments;
      const tooMuch = this.#end - oldest.begin > this.#limits.maxBytes;
      if (!tooMuch && (await stat(oldest.path)).mtimeMs > now - this.#limits.retentionMs) return;
      this.#segments = this.#segments.slice(1);
      this.droppedBytes += second.begin - oldest.begin;
      await unlink(oldest.path).catch(() => {});
    }
  }

  /**
   * Records from a position up to the present end, in order.
   * @param from beginning of a record; what is older than the oldest record begins there
   */
  async *read(from: JournalPosition): AsyncGenerator<PlacedEntry> {
    const end = this.#end;
    let position = Math.max(from, this.begin);
    const segments = this.#segments;
    for (const [at, segment] of segments.entries()) {
      const next = segments[at + 1]?.begin ?? end;
      if (next <= position) continue;
      for await (const entry of readSegment(segment, Math.max(position, segment.begin), Math.min(next, end))) {
        yield entry;
        position = entry.next;
      }
    }
  }

  /** Where to begin to read so that no message with this number or a later one is missed. */
  positionBefore(sequenceNumber: number): JournalPosition {
    return this.#segments.findLast(({ firstSequence }) => firstSequence <= sequenceNumber)?.begin ?? this.begin;
  }

  /** The position itself when a record begins there, else one before it from which it is reached. */
  async recordAt(position: JournalPosition): Promise<JournalPosition> {
    const segment = this.#segments.findLast(({ begin }) => begin <= position);
    if (!segment) return this.begin;
    for await (const entry of readSegment(segment, position, Math.min(position + 1, this.#end)))
      if (entry.position === position) return position;
    return segment.begin;
  }

  /** Where to begin to read so that no message accepted at this time or later is missed. @param time milliseconds since 1970 */
  async positionBeforeTime(time: number): Promise<JournalPosition> {
    for (const segment of this.#segments.toReversed())
      for await (const { operation } of readSegment(segment, segment.begin, this.#end)) {
        if (operation.time < time) return segment.begin;
        break;
      }
    return this.begin;
  }

  /** Waits for what is under way, then closes. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushing;
    await this.#file?.close();
    this.#file = undefined;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
