/** Seeded damage to the bytes of a message: flips, odd values, cuts, splices, repeats, and lengths that lie. */
import type { Random } from '../src/random.ts';

const ODD_BYTES = [0, 1, 2, 3, 4, 0x10, 0x20, 0x40, 0x7e, 0x7f, 0x80, 0x81, 0xc0, 0xfe, 0xff];
const ODD_WORDS = [0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x100, 0x101, 0x3fff, 0x4000, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff];
const ODD_LONGS = [0, 1, 0xff, 0xffff, 0x10000, 0xffffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
/** A length may leave out so many bytes of its own header, or count them. */
const SLACK = 12;

/** A field that may be a length: its value is the number of bytes after it, give or take a small header. */
export interface LengthField {
  readonly at: number;
  /** Bytes: 1, 2 or 4. */
  readonly width: number;
  readonly little: boolean;
}

const known = new WeakMap<Uint8Array, readonly LengthField[]>();

/** Fields in `bytes[start, end)` that tell how much follows, up to the end. Remembered by array. */
export function lengthFields(bytes: Uint8Array): readonly LengthField[] {
  let fields = known.get(bytes);
  if (!fields) known.set(bytes, (fields = findLengthFields(bytes)));
  return fields;
}

function findLengthFields(bytes: Uint8Array): LengthField[] {
  const fields: LengthField[] = [];
  const end = bytes.length;
  for (let at = 0; at < Math.min(end, 512); at++) {
    for (const width of [4, 2, 1]) {
      if (at + width > end) continue;
      const rest = end - at - width;
      for (const little of width === 1 ? [false] : [false, true]) {
        const off = read(bytes, at, width, little) - rest;
        if (rest > 0 && off >= -Math.min(SLACK, rest - 1) && off <= SLACK) fields.push({ at, width, little });
      }
    }
  }
  return fields;
}

function read(bytes: Uint8Array, at: number, width: number, little: boolean): number {
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + bytes[at + (little ? width - 1 - i : i)];
  return value;
}

function write(bytes: Uint8Array, at: number, width: number, little: boolean, value: number): void {
  let rest = value;
  for (let i = 0; i < width; i++) {
    bytes[at + (little ? i : width - 1 - i)] = rest & 255;
    rest = Math.floor(rest / 256);
  }
}

/** A damaged copy of a message; `other` is one of the same protocol to splice with. */
export function damage(message: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  // Not `slice`: that of a Buffer copies nothing.
  let bytes: Uint8Array = new Uint8Array(message);
  const fields = lengthFields(message);
  for (let times = 1 + random.below(4); times > 0; times--) {
    if (bytes.length === 0) return random.bytes(1 + random.below(16));
    bytes = damageOnce(bytes, other, fields, random);
  }
  return bytes;
}

function damageOnce(bytes: Uint8Array, other: Uint8Array, fields: readonly LengthField[], random: Random): Uint8Array {
  // The first bytes decide most: half of the hits are there.
  const at = random.below(random.chance(0.5) ? Math.min(bytes.length, 24) : bytes.length);
  switch (random.below(14)) {
    case 0:
    case 1:
      bytes[at] ^= 1 << random.below(8);
      return bytes;
    case 2:
    case 3:
      bytes[at] = random.pick(ODD_BYTES);
      return bytes;
    case 4:
      bytes[at] = random.below(256);
      return bytes;
    case 5:
      if (at + 2 <= bytes.length) write(bytes, at, 2, random.chance(0.5), random.pick(ODD_WORDS));
      return bytes;
    case 6:
      if (at + 4 <= bytes.length) write(bytes, at, 4, random.chance(0.5), random.pick(ODD_LONGS));
      return bytes;
    case 7:
    case 8:
    case 9:
      lie(bytes, fields, random);
      return bytes;
    case 10:
      return bytes.slice(0, at);
    case 11:
      return joined(bytes.subarray(0, at), other.subarray(random.below(other.length + 1)));
    case 12:
      // Bytes repeated, or left out.
      return joined(bytes.subarray(0, at), bytes.subarray(random.below(bytes.length)));
    default: {
      const times = random.chance(0.02) ? 1 + random.below(200) : 1 + random.below(3);
      const piece = bytes.subarray(at, Math.min(bytes.length, at + 1 + random.below(64)));
      return joined(bytes.subarray(0, at), ...Array.from({ length: times }, () => piece), bytes.subarray(at));
    }
  }
}

/** Changes a length: a little off, far off, or odd. */
function lie(bytes: Uint8Array, fields: readonly LengthField[], random: Random): void {
  if (fields.length === 0) return;
  const { at, width, little } = random.pick(fields);
  if (at + width > bytes.length) return;
  const value = read(bytes, at, width, little);
  const odd = width === 1 ? ODD_BYTES : width === 2 ? ODD_WORDS : ODD_LONGS;
  const told = [value + 1, value - 1, value + random.below(32), value - random.below(32), value * 2, random.pick(odd), random.pick(odd)];
  write(bytes, at, width, little, Math.max(0, random.pick(told)));
}

/** Parts one after the other; no longer than a TCP segment offload makes them. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = Buffer.concat(parts);
  return new Uint8Array(whole.buffer, whole.byteOffset, Math.min(whole.length, 60_000)).slice();
}
