/**
 * By which dissector each flow is read: finds out from its first bytes, hands over its payload, and keeps what the dissector
 * remembers of it. Hot code: a message on the usual path allocates nothing.
 */
import { IpProtocol } from '@annunciator/packet/decode';
import { type Packet, Tcp } from '@annunciator/packet/packet';
import { FLOW_SHIFT, FLOW_WIDTH, Flow, FlowBit, type FlowTable } from '@annunciator/packet/tables/flow-table';
import type { StreamConsumer } from '@annunciator/packet/tcp-order';
import { Confidence, type Dissector, Speaker } from '@annunciator/protocols/dissector';
import type { Engines } from '../engines/engines.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { Applications } from './applications.ts';
import type { Connections } from './connections.ts';
import { EicarWatch } from './eicar-watch.ts';
import type { Observer } from './observer.ts';

/** The application column: 0 unknown yet, n the dissector n - 1, GIVEN_UP none of ours. */
const GIVEN_UP = 255;
const APPLICATIONS = 256;
/** Packets with payload that may pass before a flow is given up; counted in three bits of the flow's own. */
const TRIES_SHIFT = 24;
const TRIES_MASK = 7 << TRIES_SHIFT;
const MOST_TRIES = 6;
/** The direction lost its place: reading resumes where the dissector recognises its protocol. */
const LOST_A = 1 << 27;
/** Its beginning was not seen: which side serves is a guess, until a message tells. */
const GUESSED = 1 << 30;
/** Columns of a flow beside the flow table's: its connection, and the frame in which the unfinished message of a direction began. */
const COLUMNS = 4;
const COLUMNS_SHIFT = 2;
const Column = { CONNECTION: 0, FIRST_FRAME: 1 } as const;
/** Stands where no unfinished message is. */
const NOTHING = 0;

type ReadStream = NonNullable<Dissector['stream']>;
type ReadDatagram = NonNullable<Dissector['datagram']>;

export class Readings implements StreamConsumer {
  readonly #flows: FlowTable;
  readonly #observer: Observer;
  readonly #inventory: Inventory;
  readonly #connections: Connections;
  readonly #engines: Engines;
  readonly #applications: Applications;
  readonly #eicar: EicarWatch;
  /** By number of the application: how it reads, which protocol it carries, how long its messages are. */
  readonly #streams = Array.from<ReadStream | undefined>({ length: APPLICATIONS });
  readonly #datagrams = Array.from<ReadDatagram | undefined>({ length: APPLICATIONS });
  readonly #carriers = new Int32Array(APPLICATIONS);
  readonly #longest = new Float64Array(APPLICATIONS);
  #columns = new Int32Array(64 * COLUMNS);
  /** Unfinished messages longer than their protocol allows. */
  tooLong = 0;

  constructor(
    flows: FlowTable,
    observer: Observer,
    inventory: Inventory,
    connections: Connections,
    engines: Engines,
    dissectors: readonly Dissector[],
  ) {
    this.#flows = flows;
    this.#observer = observer;
    this.#inventory = inventory;
    this.#connections = connections;
    this.#engines = engines;
    this.#applications = new Applications(dissectors);
    this.#eicar = new EicarWatch(flows);
    for (const [index, { stream, datagram, protocol, longestMessage }] of dissectors.entries()) {
      const application = index + 1;
      this.#streams[application] = stream;
      this.#datagrams[application] = datagram;
      this.#carriers[application] = protocol.index;
      this.#longest[application] = longestMessage;
    }
  }

  /** Row of the connection that a flow belongs to. */
  connection(row: number): number {
    return this.#columns[((row << COLUMNS_SHIFT) + Column.CONNECTION) | 0];
  }

