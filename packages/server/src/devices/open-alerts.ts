/**
 * Keeps how many alerts are open at each device in the inventory, so that lists and the map filter, sort and colour by it.
 * Counting anew follows every change within about a second, and takes a small part of the time however many alerts there are.
 */
import type { AlertDesk } from '../alerts/alert-desk.ts';
import type { DeviceDesk } from './device-desk.ts';

/** Milliseconds between a change and the count at least. */
const PAUSE = 1000;
/** The count rests for so many times as long as it took. */
const REST = 20;

export interface OpenAlertsOptions {
  readonly alerts: Pick<AlertDesk, 'live'> & { readonly store: Pick<AlertDesk['store'], 'openByDevice'> };
  readonly devices: Pick<DeviceDesk, 'subscribe' | 'inventory'>;
  /** Told of a count that failed; the next change counts again. */
  readonly log?: (line: string) => void;
}

export class OpenAlerts {
  readonly #options: OpenAlertsOptions;
  readonly #stops: (() => void)[];
  #timer: NodeJS.Timeout | undefined;
  #counting: Promise<void> = Promise.resolve();
  #took = 0;
  #stopped = false;

  constructor(options: OpenAlertsOptions) {
    this.#options = options;
    this.#stops = [
      options.alerts.live.subscribe({ alerts: () => this.#soon(), job: () => undefined }),
      options.devices.subscribe(() => this.#soon()),
    ];
    this.#soon();
  }

  /** Counts now. Resolves when the inventory has it. */
  count(): Promise<void> {
    this.#counting = this.#counting.then(() => this.#count());
    return this.#counting;
  }

  /** Counts no more. Resolves when a count that is under way is over. */
  stop(): Promise<void> {
    this.#stopped = true;
    for (const stop of this.#stops) stop();
    clearTimeout(this.#timer);
    return this.#counting;
  }

  #soon(): void {
    if (this.#timer || this.#stopped) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.count();
      },
      Math.max(PAUSE, this.#took * REST),
    ).unref();
  }

  async #count(): Promise<void> {
    const { alerts, devices, log } = this.#options;
    const start = performance.now();
    try {
      await devices.inventory.devices.countAlerts(await alerts.store.openByDevice());
    } catch (error) {
      log?.(`Open alerts of devices could not be counted: ${String(error)}.`);
    }
    this.#took = performance.now() - start;
  }
}
