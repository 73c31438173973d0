/**
 * Token buckets, one for each kind of operation. Work over the rate first waits its turn; when the queue would be longer
 * than a few seconds it is refused (IoT Hub, traffic shaping).
 */
import { HubError } from '../hub-error.ts';
import type { Rate, ThrottledOperation, ThrottleRates } from './limits.ts';

/** Work waits at most so long before it is refused, milliseconds. */
const LONGEST_WAIT = 2000;

class Bucket {
  readonly #rate: Rate;
  /** What may be done at once; below zero work already waits. */
  #tokens: number;
  #filled: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.amount;
    this.#filled = now;
  }

  /** Milliseconds to wait, or undefined when it would be too long. */
  take(amount: number, now: number): number | undefined {
    const perMs = this.#rate.amount / (this.#rate.seconds * 1000);
    // A clock that was set back gives nothing and takes nothing.
    this.#tokens = Math.min(this.#rate.amount, this.#tokens + Math.max(0, now - this.#filled) * perMs);
    this.#filled = now;
    const wait = Math.max(0, Math.ceil((amount - this.#tokens) / perMs));
    if (wait > LONGEST_WAIT) return undefined;
    this.#tokens -= amount;
    return wait;
  }
}

export class Throttle {
  readonly #buckets = new Map<ThrottledOperation, Bucket>();
  readonly #clock: () => number;

  /** @param rates null for none */
  constructor(rates: ThrottleRates | null, clock: () => number) {
    this.#clock = clock;
    // The record's keys are the operations.
    for (const [operation, rate] of Object.entries(rates ?? {}) as [ThrottledOperation, Rate][])
      this.#buckets.set(operation, new Bucket(rate, clock()));
  }

  /**
   * How long the work must wait, milliseconds; 0 mostly.
   * @throws HubError ThrottlingException when too much waits already
   */
  delay(operation: ThrottledOperation, amount = 1): number {
    const bucket = this.#buckets.get(operation);
    if (!bucket) return 0;
    const wait = bucket.take(amount, this.#clock());
    if (wait !== undefined) return wait;
    throw new HubError(
      'ThrottlingException',
      `More ${WORDS[operation]} than the hub's rate allows: wait some seconds, then go on more slowly.`,
    );
  }

  /** Waits for the turn. @throws HubError ThrottlingException */
  async pass(operation: ThrottledOperation, amount = 1): Promise<void> {
    const wait = this.delay(operation, amount);
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

const WORDS: Readonly<Record<ThrottledOperation, string>> = {
  connections: 'new connections',
  deviceMessages: 'messages from devices',
  cloudMessages: 'messages to devices',
  httpReceives: 'receives over HTTPS',
  registry: 'registry operations',
  twinReads: 'twin reads',
  twinUpdates: 'twin updates',
  queries: 'queries',
  directMethods: 'direct methods',
  fileUploads: 'file uploads',
  jobs: 'jobs',
};
