/**
 * Where the last packets are: a ring by frame number, each packet linked to the one before it in its flow.
 *
 * Hot code: `add` runs for every packet and allocates nothing.
 */

/** Packets that are remembered when nothing else is said (20 MiB): a minute at 17,000 packets a second. */
const PACKETS = 1 << 20;
const WIDTH = 4;
/** Columns: the low half of the frame number, how many frames back the flow's packet before is (0: none), second, flow row. */
const Column = { FRAME: 0, BACK: 1, SECOND: 2, ROW: 3 } as const;

export class PacketIndex {
  readonly #mask: number;
  readonly #columns: Int32Array;
  readonly #positions: Float64Array;
  /** Frame of the last packet of each flow row, 0 when there is none. */
  #heads = new Float64Array(1024);
  #newest = 0;

  /** @param packets how many are remembered, rounded up to a power of two */
  constructor(packets = PACKETS) {
    const size = 2 ** Math.ceil(Math.log2(packets));
    this.#mask = size - 1;
    this.#columns = new Int32Array(size * WIDTH);
    this.#positions = new Float64Array(size);
  }

  /**
   * Adds a packet. Frames come in ascending order.
   * @param position of its record in the segments, -1 when it was not kept
   * @param row of its flow, -1 without one; `begins` when the row was made for this packet
   */
  add(frame: number, position: number, second: number, row: number, begins: boolean): void {
    const slot = frame & this.#mask;
    const at = slot * WIDTH;
    const columns = this.#columns;
    let back = 0;
    if (row >= 0) {
      if (row >= this.#heads.length) this.#grow(row);
      const before = this.#heads[row];
      if (!begins && before > 0 && frame - before <= this.#mask) back = frame - before;
      this.#heads[row] = frame;
    }
    columns[at] = frame | 0;
    columns[at + Column.BACK] = back;
    columns[at + Column.SECOND] = second;
    columns[at + Column.ROW] = row;
    this.#positions[slot] = position;
    this.#newest = frame;
  }

  /** Frame number of the last packet added. */
  get newest(): number {
    return this.#newest;
  }

  /** The packet is remembered, and was kept. */
  has(frame: number): boolean {
    return this.#knows(frame) && this.#positions[frame & this.#mask] >= 0;
  }

  /** Position of the packet's record; only for frames that are there. */
  position(frame: number): number {
    return this.#positions[frame & this.#mask];
  }

  /** Second of the packet, since 1970; only for frames that are there. */
  second(frame: number): number {
    return this.#columns[(frame & this.#mask) * WIDTH + Column.SECOND] >>> 0;
  }

  /** The packet of the same flow before this one; 0 when there is none or it is forgotten. */
  before(frame: number): number {
    const back = this.#columns[(frame & this.#mask) * WIDTH + Column.BACK];
    return back > 0 && this.#knows(frame - back) ? frame - back : 0;
  }

  /** The last packet in the flow of this one; 0 when it has none. Its row may serve another flow by now: see `after`. */
  #head(frame: number): number {
    const row = this.#columns[(frame & this.#mask) * WIDTH + Column.ROW];
    return row < 0 ? 0 : this.#heads[row];
  }

  /** Later packets of the flow of this one, in order, up to a second. */
  after(frame: number, untilSecond: number): number[] {
    const later: number[] = [];
    let at = this.#head(frame);
    while (at > frame) {
      if (!this.#knows(at)) return [];
      if (this.second(at) <= untilSecond) later.push(at);
      at = this.before(at);
    }
    // The chain of the row leads elsewhere: the flow has ended, and its row was given to another.
    return at === frame ? later.reverse() : [];
  }

  #knows(frame: number): boolean {
    return (
      frame > 0 &&
      frame <= this.#newest &&
      this.#newest - frame <= this.#mask &&
      this.#columns[(frame & this.#mask) * WIDTH] === (frame | 0)
    );
  }

  #grow(row: number): void {
    const heads = new Float64Array(2 ** Math.ceil(Math.log2(row + 1)));
    heads.set(this.#heads);
    this.#heads = heads;
  }
}
