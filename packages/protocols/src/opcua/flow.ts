/**
 * What is remembered of one OPC UA connection: requests that wait for their response, nodes already named, chunks of
 * unfinished messages, where events carry what people need. Bounded: 32 requests with 8 watched nodes each, 256 nodes,
 * 1 MiB of chunks in each direction, 16 event filters.
 */
import { HALF_READ, HalfRead } from '../half-read.ts';

const REQUESTS = 32;
const WATCHED = 8;
const NODES = 256;
const FILTERS = 16;
export const MOST_CHUNK_BYTES = 1 << 20;

/** Whether messages can be read: not known yet (opening not seen), no security, or secured. */
export const Security = { Unknown: 0, None: 1, Secured: 2 } as const;
export type Security = (typeof Security)[keyof typeof Security];

/** A request that waits; `free` slots are used again. */
export class Pending {
  free = true;
  id = 0;
  service = 0;
  /** Positions and node numbers (namespace 0) of values that describe the server. */
  watched = 0;
  readonly positions = new Int32Array(WATCHED);
  readonly nodes = new Int32Array(WATCHED);

  watch(position: number, node: number): void {
    if (this.watched === WATCHED) return;
    this.positions[this.watched] = position;
    this.nodes[this.watched++] = node;
  }
}

/** Where the fields of an event stand that say what it is about; -1 when its filter does not ask for them. */
export interface EventFilter {
  readonly handle: number;
  readonly severity: number;
  readonly message: number;
  readonly source: number;
  readonly active: number;
  readonly acknowledged: number;
}

/** Body of a message that comes in chunks. */
export class Chunks extends HalfRead {
  bytes = new Uint8Array(0);
  length = 0;
  /** Request id of the unfinished message. */
  id = 0;
  /** Too long to be kept: its first part is all that is known. */
  overflow = false;

  add(bytes: Uint8Array, start: number, end: number): void {
    if (this.length + end - start > MOST_CHUNK_BYTES) this.overflow = true;
    if (this.overflow) return;
    if (this.length + end - start > this.bytes.length) {
      const larger = new Uint8Array(Math.min(MOST_CHUNK_BYTES, Math.max(2 * this.bytes.length, this.length + end - start)));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
      HALF_READ.hold(this, larger.length);
    }
    this.bytes.set(bytes.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** The space is given back: messages in chunks are rare. */
  clear(): void {
    if (this.bytes.length > 0) HALF_READ.hold(this, 0);
    this.bytes = new Uint8Array(0);
    this.length = 0;
    this.overflow = false;
  }

  override giveUp(): void {
    this.bytes = new Uint8Array(0);
    this.length = 0;
    this.overflow = true;
  }
}

export class OpcuaFlow {
  security: Security = Security.Unknown;
  readonly #pending: Pending[] = [];
  #next = 0;
  readonly toServer = new Chunks();
  readonly toClient = new Chunks();
  readonly filters: EventFilter[] = [];
  #nextFilter = 0;
  /** Last identity told, so that polling does not repeat it. */
  identity = '';
  /** Direct-mapped: two hashes of the node id and the number its text got. */
  #nodes: Int32Array | null = null;
  #at = 0;
  #first = 0;
  #second = 0;

  open(id: number, service: number): Pending {
    // A free slot first: most clients ask one thing at a time.
    let slot: Pending | undefined;
    for (const one of this.#pending) {
      if (one.free) {
        slot = one;
        break;
      }
    }
    if (slot === undefined && this.#pending.length < REQUESTS) this.#pending.push((slot = new Pending()));
    if (slot === undefined) {
      slot = this.#pending[this.#next];
      this.#next = (this.#next + 1) % REQUESTS;
    }
    slot.free = false;
    slot.id = id;
    slot.service = service;
    slot.watched = 0;
    return slot;
  }

  /** Takes the request that a response answers, or null. */
  take(id: number): Pending | null {
    for (const slot of this.#pending) {
      if (!slot.free && slot.id === id) {
        slot.free = true;
        return slot;
      }
    }
    return null;
  }

  /** The number that the text of a node was given, or -1: then `named` tells it. */
  node(bytes: Uint8Array, start: number, end: number): number {
    let first = 0x811c9dc5;
    let second = end - start;
    for (let at = start; at < end; at++) {
      first = Math.imul(first ^ bytes[at], 0x01000193);
      second = (Math.imul(second, 31) + bytes[at]) | 0;
    }
    const table = (this.#nodes ??= new Int32Array(3 * NODES));
    this.#at = 3 * ((first ^ (first >>> 15)) & (NODES - 1));
    this.#first = first;
    this.#second = second;
    return table[this.#at] === first && table[this.#at + 1] === second ? table[this.#at + 2] : -1;
  }

  /** Remembers the number of the node last asked for, and returns it. */
  named(number: number): number {
    if (this.#nodes) {
      this.#nodes[this.#at] = this.#first;
      this.#nodes[this.#at + 1] = this.#second;
      this.#nodes[this.#at + 2] = number;
    }
    return number;
  }

  filter(handle: number): EventFilter | undefined {
    for (const one of this.filters) if (one.handle === handle) return one;
    return undefined;
  }

  addFilter(filter: EventFilter): void {
    const same = this.filters.findIndex(({ handle }) => handle === filter.handle);
    if (same >= 0) this.filters[same] = filter;
    else if (this.filters.length < FILTERS) this.filters.push(filter);
    else {
      this.filters[this.#nextFilter] = filter;
      this.#nextFilter = (this.#nextFilter + 1) % FILTERS;
    }
  }

  /** Bytes were lost: half messages and unanswered requests are worth nothing. */
  forget(): void {
    for (const slot of this.#pending) slot.free = true;
    this.toServer.clear();
    this.toClient.clear();
  }
}
