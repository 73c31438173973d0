/**
 * Basic encoding rules of ASN.1 (ITU-T X.690) as a cursor over bytes: identifier, length, contents. MMS, GOOSE and
 * sampled values are written in them.
 *
 * Hot code: a cursor is filled again and again and allocates nothing. Every element consumes two bytes or more, so walks
 * are bounded by the bytes; nesting is bounded by `DEEPEST`.
 */

/** Most levels of elements inside elements that are followed. MMS negotiates 3 to 10. */
export const DEEPEST = 16;

/** Bit of the identifier octet: the contents are elements. */
export const CONSTRUCTED = 0x20;
/** Identifier octets of universal types. */
export const Universal = { Integer: 0x02, ObjectIdentifier: 0x06, Sequence: 0x30, Set: 0x31 } as const;

export class Tlv {
  /** The identifier octet: class in the upper two bits, `CONSTRUCTED`, and the number when it is below 31. */
  tag = 0;
  /** Tag number, of long form too. */
  number = 0;
  /** Contents: `bytes[start, end)`. */
  start = 0;
  end = 0;
  /** First byte after the element. Differs from `end` for the indefinite form. */
  next = 0;

  /**
   * Reads the element at `at`. False when it does not fit before `limit`, or its identifier or length is none; `end` is
   * beyond `limit` only when the length was read and runs past it.
   * Long identifiers have at most two further octets (numbers below 16384), lengths at most four.
   */
  read(bytes: Uint8Array, at: number, limit: number): boolean {
    this.end = 0;
    if (at + 2 > limit) return false;
    this.tag = bytes[at];
    this.number = this.tag & 0x1f;
    let here = at + 1;
    if (this.number === 0x1f) {
      this.number = bytes[here] & 0x7f;
      if (bytes[here++] & 0x80) {
        if (here >= limit) return false;
        this.number = (this.number << 7) | (bytes[here] & 0x7f);
        if (bytes[here++] & 0x80) return false;
      }
      if (here >= limit) return false;
    }
    let length = bytes[here++];
    if (length === 0x80) return this.#indefinite(bytes, here, limit);
    if (length > 0x80) {
      const octets = length & 0x7f;
      if (octets > 4 || here + octets > limit) return false;
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + bytes[here++];
    }
    this.start = here;
    this.end = here + length;
    this.next = this.end;
    return this.end <= limit;
  }

  /** Contents up to the end-of-contents octets (X.690, 8.1.3.6); only constructed elements may have them. */
  #indefinite(bytes: Uint8Array, start: number, limit: number): boolean {
    const { tag, number } = this;
    const end = (tag & CONSTRUCTED) === 0 ? -1 : endOfContents(bytes, start, limit, 0);
    this.tag = tag;
    this.number = number;
    this.start = start;
    this.end = end;
    this.next = end + 2;
    return end >= 0;
  }
}

const skipped = new Tlv();

/** Offset of the end-of-contents octets that close the contents at `at`, or -1. */
function endOfContents(bytes: Uint8Array, at: number, limit: number, depth: number): number {
  if (depth >= DEEPEST) return -1;
  while (at + 2 <= limit) {
    if (bytes[at] === 0 && bytes[at + 1] === 0) return at;
    const lengthAt = (bytes[at] & 0x1f) === 0x1f ? at + (bytes[at + 1] & 0x80 ? 3 : 2) : at + 1;
    if (lengthAt < limit && bytes[lengthAt] === 0x80) {
      const inner = endOfContents(bytes, lengthAt + 1, limit, depth + 1);
      if (inner < 0) return -1;
      at = inner + 2;
    } else {
      if (!skipped.read(bytes, at, limit)) return -1;
      at = skipped.next;
    }
  }
  return -1;
}

/**
 * How many elements fill `bytes[start, end)`, each well-formed down to its leaves, or -1 when they do not.
 * Elements nested deeper than `DEEPEST` count as broken.
 */
export function countElements(bytes: Uint8Array, start: number, end: number, depth = 0): number {
  if (depth >= DEEPEST) return -1;
  const tlv = levels[depth];
  let count = 0;
  for (let at = start; at < end; count++) {
    if (!tlv.read(bytes, at, end)) return -1;
    at = tlv.next;
    if ((tlv.tag & CONSTRUCTED) !== 0 && countElements(bytes, tlv.start, tlv.end, depth + 1) < 0) return -1;
  }
  return count;
}

const levels: readonly Tlv[] = Array.from({ length: DEEPEST }, () => new Tlv());

/** Signed value of an INTEGER of at most four octets; longer ones keep their last 32 bits. */
export function integer(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return 0;
  let value = bytes[start] & 0x80 ? -1 : 0;
  for (let at = start; at < end; at++) value = (value << 8) | bytes[at];
  return value;
}

/** Whether `bytes[start, end)` is `other`. */
export function same(bytes: Uint8Array, start: number, end: number, other: Uint8Array): boolean {
  if (end - start !== other.length) return false;
  for (let i = 0; i < other.length; i++) if (bytes[start + i] !== other[i]) return false;
  return true;
}
