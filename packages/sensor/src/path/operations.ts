/**
 * How often each connection carried each operation. Hot code: `count` runs for each message and allocates nothing. A
 * connection repeats few operations, so the last ones stand beside each other in a few cache lines per connection and are counted
 * there; the table of all is asked only when another one takes the place, and when somebody wants to know.
 */
import type { Role } from '@annunciator/protocols/facts';
import { Tuples } from '@annunciator/packet/tables/tuples';

const MAX_OPERATIONS = 1 << 18;
/** Places of a connection, and the numbers of a place: protocol and role, code, messages since it took the place, row of the operation + 1. */
const PLACES = 16;
const PLACE = 4;
const LINE = PLACES * PLACE;
const LINE_SHIFT = 6;
const PLACE_SHIFT = 2;
/** A place that has counted so many is emptied into the table. */
const MOST = 2 ** 30;

export class Operations {
  /** Operations that found no place; they are not counted. */
  refused = 0;
  readonly #table = new Tuples(MAX_OPERATIONS);
  /** By row of the table, without those that stand in places. */
  #counts = new Float64Array(64);
  /** A line of places by number of the line; line 0 belongs to nobody. */
  #lines = new Int32Array(16 * LINE);

  /** Makes room for a line. */
  reserve(line: number): void {
    if ((line + 1) * LINE <= this.#lines.length) return;
    const wider = new Int32Array(this.#lines.length * 2);
    wider.set(this.#lines);
    this.#lines = wider;
  }

  /** Counts one message. True when the operation is new on this connection, whose line (`Connections.line`) has this number. */
  count(line: number, connection: number, protocol: number, code: number, role: Role): boolean {
    const lines = this.#lines;
    const kind = (protocol << 2) | role;
    const place = (((protocol ^ code ^ (code >> 8)) << 1) | (role & 1)) & (PLACES - 1);
    const at = ((line << LINE_SHIFT) + (place << PLACE_SHIFT)) | 0;
    if (lines[at] === kind && lines[(at + 1) | 0] === code && lines[(at + 2) | 0] < MOST) {
      lines[(at + 2) | 0]++;
      return false;
    }
    return this.#countOther(line, at, connection, kind, code);
  }

  #countOther(line: number, at: number, connection: number, kind: number, code: number): boolean {
    let row = this.#table.find(connection, kind >> 2, code, kind & 3, 0);
    const isNew = row < 0;
    if (isNew) row = this.#table.insert(connection, kind >> 2, code, kind & 3, 0);
    if (row < 0) {
      this.refused++;
      return isNew;
    }
    if (row >= this.#counts.length) this.#growCounts();
    if (line === 0) {
      this.#counts[row]++;
      return isNew;
    }
    const lines = this.#lines;
    if (lines[at + 3] !== 0) this.#counts[lines[at + 3] - 1] += lines[at + 2];
    lines[at] = kind;
    lines[at + 1] = code;
    lines[at + 2] = 1;
    lines[at + 3] = row + 1;
    return isNew;
  }

  /** Every operation with its connection, in the order in which they were first seen. */
  forEach(visit: (connection: number, protocol: number, code: number, role: number, count: number) => void): void {
    const lines = this.#lines;
    for (let at = 0; at < lines.length; at += PLACE) {
      if (lines[at + 3] === 0) continue;
      this.#counts[lines[at + 3] - 1] += lines[at + 2];
      lines[at + 2] = 0;
    }
    this.#table.forEach((row, connection, protocol, code, role) => visit(connection, protocol, code, role, this.#counts[row]));
  }

  #growCounts(): void {
    const wider = new Float64Array(this.#counts.length * 2);
    wider.set(this.#counts);
    this.#counts = wider;
  }
}
