/**
 * TCP payload in order (RFC 9293, 3.10). Segments in sequence go to the consumer straight from the chunk; only early
 * segments and unfinished messages are copied. All that is kept is bounded, per direction and in total.
 *
 * A hole (a segment that never came) is given up, with `gap`, as soon as the peer acknowledges what lies behind it, when
 * too much waits behind it, after some seconds of packet time, on RST, and at the end of the capture.
 *
 * Hot code: `accept` runs for every TCP packet; in sequence and with nothing held it looks at one row and allocates
 * nothing.
 */
import { HeldStream } from './held-stream.ts';
import type { Packet } from './packet.ts';
import { Tcp } from './packet.ts';
import type { FlowTable } from './tables/flow-table.ts';
import { Flow, FLOW_SHIFT, FLOW_WIDTH, FlowBit } from './tables/flow-table.ts';

export interface StreamConsumer {
  /**
   * Reads as many whole messages as there are from `bytes[start, end)`, contiguous and in order. Returns the offset after the last
   * one; what follows is kept and comes again in front of the next bytes. Anything out of range counts as `end`.
   */
  consume(row: number, direction: number, bytes: Uint8Array, start: number, end: number): number;
  /** Bytes of this direction are missing, and what was kept of it is gone; the next bytes follow after the hole. */
  gap(row: number, direction: number): void;
  /** A new connection begins on the row (same addresses and ports): what is known of the streams is void. */
  restart(row: number): void;
}

export interface TcpOrderOptions {
  /** Longest unfinished message kept, in bytes. */
  readonly longestTail?: number;
  /** Early segments and bytes kept in one direction. */
  readonly mostEarly?: number;
  readonly earlyBytes?: number;
  /** Memory for all directions together, in bytes. */
  readonly totalBytes?: number;
  /** Seconds of packet time a hole may stay open. */
  readonly holeSeconds?: number;
}

/** A segment further behind than this is no retransmission: the sequence numbers have jumped. */
const OLDEST_RETRANSMISSION = 1 << 20;
/** A SYN so close behind the stream repeats the one that opened it. */
const REPEATED_SYN = 1 << 16;
const CONTROL = Tcp.SYN | Tcp.FIN | Tcp.RST;
const PENDING = FlowBit.PENDING_A | FlowBit.PENDING_B;
/** Held streams kept for reuse. */
const POOL = 256;

export class TcpOrder {
  readonly counters = {
    /** Segments without a new byte. */
    retransmissions: 0,
    /** Segments with old and new bytes. */
    overlaps: 0,
    /** Segments kept because they came before their turn. */
    outOfOrder: 0,
    keepAlives: 0,
    /** Holes given up. */
    gaps: 0,
    /** Sequence numbers that jumped back beyond any window. */
    jumps: 0,
    /** Messages longer than may be kept. */
    tooLong: 0,
    /** Directions whose bytes were dropped because the total bound was reached. */
    refused: 0,
    /** Connections opened again on the same addresses and ports. */
    restarts: 0,
  };
  readonly #flows: FlowTable;
  readonly #consumer: StreamConsumer;
  readonly #longestTail: number;
  readonly #mostEarly: number;
  readonly #earlyBytes: number;
  readonly #totalBytes: number;
  readonly #holeSeconds: number;
  /** By row * 2 + direction. */
  readonly #held = new Map<number, HeldStream>();
  /** Those with a hole, the oldest hole first. */
  readonly #holes = new Set<HeldStream>();
  readonly #pool: HeldStream[] = [];
  #bytes = 0;
  #second = -1;

  constructor(flows: FlowTable, consumer: StreamConsumer, options: TcpOrderOptions = {}) {
    this.#flows = flows;
    this.#consumer = consumer;
    this.#longestTail = options.longestTail ?? 1 << 18;
    this.#mostEarly = options.mostEarly ?? 64;
    this.#earlyBytes = options.earlyBytes ?? 1 << 18;
    this.#totalBytes = options.totalBytes ?? 64 << 20;
    this.#holeSeconds = options.holeSeconds ?? 5;
  }

