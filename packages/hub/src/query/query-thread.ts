/** Queries and lists of devices as the hub asks for them. The thread starts with the first one. */
import { Worker } from 'node:worker_threads';
import { HubError, type HubErrorName } from '../hub-error.ts';
import type { DeviceList, DeviceQuestion } from './device-list.ts';
import type { QueryPage } from './twin-query.ts';

export interface TwinQuestion {
  readonly text: string;
  readonly pageSize: number;
  readonly continuation: string | null;
}

export type QueryRequest =
  | { readonly id: number; readonly kind: 'twins'; readonly question: TwinQuestion }
  | { readonly id: number; readonly kind: 'devices'; readonly question: DeviceQuestion };

export type QueryReply =
  | { readonly id: number; readonly answer: QueryPage | DeviceList }
  | { readonly id: number; readonly code: HubErrorName; readonly message: string };

/** Queries that may wait for their turn. */
const MOST_WAITING = 100;

export class QueryThread {
  readonly #directory: string;
  readonly #partitions: number;
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, { resolve: (answer: QueryPage | DeviceList) => void; reject: (error: HubError) => void }>();
  #lastId = 0;

  constructor(directory: string, partitions: number) {
    this.#directory = directory;
    this.#partitions = partitions;
  }

  /** @throws HubError QueryStoreInvalidQuery, ArgumentInvalid, GatewayTimeout, ServiceUnavailable */
  run(text: string, pageSize: number, continuation: string | null): Promise<QueryPage> {
    // The thread answers each kind of question with its kind of page.
    return this.#ask((id) => ({ id, kind: 'twins', question: { text, pageSize, continuation } })) as Promise<QueryPage>;
  }

  /** @throws HubError ServiceUnavailable */
  devices(question: DeviceQuestion): Promise<DeviceList> {
    return this.#ask((id) => ({ id, kind: 'devices', question })) as Promise<DeviceList>;
  }

  #ask(requestOf: (id: number) => QueryRequest): Promise<QueryPage | DeviceList> {
    if (this.#waiting.size >= MOST_WAITING)
      return Promise.reject(new HubError('ServiceUnavailable', `${MOST_WAITING} queries wait already: try again in a moment.`));
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage(requestOf(id));
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./query-worker.ts', import.meta.url), {
      workerData: { directory: this.#directory, partitions: this.#partitions },
      name: 'hub-queries',
    });
    worker.on('message', (reply: QueryReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if ('answer' in reply) waiting?.resolve(reply.answer);
      else waiting?.reject(new HubError(reply.code, reply.message));
    });
    const end = (why: string): void => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(new HubError('ServerError', `The query ended: ${why}.`));
      this.#waiting.clear();
    };
    worker.on('error', (error) => end(error.message));
    worker.on('exit', () => end('the hub is stopping'));
    return worker;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage('close');
    await exited;
  }
}
