/** Feedback and file notifications on their way to back ends that listen. */
import { needRight, type ServiceCaller } from '../authentication/caller.ts';
import type { Notice, NoticeKind } from '../state/notices.ts';
import type { Deed, HubContext } from './context.ts';

const LOOK_MS = 1000;
/** Feedback records in one message (IoT Hub, message feedback). */
const FEEDBACK_TOGETHER = 64;

/** Notices that a back end has and must settle. */
export interface TakenNotices {
  readonly kind: NoticeKind;
  readonly partition: number;
  readonly holder: string;
  readonly notices: readonly Notice[];
}

export class NoticeFeed {
  readonly #context: HubContext;
  readonly #listeners = new Map<() => void, NoticeKind>();
  readonly #timer: NodeJS.Timeout;

  constructor(context: HubContext) {
    this.#context = context;
    this.#timer = setInterval(() => {
      for (const look of this.#listeners.keys()) look();
    }, LOOK_MS);
    this.#timer.unref();
  }

  /** Calls `look` when there may be something to take. */
  listen(kind: NoticeKind, look: () => void): () => void {
    this.#listeners.set(look, kind);
    return () => this.#listeners.delete(look);
  }

  /** Something of a kind was added. */
  look(kind: NoticeKind): void {
    for (const [look, wanted] of this.#listeners) if (wanted === kind) look();
  }

  /** The next message for a back end: a batch of feedback, or one file. Undefined when there is none yet. @throws HubError */
  async take(caller: ServiceCaller, kind: NoticeKind, holder: string): Promise<TakenNotices | undefined> {
    needRight(caller, 'ServiceConnect', null);
    const now = this.#context.clock();
    for (let partition = 0; partition < this.#context.state.partitions; partition++) {
      const { count, oldest } = await this.#context.state.ask(partition, 'waitingNotices', { kind, now });
      const ripe = kind === 'file' || count >= FEEDBACK_TOGETHER || oldest + this.#context.limits.feedbackDelayMs <= now;
      if (count === 0 || !ripe) continue;
      const limit = kind === 'file' ? 1 : FEEDBACK_TOGETHER;
      const notices = await this.#context.state.ask(partition, 'takeNotices', { kind, holder, limit, now });
      if (notices.length === 0) continue;
      const deed: Deed =
        kind === 'file'
          ? { category: 'FileUploadOperations', operation: 'receiveNotification', target: null }
          : { category: 'C2DCommands', operation: 'receiveFeedback', target: null };
      await this.#context.operations.record(this.#context.describe(caller, deed, null, now));
      return { kind, partition, holder, notices };
    }
    return undefined;
  }

  /** Ends what a back end took, or puts it back. */
  async settle(taken: TakenNotices, done: boolean): Promise<void> {
    const sequences = taken.notices.map(({ sequence }) => sequence);
    await this.#context.state.ask(taken.partition, 'settleNotices', { sequences, holder: taken.holder, done });
    if (!done) this.look(taken.kind);
  }

  /** A back end that had some has gone. */
  async release(holder: string): Promise<void> {
    await this.#context.askAll('releaseNotices', { holder });
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
