/** Passing over bodies (RFC 9112, 6 and 7) in whatever pieces they come. Hot code: nothing is allocated, nothing is kept. */
import type { Facts } from '../facts.ts';
import { programOf } from '../program.ts';
import { PROTOCOLS } from '../registry.ts';
import { Part, type Side } from './connection.ts';
import { lineEnd } from './line.ts';
import { VIOLATIONS } from './names.ts';

/** A chunk size line with extensions is never longer than this. */
const LONGEST_LINE = 4096;

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** Size on a chunk line, or -1 when there is none or it is beyond 2^44. */
function chunkSize(bytes: Uint8Array, at: number, feed: number): number {
  let size = 0;
  let digits = 0;
  while (at < feed && bytes[at] === 32) at++;
  for (; at < feed; at++, digits++) {
    const digit = hexDigit(bytes[at]);
    if (digit < 0) break;
    size = size * 16 + digit;
    if (digits > 10) return -1;
  }
  const next = bytes[at];
  return digits === 0 || (at < feed && next !== 13 && next !== 59 && next !== 32 && next !== 9) ? -1 : size;
}

function broken(facts: Facts, side: Side): number {
  const sentence = 'A chunk of the body has no readable size.';
  facts.tell({
    is: 'violation',
    protocol: PROTOCOLS.http.index,
    name: 'http.chunk-size',
    malformed: VIOLATIONS['http.chunk-size'].malformed,
    text: sentence,
  });
  side.part = Part.StartLine;
  return -1;
}

function readChunkLine(facts: Facts, side: Side, bytes: Uint8Array, start: number, end: number): number {
  const feed = lineEnd(bytes, start, end);
  if (feed < 0) return end - start > LONGEST_LINE ? broken(facts, side) : start;
  const size = chunkSize(bytes, start, feed);
  if (size < 0) return broken(facts, side);
  side.part = size === 0 ? Part.Trailer : Part.Chunk;
  side.left = size;
  return feed + 1;
}

/** Lines after the last chunk, up to an empty one. */
function readTrailer(facts: Facts, side: Side, bytes: Uint8Array, start: number, end: number): number {
  const feed = lineEnd(bytes, start, end);
  if (feed < 0) return end - start > LONGEST_LINE ? broken(facts, side) : start;
  if (feed === start || (feed === start + 1 && bytes[start] === 13)) side.part = Part.StartLine;
  return feed + 1;
}

/** Tells a body that begins as a program does. */
function tellProgram(facts: Facts, side: Side, bytes: Uint8Array, start: number, end: number): void {
  side.first = false;
  const content = programOf(bytes, start, end);
  if (!content) return;
  facts.tell({
    is: 'transfer',
    protocol: PROTOCOLS.http.index,
    direction: facts.toServer ? 'write' : 'read',
    name: side.name,
    text: `A program (${content}) was sent as ${side.name || 'an unnamed resource'}.`,
    content,
  });
}

/** Passes over the part of a body in `bytes[start, end)`; returns the offset after it, as `Dissector.stream` does. */
export function readBody(facts: Facts, side: Side, bytes: Uint8Array, start: number, end: number): number {
  if (side.first && side.part !== Part.ChunkSize) tellProgram(facts, side, bytes, start, end);
  switch (side.part) {
    case Part.ChunkSize:
      return readChunkLine(facts, side, bytes, start, end);
    case Part.Trailer:
      return readTrailer(facts, side, bytes, start, end);
    case Part.Rest:
      return end;
    default: {
      const passed = Math.min(side.left, end - start);
      side.left -= passed;
      if (side.left > 0) return start + passed;
      if (side.part === Part.Body) {
        side.part = Part.StartLine;
        return start + passed;
      }
      // The line end after chunk data (RFC 9112, 7.1) has to be there before the next size is read.
      const after = start + passed;
      const feed = lineEnd(bytes, after, Math.min(end, after + 2));
      if (feed < 0) return end - after >= 2 ? broken(facts, side) : after;
      side.part = Part.ChunkSize;
      return feed + 1;
    }
  }
}
