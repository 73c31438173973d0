/** Messages of devices as back ends read them: by partition, from a place, in order, and on as new ones come. */
import { needRight, type ServiceCaller } from '../authentication/caller.ts';
import { HubError } from '../hub-error.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalPosition, TelemetryEvent } from '../journal/record.ts';
import type { HubContext } from './context.ts';

/** Where to begin. An offset is the place of a message; `after` leaves out the message that stands there. */
export type EventStart =
  | { readonly from: 'earliest' | 'latest' }
  | { readonly from: 'offset'; readonly offset: number; readonly after: boolean }
  | { readonly from: 'sequence'; readonly sequence: number; readonly after: boolean }
  /** Milliseconds since 1970. */
  | { readonly from: 'time'; readonly time: number; readonly after: boolean };

export interface ReadEvent {
  readonly event: TelemetryEvent;
  readonly offset: JournalPosition;
  /** When the hub accepted it, milliseconds since 1970. */
  readonly enqueued: number;
}

export interface PartitionInfo {
  readonly partition: number;
  readonly firstSequence: number;
  /** 0 when there was no message yet. */
  readonly lastSequence: number;
  readonly lastOffset: JournalPosition;
  readonly lastEnqueued: number;
  readonly isEmpty: boolean;
}

export class EventFeed {
  readonly #context: HubContext;
  readonly #journals: readonly Journal[];
  /** Readers that insist, by partition and consumer group. */
  readonly #owners = new Map<string, { readonly epoch: number; readonly stolen: () => void }>();
  readonly #last: { offset: JournalPosition; enqueued: number }[];

  constructor(context: HubContext, journals: readonly Journal[]) {
    this.#context = context;
    this.#journals = journals;
    this.#last = journals.map(() => ({ offset: 0, enqueued: 0 }));
    journals.forEach((journal, partition) =>
      journal.listen((records) => {
        const newest = records.findLast(({ event }) => event);
        if (newest) this.#last[partition] = { offset: newest.position, enqueued: newest.operation.time };
      }),
    );
  }

  get partitions(): number {
    return this.#journals.length;
  }

  /** Records that a back end begins to read. @throws HubError IotHubUnauthorized, NotFound */
  async open(caller: ServiceCaller, partition: number): Promise<void> {
    await this.#context.perform(caller, { category: 'DeviceTelemetry', operation: 'read', target: null }, () => {
      needRight(caller, 'ServiceConnect', null);
      this.#journal(partition);
    });
  }

  /**
   * A reader that insists on a partition ends those that insist less.
   * @param epoch how much it insists, null for not at all
   * @param stolen called when another takes the partition
   * @returns to be called when the reader ends
   * @throws HubError LinkCreationConflict when another insists more
   */
  claim(partition: number, consumerGroup: string, epoch: number | null, stolen: () => void): () => void {
    const key = `${partition}/${consumerGroup.toLowerCase()}`;
    const present = this.#owners.get(key);
    if (present && (epoch === null || epoch < present.epoch))
      throw new HubError(
        'LinkCreationConflict',
        `A reader with epoch ${present.epoch} reads partition ${partition} for ${consumerGroup.slice(0, 60)}.`,
      );
    if (epoch === null) return () => {};
    present?.stolen();
    const owner = { epoch, stolen };
    this.#owners.set(key, owner);
    return () => {
      if (this.#owners.get(key) === owner) this.#owners.delete(key);
    };
  }

  #journal(partition: number): Journal {
    const journal = this.#journals[partition];
    if (journal) return journal;
    throw new HubError('NotFound', `There is no partition ${partition}; there are 0 to ${this.#journals.length - 1}.`);
  }

  /** @throws HubError IotHubUnauthorized, NotFound */
  info(caller: ServiceCaller, partition: number): PartitionInfo {
    needRight(caller, 'ServiceConnect', null);
    const { first, next } = this.#journal(partition).sequences;
    const { offset, enqueued } = this.#last[partition];
    return { partition, firstSequence: first, lastSequence: next - 1, lastOffset: offset, lastEnqueued: enqueued, isEmpty: first === next };
  }

  /** Where a reader that begins so reads first. What is to be left out is told by `skip`. */
  async place(partition: number, start: EventStart): Promise<{ position: JournalPosition; skip: (read: ReadEvent) => boolean }> {
    const journal = this.#journal(partition);
    switch (start.from) {
      case 'earliest':
        return { position: journal.begin, skip: () => false };
      case 'latest':
        return { position: journal.end, skip: () => false };
      case 'offset':
        return {
          position: await journal.recordAt(start.offset),
          skip: ({ offset }) => offset < start.offset || (start.after && offset === start.offset),
        };
      case 'sequence':
        return {
          position: journal.positionBefore(start.sequence),
          skip: ({ event: { sequenceNumber } }) => sequenceNumber < start.sequence || (start.after && sequenceNumber === start.sequence),
        };
      case 'time':
        return {
          position: await journal.positionBeforeTime(start.time),
          skip: ({ enqueued }) => enqueued < start.time || (start.after && enqueued === start.time),
        };
    }
  }

  /** Messages from a position up to the present end; the last value tells where to go on. */
  async *read(partition: number, from: JournalPosition): AsyncGenerator<{ read: ReadEvent | null; next: JournalPosition }> {
    for await (const { event, operation, position, next } of this.#journal(partition).read(from))
      yield { read: event ? { event, offset: position, enqueued: operation.time } : null, next };
  }

  /** Calls `look` when a partition has more. */
  onMore(partition: number, look: () => void): () => void {
    return this.#journal(partition).listen(look);
  }
}
