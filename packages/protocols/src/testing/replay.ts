/**
 * A small, slow replay of captures through dissectors, for their tests. It follows the contract of `dissector.ts` to the
 * letter and depends on nothing but it: no packet package, no speed, no bounds beyond the contract's.
 *
 * - TCP is put in order by sequence number. Retransmitted bytes are dropped. Bytes that never came (the peer acknowledged
 *   past them, or 64 later segments wait) are a gap: the dissector hears `gap`, its half-read message is dropped, and
 *   reading resumes at the first segment that `identify` accepts.
 * - The client is who sends SYN; else who talks to a port of one of the dissectors; else who sends first.
 * - A flow belongs to the first dissector that is Certain of its bytes, else to the first that finds them Possible on its
 *   own port. While any says More the bytes are kept (64 at most). A flow that nobody claims is asked again with every
 *   segment or datagram.
 * - IP fragments are left out.
 *
 * Beside it: `recorder.ts` (what was told), `truth.ts` (`compareFields`), `mutate.ts` (damaged bytes), `capture.ts` (files).
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Confidence, type Dissector } from '../dissector.ts';
import { type CapturedFrame, readCapture } from './capture.ts';
import { Recorder } from './recorder.ts';

/** One direction of a TCP flow. */
interface Direction {
  next: number | undefined;
  /** Segments ahead of `next`, unordered. */
  waiting: Segment[];
  /** Bytes not consumed yet: an unfinished message, or too few to identify. */
  tail: Uint8Array;
  /** Reading resumes only where `identify` says yes. */
  lost: boolean;
}

interface Segment {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly complete: boolean;
}

interface Flow {
  readonly name: string;
  readonly client: string;
  readonly ports: readonly [number, number];
  readonly clientSide: Direction;
  readonly serverSide: Direction;
  dissector: Dissector | undefined;
  state: unknown;
  synSequence: number | undefined;
}

const IDENTIFY_AT_MOST = 64;
const WAITING_AT_MOST = 64;
const FIN_OR_RST = 5;
const SYN = 2;
const ACK = 16;

const newDirection = (): Direction => ({ next: undefined, waiting: [], tail: new Uint8Array(0), lost: false });

/** Reads a capture file and drives the dissectors with it. */
export function replay(file: string, dissectors: readonly Dissector[]): Recorder {
  return replayFrames(readCapture(readFileSync(file)), dissectors);
}

/** Drives the dissectors with frames already read. */
export function replayFrames(frames: Iterable<CapturedFrame>, dissectors: readonly Dissector[]): Recorder {
  const run = new Replay(dissectors);
  for (const frame of frames) run.frame(frame);
  run.finish();
  return run.recorder;
}

/** One piece of a hand-made talk. */
export interface Piece {
  readonly toServer: boolean;
  readonly bytes: Uint8Array;
}

/** Bytes of a text of hexadecimal digits; anything else in it is skipped. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/[^0-9a-f]/gi, ''), 'hex'));
}

/** From the client to the server. */
export const request = (bytes: Uint8Array | string): Piece => ({ toServer: true, bytes: typeof bytes === 'string' ? hex(bytes) : bytes });
/** From the server to the client. */
export const response = (bytes: Uint8Array | string): Piece => ({ toServer: false, bytes: typeof bytes === 'string' ? hex(bytes) : bytes });

export interface TalkOptions {
  /** Each piece is a datagram instead of a segment of a stream. */
  readonly datagrams?: boolean;
  readonly serverPort?: number;
  readonly complete?: boolean;
}

/** Gives hand-made pieces of one flow to a dissector, without identification of the first one. */
export function talk(dissector: Dissector, pieces: readonly Piece[], options: TalkOptions = {}): Recorder {
  const port = options.serverPort ?? dissector.tcpPorts[0] ?? dissector.udpPorts[0] ?? 0;
  const run = new Replay([dissector]);
  const flow = newFlow('talk', 'client', [49152, port]);
  flow.dissector = dissector;
  pieces.forEach((piece, index) => {
    run.recorder.frame = index + 1;
    run.recorder.seconds = index;
    run.place(flow, piece.toServer, options.complete ?? true);
    if (options.datagrams) run.datagram(flow, piece.bytes);
    else run.bytes(flow, piece.toServer ? flow.clientSide : flow.serverSide, piece.bytes);
  });
  return run.recorder;
}

const newFlow = (name: string, client: string, ports: readonly [number, number]): Flow => ({
  name,
  client,
  ports,
  clientSide: newDirection(),
  serverSide: newDirection(),
  dissector: undefined,
  state: undefined,
  synSequence: undefined,
});

class Replay {
  readonly recorder = new Recorder();
  readonly #dissectors: readonly Dissector[];
  readonly #flows = new Map<string, Flow>();
  readonly #open: Flow[] = [];

  constructor(dissectors: readonly Dissector[]) {
    this.#dissectors = dissectors;
  }

