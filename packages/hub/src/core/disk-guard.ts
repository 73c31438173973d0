/** Stops acceptance before the disk is full, so that what was accepted can always be finished. */
import { statfs } from 'node:fs/promises';
import { HubError } from '../hub-error.ts';

const LOOK_MS = 1000;

export class DiskGuard {
  readonly #directory: string;
  readonly #reserve: number;
  #free = Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** @param reserve bytes that must stay free, 0 for no look at all */
  constructor(directory: string, reserve: number) {
    this.#directory = directory;
    this.#reserve = reserve;
  }

  async start(): Promise<void> {
    if (this.#reserve === 0) return;
    await this.look();
    this.#timer = setInterval(() => void this.look().catch(() => {}), LOOK_MS).unref();
  }

  /** Measures the free space now. */
  async look(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#directory);
    this.#free = bavail * bsize;
  }

  /** @throws HubError StorageFull */
  check(): void {
    if (this.#free >= this.#reserve) return;
    throw new HubError(
      'StorageFull',
      `The disk of the hub has ${Math.floor(this.#free / 2 ** 20)} MiB free and keeps ${Math.floor(this.#reserve / 2 ** 20)} MiB in reserve: free some space.`,
    );
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
