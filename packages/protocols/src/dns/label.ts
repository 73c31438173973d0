/**
 * Names on the wire (RFC 1035, 3.1 and 4.1.4). A compression pointer is followed only to an earlier offset than the last
 * one, so a name always ends; a name of more than 255 bytes is none.
 *
 * `skipName` allocates nothing; `readName` fills the one object it is given.
 */
import { u16 } from '@annunciator/packet/bytes';

const LONGEST_NAME = 255;

/** Offset after the name at `at`, or -1 when it does not end within `end` or uses a reserved label type. Pointers are not followed. */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  const start = at;
  while (at < end && at - start < LONGEST_NAME) {
    const length = bytes[at];
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= end ? at + 2 : -1;
    if (length > 63) return -1;
    at += 1 + length;
  }
  return -1;
}

/** A name as text, and what tells a tunnel from a name that people chose. */
export interface Name {
  /** Labels with dots between, in lower case; bytes outside printable ASCII as `\ddd` (RFC 4343). Empty for the root. */
  text: string;
  /** Bytes of all labels, and of the longest one. */
  bytes: number;
  longest: number;
  /** Bits per byte over the bytes of all labels. */
  entropy: number;
  /** All bytes are letters, digits, hyphens, underscores or `*`. */
  plain: boolean;
}

export const newName = (): Name => ({ text: '', bytes: 0, longest: 0, entropy: 0, plain: true });

const histogram = new Uint16Array(256);

function isPlain(code: number): boolean {
  return (
    (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 45 || code === 95 || code === 42
  );
}

function characterOf(code: number): string {
  if (code >= 65 && code <= 90) return String.fromCharCode(code + 32);
  if (code > 32 && code < 127 && code !== 46 && code !== 92) return String.fromCharCode(code);
  return `\\${code.toString().padStart(3, '0')}`;
}

function entropyOf(total: number): number {
  let bits = 0;
  for (let code = 0; code < 256; code++) {
    const count = histogram[code];
    if (count > 0) bits -= (count / total) * Math.log2(count / total);
  }
  return total === 0 ? 0 : bits;
}

/** Reads the name at `at` of the message that begins at `start` into `name`. False when it is no name. */
export function readName(bytes: Uint8Array, start: number, at: number, end: number, name: Name): boolean {
  name.text = '';
  name.bytes = 0;
  name.longest = 0;
  name.entropy = 0;
  name.plain = true;
  histogram.fill(0);
  let lowest = at;
  for (;;) {
    if (at >= end) return false;
    const length = bytes[at];
    if (length === 0) {
      name.entropy = entropyOf(name.bytes);
      return true;
    }
    if (length >= 0xc0) {
      if (at + 2 > end) return false;
      const target = start + (u16(bytes, at) & 0x3fff);
      if (target >= lowest || target < start + 12) return false;
      lowest = target;
      at = target;
      continue;
    }
    if (length > 63 || at + 1 + length > end || name.bytes + length > LONGEST_NAME) return false;
    if (name.bytes > 0) name.text += '.';
    for (let next = at + 1; next <= at + length; next++) {
      const code = bytes[next];
      histogram[code]++;
      if (!isPlain(code)) name.plain = false;
      name.text += characterOf(code);
    }
    name.bytes += length;
    if (length > name.longest) name.longest = length;
    at += 1 + length;
  }
}
