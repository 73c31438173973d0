/**
 * Where the TCP connections among the packets of an alert began: a reader who sees how a connection was opened knows who its
 * server is and which protocol to expect, however long ago that was.
 */
import { Decoder, IpProtocol } from '../decode.ts';
import { Packet, Tcp } from '../packet.ts';
import type { PacketArchive } from './archive.ts';
import type { Choice, Place } from './choice.ts';
import type { Pairs } from './pairs.ts';
import { openSegment, type StoredFrame } from './record-reader.ts';
import { ENTRY } from './segment-index.ts';

/** Connections of one alert that are looked for, segments and packets that are looked through for them. */
const MOST = { connections: 100, segments: 4, packets: 5000 } as const;

/** Adds the opening packets of connections whose beginning was not chosen, as far as the limits allow. */
export function addBeginnings(
  archive: PacketArchive,
  chosen: Choice,
  pairs: Pairs,
  limits: { readonly packets: number; readonly bytes: number },
): void {
  const flows = new Flows();
  const wanted = firstPackets(chosen, flows);
  const latest = [...wanted.values()].reduce<Place | undefined>(
    (last, place) => (last && !isBefore(last, place) ? last : place),
    undefined,
  );
  if (!latest) return;
  let looked = 0;
  for (const segment of [latest.segment, ...archive.earlier(latest.segment.number, MOST.segments)]) {
    const { index } = segment;
    const reader = openSegment(segment.path);
    for (let entry = segment === latest.segment ? latest.entry - 1 : index.count - 1; reader && entry >= 0; entry--) {
      if (!index.begins(entry) || !pairs.has(index.entries, entry * ENTRY)) continue;
      const frame = reader.read(index.offset(entry));
      const flow = frame && flows.of(frame);
      const first = flow && wanted.get(flow.key);
      if (flow && first && isBefore({ segment, entry }, first)) {
        chosen.take({ segment, entry }, limits);
        // The answer to it was met before, going back.
        if (!flow.answers) wanted.delete(flow.key);
      }
      if (wanted.size === 0 || ++looked >= MOST.packets) break;
    }
    reader?.close();
    if (wanted.size === 0 || looked >= MOST.packets) return;
  }
}

/** The first packet of each connection that does not begin with it. */
function firstPackets(chosen: Choice, flows: Flows): Map<string, Place> {
  const met = new Set<string>();
  const wanted = new Map<string, Place>();
  for (const { segment, entries } of chosen.segments()) {
    const reader = openSegment(segment.path);
    for (const entry of reader ? entries : []) {
      const frame = reader?.read(segment.index.offset(entry));
      const flow = frame && flows.of(frame);
      if (!flow || met.has(flow.key)) continue;
      met.add(flow.key);
      if (!flow.begins && wanted.size < MOST.connections) wanted.set(flow.key, { segment, entry });
    }
    reader?.close();
  }
  return wanted;
}

function isBefore(a: Place, b: Place): boolean {
  return a.segment.number < b.segment.number || (a.segment.number === b.segment.number && a.entry < b.entry);
}

/** Connections by the packets in them. */
class Flows {
  readonly #packet = new Packet();
  readonly #decoder = new Decoder();

  /** The connection of a TCP packet, the same for both directions; whether it opens it, and whether it answers that. */
  of({
    bytes,
    linkType,
    wireLength,
  }: StoredFrame): { readonly key: string; readonly begins: boolean; readonly answers: boolean } | undefined {
    const packet = Object.assign(this.#packet, { bytes, start: 0, end: bytes.length, linkType, wireLength });
    this.#decoder.decode(packet);
    if (packet.protocol !== IpProtocol.TCP || packet.ipVersion === 0 || packet.fragment || packet.stopped) return undefined;
    const ends = [`${packet.source}:${packet.sourcePort}`, `${packet.destination}:${packet.destinationPort}`].sort();
    const begins = (packet.flags & Tcp.SYN) !== 0;
    return { key: `${packet.ipVersion} ${ends.join(' ')}`, begins, answers: begins && (packet.flags & Tcp.ACK) !== 0 };
  }
}