  /** Memory held now for all directions, in bytes, roughly. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /** Takes a whole decoded TCP packet (neither `fragment` nor `stopped`), its flow row and direction. */
  accept(packet: Packet, row: number, direction: number): void {
    if (packet.seconds !== this.#second) this.#tick(packet.seconds);
    const rows = this.#flows.rows;
    const at = row << FLOW_SHIFT;
    const mine = (at + Flow.SEQUENCE + direction) | 0;
    let bits = rows[(at + Flow.BITS) | 0];
    if (
      (packet.flags & CONTROL) === 0 &&
      (bits & (PENDING | (FlowBit.SEQUENCE_A << direction))) === FlowBit.SEQUENCE_A << direction &&
      packet.missing === 0 &&
      packet.sequence === rows[mine] &&
      // The peer's bytes before the acknowledgement have been seen, or nothing is known of them.
      (((packet.acknowledgement - rows[(at + Flow.SEQUENCE + 1 - direction) | 0]) | 0) <= 0 ||
        (bits & (FlowBit.SEQUENCE_B >> direction)) === 0)
    ) {
      const start = packet.payload;
      const end = packet.payloadEnd;
      if (end !== start) bits |= FlowBit.DATA_A << direction;
      if ((bits & FlowBit.ESTABLISHED) === 0) bits = established(bits, direction);
      rows[(at + Flow.BITS) | 0] = bits;
      if (end === start) return;
      rows[mine] = (packet.sequence + end - start) | 0;
      const after = this.#consumer.consume(row, direction, packet.bytes, start, end);
      if (after < end && after >= start) this.#keepTail(row, direction, packet.bytes, after, end);
      return;
    }
    this.#acceptOther(packet, row, direction);
  }

  /** End of the capture: gives up all holes, delivers what waits behind them, and forgets unfinished messages. */
  finish(): void {
    for (const held of this.#holes) this.#flush(held);
    for (const { row } of this.#held.values()) this.forget(row);
  }

  /** The row is about to be freed: drops what is kept for it. */
  forget(row: number): void {
    if ((this.#flows.rows[row * FLOW_WIDTH + Flow.BITS] & PENDING) === 0) return;
    this.#drop(row, 0);
    this.#drop(row, 1);
  }

  #acceptOther(packet: Packet, row: number, direction: number): void {
    const flows = this.#flows;
    const at = row * FLOW_WIDTH;
    const flags = packet.flags;
    if ((flags & Tcp.RST) !== 0) {
      this.#flushRow(row);
      flows.rows[at + Flow.BITS] |= FlowBit.RST;
      return;
    }
    let sequence = packet.sequence;
    if ((flags & Tcp.SYN) !== 0) {
      this.#open(packet, row, direction);
      sequence = (sequence + 1) | 0;
    } else if ((flows.rows[at + Flow.BITS] & FlowBit.ESTABLISHED) === 0) {
      flows.rows[at + Flow.BITS] = established(flows.rows[at + Flow.BITS], direction);
    }
    const peer = 1 - direction;
    if ((flags & Tcp.ACK) !== 0) this.#acknowledged(row, peer, packet.acknowledgement);
    const length = packet.payloadEnd - packet.payload + packet.missing;
    const fin = (flags & Tcp.FIN) !== 0;
    const bits = flows.rows[at + Flow.BITS];
    if ((bits & (FlowBit.SEQUENCE_A << direction)) === 0) {
      // Picked up mid-stream. An empty segment may be a keep-alive, one byte back: it defines nothing.
      if (length === 0 && !fin) return;
      flows.rows[at + Flow.SEQUENCE + direction] = sequence;
      flows.rows[at + Flow.BITS] = bits | (FlowBit.SEQUENCE_A << direction);
    }
    let behind = (flows.rows[at + Flow.SEQUENCE + direction] - sequence) | 0;
    if (length === 0 && !fin) {
      if (behind === 1 && (flags & Tcp.SYN) === 0) this.counters.keepAlives++;
      return;
    }
    if (behind > OLDEST_RETRANSMISSION) {
      this.counters.jumps++;
      this.#renumber(row, direction, sequence);
      behind = 0;
    }
    if (behind === 1 && length > 1 && (flags & Tcp.SYN) === 0 && (bits & (FlowBit.DATA_A << direction)) === 0) {
      // The first data takes the number of the SYN: a sender that does not count its SYN (simple stacks, written traffic).
      flows.rows[at + Flow.SEQUENCE + direction] = sequence;
      behind = 0;
    }
    if (behind < 0) {
      this.#keepEarly(packet, row, direction, sequence, fin);
      return;
    }
    if (behind > 0 && behind >= length) {
      if (behind === length && fin) this.#deliver(row, direction, packet.bytes, packet.payloadEnd, packet.payloadEnd, 0, true);
      else if (behind === 1 && length === 1) this.counters.keepAlives++;
      else if (length > 0) this.counters.retransmissions++;
      return;
    }
    if (behind > 0) this.counters.overlaps++;
    const captured = packet.payloadEnd - packet.payload;
    const known = Math.min(behind, captured);
    const missing = packet.missing - (behind - known);
    this.#deliver(row, direction, packet.bytes, packet.payload + known, packet.payloadEnd, missing, fin);
    if ((flows.rows[at + Flow.BITS] & (FlowBit.PENDING_A << direction)) !== 0) this.#drain(row, direction);
  }

  /** SYN or SYN/ACK: who the server is, and whether this is a new connection on known ends. */
  #open(packet: Packet, row: number, direction: number): void {
    const flows = this.#flows;
    const at = row * FLOW_WIDTH;
    const first = (packet.sequence + 1) | 0;
    const answer = (packet.flags & Tcp.ACK) !== 0;
    let bits = flows.rows[at + Flow.BITS];
    if ((bits & (FlowBit.SEQUENCE_A << direction)) !== 0) {
      const behind = (flows.rows[at + Flow.SEQUENCE + direction] - first) | 0;
      const closed = (bits & (FlowBit.RST | FlowBit.FIN_A | FlowBit.FIN_B)) !== 0;
      const repeated = behind >= 0 && behind <= REPEATED_SYN && (!closed || behind === 0);
      if (!repeated) {
        if (answer) this.#renumber(row, direction, first);
        else {
          this.#restart(row);
          flows.rows[at + Flow.SEQUENCE + direction] = first;
        }
      }
    } else {
      if (!answer && (bits & (FlowBit.RST | FlowBit.FIN_A | FlowBit.FIN_B)) !== 0) this.#restart(row);
      flows.rows[at + Flow.SEQUENCE + direction] = first;
    }
    bits = flows.rows[at + Flow.BITS];
    bits |= (FlowBit.SEQUENCE_A << direction) | (answer ? FlowBit.SYN_ACK : FlowBit.SYN);
    flows.rows[at + Flow.BITS] = bits;
    flows.setServer(row, answer ? direction : 1 - direction);
  }

  /** The numbers of a direction go on elsewhere: nothing known of the old ones holds. */
  #renumber(row: number, direction: number, sequence: number): void {
    this.#flushRow(row);
    this.#drop(row, direction);
    this.#consumer.gap(row, direction);
    this.#flows.rows[row * FLOW_WIDTH + Flow.SEQUENCE + direction] = sequence;
  }

  #restart(row: number): void {
    this.counters.restarts++;
    this.#flushRow(row);
    this.#drop(row, 0);
    this.#drop(row, 1);
    const tcp =
      FlowBit.SYN |
      FlowBit.SYN_ACK |
      FlowBit.ESTABLISHED |
      FlowBit.RST |
      FlowBit.FIN_A |
      FlowBit.FIN_B |
      FlowBit.DATA_A |
      FlowBit.DATA_B |
      FlowBit.SEQUENCE_A |
      FlowBit.SEQUENCE_B;
    this.#flows.rows[row * FLOW_WIDTH + Flow.BITS] &= ~tcp;
    this.#consumer.restart(row);
  }

  /** Hands on bytes that are next in sequence. */
  #deliver(row: number, direction: number, bytes: Uint8Array, start: number, end: number, missing: number, fin: boolean): void {
    const rows = this.#flows.rows;
    const at = row * FLOW_WIDTH;
    const next = at + Flow.SEQUENCE + direction;
    rows[next] = (rows[next] + (end - start) + missing + (fin ? 1 : 0)) | 0;
    if (end > start) rows[at + Flow.BITS] |= FlowBit.DATA_A << direction;
    if (fin) rows[at + Flow.BITS] |= FlowBit.FIN_A << direction;
    if (end > start) {
      const held = (rows[at + Flow.BITS] & (FlowBit.PENDING_A << direction)) === 0 ? undefined : this.#held.get(row * 2 + direction);
      if (held === undefined || held.tailLength === 0) {
        const after = this.#consumer.consume(row, direction, bytes, start, end);
        if (after < end && after >= start) this.#keepTail(row, direction, bytes, after, end);
      } else {
        this.#append(held, bytes, start, end);
        const length = held.tailLength;
        if (length > 0) {
          const after = this.#consumer.consume(row, direction, held.tail, 0, length);
          held.consume(after < 0 || after > length ? length : after);
          this.#release(held);
        }
      }
    }
    if (missing > 0) this.#lose(row, direction);
  }

