/**
 * A large plant's traffic in any amount, for benchmarks: 705 addresses, about 100 bytes a packet, 27 % of it in VLANs,
 * 0.4 % of the PDUs split over segments, 0.2 % out of order, 0.2 % repeated. {@link MIX} gives the shares of packets.
 *
 * Hot code: what flows say is recorded once from the protocol writers; each packet is then put together in a
 * preallocated chunk, pcap record included. Nothing is allocated per packet.
 */
import type { Host } from './host.ts';
import { host } from './host.ts';
import { onesSum } from './ip.ts';
import type { Script, UdpScript } from './mixed-scripts.ts';
import { etherScript, tcpScripts, udpScripts } from './mixed-scripts.ts';
import { pcapHeader } from './pcap-writer.ts';
import { Random } from './random.ts';
import { Flag } from './tcp.ts';

/** Parts of 1000 packets, roughly; what is left over goes to the handshakes and ends of connections. */
export const MIX = {
  modbus: 350,
  s7comm: 140,
  dnp3: 80,
  enip: 70,
  cipIo: 50,
  iec104: 70,
  profinet: 20,
  acknowledge: 150,
  reconnect: 6,
  office: 34,
} as const;

export type Mix = Readonly<Record<keyof typeof MIX, number>>;

/** Devices that serve each protocol, 650 in all; with 40 clients and 15 computers there are 705 addresses. */
const SERVERS = { modbus: 340, s7comm: 110, dnp3: 80, enip: 60, iec104: 60 } as const;
const CLIENTS = 40;
const COMPUTERS = 15;
/** Every seventh device is watched by a second client. */
const SECOND_CLIENT = 7;
const VLAN_SHARE = 0.27;

const CHUNK = 1 << 22;
const ROOM = 1 << 14;

type TcpKind = keyof typeof SERVERS | 'http' | 'tls';

interface Flow {
  readonly client: Host;
  readonly server: Host;
  readonly serverPort: number;
  readonly script: Script;
  clientPort: number;
  /** Next step of the script; -1 before the handshake. */
  step: number;
  clientNext: number;
  serverNext: number;
  /** IEC 104 send numbers of both sides. */
  clientSent: number;
  serverSent: number;
}

/**
 * Gives a pcap of so many packets to `sink`, in chunks that are valid only during the call. Returns the bytes written.
 * @param mix shares that differ from {@link MIX}
 */
export function mixedTraffic(packets: number, seed: number, sink: (chunk: Uint8Array) => void, mix: Partial<Mix> = {}): number {
  const traffic = new MixedTraffic(seed, packets, sink, { ...MIX, ...mix });
  return traffic.write();
}

class MixedTraffic {
  readonly #random: Random;
  readonly #wanted: number;
  readonly #mix: Mix;
  readonly #sink: (chunk: Uint8Array) => void;
  readonly #buffer = new Uint8Array(CHUNK + ROOM);
  readonly #view = new DataView(this.#buffer.buffer);
  readonly #flows: Record<TcpKind, Flow[]> = { modbus: [], s7comm: [], dnp3: [], enip: [], iec104: [], http: [], tls: [] };
  readonly #all: Flow[] = [];
  readonly #computers: Host[];
  readonly #udp: Record<'dns' | 'ntp' | 'cipIo', UdpScript[]>;
  readonly #arp: Uint8Array[];
  readonly #profinet: Uint8Array[];
  #at = 0;
  #count = 0;
  #bytes = 0;
  #seconds = 1_780_293_600;
  #microseconds = 0;
  #identification = 0;

