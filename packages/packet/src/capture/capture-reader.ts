/**
 * What drives the packet path from files: one FILE, or several as one timeline ordered by packet time.
 *
 *     const { reader, errors } = await openCaptures(paths);
 *     const packet = new Packet();
 *     const decoder = new Decoder();
 *     const flows = new FlowTable();
 *     const order = new TcpOrder(flows, consumer);            // consume, gap, restart
 *     flows.onEvict = (row) => order.forget(row);
 *     let second = -1;
 *     do {
 *       while (reader.next(packet)) {                         // packet.bytes is valid until the next call
 *         if (packet.seconds !== second) flows.sweep((second = packet.seconds), 64);
 *         decoder.decode(packet);
 *         if (packet.fragment || packet.stopped) continue;    // counted in decoder.problems and decoder.fragments
 *         const row = flows.touch(packet);                    // flows.direction, flows.created
 *         if (row < 0) continue;                              // refused and counted
 *         if (packet.protocol === IpProtocol.TCP) order.accept(packet, row, flows.direction);
 *         else ...                                            // datagram: packet.bytes[payload, payloadEnd)
 *       }
 *       ...                                                   // between batches of about 1 MiB: flush, progress
 *     } while (await reader.advance());
 *     order.finish();
 *     reader.summary();
 *
 * Hot code: `next` runs for every packet and allocates nothing; a single file does not pay for the merge.
 */
import type { Instant } from '@annunciator/core/time';
import { instant } from '@annunciator/core/time';
import { isReadable, linkTypeName } from '../link-types.ts';
import { Packet } from '../packet.ts';
import { CaptureError } from './capture-error.ts';
import { CaptureFile } from './capture-file.ts';
import type { PacketSource, RawRecords } from './packet-source.ts';

export interface CaptureSummary {
  readonly files: readonly string[];
  /** `pcap`, `pcap (nanoseconds)`, `pcapng`; each once. */
  readonly formats: readonly string[];
  readonly linkTypes: readonly string[];
  /** All packets, those of skipped link types included. */
  readonly packets: number;
  /** Bytes on the wire. */
  readonly bytes: number;
  /** Earliest and latest time of a packet, null without packets. */
  readonly firstTime: Instant | null;
  readonly lastTime: Instant | null;
  /** Decimals that the time stamps carry: 6 or 9. */
  readonly decimals: number;
  readonly truncated: boolean;
  /** One sentence for each file that was not read to a regular end. */
  readonly damages: readonly string[];
  /** Packets that were counted but not decoded, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** Opens several FILEs; those that cannot be read are told in `errors` and left out. */
export async function openCaptures(paths: readonly string[]): Promise<{ reader: CaptureReader; errors: CaptureError[] }> {
  const files: CaptureFile[] = [];
  const errors: CaptureError[] = [];
  for (const path of paths) {
    try {
      files.push(await CaptureFile.open(path));
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      errors.push(error);
    }
  }
  return { reader: new CaptureReader(files), errors };
}

export class CaptureReader implements PacketSource {
  readonly #files: readonly CaptureFile[];
  /** The only file, or null when several are merged. */
  readonly #single: CaptureFile | null;
  /** Next packet of each file of the timeline, and whether it is there. */
  readonly #heads: readonly Packet[];
  readonly #ready: boolean[];
  /** The file that has to read on before the timeline can. */
  #starved = 0;

  #packets = 0;
  #bytes = 0;
  #firstSeconds = Number.MAX_SAFE_INTEGER;
  #firstNanoseconds = 0;
  #lastSeconds = -1;
  #lastNanoseconds = 0;
  #linkType = -1;
  #linkTypeReadable = false;
  readonly #linkTypes = new Set<number>();
  readonly #skipped = new Map<number, number>();

  constructor(files: readonly CaptureFile[]) {
    this.#files = files;
    this.#single = files.length === 1 ? files[0] : null;
    this.#heads = files.map(() => new Packet());
    this.#ready = files.map(() => false);
  }

