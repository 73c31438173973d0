/**
 * The diagnostics log: every operation as one JSON line, named as the product's resource logs are. Files are bounded; lines of
 * telemetry have files of their own, so that a busy device does not push out what an investigator looks for.
 *
 * Each line says where its record stands in the journal, so after a crash the log goes on exactly where it ended.
 */
import { mkdirSync } from 'node:fs';
import { appendFile, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubCategory, HubOperation, HubOperationConsumer, RecordedOperation } from '@annunciator/rules/hub-operation';

export interface DiagnosticsLogOptions {
  readonly folder: string;
  /** Bytes of all files. */
  readonly maxBytes: number;
  /** Stands in each line as `resourceId`. */
  readonly resourceId: string;
  /** Addresses as they are; otherwise their last part is masked. */
  readonly unmaskedAddresses?: boolean;
  readonly log: (line: string) => void;
}

type Family = 'operations' | 'telemetry';
const FAMILIES: readonly Family[] = ['operations', 'telemetry'];
/** Files of a family; the oldest gives way. */
const FILES = 8;
const WRITE_MS = 200;
/** Characters that may wait to be written; beyond that lines are dropped and counted. */
const MOST_WAITING = 16 << 20;

export class DiagnosticsLog implements HubOperationConsumer {
  readonly #options: DiagnosticsLogOptions;
  /** How far each partition was written when the log was opened. */
  readonly #written: Record<Family, ReadonlyMap<number, number>>;
  readonly #waiting: Record<Family, string[]> = { operations: [], telemetry: [] };
  #waitingCharacters = 0;
  readonly #files: Record<Family, { number: number; bytes: number }>;
  #writing: Promise<void> | undefined;
  readonly #timer: NodeJS.Timeout;
  #enabled: (category: HubCategory) => boolean = () => true;
  /** Lines that found no room in memory or on the disk. */
  dropped = 0;

  private constructor(
    options: DiagnosticsLogOptions,
    written: Record<Family, ReadonlyMap<number, number>>,
    files: Record<Family, { number: number; bytes: number }>,
  ) {
    this.#options = options;
    this.#written = written;
    this.#files = files;
    this.#timer = setInterval(() => void this.flush(), WRITE_MS).unref();
  }

  static async open(options: DiagnosticsLogOptions): Promise<DiagnosticsLog> {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const written: Record<Family, Map<number, number>> = { operations: new Map(), telemetry: new Map() };
    const files: Record<Family, { number: number; bytes: number }> = {
      operations: { number: 1, bytes: 0 },
      telemetry: { number: 1, bytes: 0 },
    };
    for (const family of FAMILIES) {
      const numbers = await numbersOf(options.folder, family);
      const newest = numbers.at(-1);
      if (newest === undefined) continue;
      const path = join(options.folder, fileName(family, newest));
      files[family] = { number: newest, bytes: (await stat(path)).size };
      notePositions(await readFile(path, 'utf8'), written[family]);
    }
    return new DiagnosticsLog(options, written, files);
  }

  /** Which categories are written; all of them unless told otherwise. */
  choose(enabled: (category: HubCategory) => boolean): void {
    this.#enabled = enabled;
  }

  resumeAt(partition: number): number | null {
    const places = FAMILIES.flatMap((family) => this.#written[family].get(partition) ?? []);
    return places.length > 0 ? Math.min(...places) : null;
  }

  accept(partition: number, records: readonly RecordedOperation[]): void {
    for (const { operation, next } of records) {
      const family = operation.category === 'DeviceTelemetry' ? 'telemetry' : 'operations';
      if (!this.#enabled(operation.category) || next <= (this.#written[family].get(partition) ?? 0)) continue;
      if (this.#waitingCharacters > MOST_WAITING) {
        this.dropped++;
        continue;
      }
      const line = this.#line(operation, partition, next);
      this.#waitingCharacters += line.length;
      this.#waiting[family].push(line);
    }
  }

  #line(operation: HubOperation, partition: number, next: number): string {
    const { deviceId, moduleId, protocol, authentication, policy, statusCode, reason, sizeBytes, count, side } = operation;
    const address = this.#options.unmaskedAddresses ? operation.ipAddress : masked(operation.ipAddress);
    return `${JSON.stringify({
      time: new Date(operation.time).toISOString(),
      resourceId: this.#options.resourceId,
      operationName: operation.operation,
      category: operation.category,
      level: operation.result === 'accepted' ? 'Information' : 'Error',
      resultType: statusCode === 0 ? '' : String(statusCode),
      resultDescription: operation.detail ?? '',
      durationMs: String(operation.durationMs),
      properties: JSON.stringify({
        deviceId,
        moduleId,
        side,
        protocol,
        authType: authentication,
        policy,
        reason,
        sizeBytes,
        count,
        maskedIpAddress: address,
      }),
      location: '',
      record: `${partition}:${next}`,
    })}\n`;
  }

  /** Writes what waits. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    for (const family of FAMILIES) {
      const lines = this.#waiting[family];
      if (lines.length === 0) continue;
      this.#waiting[family] = [];
      const text = lines.join('');
      this.#waitingCharacters -= text.length;
      try {
        await this.#append(family, text);
      } catch (error) {
        // The journal still has them; the log's own room is not worth stopping for.
        this.dropped += lines.length;
        this.#options.log(`The diagnostics log could not be written: ${String(error)}`);
      }
    }
  }

  async #append(family: Family, text: string): Promise<void> {
    const file = this.#files[family];
    const most = this.#options.maxBytes / FAMILIES.length / FILES;
    if (file.bytes > 0 && file.bytes + text.length > most) {
      file.number++;
      file.bytes = 0;
      const numbers = await numbersOf(this.#options.folder, family);
      for (const old of numbers.slice(0, Math.max(0, numbers.length - FILES + 1)))
        await unlink(join(this.#options.folder, fileName(family, old)));
    }
    await appendFile(join(this.#options.folder, fileName(family, file.number)), text, { mode: 0o600 });
    file.bytes += Buffer.byteLength(text);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    await this.flush();
  }
}

function fileName(family: Family, number: number): string {
  return `${family}-${String(number).padStart(8, '0')}.jsonl`;
}

/** Numbers of a family's files, oldest first. */
async function numbersOf(folder: string, family: Family): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => {
      const match = new RegExp(`^${family}-(\\d{8})\\.jsonl$`).exec(name);
      return match ? [Number(match[1])] : [];
    })
    .sort((a, b) => a - b);
}

/** Notes the furthest place of each partition that the lines tell. A last line that was cut off tells none. */
function notePositions(text: string, positions: Map<number, number>): void {
  for (const [, partition, next] of text.matchAll(/"record":"(\d+):(\d+)"}\n/g)) {
    const known = positions.get(Number(partition)) ?? 0;
    positions.set(Number(partition), Math.max(known, Number(next)));
  }
}

/** The last part of an IPv4 address, or the lower half of an IPv6 address, hidden. */
export function masked(address: string | null): string | null {
  if (address === null) return null;
  if (address.includes(':')) return `${address.split(':').slice(0, 4).join(':')}:XXXX`;
  return address.replace(/\.\d+$/, '.XXX');
}