  constructor(seed: number, packets: number, sink: (chunk: Uint8Array) => void, mix: Mix) {
    this.#mix = mix;
    this.#random = new Random(seed);
    this.#wanted = packets;
    this.#sink = sink;
    const clients = Array.from({ length: CLIENTS }, (_, i) =>
      [0, 110].map((vlan) => host(`client-${i}`, `10.0.1.${i + 1}`, `18:66:da:00:01:${byte(i)}`, vlan)),
    );
    this.#computers = Array.from({ length: COMPUTERS }, (_, i) => host(`pc-${i}`, `10.0.2.${i + 1}`, `00:1e:c9:00:02:${byte(i)}`));
    const scripts = tcpScripts(seed);
    let number = 0;
    for (const kind of ['modbus', 's7comm', 'dnp3', 'enip', 'iec104'] as const) {
      for (let i = 0; i < SERVERS[kind]; i++, number++) {
        const vlan = this.#random.chance(VLAN_SHARE) ? 110 : 0;
        const server = host(
          `${kind}-${i}`,
          `10.0.${10 + (number >> 8)}.${number & 255}`,
          `00:80:f4:0a:${byte(number >> 8)}:${byte(number & 255)}`,
          vlan,
        );
        const choice = scripts[kind];
        for (let second = 0; second < (i % SECOND_CLIENT === 0 ? 2 : 1); second++) {
          const client = clients[(number * 7 + 11 * second) % CLIENTS][vlan ? 1 : 0];
          this.#flows[kind].push(this.#flow(client, server, choice[this.#random.below(choice.length)]));
        }
      }
    }
    for (const kind of ['http', 'tls'] as const) {
      for (let i = 0; i + 1 < COMPUTERS; i++)
        this.#flows[kind].push(this.#flow(this.#computers[i], this.#computers[i + 1], scripts[kind][i % scripts[kind].length]));
    }
    for (const flows of Object.values(this.#flows)) this.#all.push(...flows);
    this.#udp = udpScripts(
      seed,
      this.#computers,
      this.#flows.enip.map((flow) => [flow.client, flow.server]),
    );
    this.#arp = etherScript('arp', this.#computers, seed);
    this.#profinet = etherScript(
      'profinet',
      this.#flows.s7comm.slice(0, 40).map((flow) => flow.server),
      seed,
    );
  }

  write(): number {
    const header = pcapHeader();
    this.#buffer.set(header);
    this.#at = header.length;
    const shares = Object.entries(this.#mix) as [keyof Mix, number][]; // entries of an object with exactly these keys
    const total = shares.reduce((sum, [, share]) => sum + share, 0);
    while (this.#count < this.#wanted) {
      let pick = this.#random.below(total);
      for (const [kind, share] of shares) {
        if (pick < share) {
          this.#emit(kind);
          break;
        }
        pick -= share;
      }
    }
    this.#flush();
    return this.#bytes;
  }

  #emit(kind: keyof typeof MIX): void {
    switch (kind) {
      case 'modbus':
      case 's7comm':
      case 'dnp3':
      case 'enip':
      case 'iec104':
        return this.#speak(this.#random.pick(this.#flows[kind]));
      case 'cipIo':
        return this.#datagram(this.#random.pick(this.#udp.cipIo));
      case 'profinet':
        return this.#record(this.#random.pick(this.#profinet));
      case 'acknowledge': {
        const flow = this.#random.pick(this.#all);
        if (flow.step >= 0) this.#segment(flow, this.#random.chance(0.7), Flag.ACK, NOTHING, 0, 0);
        return;
      }
      case 'reconnect':
        return this.#reconnect(this.#random.pick(this.#all));
      default: {
        const choice = this.#random.below(100);
        if (choice < 25) return this.#datagram(this.#random.pick(this.#udp.dns));
        if (choice < 40) return this.#datagram(this.#random.pick(this.#udp.ntp));
        if (choice < 55) return this.#record(this.#random.pick(this.#arp));
        return this.#speak(this.#random.pick(choice < 80 ? this.#flows.http : this.#flows.tls));
      }
    }
  }

