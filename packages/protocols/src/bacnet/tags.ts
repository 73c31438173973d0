/**
 * BACnet tags (ANSI/ASHRAE 135, clause 20.2.1): reading one, and checking that a run of them is well formed.
 *
 * Hot code: one `Tag` is filled again and again; `next` always lies after the start, so walks end.
 */
import { i32, u16, u24, u32 } from '@annunciator/packet/bytes';
import type { ViolationName } from './names.ts';

/** Constructed values inside each other that are accepted. */
export const MAX_DEPTH = 32;

/** Application tags that are read (clause 20.2.1.4). */
export const Application = { Boolean: 1, Unsigned: 2, CharacterString: 7, BitString: 8, Enumerated: 9, ObjectIdentifier: 12 } as const;

/** Length that application tags of fixed size have; 0 for the others. Real, double, date, time, object identifier. */
const fixedLength: readonly number[] = [0, 0, 0, 0, 4, 8, 0, 0, 0, 0, 4, 4, 4];

export class Tag {
  number = 0;
  context = false;
  opening = false;
  closing = false;
  /** Contents: `bytes[value, next)`; empty for opening and closing tags and for application booleans. */
  value = 0;
  length = 0;
  next = 0;
  /** Value of the low bits: the boolean of an application boolean. */
  low = 0;

  /** A context tag with this number that carries a value. */
  is(number: number): boolean {
    return this.context && this.number === number && !this.opening && !this.closing;
  }

  opens(number: number): boolean {
    return this.opening && this.number === number;
  }
}

/** Fills `tag` from the tag at `at`; false when it does not fit before `end`. */
export function readTag(tag: Tag, bytes: Uint8Array, at: number, end: number): boolean {
  if (at >= end) return false;
  const first = bytes[at];
  let cursor = at + 1;
  tag.number = first >> 4;
  tag.context = (first & 8) !== 0;
  tag.low = first & 7;
  if (tag.number === 15) {
    if (cursor >= end) return false;
    tag.number = bytes[cursor++];
  }
  tag.opening = tag.context && tag.low === 6;
  tag.closing = tag.context && tag.low === 7;
  tag.length = 0;
  if (!tag.opening && !tag.closing && (tag.context || tag.number !== Application.Boolean)) {
    tag.length = tag.low;
    if (tag.low === 5) {
      if (cursor >= end) return false;
      tag.length = bytes[cursor++];
      if (tag.length === 254) {
        if (cursor + 2 > end) return false;
        tag.length = u16(bytes, cursor);
        cursor += 2;
      } else if (tag.length === 255) {
        if (cursor + 4 > end) return false;
        tag.length = u32(bytes, cursor);
        cursor += 4;
      }
    }
  }
  tag.value = cursor;
  tag.next = cursor + tag.length;
  return tag.next <= end;
}

/** Unsigned or enumerated contents of up to four bytes; -1 when longer or empty. Values from 2^31 on wrap as int32. */
export function unsigned(tag: Tag, bytes: Uint8Array): number {
  switch (tag.length) {
    case 1:
      return bytes[tag.value];
    case 2:
      return u16(bytes, tag.value);
    case 3:
      return u24(bytes, tag.value);
    case 4:
      return i32(bytes, tag.value);
    default:
      return -1;
  }
}

const walked = new Tag();
const open = new Uint8Array(MAX_DEPTH);
/** Offset of the tag that `checkTags` stopped at. */
export let stoppedAt = 0;

/** Walks all tags of `bytes[start, end)`. Returns what is wrong with the first that is, or null. */
export function checkTags(bytes: Uint8Array, start: number, end: number): ViolationName | null {
  let depth = 0;
  for (let at = start; at < end; at = walked.next) {
    stoppedAt = at;
    if (!readTag(walked, bytes, at, end)) return 'bacnet.tag-overrun';
    if (walked.opening) {
      if (depth === MAX_DEPTH) return 'bacnet.tag-unbalanced';
      open[depth++] = walked.number;
    } else if (walked.closing) {
      if (depth === 0 || open[--depth] !== walked.number) return 'bacnet.tag-unbalanced';
    } else if (!walked.context) {
      if (walked.number > Application.ObjectIdentifier || walked.low > 5) return 'bacnet.tag-reserved';
      const length = fixedLength[walked.number];
      if (length !== 0 && walked.length !== length) return 'bacnet.tag-length';
    }
  }
  stoppedAt = end;
  return depth > 0 ? 'bacnet.tag-unbalanced' : null;
}

/** Offset after the constructed value whose opening tag ends at `at`: past its closing tag, or `end`. */
export function skipValue(bytes: Uint8Array, at: number, end: number): number {
  let depth = 1;
  let cursor = at;
  while (cursor < end && depth > 0) {
    if (!readTag(walked, bytes, cursor, end)) return end;
    if (walked.opening) depth++;
    else if (walked.closing) depth--;
    cursor = walked.next;
  }
  return cursor;
}