  /**
   * Fills the frame part of the packet (bytes, start, end, frame, time, wireLength, interface, linkType) with the next
   * one of a link type that the decoder reads; others are counted. False: the batch is over, call `advance`.
   */
  next(packet: Packet): boolean {
    for (;;) {
      if (this.#single === null ? !this.#merged(packet) : !this.#single.next(packet)) return false;
      packet.frame = ++this.#packets;
      this.#bytes += packet.wireLength;
      const seconds = packet.seconds;
      const nanoseconds = packet.nanoseconds;
      if (seconds === this.#lastSeconds && nanoseconds >= this.#lastNanoseconds) this.#lastNanoseconds = nanoseconds;
      else this.#span(seconds, nanoseconds);
      if (packet.linkType !== this.#linkType) this.#meet(packet.linkType);
      if (this.#linkTypeReadable) return true;
      this.#skipped.set(packet.linkType, (this.#skipped.get(packet.linkType) ?? 0) + 1);
    }
  }

  /** The bytes of a batch stay until `advance`. */
  together(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** Reads the next batch; false at the end of all files. The bytes of packets read so far are gone afterwards. */
  async advance(): Promise<boolean> {
    if (this.#single !== null) return this.#single.advance();
    if (this.#starved >= this.#files.length) return false;
    await this.#files[this.#starved].advance();
    return this.#files.some((file, index) => !file.done || this.#ready[index]);
  }

  /** The packets of this batch as records: of a single pcap file of a link type that is read. */
  raw(): RawRecords | null {
    const raw = this.#single?.raw() ?? null;
    return raw && isReadable(raw.linkType) ? raw : null;
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
  }

  get damages(): readonly string[] {
    return this.#files.flatMap((file) => (file.damage === null ? [] : [file.damage]));
  }

  /** What was read so far. */
  summary(): CaptureSummary {
    const { damages } = this;
    const skipped: Record<string, number> = {};
    for (const [linkType, count] of this.#skipped) {
      const reason = `link type ${linkTypeName(linkType)}`;
      skipped[reason] = (skipped[reason] ?? 0) + count;
    }
    const unknown = this.#files.reduce((sum, file) => sum + file.unknownInterface, 0);
    if (unknown > 0) skipped['unknown interface'] = unknown;
    return {
      files: this.#files.map((file) => file.path),
      formats: [...new Set(this.#files.map((file) => file.format))],
      linkTypes: [...new Set([...this.#linkTypes].map(linkTypeName))],
      packets: this.#packets,
      bytes: this.#bytes,
      firstTime: this.#packets > 0 ? instant(this.#firstSeconds, this.#firstNanoseconds) : null,
      lastTime: this.#packets > 0 ? instant(this.#lastSeconds, this.#lastNanoseconds) : null,
      decimals: this.#files.reduce((most, file) => Math.max(most, file.decimals), 6),
      truncated: damages.length > 0,
      damages,
      skipped,
    };
  }

  /** A packet of another second than the one before, or one that is out of order. */
  #span(seconds: number, nanoseconds: number): void {
    if (seconds > this.#lastSeconds) {
      this.#lastSeconds = seconds;
      this.#lastNanoseconds = nanoseconds;
    }
    if (seconds < this.#firstSeconds || (seconds === this.#firstSeconds && nanoseconds < this.#firstNanoseconds)) {
      this.#firstSeconds = seconds;
      this.#firstNanoseconds = nanoseconds;
    }
  }

  #meet(linkType: number): void {
    this.#linkType = linkType;
    this.#linkTypeReadable = isReadable(linkType);
    this.#linkTypes.add(linkType);
  }

  /** The earliest packet of all files; of equal ones that of the first file. */
  #merged(packet: Packet): boolean {
    let best = -1;
    for (let i = 0; i < this.#files.length; i++) {
      const file = this.#files[i];
      const head = this.#heads[i];
      if (!this.#ready[i]) {
        if (file.done) continue;
        if (!file.next(head)) {
          this.#starved = i;
          return false;
        }
        this.#ready[i] = true;
      }
      if (best < 0 || isEarlier(head, this.#heads[best])) best = i;
    }
    if (best < 0) {
      this.#starved = this.#files.length;
      return false;
    }
    const head = this.#heads[best];
    this.#ready[best] = false;
    packet.bytes = head.bytes;
    packet.start = head.start;
    packet.end = head.end;
    packet.seconds = head.seconds;
    packet.nanoseconds = head.nanoseconds;
    packet.wireLength = head.wireLength;
    packet.linkType = head.linkType;
    // Each file has its own interfaces.
    packet.interface = best * 65_536 + head.interface;
    return true;
  }
}

function isEarlier(a: Packet, b: Packet): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanoseconds < b.nanoseconds);
}
