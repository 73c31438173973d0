/**
 * What all dissectors together may hold of messages that are not complete: parts of TSDUs, fragments, chunks. Each flow has
 * bounds of its own; this one bounds their sum, as hundreds of thousands of flows can each begin a message and never end
 * it. Beyond it the one that has not grown for the longest time is given up.
 *
 * Flows end without a word to their dissector, so what they held stays counted, and held, until it is the oldest: that is
 * the price of needing no destructor, and it is bounded too.
 */

/** Something half-read, a link of the chain from the one that has not grown for the longest time to the newest. */
export abstract class HalfRead {
  /** The budget's own: what this is counted for, and its neighbours. */
  counted = 0;
  older: HalfRead | null = null;
  newer: HalfRead | null = null;

  /** Drops the bytes: the message is lost, what comes of it is skipped. */
  abstract giveUp(): void;
}

const MOST_BYTES = 64 << 20;

export class HalfReadBudget {
  /** Given up to stay within the bound. */
  givenUp = 0;
  readonly #most: number;
  #oldest: HalfRead | null = null;
  #newest: HalfRead | null = null;
  #bytes = 0;

  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Says what something holds now; call it when a buffer is made, grows or goes, 0 when nothing is held any more. */
  hold(one: HalfRead, bytes: number): void {
    if (one.counted > 0) this.#remove(one);
    if (bytes === 0) return;
    one.counted = bytes;
    this.#bytes += bytes;
    one.older = this.#newest;
    if (this.#newest !== null) this.#newest.newer = one;
    else this.#oldest = one;
    this.#newest = one;
    while (this.#bytes > this.#most && this.#oldest !== null && this.#oldest !== one) {
      const oldest = this.#oldest;
      this.#remove(oldest);
      this.givenUp++;
      oldest.giveUp();
    }
  }

  #remove(one: HalfRead): void {
    this.#bytes -= one.counted;
    one.counted = 0;
    if (one.older !== null) one.older.newer = one.newer;
    else this.#oldest = one.newer;
    if (one.newer !== null) one.newer.older = one.older;
    else this.#newest = one.older;
    one.older = null;
    one.newer = null;
  }
}

/** The one that all dissectors share, as they share their code: for all flows of the process. */
export const HALF_READ = new HalfReadBudget();
