/**
 * Connections: (client, server, protocol, port), each a row of numbers. Hot code: `request` and `message` run for each
 * message; engines are called only when a row crosses a limit.
 *
 * A row is two cache lines, integers and doubles over the same bytes, so that a message touches one or both of them and
 * nothing else: kept as a column each, its numbers would lie in a dozen lines.
 */
import { Tuples } from '@annunciator/packet/tables/tuples';
import { Role } from '@annunciator/protocols/facts';
import { Operations } from './operations.ts';

const MAX_CONNECTIONS = 1 << 18;
/** Connections with messages that have a line of their own in the small memories beside the large tables. */
const MAX_LINES = 1 << 16;

/** Polls from which a channel's period is taken, and the largest coefficient of variation a period may have. */
const RHYTHM_POLLS = 100;
/** And the least time they take: a script that reads as fast as it gets answers has no period. */
const RHYTHM_SECONDS = 30;
const RHYTHM_VARIATION = 0.2;
/** Requests without an answer before anybody is asked whether the device is lost. */
const UNANSWERED_LIMIT = 3;

/** Integers of a row, and doubles over the same bytes. */
const INTS = 32;
const DOUBLES = INTS / 2;
/** The same as powers of two: hot code shifts, which cannot overflow. */
const INTS_SHIFT = 5;
const DOUBLES_SHIFT = 4;

const TOLD = -(2 ** 30);

/** Integer columns. */
const Int = {
  /** Requests since the last response, and the second of the first of them. */
  UNANSWERED: 0,
  UNANSWERED_SINCE: 1,
  /** Responses ever. */
  RESPONSES: 2,
  /** Set once silence was reported, until the next request. */
  SILENT: 3,
  /** The operation that polls: the one that most requests have (majority vote of Boyer and Moore). */
  POLL_CODE: 4,
  POLL_VOTES: 5,
  /** Polls measured, and polls off the rhythm in a row: far below zero once that was told. */
  POLLS: 6,
  OFF_POLLS: 7,
  CLIENT: 24,
  SERVER: 25,
  PROTOCOL: 26,
  TRANSPORT: 27,
  PORT: 28,
  /** Number of the connection's line, see `Connections.line`; 0 before its first message, and when there is no room. */
  LINE: 29,
} as const;

/** Double columns; the first stands on integers 8 and 9. */
const Double = {
  /** Time of the last request of any kind, seconds. */
  LAST_REQUEST: 4,
  /** Rhythm of the polls: time of the last, mean interval and sum of squared deviations (Welford). */
  LAST_POLL: 5,
  MEAN_INTERVAL: 6,
  SQUARES: 7,
  /** What flows that are over carried. */
  PACKETS: 8,
  BYTES: 9,
} as const;

/** Told when a connection does something an engine may care about. */
export interface ConnectionListener {
  /** `unanswered` requests since `since` (seconds) had no response. */
  unanswered(connection: number, unanswered: number, since: number): void;
  /** So many polls in a row as the limit says came much too early or late. Periods in seconds. */
  offRhythm(connection: number, period: number, interval: number): void;
}

export class Connections {
  readonly #rows = new Tuples(MAX_CONNECTIONS);
  readonly #operations = new Operations();
  readonly #listener: ConnectionListener;
  #ints: Int32Array<ArrayBuffer>;
  #doubles: Float64Array<ArrayBuffer>;
  count = 1;
  refused = 0;
  /**
   * Line of the connection whose message was counted last: what is kept of its latest operations and questions stands at
   * this number. Connections that carry no message have none, so a flood of attempts takes no room there.
   */
  line = 0;
  #lines = 1;
  readonly #offPolls: { readonly count: number };

  /** @param offPolls polls off the period in a row before the listener is told; read anew at each poll */
  constructor(listener: ConnectionListener, offPolls: { readonly count: number }) {
    this.#listener = listener;
    this.#offPolls = offPolls;
    this.#ints = new Int32Array(64 * INTS);
    this.#doubles = new Float64Array(this.#ints.buffer);
  }

