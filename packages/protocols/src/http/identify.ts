/** Is this HTTP/1.x? A known method and a target, or a status line, are enough on any port. */
import { Confidence } from '../dissector.ts';
import { lineEnd, tokenEnd } from './line.ts';
import { methodCode } from './names.ts';

const LONGEST_METHOD = 20;
const RESPONSE = 'HTTP/1.';

export function startsWith(bytes: Uint8Array, at: number, end: number, wanted: string): boolean {
  if (end - at < wanted.length) return false;
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted.charCodeAt(index)) return false;
  return true;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** `HTTP/1.1 200` at `at`. */
export function isStatusLine(bytes: Uint8Array, at: number, end: number): boolean {
  if (!startsWith(bytes, at, end, RESPONSE) || end - at < 12) return false;
  return isDigit(bytes[at + 7]) && bytes[at + 8] === 32 && isDigit(bytes[at + 9]) && isDigit(bytes[at + 10]) && isDigit(bytes[at + 11]);
}

/** Version at the end of a whole request line: `HTTP/1.1`, with or without CR before the LF at `feed`. */
export function hasVersion(bytes: Uint8Array, at: number, feed: number): boolean {
  const stop = bytes[feed - 1] === 13 ? feed - 1 : feed;
  return stop - 9 > at && bytes[stop - 9] === 32 && startsWith(bytes, stop - 8, stop, RESPONSE);
}

function methodAt(bytes: Uint8Array, start: number, methodEnd: number): number {
  let method = '';
  for (let at = start; at < methodEnd; at++) method += String.fromCharCode(bytes[at]);
  return methodCode(method);
}

/** Judges the first bytes of a stream direction. */
export function identifyHttp(bytes: Uint8Array, start: number, end: number): Confidence {
  const known = Math.min(end, start + 64);
  if (start >= end) return Confidence.More;
  if (startsWith(bytes, start, Math.min(end, start + RESPONSE.length), RESPONSE.slice(0, Math.min(end - start, RESPONSE.length)))) {
    if (end - start < 12) return Confidence.More;
    return isStatusLine(bytes, start, end) ? Confidence.Certain : Confidence.No;
  }
  if (bytes[start] < 65 || bytes[start] > 90) return Confidence.No;
  const methodEnd = tokenEnd(bytes, start, Math.min(known, start + LONGEST_METHOD + 1));
  if (methodEnd === end && methodEnd - start <= LONGEST_METHOD) return Confidence.More;
  const bare = bytes[methodEnd] === 13 || bytes[methodEnd] === 10;
  if (methodEnd - start < 3 || (bytes[methodEnd] !== 32 && !bare)) return Confidence.No;
  if (bare) return methodAt(bytes, start, methodEnd) === 0 ? Confidence.No : Confidence.Possible;
  for (let at = start; at < methodEnd; at++) if (bytes[at] >= 97 && bytes[at] <= 122) return Confidence.No;
  const target = methodEnd + 1;
  if (target >= end) return Confidence.More;
  const feed = lineEnd(bytes, target, end);
  const versioned = feed >= 0 && hasVersion(bytes, target, feed);
  if (feed >= 0 && !versioned) return Confidence.Possible;
  for (let at = target; at < known && at !== feed; at++) if (bytes[at] < 32 && bytes[at] !== 13) return Confidence.Possible;
  const method = methodAt(bytes, start, methodEnd);
  if (versioned) return Confidence.Certain;
  const path = bytes[target] === 47 || startsWith(bytes, target, end, 'http://') || startsWith(bytes, target, end, 'https://');
  return method !== 0 && path && known - target >= 2 ? Confidence.Certain : Confidence.Possible;
}
