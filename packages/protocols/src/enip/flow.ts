/**
 * What is remembered of one EtherNet/IP flow: requests that wait for their reply (a CIP reply does not say what it
 * answers) and the connections that were opened. Bounded: 16 requests, 64 messages in each, 16 connections.
 */
const REQUESTS = 16;
const CONNECTIONS = 16;
/** Embedded messages of one request that are matched to their replies; further ones go unmatched. */
const MESSAGES = 64;
const CLASSES = 128;

/** A connection opened through the Connection Manager. */
export interface Connection {
  /** Network connection ids chosen by the target (originator to target) and by the originator. */
  originatorToTarget: number;
  targetToOriginator: number;
  /** Names the connection for Forward Close, with the originator's vendor and serial number. */
  readonly serial: number;
  readonly originator: number;
  /** Connection points of an I/O connection; -1 when it is none (explicit messages). */
  readonly pointOut: number;
  readonly pointIn: number;
  /** Its path leads through another module or network. */
  readonly routed: boolean;
  /** Class it ends at, and all classes of its path with their widths. */
  readonly classId: number;
  readonly classes: readonly number[];
  readonly widths: readonly number[];
  /** Last controller mode its replies told, so that only changes are told. */
  mode: string;
}

/** A request and the messages embedded in it, in order; entry 0 is the message itself. */
export class Pending {
  free = true;
  /** Kind and connection, then two words that request and reply share (sequence count, or sender context). */
  scope = 0;
  low = 0;
  high = 0;
  toServer = false;
  count = 0;
  services = new Uint8Array(4);
  classIds = new Int32Array(4);
  attributes = new Int32Array(4);
  /** Classes of entry i stand from `classStart[i]` to `classStart[i + 1]`. */
  classStart = new Int32Array(5);
  classes = new Int32Array(8);
  widths = new Uint8Array(8);
  /** The connection a Forward Open or Forward Close in it is about. */
  connection: Connection | null = null;

  /** Adds a message; returns false when there is no room. */
  add(service: number, classId: number, attribute: number): boolean {
    if (this.count === MESSAGES) return false;
    if (this.count === this.services.length) {
      this.services = grow(this.services, new Uint8Array(2 * this.count));
      this.classIds = grow(this.classIds, new Int32Array(2 * this.count));
      this.attributes = grow(this.attributes, new Int32Array(2 * this.count));
      this.classStart = grow(this.classStart, new Int32Array(2 * this.count + 1));
    }
    this.services[this.count] = service;
    this.classIds[this.count] = classId;
    this.attributes[this.count] = attribute;
    this.classStart[this.count + 1] = this.classStart[this.count];
    this.count++;
    return true;
  }

  /** Adds a class segment to the path of the last message added. */
  addClass(value: number, width: number): void {
    const at = this.classStart[this.count];
    if (this.count === 0 || at === CLASSES) return;
    if (at === this.classes.length) {
      this.classes = grow(this.classes, new Int32Array(2 * at));
      this.widths = grow(this.widths, new Uint8Array(2 * at));
    }
    this.classes[at] = value;
    this.widths[at] = width;
    this.classStart[this.count] = at + 1;
  }
}

function grow<T extends Uint8Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

export class EnipFlow {
  readonly #pending: Pending[] = [];
  #next = 0;
  /** Requests without a reply yet. */
  #waiting = 0;
  readonly #connections: Connection[] = [];
  #nextConnection = 0;
  /** Bits of actions that are told once a flow (see cip-actions.ts). */
  told = 0;
  /** Last identity and mode told, so that polling does not repeat them. */
  identity = '';
  mode = '';

  /** A slot for a new request; the oldest one makes room. */
  open(scope: number, low: number, high: number, toServer: boolean): Pending {
    // While nobody waits, the first slot serves again: most clients ask one thing at a time, and one slot stays in the cache.
    if (this.#waiting === 0) this.#next = 0;
    if (this.#next === this.#pending.length) this.#pending.push(new Pending());
    const slot = this.#pending[this.#next];
    this.#next = (this.#next + 1) % REQUESTS;
    if (slot.free) this.#waiting++;
    slot.free = false;
    slot.scope = scope;
    slot.low = low;
    slot.high = high;
    slot.toServer = toServer;
    slot.count = 0;
    slot.classStart[0] = 0;
    slot.connection = null;
    return slot;
  }

  /** Takes the request that a reply answers, or null. */
  take(scope: number, low: number, high: number, toServer: boolean): Pending | null {
    if (this.#waiting === 0) return null;
    for (const slot of this.#pending) {
      if (!slot.free && slot.low === low && slot.high === high && slot.scope === scope && slot.toServer !== toServer) {
        slot.free = true;
        this.#waiting--;
        return slot;
      }
    }
    return null;
  }

  /** The connection that uses a network connection id in either direction, or null. */
  connection(id: number): Connection | null {
    for (const one of this.#connections) if (one.originatorToTarget === id || one.targetToOriginator === id) return one;
    return null;
  }

  /** The connection that Forward Close names, or null. */
  connectionBySerial(serial: number, originator: number): Connection | null {
    for (const one of this.#connections) if (one.serial === serial && one.originator === originator) return one;
    return null;
  }

  /** Remembers an opened connection; the oldest one makes room. */
  connected(connection: Connection): void {
    const same = this.#connections.findIndex((one) => one.serial === connection.serial && one.originator === connection.originator);
    if (same >= 0) this.#connections[same] = connection;
    else if (this.#connections.length < CONNECTIONS) this.#connections.push(connection);
    else {
      this.#connections[this.#nextConnection] = connection;
      this.#nextConnection = (this.#nextConnection + 1) % CONNECTIONS;
    }
  }

  /** Forgets a closed connection. */
  closed(connection: Connection): void {
    const at = this.#connections.indexOf(connection);
    if (at >= 0) this.#connections.splice(at, 1);
    this.#nextConnection = 0;
  }

  /** Bytes were lost: replies may belong to requests that were not seen. */
  forget(): void {
    for (const slot of this.#pending) slot.free = true;
    this.#waiting = 0;
  }
}
