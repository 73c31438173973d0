/**
 * Connections: (client, server, protocol, port), each a row of numbers. Hot code: `request` and `response` run for each
 * message and touch a few typed cells; engines are called only when a row crosses a limit.
 */
import { Tuples } from '../baseline/tuples.ts';
import { Role } from '@annunciator/protocols/facts';
import { Operations } from './operations.ts';

const MAX_CONNECTIONS = 1 << 18;

/** Polls from which a channel's period is taken, and the largest coefficient of variation a period may have. */
const RHYTHM_POLLS = 100;
/** And the least time they take: a script that reads as fast as it gets answers has no period. */
const RHYTHM_SECONDS = 30;
const RHYTHM_VARIATION = 0.2;
/** Requests without an answer before anybody is asked whether the device is lost. */
const UNANSWERED_LIMIT = 3;

/** Told when a connection does something an engine may care about. */
export interface ConnectionListener {
  /** `unanswered` requests since `since` (seconds) had no response. */
  unanswered(connection: number, unanswered: number, since: number): void;
  /** Ten polls in a row (`offPollsLimit`) came much too early or late. Periods in seconds. */
  offRhythm(connection: number, period: number, interval: number): void;
}

export class Connections {
  readonly #rows = new Tuples(MAX_CONNECTIONS);
  readonly #operations = new Operations();
  readonly #listener: ConnectionListener;
  count = 1;
  client = new Int32Array(1024);
  server = new Int32Array(1024);
  /** Protocol index of the carrier; transport (EtherType below IP, 6, 17 ...); server port. */
  protocol = new Int32Array(1024);
  transport = new Int32Array(1024);
  port = new Int32Array(1024);
  packets = new Float64Array(1024);
  bytes = new Float64Array(1024);
  /** Requests since the last response, and the second of the first of them; responses ever. */
  unanswered = new Int32Array(1024);
  unansweredSince = new Int32Array(1024);
  responses = new Int32Array(1024);
  /** Time of the last request of any kind, seconds. */
  lastRequest = new Float64Array(1024);
  /** The operation that polls: the one that most requests have (majority vote of Boyer and Moore). */
  pollCode = new Int32Array(1024);
  pollVotes = new Int32Array(1024);
  /** Rhythm of its requests: polls measured, time of the last, mean interval and sum of squared deviations (Welford), polls off it. */
  polls = new Int32Array(1024);
  lastPoll = new Float64Array(1024);
  meanInterval = new Float64Array(1024);
  squares = new Float64Array(1024);
  offPolls = new Int32Array(1024);
  /** Set once silence was reported, until the next request. */
  silent = new Uint8Array(1024);
  refused = 0;
  /** Polls off the period in a row before the listener is told. */
  offPollsLimit = 10;

  constructor(listener: ConnectionListener) {
    this.#listener = listener;
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
    if (row >= this.client.length) this.#grow();
    this.#rows.setValue(made, row);
    this.client[row] = client;
    this.server[row] = server;
    this.protocol[row] = protocol;
    this.transport[row] = transport;
    this.port[row] = port;
    return row;
  }

  #grow(): void {
    const size = this.client.length * 2;
    const int = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const into = new Int32Array(size);
      into.set(from);
      return into;
    };
    const float = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const into = new Float64Array(size);
      into.set(from);
      return into;
    };
    this.client = int(this.client);
    this.server = int(this.server);
    this.protocol = int(this.protocol);
    this.transport = int(this.transport);
    this.port = int(this.port);
    this.packets = float(this.packets);
    this.bytes = float(this.bytes);
    this.unanswered = int(this.unanswered);
    this.unansweredSince = int(this.unansweredSince);
    this.responses = int(this.responses);
    this.polls = int(this.polls);
    this.lastRequest = float(this.lastRequest);
    this.pollCode = int(this.pollCode);
    this.pollVotes = int(this.pollVotes);
    this.lastPoll = float(this.lastPoll);
    this.meanInterval = float(this.meanInterval);
    this.squares = float(this.squares);
    this.offPolls = int(this.offPolls);
    const silent = new Uint8Array(size);
    silent.set(this.silent);
    this.silent = silent;
  }

  /** Counts one message of an operation, and keeps the account of requests and responses. True when the operation is new here. */
  message(row: number, protocol: number, code: number, role: Role, seconds: number, nanoseconds: number): boolean {
    const isNew = this.#operations.count(row, protocol, code, role);
    if (role === Role.Request) this.request(row, (protocol << 24) ^ code, seconds, nanoseconds);
    else if (role === Role.Response) {
      this.unanswered[row] = 0;
      this.responses[row]++;
    }
    return isNew;
  }

  /** A request, or an attempt to connect. `code` tells operations apart. */
  request(row: number, code: number, seconds: number, nanoseconds: number): void {
    const unanswered = this.unanswered[row] + 1;
    this.unanswered[row] = unanswered;
    if (unanswered === 1) this.unansweredSince[row] = seconds;
    else if (unanswered >= UNANSWERED_LIMIT) this.#listener.unanswered(row, unanswered, this.unansweredSince[row]);
    const now = seconds + nanoseconds * 1e-9;
    this.lastRequest[row] = now;
    this.silent[row] = 0;
    // Once the period is learned, other operations (a command, a read on demand) leave it alone.
    if (this.pollCode[row] !== code) {
      if (!this.#learned(row) && --this.pollVotes[row] < 0) this.#pollWith(row, code, now);
      return;
    }
    if (this.pollVotes[row] < RHYTHM_POLLS) this.pollVotes[row]++;
    const last = this.lastPoll[row];
    this.lastPoll[row] = now;
    if (last === 0 || now < last) return;
    const interval = now - last;
    if (!this.#learned(row)) {
      const polls = this.polls[row];
      this.polls[row] = polls + 1;
      const delta = interval - this.meanInterval[row];
      this.meanInterval[row] += delta / (polls + 1);
      this.squares[row] += delta * (interval - this.meanInterval[row]);
      return;
    }
    const period = this.meanInterval[row];
    if (interval >= period / 2 && interval <= period * 2) {
      this.offPolls[row] = 0;
      return;
    }
    // Whoever calls a device that has stopped answering waits longer: that is no rhythm of its own.
    if (unanswered > UNANSWERED_LIMIT && this.responses[row] > 0) return;
    if (++this.offPolls[row] === this.offPollsLimit && this.rhythm(row) > 0) this.#listener.offRhythm(row, period, interval);
  }

  /** Another operation has more requests: its rhythm is learned from now on. */
  #pollWith(row: number, code: number, now: number): void {
    this.pollCode[row] = code;
    this.pollVotes[row] = 1;
    this.polls[row] = 0;
    this.lastPoll[row] = now;
    this.meanInterval[row] = 0;
    this.squares[row] = 0;
  }

  #learned(row: number): boolean {
    const polls = this.polls[row];
    return polls >= RHYTHM_POLLS && polls * this.meanInterval[row] >= RHYTHM_SECONDS;
  }

  /** The learned period of a connection in seconds; 0 when it has none. */
  rhythm(row: number): number {
    if (!this.#learned(row)) return 0;
    const period = this.meanInterval[row];
    const deviation = Math.sqrt(this.squares[row] / this.polls[row]);
    return period > 0 && deviation < RHYTHM_VARIATION * period ? period : 0;
  }

  /** Every counted operation, with the row of its connection. */
  forEachOperation(visit: (row: number, protocol: number, code: number, role: number, count: number) => void): void {
    this.#operations.forEach(visit);
  }
}
