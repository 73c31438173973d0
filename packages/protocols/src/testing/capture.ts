/** Plain reading of pcap and pcapng files into frames with addresses, ports and payload. For tests only. */
import { gunzipSync } from 'node:zlib';

export interface CapturedFrame {
  /** 1-based. */
  readonly number: number;
  /** Whole seconds since 1970. */
  readonly seconds: number;
  readonly source: string;
  readonly destination: string;
  /** What `payload` is carried by: `ethernet` for frames without IP, `ip` for other IP protocols. */
  readonly transport: 'tcp' | 'udp' | 'ip' | 'ethernet';
  readonly etherType: number;
  readonly ipProtocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly payload: Uint8Array;
  /** All bytes that the headers announce were captured. */
  readonly complete: boolean;
  readonly toGroup: boolean;
}

interface RawFrame {
  readonly seconds: number;
  readonly link: number;
  readonly bytes: Buffer;
}

/** Frames of a capture file that can be read; others (unknown link types, IP fragments) are left out. */
export function* readCapture(file: Uint8Array): Generator<CapturedFrame> {
  let content = Buffer.from(file);
  if (content.readUInt16BE(0) === 0x1f8b) content = gunzipSync(content);
  let number = 0;
  for (const raw of content.readUInt32BE(0) === 0x0a0d0d0a ? pcapng(content) : pcap(content)) {
    const frame = decode(raw, ++number);
    if (frame) yield frame;
  }
}

function* pcap(file: Buffer): Generator<RawFrame> {
  const little = file[0] === 0xd4 || file[0] === 0x4d;
  const u32 = (at: number): number => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const link = u32(20) & 0xffff;
  for (let at = 24; at + 16 <= file.length; ) {
    const captured = u32(at + 8);
    yield { seconds: u32(at), link, bytes: file.subarray(at + 16, at + 16 + captured) };
    at += 16 + captured;
  }
}