  frame(frame: CapturedFrame): void {
    const { recorder } = this;
    recorder.frame = frame.number;
    recorder.seconds = frame.seconds;
    recorder.toGroup = frame.toGroup;
    if (frame.transport === 'tcp' || frame.transport === 'udp') {
      const flow = this.#flowOf(frame);
      const toServer = flow.client === `${frame.source}:${frame.sourcePort}`;
      this.place(flow, toServer, frame.complete);
      if (frame.transport === 'tcp') this.#segment(flow, toServer, frame);
      else if (frame.payload.length > 0) this.datagram(flow, frame.payload);
      return;
    }
    for (const dissector of this.#dissectors) {
      const own =
        frame.transport === 'ethernet' ? dissector.etherTypes.includes(frame.etherType) : dissector.ipProtocols.includes(frame.ipProtocol);
      if (!own || !dissector.datagram) continue;
      const flow = this.#carrier(frame);
      flow.dissector = dissector;
      this.place(flow, flow.client === frame.source, frame.complete);
      this.datagram(flow, frame.payload);
      return;
    }
  }

  /** At the end of the capture, what still waits behind a hole is read. */
  finish(): void {
    for (const flow of this.#open) {
      for (const toServer of [true, false]) {
        this.place(flow, toServer, true);
        this.#drain(flow, toServer, true);
      }
    }
  }

  /** Sets where the next message stands. */
  place(flow: Flow, toServer: boolean, complete: boolean): void {
    const { recorder } = this;
    recorder.toServer = toServer;
    recorder.complete = complete;
    recorder.sourcePort = flow.ports[toServer ? 0 : 1];
    recorder.destinationPort = flow.ports[toServer ? 1 : 0];
  }

  datagram(flow: Flow, bytes: Uint8Array): void {
    flow.dissector ??= this.#claim(flow, bytes, false);
    const { dissector } = flow;
    if (dissector?.datagram) this.#within(flow, () => dissector.datagram?.(this.recorder, bytes, 0, bytes.length));
  }

  /** Takes the next bytes of one direction, in order. */
  bytes(flow: Flow, side: Direction, bytes: Uint8Array): void {
    const known = side.tail.length === 0 ? bytes : Uint8Array.from([...side.tail, ...bytes]);
    side.tail = new Uint8Array(0);
    if (!flow.dissector || side.lost) {
      const among = flow.dissector ? [flow.dissector] : this.#dissectors;
      const verdict = this.#judge(flow, among, known, true);
      if (verdict === undefined) {
        if (known.length < IDENTIFY_AT_MOST) side.tail = known;
        return;
      }
      if (verdict === null) {
        if (flow.dissector) this.#skip('resynchronising', known.length);
        return;
      }
      if (!flow.dissector) this.#assign(flow, verdict, 'tcp');
      side.lost = false;
    }
    const { dissector } = flow;
    if (!dissector?.stream) return;
    let at = 0;
    while (at < known.length) {
      const start = at;
      const after = this.#within(flow, () => dissector.stream?.(this.recorder, known, start, known.length) ?? -1);
      if (after < 0) {
        this.#skip('no-message', known.length - at);
        side.lost = true;
        return;
      }
      if (after < at || after > known.length)
        throw new Error(`${dissector.protocol.id} returned ${after} for bytes ${at} to ${known.length} in frame ${this.recorder.frame}`);
      if (after === at) break;
      at = after;
    }
    if (known.length - at > dissector.longestMessage) {
      this.#skip('too-long', known.length - at);
      side.lost = true;
    } else side.tail = known.slice(at);
  }

