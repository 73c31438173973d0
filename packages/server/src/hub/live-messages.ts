/**
 * What devices sent just now, for pages that are open. It follows the hub and keeps the last messages in memory, so that a
 * page shows something at once and a page whose connection broke gets what it missed.
 */
import { randomUUID } from 'node:crypto';
import type { HubOperationConsumer, HubProtocol, RecordedOperation } from '@annunciator/rules/hub-operation';
import { bodyView, type BodyView } from './message-body.ts';

export interface LiveMessage {
  /** Grows with each message; the part before the dot tells one run of the hub from another. */
  readonly id: string;
  /** When the hub accepted it, ISO 8601. */
  readonly enqueued: string;
  readonly deviceId: string;
  readonly moduleId: string | null;
  readonly protocol: HubProtocol | null;
  readonly system: Readonly<Record<string, string>>;
  readonly application: Readonly<Record<string, string | null>>;
  readonly body: BodyView;
}

const KEPT_MESSAGES = 1000;
const KEPT_BYTES = 8 * 1024 * 1024;

interface Kept {
  readonly number: number;
  readonly bytes: number;
  readonly record: RecordedOperation;
}

export class LiveMessages implements HubOperationConsumer {
  readonly #run = randomUUID().slice(0, 8);
  readonly #listeners = new Set<(message: Kept) => void>();
  #kept: Kept[] = [];
  #bytes = 0;
  #last = 0;

  resumeAt(): null {
    return null;
  }

  accept(_partition: number, records: readonly RecordedOperation[]): void {
    for (const record of records) {
      if (!record.event || record.operation.deviceId === null) continue;
      const bytes = record.event.body.length;
      const kept = { number: ++this.#last, bytes, record };
      this.#kept.push(kept);
      this.#bytes += bytes;
      for (const listener of this.#listeners) listener(kept);
    }
    this.#forget();
  }

  /** Drops the oldest, many at a time: taking off one by one would move the rest with each message. */
  #forget(): void {
    if (this.#kept.length <= KEPT_MESSAGES * 2 && this.#bytes <= KEPT_BYTES) return;
    let from = Math.max(0, this.#kept.length - KEPT_MESSAGES);
    let bytes = 0;
    for (let at = this.#kept.length - 1; at >= from; at--) {
      bytes += this.#kept[at]?.bytes ?? 0;
      if (bytes > KEPT_BYTES / 2) from = at + 1;
    }
    this.#kept = this.#kept.slice(from);
    this.#bytes = this.#kept.reduce((sum, kept) => sum + kept.bytes, 0);
  }

  /**
   * Kept messages of a device, or of all, oldest first.
   * @param after id of the last one seen; an id of another run, or one no longer kept, gives all that is kept
   */
  recent(deviceId: string | null, after: string | null): readonly LiveMessage[] {
    const [run, number] = after?.split('.') ?? [];
    const seen = run === this.#run ? Number(number) : 0;
    return this.#kept.filter((kept) => kept.number > seen && isOf(kept, deviceId)).map((kept) => this.#view(kept));
  }

  /** Calls the listener on each message of a device, or of all, until the returned function is called. */
  subscribe(deviceId: string | null, listener: (message: () => LiveMessage) => void): () => void {
    const own = (kept: Kept): void => {
      if (isOf(kept, deviceId)) listener(() => this.#view(kept));
    };
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  #view({ number, record: { operation, event } }: Kept): LiveMessage {
    const { deviceId, moduleId, protocol, time } = operation;
    const system = Object.entries(event?.system ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return {
      id: `${this.#run}.${number}`,
      enqueued: new Date(time).toISOString(),
      deviceId: deviceId ?? '',
      moduleId,
      protocol,
      system: Object.fromEntries(system),
      application: event?.application ?? {},
      body: bodyView(event?.body ?? new Uint8Array(), event?.system.contentEncoding),
    };
  }
}

function isOf({ record }: Kept, deviceId: string | null): boolean {
  return deviceId === null || record.operation.deviceId === deviceId;
}
