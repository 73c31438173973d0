/** Flows and TCP streams of the slow twin: Maps by text, numbers without wrap-around, arrays of pieces. */
import type { Layers } from './twin.ts';

interface Piece {
  start: number;
  data: Buffer;
  missing: number;
  fin: boolean;
}

class Stream {
  /** Next byte, unwrapped: grows beyond 2^32. */
  next: number | undefined;
  early: Piece[] = [];
  holeSince = 0;
  /** The peer has everything before this byte. */
  acknowledged: number | undefined;
  out: Buffer[] = [];
  gaps = 0;
  /** Has delivered data since the connection began. */
  spoken = false;

  gap(): void {
    this.gaps++;
    this.out.push(Buffer.from('<gap>'));
  }
}

export interface TwinFlow {
  packets: Record<string, number>;
  bytes: Record<string, number>;
  streams: Record<string, Stream>;
  syn: boolean;
  synAck: boolean;
  rst: boolean;
  fins: Set<string>;
  server: string;
}

export class TwinFlows {
  readonly flows = new Map<string, TwinFlow>();
  #second = -1;

  add(layers: Layers, wire: number, second: number): void {
    const from = layers.ip ? `${layers.ip.source} ${layers.ports[0]}` : layers.macs[0];
    const to = layers.ip ? `${layers.ip.destination} ${layers.ports[1]}` : layers.macs[1];
    const kind = layers.ip
      ? `ip${layers.ip.version}/${layers.ip.protocol}`
      : `0x${(layers.etherType < 0x600 ? 0 : layers.etherType).toString(16)}`;
    const key = `${[from, to].sort().join(' - ')} ${kind}`;
    let flow = this.flows.get(key);
    if (!flow) {
      const streams = { [from]: new Stream(), [to]: new Stream() };
      flow = { packets: {}, bytes: {}, streams, syn: false, synAck: false, rst: false, fins: new Set(), server: '' };
      this.flows.set(key, flow);
    }
    flow.packets[from] = (flow.packets[from] ?? 0) + 1;
    flow.bytes[from] = (flow.bytes[from] ?? 0) + wire;
    if (layers.tcp) this.#tcp(flow, from, to, layers, layers.tcp, second);
  }

  finish(): void {
    for (const flow of this.flows.values()) for (const [from, stream] of Object.entries(flow.streams)) this.#flush(flow, from, stream);
  }