  #within<T>(flow: Flow, act: () => T): T {
    this.recorder.state = flow.state;
    const result = act();
    flow.state = this.recorder.state;
    return result;
  }

  #skip(reason: string, bytes: number): void {
    this.recorder.skipped[reason] = (this.recorder.skipped[reason] ?? 0) + bytes;
  }

  /** The dissector that claims bytes, null when none does, undefined when more bytes are needed to say. */
  #judge(flow: Flow, among: readonly Dissector[], bytes: Uint8Array, stream: boolean): Dissector | null | undefined {
    let possible: Dissector | undefined;
    let more = false;
    for (const dissector of among) {
      if (stream ? !dissector.stream : !dissector.datagram) continue;
      const confidence = dissector.identify?.(bytes, 0, bytes.length, stream) ?? Confidence.No;
      const own = (stream ? dissector.tcpPorts : dissector.udpPorts).some((port) => flow.ports.includes(port));
      if (confidence === Confidence.Certain) return dissector;
      if (confidence === Confidence.Possible && own) possible ??= dissector;
      if (confidence === Confidence.More) more = true;
    }
    return more && bytes.length < IDENTIFY_AT_MOST && stream ? undefined : (possible ?? null);
  }

  #claim(flow: Flow, bytes: Uint8Array, stream: boolean): Dissector | undefined {
    const dissector = this.#judge(flow, this.#dissectors, bytes, stream) ?? undefined;
    if (dissector) this.#assign(flow, dissector, 'udp');
    return dissector;
  }

  #assign(flow: Flow, dissector: Dissector, transport: string): void {
    flow.dissector = dissector;
    this.recorder.identified.push(`${dissector.protocol.id} ${transport} ${flow.name}`);
  }

  #flowOf(frame: CapturedFrame): Flow {
    const key = frameKey(frame);
    const known = this.#flows.get(key);
    const opens = frame.transport === 'tcp' && (frame.flags & (SYN | ACK | FIN_OR_RST)) === SYN;
    if (known && !(opens && known.synSequence !== frame.sequence && known.clientSide.next !== undefined)) return known;
    const from = `${frame.source}:${frame.sourcePort}`;
    const to = `${frame.destination}:${frame.destinationPort}`;
    const fromClient = this.#fromClient(frame);
    const flow = newFlow(
      fromClient ? `${from} > ${to}` : `${to} > ${from}`,
      fromClient ? from : to,
      fromClient ? [frame.sourcePort, frame.destinationPort] : [frame.destinationPort, frame.sourcePort],
    );
    this.#flows.set(key, flow);
    if (frame.transport === 'tcp') this.#open.push(flow);
    return flow;
  }

  /** Frames and IP messages without ports: a flow for each pair of addresses. */
  #carrier(frame: CapturedFrame): Flow {
    const key = frameKey(frame);
    const flow = this.#flows.get(key) ?? newFlow(key, frame.source, [0, 0]);
    this.#flows.set(key, flow);
    return flow;
  }

  #fromClient(frame: CapturedFrame): boolean {
    if (frame.transport === 'tcp' && (frame.flags & (SYN | FIN_OR_RST)) === SYN) return (frame.flags & ACK) === 0;
    const known = (port: number): boolean =>
      this.#dissectors.some((dissector) => (frame.transport === 'tcp' ? dissector.tcpPorts : dissector.udpPorts).includes(port));
    return known(frame.destinationPort) || !known(frame.sourcePort);
  }

  #segment(flow: Flow, toServer: boolean, frame: CapturedFrame): void {
    const side = toServer ? flow.clientSide : flow.serverSide;
    const peer = toServer ? flow.serverSide : flow.clientSide;
    if (frame.flags & SYN) {
      if (toServer) flow.synSequence = frame.sequence;
      side.next = (frame.sequence + 1) >>> 0;
    }
    if (frame.payload.length > 0) {
      const sequence = frame.flags & SYN ? (frame.sequence + 1) >>> 0 : frame.sequence;
      side.next ??= sequence;
      side.waiting.push({ sequence, bytes: frame.payload, complete: frame.complete });
      this.#drain(flow, toServer, side.waiting.length > WAITING_AT_MOST);
    }
    const acknowledged = (frame.flags & ACK) !== 0 && peer.waiting.some((segment) => distance(segment.sequence, frame.acknowledgement) > 0);
    if (acknowledged) {
      this.place(flow, !toServer, true);
      this.#drain(flow, !toServer, true);
    }
  }

  /** Reads the waiting segments that are next; with `force` also those behind a hole. */
  #drain(flow: Flow, toServer: boolean, force: boolean): void {
    const side = toServer ? flow.clientSide : flow.serverSide;
    side.waiting.sort((a, b) => distance(b.sequence, a.sequence));
    for (;;) {
      const [segment] = side.waiting;
      if (!segment || side.next === undefined) return;
      const ahead = distance(side.next, segment.sequence);
      if (ahead > 0) {
        if (!force) return;
        this.#gap(flow, side);
        side.next = segment.sequence;
      }
      side.waiting.shift();
      const fresh = segment.bytes.subarray(Math.max(0, -distance(side.next, segment.sequence)));
      if (fresh.length === 0) continue;
      side.next = (side.next + fresh.length) >>> 0;
      this.recorder.complete = segment.complete;
      this.bytes(flow, side, fresh);
    }
  }

  #gap(flow: Flow, side: Direction): void {
    side.tail = new Uint8Array(0);
    side.lost = flow.dissector !== undefined;
    this.#skip('gaps', 1);
    if (flow.dissector?.gap) this.#within(flow, () => flow.dissector?.gap?.(this.recorder));
  }
}

/** From sequence number `a` forward to `b`; negative when `b` is behind. */
function distance(a: number, b: number): number {
  return (b - a) | 0;
}

function frameKey(frame: CapturedFrame): string {
  const ends = [`${frame.source}:${frame.sourcePort}`, `${frame.destination}:${frame.destinationPort}`].sort();
  return `${frame.transport} ${frame.etherType} ${frame.ipProtocol} ${ends.join(' ')}`;
}

/** Where the captures lie, or undefined when this machine has none. */
export function capturesDirectory(): string | undefined {
  const directory = process.env.ANNUNCIATOR_CAPTURES ?? resolve(import.meta.dirname, '../../../../../shared/captures');
  try {
    readFileSync(resolve(directory, 'manifest.json'));
    return directory;
  } catch {
    return undefined;
  }
}