function* pcapng(file: Buffer): Generator<RawFrame> {
  let little = true;
  let interfaces: { link: number; unitsPerSecond: number }[] = [];
  const u16 = (at: number): number => (little ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const u32 = (at: number): number => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  for (let at = 0; at + 12 <= file.length; ) {
    if (file.readUInt32BE(at) === 0x0a0d0d0a) {
      little = file[at + 8] === 0x4d;
      interfaces = [];
    }
    const type = u32(at);
    const length = u32(at + 4);
    if (length < 12 || at + length > file.length) return;
    if (type === 1) interfaces.push({ link: u16(at + 8), unitsPerSecond: resolution(file, at + 16, at + length - 4, u16) });
    const from = interfaces[type === 6 ? u32(at + 8) : 0];
    if (type === 6 && from) {
      const time = u32(at + 12) * 2 ** 32 + u32(at + 16);
      yield { seconds: Math.floor(time / from.unitsPerSecond), link: from.link, bytes: file.subarray(at + 28, at + 28 + u32(at + 20)) };
    } else if (type === 3 && from) {
      yield { seconds: 0, link: from.link, bytes: file.subarray(at + 12, Math.min(at + 12 + u32(at + 8), at + length - 4)) };
    }
    at += length;
  }
}

function resolution(file: Buffer, start: number, end: number, u16: (at: number) => number): number {
  for (let at = start; at + 4 <= end && u16(at) !== 0; at += 4 + ((u16(at + 2) + 3) & ~3)) {
    if (u16(at) === 9) return file[at + 4] & 0x80 ? 2 ** (file[at + 4] & 0x7f) : 10 ** file[at + 4];
  }
  return 1e6;
}

function mac(bytes: Buffer, at: number): string {
  return bytes.toString('hex', at, at + 6).replace(/..(?=.)/g, '$&:');
}

/** Link types as tcpdump.org numbers them. */
function decode(raw: RawFrame, number: number): CapturedFrame | undefined {
  const { bytes, link, seconds } = raw;
  const frame = { number, seconds, toGroup: false };
  switch (link) {
    case 1: {
      if (bytes.length < 14) return undefined;
      let at = 12;
      while (at + 4 <= bytes.length && [0x8100, 0x88a8, 0x9100].includes(bytes.readUInt16BE(at))) at += 4;
      if (at + 2 > bytes.length) return undefined;
      return network({ ...frame, toGroup: (bytes[0] & 1) === 1 }, bytes, bytes.readUInt16BE(at), at + 2, mac(bytes, 6), mac(bytes, 0));
    }
    case 113:
      return bytes.length < 16 ? undefined : network(frame, bytes, bytes.readUInt16BE(14), 16, mac(bytes, 6), '');
    case 276:
      return bytes.length < 20 ? undefined : network(frame, bytes, bytes.readUInt16BE(0), 20, mac(bytes, 12), '');
    case 0:
    case 108:
      return bytes.length < 5 ? undefined : network(frame, bytes, bytes[4] >> 4 === 6 ? 0x86dd : 0x0800, 4, '', '');
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return bytes.length < 1 ? undefined : network(frame, bytes, bytes[0] >> 4 === 6 ? 0x86dd : 0x0800, 0, '', '');
    default:
      return undefined;
  }
}

type Start = Pick<CapturedFrame, 'number' | 'seconds' | 'toGroup'>;

function network(
  start: Start,
  bytes: Buffer,
  etherType: number,
  at: number,
  source: string,
  destination: string,
): CapturedFrame | undefined {
  const none = { ...start, etherType, ipProtocol: 0, sourcePort: 0, destinationPort: 0, flags: 0, sequence: 0, acknowledgement: 0 };
  if (etherType === 0x0800 && bytes.length >= at + 20 && bytes[at] >> 4 === 4) {
    const header = (bytes[at] & 15) * 4;
    const total = bytes.readUInt16BE(at + 2) || bytes.length - at;
    if (header < 20 || total < header || bytes.readUInt16BE(at + 6) & 0x3fff) return undefined;
    const address = (from: number): string => bytes.subarray(from, from + 4).join('.');
    const toGroup = start.toGroup || bytes[at + 16] >= 224;
    return transport(
      { ...none, toGroup, ipProtocol: bytes[at + 9], source: address(at + 12), destination: address(at + 16) },
      bytes,
      at + header,
      at + total,
    );
  }
  if (etherType === 0x86dd && bytes.length >= at + 40 && bytes[at] >> 4 === 6) {
    const end = at + 40 + bytes.readUInt16BE(at + 4);
    let protocol = bytes[at + 6];
    let next = at + 40;
    while ([0, 43, 60].includes(protocol) && next + 8 <= bytes.length) {
      protocol = bytes[next];
      next += 8 + bytes[next + 1] * 8;
    }
    const address = (from: number): string => bytes.toString('hex', from, from + 16);
    return transport({ ...none, ipProtocol: protocol, source: address(at + 8), destination: address(at + 24) }, bytes, next, end);
  }
  const payload = Uint8Array.from(bytes.subarray(at));
  return { ...none, transport: 'ethernet', source, destination, payload, complete: true };
}

function transport(
  frame: Omit<CapturedFrame, 'transport' | 'payload' | 'complete'>,
  bytes: Buffer,
  at: number,
  end: number,
): CapturedFrame | undefined {
  const complete = end <= bytes.length;
  const slice = (from: number, to = end): Uint8Array => Uint8Array.from(bytes.subarray(from, Math.max(from, to)));
  if (frame.ipProtocol === 6 && bytes.length >= at + 20) {
    return {
      ...frame,
      transport: 'tcp',
      complete,
      sourcePort: bytes.readUInt16BE(at),
      destinationPort: bytes.readUInt16BE(at + 2),
      sequence: bytes.readUInt32BE(at + 4),
      acknowledgement: bytes.readUInt32BE(at + 8),
      flags: bytes[at + 13],
      payload: slice(at + (bytes[at + 12] >> 4) * 4),
    };
  }
  if (frame.ipProtocol === 17 && bytes.length >= at + 8) {
    const length = bytes.readUInt16BE(at + 4);
    const to = length >= 8 ? Math.min(end, at + length) : end;
    return {
      ...frame,
      transport: 'udp',
      complete,
      sourcePort: bytes.readUInt16BE(at),
      destinationPort: bytes.readUInt16BE(at + 2),
      payload: slice(at + 8, to),
    };
  }
  return { ...frame, transport: 'ip', complete, payload: slice(at) };
}
