/**
 * Which packets belong to an alert: the frames it names, and what its devices said to each other around them. Taken from the
 * index in memory and from those of finished segments, so also of an earlier run.
 */
import type { IndexedSegment, PacketArchive } from './archive.ts';
import { addBeginnings } from './beginnings.ts';
import { Choice, type Place } from './choice.ts';
import { endOfText } from './ends.ts';
import { Pairs, type WantedEnd } from './pairs.ts';
import type { EvidenceFrame } from './pcapng-file.ts';
import { openSegment, type StoredFrame } from './record-reader.ts';
import { ENTRY, Entry } from './segment-index.ts';

/** Limits of the evidence of one alert. */
export const LIMITS = { bytes: 10_000_000, packets: 60_000 } as const;
/** Of these, kept for where connections began. */
const KEPT = { bytes: 100_000, packets: 500 } as const;
/** What came before gets half. */
const HALF = { bytes: LIMITS.bytes / 2, packets: LIMITS.packets / 2 } as const;
const AROUND = { bytes: LIMITS.bytes - KEPT.bytes, packets: LIMITS.packets - KEPT.packets } as const;
/** Seconds of packets before the alert and after it. */
export const WINDOW = { before: 10, after: 20 } as const;
/** Packet times may go back by so many seconds. */
const DISORDER = 2;

/** What is said about a frame that the alert names. */
export const FRAME_COMMENT = 'This packet is evidence of the alert.';

export interface Wanted {
  /** Frames of this run that the alert names, ascending, the one that fired last; empty when an earlier run saw them. */
  readonly frames: readonly number[];
  /** Packet time of what fired: finds it where its frame number does not. */
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly source: WantedEnd | null;
  readonly destination: WantedEnd | null;
}

/**
 * The packets of an alert in the order in which they came: the frames it names and, as long as the limits allow, those
 * between the same ends up to ten seconds before what fired, nearest first, and twenty after; and the packets that began the
 * connections among them. Undefined when what fired is not there any more. Call `flush` of the archive before.
 */
export function evidenceOf(archive: PacketArchive, wanted: Wanted): EvidenceFrame[] | undefined {
  const { second, own, fired } = locate(archive, wanted);
  if (!fired) return undefined;
  const pairs = new Pairs();
  pairs.addEnds(wanted.source, wanted.destination);
  for (const place of own) pairs.addEntry(place);
  const chosen = new Choice();
  for (const place of own) chosen.take(place, AROUND);
  const [from, to] = [second - WINDOW.before - DISORDER, second + WINDOW.after + DISORDER];
  for (const segment of archive.during(from, to, true)) if (!before(segment, pairs, fired, second, chosen)) break;
  for (const segment of archive.during(from, to)) if (!after(segment, pairs, fired, second, chosen)) break;
  addBeginnings(archive, chosen, pairs, LIMITS);
  const frames = read(chosen, new Map(own.map((place) => [keyOf(place), commentOn(place)])));
  return frames.some(({ comment }) => comment !== '') ? frames : undefined;
}

/** The alert's own packets, the one that fired first, and its second. */
function locate(archive: PacketArchive, wanted: Wanted): { second: number; own: Place[]; fired: Place | undefined } {
  const own = wanted.frames.toReversed().flatMap((frame): Place[] => {
    const found = archive.find(frame);
    return found ? [{ ...found, frame }] : [];
  });
  const last = wanted.frames.at(-1);
  const fired = last === undefined ? byTime(archive, wanted) : own[0]?.frame === last ? own[0] : undefined;
  if (!fired) return { second: wanted.seconds, own, fired: undefined };
  return { second: fired.segment.index.second(fired.entry), own: own.length > 0 ? own : [fired], fired };
}