  #keepTail(row: number, direction: number, bytes: Uint8Array, start: number, end: number): void {
    this.#append(this.#hold(row, direction), bytes, start, end);
  }

  /** Adds to the tail within the bounds; beyond them the message is lost. */
  #append(held: HeldStream, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const tooLong = held.tailLength + length > this.#longestTail;
    if (tooLong || this.#bytes + length > this.#totalBytes) {
      if (tooLong) this.counters.tooLong++;
      else this.counters.refused++;
      this.#lose(held.row, held.direction);
      return;
    }
    held.append(bytes, start, end);
    this.#charge(held);
  }

  #keepEarly(packet: Packet, row: number, direction: number, sequence: number, fin: boolean): void {
    if ((this.#flows.rows[row * FLOW_WIDTH + Flow.BITS] & (FlowBit.PENDING_A << direction)) !== 0) {
      const held = this.#held.get(row * 2 + direction);
      if (held !== undefined && held.early.length === 0 && held.hasAcknowledged && ((held.acknowledged - sequence) | 0) >= 0) {
        // The peer has what is missing here, so nobody will send it again.
        this.counters.gaps++;
        this.#lose(row, direction);
        this.#flows.rows[row * FLOW_WIDTH + Flow.SEQUENCE + direction] = sequence;
        this.#deliver(row, direction, packet.bytes, packet.payload, packet.payloadEnd, packet.missing, fin);
        this.#drain(row, direction);
        return;
      }
    }
    const captured = packet.payloadEnd - packet.payload;
    if (this.#bytes + captured > this.#totalBytes) {
      this.counters.refused++;
      const full = this.#held.get(row * 2 + direction);
      if (full !== undefined) this.#flush(full);
      this.#lose(row, direction);
      this.#flows.rows[row * FLOW_WIDTH + Flow.SEQUENCE + direction] = sequence;
      this.#deliver(row, direction, packet.bytes, packet.payload, packet.payloadEnd, packet.missing, fin);
      return;
    }
    const held = this.#hold(row, direction);
    const next = this.#flows.rows[row * FLOW_WIDTH + Flow.SEQUENCE + direction];
    const bytes = packet.bytes.slice(packet.payload, packet.payloadEnd);
    if (!held.insert({ sequence, bytes, missing: packet.missing, fin }, next)) {
      this.counters.retransmissions++;
      return;
    }
    this.#charge(held);
    this.counters.outOfOrder++;
    if (held.early.length === 1) {
      held.holeSince = packet.seconds;
      this.#holes.add(held);
    }
    if (held.early.length > this.#mostEarly || held.earlyBytes > this.#earlyBytes) this.#skipHole(held);
  }

  /**
   * The peer has everything before `acknowledgement`: holes before it were never captured. When nothing waits yet, the
   * number is remembered: the bytes may still come (captures reorder), a hole there need not be waited for.
   */
  #acknowledged(row: number, direction: number, acknowledgement: number): void {
    const at = row * FLOW_WIDTH;
    const bits = this.#flows.rows[at + Flow.BITS];
    if ((bits & (FlowBit.SEQUENCE_A << direction)) === 0) return;
    if (((acknowledgement - this.#flows.rows[at + Flow.SEQUENCE + direction]) | 0) <= 0) return;
    let held = (bits & (FlowBit.PENDING_A << direction)) === 0 ? undefined : this.#held.get(row * 2 + direction);
    if (held !== undefined) {
      while (held.early.length > 0 && ((acknowledgement - held.early[0].sequence) | 0) >= 0) this.#skipHole(held);
      if (((acknowledgement - this.#flows.rows[at + Flow.SEQUENCE + direction]) | 0) <= 0) return;
    } else if (this.#bytes > this.#totalBytes) return;
    held = this.#hold(row, direction);
    held.acknowledged = acknowledgement;
    held.hasAcknowledged = true;
    this.#charge(held);
  }

  /** Gives up the first hole and delivers what lies behind it, up to the next one. */
  #skipHole(held: HeldStream): void {
    const { row, direction } = held;
    const segment = held.early[0];
    this.counters.gaps++;
    this.#lose(row, direction);
    this.#flows.rows[row * FLOW_WIDTH + Flow.SEQUENCE + direction] = segment.sequence;
    this.#drain(row, direction);
  }

  /** Delivers early segments whose turn has come. */
  #drain(row: number, direction: number): void {
    const held = this.#held.get(row * 2 + direction);
    if (held === undefined) return;
    const next = row * FLOW_WIDTH + Flow.SEQUENCE + direction;
    const drained = held.early.length > 0;
    while (held.early.length > 0) {
      const segment = held.early[0];
      const behind = (this.#flows.rows[next] - segment.sequence) | 0;
      if (behind < 0) break;
      held.early.shift();
      held.earlyBytes -= segment.bytes.length;
      const length = segment.bytes.length + segment.missing;
      if (behind > length || (behind === length && !segment.fin)) continue;
      const known = Math.min(behind, segment.bytes.length);
      this.#deliver(row, direction, segment.bytes, known, segment.bytes.length, segment.missing - (behind - known), segment.fin);
    }
    if (held.hasAcknowledged && ((held.acknowledged - this.#flows.rows[next]) | 0) <= 0) held.hasAcknowledged = false;
    if (drained) {
      this.#holes.delete(held);
      if (held.early.length > 0) {
        held.holeSince = this.#second;
        this.#holes.add(held);
        this.#charge(held);
      }
    }
    this.#release(held);
  }

  /** Bytes are missing here: the unfinished message before them is void. */
  #lose(row: number, direction: number): void {
    const held = this.#held.get(row * 2 + direction);
    if (held !== undefined) {
      held.tailLength = 0;
      this.#release(held);
    }
    this.#consumer.gap(row, direction);
  }

  #flushRow(row: number): void {
    if ((this.#flows.rows[row * FLOW_WIDTH + Flow.BITS] & PENDING) === 0) return;
    for (let direction = 0; direction < 2; direction++) {
      const held = this.#held.get(row * 2 + direction);
      if (held !== undefined) this.#flush(held);
    }
  }

  #flush(held: HeldStream): void {
    while (held.early.length > 0) this.#skipHole(held);
  }

  /** A second of packet time has passed: gives up holes that stayed open too long. */
  #tick(second: number): void {
    this.#second = second;
    for (const held of this.#holes) {
      // Holes are in order of time; packet time that runs backwards only delays them.
      if (second - held.holeSince <= this.#holeSeconds) return;
      this.#skipHole(held);
    }
  }

  #hold(row: number, direction: number): HeldStream {
    const key = row * 2 + direction;
    let held = this.#held.get(key);
    if (held === undefined) {
      held = this.#pool.pop() ?? new HeldStream();
      held.row = row;
      held.direction = direction;
      this.#held.set(key, held);
      this.#flows.rows[row * FLOW_WIDTH + Flow.BITS] |= FlowBit.PENDING_A << direction;
    }
    return held;
  }

  /** Gives the object back when nothing is held any more. */
  #release(held: HeldStream): void {
    if (!held.isEmpty) return;
    const key = held.row * 2 + held.direction;
    if (this.#held.get(key) !== held) return;
    this.#held.delete(key);
    this.#holes.delete(held);
    this.#flows.rows[held.row * FLOW_WIDTH + Flow.BITS] &= ~(FlowBit.PENDING_A << held.direction);
    this.#bytes -= held.charged;
    held.charged = 0;
    held.reset();
    if (this.#pool.length < POOL) this.#pool.push(held);
  }

  #drop(row: number, direction: number): void {
    const held = this.#held.get(row * 2 + direction);
    if (held === undefined) return;
    held.reset();
    this.#release(held);
  }

  #charge(held: HeldStream): void {
    const cost = held.cost;
    this.#bytes += cost - held.charged;
    held.charged = cost;
  }
}

/** Adds ESTABLISHED when the handshake is complete with a segment of this direction, or data was seen both ways. */
function established(bits: number, direction: number): number {
  const handshake = FlowBit.SYN | FlowBit.SYN_ACK;
  const data = FlowBit.DATA_A | FlowBit.DATA_B;
  if ((bits & handshake) === handshake && (bits & (FlowBit.SERVER_A << direction)) === 0) return bits | FlowBit.ESTABLISHED;
  return (bits & data) === data ? bits | FlowBit.ESTABLISHED : bits;
}
