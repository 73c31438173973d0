/** Builds frames and capture files for the tests of this package: plain functions over byte arrays. */

export type Bytes = readonly number[];

export const be16 = (value: number): number[] => [(value >>> 8) & 255, value & 255];
export const be32 = (value: number): number[] => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
export const repeat = (byte: number, count: number): number[] => Array.from({ length: count }, () => byte);
export const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
export const dotted = (address: string): number[] => address.split('.').map(Number);

export const MAC_A = [0, 0x1b, 0x1b, 1, 2, 3];
export const MAC_B = [0, 0x80, 0xf4, 4, 5, 6];
export const IP_A = '10.0.0.1';
export const IP_B = '10.0.0.2';
/** 2001:db8::1 and 2001:db8::2 */
export const IP6_A = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
export const IP6_B = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];

export function ethernet(etherType: number, payload: Bytes, tags: readonly number[] = []): number[] {
  return [...MAC_B, ...MAC_A, ...tags.flatMap((id) => [0x81, 0, ...be16(id)]), ...be16(etherType), ...payload];
}

export interface Ipv4Options {
  readonly source?: string;
  readonly destination?: string;
  readonly id?: number;
  /** In bytes. */
  readonly offset?: number;
  readonly more?: boolean;
  readonly totalLength?: number;
}

export function ipv4(protocol: number, payload: Bytes, options: Ipv4Options = {}): number[] {
  const { source = IP_A, destination = IP_B, id = 1, offset = 0, more = false, totalLength = 20 + payload.length } = options;
  const fragmentation = (more ? 0x2000 : 0) | (offset >> 3);
  return [
    0x45,
    0,
    ...be16(totalLength),
    ...be16(id),
    ...be16(fragmentation),
    64,
    protocol,
    0,
    0,
    ...dotted(source),
    ...dotted(destination),
    ...payload,
  ];
}

export function ipv6(next: number, payload: Bytes): number[] {
  return [0x60, 0, 0, 0, ...be16(payload.length), next, 64, ...IP6_A, ...IP6_B, ...payload];
}

export function udp(sourcePort: number, destinationPort: number, payload: Bytes): number[] {
  return [...be16(sourcePort), ...be16(destinationPort), ...be16(8 + payload.length), 0, 0, ...payload];
}

export interface Segment {
  /** From A (the client) or from B. */
  readonly from: 'A' | 'B';
  readonly sequence: number;
  readonly acknowledgement?: number;
  readonly flags: number;
  readonly data?: string;
  /** Seconds. */
  readonly time?: number;
}

export function tcp(
  sourcePort: number,
  destinationPort: number,
  sequence: number,
  acknowledgement: number,
  flags: number,
  payload: Bytes,
): number[] {
  return [
    ...be16(sourcePort),
    ...be16(destinationPort),
    ...be32(sequence),
    ...be32(acknowledgement),
    0x50,
    flags,
    0x20,
    0,
    0,
    0,
    0,
    0,
    ...payload,
  ];
}

/** Ethernet frame of a segment between 10.0.0.1:40000 and 10.0.0.2:502. */
export function segmentFrame(segment: Segment): number[] {
  const fromA = segment.from === 'A';
  const payload = ascii(segment.data ?? '');
  const body = tcp(fromA ? 40000 : 502, fromA ? 502 : 40000, segment.sequence, segment.acknowledgement ?? 0, segment.flags, payload);
  return ethernet(0x0800, ipv4(6, body, fromA ? {} : { source: IP_B, destination: IP_A }));
}

export interface Record {
  readonly frame: Bytes;
  readonly seconds?: number;
  /** Fraction in the unit of the file. */
  readonly fraction?: number;
  readonly wireLength?: number;
}

export interface PcapOptions {
  readonly little?: boolean;
  readonly nanoseconds?: boolean;
  readonly linkType?: number;
}

class Writer {
  readonly bytes: number[] = [];
  readonly little: boolean;
  constructor(little: boolean) {
    this.little = little;
  }
  u16(value: number): this {
    this.bytes.push(...(this.little ? be16(value).reverse() : be16(value)));
    return this;
  }
  u32(value: number): this {
    this.bytes.push(...(this.little ? be32(value).reverse() : be32(value)));
    return this;
  }
  raw(bytes: Bytes): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }
  pad(): this {
    while (this.bytes.length % 4 !== 0) this.bytes.push(0);
    return this;
  }
}

export function pcap(records: readonly Record[], options: PcapOptions = {}): Uint8Array {
  const { little = true, nanoseconds = false, linkType = 1 } = options;
  const out = new Writer(little);
  out
    .u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4)
    .u16(2)
    .u16(4)
    .u32(0)
    .u32(0)
    .u32(65535)
    .u32(linkType);
  for (const { frame, seconds = 1, fraction = 0, wireLength = frame.length } of records) {
    out.u32(seconds).u32(fraction).u32(frame.length).u32(wireLength).raw(frame);
  }
  return Uint8Array.from(out.bytes);
}

/** One pcapng block; the body is padded. */
export function block(type: number, little: boolean, body: (writer: Writer) => Writer): number[] {
  const content = body(new Writer(little)).pad().bytes;
  const length = content.length + 12;
  return new Writer(little).u32(type).u32(length).raw(content).u32(length).bytes;
}

export const section = (little: boolean): number[] =>
  block(0x0a0d0d0a, little, (w) => w.u32(0x1a2b3c4d).u16(1).u16(0).u32(0xffffffff).u32(0xffffffff));

export interface InterfaceOptions {
  readonly resolution?: number;
  readonly offset?: number;
  readonly snapLength?: number;
}

export function interfaceBlock(little: boolean, linkType: number, options: InterfaceOptions = {}): number[] {
  return block(1, little, (w) => {
    w.u16(linkType)
      .u16(0)
      .u32(options.snapLength ?? 0);
    if (options.resolution !== undefined) w.u16(9).u16(1).raw([options.resolution]).pad();
    if (options.offset !== undefined) {
      w.u16(14).u16(8);
      if (little) w.u32(options.offset).u32(0);
      else w.u32(0).u32(options.offset);
    }
    return w.u16(0).u16(0);
  });
}

export function enhancedPacket(little: boolean, id: number, ticks: bigint, frame: Bytes): number[] {
  return block(6, little, (w) =>
    w
      .u32(id)
      .u32(Number(ticks >> 32n))
      .u32(Number(ticks & 0xffffffffn))
      .u32(frame.length)
      .u32(frame.length)
      .raw(frame),
  );
}

export function simplePacket(little: boolean, frame: Bytes, wireLength = frame.length): number[] {
  return block(3, little, (w) => w.u32(wireLength).raw(frame));
}
