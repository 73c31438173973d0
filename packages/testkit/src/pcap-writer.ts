/** Capture files as bytes: pcap in both resolutions and byte orders, and pcapng with any sections and interfaces. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import type { TimedPacket } from './timeline.ts';

/** Ethernet, as the list of link types at tcpdump.org numbers it. */
export const LINKTYPE_ETHERNET = 1;

export interface PcapOptions {
  readonly resolution?: 'micro' | 'nano';
  readonly order?: 'little' | 'big';
  readonly linkType?: number;
  /** Longest part of a frame that is kept; the record still tells its whole length. */
  readonly snapLength?: number;
}

/** Global header and one record for each packet. */
export function pcap(packets: Iterable<TimedPacket>, options: PcapOptions = {}): Uint8Array {
  const parts = [pcapHeader(options)];
  for (const packet of packets) parts.push(pcapRecord(packet, options));
  return Buffer.concat(parts);
}

export function pcapHeader(options: PcapOptions = {}): Uint8Array {
  const little = options.order !== 'big';
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, options.resolution === 'nano' ? 0xa1b23c4d : 0xa1b2c3d4, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, 4, little);
  view.setUint32(16, options.snapLength ?? 262144, little);
  view.setUint32(20, options.linkType ?? LINKTYPE_ETHERNET, little);
  return new Uint8Array(view.buffer);
}

export function pcapRecord(packet: TimedPacket, options: PcapOptions = {}): Uint8Array {
  const little = options.order !== 'big';
  const kept = Math.min(packet.frame.length, options.snapLength ?? packet.frame.length);
  const record = new Uint8Array(16 + kept);
  const view = new DataView(record.buffer);
  view.setUint32(0, packet.seconds, little);
  view.setUint32(4, options.resolution === 'nano' ? packet.nanoseconds : Math.floor(packet.nanoseconds / 1000), little);
  view.setUint32(8, kept, little);
  view.setUint32(12, packet.frame.length, little);
  record.set(packet.frame.subarray(0, kept), 16);
  return record;
}

export interface PcapngInterface {
  readonly linkType?: number;
  readonly name?: string;
  /** Decimal digits of the time unit: 6 is the default of the format, 9 nanoseconds. */
  readonly digits?: number;
}

export interface PcapngSection {
  readonly order?: 'little' | 'big';
  readonly interfaces: readonly PcapngInterface[];
  /** Packets with the number of the interface in this section. */
  readonly packets: readonly (TimedPacket & { readonly interface?: number })[];
}

/** Sections one after the other, each with its own byte order and interfaces. */
export function pcapng(...sections: PcapngSection[]): Uint8Array {
  return Buffer.concat(sections.flatMap(sectionBlocks));
}

function sectionBlocks(section: PcapngSection): Uint8Array[] {
  const little = section.order !== 'big';
  const header = new DataView(new ArrayBuffer(16));
  header.setUint32(0, 0x1a2b3c4d, little);
  header.setUint16(4, 1, little);
  // Section length -1: not told.
  header.setInt32(8, -1, little);
  header.setInt32(12, -1, little);
  const blocks = [block(0x0a0d0d0a, new Uint8Array(header.buffer), little)];
  for (const one of section.interfaces) {
    const body = new DataView(new ArrayBuffer(8));
    body.setUint16(0, one.linkType ?? LINKTYPE_ETHERNET, little);
    body.setUint32(4, 262144, little);
    const options = [
      option(2, Buffer.from(one.name ?? 'eth0'), little),
      option(9, Uint8Array.of(one.digits ?? 9), little),
      option(0, new Uint8Array(0), little),
    ];
    blocks.push(block(1, Buffer.concat([new Uint8Array(body.buffer), ...options]), little));
  }
  for (const packet of section.packets) {
    const digits = section.interfaces[packet.interface ?? 0]?.digits ?? 9;
    const time = BigInt(packet.seconds) * 10n ** BigInt(digits) + BigInt(packet.nanoseconds) / 10n ** BigInt(9 - digits);
    const body = new DataView(new ArrayBuffer(20));
    body.setUint32(0, packet.interface ?? 0, little);
    body.setUint32(4, Number(time >> 32n), little);
    body.setUint32(8, Number(time & 0xffffffffn), little);
    body.setUint32(12, packet.frame.length, little);
    body.setUint32(16, packet.frame.length, little);
    blocks.push(block(6, Buffer.concat([new Uint8Array(body.buffer), packet.frame, new Uint8Array(-packet.frame.length & 3)]), little));
  }
  return blocks;
}

function block(type: number, body: Uint8Array, little: boolean): Uint8Array {
  const whole = new Uint8Array(12 + body.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, type, little);
  view.setUint32(4, whole.length, little);
  whole.set(body, 8);
  view.setUint32(8 + body.length, whole.length, little);
  return whole;
}

function option(code: number, value: Uint8Array, little: boolean): Uint8Array {
  const whole = new Uint8Array(4 + value.length + (-value.length & 3));
  const view = new DataView(whole.buffer);
  view.setUint16(0, code, little);
  view.setUint16(2, value.length, little);
  whole.set(value, 4);
  return whole;
}

/** The same bytes compressed, as capture tools read them from `.pcap.gz`. */
export function gzip(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes);
}

/** Writes a pcap of any size to a file. Errors of the file system are thrown. Returns the number of packets. */
export async function writePcapFile(file: string, packets: Iterable<TimedPacket>, options: PcapOptions = {}): Promise<number> {
  const stream = createWriteStream(file);
  const done = finished(stream);
  let count = 0;
  let chunk: Uint8Array[] = [pcapHeader(options)];
  let size = 0;
  for (const packet of packets) {
    const record = pcapRecord(packet, options);
    chunk.push(record);
    size += record.length;
    count++;
    if (size >= 1 << 20) {
      if (!stream.write(Buffer.concat(chunk))) await once(stream, 'drain');
      chunk = [];
      size = 0;
    }
  }
  stream.end(Buffer.concat(chunk));
  await done;
  return count;
}
