/**
 * What the engines want to know when a conversation begins and when it is first answered: once per flow, not per packet.
 */
import { IpProtocol } from '@annunciator/packet/decode';
import { type Packet, Tcp } from '@annunciator/packet/packet';
import { FlowBit } from '@annunciator/packet/tables/flow-table';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import type { Engines } from '../engines/engines.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Connections } from './connections.ts';
import type { Observer } from './observer.ts';

export class Beginnings {
  readonly #observer: Observer;
  readonly #inventory: Inventory;
  readonly #engines: Engines;
  readonly #connections: Connections;
  readonly #ipText: (family: number, address: number) => string;

  constructor(
    observer: Observer,
    inventory: Inventory,
    engines: Engines,
    connections: Connections,
    ipText: (family: number, address: number) => string,
  ) {
    this.#observer = observer;
    this.#inventory = inventory;
    this.#engines = engines;
    this.#connections = connections;
    this.#ipText = ipText;
  }

  /** First packet of a flow: the observer stands on it. */
  opened(packet: Packet, connection: number): void {
    const { scans, policy, internet, malware, rules } = this.#engines;
    const scene = this.#observer;
    if (packet.ipVersion === 0) {
      if (packet.toGroup && packet.etherType >= 0x600) policy.groupTraffic(scene, packet.etherType);
      return;
    }
    if (packet.ipVersion === 4) this.#checkAddresses(packet);
    const transport = packet.protocol;
    const tcp = transport === IpProtocol.TCP;
    const udp = transport === IpProtocol.UDP;
    if (tcp || udp) this.#checkPorts(packet, tcp);
    if (packet.toGroup || this.#inventory.party(scene.receiver).group) {
      policy.groupTraffic(scene, transport);
      return;
    }
    malware.address(scene, scene.receiver);
    malware.address(scene, scene.sender);
    const attempt = tcp ? (packet.flags & (Tcp.SYN | Tcp.ACK)) === Tcp.SYN : udp && scene.toServer;
    if (!attempt) return;
    const network = packet.ipVersion === 4 ? packet.destination >>> 16 : packet.destination & 0xfff;
    scans.attempt(scene, tcp, network);
    rules.watch.conversation(scene, tcp ? PROTOCOLS.tcp.index : PROTOCOLS.udp.index);
    internet.opened(scene, tcp ? PROTOCOLS.tcp.index : PROTOCOLS.udp.index);
    if (tcp) this.#connections.request(connection, -1, packet.seconds, packet.nanoseconds);
  }

  /** The SYN of a conversation is repeated. */
  retried(packet: Packet, connection: number): void {
    this.#connections.request(connection, -1, packet.seconds, packet.nanoseconds);
  }

  /** Both sides of a flow have sent; the observer stands on the packet that made it so. */
  answered(packet: Packet, bits: number, connection: number): void {
    const { policy, internet, scans } = this.#engines;
    const scene = this.#observer;
    if (packet.ipVersion === 0) return;
    this.#connections.answered(connection);
    if (!scene.toServer && !packet.toGroup) this.#engines.channels.answered(scene.sender);
    if (!packet.toGroup) scene.met();
    const transport = packet.protocol;
    if (transport === IpProtocol.TCP) {
      // A reset is an answer, but no conversation.
      if ((packet.flags & Tcp.RST) !== 0) return;
      if ((bits & FlowBit.SYN_ACK) === 0) {
        // Both sides go on with a conversation whose beginning was not seen.
        if ((packet.flags & Tcp.SYN) === 0) internet.established(scene, PROTOCOLS.tcp.index);
        return;
      }
      if (!scene.toServer) policy.answered(scene, transport);
      if (!scene.toServer) scans.accepted(scene.receiver, scene.sender, scene.senderPort);
      if (!scene.toServer) internet.established(scene, PROTOCOLS.tcp.index);
    } else if (transport === IpProtocol.UDP && !scene.toServer) {
      policy.answered(scene, transport);
      internet.established(scene, PROTOCOLS.udp.index);
    }
  }

  #checkPorts(packet: Packet, tcp: boolean): void {
    // A later fragment and a header that was cut short have no ports to read.
    if (packet.fragment || packet.stopped) return;
    const destinationZero = packet.destinationPort === 0 && packet.payload <= packet.payloadEnd;
    if (!destinationZero && !(tcp && packet.sourcePort === 0)) return;
    if (tcp && (packet.flags & Tcp.SYN) === 0) return;
    this.#engines.violations.portZero(this.#observer, tcp ? PROTOCOLS.tcp.index : PROTOCOLS.udp.index);
  }

  /** Addresses no host may use: RFC 1122 3.2.1.3, RFC 6890. */
  #checkAddresses(packet: Packet): void {
    const { source, destination } = packet;
    const sourceTop = source >>> 24;
    const destinationTop = destination >>> 24;
    const lease = packet.protocol === IpProtocol.UDP && (packet.destinationPort === 67 || packet.destinationPort === 68);
    const membership = packet.protocol === 2;
    let bad = 0;
    let why = '';
    if (sourceTop === 127) [bad, why] = [source, 'a loopback address that never leaves its host'];
    else if (destinationTop === 127) [bad, why] = [destination, 'a loopback address that never leaves its host'];
    else if (sourceTop === 0 && !lease && !(membership && source === 0))
      [bad, why] = [source, 'of network 0, which only a host without an address uses'];
    else if (destinationTop === 0) [bad, why] = [destination, 'of network 0, which is no destination'];
    else if (source === -1) [bad, why] = [source, 'the broadcast address, as its source'];
    else if (sourceTop >= 224 && sourceTop < 240) [bad, why] = [source, 'a multicast address, as its source'];
    else if (sourceTop >= 240) [bad, why] = [source, 'of the reserved range 240.0.0.0/4'];
    else if (destinationTop >= 240 && destination !== -1) [bad, why] = [destination, 'of the reserved range 240.0.0.0/4'];
    if (why) this.#engines.operational.illegalAddress(this.#observer, this.#ipText(4, bad), why);
  }
}
