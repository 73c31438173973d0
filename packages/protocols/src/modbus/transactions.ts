/**
 * Requests of a connection that wait for their answer: a ring of 16. Hot code: two small typed arrays per flow, nothing
 * allocated per message.
 */
const SLOTS = 16;
const EMPTY = -1;

/** What an answer was found to belong to. */
export const Match = { None: 0, OtherFunction: 1, One: 2, Several: 3 } as const;
export type Match = (typeof Match)[keyof typeof Match];

export class Transactions {
  /** transaction << 8 | function code, or EMPTY. */
  readonly #keys = new Int32Array(SLOTS).fill(EMPTY);
  readonly #details = new Int32Array(SLOTS);
  #newest = 0;
  /** An answer was matched since the last gap, and no waiting request was overwritten: an answer without a request is one. */
  sure = false;
  /** Detail of the request that `answer` found; function code of another one with `OtherFunction`. */
  detail = 0;
  /** A program transfer was told: its further blocks are not told again. */
  uploading = false;
  downloading = false;

  /** Remembers a request. `detail` is what its answer is checked against: a quantity, a subfunction, a UMAS function. */
  request(transaction: number, code: number, detail: number): void {
    this.#newest = (this.#newest + 1) % SLOTS;
    if (this.#keys[this.#newest] !== EMPTY) this.sure = false;
    this.#keys[this.#newest] = (transaction << 8) | code;
    this.#details[this.#newest] = detail;
  }

  /** Finds the newest request that an answer belongs to, and forgets it. */
  answer(transaction: number, code: number): Match {
    const key = (transaction << 8) | code;
    let found = -1;
    let other = -1;
    let several = false;
    for (let step = 0; step < SLOTS; step++) {
      const slot = (this.#newest + SLOTS - step) % SLOTS;
      if (this.#keys[slot] === key) {
        if (found >= 0) several = true;
        else found = slot;
      } else if (other < 0 && this.#keys[slot] !== EMPTY && this.#keys[slot] >> 8 === transaction) other = slot;
    }
    const slot = found >= 0 ? found : other;
    if (slot < 0) return Match.None;
    this.detail = found >= 0 ? this.#details[slot] : this.#keys[slot] & 0xff;
    this.#keys[slot] = EMPTY;
    if (found < 0) return Match.OtherFunction;
    this.sure = true;
    return several ? Match.Several : Match.One;
  }

  gap(): void {
    this.#keys.fill(EMPTY);
    this.sure = false;
  }
}
