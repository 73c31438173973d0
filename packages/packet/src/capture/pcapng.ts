/**
 * Blocks of a pcapng file (draft-ietf-opsawg-pcapng): several sections, byte orders and interfaces, time resolutions and
 * offsets, enhanced, simple and obsolete packet blocks; all other blocks are passed over.
 *
 * Hot code: `next` runs for every packet and allocates nothing.
 */
import { i32, i32le, u16, u16le } from '../bytes.ts';
import type { Packet } from '../packet.ts';
import type { Chunk } from './chunk.ts';
import { LONGEST_PACKET, LONGEST_WIRE } from './chunk.ts';
import type { Records } from './records.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Blocks that are read whole (section headers, interfaces, packets) are not longer than this. */
const LONGEST_BLOCK = LONGEST_PACKET + 131_072;
/** Interfaces a file may describe; more are hostile. */
const MOST_INTERFACES = 65_536;

const OPTION_TSRESOL = 9;
const OPTION_TSOFFSET = 14;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Ticks a second; exact up to 2^30, the usual case. */
  readonly ticks: number;
  /** Ticks a second when they do not fit: read with bigints. */
  readonly finerTicks: bigint | null;
  /** Seconds to add. */
  readonly offset: number;
}

/** The bytes begin as a pcapng file does. */
export function isPcapng(bytes: Uint8Array): boolean {
  return i32(bytes, 0) === SECTION_HEADER && (i32(bytes, 8) === BYTE_ORDER_MAGIC || i32le(bytes, 8) === BYTE_ORDER_MAGIC);
}

export class PcapngRecords implements Records {
  readonly format = 'pcapng';
  decimals = 6;
  damage: string | null = null;
  /** Packets that name an interface the section does not describe. */
  unknownInterface = 0;
  readonly #chunk: Chunk;
  #little = true;
  /** Interfaces of all sections so far; the section's own begin at `#base`. */
  readonly #interfaces: Interface[] = [];
  #base = 0;
  #seconds = 0;
  #nanoseconds = 0;

  constructor(chunk: Chunk) {
    this.#chunk = chunk;
  }

  next(packet: Packet): boolean {
    const chunk = this.#chunk;
    const bytes = chunk.bytes;
    while (this.damage === null) {
      const at = chunk.at;
      if (at + 12 > chunk.end) return false;
      let little = this.#little;
      let type = little ? i32le(bytes, at) : i32(bytes, at);
      if (type === SECTION_HEADER) {
        const order = i32(bytes, at + 8);
        if (order === BYTE_ORDER_MAGIC) little = false;
        else if (i32le(bytes, at + 8) === BYTE_ORDER_MAGIC) little = true;
        else {
          this.damage = `the section header at offset ${chunk.offset} has no byte-order mark`;
          return false;
        }
        this.#little = little;
        type = SECTION_HEADER;
      }
      const length = (little ? i32le(bytes, at + 4) : i32(bytes, at + 4)) >>> 0;
      if (length < 12) {
        this.damage = `the block at offset ${chunk.offset} announces a length of ${length}; a block has at least 12 bytes`;
        return false;
      }
      // Writers that leave out the padding exist; the next block still begins at a multiple of four.
      const padded = length + ((4 - (length & 3)) & 3);
      const wanted =
        type === ENHANCED_PACKET ||
        type === SIMPLE_PACKET ||
        type === OBSOLETE_PACKET ||
        type === INTERFACE_DESCRIPTION ||
        type === SECTION_HEADER;
      if (!wanted) {
        chunk.at = at + padded;
        continue;
      }
      if (length > LONGEST_BLOCK) {
        this.damage = `the block at offset ${chunk.offset} announces ${length} bytes, more than the ${LONGEST_BLOCK} it can have`;
        return false;
      }
      if (at + padded > chunk.end) return false;
      const close = at + length - 4;
      if ((little ? i32le(bytes, close) : i32(bytes, close)) >>> 0 !== length) {
        this.damage = `the block at offset ${chunk.offset} does not end with its length of ${length}`;
        return false;
      }
      chunk.at = at + padded;
      if (type === ENHANCED_PACKET || type === OBSOLETE_PACKET) {
        if (this.#timedPacket(packet, at, close, type === OBSOLETE_PACKET)) return true;
      } else if (type === SIMPLE_PACKET) {
        if (this.#simplePacket(packet, at, close)) return true;
      } else if (type === INTERFACE_DESCRIPTION) this.#describeInterface(at, close);
      else this.#base = this.#interfaces.length;
    }
    return false;
  }

  #timedPacket(packet: Packet, at: number, close: number, obsolete: boolean): boolean {
    const bytes = this.#chunk.bytes;
    const little = this.#little;
    const start = at + 28;
    if (start > close) return this.#damaged(at);
    let id: number;
    if (obsolete) id = little ? u16le(bytes, at + 8) : u16(bytes, at + 8);
    else id = (little ? i32le(bytes, at + 8) : i32(bytes, at + 8)) >>> 0;
    const captured = little ? i32le(bytes, at + 20) : i32(bytes, at + 20);
    const wireLength = little ? i32le(bytes, at + 24) : i32(bytes, at + 24);
    if (captured < 0 || captured > close - start) return this.#damaged(at);
    const number = this.#base + id;
    if (number >= this.#interfaces.length) {
      this.unknownInterface++;
      return false;
    }
    const source = this.#interfaces[number];
    const high = (little ? i32le(bytes, at + 12) : i32(bytes, at + 12)) >>> 0;
    const low = (little ? i32le(bytes, at + 16) : i32(bytes, at + 16)) >>> 0;
    this.#setTime(source, high, low);
    this.#fill(packet, number, source, start, captured, wireLength);
    return true;
  }

  #simplePacket(packet: Packet, at: number, close: number): boolean {
    const bytes = this.#chunk.bytes;
    const start = at + 12;
    if (start > close) return this.#damaged(at);
    if (this.#base >= this.#interfaces.length) {
      this.unknownInterface++;
      return false;
    }
    const source = this.#interfaces[this.#base];
    const wireLength = this.#little ? i32le(bytes, at + 8) : i32(bytes, at + 8);
    let captured = close - start;
    if (wireLength >= 0 && wireLength < captured) captured = wireLength;
    if (source.snapLength > 0 && source.snapLength < captured) captured = source.snapLength;
    if (captured > LONGEST_PACKET) return this.#damaged(at);
    // A simple packet has no time: it keeps that of the packet before it.
    this.#fill(packet, this.#base, source, start, captured, wireLength);
    return true;
  }

