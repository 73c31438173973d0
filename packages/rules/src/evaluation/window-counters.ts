/**
 * Counts of one rule type: for each device the current time window and the one before, and what the history counts in its
 * bucket, all side by side, so that an operation waits for memory once.
 *
 * Hot code: `note` and `add` allocate nothing once there is room for the device. Room is made when one of its neighbours is
 * counted, so a rule type that nothing is counted for costs nothing.
 */

const PAGE_BITS = 15;
const PAGE_DEVICES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_DEVICES - 1;
/** The first page begins small, for those who have few devices. */
const FEWEST_DEVICES = 64;

/** Words of a device. */
const WORDS = 5;
/** Beginning of the window, minutes since 1970, 0 for none; {@link RAISED} besides. */
const START = 0;
const COUNT = 1;
const EARLIER_START = 2;
const EARLIER_COUNT = 3;
/** Events in the bucket of the history. */
const BUCKET = 4;

/** Bit of a beginning: the window has been raised. The minutes below it last until the year 6053. */
const RAISED = 0x8000_0000;
const MINUTES = 0x7fff_ffff;

const MOST = 0xffff_ffff;

/** Devices of a page in snapshots. */
const SAVED_DEVICES = 4096;
/** In snapshots a device has the first four words without {@link RAISED}, and behind all of them a byte with these bits. */
const SAVED_WORDS = 4;
const SAVED_RAISED = 1;
const SAVED_EARLIER_RAISED = 2;
const SAVED_WORD_BYTES = SAVED_DEVICES * SAVED_WORDS * 4;
/** Bytes of a page in snapshots. */
export const PAGE_BYTES = SAVED_WORD_BYTES + SAVED_DEVICES;

export class WindowCounters {
  readonly #pages: Uint32Array[] = [];

