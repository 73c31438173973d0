/**
 * Records of a classic pcap file (draft-ietf-opsawg-pcap): both byte orders, micro- and nanoseconds, and the layout of
 * old Linux kernels with eight more bytes per record.
 *
 * Hot code: `next` runs for every packet and allocates nothing.
 */
import { i32, i32le, u16, u16le } from '../bytes.ts';
import type { Packet } from '../packet.ts';
import type { Chunk } from './chunk.ts';
import { LONGEST_PACKET, LONGEST_WIRE } from './chunk.ts';
import type { Records } from './records.ts';

const HEADER_LENGTH = 24;
const RECORD_LENGTH = 16;
const MICROSECONDS = 0xa1b2c3d4 | 0;
const NANOSECONDS = 0xa1b23c4d | 0;
const PATCHED = 0xa1b2cd34 | 0;

/** The bytes begin as a pcap file does. */
export function isPcap(bytes: Uint8Array): boolean {
  const magics = [MICROSECONDS, NANOSECONDS, PATCHED];
  return magics.includes(i32(bytes, 0)) || magics.includes(i32le(bytes, 0));
}

export class PcapRecords implements Records {
  readonly format: string;
  readonly decimals: number;
  damage: string | null = null;
  readonly #chunk: Chunk;
  /** Over the bytes of the chunk: reads a whole number with one check of its bounds. */
  readonly #view: DataView;
  readonly #little: boolean;
  readonly #nanoseconds: boolean;
  readonly #recordLength: number;
  /** Versions before 2.3 wrote the two lengths in the other order; some of 2.3 did too. */
  readonly #maySwap: boolean;
  readonly #linkType: number;

  /** Reads the file header; the chunk holds at least its 24 bytes. */
  constructor(chunk: Chunk) {
    const { bytes, at } = chunk;
    this.#chunk = chunk;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = bytes[at] !== 0xa1;
    const magic = this.#little ? i32le(bytes, at) : i32(bytes, at);
    const minor = this.#little ? u16le(bytes, at + 6) : u16(bytes, at + 6);
    this.#nanoseconds = magic === NANOSECONDS;
    this.#recordLength = magic === PATCHED ? RECORD_LENGTH + 8 : RECORD_LENGTH;
    this.#maySwap = minor <= 3;
    // The upper bits tell the length of a frame check sequence.
    this.#linkType = (this.#little ? i32le(bytes, at + 20) : i32(bytes, at + 20)) & 0x03ffffff;
    this.format = this.#nanoseconds ? 'pcap (nanoseconds)' : 'pcap';
    this.decimals = this.#nanoseconds ? 9 : 6;
    chunk.at = at + HEADER_LENGTH;
  }

  /** What its records are when they lie as those of `RawRecords` do, else null. */
  get rawKind(): { readonly linkType: number; readonly nanoseconds: boolean } | null {
    const plain = this.#little && this.#recordLength === RECORD_LENGTH && !this.#maySwap;
    return plain ? { linkType: this.#linkType, nanoseconds: this.#nanoseconds } : null;
  }

  next(packet: Packet): boolean {
    if (this.damage !== null) return false;
    const chunk = this.#chunk;
    const at = chunk.at;
    const start = at + this.#recordLength;
    if (start > chunk.end) return false;
    const view = this.#view;
    const little = this.#little;
    let seconds = view.getInt32(at, little);
    const fraction = view.getInt32(at + 4, little);
    let captured = view.getInt32(at + 8, little);
    let wireLength = view.getInt32(at + 12, little);
    if (this.#maySwap && captured > wireLength) {
      const swapped = captured;
      captured = wireLength;
      wireLength = swapped;
    }
    if (captured < 0 || captured > LONGEST_PACKET) {
      this.damage = `the record at offset ${chunk.offset} announces ${captured >>> 0} captured bytes, more than the ${LONGEST_PACKET} a packet can have`;
      return false;
    }
    const end = start + captured;
    if (end > chunk.end) return false;
    chunk.at = end;
    packet.bytes = chunk.bytes;
    packet.start = start;
    packet.end = end;
    packet.wireLength = wireLength < captured || wireLength > LONGEST_WIRE ? captured : wireLength;
    packet.interface = 0;
    packet.linkType = this.#linkType;
    let nanoseconds = this.#nanoseconds ? fraction : fraction * 1000;
    seconds = seconds >>> 0;
    if (nanoseconds < 0 || nanoseconds >= 1_000_000_000) [seconds, nanoseconds] = carried(seconds, nanoseconds);
    packet.seconds = seconds;
    packet.nanoseconds = nanoseconds;
    return true;
  }
}

/** Tools that shift times leave negative fractions; a damaged one still gives a valid time. */
export function carried(seconds: number, nanoseconds: number): [seconds: number, nanoseconds: number] {
  const carry = Math.floor(nanoseconds / 1_000_000_000);
  return [Math.max(0, seconds + carry), nanoseconds - carry * 1_000_000_000];
}