  /**
   * Asks for what is kept of flows that are read soon, and for what that leads to; see `FlowTable.aim`. The first `count` of
   * `rows` are flows, or negative; connections take their places.
   */
  aim(rows: Int32Array, count: number): number {
    const columns = this.#columns;
    const { states } = this.#observer;
    let seen = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i];
      if (row < 0) continue;
      // Telling whether an object can be called takes a look at the object.
      if (typeof states[row] === 'function') seen ^= row;
      rows[i] = columns[((row << COLUMNS_SHIFT) + Column.CONNECTION) | 0];
    }
    return seen ^ this.#connections.aim(rows, count);
  }

  /** A flow begins: nothing is known of it, and the side that serves is told by its first packet where no handshake does. */
  begin(packet: Packet, row: number, direction: number): void {
    if (row * COLUMNS >= this.#columns.length) this.#growColumns();
    this.#forget(row);
    if (this.#flows.server(row) < 0) {
      const side = this.#applications.serverSide(packet);
      this.#flows.setServer(row, side === 1 ? 1 - direction : direction);
      if (packet.protocol !== IpProtocol.TCP || (packet.flags & Tcp.SYN) === 0) this.#flows.rows[row * FLOW_WIDTH + Flow.BITS] |= GUESSED;
    }
    this.#connect(row, 0);
  }

  /** A flow is over. */
  end(row: number): void {
    this.#observer.states[row] = undefined;
    this.#eicar.forget(row);
  }

  /** What dissectors remember of a connection that is over goes at once: most flows of a capture are over, long before they are idle. */
  closed(row: number): void {
    const bits = this.#flows.rows[row * FLOW_WIDTH + Flow.BITS];
    const fins = FlowBit.FIN_A | FlowBit.FIN_B;
    if ((bits & (FlowBit.PENDING_A | FlowBit.PENDING_B)) !== 0) return;
    if ((bits & FlowBit.RST) !== 0 || (bits & fins) === fins) this.#observer.states[row] = undefined;
  }

  /** Nobody reads the flow: its segments need no order. */
  isGivenUp(row: number): boolean {
    return (this.#flows.rows[((row << FLOW_SHIFT) + Flow.BITS) | 0] & FlowBit.APPLICATION) === GIVEN_UP;
  }

  /** A segment of a flow that nobody reads. */
  unread(packet: Packet, row: number, direction: number): void {
    this.#watch(packet.bytes, packet.payload, packet.payloadEnd, row, direction, 0);
  }

  datagram(packet: Packet, row: number): void {
    const observer = this.#observer;
    const { rows } = this.#flows;
    let application = rows[row * FLOW_WIDTH + Flow.BITS] & FlowBit.APPLICATION;
    if (application === 0) application = this.#identifyDatagram(packet, row);
    if (this.#eicar.datagram(packet.bytes, packet.payload, packet.payloadEnd)) this.#eicarSeen(row, packet.frame);
    const read = this.#datagrams[application];
    if (read === undefined) return;
    if ((rows[row * FLOW_WIDTH + Flow.BITS] & GUESSED) !== 0)
      this.#ask(row, observer.direction, application, packet.bytes, packet.payload, packet.payloadEnd);
    observer.stateRow = row;
    observer.carrier = this.#carriers[application];
    read(observer, packet.bytes, packet.payload, packet.payloadEnd);
  }

  /** Bytes of a TCP direction, in order. Returns the offset up to which they were used. */
  consume(row: number, direction: number, bytes: Uint8Array, start: number, end: number): number {
    const observer = this.#observer;
    if (row !== observer.flow || direction !== observer.direction) this.#stand(row, direction);
    const bits = this.#flows.rows[((row << FLOW_SHIFT) + Flow.BITS) | 0];
    let application = bits & FlowBit.APPLICATION;
    if (application === 0) {
      application = this.#identifyStream(row, direction, bytes, start, end);
      if (application <= 0) return application < 0 ? start : end;
    }
    const read = this.#streams[application];
    if (read === undefined) return end;
    if ((bits & ((LOST_A << direction) | GUESSED)) !== 0) {
      if ((bits & (LOST_A << direction)) !== 0 && !this.#found(row, direction, application, bytes, start, end)) return end;
      if ((bits & GUESSED) !== 0) this.#ask(row, direction, application, bytes, start, end);
    }
    const slot = ((row << COLUMNS_SHIFT) + Column.FIRST_FRAME + direction) | 0;
    const began = this.#columns[slot];
    if (began !== NOTHING) observer.firstFrame = began;
    observer.stateRow = row;
    observer.carrier = this.#carriers[application];
    let offset = read(observer, bytes, start, end);
    if (offset !== end) offset = this.#readOn(row, direction, application, bytes, start, end, offset);
    if (began !== NOTHING || offset < end) {
      this.#columns[slot] = offset < end ? (offset === start && began !== NOTHING ? began : observer.frame) : NOTHING;
      observer.firstFrame = observer.frame;
    }
    this.#watch(bytes, start, end, row, direction, end - offset);
    return offset;
  }

  /** The first message ended at `offset`: reads the others. Returns where the unfinished one begins. */
  #readOn(row: number, direction: number, application: number, bytes: Uint8Array, start: number, end: number, offset: number): number {
    const observer = this.#observer;
    const read = this.#streams[application] as ReadStream; // The caller has just read with it.
    let from = start;
    let next = offset;
    while (next !== from) {
      observer.firstFrame = observer.frame;
      if (next < from || next > end) {
        this.#lose(row, direction);
        from = end;
        break;
      }
      from = next;
      if (from === end) break;
      next = read(observer, bytes, from, end);
    }
    if (end - from <= this.#longest[application]) return from;
    this.tooLong++;
    this.#lose(row, direction);
    return end;
  }

  gap(row: number, direction: number): void {
    const { rows } = this.#flows;
    const at = row * FLOW_WIDTH + Flow.BITS;
    const application = rows[at] & FlowBit.APPLICATION;
    this.#columns[row * COLUMNS + Column.FIRST_FRAME + direction] = NOTHING;
    this.#eicar.gap(row, direction);
    if (application === 0 || application === GIVEN_UP) return;
    this.#lose(row, direction);
    this.#observer.stateRow = row;
    this.#applications.dissectors[application - 1].gap?.(this.#observer);
  }

  restart(row: number): void {
    const at = row * FLOW_WIDTH + Flow.BITS;
    this.#flows.rows[at] &= ~(FlowBit.APPLICATION | TRIES_MASK | (LOST_A * 3) | GUESSED);
    this.#forget(row);
    this.#eicar.forget(row);
    this.#connect(row, 0);
  }

  #lose(row: number, direction: number): void {
    this.#flows.rows[row * FLOW_WIDTH + Flow.BITS] |= LOST_A << direction;
  }

  /** The dissector recognises its protocol again in a direction that had lost its place. */
  #found(row: number, direction: number, application: number, bytes: Uint8Array, start: number, end: number): boolean {
    const dissector = this.#applications.dissectors[application - 1];
    if (dissector.identify && dissector.identify(bytes, start, end, true) < Confidence.Possible) {
      this.#watch(bytes, start, end, row, direction, 0);
      return false;
    }
    this.#flows.rows[row * FLOW_WIDTH + Flow.BITS] &= ~(LOST_A << direction);
    return true;
  }

  /** Lets a message tell which side serves. What was read with the sides exchanged is forgotten. */
  #ask(row: number, direction: number, application: number, bytes: Uint8Array, start: number, end: number): void {
    const { rows } = this.#flows;
    const at = row * FLOW_WIDTH + Flow.BITS;
    // The port may have settled it in this moment, when the protocol was recognised.
    if ((rows[at] & GUESSED) === 0) return;
    const dissector = this.#applications.dissectors[application - 1];
    const speaker = dissector.speaker?.(bytes, start, end);
    if (speaker === Speaker.Unknown) return;
    rows[at] &= ~GUESSED;
    const server = speaker === Speaker.Server ? direction : 1 - direction;
    if (speaker === undefined || this.#flows.server(row) === server) return;
    this.#flows.setServer(row, server);
    this.#forget(row);
    this.#connect(row, dissector.protocol.index);
    this.#observer.toServer = server !== direction;
  }

  /** Number of the dissector that recognises the first bytes; 0 for none, -1 when more bytes may tell. */
  #identifyStream(row: number, direction: number, bytes: Uint8Array, start: number, end: number): number {
    const { sourcePort, destinationPort } = this.#observer;
    const found = this.#applications.ofStream(bytes, start, end, sourcePort, destinationPort);
    if (found === Confidence.More && end - start < 64) {
      this.#watch(bytes, start, end, row, direction, end - start);
      return found;
    }
    if (found > 0) {
      this.#identified(row, found, sourcePort, destinationPort, IpProtocol.TCP);
      return found;
    }
    this.#failed(row, false);
    this.#watch(bytes, start, end, row, direction, 0);
    return 0;
  }

  #identifyDatagram(packet: Packet, row: number): number {
    const application = this.#applications.ofDatagram(packet);
    if (application !== 0) this.#identified(row, application, packet.sourcePort, packet.destinationPort, packet.protocol);
    else this.#failed(row, packet.protocol !== IpProtocol.UDP);
    return this.#flows.rows[row * FLOW_WIDTH + Flow.BITS] & FlowBit.APPLICATION;
  }

  /** Counts a packet that nobody recognised; after some the flow is given up. */
  #failed(row: number, atOnce: boolean): void {
    const { rows } = this.#flows;
    const at = row * FLOW_WIDTH + Flow.BITS;
    const tries = ((rows[at] & TRIES_MASK) >>> TRIES_SHIFT) + 1;
    rows[at] = (rows[at] & ~TRIES_MASK) | (tries << TRIES_SHIFT);
    if (atOnce || tries >= MOST_TRIES) rows[at] = (rows[at] & ~FlowBit.APPLICATION) | GIVEN_UP;
  }

  #identified(row: number, application: number, sourcePort: number, destinationPort: number, transport: number): void {
    const at = row * FLOW_WIDTH + Flow.BITS;
    this.#flows.rows[at] = (this.#flows.rows[at] & ~FlowBit.APPLICATION) | application;
    const dissector = this.#applications.dissectors[application - 1];
    this.#connect(row, dissector.protocol.index);
    const observer = this.#observer;
    if (observer.toServer) this.#engines.scans.spoke(observer.sender, observer.receiver);
    else this.#engines.scans.spoke(observer.receiver, observer.sender);
    // A port of its own on one side settles who serves, where the beginning was not seen.
    const own = transport === IpProtocol.TCP ? dissector.tcpPorts : dissector.udpPorts;
    if (own.includes(sourcePort) !== own.includes(destinationPort)) this.#flows.rows[at] &= ~GUESSED;
    const serverPort = observer.toServer ? destinationPort : sourcePort;
    const expected = this.#applications.standard(transport, serverPort);
    // Further ports of a dissector are places where the protocol is often found, not its standard.
    const standard = transport === IpProtocol.TCP ? expected?.tcpPorts[0] : expected?.udpPorts[0];
    if (expected && standard === serverPort && expected.protocol.index !== dissector.protocol.index)
      this.#engines.anomaly.foreignProtocol(observer, serverPort, expected.protocol.index, dissector.protocol.index);
  }

  /** Puts the flow under the connection of its protocol. */
  #connect(row: number, protocol: number): void {
    const { rows } = this.#flows;
    const at = row * FLOW_WIDTH;
    const server = this.#flows.server(row) === 0 ? 0 : 1;
    const kind = rows[at + Flow.KIND];
    const ports = rows[at + Flow.PORTS];
    const port = server === 0 ? ports >>> 16 : ports & 0xffff;
    const { canonical } = this.#inventory;
    const connection = this.#connections.row(
      canonical[rows[at + Flow.DEVICE + 1 - server]],
      canonical[rows[at + Flow.DEVICE + server]],
      protocol,
      kind >>> 16 === 0 ? kind : kind & 0xff,
      port,
    );
    this.#columns[row * COLUMNS + Column.CONNECTION] = connection;
    this.#observer.connection = connection;
  }

  /** Bytes of another flow are delivered (a hole was given up): the scene moves there. */
  #stand(row: number, direction: number): void {
    const observer = this.#observer;
    const { rows } = this.#flows;
    const at = row * FLOW_WIDTH;
    const ports = rows[at + Flow.PORTS];
    const { canonical } = this.#inventory;
    observer.direction = direction;
    observer.flow = row;
    observer.connection = this.connection(row);
    observer.sender = canonical[rows[at + Flow.DEVICE + direction]];
    observer.receiver = canonical[rows[at + Flow.DEVICE + 1 - direction]];
    observer.actor = observer.sender;
    observer.target = observer.receiver;
    observer.sourcePort = direction === 0 ? ports >>> 16 : ports & 0xffff;
    observer.destinationPort = direction === 0 ? ports & 0xffff : ports >>> 16;
    observer.toServer = this.#flows.server(row) !== direction;
    observer.toGroup = false;
    observer.vlan = -1;
    observer.complete = true;
  }

  /** Nothing is known of the streams of a flow. */
  #forget(row: number): void {
    this.#observer.states[row] = undefined;
    this.#columns[row * COLUMNS + Column.FIRST_FRAME] = NOTHING;
    this.#columns[row * COLUMNS + Column.FIRST_FRAME + 1] = NOTHING;
  }

  /** @param held bytes at the end that the next piece of the stream begins with */
  #watch(bytes: Uint8Array, start: number, end: number, row: number, direction: number, held: number): void {
    const frame = this.#eicar.stream(bytes, start, end, row, direction, held, this.#observer.frame);
    if (frame !== 0) this.#eicarSeen(row, frame);
  }

  #eicarSeen(row: number, frame: number): void {
    const application = this.#flows.rows[row * FLOW_WIDTH + Flow.BITS] & FlowBit.APPLICATION;
    this.#engines.malware.eicar(this.#observer, application === GIVEN_UP ? 0 : this.#carriers[application], frame);
  }

  #growColumns(): void {
    const columns = new Int32Array(this.#columns.length * 2);
    columns.set(this.#columns);
    this.#columns = columns;
  }
}