  #fill(packet: Packet, number: number, source: Interface, start: number, captured: number, wireLength: number): void {
    packet.bytes = this.#chunk.bytes;
    packet.start = start;
    packet.end = start + captured;
    packet.wireLength = wireLength < captured || wireLength > LONGEST_WIRE ? captured : wireLength;
    packet.interface = number;
    packet.linkType = source.linkType;
    packet.seconds = this.#seconds;
    packet.nanoseconds = this.#nanoseconds;
  }

  /** Divides the 64-bit tick count by the ticks a second, in steps that doubles hold exactly. */
  #setTime(source: Interface, high: number, low: number): void {
    const ticks = source.ticks;
    if (source.finerTicks !== null) {
      const total = (BigInt(high) << 32n) | BigInt(low);
      this.#seconds = clampSeconds(Number(total / source.finerTicks) + source.offset);
      this.#nanoseconds = Number(((total % source.finerTicks) * 1_000_000_000n) / source.finerTicks);
      return;
    }
    let seconds = Math.floor(high / ticks);
    let rest = (high - seconds * ticks) * 65_536 + (low >>> 16);
    let digit = Math.floor(rest / ticks);
    seconds = seconds * 65_536 + digit;
    rest = (rest - digit * ticks) * 65_536 + (low & 0xffff);
    digit = Math.floor(rest / ticks);
    this.#seconds = clampSeconds(seconds * 65_536 + digit + source.offset);
    rest -= digit * ticks;
    this.#nanoseconds = ticks === 1_000_000 ? rest * 1000 : ticks === 1_000_000_000 ? rest : Math.floor((rest * 1_000_000_000) / ticks);
  }

  #describeInterface(at: number, close: number): void {
    if (at + 16 > close || this.#interfaces.length >= MOST_INTERFACES) {
      this.#damaged(at);
      return;
    }
    const bytes = this.#chunk.bytes;
    const little = this.#little;
    const short = little ? u16le : u16;
    let ticks = 1_000_000;
    let finerTicks: bigint | null = null;
    let offset = 0;
    let option = at + 16;
    while (option + 4 <= close) {
      const code = short(bytes, option);
      const length = short(bytes, option + 2);
      const value = option + 4;
      if (code === 0 || value + length > close) break;
      if (code === OPTION_TSRESOL && length >= 1) {
        const exponent = bytes[value] & 0x7f;
        const binary = (bytes[value] & 0x80) !== 0;
        const exact = (binary ? 2n : 10n) ** BigInt(exponent);
        ticks = Number(exact);
        finerTicks = exact > 1n << 30n ? exact : null;
        if (ticks > 1_000_000) this.decimals = 9;
      } else if (code === OPTION_TSOFFSET && length >= 8) {
        const high = little ? i32le(bytes, value + 4) : i32(bytes, value);
        const low = (little ? i32le(bytes, value) : i32(bytes, value + 4)) >>> 0;
        offset = high * 4_294_967_296 + low;
      }
      option = value + length + ((4 - (length & 3)) & 3);
    }
    this.#interfaces.push({
      linkType: short(bytes, at + 8),
      snapLength: (little ? i32le(bytes, at + 12) : i32(bytes, at + 12)) >>> 0,
      ticks,
      finerTicks,
      offset,
    });
  }

  #damaged(at: number): false {
    this.damage = `the block at offset ${this.#chunk.position + at} does not hold what its header announces`;
    return false;
  }
}

/** Keeps a damaged time within what dates can show (year 9999). */
function clampSeconds(seconds: number): number {
  return Math.max(0, Math.min(seconds, 253_402_300_799));
}
