/**
 * Object headers of DNP3 application fragments (IEEE 1815, 4.2.2.7 and annex A): group, variation, qualifier, range, and
 * how many bytes the objects take. Hot code: sizes come from a table and are multiplied, so a header that announces
 * thousands of points costs as much as one with a single point.
 */
import { u16le, u32le } from '@annunciator/packet/bytes';
import type { Dnp3Violation } from './names.ts';

/** Sizes that are no number of bytes. */
const UNKNOWN = -1;
const BITS = -2;
const BIT_PAIRS = -3;
/** Defined, but without objects or with objects that carry their size. */
const SELF_SIZED = -4;
const ATTRIBUTE = -5;

/** Object sizes in bytes by group, from variation 1 on (annex A). */
const SIZES: Readonly<Record<number, readonly number[]>> = {
  1: [BITS, 1],
  2: [1, 7, 3],
  3: [BIT_PAIRS, 1],
  4: [1, 7, 3],
  10: [BITS, 1],
  11: [1, 7],
  12: [11, 11, BITS],
  13: [1, 7],
  20: [5, 3, 5, 3, 4, 2, 4, 2],
  21: [5, 3, 5, 3, 11, 9, 11, 9, 4, 2, 4, 2],
  22: [5, 3, 5, 3, 11, 9, 11, 9],
  23: [5, 3, 5, 3, 11, 9, 11, 9],
  30: [5, 3, 4, 2, 5, 9],
  31: [5, 3, 11, 9, 4, 2, 5, 9],
  32: [5, 3, 11, 9, 5, 9, 11, 15],
  33: [5, 3, 11, 9, 5, 9, 11, 15],
  34: [2, 4, 4],
  40: [5, 3, 5, 9],
  41: [5, 3, 5, 9],
  42: [5, 3, 11, 9, 5, 9, 11, 15],
  43: [5, 3, 11, 9, 5, 9, 11, 15],
  50: [6, 10, 6, 11],
  51: [6, 6],
  52: [2, 2],
  60: [SELF_SIZED, SELF_SIZED, SELF_SIZED, SELF_SIZED],
  70: [SELF_SIZED, SELF_SIZED, SELF_SIZED, SELF_SIZED, SELF_SIZED, SELF_SIZED, SELF_SIZED, SELF_SIZED],
  80: [BITS],
  81: [3],
  82: [SELF_SIZED],
  83: [SELF_SIZED, SELF_SIZED],
  85: [SELF_SIZED],
  86: [SELF_SIZED, 1, SELF_SIZED],
  87: [SELF_SIZED],
  88: [SELF_SIZED],
  90: [SELF_SIZED],
  101: [2, 4, 8],
  102: [1],
  120: Array.from({ length: 15 }, () => SELF_SIZED),
  121: [7],
  122: [7, 13],
};

/** Size by group << 8 | variation. */
const SIZE_OF = new Int16Array(1 << 16).fill(UNKNOWN);
for (const [group, sizes] of Object.entries(SIZES)) {
  SIZE_OF[Number(group) << 8] = SELF_SIZED;
  sizes.forEach((size, index) => {
    SIZE_OF[(Number(group) << 8) | (index + 1)] = size;
  });
}
for (let variation = 0; variation < 256; variation++) {
  SIZE_OF[variation] = ATTRIBUTE;
  for (const group of [110, 111, 112, 113]) SIZE_OF[(group << 8) | variation] = variation;
}

/** What `readObjectHeader` found. One object is reused. */
export interface ObjectHeader {
  group: number;
  variation: number;
  qualifier: number;
  /** Objects announced; 0 when the qualifier means all of them. */
  count: number;
  /** First index of a range, or 0. */
  first: number;
  /** First byte of the objects, and the byte after them: where the next header begins. */
  data: number;
  next: number;
  /** Bytes in front of each object: its index, or its size when `sized`. */
  prefix: number;
  sized: boolean;
  /** The objects cannot be stepped over: nothing behind them can be read. */
  lost: boolean;
  violation: Dnp3Violation | '';
}

export const newObjectHeader = (): ObjectHeader => ({
  group: 0,
  variation: 0,
  qualifier: 0,
  count: 0,
  first: 0,
  data: 0,
  next: 0,
  prefix: 0,
  sized: false,
  lost: false,
  violation: '',
});

const PREFIX_BYTES = [0, 1, 2, 4, 1, 2, 4, 0] as const;

function number(bytes: Uint8Array, at: number, size: number): number {
  return size === 1 ? bytes[at] : size === 2 ? u16le(bytes, at) : u32le(bytes, at);
}

