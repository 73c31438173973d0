/**
 * Challenges that browsers were given and have not answered: each is good once, for five minutes, and for whom it was made.
 *
 * Bounded, and so is what one address or session may have open: more push out its own, not those of others.
 */
import { PATIENCE } from './webauthn.ts';

const MOST = 2000;
const MOST_OF_ONE = 100;

interface Open {
  readonly challenge: string;
  readonly from: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export class Challenges {
  readonly #clock: () => number;
  /** The oldest first. */
  readonly #open = new Map<string, Open>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** @param holder what only the asker knows or is @param from address or session of the asker */
  add(holder: string, challenge: string, from: string): void {
    const now = this.#clock();
    const own: string[] = [];
    for (const [other, open] of this.#open)
      if (open.until <= now || other === holder) this.#open.delete(other);
      else if (open.from === from) own.push(other);
    const [oldest] = own.length >= MOST_OF_ONE ? own : this.#open.size >= MOST ? this.#open.keys() : [];
    if (oldest !== undefined) this.#open.delete(oldest);
    this.#open.set(holder, { challenge, from, until: now + PATIENCE });
  }

  /** The challenge of a holder, which is used up; undefined when there is none, or it is too old. */
  take(holder: string): string | undefined {
    const open = this.#open.get(holder);
    this.#open.delete(holder);
    return open && open.until > this.#clock() ? open.challenge : undefined;
  }
}
