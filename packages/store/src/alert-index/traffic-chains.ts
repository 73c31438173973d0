/**
 * Alerts by the number of their traffic. What an alert reports never changes, so opening and closing cost nothing here:
 * whoever asks looks at the status of what is found.
 *
 * A table of chains: a slot leads to the one before it with the same place in the table. About 16 bytes for each alert.
 */

const NONE = -1;

export class TrafficChains {
  /** The newest slot of each place; twice as many places as slots, a power of two. */
  #newest = new Int32Array(2048).fill(NONE);
  #before = new Int32Array(1024);

  /** Takes in the next slot. `traffic` holds the number of every slot. */
  add(slot: number, traffic: Float64Array): void {
    if (slot >= this.#before.length) return this.rebuild(slot + 1, traffic);
    this.#link(slot, traffic[slot]);
  }

  /** Slots with a number, the newest first. */
  *of(number: number, traffic: Float64Array): Iterable<number> {
    for (let slot = this.#newest[this.#placeOf(number)]; slot !== NONE; slot = this.#before[slot]) if (traffic[slot] === number) yield slot;
  }

  /** Takes in the first `size` slots anew. */
  rebuild(size: number, traffic: Float64Array): void {
    while (this.#before.length < size) this.#before = new Int32Array(this.#before.length * 2);
    this.#newest = new Int32Array(this.#before.length * 2).fill(NONE);
    for (let slot = 0; slot < size; slot++) this.#link(slot, traffic[slot]);
  }

  #link(slot: number, number: number): void {
    const place = this.#placeOf(number);
    this.#before[slot] = this.#newest[place];
    this.#newest[place] = slot;
  }

  /** The numbers are hashes: their low bits are as good as any. */
  #placeOf(number: number): number {
    return number % this.#newest.length;
  }
}