  #flow(client: Host, server: Host, script: Script): Flow {
    return {
      client,
      server,
      serverPort: script.port,
      script,
      clientPort: 0,
      step: -1,
      clientNext: 0,
      serverNext: 0,
      clientSent: 0,
      serverSent: 0,
    };
  }

  /** The next PDU of a flow, now and then split, out of order or repeated. */
  #speak(flow: Flow): void {
    if (flow.step < 0) this.#connect(flow);
    const { toServer, bytes } = flow.script.steps[flow.step];
    flow.step = flow.step + 1 < flow.script.steps.length ? flow.step + 1 : flow.script.loop;
    if (flow.script.port === 2404) number104(flow, toServer, bytes);
    const fate = this.#random.below(1000);
    if (fate < 8 && bytes.length > 2 && bytes.length < 1400) return this.#trouble(flow, toServer, bytes, fate);
    for (let from = 0; from < bytes.length; from += 1448)
      this.#segment(flow, toServer, Flag.PSH | Flag.ACK, bytes, from, Math.min(from + 1448, bytes.length));
  }

  #trouble(flow: Flow, toServer: boolean, bytes: Uint8Array, fate: number): void {
    const cut = 1 + this.#random.below(bytes.length - 1);
    const first = toServer ? flow.clientNext : flow.serverNext;
    if (fate < 4) {
      this.#segment(flow, toServer, Flag.ACK, bytes, 0, cut);
      this.#segment(flow, toServer, Flag.PSH | Flag.ACK, bytes, cut, bytes.length);
    } else if (fate < 6) {
      move(flow, toServer, first + cut);
      this.#segment(flow, toServer, Flag.PSH | Flag.ACK, bytes, cut, bytes.length);
      move(flow, toServer, first);
      this.#segment(flow, toServer, Flag.ACK, bytes, 0, cut);
      move(flow, toServer, first + bytes.length);
    } else {
      this.#segment(flow, toServer, Flag.PSH | Flag.ACK, bytes, 0, bytes.length);
      move(flow, toServer, first);
      this.#segment(flow, toServer, Flag.PSH | Flag.ACK, bytes, 0, bytes.length);
    }
  }

  #connect(flow: Flow): void {
    flow.step = 0;
    flow.clientPort = 49152 + this.#random.below(16_000);
    flow.clientNext = this.#random.next();
    flow.serverNext = this.#random.next();
    flow.clientSent = 0;
    flow.serverSent = 0;
    this.#segment(flow, true, Flag.SYN, NOTHING, 0, 0);
    this.#segment(flow, false, Flag.SYN | Flag.ACK, NOTHING, 0, 0);
    this.#segment(flow, true, Flag.ACK, NOTHING, 0, 0);
  }

  #reconnect(flow: Flow): void {
    if (flow.step >= 0) {
      this.#segment(flow, true, Flag.FIN | Flag.ACK, NOTHING, 0, 0);
      this.#segment(flow, false, Flag.FIN | Flag.ACK, NOTHING, 0, 0);
      this.#segment(flow, true, Flag.ACK, NOTHING, 0, 0);
    }
    this.#connect(flow);
  }

  #segment(flow: Flow, toServer: boolean, flags: number, bytes: Uint8Array, from: number, end: number): void {
    const source = toServer ? flow.client : flow.server;
    const destination = toServer ? flow.server : flow.client;
    const length = end - from;
    const ip = this.#openIp(source, destination, 6, 20 + length);
    const tcp = ip + 20;
    const out = this.#view;
    out.setUint16(tcp, toServer ? flow.clientPort : flow.serverPort);
    out.setUint16(tcp + 2, toServer ? flow.serverPort : flow.clientPort);
    out.setUint32(tcp + 4, toServer ? flow.clientNext : flow.serverNext);
    out.setUint32(tcp + 8, flags & Flag.ACK ? (toServer ? flow.serverNext : flow.clientNext) : 0);
    out.setUint32(tcp + 12, 0x50002000 | (flags << 16));
    out.setUint32(tcp + 16, 0);
    for (let i = 0; i < length; i++) this.#buffer[tcp + 20 + i] = bytes[from + i];
    out.setUint16(tcp + 16, ~onesSum(this.#buffer, ip + 12, tcp + 20 + length, 6 + 20 + length));
    const next = (toServer ? flow.clientNext : flow.serverNext) + length + (flags & (Flag.SYN | Flag.FIN) ? 1 : 0);
    move(flow, toServer, next);
    this.#close(tcp + 20 + length);
  }

  #datagram(script: UdpScript): void {
    const step = script.steps[script.step];
    script.step = (script.step + 1) % script.steps.length;
    // A new question comes from a new port.
    if (script.step === 1 && script.ephemeral) script.clientPort = 20_000 + this.#random.below(12_000);
    const source = step.toServer ? script.client : script.server;
    const destination = step.toServer ? script.server : script.client;
    const length = 8 + step.bytes.length;
    const ip = this.#openIp(source, destination, 17, length);
    const udp = ip + 20;
    const out = this.#view;
    out.setUint16(udp, step.toServer ? script.clientPort : script.serverPort);
    out.setUint16(udp + 2, step.toServer ? script.serverPort : script.clientPort);
    out.setUint16(udp + 4, length);
    out.setUint16(udp + 6, 0);
    this.#buffer.set(step.bytes, udp + 8);
    out.setUint16(udp + 6, ~onesSum(this.#buffer, ip + 12, udp + length, 17 + length) & 0xffff || 0xffff);
    this.#close(udp + length);
  }

  /** A frame as it is. */
  #record(frame: Uint8Array): void {
    const start = this.#at + 16;
    this.#buffer.set(frame, start);
    this.#close(start + frame.length);
  }

  /** Ethernet and IP headers behind the room for the record's header. Returns where IP starts. */
  #openIp(source: Host, destination: Host, protocol: number, length: number): number {
    const out = this.#view;
    let at = this.#at + 16;
    this.#buffer.set(destination.mac, at);
    this.#buffer.set(source.mac, at + 6);
    at += 12;
    if (source.vlan !== 0) {
      out.setUint32(at, 0x81000000 | source.vlan);
      at += 4;
    }
    out.setUint16(at, 0x0800);
    at += 2;
    this.#identification = (this.#identification + 1) & 0xffff;
    out.setUint16(at, 0x4500);
    out.setUint16(at + 2, 20 + length);
    out.setUint16(at + 4, this.#identification);
    out.setUint16(at + 6, 0x4000);
    out.setUint32(at + 8, 0x40000000 | (protocol << 16));
    this.#buffer.set(source.address, at + 12);
    this.#buffer.set(destination.address, at + 16);
    out.setUint16(at + 10, ~onesSum(this.#buffer, at, at + 20));
    return at;
  }

  /** Pads the frame that ends before `end`, writes the record's header and moves on. */
  #close(end: number): void {
    const start = this.#at + 16;
    let length = end - start;
    if (length < 60) {
      this.#buffer.fill(0, end, start + 60);
      length = 60;
    }
    this.#microseconds += 20 + this.#random.below(60);
    if (this.#microseconds >= 1_000_000) {
      this.#microseconds -= 1_000_000;
      this.#seconds++;
    }
    const out = this.#view;
    out.setUint32(this.#at, this.#seconds, true);
    out.setUint32(this.#at + 4, this.#microseconds, true);
    out.setUint32(this.#at + 8, length, true);
    out.setUint32(this.#at + 12, length, true);
    this.#count++;
    // The last exchange may go past the number that was asked for; what is too much is left out.
    if (this.#count <= this.#wanted) this.#at = start + length;
    if (this.#at >= CHUNK) this.#flush();
  }

  #flush(): void {
    if (this.#at === 0) return;
    this.#sink(this.#buffer.subarray(0, this.#at));
    this.#bytes += this.#at;
    this.#at = 0;
  }
}

const NOTHING = new Uint8Array(0);

function move(flow: Flow, toServer: boolean, next: number): void {
  if (toServer) flow.clientNext = next >>> 0;
  else flow.serverNext = next >>> 0;
}

/** Writes the flow's own numbers into an APDU of IEC 104. */
function number104(flow: Flow, toServer: boolean, bytes: Uint8Array): void {
  const numbered = (bytes[2] & 1) === 0;
  if (!numbered && (bytes[2] & 3) !== 1) return;
  const received = (toServer ? flow.serverSent : flow.clientSent) << 1;
  bytes[4] = received;
  bytes[5] = received >> 8;
  if (!numbered) return;
  const sent = (toServer ? flow.clientSent : flow.serverSent) << 1;
  bytes[2] = sent;
  bytes[3] = sent >> 8;
  if (toServer) flow.clientSent = (flow.clientSent + 1) & 0x7fff;
  else flow.serverSent = (flow.serverSent + 1) & 0x7fff;
}

function byte(value: number): string {
  return (value & 255).toString(16).padStart(2, '0');
}
