/**
 * Requests of a connection that wait for their answer: at most 16. Hot code: most clients ask one thing at a time, so one
 * waiting request stands in the object itself; the ring is made when a second one waits. Nothing is allocated per message.
 */
const SLOTS = 16;
const EMPTY = -1;

/** What an answer was found to belong to. */
export const Match = { None: 0, OtherFunction: 1, One: 2, Several: 3 } as const;
export type Match = (typeof Match)[keyof typeof Match];

export class Transactions {
  /** The request that waits alone: transaction << 8 | function code, or EMPTY. */
  #onlyKey = EMPTY;
  #onlyDetail = 0;
  /** Keys of several waiting requests, then their details; in use while `#waiting` is not 0. */
  #ring: Int32Array | null = null;
  #newest = 0;
  #waiting = 0;
  /** An answer was matched since the last gap, and no waiting request was overwritten: an answer without a request is one. */
  sure = false;
  /** Detail of the request that `answer` found; function code of another one with `OtherFunction`. */
  detail = 0;
  /** A program transfer was told: its further blocks are not told again. */
  uploading = false;
  downloading = false;

  /** Remembers a request. `detail` is what its answer is checked against: a quantity, a subfunction, a UMAS function. */
  request(transaction: number, code: number, detail: number): void {
    const key = (transaction << 8) | code;
    if (this.#waiting > 0) this.#push(key, detail);
    else if (this.#onlyKey === EMPTY) {
      this.#onlyKey = key;
      this.#onlyDetail = detail;
    } else {
      this.#push(this.#onlyKey, this.#onlyDetail);
      this.#onlyKey = EMPTY;
      this.#push(key, detail);
    }
  }

  #push(key: number, detail: number): void {
    this.#ring ??= new Int32Array(2 * SLOTS).fill(EMPTY);
    const ring = this.#ring;
    this.#newest = (this.#newest + 1) % SLOTS;
    if (ring[this.#newest] !== EMPTY) this.sure = false;
    else this.#waiting++;
    ring[this.#newest] = key;
    ring[SLOTS + this.#newest] = detail;
  }

  /** Finds the newest request that an answer belongs to, and forgets it. */
  answer(transaction: number, code: number): Match {
    const key = (transaction << 8) | code;
    if (this.#ring !== null && this.#waiting > 0) return this.#search(this.#ring, key);
    const only = this.#onlyKey;
    if (only === EMPTY || only >> 8 !== transaction) return Match.None;
    this.#onlyKey = EMPTY;
    if (only !== key) {
      this.detail = only & 0xff;
      return Match.OtherFunction;
    }
    this.detail = this.#onlyDetail;
    this.sure = true;
    return Match.One;
  }

  #search(ring: Int32Array, key: number): Match {
    let found = -1;
    let other = -1;
    let several = false;
    for (let step = 0; step < SLOTS; step++) {
      const slot = (this.#newest + SLOTS - step) % SLOTS;
      if (ring[slot] === key) {
        if (found >= 0) several = true;
        else found = slot;
      } else if (other < 0 && ring[slot] !== EMPTY && ring[slot] >> 8 === key >> 8) other = slot;
    }
    const slot = found >= 0 ? found : other;
    if (slot < 0) return Match.None;
    this.detail = found >= 0 ? ring[SLOTS + slot] : ring[slot] & 0xff;
    ring[slot] = EMPTY;
    this.#waiting--;
    if (found < 0) return Match.OtherFunction;
    this.sure = true;
    return several ? Match.Several : Match.One;
  }

  gap(): void {
    this.#onlyKey = EMPTY;
    this.#ring?.fill(EMPTY);
    this.#waiting = 0;
    this.sure = false;
  }
}
