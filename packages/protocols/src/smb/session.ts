/** What is remembered of an SMB connection: who signs in, shares, open files and pipes, and requests that wait for an answer. Bounded. */
import { ConnectionFlow, COMMON_HEADER, readConnection, readPart } from '../dcerpc/connection.ts';
import type { Facts } from '../facts.ts';

const MOST_TREES = 32;
const MOST_FILES = 64;
const MOST_WAITING = 64;

/** A pipe carries DCE/RPC. Packets are cut into reads and writes anywhere: what comes after the first piece of one is passed over. */
export class Pipe {
  readonly rpc = new ConnectionFlow();
  #fromClient = 0;
  #fromServer = 0;

  /** Takes the next bytes of one direction. */
  feed(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
    let left = facts.toServer ? this.#fromClient : this.#fromServer;
    let at = start + Math.min(left, end - start);
    left -= at - start;
    while (left === 0 && at + COMMON_HEADER <= end) {
      const next = readConnection(facts, this.rpc, bytes, at, end);
      if (next < 0) break;
      if (next === at) {
        left = readPart(facts, this.rpc, bytes, at, end);
        break;
      }
      at = next;
    }
    if (facts.toServer) this.#fromClient = left;
    else this.#fromServer = left;
  }
}

export interface OpenFile {
  /** `\\share\path` in full. */
  readonly name: string;
  readonly pipe: Pipe | undefined;
  read: boolean;
  written: boolean;
}

/** A request whose answer is awaited. */
export interface Waiting {
  /** Name to open, or share to connect to. */
  readonly name: string;
  /** File that is read from, and where. */
  readonly file: OpenFile | undefined;
  readonly offset: number;
}

export class Session {
  /** Bytes of a message that are passed over, for each direction. */
  client = 0;
  server = 0;
  /** `DOMAIN\user` of the sign-in that waits for its answer. */
  user = '';
  /** Names of shares by tree id: `ADMIN$`. */
  readonly trees = new Map<number, string>();
  readonly files = new Map<number, OpenFile>();
  /** A pipe was opened. */
  pipes = false;
  /** By message or multiplex id. */
  readonly waiting = new Map<number, Waiting>();
  /** SMB 1: multiplex ids of the last Trans2 Session Setup, and of open transactions by their kind; -1 for none. */
  implantAsked = -1;
  trans2 = -1;
  ntTrans = -1;

  connect(tree: number, share: string): void {
    put(this.trees, tree, share, MOST_TREES);
  }

  open(id: number, name: string, pipe: boolean): OpenFile {
    const file: OpenFile = { name, pipe: pipe ? new Pipe() : undefined, read: false, written: false };
    if (pipe) this.pipes = true;
    put(this.files, id, file, MOST_FILES);
    return file;
  }

  ask(id: number, waiting: Waiting): void {
    put(this.waiting, id, waiting, MOST_WAITING);
  }

  /** What was asked under this id; it waits no longer. */
  answered(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    if (waiting) this.waiting.delete(id);
    return waiting;
  }
}

/** Puts an entry last; the oldest goes when there are too many. */
function put<V>(map: Map<number, V>, key: number, value: V, most: number): void {
  map.delete(key);
  if (map.size >= most) {
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
  map.set(key, value);
}
