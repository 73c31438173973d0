/** Which dissector reads a flow: by EtherType and IP protocol, by content first, by port second. */
import type { Packet } from '@annunciator/packet/packet';
import { Confidence, type Dissector } from '@annunciator/protocols/dissector';

const TCP = 6;
const UDP = 17;
/** Smaller values of the type field are lengths (IEEE 802.3, 3.2.6). */
const LOWEST_ETHERTYPE = 0x600;

export class Applications {
  readonly dissectors: readonly Dissector[];
  /** Dissector number + 1 by key: transport and port, IP protocol, EtherType. */
  readonly #byPort = new Map<number, number>();
  readonly #byIpProtocol = new Map<number, number>();
  readonly #byEtherType = new Map<number, number>();
  readonly #streams: readonly number[];
  readonly #datagrams: readonly number[];

  constructor(dissectors: readonly Dissector[]) {
    this.dissectors = dissectors;
    dissectors.forEach((dissector, index) => {
      for (const port of dissector.tcpPorts) this.#byPort.set((TCP << 16) | port, index + 1);
      for (const port of dissector.udpPorts) this.#byPort.set((UDP << 16) | port, index + 1);
      for (const protocol of dissector.ipProtocols) this.#byIpProtocol.set(protocol, index + 1);
      for (const type of dissector.etherTypes) this.#byEtherType.set(type, index + 1);
    });
    const numbered = dissectors.map((dissector, index) => ({ dissector, number: index + 1 }));
    this.#streams = numbered.filter(({ dissector }) => dissector.stream && dissector.identify).map(({ number }) => number);
    this.#datagrams = numbered.filter(({ dissector }) => dissector.datagram && dissector.identify).map(({ number }) => number);
  }

  /** The dissector whose standard port this is. */
  standard(transport: number, port: number): Dissector | undefined {
    const number = this.#byPort.get((transport << 16) | port);
    return number === undefined ? undefined : this.dissectors[number - 1];
  }

  /** Side that serves, when no handshake tells: 1 the destination, 0 the source. */
  serverSide(packet: Packet): 0 | 1 {
    const transport = packet.protocol;
    if (transport !== TCP && transport !== UDP) return 1;
    if (transport === TCP && (packet.flags & 0x12) === 0x12) return 0;
    if (transport === TCP && (packet.flags & 0x02) !== 0) return 1;
    const to = this.#byPort.has((transport << 16) | packet.destinationPort);
    const from = this.#byPort.has((transport << 16) | packet.sourcePort);
    if (to !== from) return to ? 1 : 0;
    if (from) return 1;
    const [source, destination] = [packet.sourcePort, packet.destinationPort];
    if (source < 1024 !== destination < 1024) return destination < 1024 ? 1 : 0;
    // Two high ports: whoever speaks first asks.
    return 1;
  }

  /** Number of the dissector for a datagram; 0 for none. */
  ofDatagram(packet: Packet): number {
    if (packet.ipVersion === 0) {
      if (packet.etherType >= LOWEST_ETHERTYPE) return this.#byEtherType.get(packet.etherType) ?? 0;
      // IEEE 802.2 frames carry no type: content tells.
      return Math.max(0, this.#judge(this.#datagrams, 0, packet.bytes, packet.payload, packet.payloadEnd, 0, 0, false));
    }
    if (packet.protocol !== UDP) return this.#byIpProtocol.get(packet.protocol) ?? 0;
    return Math.max(
      0,
      this.#judge(this.#datagrams, UDP, packet.bytes, packet.payload, packet.payloadEnd, packet.sourcePort, packet.destinationPort, false),
    );
  }

  /** Number of the dissector for the first bytes of a TCP direction; 0 for none, -1 when more bytes may tell. */
  ofStream(bytes: Uint8Array, start: number, end: number, sourcePort: number, destinationPort: number): number {
    return this.#judge(this.#streams, TCP, bytes, start, end, sourcePort, destinationPort, true);
  }

  #judge(
    candidates: readonly number[],
    transport: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    sourcePort: number,
    destinationPort: number,
    stream: boolean,
  ): number {
    const own = this.#byPort.get((transport << 16) | destinationPort) ?? 0;
    const other = this.#byPort.get((transport << 16) | sourcePort) ?? 0;
    let possible = 0;
    let more = false;
    // The dissectors of the ports first: they are right nearly always.
    for (const number of own === other ? [own] : [own, other]) {
      if (number === 0) continue;
      const dissector = this.dissectors[number - 1];
      if (!(stream ? dissector.stream : dissector.datagram) || !dissector.identify) continue;
      const confidence = dissector.identify(bytes, start, end, stream);
      if (confidence === Confidence.Certain) return number;
      if (confidence === Confidence.Possible) possible ||= number;
      if (confidence === Confidence.More) more = true;
    }
    for (const number of candidates) {
      if (number === own || number === other) continue;
      const confidence = this.dissectors[number - 1].identify?.(bytes, start, end, stream) ?? Confidence.No;
      if (confidence === Confidence.Certain) return number;
      if (confidence === Confidence.More) more = true;
    }
    if (possible) return possible;
    return more ? Confidence.More : 0;
  }
}
