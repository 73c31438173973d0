/**
 * What all dissectors together may hold of messages that are not complete: parts of TSDUs, fragments, chunks. Each flow has
 * bounds of its own; this one bounds their sum, as hundreds of thousands of flows can each begin a message and never end
 * it. Beyond it the one that has not grown for the longest time is given up.
 *
 * Flows end without a word to their dissector, so what they held stays counted, and held, until it is the oldest: that is
 * the price of needing no destructor, and it is bounded too.
 */

/** Something half-read. */
export interface HalfRead {
  /** Drops the bytes: the message is lost, what comes of it is skipped. */
  giveUp(): void;
}

const MOST_BYTES = 64 << 20;

export class HalfReadBudget {
  /** Given up to stay within the bound. */
  givenUp = 0;
  readonly #most: number;
  /** Bytes of each, the one that has not grown for the longest time first. */
  readonly #held = new Map<HalfRead, number>();
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
    this.#bytes += bytes - (this.#held.get(one) ?? 0);
    this.#held.delete(one);
    if (bytes === 0) return;
    this.#held.set(one, bytes);
    while (this.#bytes > this.#most) {
      const oldest = this.#held.keys().next().value;
      if (oldest === undefined || oldest === one) return;
      this.#bytes -= this.#held.get(oldest) ?? 0;
      this.#held.delete(oldest);
      this.givenUp++;
      oldest.giveUp();
    }
  }
}

/** The one that all dissectors share, as they share their code: for all flows of the process. */
export const HALF_READ = new HalfReadBudget();
