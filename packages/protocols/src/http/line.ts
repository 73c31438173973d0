/** Lines and tokens of HTTP/1.x (RFC 9112, 2 and 5) in bytes. Hot code: nothing is allocated here. */

const CR = 13;
const LF = 10;
const TAB = 9;

/** Offset of the LF that ends the line at `at`, or -1. */
export function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  for (; at < end; at++) if (bytes[at] === LF) return at;
  return -1;
}

/** Offset after the empty line that ends the header which began at `start`, searching from `from`; -1 when it has not come. */
export function headerEnd(bytes: Uint8Array, start: number, from: number, end: number): number {
  for (let at = Math.max(start, from); at < end; ) {
    const feed = lineEnd(bytes, at, end);
    if (feed < 0) return -1;
    if (feed > start && bytes[feed - 1] === LF) return feed + 1;
    if (feed > start + 1 && bytes[feed - 1] === CR && bytes[feed - 2] === LF) return feed + 1;
    at = feed + 1;
  }
  return -1;
}

/** Characters of a token (RFC 9110, 5.6.2). */
const TOKEN = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") TOKEN[character.charCodeAt(0)] = 1;

/** Offset after the token at `at`. */
export function tokenEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && TOKEN[bytes[at]]) at++;
  return at;
}

/** Offset of the first byte of `bytes[at, end)` that no field value may hold (RFC 9110, 5.5), or -1. */
export function controlByte(bytes: Uint8Array, at: number, end: number): number {
  for (; at < end; at++) if ((bytes[at] < 32 && bytes[at] !== TAB) || bytes[at] === 127) return at;
  return -1;
}

/** True when `bytes[at, end)` is `name` (given in lower case), whatever its case. */
export function isName(bytes: Uint8Array, at: number, end: number, name: string): boolean {
  if (end - at !== name.length) return false;
  for (let index = 0; index < name.length; index++) {
    const code = bytes[at + index];
    if ((code >= 65 && code <= 90 ? code | 32 : code) !== name.charCodeAt(index)) return false;
  }
  return true;
}
