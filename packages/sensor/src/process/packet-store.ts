/**
 * The packets of the sensor: keeps all for a while, and writes down those of an alert when the process around asks for
 * them: at once, and again when the time after the alert has passed.
 *
 * Hot code: `append` and `index` run for every packet and allocate nothing.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECOND } from '@annunciator/core/time';
import { evidenceOf, WINDOW } from '@annunciator/packet/evidence/extract';
import { PacketIndex } from '@annunciator/packet/evidence/packet-index';
import { type EvidenceFrame, pcapngFile } from '@annunciator/packet/evidence/pcapng-file';
import { scanSegments } from '@annunciator/packet/evidence/scan';
import { SegmentWriter } from '@annunciator/packet/evidence/segments';
import type { Packet } from '@annunciator/packet/packet';
import type { FlowTable } from '@annunciator/packet/tables/flow-table';
import type { Evidence, PacketStart, Pin } from './messages.ts';

/** Alerts that wait for their packets at most; milliseconds of work for them in one batch. */
const MOST_WAITING = 10_000;
const WORK = 40;

export const OVERWRITTEN = 'Its packets were deleted before they could be copied: newer ones needed their room.';
export const TOO_MANY = 'Too many alerts came at once to copy the packets of each.';

interface Waiting {
  readonly pin: Pin;
  /** Packet second from which on the time after the alert has passed. */
  readonly complete: number;
  readonly told: string;
}

export class PacketStore {
  readonly #segments: SegmentWriter;
  readonly #index = new PacketIndex();
  readonly #folder: string;
  readonly #tell: (evidence: Evidence) => void;
  #position = -1;
  #second = 0;
  readonly #asked: Pin[] = [];
  readonly #waiting: Waiting[] = [];
  /** Alerts of an earlier run whose frames are read again, and are not there yet. */
  readonly #ahead: Pin[] = [];
  #warned = '';

  /** @throws the error of the file system when the folders cannot be made */
  constructor(start: PacketStart, tell: (evidence: Evidence) => void) {
    this.#segments = new SegmentWriter(join(start.folder, 'segments'), { budget: start.budget, fresh: start.fresh });
    this.#folder = join(start.folder, 'evidence');
    this.#tell = tell;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** Packets that could not be kept, and why the last one; empty when all were. */
  get lost(): number {
    return this.#segments.lost;
  }

  get failure(): string {
    return this.#segments.failure;
  }

  /** Keeps the frame; to be called before the sensor takes it, since decoding may move `packet.bytes` elsewhere. */
  append(packet: Packet): void {
    this.#position = this.#segments.append(packet);
  }

  /** Remembers where the frame just appended is; to be called after the sensor took it, when its flow is known. */
  index(packet: Packet, flows: FlowTable): void {
    this.#second = packet.seconds;
    this.#index.add(packet.frame, this.#position, packet.seconds, flows.row, flows.created);
  }

  /** The packets of an alert are wanted. */
  pin(pin: Pin): void {
    if (this.#asked.length < MOST_WAITING) this.#asked.push(pin);
    else this.#tell({ alert: pin.alert, state: 'missing', reason: TOO_MANY });
  }

  /** Writes what was appended, and evidence that is due; to be called after each batch. Gives a new complaint of the disk, or empty. */
  async batch(): Promise<string> {
    await this.#segments.settled();
    if (this.#ahead.length > 0) this.#asked.push(...this.#ahead.splice(0));
    const until = performance.now() + WORK;
    for (let pin = this.#asked.shift(); pin; pin = performance.now() < until ? this.#asked.shift() : undefined) await this.#first(pin);
    while (this.#waiting.length > 0 && this.#waiting[0].complete < this.#second && performance.now() < until) this.#complete();
    this.#segments.flushBeside();
    return this.#complaint();
  }

  /** Writes all evidence that is still wanted; no packet comes after. */
  async finish(): Promise<void> {
    await this.#segments.settled();
    for (const pin of this.#asked.splice(0)) await this.#first(pin);
    for (const pin of this.#ahead.splice(0)) this.#tell({ alert: pin.alert, state: 'missing', reason: OVERWRITTEN });
    while (this.#waiting.length > 0) this.#complete();
    this.#segments.flush();
  }

  close(): Promise<void> {
    return this.#segments.close();
  }

  async #first(pin: Pin): Promise<void> {
    const fired = pin.frames.at(-1);
    if (fired !== undefined && fired > this.#index.newest) {
      this.#ahead.push(pin);
      return;
    }
    let frames = evidenceOf(this.#index, this.#segments, pin.frames);
    if (!frames) {
      this.#segments.flush();
      frames = await scanSegments(this.#segments.segments(), {
        seconds: Number(pin.time / SECOND),
        nanoseconds: Number(pin.time % SECOND),
        source: pin.source,
        destination: pin.destination,
      });
      if (frames) this.#write(pin, frames);
      else this.#tell({ alert: pin.alert, state: 'missing', reason: OVERWRITTEN });
      return;
    }
    const told = this.#write(pin, frames);
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push({ pin, complete: Number(pin.time / SECOND) + WINDOW.after, told });
  }

  /** The time after the oldest waiting alert has passed: its evidence is written again if more came. */
  #complete(): void {
    const waiting = this.#waiting.shift();
    if (!waiting) return;
    const frames = evidenceOf(this.#index, this.#segments, waiting.pin.frames);
    if (frames) this.#write(waiting.pin, frames, waiting.told);
  }

  /** Writes the file unless it is the one told before. Gives its hash, empty when it could not be written. */
  #write(pin: Pin, frames: readonly EvidenceFrame[], told = ''): string {
    const bytes = pcapngFile(frames, `Alert ${pin.alert}`);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 === told) return told;
    try {
      const path = evidencePath(this.#folder, sha256);
      writeFileSync(`${path}.part`, bytes, { mode: 0o600 });
      renameSync(`${path}.part`, path);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (told === '') this.#tell({ alert: pin.alert, state: 'missing', reason: `Its packets could not be written to disk: ${why}.` });
      return told;
    }
    this.#tell({ alert: pin.alert, state: 'available', sha256, size: bytes.length, packets: frames.length });
    return sha256;
  }

  #complaint(): string {
    const { failure, lost } = this.#segments;
    if (failure === this.#warned) return '';
    this.#warned = failure;
    return `Packets are not kept for alerts (${lost} so far): ${failure}.`;
  }
}

/** File of evidence by its hash. */
export function evidencePath(folder: string, sha256: string): string {
  return join(folder, `${sha256}.pcapng`);
}
