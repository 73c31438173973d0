/** Which packets belong to an alert, taken from the segments by the index: its own frames and those of their flows around them. */
import type { PacketIndex } from './packet-index.ts';
import { type EvidenceFrame, evidenceLength } from './pcapng-file.ts';
import type { SegmentWriter } from './segments.ts';

/** Limits of the evidence of one alert. */
export const LIMITS = { bytes: 10_000_000, packets: 60_000 } as const;
/** Seconds of the flow's packets before the alert and after it. */
export const WINDOW = { before: 10, after: 20 } as const;

/** What is said about a frame that the alert names. */
export const FRAME_COMMENT = 'This packet is evidence of the alert.';

/**
 * The packets of an alert in frame order: the frames it names, then, as long as the limits allow, packets of the same
 * flows before the last frame, nearest first, and after it. Undefined when the last frame, which fired, is forgotten.
 *
 * @param frames ascending
 */
export function evidenceOf(index: PacketIndex, segments: SegmentWriter, frames: readonly number[]): EvidenceFrame[] | undefined {
  const fired = frames.at(-1);
  if (fired === undefined || !index.has(fired)) return undefined;
  segments.flush();
  const own = new Set(frames.filter((frame) => index.has(frame)));
  const chosen = new Map<number, EvidenceFrame>();
  let bytes = 0;
  for (const frame of wanted(index, [...own].reverse(), fired)) {
    if (chosen.has(frame)) continue;
    const stored = segments.read(index.position(frame));
    if (!stored) continue;
    bytes += evidenceLength(stored);
    if (chosen.size >= LIMITS.packets || bytes > LIMITS.bytes) break;
    chosen.set(frame, { ...stored, comment: own.has(frame) ? FRAME_COMMENT : '' });
  }
  segments.endReading();
  if (!chosen.has(fired)) return undefined;
  return [...chosen].sort(([a], [b]) => a - b).map(([, frame]) => frame);
}

/** Frames in the order in which they are to be had: the alert's own, the one that fired first; then their flows' before; then after. */
function* wanted(index: PacketIndex, own: readonly number[], fired: number): Generator<number> {
  yield* own;
  const second = index.second(fired);
  for (const frame of own) {
    let steps = 0;
    for (
      let at = index.before(frame);
      at !== 0 && index.second(at) >= second - WINDOW.before && steps < LIMITS.packets;
      at = index.before(at)
    ) {
      steps++;
      if (index.has(at)) yield at;
    }
  }
  for (const frame of own) {
    for (const later of index.after(frame, second + WINDOW.after)) if (index.has(later)) yield later;
  }
}