  #tcp(flow: TwinFlow, from: string, to: string, layers: Layers, tcp: NonNullable<Layers['tcp']>, second: number): void {
    if (second !== this.#second) {
      this.#second = second;
      this.#expire(second);
    }
    const has = (bit: number): boolean => (tcp.flags & bit) !== 0;
    const mine = flow.streams[from];
    const peer = flow.streams[to];
    if (has(4)) {
      this.#flush(flow, from, mine);
      this.#flush(flow, to, peer);
      flow.rst = true;
      return;
    }
    let sequence = tcp.sequence;
    if (has(2)) {
      this.#syn(flow, from, to, tcp.sequence + 1, has(16));
      sequence++;
    }
    if (has(16) && peer.next !== undefined) {
      const acknowledged = near(tcp.acknowledgement, peer.next);
      while (peer.early.length > 0 && acknowledged >= peer.early[0].start) this.#skip(flow, to, peer);
      if (acknowledged > peer.next) peer.acknowledged = acknowledged;
    }
    const length = layers.payload.length + layers.missing;
    const fin = has(1);
    if (length === 0 && !fin) return;
    mine.next ??= sequence;
    let start = near(sequence, mine.next);
    if (mine.next - start > 1 << 20) {
      this.#flush(flow, from, mine);
      this.#flush(flow, to, peer);
      mine.gap();
      mine.acknowledged = undefined;
      mine.next = sequence;
      start = sequence;
    }
    if (mine.next - start === 1 && length > 1 && !has(2) && !mine.spoken) mine.next = start;
    const piece = { start, data: Buffer.from(layers.payload), missing: layers.missing, fin };
    if (start <= mine.next) {
      this.#deliver(flow, from, mine, piece);
      this.#drain(flow, from, mine);
      return;
    }
    if (mine.early.length === 0 && mine.acknowledged !== undefined && mine.acknowledged > mine.next && mine.acknowledged >= start) {
      mine.gap();
      mine.next = start;
      this.#deliver(flow, from, mine, piece);
      return;
    }
    const same = mine.early.filter((other) => other.start === start).at(-1);
    if (same && same.data.length >= piece.data.length && (same.fin || !fin)) return;
    if (mine.early.length === 0) mine.holeSince = second;
    mine.early.push(piece);
    mine.early.sort((a, b) => a.start - b.start);
    if (mine.early.length > 64 || mine.early.reduce((sum, { data }) => sum + data.length, 0) > 1 << 18) this.#skip(flow, from, mine);
  }

  #syn(flow: TwinFlow, from: string, to: string, first: number, answer: boolean): void {
    const mine = flow.streams[from];
    const closed = flow.rst || flow.fins.size > 0;
    if (mine.next !== undefined) {
      const behind = mine.next - near(first, mine.next);
      if (behind < 0 || behind > 65_536 || (closed && behind !== 0)) {
        this.#flush(flow, from, mine);
        this.#flush(flow, to, flow.streams[to]);
        if (answer) mine.gap();
        else restart(flow);
        mine.acknowledged = undefined;
        mine.next = first;
      }
    } else {
      if (!answer && closed) {
        this.#flush(flow, to, flow.streams[to]);
        restart(flow);
      }
      mine.next = first;
    }
    if (answer) flow.synAck = true;
    else flow.syn = true;
    flow.server = answer ? from : to;
  }

  #deliver(flow: TwinFlow, from: string, stream: Stream, piece: Piece): void {
    const next = stream.next ?? piece.start;
    const known = next - piece.start;
    const length = piece.data.length + piece.missing;
    if (known > length || (known === length && known > 0 && !piece.fin)) return;
    const fresh = piece.data.subarray(known);
    if (fresh.length > 0) {
      stream.out.push(fresh);
      stream.spoken = true;
    }
    stream.next = piece.start + length + (piece.fin ? 1 : 0);
    if (piece.fin) flow.fins.add(from);
    if (piece.missing - Math.max(0, known - piece.data.length) > 0) stream.gap();
  }

  #drain(flow: TwinFlow, from: string, stream: Stream): void {
    if (stream.early.length === 0) return;
    while (stream.early.length > 0 && stream.early[0].start <= (stream.next ?? 0)) {
      const piece = stream.early.shift();
      if (piece) this.#deliver(flow, from, stream, piece);
    }
    stream.holeSince = this.#second;
  }

  #skip(flow: TwinFlow, from: string, stream: Stream): void {
    stream.gap();
    stream.next = stream.early[0].start;
    this.#drain(flow, from, stream);
  }

  #flush(flow: TwinFlow, from: string, stream: Stream): void {
    while (stream.early.length > 0) this.#skip(flow, from, stream);
  }

  #expire(second: number): void {
    for (const flow of this.flows.values()) {
      for (const [from, stream] of Object.entries(flow.streams)) {
        if (stream.early.length > 0 && second - stream.holeSince > 5) this.#skip(flow, from, stream);
      }
    }
  }
}

function restart(flow: TwinFlow): void {
  for (const stream of Object.values(flow.streams)) {
    stream.next = undefined;
    stream.acknowledged = undefined;
    stream.early = [];
    stream.out.push(Buffer.from('|'));
    stream.spoken = false;
  }
  flow.syn = false;
  flow.synAck = false;
  flow.rst = false;
  flow.fins.clear();
}

/** The unwrapped number nearest to `reference` that is `sequence` modulo 2^32. */
function near(sequence: number, reference: number): number {
  const distance = (((sequence - reference) % 2 ** 32) + 2 ** 32) % 2 ** 32;
  return reference + (distance >= 2 ** 31 ? distance - 2 ** 32 : distance);
}
