/**
 * The slow twin of the packet path: the same job with objects, strings and Maps, read from the whole file in memory. It
 * shares no code with the fast path, only the rules, and is its oracle.
 */

interface Raw {
  time: bigint;
  linkType: number;
  data: Buffer;
  wire: number;
}

export interface Layers {
  macs: [source: string, destination: string];
  vlan: number;
  etherType: number;
  ip?: { version: number; source: string; destination: string; protocol: number };
  ports: [number, number];
  tcp?: { sequence: number; acknowledgement: number; flags: number };
  payload: Buffer;
  missing: number;
  fragment: boolean;
  reassembled: boolean;
  stopped: boolean;
  tunnels: number;
}

/** All records of a pcap or pcapng file. */
export function* records(file: Buffer): Generator<Raw> {
  if (file.readUInt32BE(0) === 0x0a0d0d0a) {
    yield* pcapngRecords(file);
    return;
  }
  const little = [0xa1b2c3d4, 0xa1b23c4d].includes(file.readUInt32LE(0));
  const u32 = (at: number): number => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const unit = u32(0) === 0xa1b23c4d ? 1n : 1000n;
  for (let at = 24; at + 16 <= file.length; ) {
    const captured = u32(at + 8);
    if (at + 16 + captured > file.length) return;
    const time = BigInt(u32(at)) * 1_000_000_000n + BigInt(u32(at + 4) | 0) * unit;
    yield {
      time,
      linkType: u32(20) & 0x03ffffff,
      data: file.subarray(at + 16, at + 16 + captured),
      wire: Math.max(captured, u32(at + 12)),
    };
    at += 16 + captured;
  }
}

