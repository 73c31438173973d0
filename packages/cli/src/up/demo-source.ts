/** The simulated plant as a capture that grows while it is read: the sensor reads it through the same path as a network. */
import type { ByteSource } from '@annunciator/packet/capture/byte-source';
import { pcapHeader, pcapRecord } from '@annunciator/testkit/pcap-writer';
import { PlantFeed } from '@annunciator/testkit/plant-feed';

/** Milliseconds between two looks at what is due. */
const PACE = 100;
/** Packets written into one read at most. */
const MOST = 2000;

/** Pace of the plant while it is quiet: its twenty minutes of learning pass in ten seconds. */
const LEARNING_SPEED = 120;
/** Quiet seconds before the incidents when the sensor knows the plant already. */
const KNOWN_PLANT_QUIET = 60;

export class DemoSource implements ByteSource {
  readonly eager = false;
  readonly damage = null;
  /** Packet time at which the incidents begin to be due, seconds since 1970: learning ends here. */
  readonly learningEnds: number;
  readonly #feed: PlantFeed;
  #left: Uint8Array = pcapHeader({ resolution: 'nano' });
  #closed = false;
  #wake: (() => void) | undefined;

  /** @param known the sensor has learned this plant before: the incidents come soon. */
  constructor(known: boolean) {
    this.#feed = new PlantFeed({
      now: Date.now(),
      learningSpeed: LEARNING_SPEED,
      ...(known ? { learning: KNOWN_PLANT_QUIET } : {}),
    });
    this.learningEnds = this.#feed.learningEnds;
  }

  async read(bytes: Uint8Array, at: number): Promise<number> {
    while (this.#left.length === 0) {
      if (this.#closed) return 0;
      const records = [...this.#feed.due(Date.now(), MOST)].map((packet) => pcapRecord(packet, { resolution: 'nano' }));
      this.#left = Buffer.concat(records);
      if (this.#left.length > 0) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, PACE);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const count = Math.min(this.#left.length, bytes.length - at);
    bytes.set(this.#left.subarray(0, count), at);
    this.#left = this.#left.subarray(count);
    return count;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
  }
}
