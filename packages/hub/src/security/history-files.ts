/**
 * What devices did in the past, on disk: a file for each day (UTC) and partition, in it a compressed frame for each bucket. A
 * bucket may stand there twice after a crash; the later one holds. The oldest days give way to a budget.
 */
import { appendFile, mkdir, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { ActivityFrame } from '@annunciator/rules/history/activity-history';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);
const DAY_MINUTES = 1440;
/** Frames are far smaller: what claims more is damage. */
const MOST_FRAME = 1 << 28;

export class HistoryFiles {
  readonly #folder: string;
  readonly #maxBytes: number;

  private constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  static async open(folder: string, maxBytes: number): Promise<HistoryFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new HistoryFiles(folder, maxBytes);
  }

  async append(partition: number, frame: ActivityFrame): Promise<void> {
    const packed = await deflate(JSON.stringify(frame), { level: 4 });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(packed.length);
    await appendFile(join(this.#folder, nameOf(frame.bucket, partition)), Buffer.concat([length, packed]), { mode: 0o600 });
  }

  /** Frames of a partition whose buckets begin in `[from, to)`, minutes since 1970. */
  async *read(partition: number, from: number, to: number): AsyncGenerator<ActivityFrame> {
    for (let day = Math.floor(from / DAY_MINUTES); day * DAY_MINUTES < to; day++) {
      const file = await readFile(join(this.#folder, nameOf(day * DAY_MINUTES, partition))).catch(() => Buffer.alloc(0));
      const frames = new Map<number, ActivityFrame>();
      for (const packed of framesOf(file)) {
        // Written by append; one that a crash cut off does not inflate.
        const frame = await inflate(packed).then(
          (text) => JSON.parse(text.toString('utf8')) as ActivityFrame,
          () => undefined,
        );
        if (frame && frame.bucket >= from && frame.bucket < to) frames.set(frame.bucket, frame);
      }
      yield* frames.values();
    }
  }

  /** Beginning of the oldest day, minutes since 1970; undefined while there is nothing. */
  async oldest(): Promise<number | undefined> {
    const days = (await this.#files()).map(({ day }) => day);
    return days.length === 0 ? undefined : Math.min(...days);
  }

  /** Drops days that are too old, and the oldest ones beyond the budget. @param before minutes since 1970 */
  async prune(before: number): Promise<void> {
    const files = (await this.#files()).sort((a, b) => b.day - a.day);
    let total = 0;
    for (const { name, day } of files) {
      total += (await stat(join(this.#folder, name))).size;
      if (total > this.#maxBytes || day + DAY_MINUTES <= before) await unlink(join(this.#folder, name));
    }
  }

  async #files(): Promise<{ name: string; day: number }[]> {
    return (await readdir(this.#folder)).flatMap((name) => {
      const match = /^(\d{4}-\d\d-\d\d)-\d+\.frames$/.exec(name);
      return match ? [{ name, day: Date.parse(`${match[1]}T00:00:00Z`) / 60_000 }] : [];
    });
  }
}

function nameOf(minute: number, partition: number): string {
  return `${new Date(minute * 60_000).toISOString().slice(0, 10)}-${partition}.frames`;
}

function* framesOf(file: Buffer): Generator<Buffer> {
  for (let offset = 0; offset + 4 <= file.length; ) {
    const length = file.readUInt32BE(offset);
    const end = offset + 4 + length;
    if (length > MOST_FRAME || end > file.length) return;
    yield file.subarray(offset + 4, end);
    offset = end;
  }
}
