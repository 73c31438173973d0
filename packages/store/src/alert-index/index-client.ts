/** The alert index as the main thread uses it. */
import { AskedThread } from '../asked-thread.ts';
import type { DecidedAlert } from './columns.ts';
import type { IndexAnswers, IndexedAlert, IndexQuestion, IndexQuestions } from './index-messages.ts';

export class IndexClient {
  readonly #thread: AskedThread<IndexQuestion>;
  /** Number of the last change that was in the database at the start. */
  readonly lastChange: number;

  private constructor(thread: AskedThread<IndexQuestion>) {
    this.#thread = thread;
    this.lastChange = Number(thread.opened);
  }

  /** Starts the thread of a data directory whose database is up to date; it is ready when it holds all alerts. */
  static async open(directory: string): Promise<IndexClient> {
    return new IndexClient(await AskedThread.open(new URL('./index-worker.ts', import.meta.url), directory, 'alert-index'));
  }

  ask<Kind extends keyof IndexQuestions>(kind: Kind, asked: IndexQuestions[Kind]): Promise<IndexAnswers[Kind]> {
    // A kind and what it asks belong together by the signature.
    return this.#thread.ask({ kind, asked } as IndexQuestion);
  }

  /** Tells what was saved; questions that are asked afterwards see it. */
  apply(alerts: readonly IndexedAlert[]): void {
    if (alerts.length > 0) this.#thread.tell({ kind: 'apply', alerts });
  }

  decide(alerts: readonly DecidedAlert[]): void {
    this.#thread.tell({ kind: 'decide', alerts });
  }

  remove(seqs: readonly number[]): void {
    this.#thread.tell({ kind: 'remove', seqs });
  }

  close(): Promise<void> {
    return this.#thread.close({ kind: 'close', asked: {} });
  }
}
