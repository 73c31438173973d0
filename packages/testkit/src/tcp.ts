/** TCP connections (RFC 9293) with right sequence and acknowledgement numbers, and the ways in which they go wrong. */
import type { Host } from './host.ts';
import { IpProtocol, checksum, pseudoHeaderSum, send as sendIp } from './ip.ts';
import type { Timeline } from './timeline.ts';

export const Flag = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

/** What happens to the bytes of one write on their way. */
export interface Delivery {
  /** Cuts the bytes before these offsets into segments of their own. */
  readonly split?: readonly number[];
  /** Segments arrive last first. */
  readonly reversed?: boolean;
  /** Every segment is sent twice. */
  readonly repeated?: boolean;
  /** Bytes that the tap missed: the numbers move on, no packet is written. */
  readonly lost?: boolean;
}

export interface ConnectionOptions {
  readonly clientPort?: number;
  /** Writes no handshake: the tap was plugged in later. */
  readonly established?: boolean;
  /** Largest segment, bytes of payload. */
  readonly segmentSize?: number;
}

const NOTHING = new Uint8Array(0);
/** Maximum segment size 1460. */
const SYN_OPTIONS = Uint8Array.of(2, 4, 0x05, 0xb4);

export class Connection {
  readonly timeline: Timeline;
  readonly client: Host;
  readonly server: Host;
  readonly clientPort: number;
  readonly serverPort: number;
  readonly #segmentSize: number;
  /** Next sequence number of each side. */
  #clientNext: number;
  #serverNext: number;
  /** Clock after the last segment: one connection never goes back in time, even when the timeline does. */
  #earliest = 0;

  constructor(timeline: Timeline, client: Host, server: Host, serverPort: number, options: ConnectionOptions = {}) {
    this.timeline = timeline;
    this.client = client;
    this.server = server;
    this.serverPort = serverPort;
    this.clientPort = options.clientPort ?? timeline.port();
    this.#segmentSize = options.segmentSize ?? 1460;
    this.#clientNext = timeline.random.next();
    this.#serverNext = timeline.random.next();
    if (!options.established) this.#handshake();
  }

  /** Client to server. */
  request(bytes: Uint8Array, delivery?: Delivery): this {
    return this.#write(true, bytes, delivery);
  }

  /** Server to client. */
  response(bytes: Uint8Array, delivery?: Delivery): this {
    return this.#write(false, bytes, delivery);
  }

  /** A segment without data that acknowledges all that was sent. */
  acknowledge(byClient = true): this {
    this.#segment(byClient, Flag.ACK, NOTHING);
    return this;
  }

  /** FIN from both sides. */
  close(byClient = true): void {
    this.#segment(byClient, Flag.FIN | Flag.ACK, NOTHING);
    this.#segment(!byClient, Flag.FIN | Flag.ACK, NOTHING);
    this.#segment(byClient, Flag.ACK, NOTHING);
  }

  /** One side gives up. */
  reset(byClient = true): void {
    this.#segment(byClient, Flag.RST | Flag.ACK, NOTHING);
  }

  #handshake(): void {
    this.#segment(true, Flag.SYN, NOTHING);
    this.#segment(false, Flag.SYN | Flag.ACK, NOTHING);
    this.#segment(true, Flag.ACK, NOTHING);
  }

  #write(byClient: boolean, bytes: Uint8Array, delivery: Delivery = {}): this {
    const cuts = [...(delivery.split ?? [])];
    if (bytes.length > this.#segmentSize) for (let cut = this.#segmentSize; cut < bytes.length; cut += this.#segmentSize) cuts.push(cut);
    if (delivery.lost) {
      this.#advance(byClient, bytes.length);
      return this;
    }
    if (cuts.length === 0) {
      const sequence = this.#next(byClient);
      this.#segment(byClient, Flag.PSH | Flag.ACK, bytes);
      if (delivery.repeated) this.#segment(byClient, Flag.PSH | Flag.ACK, bytes, sequence);
      return this;
    }
    const bounds = [...new Set([0, ...cuts, bytes.length])].filter((cut) => cut >= 0 && cut <= bytes.length).toSorted((a, b) => a - b);
    const first = this.#next(byClient);
    const segments = bounds.slice(1).map((end, i) => ({ from: bounds[i], end }));
    this.#advance(byClient, bytes.length);
    for (const { from, end } of delivery.reversed ? segments.toReversed() : segments) {
      for (let copy = delivery.repeated ? 2 : 1; copy > 0; copy--) {
        this.#segment(byClient, end === bytes.length ? Flag.PSH | Flag.ACK : Flag.ACK, bytes.subarray(from, end), (first + from) >>> 0);
      }
    }
    return this;
  }

  #next(byClient: boolean): number {
    return byClient ? this.#clientNext : this.#serverNext;
  }

  #advance(byClient: boolean, by: number): void {
    if (byClient) this.#clientNext = (this.#clientNext + by) >>> 0;
    else this.#serverNext = (this.#serverNext + by) >>> 0;
  }

  #segment(byClient: boolean, flags: number, payload: Uint8Array, sequence?: number): void {
    if (this.timeline.clock < this.#earliest) this.timeline.atClock(this.#earliest);
    const acknowledgement = flags & Flag.ACK ? this.#next(!byClient) : 0;
    const from = byClient ? this.client : this.server;
    const to = byClient ? this.server : this.client;
    const fromPort = byClient ? this.clientPort : this.serverPort;
    const toPort = byClient ? this.serverPort : this.clientPort;
    const options = flags & Flag.SYN ? SYN_OPTIONS : NOTHING;
    const bytes = tcpSegment(from, to, fromPort, toPort, sequence ?? this.#next(byClient), acknowledgement, flags, payload, options);
    sendIp(this.timeline, from, to, IpProtocol.TCP, bytes);
    this.#earliest = this.timeline.clock;
    if (sequence === undefined) this.#advance(byClient, payload.length + (flags & (Flag.SYN | Flag.FIN) ? 1 : 0));
  }
}