function* pcapngRecords(file: Buffer): Generator<Raw> {
  let little = true;
  let interfaces: { linkType: number; ticks: bigint; offset: bigint }[] = [];
  const u16 = (at: number): number => (little ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const u32 = (at: number): number => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  for (let at = 0; at + 12 <= file.length; ) {
    if (file.readUInt32BE(at) === 0x0a0d0d0a) {
      little = file.readUInt32BE(at + 8) !== 0x1a2b3c4d;
      interfaces = [];
    }
    const type = u32(at);
    const length = u32(at + 4);
    if (at + length > file.length) return;
    if (type === 1) {
      const face = { linkType: u16(at + 8), ticks: 1_000_000n, offset: 0n };
      for (let option = at + 16; option + 4 <= at + length - 4 && u16(option) !== 0; option += 4 + Math.ceil(u16(option + 2) / 4) * 4) {
        const value = file[option + 4];
        if (u16(option) === 9) face.ticks = (value & 0x80 ? 2n : 10n) ** BigInt(value & 0x7f);
        if (u16(option) === 14) face.offset = little ? file.readBigInt64LE(option + 4) : file.readBigInt64BE(option + 4);
      }
      interfaces.push(face);
    } else if (type === 6) {
      const face = interfaces[u32(at + 8)];
      const ticks = (BigInt(u32(at + 12)) << 32n) | BigInt(u32(at + 16));
      const data = file.subarray(at + 28, at + 28 + u32(at + 20));
      const time = (ticks * 1_000_000_000n) / face.ticks + face.offset * 1_000_000_000n;
      yield { time, linkType: face.linkType, data, wire: Math.max(data.length, u32(at + 24)) };
    }
    at += length;
  }
}

const mac = (bytes: Buffer): string => bytes.toString('hex').replace(/(..)(?!$)/g, '$1:');
const dotted = (bytes: Buffer): string => [...bytes].join('.');

interface Partial4 {
  since: bigint;
  data: Map<number, number>;
  total: number;
  first?: { header: Buffer; next: number };
}

/** Decodes frames; remembers fragments. */
export class TwinDecoder {
  readonly #partials = new Map<string, Partial4>();

  decode(raw: Raw): Layers {
    const layers: Layers = {
      macs: ['', ''],
      vlan: -1,
      etherType: 0,
      ports: [0, 0],
      payload: raw.data,
      missing: 0,
      fragment: false,
      reassembled: false,
      stopped: false,
      tunnels: 0,
    };
    try {
      this.#link(layers, raw);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      layers.stopped = true;
    }
    return layers;
  }

  #link(layers: Layers, raw: Raw): void {
    const { data, linkType } = raw;
    if (linkType === 1) return this.#ethernet(layers, raw, data);
    if (linkType === 0) {
      const family = Math.min(need(data, 4).readUInt32LE(0), data.readUInt32BE(0));
      return this.#network(layers, raw, family === 2 ? 0x0800 : 0x86dd, data.subarray(4));
    }
    if (linkType === 101 || linkType === 228 || linkType === 12)
      return this.#network(layers, raw, need(data, 1)[0] >> 4 === 6 ? 0x86dd : 0x0800, data);
    if (linkType === 113) {
      layers.macs[0] = mac(data.subarray(6, 12));
      return this.#network(layers, raw, need(data, 16).readUInt16BE(14), data.subarray(16));
    }
    if (linkType === 192) return this.#link(layers, { ...raw, linkType: data.readUInt32LE(4), data: data.subarray(data.readUInt16LE(2)) });
    throw new Error(`the twin does not read link type ${linkType}`);
  }

  #ethernet(layers: Layers, raw: Raw, frame: Buffer): void {
    need(frame, 14);
    layers.macs = [mac(frame.subarray(6, 12)), mac(frame.subarray(0, 6))];
    let type = frame.readUInt16BE(12);
    let rest = frame.subarray(14);
    while ([0x8100, 0x88a8, 0x9100].includes(type)) {
      if (layers.vlan < 0) layers.vlan = need(rest, 4).readUInt16BE(0) & 0xfff;
      type = need(rest, 4).readUInt16BE(2);
      rest = rest.subarray(4);
    }
    if (type < 0x600) {
      rest = rest.subarray(0, type);
      if (rest.subarray(0, 6).toString('hex') === 'aaaa03000000' && rest.length >= 8) {
        type = rest.readUInt16BE(6);
        rest = rest.subarray(8);
      }
    }
    this.#network(layers, raw, type, rest);
  }

  #network(layers: Layers, raw: Raw, type: number, data: Buffer): void {
    layers.etherType = type;
    layers.payload = data;
    if (type === 0x0800) this.#ipv4(layers, raw, data);
    else if (type === 0x86dd) this.#ipv6(layers, raw, data);
    else if (type === 0x8847) {
      let at = 0;
      while ((need(data, at + 4)[at + 2] & 1) === 0) at += 4;
      const inner = data.subarray(at + 4);
      layers.tunnels++;
      if (inner[0] >> 4 === 0) this.#ethernet(layers, raw, inner.subarray(4));
      else this.#network(layers, raw, inner[0] >> 4 === 4 ? 0x0800 : 0x86dd, inner);
    } else if (type === 0x8864) {
      const inner = need(data, 8).subarray(6, 6 + data.readUInt16BE(4));
      this.#ppp(layers, raw, inner);
    } else layers.missing = raw.wire - raw.data.length;
  }

  #ppp(layers: Layers, raw: Raw, data: Buffer): void {
    layers.payload = data;
    let rest = data[0] === 0xff && data[1] === 3 ? data.subarray(2) : data;
    const compressed = (rest[0] & 1) === 1;
    const protocol = compressed ? rest[0] : rest.readUInt16BE(0);
    rest = rest.subarray(compressed ? 1 : 2);
    if (protocol !== 0x21 && protocol !== 0x57) return;
    layers.tunnels++;
    this.#network(layers, raw, protocol === 0x21 ? 0x0800 : 0x86dd, rest);
  }

  #ipv4(layers: Layers, raw: Raw, data: Buffer): void {
    const header = (need(data, 20)[0] & 15) * 4;
    if (data[0] >> 4 !== 4 || header < 20 || header > data.length) throw new RangeError('header');
    const total = data.readUInt16BE(2) || data.length;
    if (total < header) throw new RangeError('total');
    layers.ip = { version: 4, source: dotted(data.subarray(12, 16)), destination: dotted(data.subarray(16, 20)), protocol: data[9] };
    this.#cut(layers, raw, total - data.length);
    const body = data.subarray(header, total);
    const field = data.readUInt16BE(6);
    if ((field & 0x3fff) === 0) return this.#transport(layers, raw, data[9], body);
    const key = `${layers.ip.source} ${layers.ip.destination} ${data[9]} ${data.readUInt16BE(4)}`;
    const whole = this.#fragment(layers, raw, key, (field & 0x1fff) * 8, (field & 0x2000) !== 0, body, data[9]);
    if (whole !== null) this.#transport(layers, raw, whole.next, whole.data);
  }

  #ipv6(layers: Layers, raw: Raw, data: Buffer): void {
    if (need(data, 40)[0] >> 4 !== 6) throw new RangeError('version');
    const address = (at: number): string => {
      const url = new URL(
        `http://[${data
          .subarray(at, at + 16)
          .toString('hex')
          .replace(/(....)(?!$)/g, '$1:')}]/`,
      );
      return url.hostname.slice(1, -1);
    };
    layers.ip = { version: 6, source: address(8), destination: address(24), protocol: data[6] };
    const length = data.readUInt16BE(4);
    let body = data.subarray(40);
    if (length > 0 || data[6] === 59) {
      this.#cut(layers, raw, length - body.length);
      body = body.subarray(0, length);
    }
    let next = data[6];
    while ([0, 43, 60, 51, 44, 135, 139, 140].includes(next)) {
      const size = next === 44 ? 8 : next === 51 ? (need(body, 8)[1] + 2) * 4 : (need(body, 8)[1] + 1) * 8;
      need(body, size);
      const kind = next;
      next = body[0];
      layers.ip.protocol = next;
      if (kind === 44 && (body.readUInt16BE(2) & 0xfff9) !== 0) {
        const field = body.readUInt16BE(2);
        const key = `${layers.ip.source} ${layers.ip.destination} ${body.readUInt32BE(4)}`;
        const whole = this.#fragment(layers, raw, key, field & 0xfff8, (field & 1) === 1, body.subarray(8), next);
        if (whole === null) return;
        layers.ip.protocol = whole.next;
        return this.#transport(layers, raw, whole.next, whole.data);
      }
      body = body.subarray(size);
    }
    this.#transport(layers, raw, next, body);
  }

  /** Byte by byte: the first one at each place stays. */
  #fragment(
    layers: Layers,
    raw: Raw,
    key: string,
    offset: number,
    more: boolean,
    body: Buffer,
    next: number,
  ): { next: number; data: Buffer } | null {
    layers.fragment = true;
    layers.payload = body;
    for (const [old, partial] of this.#partials) if (raw.time / 1_000_000_000n - partial.since > 30n) this.#partials.delete(old);
    if (layers.missing > 0 || body.length === 0 || (more && body.length % 8 !== 0) || offset + body.length > 65_535) return null;
    const partial: Partial4 = this.#partials.get(key) ?? { since: raw.time / 1_000_000_000n, data: new Map(), total: -1 };
    this.#partials.set(key, partial);
    if (!more) partial.total = offset + body.length;
    if (offset === 0) partial.first ??= { header: body, next };
    body.forEach((byte, at) => {
      if (!partial.data.has(offset + at)) partial.data.set(offset + at, byte);
    });
    if (partial.total < 0 || partial.data.size !== partial.total || partial.first === undefined) return null;
    this.#partials.delete(key);
    layers.fragment = false;
    layers.reassembled = true;
    return { next: partial.first.next, data: Buffer.from(Array.from({ length: partial.total }, (_, at) => partial.data.get(at) ?? 0)) };
  }

  #transport(layers: Layers, raw: Raw, protocol: number, body: Buffer): void {
    layers.payload = body;
    if (protocol === 6) {
      const header = (need(body, 20)[12] >> 4) * 4;
      if (header < 20 || header > body.length) throw new RangeError('offset');
      layers.ports = [body.readUInt16BE(0), body.readUInt16BE(2)];
      layers.tcp = { sequence: body.readUInt32BE(4), acknowledgement: body.readUInt32BE(8), flags: body[13] };
      layers.payload = body.subarray(header);
    } else if (protocol === 17) {
      layers.ports = [need(body, 8).readUInt16BE(0), body.readUInt16BE(2)];
      const length = body.readUInt16BE(4) || body.length;
      layers.payload = body.subarray(8);
      if (length < 8) throw new RangeError('length');
      layers.payload = body.subarray(8, length);
      const inner = layers.payload;
      if (layers.ports[1] === 4789 && inner.length >= 22 && inner.readUInt32BE(0) === 0x08000000 && inner[7] === 0)
        this.#inner(layers, raw, inner.subarray(8));
    } else if (protocol === 47) this.#gre(layers, raw, body);
    else if (protocol === 4 || protocol === 41) {
      layers.tunnels++;
      this.#network(layers, raw, protocol === 4 ? 0x0800 : 0x86dd, body);
    }
  }

  #gre(layers: Layers, raw: Raw, body: Buffer): void {
    const flags = need(body, 4).readUInt16BE(0);
    const type = body.readUInt16BE(2);
    const version = flags & 7;
    if (version > 1 || flags & 0x4000) return;
    const optional = [0x8000, 0x2000, 0x1000, version === 1 ? 0x80 : 0].filter((bit) => flags & bit).length;
    const inner = need(body, 4 + 4 * optional).subarray(4 + 4 * optional);
    layers.payload = inner;
    if (version === 1 && type === 0x880b && inner.length > 0) this.#ppp(layers, raw, inner);
    if (version === 1) return;
    if (type === 0x6558) this.#inner(layers, raw, inner);
    else if (type === 0x88be) this.#inner(layers, raw, inner.subarray(flags & 0x1000 ? 8 : 0));
    else if (type === 0x22eb) this.#inner(layers, raw, inner.subarray(12 + (inner[11] & 1) * 8));
    else if ([0x0800, 0x86dd, 0x8847].includes(type)) {
      layers.tunnels++;
      this.#network(layers, raw, type, inner);
    }
  }

  #inner(layers: Layers, raw: Raw, frame: Buffer): void {
    layers.tunnels++;
    layers.vlan = -1;
    layers.ports = [0, 0];
    delete layers.ip;
    this.#ethernet(layers, raw, frame);
  }

  #cut(layers: Layers, raw: Raw, missing: number): void {
    if (missing > 0 && raw.wire > raw.data.length) layers.missing = missing;
  }
}

function need(bytes: Buffer, length: number): Buffer {
  if (bytes.length < length) throw new RangeError('too short');
  return bytes;
}