/** The packet of that very time; for an alert about silence the last one before it, of the same ends. */
function byTime(archive: PacketArchive, wanted: Wanted): Place | undefined {
  const { seconds, nanoseconds } = wanted;
  const isOfEnds = endsTest(wanted);
  let earlier: Place | undefined;
  // Packets of other ends last: an alert may name an end that its packet does not tell.
  for (const fits of [isOfEnds, () => true]) {
    for (const segment of archive.during(seconds - WINDOW.before, seconds)) {
      const { index } = segment;
      const reader = openSegment(segment.path);
      for (let entry = 0; reader && entry < index.count; entry++) {
        const second = index.second(entry);
        if (second > seconds || second < seconds - WINDOW.before || !fits(index.entries, entry * ENTRY)) continue;
        if (second < seconds) {
          if (fits === isOfEnds) earlier = { segment, entry };
          continue;
        }
        const at = reader.read(index.offset(entry))?.nanoseconds;
        if (at === nanoseconds) {
          reader.close();
          return { segment, entry };
        }
        if (fits === isOfEnds && at !== undefined && at < nanoseconds) earlier = { segment, entry };
      }
      reader?.close();
    }
    if (earlier) return earlier;
  }
  return undefined;
}

/** Whether an entry is of the two ends, or of the one that is known. */
function endsTest({ source, destination }: Wanted): (entries: Int32Array, at: number) => boolean {
  if (source && destination) {
    const pairs = new Pairs();
    pairs.addEnds(source, destination);
    return (entries, at) => pairs.has(entries, at);
  }
  const one = source ?? destination;
  const ends = [one?.ip, one?.mac].flatMap((address) => (address ? [endOfText(address)] : []));
  return (entries, at) => ends.includes(entries[at + Entry.SOURCE]) || ends.includes(entries[at + Entry.DESTINATION]);
}

/** Takes packets of the pairs before the one that fired, nearest first. False when half of what the limits allow is reached. */
function before(segment: IndexedSegment, pairs: Pairs, fired: Place, second: number, chosen: Choice): boolean {
  const { index, number } = segment;
  const same = number === fired.segment.number;
  // Other segments come after this one, or are of other link types and were written side by side: time decides.
  const latest = same ? second + DISORDER : number < fired.segment.number ? second : second - 1;
  for (let entry = (same ? fired.entry : index.count) - 1; entry >= 0; entry--) {
    const at = index.second(entry);
    if (at < second - WINDOW.before || at > latest || !pairs.has(index.entries, entry * ENTRY)) continue;
    if (!chosen.take({ segment, entry }, HALF)) return false;
  }
  return true;
}

/** And after it, in order. */
function after(segment: IndexedSegment, pairs: Pairs, fired: Place, second: number, chosen: Choice): boolean {
  const { index, number } = segment;
  const same = number === fired.segment.number;
  const earliest = same ? second - DISORDER : number < fired.segment.number ? second + 1 : second;
  for (let entry = same ? fired.entry + 1 : 0; entry < index.count; entry++) {
    const at = index.second(entry);
    if (at < earliest || at > second + WINDOW.after || !pairs.has(index.entries, entry * ENTRY)) continue;
    if (!chosen.take({ segment, entry }, AROUND)) return false;
  }
  return true;
}

/** @param comments on the alert's own packets, by `keyOf` */
function read(chosen: Choice, comments: ReadonlyMap<string, string>): EvidenceFrame[] {
  const frames: EvidenceFrame[] = [];
  const linkTypes = new Set<number>();
  for (const { segment, entries } of chosen.segments()) {
    const reader = openSegment(segment.path);
    if (!reader) continue;
    for (const entry of entries) {
      const frame: StoredFrame | undefined = reader.read(segment.index.offset(entry));
      if (!frame) continue;
      linkTypes.add(frame.linkType);
      frames.push({ ...frame, comment: comments.get(keyOf({ segment, entry })) ?? '' });
    }
    reader.close();
  }
  // Segments of one link type follow each other; those of several were written side by side.
  return linkTypes.size < 2 ? frames : frames.sort((a, b) => a.seconds - b.seconds || a.nanoseconds - b.nanoseconds);
}

function commentOn({ frame }: Place): string {
  return frame === undefined ? FRAME_COMMENT : `Frame ${frame}. ${FRAME_COMMENT}`;
}

function keyOf({ segment, entry }: Place): string {
  return `${segment.number}:${entry}`;
}
