/**
 * Counts of one rule type: for each device the current time window and the one before, in typed arrays.
 *
 * Hot code: `add` allocates nothing once the page of the device is there. Pages of 4,096 devices are made when one of them is
 * counted, so a rule type that no group uses costs nothing.
 */

const PAGE_BITS = 12;
const PAGE_DEVICES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_DEVICES - 1;

/** Bits of {@link Page.raised}. */
const RAISED_NOW = 1;
const RAISED_BEFORE = 2;

interface Page {
  /** Beginning of the window, minutes since 1970; 0 for none. */
  readonly start: Uint32Array;
  readonly count: Uint32Array;
  readonly earlierStart: Uint32Array;
  readonly earlierCount: Uint32Array;
  /** Whether the windows have been raised. */
  readonly raised: Uint8Array;
}

const MOST = 0xffff_ffff;
/** Bytes of a page, and what a snapshot of it has. */
export const PAGE_BYTES = PAGE_DEVICES * 17;

export class WindowCounters {
  readonly #pages: (Page | undefined)[] = [];

  /**
   * Counts for a device's window; returns the count so far.
   * @param start beginning of the window, minutes since 1970
   */
  add(device: number, start: number, amount: number): number {
    const page = (this.#pages[device >>> PAGE_BITS] ??= newPage());
    const at = device & PAGE_MASK;
    if (page.start[at] === start) return (page.count[at] = Math.min(MOST, page.count[at] + amount));
    if (page.earlierStart[at] === start) return (page.earlierCount[at] = Math.min(MOST, page.earlierCount[at] + amount));
    // A window not seen yet becomes the current one, also when the clock was set back.
    page.earlierStart[at] = page.start[at];
    page.earlierCount[at] = page.count[at];
    page.raised[at] = (page.raised[at] & RAISED_NOW) === 0 ? 0 : RAISED_BEFORE;
    page.start[at] = start;
    page.count[at] = Math.min(MOST, amount);
    return page.count[at];
  }

  /** How often it was counted in a window that is the current one or the one before. */
  get(device: number, start: number): number {
    const page = this.#pages[device >>> PAGE_BITS];
    if (!page) return 0;
    const at = device & PAGE_MASK;
    return page.start[at] === start ? page.count[at] : page.earlierStart[at] === start ? page.earlierCount[at] : 0;
  }

  /** Marks a window as raised; false when it was already. The window must have been counted. */
  raise(device: number, start: number): boolean {
    const page = this.#pages[device >>> PAGE_BITS];
    if (!page) return false;
    const at = device & PAGE_MASK;
    const bit = page.start[at] === start ? RAISED_NOW : RAISED_BEFORE;
    if ((page.raised[at] & bit) !== 0) return false;
    page.raised[at] |= bit;
    return true;
  }

  /** Forgets the windows of a device. */
  clear(device: number): void {
    const page = this.#pages[device >>> PAGE_BITS];
    if (!page) return;
    const at = device & PAGE_MASK;
    for (const array of [page.start, page.count, page.earlierStart, page.earlierCount, page.raised]) array[at] = 0;
  }

  /** Copies of the pages that are there, with their numbers. */
  *snapshot(): Generator<{ page: number; bytes: Uint8Array }> {
    for (const [number, page] of this.#pages.entries()) {
      if (!page) continue;
      const bytes = new Uint8Array(PAGE_BYTES);
      let offset = 0;
      for (const array of arraysOf(page)) {
        bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
        offset += array.byteLength;
      }
      yield { page: number, bytes };
    }
  }

  /** Takes back a page of {@link snapshot}. */
  restore(number: number, bytes: Uint8Array): void {
    const page = newPage();
    let offset = 0;
    for (const array of arraysOf(page)) {
      new Uint8Array(array.buffer).set(bytes.subarray(offset, offset + array.byteLength));
      offset += array.byteLength;
    }
    this.#pages[number] = page;
  }
}

function arraysOf({ start, count, earlierStart, earlierCount, raised }: Page): (Uint32Array | Uint8Array)[] {
  return [start, count, earlierStart, earlierCount, raised];
}

function newPage(): Page {
  return {
    start: new Uint32Array(PAGE_DEVICES),
    count: new Uint32Array(PAGE_DEVICES),
    earlierStart: new Uint32Array(PAGE_DEVICES),
    earlierCount: new Uint32Array(PAGE_DEVICES),
    raised: new Uint8Array(PAGE_DEVICES),
  };
}
