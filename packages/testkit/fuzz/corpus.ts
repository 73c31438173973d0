/**
 * What the fuzzer damages: short conversations, sorted by the protocols that the sensor finds in them. They come from the
 * demo plant and the protocol writers of this package, and from the public captures where the machine has them.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openCaptures } from '@annunciator/packet/capture/capture-reader';
import { IpProtocol } from '@annunciator/packet/decode';
import { Packet } from '@annunciator/packet/packet';
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';
import { Sensor } from '@annunciator/sensor/sensor';
import { plantPackets } from '../src/plant.ts';
import type { TimedPacket } from '../src/timeline.ts';
import { writtenTraffic } from './written-traffic.ts';

export const CAPTURES = process.env.ANNUNCIATOR_CAPTURES ?? resolve(import.meta.dirname, '../../../../shared/captures');
/** Why the captures are left out, or false. */
export const NO_CAPTURES = existsSync(CAPTURES)
  ? false
  : `no captures at ${CAPTURES}: set ANNUNCIATOR_CAPTURES; written traffic is used alone`;

/** One frame of a conversation and where its parts are. */
export interface Seed {
  readonly frame: Uint8Array;
  readonly linkType: number;
  readonly wireLength: number;
  /** Offset of the IP header, of TCP or UDP, of the payload; -1 for what is not there or lies behind tunnels. */
  readonly ip: number;
  readonly transport: number;
  readonly payload: number;
  readonly payloadEnd: number;
  readonly kind: 'tcp' | 'udp' | 'other';
  readonly toServer: boolean;
  readonly serverPort: number;
}

/** Frames of one flow, in order. */
export interface Conversation {
  readonly source: string;
  readonly seeds: readonly Seed[];
  /** Positions of the frames that carried a message, by protocol. */
  readonly carries: ReadonlyMap<string, readonly number[]>;
}

export interface Corpus {
  /** By protocol id; also `tcp` and `ip` for all that have them. */
  readonly conversations: ReadonlyMap<string, readonly Conversation[]>;
  /** Whole capture files of moderate size. */
  readonly files: readonly string[];
}

/** A conversation beyond this many frames is not continued. */
const MOST_FRAMES = 48;
/** Conversations of one protocol. */
const MOST_CONVERSATIONS = 400;
/** Frames that say the same thing are kept so often. */
const MOST_ALIKE = 6;
const MOST_PACKETS = 6000;
const LARGEST_FILE = 3_500_000;
const SMALLEST_FILES = 60_000;

interface Draft {
  readonly source: string;
  readonly seeds: Seed[];
  readonly carries: Map<string, number[]>;
}

class Collector {
  readonly #alike = new Map<string, number>();
  readonly #conversations = new Map<string, Draft[]>();

  get conversations(): ReadonlyMap<string, readonly Conversation[]> {
    return this.#conversations;
  }

  /** A new capture: numbers of flows begin anew. */
  source(name: string): (packet: Packet) => void {
    const drafts = new Map<number, Draft>();
    const said: string[] = [];
    const sensor = new Sensor({ report: () => undefined });
    const { observer } = sensor;
    const message = observer.message.bind(observer);
    observer.message = (protocol, code, role) => {
      said.push(`${PROTOCOL_BY_INDEX[protocol]?.id} ${code} ${role}`);
      message(protocol, code, role);
    };
    const tell = observer.tell.bind(observer);
    observer.tell = (fact) => {
      said.push('name' in fact ? `${fact.is} ${fact.name}` : fact.is);
      tell(fact);
    };
    return (packet) => {
      said.length = 0;
      // Reassembled datagrams replace the bytes of the packet: keep those of the frame.
      const frame = withoutNonsense(packet.bytes.slice(packet.start, packet.end));
      const { start } = packet;
      sensor.take(packet);
      this.#keep(name, drafts, observer.flow, observer.toServer, packet, frame, start, said);
    };
  }

