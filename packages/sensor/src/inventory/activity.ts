/**
 * How much each party has sent, and when it sent last. Hot code: `heard` runs for each packet. A row of four integers holds all of a
 * party in one cache line.
 */

/** Columns of a row, behind the packets that were not carried into the wide counts yet. */
const Column = { SECONDS: 1, NANOSECONDS: 2 } as const;
const ROW_SHIFT = 2;

export class Activity {
  #rows = new Int32Array(64 << ROW_SHIFT);
  /** Packets that were carried out of the rows. */
  readonly #carried = new Map<number, number>();
  readonly #most: number;

  /** @param most packets that a row counts before they are carried: what an integer holds, less in tests */
  constructor(most = 2 ** 30) {
    this.#most = most;
  }

  /** Makes room for a party. */
  reserve(party: number): void {
    if ((party + 1) << ROW_SHIFT <= this.#rows.length) return;
    const wider = new Int32Array(this.#rows.length * 2);
    wider.set(this.#rows);
    this.#rows = wider;
  }

  /** Counts a packet that a party sent. */
  heard(party: number, seconds: number, nanoseconds: number): void {
    const rows = this.#rows;
    const at = party << ROW_SHIFT;
    const packets = (rows[at] + 1) | 0;
    rows[at] = packets;
    rows[(at + Column.SECONDS) | 0] = seconds;
    rows[(at + Column.NANOSECONDS) | 0] = nanoseconds;
    if (packets === this.#most) this.add(party, 0);
  }

  /** Counts packets that another party had sent before it became this one. */
  add(party: number, packets: number): void {
    this.#carried.set(party, this.packets(party) + packets);
    this.#rows[party << ROW_SHIFT] = 0;
  }

  /** What the party sent before no longer counts. */
  forget(party: number): void {
    this.#rows[party << ROW_SHIFT] = 0;
    this.#carried.delete(party);
  }

  packets(party: number): number {
    return this.#rows[party << ROW_SHIFT] + (this.#carried.get(party) ?? 0);
  }

  /** Time of the last packet: whole seconds since 1970, and nanoseconds within the second. */
  lastSeconds(party: number): number {
    return this.#rows[(party << ROW_SHIFT) + Column.SECONDS];
  }

  lastNanoseconds(party: number): number {
    return this.#rows[(party << ROW_SHIFT) + Column.NANOSECONDS];
  }
}
