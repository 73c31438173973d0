/**
 * Where every operation of the hub is written down: into the journal of the partition it concerns, and from there to those
 * who follow. Refusals that come in floods are folded into one record each second.
 */
import type { HubOperation, HubOperationConsumer } from '@annunciator/rules/hub-operation';
import { partitionOf } from '../identity/partition.ts';
import type { Journal } from '../journal/journal.ts';
import type { TelemetryEvent } from '../journal/record.ts';

/** Refusals written one by one in a second; what comes beyond is folded. */
const SINGLE_REFUSALS = 200;
/** Different floods told apart in a second; the rest is told without a device. */
const MOST_FOLDS = 1000;
const FOLD_MS = 1000;

export class Operations {
  readonly #journals: readonly Journal[];
  readonly #folded = new Map<string, { operation: HubOperation; count: number }>();
  #second = 0;
  #refusals = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #stopListening: (() => void)[];

  /** The consumers follow from now on; what they missed is played to them first by {@link catchUp}. */
  constructor(journals: readonly Journal[], consumers: readonly HubOperationConsumer[]) {
    this.#journals = journals;
    this.#stopListening = journals.map((journal, partition) =>
      journal.listen((records) => {
        for (const consumer of consumers) consumer.accept(partition, records);
      }),
    );
  }

  /** Plays to each consumer what was recorded since it last looked. Call before anything is accepted. */
  static async catchUp(journals: readonly Journal[], consumers: readonly HubOperationConsumer[]): Promise<void> {
    for (const consumer of consumers)
      for (const [partition, journal] of journals.entries()) {
        const from = consumer.resumeAt(partition);
        if (from !== null) for await (const record of journal.read(from)) consumer.accept(partition, [record]);
        consumer.begins?.(partition, journal.end);
      }
  }

  /** Writes an operation down; durable when the promise resolves. @throws HubError StorageFull, ServiceUnavailable */
  async record(operation: HubOperation): Promise<void> {
    if (operation.result === 'refused' && this.#isFlood(operation)) return;
    await this.#append(operation);
  }

  /** Writes a message from a device down with its operation. */
  async recordEvent(operation: HubOperation, event: Omit<TelemetryEvent, 'sequenceNumber'>): Promise<void> {
    const journal = this.#journalOf(operation.deviceId);
    const { stamp, system, application, body } = event;
    await journal.append({ operation, event: { sequenceNumber: journal.takeSequence(), stamp, system, application, body } });
  }

  #append(operation: HubOperation): Promise<unknown> {
    return this.#journalOf(operation.deviceId).append({ operation, event: null });
  }

  /** Operations that concern no device are kept in the first partition. */
  #journalOf(deviceId: string | null): Journal {
    return this.#journals[deviceId === null ? 0 : partitionOf(deviceId, this.#journals.length)];
  }

  #isFlood(operation: HubOperation): boolean {
    const second = Math.floor(operation.time / FOLD_MS);
    if (second !== this.#second) {
      this.#second = second;
      this.#refusals = 0;
    }
    this.#refusals += operation.count;
    if (this.#refusals <= SINGLE_REFUSALS) return false;
    const full = this.#folded.size >= MOST_FOLDS;
    const { category, operation: name, statusCode, reason, deviceId, moduleId, protocol } = operation;
    const key = JSON.stringify([category, name, statusCode, reason, protocol, ...(full ? [] : [deviceId, moduleId])]);
    const fold = this.#folded.get(key);
    if (fold) fold.count += operation.count;
    else this.#folded.set(key, { operation: full ? { ...operation, deviceId: null, moduleId: null } : operation, count: operation.count });
    this.#timer ??= setTimeout(() => this.#unfold(), FOLD_MS);
    return true;
  }

  #unfold(): void {
    this.#timer = undefined;
    const folds = [...this.#folded.values()];
    this.#folded.clear();
    // When the disk is full there is nowhere to tell it.
    for (const { operation, count } of folds) this.#append({ ...operation, count }).catch(() => {});
  }

  /** Writes down what is still folded. */
  close(): void {
    clearTimeout(this.#timer);
    this.#unfold();
    for (const stop of this.#stopListening) stop();
  }
}