/** A connect that the server refuses with a reset: what a scan of a closed port looks like. */
export function refused(timeline: Timeline, client: Host, server: Host, serverPort: number, clientPort = timeline.port()): void {
  const sequence = timeline.random.next();
  syn(timeline, client, server, serverPort, clientPort, sequence);
  const answer = tcpSegment(server, client, serverPort, clientPort, 0, (sequence + 1) >>> 0, Flag.RST | Flag.ACK, NOTHING, NOTHING);
  sendIp(timeline, server, client, IpProtocol.TCP, answer);
}

/** A connect that nobody answers, asked `attempts` times a second apart. */
export function unanswered(
  timeline: Timeline,
  client: Host,
  server: Host,
  serverPort: number,
  attempts = 1,
  clientPort = timeline.port(),
): void {
  const sequence = timeline.random.next();
  for (let i = 0; i < attempts; i++) {
    if (i > 0) timeline.wait(1000);
    syn(timeline, client, server, serverPort, clientPort, sequence);
  }
}

/** A half-open probe: SYN, SYN+ACK, RST, as a SYN scan leaves at an open port. */
export function probed(timeline: Timeline, client: Host, server: Host, serverPort: number, clientPort = timeline.port()): void {
  const sequence = timeline.random.next();
  syn(timeline, client, server, serverPort, clientPort, sequence);
  const answer = tcpSegment(
    server,
    client,
    serverPort,
    clientPort,
    timeline.random.next(),
    (sequence + 1) >>> 0,
    Flag.SYN | Flag.ACK,
    NOTHING,
    SYN_OPTIONS,
  );
  sendIp(timeline, server, client, IpProtocol.TCP, answer);
  const reset = tcpSegment(client, server, clientPort, serverPort, (sequence + 1) >>> 0, 0, Flag.RST, NOTHING, NOTHING);
  sendIp(timeline, client, server, IpProtocol.TCP, reset);
}

function syn(timeline: Timeline, client: Host, server: Host, serverPort: number, clientPort: number, sequence: number): void {
  const bytes = tcpSegment(client, server, clientPort, serverPort, sequence, 0, Flag.SYN, NOTHING, SYN_OPTIONS);
  sendIp(timeline, client, server, IpProtocol.TCP, bytes);
}

/** One segment with its checksum; numbers as given, right or not. */
export function tcpSegment(
  from: Host,
  to: Host,
  fromPort: number,
  toPort: number,
  sequence: number,
  acknowledgement: number,
  flags: number,
  payload: Uint8Array,
  options: Uint8Array = NOTHING,
): Uint8Array {
  const header = 20 + options.length;
  const bytes = new Uint8Array(header + payload.length);
  bytes[0] = fromPort >> 8;
  bytes[1] = fromPort;
  bytes[2] = toPort >> 8;
  bytes[3] = toPort;
  bytes[4] = sequence >>> 24;
  bytes[5] = sequence >>> 16;
  bytes[6] = sequence >>> 8;
  bytes[7] = sequence;
  bytes[8] = acknowledgement >>> 24;
  bytes[9] = acknowledgement >>> 16;
  bytes[10] = acknowledgement >>> 8;
  bytes[11] = acknowledgement;
  bytes[12] = (header >> 2) << 4;
  bytes[13] = flags;
  bytes[14] = 0x20;
  bytes.set(options, 20);
  bytes.set(payload, header);
  const sum = checksum(bytes, 0, bytes.length, pseudoHeaderSum(from, to, IpProtocol.TCP, bytes.length));
  bytes[16] = sum >> 8;
  bytes[17] = sum;
  return bytes;
}