  /** Row of a connection, made when new; 0 (the row of all others) when there is no room. */
  row(client: number, server: number, protocol: number, transport: number, port: number): number {
    const found = this.#rows.find(client, server, protocol, transport, port);
    if (found >= 0) return this.#rows.value(found);
    const made = this.#rows.insert(client, server, protocol, transport, port);
    if (made < 0) {
      this.refused++;
      return 0;
    }
    const row = this.count++;
    if ((row + 1) * INTS > this.#ints.length) this.#grow();
    this.#rows.setValue(made, row);
    const at = row * INTS;
    this.#ints[at + Int.CLIENT] = client;
    this.#ints[at + Int.SERVER] = server;
    this.#ints[at + Int.PROTOCOL] = protocol;
    this.#ints[at + Int.TRANSPORT] = transport;
    this.#ints[at + Int.PORT] = port;
    return row;
  }

  /** Asks for rows that are needed soon, of which the first `count` are given; see `FlowTable.aim`. */
  aim(rows: Int32Array, count: number): number {
    const ints = this.#ints;
    let seen = 0;
    for (let i = 0; i < count; i++) {
      const at = rows[i] << INTS_SHIFT;
      if (at >= 0) seen ^= ints[at] ^ ints[(at + Int.LINE) | 0];
    }
    return seen;
  }

  #grow(): void {
    const ints = new Int32Array(this.#ints.length * 2);
    ints.set(this.#ints);
    this.#ints = ints;
    this.#doubles = new Float64Array(ints.buffer);
  }

  /** Canonical parties when the connection was first seen. */
  client(row: number): number {
    return this.#ints[row * INTS + Int.CLIENT];
  }

  server(row: number): number {
    return this.#ints[row * INTS + Int.SERVER];
  }

  /** Protocol index of the carrier. */
  protocol(row: number): number {
    return this.#ints[row * INTS + Int.PROTOCOL];
  }

  /** EtherType below IP, 6, 17 ... */
  transport(row: number): number {
    return this.#ints[row * INTS + Int.TRANSPORT];
  }

  /** Server port. */
  port(row: number): number {
    return this.#ints[row * INTS + Int.PORT];
  }

  /** Requests since the last response. */
  unanswered(row: number): number {
    return this.#ints[row * INTS + Int.UNANSWERED];
  }

  /** Second of the first of them. */
  unansweredSince(row: number): number {
    return this.#ints[row * INTS + Int.UNANSWERED_SINCE];
  }

  /** Responses ever. */
  responses(row: number): number {
    return this.#ints[row * INTS + Int.RESPONSES];
  }

  /** Time of the last request of any kind, seconds. */
  lastRequest(row: number): number {
    return this.#doubles[row * DOUBLES + Double.LAST_REQUEST];
  }

  /** Silence was reported, and no request came since. */
  isSilent(row: number): boolean {
    return this.#ints[row * INTS + Int.SILENT] !== 0;
  }

  markSilent(row: number): void {
    this.#ints[row * INTS + Int.SILENT] = 1;
  }

  /** The server has answered: no request waits. */
  answered(row: number): void {
    this.#ints[row * INTS + Int.UNANSWERED] = 0;
  }

  /** Counts unanswered requests anew, with the one of this second as the first. */
  waitSince(row: number, seconds: number): void {
    this.#ints[row * INTS + Int.UNANSWERED] = 1;
    this.#ints[row * INTS + Int.UNANSWERED_SINCE] = seconds;
  }

  /** Packets and bytes of flows that are over. */
  packets(row: number): number {
    return this.#doubles[row * DOUBLES + Double.PACKETS];
  }

  bytes(row: number): number {
    return this.#doubles[row * DOUBLES + Double.BYTES];
  }

  /** A flow of the connection is over: what it carried. */
  carried(row: number, packets: number, bytes: number): void {
    this.#doubles[row * DOUBLES + Double.PACKETS] += packets;
    this.#doubles[row * DOUBLES + Double.BYTES] += bytes;
  }

  /** Counts one message of an operation, and keeps the account of requests and responses. True when the operation is new here. */
  message(row: number, protocol: number, code: number, role: Role, seconds: number, nanoseconds: number): boolean {
    if (role === Role.Request) this.request(row, (protocol << 24) ^ code, seconds, nanoseconds);
    else if (role === Role.Response) {
      this.#ints[((row << INTS_SHIFT) + Int.UNANSWERED) | 0] = 0;
      this.#ints[((row << INTS_SHIFT) + Int.RESPONSES) | 0]++;
    }
    let line = this.#ints[((row << INTS_SHIFT) + Int.LINE) | 0];
    if (line === 0 && this.#lines < MAX_LINES) {
      line = this.#lines++;
      this.#operations.reserve(line);
      this.#ints[((row << INTS_SHIFT) + Int.LINE) | 0] = line;
    }
    this.line = line;
    return this.#operations.count(line, row, protocol, code, role);
  }

  /** A request, or an attempt to connect. `code` tells operations apart. */
  request(row: number, code: number, seconds: number, nanoseconds: number): void {
    const ints = this.#ints;
    const doubles = this.#doubles;
    const at = row << INTS_SHIFT;
    const twin = row << DOUBLES_SHIFT;
    const unanswered = ints[(at + Int.UNANSWERED) | 0] + 1;
    ints[(at + Int.UNANSWERED) | 0] = unanswered;
    if (unanswered === 1) ints[(at + Int.UNANSWERED_SINCE) | 0] = seconds;
    else if (unanswered >= UNANSWERED_LIMIT) this.#listener.unanswered(row, unanswered, ints[(at + Int.UNANSWERED_SINCE) | 0]);
    const now = seconds + nanoseconds * 1e-9;
    doubles[(twin + Double.LAST_REQUEST) | 0] = now;
    ints[(at + Int.SILENT) | 0] = 0;
    // Once the period is learned, other operations (a command, a read on demand) leave it alone.
    if (ints[(at + Int.POLL_CODE) | 0] !== code) {
      if (!this.#learned(row) && --ints[(at + Int.POLL_VOTES) | 0] < 0) this.#pollWith(row, code, now);
      return;
    }
    if (ints[(at + Int.POLL_VOTES) | 0] < RHYTHM_POLLS) ints[(at + Int.POLL_VOTES) | 0]++;
    const last = doubles[(twin + Double.LAST_POLL) | 0];
    doubles[(twin + Double.LAST_POLL) | 0] = now;
    if (last === 0 || now < last) return;
    const interval = now - last;
    const polls = ints[(at + Int.POLLS) | 0];
    const mean = doubles[(twin + Double.MEAN_INTERVAL) | 0];
    if (polls < RHYTHM_POLLS || polls * mean < RHYTHM_SECONDS) {
      ints[(at + Int.POLLS) | 0] = polls + 1;
      const delta = interval - mean;
      const moved = mean + delta / (polls + 1);
      doubles[(twin + Double.MEAN_INTERVAL) | 0] = moved;
      doubles[(twin + Double.SQUARES) | 0] += delta * (interval - moved);
      return;
    }
    if (interval >= mean / 2 && interval <= mean * 2) {
      ints[(at + Int.OFF_POLLS) | 0] = 0;
      return;
    }
    // Whoever calls a device that has stopped answering waits longer: that is no rhythm of its own.
    if (unanswered > UNANSWERED_LIMIT && ints[(at + Int.RESPONSES) | 0] > 0) return;
    if (++ints[(at + Int.OFF_POLLS) | 0] < this.#offPolls.count || this.rhythm(row) === 0) return;
    ints[(at + Int.OFF_POLLS) | 0] = TOLD;
    this.#listener.offRhythm(row, mean, interval);
  }

  /** Another operation has more requests: its rhythm is learned from now on. */
  #pollWith(row: number, code: number, now: number): void {
    const at = row * INTS;
    this.#ints[at + Int.POLL_CODE] = code;
    this.#ints[at + Int.POLL_VOTES] = 1;
    this.#ints[at + Int.POLLS] = 0;
    this.#doubles[row * DOUBLES + Double.LAST_POLL] = now;
    this.#doubles[row * DOUBLES + Double.MEAN_INTERVAL] = 0;
    this.#doubles[row * DOUBLES + Double.SQUARES] = 0;
  }

  #learned(row: number): boolean {
    const polls = this.#ints[row * INTS + Int.POLLS];
    return polls >= RHYTHM_POLLS && polls * this.#doubles[row * DOUBLES + Double.MEAN_INTERVAL] >= RHYTHM_SECONDS;
  }

  /** The learned period of a connection in seconds; 0 when it has none. */
  rhythm(row: number): number {
    if (!this.#learned(row)) return 0;
    const period = this.#doubles[row * DOUBLES + Double.MEAN_INTERVAL];
    const deviation = Math.sqrt(this.#doubles[row * DOUBLES + Double.SQUARES] / this.#ints[row * INTS + Int.POLLS]);
    return period > 0 && deviation < RHYTHM_VARIATION * period ? period : 0;
  }

  /** Every counted operation, with the row of its connection. */
  forEachOperation(visit: (row: number, protocol: number, code: number, role: number, count: number) => void): void {
    this.#operations.forEach(visit);
  }
}
