/**
 * Packets of an alert that the index does not know any more: found by time and addresses in the segments themselves, also
 * in those of an earlier run. Reads whole segments, so it is for the rare case.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { ipv4Text, macText } from '../bytes.ts';
import { CaptureError } from '../capture/capture-error.ts';
import { CaptureFile } from '../capture/capture-file.ts';
import { Decoder } from '../decode.ts';
import { Packet } from '../packet.ts';
import { FRAME_COMMENT, LIMITS, WINDOW } from './extract.ts';
import { type EvidenceFrame, evidenceLength } from './pcapng-file.ts';
import { PCAP_HEADER, RECORD_HEADER, type Segment } from './segments.ts';

/** One end of the traffic: a packet is of this end when either address is its. */
export interface ScanEnd {
  readonly ip: string | null;
  readonly mac: string | null;
}

export interface ScanFor {
  /** Packet time of what fired. */
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly source: ScanEnd | null;
  readonly destination: ScanEnd | null;
}

/** Packet times may go back this many seconds within a segment. */
const DISORDER = 2;

/**
 * The packets between the two ends (or of the one that is known) around the time, in order, within the limits; undefined
 * when no segment holds any up to that time. Times of different segments overlap only by link types.
 */
export async function scanSegments(segments: readonly Segment[], wanted: ScanFor): Promise<EvidenceFrame[] | undefined> {
  const from = wanted.seconds - WINDOW.before;
  const to = wanted.seconds + WINDOW.after;
  const found: EvidenceFrame[] = [];
  let bytes = 0;
  let fired = false;
  for (const segment of around(segments, from, to)) {
    const file = await open(segment.path);
    if (!file) continue;
    const packet = new Packet();
    const decoder = new Decoder();
    let over = false;
    do {
      while (!over && file.next(packet)) {
        const { seconds, nanoseconds, linkType, wireLength } = packet;
        over = seconds > to + DISORDER;
        if (seconds < from || seconds > to) continue;
        const frame = packet.bytes.subarray(packet.start, packet.end);
        const exact = seconds === wanted.seconds && nanoseconds === wanted.nanoseconds;
        decoder.decode(packet);
        if (!exact && !between(packet, decoder, wanted)) continue;
        const stored = { seconds, nanoseconds, linkType, wireLength, bytes: frame.slice(), comment: exact ? FRAME_COMMENT : '' };
        found.push(stored);
        bytes += evidenceLength(stored);
        fired ||= exact;
        // What came first gives way until what fired is there.
        if (!fired && (found.length > LIMITS.packets / 2 || bytes > LIMITS.bytes / 2)) bytes -= dropHalf(found);
        over ||= found.length >= LIMITS.packets || bytes > LIMITS.bytes - LARGEST;
      }
    } while (!over && (await file.advance()));
    await file.close();
  }
  found.sort((a, b) => a.seconds - b.seconds || a.nanoseconds - b.nanoseconds);
  return fired ? found : named(found, wanted);
}

/** An alert that tells of silence fires between packets: then the last one before it is its evidence. */
function named(found: readonly EvidenceFrame[], { seconds, nanoseconds }: ScanFor): EvidenceFrame[] | undefined {
  const last = found.findLastIndex((frame) => frame.seconds < seconds || (frame.seconds === seconds && frame.nanoseconds < nanoseconds));
  return last < 0 ? undefined : found.with(last, { ...found[last], comment: FRAME_COMMENT });
}

/** Room kept for the packet after the last one that fits. */
const LARGEST = 300_000;

function dropHalf(found: EvidenceFrame[]): number {
  return found.splice(0, Math.ceil(found.length / 2)).reduce((sum, frame) => sum + evidenceLength(frame), 0);
}

/** Segments that may hold packets of a time: each ends about where the next of its link type begins. */
function around(segments: readonly Segment[], from: number, to: number): Segment[] {
  const chosen: Segment[] = [];
  const nextBegins = new Map<number, number>();
  for (const segment of segments.toReversed()) {
    const begin = beginOf(segment.path);
    if (!begin) continue;
    const ends = nextBegins.get(begin.linkType) ?? Number.MAX_SAFE_INTEGER;
    nextBegins.set(begin.linkType, begin.second);
    if (begin.second <= to + DISORDER && ends >= from - DISORDER) chosen.unshift(segment);
  }
  return chosen;
}

/** Link type of a segment and the second of its first packet; undefined when it holds none. */
function beginOf(path: string): { linkType: number; second: number } | undefined {
  const head = Buffer.alloc(PCAP_HEADER + RECORD_HEADER);
  try {
    const fd = openSync(path, 'r');
    const length = readSync(fd, head, 0, head.length, 0);
    closeSync(fd);
    return length < head.length ? undefined : { linkType: head.readUInt32LE(20), second: head.readUInt32LE(PCAP_HEADER) };
  } catch {
    // Deleted for room meanwhile.
    return undefined;
  }
}

async function open(path: string): Promise<CaptureFile | undefined> {
  try {
    return await CaptureFile.open(path);
  } catch (error) {
    // Deleted for room meanwhile, or begun and not written yet.
    if (error instanceof CaptureError) return undefined;
    throw error;
  }
}

function between(packet: Packet, decoder: Decoder, { source, destination }: ScanFor): boolean {
  if (!source && !destination) return false;
  const sent = address(packet, decoder, packet.source, packet.sourceMac);
  const received = address(packet, decoder, packet.destination, packet.destinationMac);
  return (is(sent, source) && is(received, destination)) || (is(sent, destination) && is(received, source));
}

function is(end: ScanEnd, wanted: ScanEnd | null): boolean {
  return wanted === null || (wanted.ip !== null && wanted.ip === end.ip) || (wanted.mac !== null && wanted.mac === end.mac);
}

function address(packet: Packet, decoder: Decoder, ip: number, mac: number): ScanEnd {
  return {
    ip: packet.ipVersion === 4 ? ipv4Text(ip) : packet.ipVersion === 6 ? decoder.addresses.ipv6Text(ip) : null,
    mac: mac < 0 ? null : macText(packet.bytes, mac),
  };
}
