/**
 * Flows: who talks with whom, in both directions, as int32 rows of one cache line. IP flows are keyed by addresses,
 * ports and IP protocol, other frames by MACs and EtherType; VLAN tags do not count, so traffic mirrored on two VLANs
 * meets in one flow.
 *
 * Hot code: `touch` runs for every packet and allocates nothing. `rows` is replaced when the table grows: read it afresh
 * after each `touch`. Column `c` of row `r` is `flows.rows[r * FLOW_WIDTH + c]`; direction 0 is A to B, 1 is B to A.
 */
import { NO_FLOW, type Packet } from '../packet.ts';
import { AddressTable } from './address-table.ts';
import { hashOfFour as hashOf, LONGEST_PROBE } from './hash.ts';

/** Columns of a row (a cache line of 64 bytes), and the same as a power of two: hot code shifts, which cannot overflow. */
export const FLOW_WIDTH = 16;
export const FLOW_SHIFT = 4;

/** Columns. Pairs stand side by side: add the direction, or the side, to the first. */
export const Flow = {
  /** Address of A, then of B: IPv4, number of an IPv6 address, or number of a MAC. A is the smaller end. */
  ADDRESS: 0,
  /** Port of A << 16 | port of B. */
  PORTS: 2,
  /** IP version << 16 | IP protocol; for other frames the EtherType (version 0). */
  KIND: 3,
  /** Next TCP sequence number expected from A, then from B; belongs to `TcpOrder`. */
  SEQUENCE: 4,
  /** Packets from A, from B; `FlowTable.packets` gives the whole count. */
  PACKETS: 6,
  /** Bytes on the wire from A, from B; `FlowTable.bytes` gives the whole count. */
  BYTES: 8,
  /** Second of the last packet (since 1970, low 32 bits). */
  LAST: 10,
  /** `FlowBit`s. */
  BITS: 11,
  /** Device of A, of B: the caller's, 0 at first. */
  DEVICE: 12,
  /** Low 32 bits of the MAC that A, that B sends from; 0 until that side has sent (or without MACs). */
  MAC: 14,
} as const;

/**
 * Bits of `Flow.BITS`. Those named `..._A` have their twin for B one bit higher: `FlowBit.FIN_A << direction`.
 * Bits 23 to 30 are the caller's.
 */
export const FlowBit = {
  /** Number of the identified protocol, the caller's. */
  APPLICATION: 0xff,
  /** The server is A, or B; neither bit while it is unknown. */
  SERVER_A: 1 << 8,
  SERVER_B: 1 << 9,
  SYN: 1 << 10,
  SYN_ACK: 1 << 11,
  /** Both sides have agreed: SYN, SYN/ACK and data or ACK seen; or, picked up mid-stream, data acknowledged both ways. */
  ESTABLISHED: 1 << 12,
  RST: 1 << 13,
  FIN_A: 1 << 14,
  FIN_B: 1 << 15,
  DATA_A: 1 << 16,
  DATA_B: 1 << 17,
  /** `TcpOrder` knows the next sequence number of the direction. */
  SEQUENCE_A: 1 << 18,
  SEQUENCE_B: 1 << 19,
  /** `TcpOrder` keeps bytes of the direction: an unfinished message or early segments. */
  PENDING_A: 1 << 20,
  PENDING_B: 1 << 21,
  /** Counters were carried into `FlowTable`'s wide columns. */
  CARRIED: 1 << 22,
  /** First bit that callers may use, up to bit 30. */
  CALLER: 1 << 23,
} as const;

const CARRY = 0x40000000;
/** What `find` gives beside rows: there is no such flow, and there is no room for one either. */
const NOT_FOUND = -1;
const NO_ROOM = -3;
/** Low bits of a slot: row + 1. The bits above hold a part of the hash, so that rows of other flows are rarely touched. */
const ROW_BITS = 20;
const ROW_MASK = (1 << ROW_BITS) - 1;
/** Rows looked at when the table is full, to find the one idle longest. */
const CLOCK_STEPS = 32;

export interface FlowTableOptions {
  /** Most flows kept; beyond it one of the idle ones gives way. */
  readonly maxFlows?: number;
  readonly initialFlows?: number;
  /** Seconds of packet time after which `sweep` frees a silent flow. */
  readonly idleSeconds?: number;
}

