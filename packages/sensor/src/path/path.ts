/**
 * The packet path: from a captured frame to whoever reads it. Decode, flow, parties, TCP order. Hot code: on the usual path
 * nothing is allocated for a packet; what is new (an address, a flow) may cost an object.
 */
import { i32, ipv4Text, u16 } from '@annunciator/packet/bytes';
import { Decoder, IpProtocol } from '@annunciator/packet/decode';
import type { Packet } from '@annunciator/packet/packet';
import { Tcp } from '@annunciator/packet/packet';
import { FLOW_SHIFT, FLOW_WIDTH, Flow, FlowBit, FlowTable } from '@annunciator/packet/tables/flow-table';
import { TcpOrder } from '@annunciator/packet/tcp-order';
import type { Dissector } from '@annunciator/protocols/dissector';
import type { Engines } from '../engines/engines.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { Beginnings } from './beginnings.ts';
import type { Connections } from './connections.ts';
import type { Observer } from './observer.ts';
import { Readings } from './readings.ts';

/** The other side has answered, and the engines know. */
const ANSWERED = 1 << 29;
const ARP = 0x0806;
/** Flags of segments that open or end a conversation. */
const CONTROL = Tcp.SYN | Tcp.FIN | Tcp.RST;
const SWEEP_ROWS = 512;
const SLOW_TICK_SECONDS = 10;

/** Most frames that are prepared at once. */
export const MOST_PREPARED = 16;

