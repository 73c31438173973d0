/** Packets that a network card lost before the kernel saw them, as the kernel counts them for the interface. */
import { readFileSync } from 'node:fs';

/** No buffer was free when a packet came in (Documentation/ABI/testing/sysfs-class-net-statistics). */
const COUNTERS = ['rx_missed_errors', 'rx_fifo_errors', 'rx_over_errors'];

export class CardDrops {
  readonly #name: string;
  readonly #before: number | null;

  /** Counts from now on. */
  constructor(name: string) {
    this.#name = name;
    this.#before = this.#read();
  }

  /** Null where the kernel does not show the interface. */
  count(): number | null {
    const now = this.#read();
    return now === null || this.#before === null ? null : Math.max(0, now - this.#before);
  }

  #read(): number | null {
    try {
      return COUNTERS.reduce((sum, counter) => sum + Number(readFileSync(`/sys/class/net/${this.#name}/statistics/${counter}`, 'utf8')), 0);
    } catch {
      return null;
    }
  }
}