  #keep(
    name: string,
    drafts: Map<number, Draft>,
    flow: number,
    toServer: boolean,
    packet: Packet,
    frame: Uint8Array,
    start: number,
    said: readonly string[],
  ): void {
    const sign = said.join(',') || `${packet.protocol} ${packet.flags & 7} ${packet.problem}`;
    const alike = (this.#alike.get(sign) ?? 0) + 1;
    this.#alike.set(sign, alike);
    if (alike > MOST_ALIKE) return;
    let draft = drafts.get(flow);
    if (!draft || draft.seeds.length >= MOST_FRAMES) drafts.set(flow, (draft = { source: name, seeds: [], carries: new Map() }));
    const names = new Set(said.map((text) => text.split(' ')[0]).filter((id) => PROTOCOL_BY_INDEX.some((entry) => entry?.id === id)));
    if (packet.ipVersion !== 0) names.add('ip');
    if (packet.protocol === IpProtocol.TCP && packet.payload < packet.payloadEnd) names.add('tcp');
    for (const protocol of names) {
      const at = draft.carries.get(protocol);
      if (at) at.push(draft.seeds.length);
      else {
        draft.carries.set(protocol, [draft.seeds.length]);
        const list = this.#conversations.get(protocol) ?? [];
        if (list.length < MOST_CONVERSATIONS) list.push(draft);
        this.#conversations.set(protocol, list);
      }
    }
    draft.seeds.push(seedOf(packet, frame, start, toServer));
  }
}

/** Changes a letter where traffic itself says what no text may: texts then have such words from missing values only. */
function withoutNonsense(frame: Uint8Array): Uint8Array {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
  for (const word of ['undefined', 'NaN', 'Infinity', '[object '])
    for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + 1)) bytes[at] = 0x78;
  return frame;
}

function seedOf(packet: Packet, frame: Uint8Array, start: number, toServer: boolean): Seed {
  const plain = !packet.reassembled && packet.tunnels === 0 && !packet.stopped && !packet.fragment;
  const ip = plain && packet.ipVersion !== 0 ? packet.network - start : -1;
  const kind = packet.protocol === IpProtocol.TCP ? 'tcp' : packet.protocol === IpProtocol.UDP ? 'udp' : 'other';
  let transport = -1;
  if (ip >= 0 && frame[ip] >> 4 === 4) transport = ip + 4 * (frame[ip] & 15);
  else if (ip >= 0 && frame[ip + 6] === packet.protocol) transport = ip + 40;
  const known = plain && (ip < 0 || transport >= 0);
  return {
    frame,
    linkType: packet.linkType,
    wireLength: packet.wireLength,
    ip,
    transport,
    payload: known ? packet.payload - start : Math.min(14, frame.length),
    payloadEnd: known ? packet.payloadEnd - start : frame.length,
    kind: transport < 0 ? 'other' : kind,
    toServer,
    serverPort: toServer ? packet.destinationPort : packet.sourcePort,
  };
}

/** Reads all there is. Some seconds; `captures` false takes written traffic alone. */
export async function gatherCorpus(captures = NO_CAPTURES === false): Promise<Corpus> {
  const collector = new Collector();
  takeWritten(collector.source('protocol writers'), writtenTraffic());
  takeWritten(collector.source('demo plant'), plantPackets({ learning: 120, seconds: 640 }));
  const files: string[] = [];
  if (captures) {
    const names = readdirSync(CAPTURES).filter((name) => /\.pcap(ng)?$/.test(name));
    for (const name of names.sort()) {
      const path = join(CAPTURES, name);
      const { size } = statSync(path);
      if (size <= SMALLEST_FILES) files.push(path);
      if (size <= LARGEST_FILE) await takeFile(collector.source(name), path);
    }
  }
  return { conversations: collector.conversations, files };
}

function takeWritten(take: (packet: Packet) => void, packets: Iterable<TimedPacket>): void {
  const packet = new Packet();
  for (const { frame, seconds, nanoseconds } of packets) {
    packet.bytes = frame;
    packet.start = 0;
    packet.end = packet.wireLength = frame.length;
    packet.linkType = 1;
    packet.seconds = seconds;
    packet.nanoseconds = nanoseconds;
    packet.frame++;
    take(packet);
  }
}

async function takeFile(take: (packet: Packet) => void, path: string): Promise<void> {
  const { reader } = await openCaptures([path]);
  const packet = new Packet();
  do while (packet.frame < MOST_PACKETS && reader.next(packet)) take(packet);
  while (packet.frame < MOST_PACKETS && (await reader.advance()));
  await reader.close();
}
