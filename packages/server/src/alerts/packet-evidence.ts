/**
 * The files of packets that alerts have, and events of rules that want them: which alert has which, that all of them stay within a budget, and that alerts
 * say what is true. Sensors write the files; two alerts with the same packets share one.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PcapState } from '@annunciator/core/alert';
import type { EvidenceRecord } from '@annunciator/store/evidence-records';

const AVAILABLE: PcapState = { state: 'available', reason: null };
export const DELETED = 'Its packets were deleted: those of newer alerts needed the room.';
export const GONE = 'The file of its packets is not on disk any more.';
export const DAMAGED = 'The file of its packets was changed on disk, so it is no evidence any more.';

/** `EvidenceRecords` of the store. */
export interface EvidenceStore {
  put(record: EvidenceRecord): Promise<void>;
  remove(alerts: readonly string[]): Promise<void>;
  list(): Promise<readonly EvidenceRecord[]>;
}

export interface PacketEvidenceOptions {
  readonly folder: string;
  /** Bytes that all files may have together, until {@link PacketEvidence.setBudget} says otherwise. */
  readonly budget: number;
  readonly records: EvidenceStore;
  /** Takes in what is true about the packets of an alert. */
  readonly setPackets: (alert: string, pcap: PcapState) => Promise<void>;
}

export class PacketEvidence {
  readonly #options: PacketEvidenceOptions;
  /** By alert, oldest first. */
  readonly #records = new Map<string, EvidenceRecord>();
  /** How many alerts have a file. */
  readonly #uses = new Map<string, number>();
  #bytes = 0;
  #budget: number;
  /** Changes in order, one after the other. */
  #changes: Promise<void> = Promise.resolve();

  private constructor(options: PacketEvidenceOptions) {
    this.#options = options;
    this.#budget = options.budget;
  }

  /** Opens what the store kept; alerts whose file is gone say so afterwards. */
  static async open(options: PacketEvidenceOptions): Promise<PacketEvidence> {
    const evidence = new PacketEvidence(options);
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const files = new Set(await readdir(options.folder));
    for (const record of await options.records.list()) {
      evidence.#add(record);
      if (!files.has(fileName(record.sha256))) await evidence.#drop(record, GONE);
    }
    // A run that was killed may have written a file and not its record.
    for (const { sha256 } of evidence.#records.values()) files.delete(fileName(sha256));
    for (const file of files) await rm(join(options.folder, file), { force: true });
    await evidence.#keepBudget();
    return evidence;
  }

  path(sha256: string): string {
    return join(this.#options.folder, fileName(sha256));
  }

  /** Packets of the alert, or of the event, can be read. */
  has(alert: string): boolean {
    return this.#records.has(alert);
  }

  /** A sensor has written the packets of an alert, perhaps again. */
  written(record: EvidenceRecord): Promise<void> {
    return this.#change(async () => {
      const before = this.#records.get(record.alert);
      await this.#options.records.put(record);
      this.#add(record);
      if (before) await this.#release(before);
      else await this.#options.setPackets(record.alert, AVAILABLE);
      await this.#keepBudget();
    });
  }

  /** The packets of an alert cannot be had. */
  missing(alert: string, reason: string): Promise<void> {
    return this.#change(() => this.#options.setPackets(alert, { state: 'missing', reason }));
  }

  /** Alerts are deleted, and their packets with them. */
  forget(alerts: readonly string[]): Promise<void> {
    return this.#change(async () => {
      const records = alerts.flatMap((alert) => this.#records.get(alert) ?? []);
      if (records.length === 0) return;
      await this.#options.records.remove(records.map(({ alert }) => alert));
      for (const record of records) {
        this.#records.delete(record.alert);
        await this.#release(record);
      }
    });
  }

  /** The packets of an alert as pcapng; a sentence when they are not what was written; undefined when there never were any. */
  async read(alert: string): Promise<{ readonly bytes: Buffer; readonly sha256: string } | string | undefined> {
    const record = this.#records.get(alert);
    if (!record) return undefined;
    const found = await readEvidence(this.#options.folder, record.sha256);
    // Written again in this moment: the newer file is as good.
    if (this.#records.get(alert) !== record) return this.read(alert);
    if (typeof found !== 'string') return { bytes: found, sha256: record.sha256 };
    await this.#change(() => this.#drop(record, found));
    return found;
  }

  /** All files may have so many bytes from now on; the oldest beyond them go at once. */
  setBudget(bytes: number): Promise<void> {
    return this.#change(() => {
      this.#budget = bytes;
      return this.#keepBudget();
    });
  }

  #change(work: () => Promise<void>): Promise<void> {
    const turn = this.#changes.then(work);
    this.#changes = turn.catch(() => undefined);
    return turn;
  }

  #add(record: EvidenceRecord): void {
    this.#records.set(record.alert, record);
    const uses = this.#uses.get(record.sha256) ?? 0;
    if (uses === 0) this.#bytes += record.size;
    this.#uses.set(record.sha256, uses + 1);
  }

  /** An alert does not need a file any more. */
  async #release(record: EvidenceRecord): Promise<void> {
    const uses = (this.#uses.get(record.sha256) ?? 1) - 1;
    this.#uses.set(record.sha256, uses);
    if (uses > 0) return;
    this.#uses.delete(record.sha256);
    this.#bytes -= record.size;
    await rm(this.path(record.sha256), { force: true });
  }

  async #drop(record: EvidenceRecord, reason: string): Promise<void> {
    if (this.#records.get(record.alert) !== record) return;
    await this.#options.setPackets(record.alert, { state: reason === DELETED ? 'expired' : 'missing', reason });
    await this.#options.records.remove([record.alert]);
    this.#records.delete(record.alert);
    await this.#release(record);
  }

  async #keepBudget(): Promise<void> {
    for (const record of this.#records.values()) {
      if (this.#bytes <= this.#budget) return;
      await this.#drop(record, DELETED);
    }
  }
}

/** The bytes of a file of evidence; a sentence when they are not what was written. */
export async function readEvidence(folder: string, sha256: string): Promise<Buffer | string> {
  const bytes = await readFile(join(folder, fileName(sha256))).catch(() => undefined);
  if (bytes === undefined) return GONE;
  return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : DAMAGED;
}

function fileName(sha256: string): string {
  return `${sha256}.pcapng`;
}
