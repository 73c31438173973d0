/**
 * Finds the EICAR test string (68 bytes, eicar.org) in payloads and streams.
 *
 * Hot code: Horspool's search looks at every 68th byte of a payload and goes on from there; a byte that the string does
 * not hold, as nearly all of binary traffic, skips a whole string's length. Shorter payloads cost one comparison.
 */

/** Kept in two halves so that this file is no test file itself. */
const EICAR = Uint8Array.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''), (character) =>
  character.charCodeAt(0),
);
export const EICAR_LENGTH = EICAR.length;
const LAST = EICAR_LENGTH - 1;

/** How far the string may move when its last position holds this byte. */
const SKIP = new Uint8Array(256).fill(EICAR_LENGTH);
for (let index = 0; index < LAST; index++) SKIP[EICAR[index]] = LAST - index;

/** Lengths of the beginnings of the string whose last byte is this one, the longest first: few bytes have any. */
const LENGTHS_ENDING_WITH: readonly (readonly number[])[] = Array.from({ length: 256 }, (_, byte) =>
  Array.from({ length: LAST }, (_unused, index) => LAST - index).filter((length) => EICAR[length - 1] === byte),
);

/** Bytes with which a beginning of the string may end, and the last byte of all. */
const ENDS = Uint8Array.from(LENGTHS_ENDING_WITH, (lengths, byte) => (lengths.length > 0 || byte === EICAR[LAST] ? 1 : 0));

/**
 * False when `bytes[start, end)` neither holds the string nor ends with a beginning of it, which one look at every 68th
 * byte and at the last one tells of nearly all traffic; true when it is worth a search.
 */
export function mayHoldEicar(bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return false;
  if (ENDS[bytes[end - 1]] !== 0) return true;
  for (let at = start + LAST; at < end; at += SKIP[bytes[at]]) if (bytes[at] === EICAR[LAST]) return true;
  return false;
}

function isEicar(bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < EICAR_LENGTH; index++) if (bytes[at + index] !== EICAR[index]) return false;
  return true;
}

/** Offset of the EICAR string in `bytes[start, end)`, or -1. */
export function findEicar(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + LAST; at < end; at += SKIP[bytes[at]]) {
    if (bytes[at] === EICAR[LAST] && isEicar(bytes, at - LAST)) return at - LAST;
  }
  return -1;
}

/**
 * The same over a stream that comes in pieces. Keeps how much of the string the last piece ended with (one number per
 * stream): the string has no part that is its own beginning, so one number is enough.
 */
export class EicarStream {
  #matched = 0;

  /** The last piece ended within what may be the string. */
  get partial(): boolean {
    return this.#matched > 0;
  }

  /** Bytes were lost: what came before does not count. */
  gap(): void {
    this.#matched = 0;
  }

  /** True when the string ends within `bytes[start, end)`, the next piece of the stream. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    let matched = this.#matched;
    let at = start;
    while (matched > 0 && at < end && bytes[at] === EICAR[matched]) {
      at++;
      if (++matched === EICAR_LENGTH) {
        this.#matched = 0;
        return true;
      }
    }
    if (matched > 0 && at === end) {
      this.#matched = matched;
      return false;
    }
    this.#matched = 0;
    if (findEicar(bytes, start, end) >= 0) return true;
    this.#matched = this.#beginning(bytes, start, end);
    return false;
  }

  /** Length of the longest beginning of the string that `bytes[start, end)` ends with. */
  #beginning(bytes: Uint8Array, start: number, end: number): number {
    if (end <= start) return 0;
    for (const length of LENGTHS_ENDING_WITH[bytes[end - 1]]) {
      const at = end - length;
      if (at < start || bytes[at] !== EICAR[0]) continue;
      let index = 1;
      while (index < length && bytes[at + index] === EICAR[index]) index++;
      if (index === length) return length;
    }
    return 0;
  }
}
