/**
 * The packet path: from a captured frame to the facts about it. Decode, flow, parties, TCP order, dissector. Hot code: on
 * the usual path nothing is allocated for a packet; what is new (an address, a flow, a finding) may cost an object.
 */
import { i32, ipv4Text, u16 } from '@annunciator/packet/bytes';
import { Decoder, IpProtocol } from '@annunciator/packet/decode';
import type { Packet } from '@annunciator/packet/packet';
import { Tcp } from '@annunciator/packet/packet';
import { FLOW_WIDTH, Flow, FlowBit, FlowTable } from '@annunciator/packet/tables/flow-table';
import { TcpOrder } from '@annunciator/packet/tcp-order';
import { Confidence, type Dissector } from '@annunciator/protocols/dissector';
import type { Engines } from '../engines/engines.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { Applications } from './applications.ts';
import type { Connections } from './connections.ts';
import { Beginnings } from './beginnings.ts';
import type { Observer } from './observer.ts';
import { EicarWatch } from './eicar-watch.ts';

/** The application column: 0 unknown yet, n the dissector n - 1, GIVEN_UP none of ours. */
const GIVEN_UP = 255;
/** Packets with payload that may pass before a flow is given up; counted in three bits of the flow's own. */
const TRIES_SHIFT = 24;
const TRIES_MASK = 7 << TRIES_SHIFT;
const MOST_TRIES = 6;
/** The direction lost its place: reading resumes where the dissector recognises its protocol. */
const LOST_A = 1 << 27;
/** The other side has answered, and the engines know. */
const ANSWERED = 1 << 29;
/** Kept for a direction of a flow that no dissector reads. */
const NOTHING = 0;
/** Columns that the path adds to a flow: its connection, and the frame in which the unfinished message of a direction began. */
const COLUMNS = 4;
const Column = { CONNECTION: 0, FIRST_FRAME: 1 } as const;
const ARP = 0x0806;
const SWEEP_ROWS = 512;
const SLOW_TICK_SECONDS = 10;

export class PacketPath {
  readonly decoder = new Decoder();
  readonly flows: FlowTable;
  readonly order: TcpOrder;
  readonly #observer: Observer;
  readonly #inventory: Inventory;
  readonly #connections: Connections;
  readonly #engines: Engines;
  readonly #applications: Applications;
  readonly #beginnings: Beginnings;
  readonly #eicar: EicarWatch;
  /** What dissectors remember, by flow row. */
  readonly #states: unknown[] = [];
  /** Four columns by flow row, side by side as one packet needs them together: see `Column`. */
  #columns = new Int32Array(1024 * COLUMNS);
  readonly #bytes = (): Float64Array => this.totals().bytes;
  #second = 0;
  #direction = 0;
  #slowTick = 0;
  /** Most messages and bytes-without-progress steps of one packet: what the fuzzer holds against its bound. */
  mostSteps = 0;
  /** Unfinished messages longer than their protocol allows. */
  tooLong = 0;
  /** Called when a flow is freed; its row is still there. */
  onFlowOver: (row: number, connection: number) => void = () => undefined;
  /** TCP and UDP payload bytes that no dissector read, by server port. */
  readonly undecoded = new Map<number, number>();

  constructor(
    observer: Observer,
    inventory: Inventory,
    connections: Connections,
    engines: Engines,
    dissectors: readonly Dissector[],
    maxFlows = 1 << 18,
  ) {
    this.#observer = observer;
    this.#inventory = inventory;
    this.#connections = connections;
    this.#engines = engines;
    this.#applications = new Applications(dissectors);
    this.flows = new FlowTable({ maxFlows });
    this.flows.onEvict = (row) => this.#evicted(row);
    this.#beginnings = new Beginnings(observer, inventory, engines, connections, (family, address) => this.#ipText(family, address));
    this.#eicar = new EicarWatch();
    this.order = new TcpOrder(this.flows, {
      consume: (row, direction, bytes, start, end) => this.#stream(row, direction, bytes, start, end),
      gap: (row, direction) => this.#gap(row, direction),
      restart: (row) => this.#restart(row),
    });
  }