export class PacketPath {
  readonly decoder = new Decoder();
  readonly flows: FlowTable;
  readonly order: TcpOrder;
  readonly readings: Readings;
  readonly #observer: Observer;
  readonly #inventory: Inventory;
  readonly #connections: Connections;
  readonly #engines: Engines;
  readonly #beginnings: Beginnings;
  readonly #bytes = (): Float64Array => this.totals().bytes;
  readonly #textOf = (family: number, address: number): string =>
    family === 4 ? ipv4Text(address) : this.decoder.addresses.ipv6Text(address);
  /** Canonical party that sent the last packet. */
  sender = 0;
  #second = 0;
  readonly #aimedRows = new Int32Array(MOST_PREPARED);
  /** Keeps the engine from leaving out what nobody needs to know. */
  aimed = 0;
  #slowTick = 0;
  /** Called when a flow is freed; its row is still there. */
  onFlowOver: (row: number, connection: number) => void = () => undefined;

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
    this.flows = new FlowTable({ maxFlows });
    this.flows.onEvict = (row) => this.#evicted(row);
    this.readings = new Readings(this.flows, observer, inventory, connections, engines, dissectors);
    this.order = new TcpOrder(this.flows, this.readings);
    this.#beginnings = new Beginnings(observer, inventory, engines, connections, this.#textOf);
  }

  /** Decodes a frame that is followed soon, and asks for the slot of its flow. */
  read(packet: Packet): void {
    this.decoder.decode(packet);
    this.aimed ^= this.flows.aim(packet);
  }

  /**
   * Asks for what following these frames needs, which were read and are followed next, in this order. A thousand conversations
   * at once do not fit the caches, so most of it comes from memory; asked for at once, it comes at the same time.
   */
  prepare(packets: readonly Packet[], count: number): void {
    const { flows } = this;
    const rows = this.#aimedRows;
    for (let i = 0; i < count; i++) rows[i] = flows.find(packets[i]);
    this.aimed ^= this.readings.aim(rows, count);
  }

  /** Takes in a frame that is decoded already. */
  follow(packet: Packet): void {
    const observer = this.#observer;
    const { seconds, nanoseconds } = packet;
    observer.frame = packet.frame;
    observer.firstFrame = packet.frame;
    observer.seconds = seconds;
    observer.nanoseconds = nanoseconds;
    observer.wireLength = packet.wireLength;
    observer.protocol = 0;
    if (seconds !== this.#second) this.#tick(seconds);
    const { flows } = this;
    const row = flows.touch(packet);
    if (row < 0) return;
    const { direction, created } = flows;
    if (flows.met) this.#meet(packet, row, direction);
    const { rows } = flows;
    const at = row << FLOW_SHIFT;
    const inventory = this.#inventory;
    const sender = inventory.canonical[rows[(at + Flow.DEVICE + direction) | 0]];
    inventory.activity.heard(sender, seconds, nanoseconds);
    this.sender = sender;
    const first = (rows[(at + Flow.BITS) | 0] & ANSWERED) === 0;
    const control = (packet.flags & CONTROL) !== 0;
    if (!first && !control && packet.payload === packet.payloadEnd) {
      // Nothing is said: an acknowledgement at most, which may end the wait for bytes of the other side.
      if (packet.protocol !== IpProtocol.TCP || packet.stopped || packet.fragment || this.readings.isGivenUp(row)) return;
      observer.flow = -1;
      this.order.accept(packet, row, direction);
      return;
    }
    this.#stand(packet, row, direction);
    if (created) this.#beginnings.opened(packet, observer.connection);
    if (packet.protocol === IpProtocol.TCP && packet.ipVersion !== 0) {
      if (control || packet.stopped || packet.fragment || this.readings.isGivenUp(row)) this.#otherTcp(packet, row, direction);
      else this.order.accept(packet, row, direction);
    } else if (packet.payload < packet.payloadEnd && !packet.fragment) this.readings.datagram(packet, row);
    if (first && rows[at + Flow.PACKETS] !== 0 && rows[at + Flow.PACKETS + 1] !== 0) {
      rows[at + Flow.BITS] |= ANSWERED;
      this.#beginnings.answered(packet, rows[at + Flow.BITS], observer.connection);
    }
  }

  /** The observer stands on the packet. */
  #stand(packet: Packet, row: number, direction: number): void {
    const observer = this.#observer;
    const { sender } = this;
    const { rows } = this.flows;
    const at = row << FLOW_SHIFT;
    const receiver = this.#inventory.canonical[rows[(at + Flow.DEVICE + 1 - direction) | 0]];
    observer.sender = sender;
    observer.receiver = receiver;
    observer.actor = sender;
    observer.target = receiver;
    observer.sourcePort = packet.sourcePort;
    observer.destinationPort = packet.destinationPort;
    observer.toGroup = packet.toGroup;
    observer.vlan = packet.vlan;
    observer.complete = packet.complete;
    observer.flow = row;
    observer.direction = direction;
    observer.connection = this.readings.connection(row);
    observer.toServer = (rows[(at + Flow.BITS) | 0] & (FlowBit.SERVER_A << direction)) === 0;
  }

  /** The sender of the packet is met for the first time in this flow, or with another MAC; with its first packet the flow begins. */
  #meet(packet: Packet, row: number, direction: number): void {
    const inventory = this.#inventory;
    const { rows, created } = this.flows;
    const at = row * FLOW_WIDTH + Flow.DEVICE;
    if (packet.carrierMac >= 0) this.#meetCarrier(packet);
    const mac = packet.sourceMac < 0 ? 0 : inventory.mac(macNumber(packet.bytes, packet.sourceMac));
    const arp = packet.etherType === ARP && packet.payload + 18 <= packet.payloadEnd;
    const version = arp ? 4 : packet.ipVersion;
    const source = arp ? i32(packet.bytes, packet.payload + 14) : packet.source;
    const ip = version === 0 ? 0 : inventory.ip(version, source, this.#textOf);
    // An ARP message never passes a router: its sender is as near as can be.
    inventory.sender(mac, ip, arp ? 255 : packet.timeToLive, packet.seconds, packet.nanoseconds, packet.vlan);
    rows[at + direction] = arp ? mac : ip || mac;
    if (!created) return;
    rows[at + 1 - direction] = this.#receiver(packet);
    this.readings.begin(packet, row, direction);
  }

  /** A mirror or the end of a tunnel is a device on this network, too. */
  #meetCarrier(packet: Packet): void {
    const inventory = this.#inventory;
    const { carrierVersion, seconds, nanoseconds } = packet;
    const mac = inventory.mac(macNumber(packet.bytes, packet.carrierMac));
    const ip = carrierVersion === 0 ? 0 : inventory.ip(carrierVersion, packet.carrierSource, this.#textOf);
    inventory.sender(mac, ip, packet.carrierTimeToLive, seconds, nanoseconds, packet.carrierVlan);
  }

  #receiver(packet: Packet): number {
    if (packet.ipVersion !== 0) return this.#inventory.ip(packet.ipVersion, packet.destination, this.#textOf);
    return packet.destinationMac < 0 ? 0 : this.#inventory.mac(macNumber(packet.bytes, packet.destinationMac));
  }

  /** Segments that open or end a conversation, that are not whole, or that nobody reads. */
  #otherTcp(packet: Packet, row: number, direction: number): void {
    const { flags } = packet;
    if (this.readings.isGivenUp(row)) {
      if ((flags & Tcp.SYN) !== 0) this.order.accept(packet, row, direction);
      else if (packet.payload < packet.payloadEnd) this.readings.unread(packet, row, direction);
      return;
    }
    if ((flags & (Tcp.SYN | Tcp.ACK)) === Tcp.SYN && !this.flows.created) this.#beginnings.retried(packet, this.#observer.connection);
    if (packet.stopped || packet.fragment) return;
    this.order.accept(packet, row, direction);
    if ((flags & (Tcp.FIN | Tcp.RST)) !== 0) this.readings.closed(row);
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
    const { flows } = this;
    const connection = this.readings.connection(row);
    this.#connections.carried(connection, flows.packets(row, 0) + flows.packets(row, 1), flows.bytes(row, 0) + flows.bytes(row, 1));
    this.onFlowOver(row, connection);
    this.order.forget(row);
    this.readings.end(row);
  }

  /** Packets and bytes of each connection: what its flows have carried, those that still live among them. */
  totals(): { packets: Float64Array; bytes: Float64Array } {
    const connections = this.#connections;
    const packets = new Float64Array(connections.count);
    const bytes = new Float64Array(connections.count);
    for (let row = 0; row < connections.count; row++) {
      packets[row] = connections.packets(row);
      bytes[row] = connections.bytes(row);
    }
    const { flows } = this;
    for (let row = 0; row < flows.used; row++) {
      if (!flows.isUsed(row)) continue;
      const connection = this.readings.connection(row);
      packets[connection] += flows.packets(row, 0) + flows.packets(row, 1);
      bytes[connection] += flows.bytes(row, 0) + flows.bytes(row, 1);
    }
    return { packets, bytes };
  }
}

/** A MAC address as a 48-bit number. */
function macNumber(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 2 ** 32 + (i32(bytes, at + 2) >>> 0);
}
