/** What is remembered of a connection: where each direction stands in its message, and which requests wait for an answer. */

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
  readonly path: string;
}

/** Most requests that wait for their answers at once; pipelining beyond it loses the oldest. */
const MOST_WAITING = 32;

export class Connection {
  readonly client = new Side();
  readonly server = new Side();
  readonly waiting: Waiting[] = [];
  /** A sign-in with a password was refused on this connection and none was accepted since. */
  refused = false;
  /** Users whose password was accepted on this connection have been told. */
  accepted = '';

  ask(request: Waiting): void {
    if (this.waiting.length >= MOST_WAITING) this.waiting.shift();
    this.waiting.push(request);
  }

  forget(): void {
    for (const side of [this.client, this.server]) {
      side.part = Part.StartLine;
      side.left = 0;
      side.first = false;
      side.searched = 0;
    }
    this.waiting.length = 0;
  }
}
