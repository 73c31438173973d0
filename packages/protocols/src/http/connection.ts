/** What is remembered of a connection: where each direction stands in its message, and which requests wait for an answer. */
import { HALF_READ, HalfRead } from '../half-read.ts';

/** What the next bytes of a direction are. */
export const Part = {
  StartLine: 0,
  /** `left` bytes of body. */
  Body: 1,
  ChunkSize: 2,
  /** `left` bytes of chunk data and its line end. */
  Chunk: 3,
  Trailer: 4,
  /** Everything up to the end of the connection: a body without a length, or another protocol after CONNECT or Upgrade. */
  Rest: 5,
} as const;
export type Part = (typeof Part)[keyof typeof Part];

export class Side {
  part: Part = Part.StartLine;
  left = 0;
  /** The next byte of body is the first. */
  first = false;
  /** Path of the resource that the body is, for what is told about it. */
  name = '';
  /** Bytes of an unfinished header already searched for its end. */
  searched = 0;
}

/** A request that has not been answered. */
export interface Waiting {
  readonly method: number;
  readonly user: string;
  /** Hash of the credentials; undefined where they hold no password in clear. */
  readonly secret: number | undefined;
  readonly path: string;
}

/** Most requests that wait for their answers at once; pipelining beyond it loses the oldest. */
const MOST_WAITING = 32;
/** Memory of one beside its texts, roughly, and the sum below which it is not counted. */
const WAITING_COST = 100;
const LITTLE = 600;

export class Connection extends HalfRead {
  readonly client = new Side();
  readonly server = new Side();
  readonly waiting: Waiting[] = [];
  /** A sign-in with a password was refused on this connection and none was accepted since. */
  refused = false;
  /** Users whose password was accepted on this connection have been told. */
  accepted = '';
  /** Bytes that the waiting requests are counted for. */
  #held = 0;

  ask(request: Waiting): void {
    if (this.waiting.length >= MOST_WAITING) this.waiting.shift();
    this.waiting.push(request);
    this.#hold();
  }

  /** The oldest request that waits, or undefined; it waits no longer. */
  answered(): Waiting | undefined {
    const request = this.waiting.shift();
    this.#hold();
    return request;
  }

  /** One request at a time with a short path is the usual case; only more than that counts. */
  #hold(): void {
    let bytes = 0;
    for (const { user, path } of this.waiting) bytes += WAITING_COST + user.length + path.length;
    if (bytes < LITTLE) bytes = 0;
    if (bytes === this.#held) return;
    this.#held = bytes;
    HALF_READ.hold(this, bytes);
  }

  override giveUp(): void {
    this.waiting.length = 0;
    this.#held = 0;
  }

  forget(): void {
    for (const side of [this.client, this.server]) {
      side.part = Part.StartLine;
      side.left = 0;
      side.first = false;
      side.searched = 0;
    }
    this.waiting.length = 0;
    this.#hold();
  }
}