export class FlowTable {
  rows: Int32Array;
  /** Second of the first packet (since 1970, low 32 bits) and its frame, by row. */
  firstSecond: Int32Array;
  firstFrame: Int32Array;
  /** Numbers of the MACs of flows without IP. */
  readonly macs: AddressTable;
  /** Direction of the last packet touched: 0 from A to B, 1 from B to A. */
  direction = 0;
  /** The last `touch` made the row. */
  created = false;
  /** Its sender sent for the first time in this flow, or from another MAC than before. */
  met = false;
  /** Row of the last packet touched, -1 when it was refused. */
  row = -1;
  /** Flows kept now. */
  size = 0;
  readonly counters = { created: 0, idle: 0, evicted: 0, refused: 0 };
  /** Called before a row is freed; its columns are still there. */
  onEvict: (row: number) => void = () => undefined;
  readonly #maxFlows: number;
  readonly #idleSeconds: number;
  /** 0 for free; else see `ROW_BITS`. */
  #slots: Int32Array;
  #mask: number;
  /** Changes with each row that is freed: rows that were found before may be others now. */
  #version = 0;
  /** Freed rows, a stack. */
  #free: Int32Array;
  #freeCount = 0;
  /** Rows ever used. */
  #used = 0;
  #hand = 0;
  /** Upper parts of the counters by row: packets A, B, bytes A, B; made when a counter first nears its end. */
  readonly #carried = new Map<number, Float64Array>();

