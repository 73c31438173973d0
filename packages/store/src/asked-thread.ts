/** A worker thread that answers questions by number: SQLite's threads and the one of the alert index. */
import { Worker } from 'node:worker_threads';
import { type StoreCode, StoreError } from './store-error.ts';

/** What the thread posts: the answer to the question with this id, or why there is none. */
export type Reply<Answer> =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly code: StoreCode; readonly message: string };

/** Id of the reply that tells how opening went. */
export const OPENING = 0;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class AskedThread<Question extends { readonly kind: string }> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = OPENING;
  #closed: StoreError | undefined;
  /** What the thread told when it was ready. */
  opened: unknown;

  private constructor(script: URL, workerData: unknown, name: string) {
    this.#worker = new Worker(script, { workerData, name });
    this.#worker.on('message', (reply: Reply<unknown>) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#end(new StoreError('failed', `The store stopped: ${error.message}`)));
    this.#worker.on('exit', () => this.#end(new StoreError('closed', 'The store is closed.')));
  }

  /** Starts the thread and waits until it is ready. */
  static async open<Question extends { readonly kind: string }>(
    script: URL,
    workerData: unknown,
    name: string,
  ): Promise<AskedThread<Question>> {
    const thread = new AskedThread<Question>(script, workerData, name);
    thread.opened = await new Promise((resolve, reject) => thread.#waiting.set(OPENING, { resolve, reject }));
    return thread;
  }

  /** Asks and waits; the answer is what the protocol of the thread says for the kind of question. */
  ask<Answer>(question: Question): Promise<Answer> {
    if (this.#closed) return Promise.reject(this.#closed);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      // The thread answers as its protocol says.
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.#worker.postMessage({ ...question, id });
    });
  }

  /** Tells something that has no answer. */
  tell(message: object): void {
    if (!this.#closed) this.#worker.postMessage(message);
  }

  /** Ends the thread by its question `close`; what is under way is finished first. */
  async close(question: Question): Promise<void> {
    if (this.#closed) return;
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    const closing = this.ask(question);
    this.#closed = new StoreError('closed', 'The store is closed.');
    await closing;
    await exited;
  }

  #settle(reply: Reply<unknown>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('code' in reply) waiting?.reject(new StoreError(reply.code, reply.message));
    else waiting?.resolve(reply.answer);
  }

  #end(error: StoreError): void {
    this.#closed ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
