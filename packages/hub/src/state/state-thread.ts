/** The state in a thread of its own, as the hub asks it. */
import { Worker } from 'node:worker_threads';
import { HubError, type HubErrorName } from '../hub-error.ts';
import { HUB, type StateRequest } from './database-files.ts';
import type { StateLimits } from './partition.ts';
import type { HubRequests, HubState, InputOf, PartitionRequests } from './requests.ts';

export interface StateSettings {
  readonly directory: string;
  readonly partitions: number;
  readonly limits: StateLimits;
  readonly now: number;
}

export type StateReply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly code: HubErrorName; readonly message: string };

/** Requests that may wait for the disk at once; more are refused rather than kept in memory. */
const MOST_WAITING = 20_000;

export class StateThread implements HubState {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  #lastId = 0;
  #ended: HubError | undefined;
  #partitions = 0;

  private constructor(settings: StateSettings) {
    this.#worker = new Worker(new URL('./state-worker.ts', import.meta.url), { workerData: settings, name: 'hub-state' });
    this.#worker.on('message', (reply: StateReply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#end(new HubError('ServerError', `The hub's state stopped: ${error.message}.`)));
    this.#worker.on('exit', () => this.#end(new HubError('ServiceUnavailable', 'The hub is stopping.')));
  }

  /** @throws HubError when the databases cannot be opened */
  static async open(settings: StateSettings): Promise<StateThread> {
    const thread = new StateThread(settings);
    // The first reply tells how many partitions there are.
    thread.#partitions = Number(await new Promise((resolve, reject) => thread.#waiting.set(0, { resolve, reject })));
    return thread;
  }

  get partitions(): number {
    return this.#partitions;
  }

  ask<Name extends keyof PartitionRequests>(
    partition: number,
    name: Name,
    input: InputOf<PartitionRequests[Name]>,
  ): Promise<ReturnType<PartitionRequests[Name]>> {
    // The thread runs the handler of that name, so its answer is of that type.
    return this.#send(partition, name, input) as Promise<ReturnType<PartitionRequests[Name]>>;
  }

  askHub<Name extends keyof HubRequests>(name: Name, input: InputOf<HubRequests[Name]>): Promise<ReturnType<HubRequests[Name]>> {
    return this.#send(HUB, name, input) as Promise<ReturnType<HubRequests[Name]>>;
  }

  #send(partition: number, name: string, input: object): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    if (this.#waiting.size >= MOST_WAITING)
      return Promise.reject(new HubError('ServiceUnavailable', 'The hub has too much to write: try again in a moment.'));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, partition, name, input } satisfies StateRequest);
    });
  }

  /** Finishes what was asked, then ends the thread. */
  async close(): Promise<void> {
    if (this.#ended) return;
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.postMessage('close');
    await exited;
  }

  #settle(reply: StateReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('code' in reply) waiting?.reject(new HubError(reply.code, reply.message));
    else waiting?.resolve(reply.answer);
  }

  #end(error: HubError): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