  constructor(options: FlowTableOptions = {}) {
    this.#maxFlows = options.maxFlows ?? 1_000_000;
    if (this.#maxFlows >= ROW_MASK) throw new RangeError(`a flow table holds at most ${ROW_MASK - 1} flows, not ${this.#maxFlows}`);
    this.#idleSeconds = options.idleSeconds ?? 3600;
    const capacity = Math.min(this.#maxFlows, options.initialFlows ?? 256);
    this.rows = new Int32Array(capacity * FLOW_WIDTH);
    this.firstSecond = new Int32Array(capacity);
    this.firstFrame = new Int32Array(capacity);
    this.#free = new Int32Array(capacity);
    this.#mask = slotsFor(capacity) - 1;
    this.#slots = new Int32Array(this.#mask + 1);
    this.macs = new AddressTable(1 << 18);
  }

  /** Rows that exist, in use or not: the length that a caller's columns by row need. */
  get capacity(): number {
    return this.firstSecond.length;
  }

  /** Rows ever used: all flows are among 0 to `used - 1`; see `isUsed`. */
  get used(): number {
    return this.#used;
  }

  /** The row holds a flow. */
  isUsed(row: number): boolean {
    // A used row has counted at least one packet in a direction, or carried counts.
    const at = row * FLOW_WIDTH;
    return (this.rows[at + Flow.PACKETS] | this.rows[at + Flow.PACKETS + 1] | (this.rows[at + Flow.BITS] & FlowBit.CARRIED)) !== 0;
  }

  /**
   * Says to which flow a decoded packet belongs: its key and hash, in the packet. Returns what stands in the slot, which is of
   * no use but to be used somehow: whoever aims at several packets before finding their flows has the slots come from memory
   * at the same time.
   */
  aim(packet: Packet): number {
    let a: number;
    let b: number;
    let kind: number;
    let ports: number;
    let direction: number;
    if (packet.ipVersion !== 0) {
      a = packet.source;
      b = packet.destination;
      kind = (packet.ipVersion << 16) | packet.protocol;
      if (a < b || (a === b && packet.sourcePort <= packet.destinationPort)) {
        direction = 0;
        ports = (packet.sourcePort << 16) | packet.destinationPort;
      } else {
        direction = 1;
        a = packet.destination;
        b = packet.source;
        ports = (packet.destinationPort << 16) | packet.sourcePort;
      }
    } else {
      // `| 0`: whole numbers of 32 bits like addresses, so that both kinds share the code below.
      a = packet.sourceMac < 0 ? 0 : this.macs.mac(packet.bytes, packet.sourceMac) | 0;
      b = packet.destinationMac < 0 ? 0 : this.macs.mac(packet.bytes, packet.destinationMac) | 0;
      // 802.3 frames carry a length there: one kind for all.
      kind = packet.etherType < 0x600 ? 0 : packet.etherType;
      ports = 0;
      direction = 0;
      if (a > b) {
        direction = 1;
        const swapped = a;
        a = b;
        b = swapped;
      }
    }
    const hash = hashOf(a, b, ports, kind);
    packet.flowA = a;
    packet.flowB = b;
    packet.flowPorts = ports;
    packet.flowKind = kind;
    packet.flowDirection = direction;
    packet.flowHash = hash;
    packet.flowRow = NOT_FOUND;
    return this.#slots[hash & this.#mask];
  }

  /** Row of the flow that was aimed at; negative when there is none. It stands in the packet, too, and holds until a row is freed. */
  find(packet: Packet): number {
    const { flowA, flowB, flowPorts, flowKind, flowHash } = packet;
    const { rows } = this;
    const mask = this.#mask;
    const slots = this.#slots;
    let slot = flowHash & mask;
    let row: number = NO_ROOM;
    for (let probes = 0; probes < LONGEST_PROBE; probes++) {
      const taken = slots[slot];
      if (taken === 0) {
        row = NOT_FOUND;
        break;
      }
      if (((taken ^ flowHash) & ~ROW_MASK) === 0) {
        const found = (taken & ROW_MASK) - 1;
        const at = found << FLOW_SHIFT;
        if (rows[at] === flowA && rows[(at + 1) | 0] === flowB && rows[(at + 2) | 0] === flowPorts && rows[(at + 3) | 0] === flowKind) {
          row = found;
          break;
        }
      }
      slot = (slot + 1) & mask;
    }
    packet.flowRow = row;
    packet.flowVersion = this.#version;
    return row;
  }

  /**
   * Finds the flow of a decoded packet, or makes it, and counts the packet. Returns the row, -1 when the table refused
   * it (counted). `direction`, `created` and `met` tell the rest.
   */
  touch(packet: Packet): number {
    if (packet.flowRow === NO_FLOW) this.aim(packet);
    let row = packet.flowRow;
    if (row < 0 || packet.flowVersion !== this.#version) row = this.find(packet);
    const direction = packet.flowDirection;
    this.direction = direction;
    this.created = false;
    if (row === NO_ROOM) {
      this.row = -1;
      this.counters.refused++;
      return -1;
    }
    if (row < 0) row = this.#create(packet);
    this.row = row;
    const { rows } = this;
    const at = row << FLOW_SHIFT;
    const mine = (at + direction) | 0;
    const packets = (rows[(mine + Flow.PACKETS) | 0] + 1) | 0;
    const bytes = (rows[(mine + Flow.BYTES) | 0] + packet.wireLength) | 0;
    const mac = packet.sourceMacLow;
    this.met = packets === 1 || (mac !== rows[(mine + Flow.MAC) | 0] && packet.sourceMac >= 0);
    if (this.met) rows[mine + Flow.MAC] = mac;
    rows[(mine + Flow.PACKETS) | 0] = packets;
    rows[(mine + Flow.BYTES) | 0] = bytes;
    rows[(at + Flow.LAST) | 0] = packet.seconds;
    if (((packets | bytes) & CARRY) !== 0) this.#carry(row);
    return row;
  }

  /** Packets of a direction. */
  packets(row: number, direction: number): number {
    return this.rows[row * FLOW_WIDTH + Flow.PACKETS + direction] + (this.#carried.get(row)?.[direction] ?? 0);
  }

  /** Bytes on the wire of a direction. */
  bytes(row: number, direction: number): number {
    return this.rows[row * FLOW_WIDTH + Flow.BYTES + direction] + (this.#carried.get(row)?.[2 + direction] ?? 0);
  }

  /** Says which end is the server: 0 for A, 1 for B. */
  setServer(row: number, side: number): void {
    const at = row * FLOW_WIDTH + Flow.BITS;
    this.rows[at] = (this.rows[at] & ~(FlowBit.SERVER_A | FlowBit.SERVER_B)) | (FlowBit.SERVER_A << side);
  }

  /** End that is the server: 0 for A, 1 for B, -1 while unknown. */
  server(row: number): number {
    const bits = this.rows[row * FLOW_WIDTH + Flow.BITS];
    return (bits & FlowBit.SERVER_A) !== 0 ? 0 : (bits & FlowBit.SERVER_B) !== 0 ? 1 : -1;
  }

  /**
   * Looks at the next `count` rows and frees those that were silent for longer than the idle time. Cheap enough to be
   * called for each batch, or each second of packet time (which keeps results independent of the batches).
   */
  sweep(now: number, count: number): void {
    for (let i = 0; i < count && i < this.#used; i++) {
      const row = this.#step();
      if (this.isUsed(row) && this.#idle(row, now) > this.#idleSeconds) {
        this.counters.idle++;
        this.remove(row);
      }
    }
  }

  /** Frees a row; `onEvict` is called first. */
  remove(row: number): void {
    if (!this.isUsed(row)) return;
    this.#version = (this.#version + 1) | 0;
    this.onEvict(row);
    const rows = this.rows;
    const at = row * FLOW_WIDTH;
    const mask = this.#mask;
    const slots = this.#slots;
    let hole = hashOf(rows[at], rows[at + 1], rows[at + 2], rows[at + 3]) & mask;
    while ((slots[hole] & ROW_MASK) !== row + 1) {
      if (slots[hole] === 0) return;
      hole = (hole + 1) & mask;
    }
    // Close the chain: move up each later entry that the hole would cut off from its home slot.
    let next = hole;
    for (;;) {
      next = (next + 1) & mask;
      const moved = slots[next];
      if (moved === 0) break;
      const from = ((moved & ROW_MASK) - 1) * FLOW_WIDTH;
      const home = hashOf(rows[from], rows[from + 1], rows[from + 2], rows[from + 3]) & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        slots[hole] = moved;
        hole = next;
      }
    }
    slots[hole] = 0;
    rows.fill(0, at, at + FLOW_WIDTH);
    this.#carried.delete(row);
    this.#free[this.#freeCount++] = row;
    this.size--;
  }

  #create(packet: Packet): number {
    if (this.#freeCount === 0 && this.#used >= this.#maxFlows) this.#evictOne(packet.seconds);
    if (this.#freeCount === 0 && this.#used >= this.capacity) this.#grow();
    const row = this.#freeCount > 0 ? this.#free[--this.#freeCount] : this.#used++;
    const at = row * FLOW_WIDTH;
    this.rows[at] = packet.flowA;
    this.rows[at + 1] = packet.flowB;
    this.rows[at + 2] = packet.flowPorts;
    this.rows[at + 3] = packet.flowKind;
    this.firstSecond[row] = packet.seconds;
    this.firstFrame[row] = packet.frame;
    this.#insert(row);
    this.size++;
    this.counters.created++;
    this.created = true;
    return row;
  }

  #insert(row: number): void {
    const at = row * FLOW_WIDTH;
    const rows = this.rows;
    const hash = hashOf(rows[at], rows[at + 1], rows[at + 2], rows[at + 3]);
    let slot = hash & this.#mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = (hash & ~ROW_MASK) | (row + 1);
  }

  /** Of the next rows the one idle longest gives way. */
  #evictOne(now: number): void {
    let oldest = -1;
    let longest = -1;
    for (let i = 0; i < CLOCK_STEPS; i++) {
      const row = this.#step();
      const idle = this.#idle(row, now);
      if (this.isUsed(row) && idle > longest) {
        longest = idle;
        oldest = row;
      }
    }
    this.counters.evicted++;
    this.remove(oldest < 0 ? this.#step() : oldest);
  }

  #step(): number {
    this.#hand = this.#hand + 1 >= this.#used ? 0 : this.#hand + 1;
    return this.#hand;
  }

  #idle(row: number, now: number): number {
    return Math.max(0, (now - this.rows[row * FLOW_WIDTH + Flow.LAST]) | 0);
  }

  /** Adds the counters to the wide ones before they can wrap. */
  #carry(row: number): void {
    let wide = this.#carried.get(row);
    if (wide === undefined) {
      wide = new Float64Array(4);
      this.#carried.set(row, wide);
    }
    const at = row * FLOW_WIDTH;
    for (let i = 0; i < 4; i++) {
      wide[i] += this.rows[at + Flow.PACKETS + i];
      this.rows[at + Flow.PACKETS + i] = 0;
    }
    this.rows[at + Flow.BITS] |= FlowBit.CARRIED;
  }

  #grow(): void {
    const capacity = Math.min(this.#maxFlows, this.capacity * 2);
    const rows = new Int32Array(capacity * FLOW_WIDTH);
    rows.set(this.rows);
    this.rows = rows;
    this.firstSecond = grown(this.firstSecond, capacity);
    this.firstFrame = grown(this.firstFrame, capacity);
    this.#free = grown(this.#free, capacity);
    this.#mask = slotsFor(capacity) - 1;
    this.#slots = new Int32Array(this.#mask + 1);
    // Growth happens only when no row is free, so all of them are in use.
    for (let row = 0; row < this.#used; row++) this.#insert(row);
  }
}

function grown(column: Int32Array, capacity: number): Int32Array {
  const wider = new Int32Array(capacity);
  wider.set(column);
  return wider;
}

/** At least twice as many slots as rows, a power of two. */
function slotsFor(rows: number): number {
  let slots = 64;
  while (slots < rows * 2) slots *= 2;
  return slots;
}
