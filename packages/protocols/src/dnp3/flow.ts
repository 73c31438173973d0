/**
 * What is remembered of a DNP3 connection: transport segments waiting for the rest of their fragment, the last request to
 * each outstation, and its last indications. Bounded: 8 talks a flow (a gateway carries several outstations).
 */
import { HALF_READ, HalfRead } from '../half-read.ts';

const TALKS = 8;
/** Longer fragments are not put together; the standard asks outstations for 2048 bytes. */
export const LONGEST_FRAGMENT = 16_384;

/** One direction between two link addresses. */
export class Talk extends HalfRead {
  /** source << 16 | destination */
  readonly key: number;
  bytes: Uint8Array = new Uint8Array(0);
  length = 0;
  /** Sequence that the next segment must have; -1 when no fragment is open. */
  next = -1;
  /** Function code and application sequence of the last request in this direction; -1 when it was answered. */
  asked = -1;
  askedSequence = 0;
  /** Last indications sent in this direction; -1 before the first. */
  indications = -1;

  constructor(key: number) {
    super();
    this.key = key;
  }

  /** Adds a segment. False when the fragment grows beyond the bound. */
  add(data: Uint8Array, start: number, end: number): boolean {
    const length = this.length + end - start;
    if (length > LONGEST_FRAGMENT) return false;
    if (length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(512, Math.min(LONGEST_FRAGMENT, 2 * length)));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
      HALF_READ.hold(this, grown.length);
    }
    for (let at = start, to = this.length; at < end; at++, to++) this.bytes[to] = data[at];
    this.length = length;
    return true;
  }

  drop(): void {
    this.next = -1;
    this.length = 0;
    if (this.bytes.length > 2048) this.free();
  }

  /** Gives the buffer back; the next fragment makes another. */
  free(): void {
    if (this.bytes.length > 0) HALF_READ.hold(this, 0);
    this.bytes = new Uint8Array(0);
  }

  override giveUp(): void {
    this.bytes = new Uint8Array(0);
    this.next = -1;
    this.length = 0;
  }
}

export class Dnp3Flow {
  readonly #talks: Talk[] = [];
  #oldest = 0;

  talk(source: number, destination: number): Talk {
    const key = (source << 16) | destination;
    for (const talk of this.#talks) if (talk.key === key) return talk;
    const talk = new Talk(key);
    if (this.#talks.length < TALKS) this.#talks.push(talk);
    else {
      this.#talks[this.#oldest].free();
      this.#talks[this.#oldest] = talk;
      this.#oldest = (this.#oldest + 1) % TALKS;
    }
    return talk;
  }

  gap(): void {
    for (const talk of this.#talks) {
      talk.drop();
      talk.asked = -1;
    }
  }
}
