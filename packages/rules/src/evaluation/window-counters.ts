/**
 * Counts of one rule type: for each device the current time window and the one before, in typed arrays.
 *
 * Hot code: `add` allocates nothing once the page of the device is there. Pages of 4,096 devices are made when one of them is
 * counted, so a rule type that no group uses costs nothing.
 */

const PAGE_BITS = 12;
const PAGE_DEVICES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_DEVICES - 1;

/** Words of a device, side by side so that one look into memory finds them all. */
const WORDS = 4;
/** Beginning of the window, minutes since 1970; 0 for none. */
const START = 0;
const COUNT = 1;
const EARLIER_START = 2;
const EARLIER_COUNT = 3;

/** Bits of {@link Page.raised}: whether the windows have been raised. */
const RAISED_NOW = 1;
const RAISED_BEFORE = 2;

interface Page {
  readonly words: Uint32Array;
  readonly raised: Uint8Array;
}

const MOST = 0xffff_ffff;
const WORD_BYTES = PAGE_DEVICES * WORDS * 4;
/** Bytes of a page, and what a snapshot of it has. */
export const PAGE_BYTES = WORD_BYTES + PAGE_DEVICES;

export class WindowCounters {
  readonly #pages: (Page | undefined)[] = [];

  /**
   * Counts for a device's window; returns the count so far.
   * @param start beginning of the window, minutes since 1970
   */
  add(device: number, start: number, amount: number): number {
    const page = (this.#pages[device >>> PAGE_BITS] ??= newPage());
    const { words } = page;
    const at = (device & PAGE_MASK) * WORDS;
    if (words[at + START] === start) return (words[at + COUNT] = Math.min(MOST, words[at + COUNT] + amount));
    if (words[at + EARLIER_START] === start) return (words[at + EARLIER_COUNT] = Math.min(MOST, words[at + EARLIER_COUNT] + amount));
    // A window not seen yet becomes the current one, also when the clock was set back.
    words[at + EARLIER_START] = words[at + START];
    words[at + EARLIER_COUNT] = words[at + COUNT];
    const raised = page.raised[device & PAGE_MASK];
    if (raised !== 0) page.raised[device & PAGE_MASK] = (raised & RAISED_NOW) === 0 ? 0 : RAISED_BEFORE;
    words[at + START] = start;
    return (words[at + COUNT] = Math.min(MOST, amount));
  }

  /** How often it was counted in a window that is the current one or the one before. */
  get(device: number, start: number): number {
    const page = this.#pages[device >>> PAGE_BITS];
    if (!page) return 0;
    const { words } = page;
    const at = (device & PAGE_MASK) * WORDS;
    return words[at + START] === start ? words[at + COUNT] : words[at + EARLIER_START] === start ? words[at + EARLIER_COUNT] : 0;
  }

  /** Marks a window as raised; false when it was already. The window must have been counted. */
  raise(device: number, start: number): boolean {
    const page = this.#pages[device >>> PAGE_BITS];
    if (!page) return false;
    const at = device & PAGE_MASK;
    const bit = page.words[at * WORDS + START] === start ? RAISED_NOW : RAISED_BEFORE;
    if ((page.raised[at] & bit) !== 0) return false;
    page.raised[at] |= bit;
    return true;
  }

  /** Forgets the windows of a device. */
  clear(device: number): void {
    const page = this.#pages[device >>> PAGE_BITS];
    if (!page) return;
    const at = device & PAGE_MASK;
    page.words.fill(0, at * WORDS, (at + 1) * WORDS);
    page.raised[at] = 0;
  }

  /** Copies of the pages that are there, with their numbers. */
  *snapshot(): Generator<{ page: number; bytes: Uint8Array }> {
    for (const [number, page] of this.#pages.entries()) {
      if (!page) continue;
      const bytes = new Uint8Array(PAGE_BYTES);
      bytes.set(new Uint8Array(page.words.buffer), 0);
      bytes.set(page.raised, WORD_BYTES);
      yield { page: number, bytes };
    }
  }

  /** Takes back a page of {@link snapshot}. */
  restore(number: number, bytes: Uint8Array): void {
    const page = newPage();
    new Uint8Array(page.words.buffer).set(bytes.subarray(0, WORD_BYTES));
    page.raised.set(bytes.subarray(WORD_BYTES, PAGE_BYTES));
    this.#pages[number] = page;
  }
}

function newPage(): Page {
  return { words: new Uint32Array(PAGE_DEVICES * WORDS), raised: new Uint8Array(PAGE_DEVICES) };
}
