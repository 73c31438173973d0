/**
 * Finds sweeps by sequential hypothesis testing on first contacts: Jung, Paxson, Berger and Balakrishnan, Fast Portscan
 * Detection Using Sequential Hypothesis Testing (IEEE Symposium on Security and Privacy, 2004). Each first contact of a source
 * with an address either works or meets silence; most of an honest client's work, most of a sweep's do not. The logarithm
 * of the likelihood ratio walks up with silence and down with success, never below zero, and a source is told when it
 * reaches the bound that the wanted error rates give.
 *
 * A client that wants something of an address tries again where a sweep moves on: silence that is tried again is taken back.
 */
import { dropOldest } from './window.ts';

/** A first contact works in four of five cases for an honest client, in one of five for a sweep (the authors' parameters). */
const WORKS_FOR_CLIENT = 0.8;
const WORKS_FOR_SWEEP = 0.2;
/** One source in ten thousand may be suspected wrongly; ninety-nine sweeps in a hundred are found. */
const FALSE_ALARMS = 0.0001;
const FOUND = 0.99;

const SILENCE = Math.log((1 - WORKS_FOR_SWEEP) / (1 - WORKS_FOR_CLIENT));
const SUCCESS = Math.log(WORKS_FOR_SWEEP / WORKS_FOR_CLIENT);
const BOUND = Math.log(FOUND / FALSE_ALARMS);

/** First contacts in a row that must meet silence: 7. */
export const SILENT_CONTACTS = Math.ceil(BOUND / SILENCE);

/** Later tries than this many seconds after the first are a return; a repeated SYN comes 1, 2, 4 and 8 seconds apart. */
const SAME_TRY = 20;
/** A source that has tried nothing for so many seconds starts anew. */
const FORGET = 14_400;
const MAX_SOURCES = 1 << 14;
/** Addresses remembered of one source and service; beyond, the oldest are forgotten. */
const MAX_ADDRESSES = 64;

interface Contact {
  readonly seconds: number;
  readonly frame: number;
  state: 'waiting' | 'silent' | 'works';
}

interface Walk {
  sum: number;
  last: number;
  /** By address, in the order of the first contact. */
  readonly contacts: Map<number, Contact>;
}

export class SweepWalks {
  /** By source and service, in the order of their last attempt. */
  readonly #walks = new Map<number, Walk>();

  /** A source tries an address. @param key source and service */
  attempt(key: number, address: number, seconds: number, frame: number): void {
    let walk = this.#walks.get(key);
    if (!walk || Math.abs(seconds - walk.last) > FORGET) walk = { sum: 0, last: seconds, contacts: new Map() };
    this.#walks.delete(key);
    this.#walks.set(key, walk);
    if (this.#walks.size > MAX_SOURCES) dropOldest(this.#walks);
    walk.last = seconds;
    const contact = walk.contacts.get(address);
    if (!contact) {
      walk.contacts.set(address, { seconds, frame, state: 'waiting' });
      if (walk.contacts.size > MAX_ADDRESSES) dropOldest(walk.contacts);
      return;
    }
    if (contact.state === 'works' || Math.abs(seconds - contact.seconds) <= SAME_TRY) return;
    if (contact.state === 'silent') walk.sum = Math.max(0, walk.sum - SILENCE);
    contact.state = 'works';
  }

  /** A first contact is judged. Returns the frames of the silent ones when the bound is reached (and starts anew), else null. */
  judge(key: number, address: number, works: boolean): readonly number[] | null {
    const walk = this.#walks.get(key);
    const contact = walk?.contacts.get(address);
    if (!walk || contact?.state !== 'waiting') return null;
    contact.state = works ? 'works' : 'silent';
    walk.sum = Math.max(0, walk.sum + (works ? SUCCESS : SILENCE));
    if (walk.sum < BOUND) return null;
    this.#walks.delete(key);
    return [...walk.contacts.values()].filter(({ state }) => state === 'silent').map(({ frame }) => frame);
  }
}
