/**
 * The packets of the sensor: keeps all for a while, and writes down those of an alert when the process around asks for
 * them: at once, and again when the time after the alert has passed.
 *
 * Hot code: `append` and `index` run for every packet and allocate nothing.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert, Endpoint } from '@annunciator/core/alert';
import { SECOND } from '@annunciator/core/time';
import type { RawRecords } from '@annunciator/packet/capture/packet-source';
import { PacketArchive } from '@annunciator/packet/evidence/archive';
import { PacketEnds } from '@annunciator/packet/evidence/ends';
import { evidenceOf, WINDOW } from '@annunciator/packet/evidence/extract';
import { type EvidenceFrame, pcapngFile } from '@annunciator/packet/evidence/pcapng-file';
import type { Packet } from '@annunciator/packet/packet';
import type { AddressTable } from '@annunciator/packet/tables/address-table';
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
  readonly #archive: PacketArchive;
  readonly #ends: PacketEnds;
  readonly #folder: string;
  readonly #tell: (evidence: Evidence) => void;
  #second = 0;
  #newest = 0;
  readonly #asked: Pin[] = [];
  readonly #waiting: Waiting[] = [];
  /** Alerts of an earlier run whose frames are read again, and are not there yet. */
  readonly #ahead: Pin[] = [];
  #warned = '';
  /** Bytes that the archive may have after this batch. */
  #budget: number | undefined;

  /**
   * @param addresses of the decoder that decodes the packets
   * @throws the error of the file system when the folders cannot be made
   */
  constructor(start: PacketStart, addresses: AddressTable, tell: (evidence: Evidence) => void) {
    this.#archive = new PacketArchive(join(start.folder, 'segments'), { budget: start.budget, fresh: start.fresh });
    this.#ends = new PacketEnds(addresses);
    this.#folder = join(start.folder, 'evidence');
    this.#tell = tell;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** Packets that could not be kept, and why the last one; empty when all were. */
  get lost(): number {
    return this.#archive.lost;
  }

  get failure(): string {
    return this.#archive.failure;
  }

  /** A batch of packets follows; they lie as records in the buffer of their source, or do not. */
  begin(raw: RawRecords | null): void {
    this.#archive.begin(raw);
  }

  /** Keeps the frame; to be called before the sensor takes it, since decoding may move `packet.bytes` elsewhere. */
  append(packet: Packet): void {
    this.#archive.append(packet);
  }

  /** Remembers where the frame just appended is; to be called after the sensor took it, when it is decoded. */
  index(packet: Packet): void {
    const ends = this.#ends;
    ends.find(packet);
    this.#second = packet.seconds;
    this.#newest = packet.frame;
    this.#archive.index(packet, ends.source, ends.destination);
  }

  /** The packets of an alert are wanted. */
  pin(pin: Pin): void {
    if (this.#asked.length < MOST_WAITING) this.#asked.push(pin);
    else this.#tell({ alert: pin.alert, state: 'missing', reason: TOO_MANY });
  }

  /** The packets of all traffic may have so many bytes on disk, from the end of this batch on. */
  setBudget(bytes: number): void {
    this.#budget = bytes;
  }

  /** Writes the batch, and evidence that is due. Gives a new complaint of the disk, or empty. */
  async batch(raw: RawRecords | null): Promise<string> {
    await this.#archive.settled();
    this.#archive.end(raw);
    if (this.#budget !== undefined) this.#archive.setBudget(this.#budget);
    this.#budget = undefined;
    if (this.#ahead.length > 0) this.#asked.push(...this.#ahead.splice(0));
    const until = performance.now() + WORK;
    if (this.#asked.length > 0 || this.#isDue()) this.#archive.flush();
    for (let pin = this.#asked.shift(); pin; pin = performance.now() < until ? this.#asked.shift() : undefined) this.#first(pin);
    while (this.#isDue() && performance.now() < until) this.#complete();
    this.#archive.flushBeside();
    return this.#complaint();
  }

  /** Writes all evidence that is still wanted; no packet comes after. */
  async finish(): Promise<void> {
    await this.#archive.settled();
    this.#archive.flush();
    for (const pin of this.#asked.splice(0)) this.#first(pin);
    for (const pin of this.#ahead.splice(0)) this.#tell({ alert: pin.alert, state: 'missing', reason: OVERWRITTEN });
    while (this.#waiting.length > 0) this.#complete();
  }

  close(): Promise<void> {
    return this.#archive.close();
  }

  #isDue(): boolean {
    return this.#waiting.length > 0 && this.#waiting[0].complete < this.#second;
  }

  #first(pin: Pin): void {
    const fired = pin.frames.at(-1);
    if (fired !== undefined && fired > this.#newest) {
      this.#ahead.push(pin);
      return;
    }
    const frames = this.#evidence(pin);
    if (!frames) {
      this.#tell({ alert: pin.alert, state: 'missing', reason: OVERWRITTEN });
      return;
    }
    const told = this.#write(pin, frames);
    const complete = Number(pin.time / SECOND) + WINDOW.after;
    if (complete >= this.#second && this.#waiting.length < MOST_WAITING) this.#waiting.push({ pin, complete, told });
  }

  /** The time after the oldest waiting alert has passed: its evidence is written again if more came. */
  #complete(): void {
    const waiting = this.#waiting.shift();
    if (!waiting) return;
    const frames = this.#evidence(waiting.pin);
    if (frames) this.#write(waiting.pin, frames, waiting.told);
  }

  #evidence({ frames, time, source, destination }: Pin): EvidenceFrame[] | undefined {
    const at = { seconds: Number(time / SECOND), nanoseconds: Number(time % SECOND) };
    return evidenceOf(this.#archive, { frames, ...at, source, destination });
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
    const { failure, lost } = this;
    if (failure === this.#warned) return '';
    this.#warned = failure;
    return `Packets are not kept for alerts (${lost} so far): ${failure}.`;
  }
}

/** File of evidence by its hash. */
export function evidencePath(folder: string, sha256: string): string {
  return join(folder, `${sha256}.pcapng`);
}

/** Frames of a detection that its packets are looked for by. */
const MOST_FRAMES = 1000;

/** Asks for the packets of an alert, or of the event of a rule. @param frames of its first detection, ascending, the one that fired last; none when an earlier run saw them */
export function pinOf(alert: Pick<Alert, 'id' | 'firstDetection' | 'source' | 'destination'>, frames: readonly number[]): Pin {
  return {
    alert: alert.id,
    time: alert.firstDetection,
    frames: frames.slice(-MOST_FRAMES),
    source: addressesOf(alert.source),
    destination: addressesOf(alert.destination),
  };
}

function addressesOf(end: Endpoint | null): Pin['source'] {
  return end && { ip: end.ip, mac: end.mac };
}
