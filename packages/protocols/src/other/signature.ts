/**
 * Finds the EICAR test string (68 bytes, eicar.org) in payloads and streams.
 *
 * Hot code: a payload shorter than the string costs one comparison, a longer one a search of the platform's `indexOf`
 * for the first nine bytes, which real traffic does not hold.
 */

/** Kept in two halves so that this file is no test file itself. */
const EICAR = Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''), 'latin1');
const RARE = EICAR.subarray(0, 9);
export const EICAR_LENGTH = EICAR.length;

function isEicar(bytes: Uint8Array, at: number): boolean {
  for (let index = RARE.length; index < EICAR.length; index++) if (bytes[at + index] !== EICAR[index]) return false;
  return true;
}

let viewOf: ArrayBufferLike | undefined;
let view = Buffer.alloc(0);

/** A Buffer over all of the memory behind `bytes`, made once per chunk of a capture. */
function bufferOf(bytes: Uint8Array): Buffer {
  if (bytes.buffer !== viewOf) {
    viewOf = bytes.buffer;
    view = Buffer.from(bytes.buffer);
  }
  return view;
}

/** Longest range searched byte by byte; above it `indexOf` over a window pays. */
const WINDOW = 65_536;

/** Offset of the EICAR string in `bytes[start, end)`, or -1. */
export function findEicar(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < EICAR_LENGTH) return -1;
  const base = bytes.byteOffset;
  const whole = bufferOf(bytes);
  const last = end - EICAR_LENGTH;
  for (let at = start; at <= last; ) {
    // indexOf has no end, so it gets a window: a payload amid a large chunk costs its own length only.
    const window = whole.subarray(base + at, base + Math.min(end, at + WINDOW));
    const found = window.indexOf(RARE);
    if (found < 0) {
      at += window.length - RARE.length + 1;
      if (at + EICAR_LENGTH > end) return -1;
      continue;
    }
    at += found;
    if (at > last) return -1;
    if (isEicar(bytes, at)) return at;
    at++;
  }
  return -1;
}

/**
 * The same over a stream that comes in pieces. Keeps how much of the string the last piece ended with (one number per
 * stream): the string has no part that is its own beginning, so one number is enough.
 */
export class EicarStream {
  #matched = 0;

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
    for (let at = Math.max(start, end - EICAR_LENGTH + 1); at < end; at++) {
      if (bytes[at] !== EICAR[0]) continue;
      let length = 1;
      while (at + length < end && bytes[at + length] === EICAR[length]) length++;
      if (at + length === end) return length;
    }
    return 0;
  }
}
