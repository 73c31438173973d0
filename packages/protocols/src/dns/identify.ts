/** Is this a name service message? Judged by content: on a port that is not its own the whole message has to fit. */
import { u16 } from '@annunciator/packet/bytes';
import { Confidence } from '../dissector.ts';
import { newName, readName, skipName } from './label.ts';
import { isKnownType } from './names.ts';

export const HEADER = 12;
const name = newName();

/** First-level encoding of a NetBIOS name (RFC 1001, 14.1): a label of 32 letters from A to P. */
export function isNetbiosLabel(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 34 > end || bytes[at] !== 32) return false;
  for (let next = at + 1; next <= at + 32; next++) if (bytes[next] < 65 || bytes[next] > 80) return false;
  return true;
}

/** One question, sensible header bits, records that end where the message ends. */
function fits(bytes: Uint8Array, start: number, end: number): boolean {
  const flags = u16(bytes, start + 2);
  const opcode = (flags >> 11) & 15;
  const response = flags >> 15;
  if (u16(bytes, start + 4) !== 1 || (opcode !== 0 && opcode !== 4 && opcode !== 5)) return false;
  if (!response && ((flags & 0x0f) !== 0 || u16(bytes, start + 6) > 1)) return false;
  let at = skipName(bytes, start + HEADER, end);
  if (at < 0 || at + 4 > end || !readName(bytes, start, start + HEADER, end, name)) return false;
  const netbios = isNetbiosLabel(bytes, start + HEADER, end);
  if (!netbios && (flags & 0x40) !== 0) return false;
  const kind = u16(bytes, at + 2);
  if (!name.plain || name.bytes < 2 || !isKnownType(u16(bytes, at)) || (kind !== 1 && kind !== 255)) return false;
  at += 4;
  for (let left = u16(bytes, start + 6) + u16(bytes, start + 8) + u16(bytes, start + 10); left > 0; left--) {
    at = skipName(bytes, at, end);
    if (at < 0 || at + 10 > end) return false;
    at += 10 + u16(bytes, at + 8);
    if (at > end) return false;
  }
  return at === end;
}

/** Judges a datagram, or the first bytes of a stream (whose messages begin with their length, RFC 1035, 4.2.2). */
export function identifyDns(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  if (!stream) {
    if (end - start < HEADER) return Confidence.Possible;
    return fits(bytes, start, end) ? Confidence.Certain : Confidence.Possible;
  }
  if (end - start < 2 + HEADER) return Confidence.More;
  const length = u16(bytes, start);
  const flags = u16(bytes, start + 4);
  const opcode = (flags >> 11) & 15;
  if (length < HEADER + 5 || (opcode !== 0 && opcode !== 4 && opcode !== 5) || u16(bytes, start + 6) > 1) return Confidence.No;
  if (length + 2 > end - start) return Confidence.Possible;
  return fits(bytes, start + 2, start + 2 + length) ? Confidence.Certain : Confidence.Possible;
}
