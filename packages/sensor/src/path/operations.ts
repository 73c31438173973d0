/**
 * How often each connection carried each operation. Hot code: `count` runs for each message and allocates nothing. A
 * connection repeats few operations, so the last ones stand beside each other in two cache lines per connection; the table
 * of all is asked only for others.
 */
import type { Role } from '@annunciator/protocols/facts';
import { Tuples } from '../baseline/tuples.ts';

const MAX_OPERATIONS = 1 << 18;
/** Places of a connection, and the numbers of a place: protocol, code, role, row of the operation + 1. */
const PLACES = 8;
const PLACE_WIDTH = 4;
const LINE = PLACES * PLACE_WIDTH;

export class Operations {
  /** Operations that found no place; they are not counted. */
  refused = 0;
  readonly #table = new Tuples(MAX_OPERATIONS);
  /** By row of the table. */
  #counts = new Int32Array(1024);
  /** A line of places by number of the line; line 0 belongs to nobody. */
  #recent = new Int32Array(256 * LINE);

  /** Counts one message. True when the operation is new on this connection, whose line (`Connections.line`) has this number. */
  count(line: number, connection: number, protocol: number, code: number, role: Role): boolean {
    const at = line * LINE + ((((protocol ^ code) << 1) | (role & 1)) & (PLACES - 1)) * PLACE_WIDTH;
    if (at >= this.#recent.length) this.#growRecent(line);
    const recent = this.#recent;
    if (recent[at] === protocol && recent[at + 1] === code && recent[at + 2] === role && recent[at + 3] !== 0) {
      this.#counts[recent[at + 3] - 1]++;
      return false;
    }
    let row = this.#table.find(connection, protocol, code, role, 0);
    const isNew = row < 0;
    if (isNew) row = this.#table.insert(connection, protocol, code, role, 0);
    if (row < 0) {
      this.refused++;
      return isNew;
    }
    if (row >= this.#counts.length) this.#growCounts();
    this.#counts[row]++;
    if (line === 0) return isNew;
    recent[at] = protocol;
    recent[at + 1] = code;
    recent[at + 2] = role;
    recent[at + 3] = row + 1;
    return isNew;
  }

  /** Every operation with its connection, in the order in which they were first seen. */
  forEach(visit: (connection: number, protocol: number, code: number, role: number, count: number) => void): void {
    this.#table.forEach((row, connection, protocol, code, role) => visit(connection, protocol, code, role, this.#counts[row]));
  }

  #growRecent(line: number): void {
    const wider = new Int32Array(Math.max(this.#recent.length * 2, (line + 1) * LINE));
    wider.set(this.#recent);
    this.#recent = wider;
  }

  #growCounts(): void {
    const wider = new Int32Array(this.#counts.length * 2);
    wider.set(this.#counts);
    this.#counts = wider;
  }
}
