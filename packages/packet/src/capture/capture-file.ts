/**
 * One capture FILE: opened, sniffed (pcap or pcapng, plain or compressed) and read record by record.
 *
 * Hot code: `next` runs for every packet and allocates nothing.
 */
import type { Packet } from '../packet.ts';
import type { ByteSource } from './byte-source.ts';
import { openBytes } from './byte-source.ts';
import { CaptureError } from './capture-error.ts';
import { Chunk } from './chunk.ts';
import type { RawRecords } from './packet-source.ts';
import { isPcap, PcapRecords } from './pcap.ts';
import { isPcapng, PcapngRecords } from './pcapng.ts';
import type { Records } from './records.ts';

/** Bytes that tell the format, and the length of a pcap file header. */
const SNIFFED = 24;

export class CaptureFile {
  readonly path: string;
  readonly #chunk: Chunk;
  readonly #source: ByteSource;
  readonly #records: Records;
  #damage: string | null = null;
  #done = false;
  /** Where the records of this batch begin in the chunk. */
  #from: number;

  private constructor(path: string, source: ByteSource, chunk: Chunk, records: Records) {
    this.path = path;
    this.#source = source;
    this.#chunk = chunk;
    this.#records = records;
    this.#from = chunk.at;
  }

  /** @throws CaptureError when the FILE is missing, a directory, empty, unreadable or no capture */
  static async open(path: string): Promise<CaptureFile> {
    return CaptureFile.from(path, await openBytes(path));
  }

  /** Reads a capture from any source of bytes; `path` is its name in messages. */
  static async from(path: string, source: ByteSource, chunkSize?: number): Promise<CaptureFile> {
    const chunk = new Chunk(source, chunkSize);
    try {
      while (chunk.left < SNIFFED && (await chunk.refill()));
      const records = sniff(path, chunk, source);
      return new CaptureFile(path, source, chunk, records);
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  get format(): string {
    return this.#records.format;
  }

  get decimals(): number {
    return this.#records.decimals;
  }

  /** One sentence about where and why reading stopped before the regular end, or null. */
  get damage(): string | null {
    return this.#damage;
  }

  /** Packets left out because they name an interface that the file does not describe. */
  get unknownInterface(): number {
    return this.#records instanceof PcapngRecords ? this.#records.unknownInterface : 0;
  }

  /** No packet is left. */
  get done(): boolean {
    return this.#done;
  }

  /** Fills the frame part of the packet with the next record. False: call `advance`. */
  next(packet: Packet): boolean {
    return this.#records.next(packet);
  }

  /** The packets of this batch as records, where they lie so; null where they do not. */
  raw(): RawRecords | null {
    const kind = this.#records instanceof PcapRecords ? this.#records.rawKind : null;
    const { bytes, at, end } = this.#chunk;
    return kind && { ...kind, bytes, from: this.#from, to: at, most: Math.max(at, end) };
  }

  /** Reads on. False when the end is reached. The bytes of the packets read so far are gone afterwards. */
  async advance(): Promise<boolean> {
    if (this.#done) return false;
    const more = this.#records.damage === null && (await this.#chunk.refill());
    this.#from = this.#chunk.at;
    if (more) return true;
    this.#done = true;
    await this.close();
    const why = this.#records.damage ?? this.#source.damage;
    if (why !== null) this.#damage = `${this.path} was read up to damage: ${why}.`;
    else if (this.#chunk.at !== this.#chunk.end) {
      this.#damage = `${this.path} is cut off: it ends inside the record that begins at offset ${this.#chunk.offset}.`;
    }
    return false;
  }

  close(): Promise<void> {
    return this.#chunk.close();
  }
}

function sniff(path: string, chunk: Chunk, source: ByteSource): Records {
  const head = chunk.bytes.subarray(chunk.at, chunk.end);
  if (head.length === 0 && source.damage === null) {
    throw new CaptureError('empty', path, `${path} holds no bytes; there is no capture in it.`);
  }
  if (head.length >= SNIFFED) {
    if (isPcap(head)) return new PcapRecords(chunk);
    if (isPcapng(head)) return new PcapngRecords(chunk);
  }
  const why = source.damage ?? (head.length < SNIFFED ? `it has only ${head.length} bytes` : `it begins with ${hex(head)}`);
  throw new CaptureError(
    'not-a-capture',
    path,
    `${path} is no pcap or pcapng capture (${why}); give a file that tcpdump or Wireshark wrote.`,
  );
}

function hex(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