  #ipText(family: number, address: number): string {
    return family === 4 ? ipv4Text(address) : this.decoder.addresses.ipv6Text(address);
  }

  /** Takes in one frame: the frame part of `packet` is filled. */
  take(packet: Packet): void {
    const observer = this.#observer;
    observer.frame = packet.frame;
    observer.firstFrame = packet.frame;
    observer.seconds = packet.seconds;
    observer.nanoseconds = packet.nanoseconds;
    observer.wireLength = packet.wireLength;
    observer.protocol = 0;
    if (packet.seconds !== this.#second) this.#tick(packet.seconds);
    this.decoder.decode(packet);
    const flows = this.flows;
    const row = flows.touch(packet);
    if (row < 0) return;
    const direction = flows.direction;
    const at = row * FLOW_WIDTH;
    if (flows.created) this.#created(packet, row, direction);
    else if (flows.rows[at + Flow.PACKETS + direction] === 1) this.#meet(packet, row, direction);
    else if (packet.sourceMac >= 0 && flows.rows[at + Flow.MAC + direction] !== i32(packet.bytes, packet.sourceMac + 2)) {
      flows.rows[at + Flow.MAC + direction] = i32(packet.bytes, packet.sourceMac + 2);
      this.#meet(packet, row, direction);
    }
    const inventory = this.#inventory;
    const { rows } = flows;
    const sender = inventory.canonical[rows[at + Flow.DEVICE + direction]];
    observer.sender = sender;
    observer.receiver = inventory.canonical[rows[at + Flow.DEVICE + 1 - direction]];
    observer.actor = sender;
    observer.target = observer.receiver;
    inventory.packets[sender]++;
    inventory.lastSeconds[sender] = packet.seconds;
    inventory.lastNanoseconds[sender] = packet.nanoseconds;
    observer.sourcePort = packet.sourcePort;
    observer.destinationPort = packet.destinationPort;
    observer.toGroup = packet.toGroup;
    observer.vlan = packet.vlan;
    observer.complete = packet.complete;
    observer.flow = row;
    this.#direction = direction;
    observer.connection = this.#columns[row * COLUMNS + Column.CONNECTION];
    const server = flows.server(row);
    observer.toServer = server < 0 || server !== direction;
    if (flows.created) this.#opened(packet, row);
    if (packet.protocol === IpProtocol.TCP && packet.ipVersion !== 0) {
      this.#tcp(packet, row, direction);
    } else if (packet.payload < packet.payloadEnd && !packet.fragment) this.#datagram(packet, row);
    if ((rows[at + Flow.BITS] & ANSWERED) === 0 && rows[at + Flow.PACKETS] !== 0 && rows[at + Flow.PACKETS + 1] !== 0)
      this.#answered(packet, row);
  }

  /** A flow begins: columns of the row are the caller's to set. */
  #created(packet: Packet, row: number, direction: number): void {
    if (row * COLUMNS >= this.#columns.length) this.#growColumns();
    this.#forget(row);
    const at = row * FLOW_WIDTH;
    this.#meet(packet, row, direction);
    const { rows } = this.flows;
    rows[at + Flow.DEVICE + 1 - direction] =
      packet.ipVersion !== 0
        ? this.#inventory.ip(packet.ipVersion, packet.destination, (family, address) => this.#ipText(family, address))
        : packet.destinationMac >= 0
          ? this.#inventory.mac(u16(packet.bytes, packet.destinationMac) * 2 ** 32 + (i32(packet.bytes, packet.destinationMac + 2) >>> 0))
          : 0;
    if (this.flows.server(row) < 0) {
      const side = this.#applications.serverSide(packet);
      this.flows.setServer(row, side === 1 ? 1 - direction : direction);
    }
    this.#connect(row, 0);
  }

  /** The sender of the packet is met for the first time in this flow, or with another MAC. */
  #meet(packet: Packet, row: number, direction: number): void {
    const mac =
      packet.sourceMac < 0
        ? 0
        : this.#inventory.mac(u16(packet.bytes, packet.sourceMac) * 2 ** 32 + (i32(packet.bytes, packet.sourceMac + 2) >>> 0));
    const arp = packet.etherType === ARP && packet.payload + 18 <= packet.payloadEnd;
    const version = arp ? 4 : packet.ipVersion;
    const source = arp ? i32(packet.bytes, packet.payload + 14) : packet.source;
    const ip = version === 0 ? 0 : this.#inventory.ip(version, source, (family, address) => this.#ipText(family, address));
    // An ARP message never passes a router: its sender is as near as can be.
    this.#inventory.sender(mac, ip, arp ? 255 : packet.timeToLive, packet.seconds, packet.nanoseconds, packet.vlan);
    this.flows.rows[row * FLOW_WIDTH + Flow.DEVICE + direction] = arp ? mac : ip || mac;
  }

  #opened(packet: Packet, row: number): void {
    this.#beginnings.opened(packet, this.#columns[row * COLUMNS + Column.CONNECTION]);
  }

  #answered(packet: Packet, row: number): void {
    this.flows.rows[row * FLOW_WIDTH + Flow.BITS] |= ANSWERED;
    this.#beginnings.answered(packet, this.flows.rows[row * FLOW_WIDTH + Flow.BITS], this.#columns[row * COLUMNS + Column.CONNECTION]);
  }

  /** Puts the flow under the connection of its protocol. */
  #connect(row: number, protocol: number): void {
    const { rows } = this.flows;
    const at = row * FLOW_WIDTH;
    const server = this.flows.server(row) === 0 ? 0 : 1;
    const kind = rows[at + Flow.KIND];
    const ports = rows[at + Flow.PORTS];
    const port = server === 0 ? ports >>> 16 : ports & 0xffff;
    const canonical = this.#inventory.canonical;
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

  #tcp(packet: Packet, row: number, direction: number): void {
    const bits = this.flows.rows[row * FLOW_WIDTH + Flow.BITS];
    if ((bits & FlowBit.APPLICATION) === GIVEN_UP) {
      if ((packet.flags & Tcp.SYN) !== 0) this.order.accept(packet, row, direction);
      else if (packet.payload < packet.payloadEnd) this.#watch(packet.bytes, packet.payload, packet.payloadEnd, row, direction, 0);
      return;
    }
    if ((packet.flags & (Tcp.SYN | Tcp.ACK)) === Tcp.SYN && !this.flows.created)
      this.#beginnings.retried(packet, this.#columns[row * COLUMNS + Column.CONNECTION]);
    if (packet.stopped || packet.fragment) return;
    this.order.accept(packet, row, direction);
    if ((packet.flags & (Tcp.FIN | Tcp.RST)) !== 0) this.#closed(row);
  }

  /** What dissectors remember of a connection that is over goes at once: most flows of a capture are over, long before they are idle. */
  #closed(row: number): void {
    const bits = this.flows.rows[row * FLOW_WIDTH + Flow.BITS];
    const fins = FlowBit.FIN_A | FlowBit.FIN_B;
    if ((bits & (FlowBit.PENDING_A | FlowBit.PENDING_B)) !== 0) return;
    if ((bits & FlowBit.RST) !== 0 || (bits & fins) === fins) this.#states[row] = undefined;
  }

  #datagram(packet: Packet, row: number): void {
    const observer = this.#observer;
    const { rows } = this.flows;
    const at = row * FLOW_WIDTH + Flow.BITS;
    let application = rows[at] & FlowBit.APPLICATION;
    if (application === 0) application = this.#identifyDatagram(packet, row);
    if (this.#eicar.datagram(packet.bytes, packet.payload, packet.payloadEnd)) this.#eicarSeen(row, packet.frame);
    if (application === 0 || application === GIVEN_UP) {
      if (packet.protocol === IpProtocol.UDP) this.#countUndecoded(row, packet.payloadEnd - packet.payload);
      return;
    }
    const dissector = this.#applications.dissectors[application - 1];
    observer.state = this.#states[row];
    observer.carrier = dissector.protocol.index;
    dissector.datagram?.(observer, packet.bytes, packet.payload, packet.payloadEnd);
    this.#states[row] = observer.state;
  }

  #identifyDatagram(packet: Packet, row: number): number {
    const { rows } = this.flows;
    const at = row * FLOW_WIDTH + Flow.BITS;
    const application = this.#applications.ofDatagram(packet);
    if (application !== 0) this.#identified(row, application, packet.sourcePort, packet.destinationPort, packet.protocol);
    else this.#failed(at, packet.protocol !== IpProtocol.UDP);
    return rows[at] & FlowBit.APPLICATION;
  }

  /** Counts a packet that nobody recognised; after some the flow is given up. */
  #failed(at: number, atOnce: boolean): void {
    const { rows } = this.flows;
    const tries = ((rows[at] & TRIES_MASK) >>> TRIES_SHIFT) + 1;
    rows[at] = (rows[at] & ~TRIES_MASK) | (tries << TRIES_SHIFT);
    if (atOnce || tries >= MOST_TRIES) rows[at] = (rows[at] & ~FlowBit.APPLICATION) | GIVEN_UP;
  }

  #identified(row: number, application: number, sourcePort: number, destinationPort: number, transport: number): void {
    const at = row * FLOW_WIDTH + Flow.BITS;
    this.flows.rows[at] = (this.flows.rows[at] & ~FlowBit.APPLICATION) | application;
    const dissector = this.#applications.dissectors[application - 1];
    this.#connect(row, dissector.protocol.index);
    const observer = this.#observer;
    if (observer.toServer) this.#engines.scans.spoke(observer.sender, observer.receiver);
    else this.#engines.scans.spoke(observer.receiver, observer.sender);
    const serverPort = observer.toServer ? destinationPort : sourcePort;
    const expected = this.#applications.standard(transport, serverPort);
    // Further ports of a dissector are places where the protocol is often found, not its standard.
    const standard = transport === IpProtocol.TCP ? expected?.tcpPorts[0] : expected?.udpPorts[0];
    if (expected && standard === serverPort && expected.protocol.index !== dissector.protocol.index)
      this.#engines.anomaly.foreignProtocol(observer, serverPort, expected.protocol.index, dissector.protocol.index);
  }

  /** Bytes of a TCP direction, in order. Returns the offset up to which they were used. */
  #stream(row: number, direction: number, bytes: Uint8Array, start: number, end: number): number {
    const { rows } = this.flows;
    const at = row * FLOW_WIDTH + Flow.BITS;
    const observer = this.#observer;
    if (row !== observer.flow || direction !== this.#direction) this.#stand(row, direction);
    let application = rows[at] & FlowBit.APPLICATION;
    if (application === 0) {
      const found = this.#applications.ofStream(bytes, start, end, observer.sourcePort, observer.destinationPort);
      if (found === Confidence.More && end - start < 64) {
        this.#watch(bytes, start, end, row, direction, end - start);
        return start;
      }
      if (found <= 0) {
        this.#failed(at, false);
        this.#watch(bytes, start, end, row, direction, 0);
        this.#countUndecoded(row, end - start);
        return end;
      }
      this.#identified(row, found, observer.sourcePort, observer.destinationPort, IpProtocol.TCP);
      application = found;
    }
    if (application === GIVEN_UP) return end;
    const dissector = this.#applications.dissectors[application - 1];
    if (!dissector.stream) return end;
    const lost = LOST_A << direction;
    if (rows[at] & lost) {
      if (dissector.identify && dissector.identify(bytes, start, end, true) < Confidence.Possible) {
        this.#watch(bytes, start, end, row, direction, 0);
        return end;
      }
      rows[at] &= ~lost;
    }
    const slot = row * COLUMNS + Column.FIRST_FRAME + direction;
    const began = this.#columns[slot];
    if (began !== 0) observer.firstFrame = began;
    observer.state = this.#states[row];
    observer.carrier = dissector.protocol.index;
    let offset = start;
    let steps = 0;
    while (offset < end) {
      const next = dissector.stream(observer, bytes, offset, end);
      steps++;
      if (next === offset) break;
      observer.firstFrame = observer.frame;
      if (next < offset || next > end) {
        rows[at] |= lost;
        offset = end;
        break;
      }
      offset = next;
    }
    if (steps > this.mostSteps) this.mostSteps = steps;
    this.#states[row] = observer.state;
    if (end - offset > dissector.longestMessage) {
      this.tooLong++;
      rows[at] |= lost;
      offset = end;
    }
    this.#columns[slot] = offset < end ? (offset === start && began !== 0 ? began : observer.frame) : NOTHING;
    observer.firstFrame = observer.frame;
    this.#watch(bytes, start, end, row, direction, end - offset);
    return offset;
  }

  /** Bytes of another flow are delivered (a hole was given up): the scene moves there. */
  #stand(row: number, direction: number): void {
    const observer = this.#observer;
    const { rows } = this.flows;
    const at = row * FLOW_WIDTH;
    const ports = rows[at + Flow.PORTS];
    const { canonical } = this.#inventory;
    this.#direction = direction;
    observer.flow = row;
    observer.connection = this.#columns[row * COLUMNS + Column.CONNECTION];
    observer.sender = canonical[rows[at + Flow.DEVICE + direction]];
    observer.receiver = canonical[rows[at + Flow.DEVICE + 1 - direction]];
    observer.actor = observer.sender;
    observer.target = observer.receiver;
    observer.sourcePort = direction === 0 ? ports >>> 16 : ports & 0xffff;
    observer.destinationPort = direction === 0 ? ports & 0xffff : ports >>> 16;
    observer.toServer = this.flows.server(row) !== direction;
    observer.toGroup = false;
    observer.vlan = -1;
    observer.complete = true;
  }

  /** Nothing is known of the streams of a flow. */
  #forget(row: number): void {
    this.#states[row] = undefined;
    this.#columns[row * COLUMNS + Column.FIRST_FRAME] = NOTHING;
    this.#columns[row * COLUMNS + Column.FIRST_FRAME + 1] = NOTHING;
  }

  /** A new connection begins on the addresses and ports of an old one. */
  #restart(row: number): void {
    const at = row * FLOW_WIDTH + Flow.BITS;
    this.flows.rows[at] &= ~(FlowBit.APPLICATION | TRIES_MASK | (LOST_A * 3));
    this.#forget(row);
    this.#eicar.forget(row);
    this.#connect(row, 0);
  }

  #gap(row: number, direction: number): void {
    const { rows } = this.flows;
    const at = row * FLOW_WIDTH + Flow.BITS;
    const application = rows[at] & FlowBit.APPLICATION;
    this.#columns[row * COLUMNS + Column.FIRST_FRAME + direction] = NOTHING;
    this.#eicar.gap(row, direction);
    if (application === 0 || application === GIVEN_UP) return;
    rows[at] |= LOST_A << direction;
    const observer = this.#observer;
    observer.state = this.#states[row];
    this.#applications.dissectors[application - 1].gap?.(observer);
    this.#states[row] = observer.state;
  }

  /** @param held bytes at the end that the next piece of the stream begins with */
  #watch(bytes: Uint8Array, start: number, end: number, row: number, direction: number, held: number): void {
    const frame = this.#eicar.stream(bytes, start, end, row, direction, held, this.#observer.frame);
    if (frame !== 0) this.#eicarSeen(row, frame);
  }

  #eicarSeen(row: number, frame: number): void {
    const application = this.flows.rows[row * FLOW_WIDTH + Flow.BITS] & FlowBit.APPLICATION;
    const carrier = application === 0 || application === GIVEN_UP ? undefined : this.#applications.dissectors[application - 1].protocol;
    this.#engines.malware.eicar(this.#observer, carrier?.index ?? 0, frame);
  }

  #countUndecoded(row: number, bytes: number): void {
    const { rows } = this.flows;
    const ports = rows[row * FLOW_WIDTH + Flow.PORTS];
    const port = this.flows.server(row) === 0 ? ports >>> 16 : ports & 0xffff;
    if (this.undecoded.size < 4096 || this.undecoded.has(port)) this.undecoded.set(port, (this.undecoded.get(port) ?? 0) + bytes);
  }

  /** The party by whose address a device takes part in a flow; the device's own when it does not. */
  addressIn(row: number, device: number): number {
    const at = row * FLOW_WIDTH + Flow.DEVICE;
    const { rows } = this.flows;
    const { canonical } = this.#inventory;
    return canonical[rows[at]] === device ? rows[at] : canonical[rows[at + 1]] === device ? rows[at + 1] : device;
  }

  /** Packet time moved on to another second. */
  #tick(seconds: number): void {
    this.#engines.sensorTraffic.packetAt(this.#observer);
    this.#second = seconds;
    this.flows.sweep(seconds, SWEEP_ROWS);
    this.#engines.bandwidth.tick(seconds, this.#connections, this.#bytes);
    if (seconds < this.#slowTick + SLOW_TICK_SECONDS && seconds >= this.#slowTick) return;
    this.#slowTick = seconds;
    this.#engines.channels.tick(seconds, this.#connections);
    this.#engines.scans.tick(seconds);
    this.#engines.internet.tick(seconds);
    this.#engines.backups.tick(seconds);
  }

  /** No packet comes after this one: what waits for an answer has waited long enough. */
  finish(): void {
    this.order.finish();
    this.#engines.scans.tick(Number.POSITIVE_INFINITY);
    this.#engines.internet.tick(Number.POSITIVE_INFINITY);
  }

  #evicted(row: number): void {
    const connection = this.#columns[row * COLUMNS + Column.CONNECTION];
    this.#connections.carried(
      connection,
      this.flows.packets(row, 0) + this.flows.packets(row, 1),
      this.flows.bytes(row, 0) + this.flows.bytes(row, 1),
    );
    this.onFlowOver(row, connection);
    this.#states[row] = undefined;
    this.order.forget(row);
    this.#eicar.forget(row);
  }

  /** Row of the connection that a flow belongs to. */
  connectionOf(row: number): number {
    return this.#columns[row * COLUMNS + Column.CONNECTION];
  }

  /** Adds what the flows that still live have carried to a copy of the connections' totals. */
  totals(): { packets: Float64Array; bytes: Float64Array } {
    const packets = new Float64Array(this.#connections.count);
    const bytes = new Float64Array(this.#connections.count);
    for (let row = 0; row < packets.length; row++) {
      packets[row] = this.#connections.packets(row);
      bytes[row] = this.#connections.bytes(row);
    }
    for (let row = 0; row < this.flows.used; row++) {
      if (!this.flows.isUsed(row)) continue;
      const connection = this.#columns[row * COLUMNS + Column.CONNECTION];
      packets[connection] += this.flows.packets(row, 0) + this.flows.packets(row, 1);
      bytes[connection] += this.flows.bytes(row, 0) + this.flows.bytes(row, 1);
    }
    return { packets, bytes };
  }

  #growColumns(): void {
    const columns = new Int32Array(this.#columns.length * 2);
    columns.set(this.#columns);
    this.#columns = columns;
  }
}