  /** The page of a device, with room for it. */
  #page(device: number): Uint32Array {
    const page = this.#pages[device >>> PAGE_BITS];
    return page !== undefined && (device & PAGE_MASK) * WORDS < page.length ? page : this.#makeRoom(device);
  }

  #makeRoom(device: number): Uint32Array {
    const number = device >>> PAGE_BITS;
    // Nothing between the pages is left out, so that the array stays one without holes.
    while (this.#pages.length <= number) this.#pages.push(NO_ROOM);
    const before = this.#pages[number];
    let room = number === 0 ? FEWEST_DEVICES : PAGE_DEVICES;
    while (room <= (device & PAGE_MASK)) room *= 4;
    const page = new Uint32Array(Math.min(room, PAGE_DEVICES) * WORDS);
    page.set(before);
    this.#pages[number] = page;
    return page;
  }

  /** Counts for the history. */
  note(device: number, amount: number): void {
    this.#page(device)[(device & PAGE_MASK) * WORDS + BUCKET] += amount;
  }

  /**
   * Counts for a device's window; returns the count so far.
   * @param start beginning of the window, minutes since 1970
   */
  add(device: number, start: number, amount: number): number {
    const words = this.#page(device);
    const at = (device & PAGE_MASK) * WORDS;
    if ((words[at + START] & MINUTES) === start) return (words[at + COUNT] = Math.min(MOST, words[at + COUNT] + amount));
    if ((words[at + EARLIER_START] & MINUTES) === start)
      return (words[at + EARLIER_COUNT] = Math.min(MOST, words[at + EARLIER_COUNT] + amount));
    // A window not seen yet becomes the current one, also when the clock was set back.
    words[at + EARLIER_START] = words[at + START];
    words[at + EARLIER_COUNT] = words[at + COUNT];
    words[at + START] = start;
    return (words[at + COUNT] = Math.min(MOST, amount));
  }

  /** How often it was counted in a window that is the current one or the one before. */
  get(device: number, start: number): number {
    const words = this.#pages[device >>> PAGE_BITS] ?? NO_ROOM;
    const at = (device & PAGE_MASK) * WORDS;
    if (at >= words.length) return 0;
    if ((words[at + START] & MINUTES) === start) return words[at + COUNT];
    return (words[at + EARLIER_START] & MINUTES) === start ? words[at + EARLIER_COUNT] : 0;
  }

  /** Marks a window as raised; false when it was already. The window must have been counted. */
  raise(device: number, start: number): boolean {
    const words = this.#page(device);
    const window = (device & PAGE_MASK) * WORDS;
    const at = (words[window + START] & MINUTES) === start ? window + START : window + EARLIER_START;
    if (words[at] >= RAISED) return false;
    words[at] += RAISED;
    return true;
  }

  /** Forgets the windows of a device. */
  clear(device: number): void {
    const words = this.#pages[device >>> PAGE_BITS] ?? NO_ROOM;
    const at = (device & PAGE_MASK) * WORDS;
    if (at < words.length) words.fill(0, at, at + BUCKET);
  }

  /** Forgets the windows of a device that are not to be kept, by their beginnings. */
  keep(device: number, isKept: (start: number) => boolean): void {
    const words = this.#pages[device >>> PAGE_BITS] ?? NO_ROOM;
    const at = (device & PAGE_MASK) * WORDS;
    if (at >= words.length) return;
    if (!isKept(words[at + EARLIER_START] & MINUTES)) words.fill(0, at + EARLIER_START, at + BUCKET);
    if (isKept(words[at + START] & MINUTES)) return;
    // The one before becomes the current one, so that the next one does not take its place.
    words.copyWithin(at, at + EARLIER_START, at + BUCKET);
    words.fill(0, at + EARLIER_START, at + BUCKET);
  }

  /** Forgets what the history counted for a device. */
  forget(device: number): void {
    const words = this.#pages[device >>> PAGE_BITS] ?? NO_ROOM;
    const at = (device & PAGE_MASK) * WORDS + BUCKET;
    if (at < words.length) words[at] = 0;
  }

  /** Tells what the history counted, by device; with `clear` it begins anew. */
  eachNoted(clear: boolean, tell: (device: number, count: number) => void): void {
    for (const [number, words] of this.#pages.entries())
      for (let at = BUCKET, device = number << PAGE_BITS; at < words.length; at += WORDS, device++) {
        if (words[at] === 0) continue;
        tell(device, words[at]);
        if (clear) words[at] = 0;
      }
  }

  /** The windows in pages of {@link SAVED_DEVICES}, with their numbers; pages without any are left out. */
  *snapshot(): Generator<{ page: number; bytes: Uint8Array }> {
    for (const [number, words] of this.#pages.entries())
      for (let from = 0; from * WORDS < words.length; from += SAVED_DEVICES) {
        const bytes = savedPage(words, from);
        if (bytes) yield { page: ((number << PAGE_BITS) + from) / SAVED_DEVICES, bytes };
      }
  }

  /** Takes back a page of {@link snapshot}. */
  restore(number: number, bytes: Uint8Array): void {
    // A copy begins where words may.
    const saved = new Uint32Array(bytes.slice(0, SAVED_WORD_BYTES).buffer);
    const first = number * SAVED_DEVICES;
    for (let device = 0; device < SAVED_DEVICES; device++) {
      const raised = bytes[SAVED_WORD_BYTES + device];
      const own = device * SAVED_WORDS;
      if (saved[own + COUNT] + saved[own + EARLIER_COUNT] === 0) continue;
      const words = this.#page(first + device);
      const at = ((first + device) & PAGE_MASK) * WORDS;
      words[at + START] = saved[own + START] + ((raised & SAVED_RAISED) === 0 ? 0 : RAISED);
      words[at + COUNT] = saved[own + COUNT];
      words[at + EARLIER_START] = saved[own + EARLIER_START] + ((raised & SAVED_EARLIER_RAISED) === 0 ? 0 : RAISED);
      words[at + EARLIER_COUNT] = saved[own + EARLIER_COUNT];
    }
  }
}

const NO_ROOM = new Uint32Array(0);

/** The windows of devices from a place in a page on; undefined when there are none. */
function savedPage(words: Uint32Array, from: number): Uint8Array | undefined {
  let page: { readonly saved: Uint32Array; readonly raised: Uint8Array; readonly bytes: Uint8Array } | undefined;
  const end = Math.min(from + SAVED_DEVICES, words.length / WORDS);
  for (let device = from; device < end; device++) {
    const at = device * WORDS;
    if (words[at + COUNT] + words[at + EARLIER_COUNT] === 0) continue;
    page ??= emptyPage();
    const own = (device - from) * SAVED_WORDS;
    page.saved[own + START] = words[at + START] & MINUTES;
    page.saved[own + COUNT] = words[at + COUNT];
    page.saved[own + EARLIER_START] = words[at + EARLIER_START] & MINUTES;
    page.saved[own + EARLIER_COUNT] = words[at + EARLIER_COUNT];
    page.raised[device - from] =
      (words[at + START] >= RAISED ? SAVED_RAISED : 0) | (words[at + EARLIER_START] >= RAISED ? SAVED_EARLIER_RAISED : 0);
  }
  return page?.bytes;
}

function emptyPage(): { saved: Uint32Array; raised: Uint8Array; bytes: Uint8Array } {
  const bytes = new Uint8Array(PAGE_BYTES);
  return { bytes, saved: new Uint32Array(bytes.buffer, 0, SAVED_DEVICES * SAVED_WORDS), raised: bytes.subarray(SAVED_WORD_BYTES) };
}