function fail(header: ObjectHeader, violation: Dnp3Violation, end: number): void {
  header.violation = violation;
  header.lost = true;
  header.next = end;
}

/**
 * Reads the header at `at` and finds where its objects end. `withData` tells that the function carries objects (writes,
 * controls, responses) and not headers only (reads). A broken header sets `violation`, and `lost` when reading cannot go on.
 */
export function readObjectHeader(bytes: Uint8Array, at: number, end: number, withData: boolean, header: ObjectHeader): void {
  header.violation = '';
  header.lost = false;
  header.count = 0;
  header.first = 0;
  header.group = bytes[at];
  header.variation = end - at > 1 ? bytes[at + 1] : 0;
  if (end - at < 3) {
    fail(header, 'dnp3.object-header', end);
    return;
  }
  const qualifier = bytes[at + 2];
  header.qualifier = qualifier;
  const prefixCode = qualifier >> 4;
  const range = qualifier & 15;
  header.sized = prefixCode >= 4;
  header.prefix = PREFIX_BYTES[prefixCode & 7];
  let next = at + 3;
  if (range <= 5) {
    const size = range % 3 === 0 ? 1 : range % 3 === 1 ? 2 : 4;
    if (next + 2 * size > end) {
      fail(header, 'dnp3.object-header', end);
      return;
    }
    header.first = number(bytes, next, size);
    header.count = number(bytes, next + size, size) - header.first + 1;
    next += 2 * size;
  } else if (range >= 7 && range <= 9) {
    const size = range === 7 ? 1 : range === 8 ? 2 : 4;
    if (next + size > end) {
      fail(header, 'dnp3.object-header', end);
      return;
    }
    header.count = number(bytes, next, size);
    next += size;
  } else if (range === 11) {
    if (next + 1 > end) {
      fail(header, 'dnp3.object-header', end);
      return;
    }
    header.count = bytes[next];
    next += 1;
  }
  header.data = next;
  if (prefixCode > 6 || range === 10 || range > 11 || (range <= 6 && prefixCode !== 0) || (range === 11 && !header.sized)) {
    fail(header, 'dnp3.qualifier', end);
    return;
  }
  if (header.count < 0 || (header.count === 0 && range <= 5)) {
    fail(header, 'dnp3.range', end);
    return;
  }
  stepOver(bytes, end, withData, header);
}

/** Sets `next` after the objects. */
function stepOver(bytes: Uint8Array, end: number, withData: boolean, header: ObjectHeader): void {
  const { group, variation, count, prefix, data } = header;
  const size = SIZE_OF[(group << 8) | variation];
  if (size === UNKNOWN) header.violation = 'dnp3.unknown-object';
  header.next = data;
  if ((header.qualifier & 15) === 6) return;
  if (header.sized) {
    let at = data;
    for (let left = count; left > 0; left--) {
      if (at + prefix > end) return fail(header, 'dnp3.object-length', end);
      at += prefix + number(bytes, at, prefix);
      if (at > end) return fail(header, 'dnp3.object-length', end);
    }
    header.next = at;
    return;
  }
  if (!withData) {
    advance(header, count * prefix, end);
    return;
  }
  if (size >= 0) advance(header, count * (prefix + size), end);
  else if (size === BITS) advance(header, count * prefix + Math.ceil(count / 8), end);
  else if (size === BIT_PAIRS) advance(header, count * prefix + Math.ceil(count / 4), end);
  else if (size === ATTRIBUTE) stepOverAttributes(bytes, end, header);
  else if (variation === 0 && size === SELF_SIZED && group !== 60) fail(header, 'dnp3.unknown-object', end);
  else if (size === UNKNOWN) fail(header, 'dnp3.unknown-object', end);
  else if (group !== 60) fail(header, 'dnp3.qualifier', end);
}

function advance(header: ObjectHeader, bytes: number, end: number): void {
  if (header.data + bytes > end) fail(header, 'dnp3.object-length', end);
  else header.next = header.data + bytes;
}

/** Device attributes (group 0) carry a type and their length. */
function stepOverAttributes(bytes: Uint8Array, end: number, header: ObjectHeader): void {
  let at = header.data;
  for (let left = header.count; left > 0; left--) {
    at += header.prefix;
    if (at + 2 > end || at + 2 + bytes[at + 1] > end) {
      fail(header, 'dnp3.object-length', end);
      return;
    }
    at += 2 + bytes[at + 1];
  }
  header.next = at;
}
