/**
 * Reads a CIP path: the segments that say which object a message is for, or how a connection gets there (ODVA, THE CIP
 * NETWORKS LIBRARY volume 1, appendix C-1).
 *
 * Hot code: one `CipPath` is filled again for each path; only a symbol allocates, and only when asked for.
 */
import { text, u16le, u32le } from '@annunciator/packet/bytes';

/** Class segments of one path that are kept; deeper paths do not occur. */
export const MAX_CLASSES = 4;
/** Longest symbol that is put together from the segments of one path. */
const SYMBOL_LIMIT = 256;

export class CipPath {
  /** Last class of the path, 0 when it names none. */
  classId = 0;
  /** Last instance and attribute, -1 when absent. */
  instance = -1;
  attribute = -1;
  /** All classes in order, and the bytes each took (1, 2 or 4). */
  readonly classes = new Int32Array(MAX_CLASSES);
  readonly widths = new Int32Array(MAX_CLASSES);
  classCount = 0;
  /** First and second connection point, -1 when absent. */
  firstPoint = -1;
  secondPoint = -1;
  /** A port segment leads through another module or network. */
  routed = false;
  /** Where the symbolic segments stand: first byte of the first and byte after the last, -1 when there is none. */
  symbolStart = -1;
  symbolEnd = -1;
}

/**
 * Fills `path` from `bytes[start, end)` (padded form, as messages carry it). Returns -1 when all of it was read, else
 * the offset of the segment that cannot be read: what stood before it is in `path`.
 */
export function readPath(path: CipPath, bytes: Uint8Array, start: number, end: number): number {
  path.classId = 0;
  path.instance = -1;
  path.attribute = -1;
  path.classCount = 0;
  path.firstPoint = -1;
  path.secondPoint = -1;
  path.routed = false;
  path.symbolStart = -1;
  path.symbolEnd = -1;
  let at = start;
  while (at < end) {
    const next = segmentEnd(bytes, at, end);
    if (next < 0 || next > end) return at;
    const type = bytes[at] >> 5;
    if (type === 0) path.routed = true;
    else if (type === 1) logical(path, bytes, at);
    else if (bytes[at] === 0x91) {
      if (path.symbolStart < 0) path.symbolStart = at;
      path.symbolEnd = next;
    }
    at = next;
  }
  return -1;
}

/** Offset after the segment at `at`, or -1 when its kind or size is unknown; never `at` itself. */
function segmentEnd(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at];
  switch (first >> 5) {
    case 0: {
      // Port: a link address of one byte, or with bit 4 of a length that follows; port 15 takes two more bytes.
      let size = 2;
      if (at + 1 >= end) return -1;
      if (first & 0x10) size = 2 + bytes[at + 1];
      if ((first & 0x0f) === 15) size += 2;
      return at + size + (size & 1);
    }
    case 1: {
      // Logical: the electronic key has a format of its own, the others 8, 16 (padded) or 32 bit (padded).
      if ((first & 0x1c) === 0x14) return first === 0x34 && at + 1 < end && bytes[at + 1] === 4 ? at + 10 : -1;
      const format = first & 3;
      return format === 0 ? at + 2 : format === 1 ? at + 4 : format === 2 ? at + 6 : -1;
    }
    case 2:
      // Network: data of one byte, or with bit 4 a length in words.
      if (at + 1 >= end) return -1;
      return first & 0x10 ? at + 2 + 2 * bytes[at + 1] : at + 2;
    case 3: {
      // Symbolic: characters counted in the low five bits; 0 announces an extended format.
      const count = first & 0x1f;
      if (count > 0) return at + 1 + count + ((1 + count) & 1);
      if (at + 1 >= end) return -1;
      const format = bytes[at + 1] >> 5;
      const extended = bytes[at + 1] & 0x1f;
      if (format === 6) return at + (extended === 6 ? 3 + 1 : extended === 7 ? 4 : extended === 8 ? 6 : 2);
      const size = 2 + extended * (format === 1 ? 2 : format === 2 ? 3 : 1);
      return at + size + (size & 1);
    }
    case 4:
      // Data: simple (words) or a symbol (bytes, padded).
      if (at + 1 >= end) return -1;
      if (first === 0x80) return at + 2 + 2 * bytes[at + 1];
      return first === 0x91 ? at + 2 + bytes[at + 1] + (bytes[at + 1] & 1) : -1;
    default:
      return -1;
  }
}

function logical(path: CipPath, bytes: Uint8Array, at: number): void {
  const format = bytes[at] & 3;
  const value = format === 0 ? bytes[at + 1] : format === 1 ? u16le(bytes, at + 2) : u32le(bytes, at + 2) | 0;
  switch (bytes[at] & 0x1c) {
    case 0x00:
      path.classId = value;
      if (path.classCount < MAX_CLASSES) {
        path.classes[path.classCount] = value;
        path.widths[path.classCount] = format === 0 ? 1 : format === 1 ? 2 : 4;
        path.classCount++;
      }
      break;
    case 0x04:
      path.instance = value;
      break;
    case 0x0c:
      if (path.firstPoint < 0) path.firstPoint = value;
      else if (path.secondPoint < 0) path.secondPoint = value;
      break;
    case 0x10:
      path.attribute = value;
      break;
    default:
  }
}

/** The symbol that the segments `bytes[start, end)` of a path spell: `Program:MainProgram.Level`; empty when they spell none. */
export function symbolText(bytes: Uint8Array, start: number, end: number): string {
  let out = '';
  for (let at = start; at >= 0 && at < end && out.length < SYMBOL_LIMIT; ) {
    const next = segmentEnd(bytes, at, end);
    if (next < 0) break;
    if (bytes[at] === 0x91) out += (out === '' ? '' : '.') + text(bytes, at + 2, at + 2 + bytes[at + 1], SYMBOL_LIMIT);
    at = next;
  }
  return out;
}
