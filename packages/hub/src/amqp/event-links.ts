/**
 * The built-in endpoint that clients of Event Hubs read messages of devices from: links to partitions, and the questions that
 * clients ask about them first (`$management`).
 */
import rhea, { type EventContext, type Message, type Receiver, type Sender } from 'rhea';
import type { ServiceCaller } from '../authentication/caller.ts';
import type { EventStart, ReadEvent } from '../core/event-feed.ts';
import type { Hub } from '../core/hub.ts';
import { asHubError, HubError } from '../hub-error.ts';
import { conditionOf } from './conditions.ts';
import { creditOf } from './device-links.ts';
import { mapOf, textOf, toAmqp } from './message-codec.ts';

const REQUEST_CREDIT = 50;
/** Bytes that wait to be sent before a reader pauses. */
const MOST_UNSENT = 1 << 20;
const PAUSE_MS = 20;
const FILTER = 'apache.org:selector-filter:string';
const EPOCH = 'com.microsoft:epoch';

/** `amqp.annotation.x-opt-offset > '123'` and its like. */
const SELECTOR = /^\s*amqp\.annotation\.x-opt-(offset|sequence-number|enqueued-time(?:-utc)?)\s*(>=|>)\s*'?([^']*)'?\s*$/;

export class EventLinks {
  readonly #hub: Hub;
  readonly #caller: () => ServiceCaller;
  /** Bytes that wait to be sent on the connection. */
  readonly #unsent: () => number;
  readonly #ends = new Map<Sender | Receiver, () => void>();
  /** Where answers go, by the address that the request names. */
  readonly #answers = new Map<string, Sender>();

  constructor(hub: Hub, caller: () => ServiceCaller, unsent: () => number) {
    this.#hub = hub;
    this.#caller = caller;
    this.#unsent = unsent;
  }

  /** A link over which a back end reads a partition. */
  async read(partition: number, consumerGroup: string, sender: Sender): Promise<void> {
    try {
      await this.#hub.events.open(this.#caller(), partition);
      const start = startOf(sender);
      const epoch: unknown = (sender.properties as Readonly<Record<string, unknown>> | undefined)?.[EPOCH];
      const release = this.#hub.events.claim(partition, consumerGroup, epoch === undefined ? null : Number(textOf(epoch)), () =>
        sender.close({ condition: 'amqp:link:stolen', description: 'A reader with a higher epoch has taken over.' }),
      );
      const { position, skip } = await this.#hub.events.place(partition, start);
      if (sender.is_closed()) release();
      else this.#follow(partition, sender, position, skip, release);
    } catch (error) {
      sender.close(conditionOf(asHubError(error)));
    }
  }

  #follow(partition: number, sender: Sender, from: number, skip: (read: ReadEvent) => boolean, release: () => void): void {
    let position = from;
    let reading = false;
    let more = false;
    const pump = async (): Promise<void> => {
      more = true;
      if (reading) return;
      reading = true;
      try {
        while (more && !sender.is_closed() && creditOf(sender) > 0) {
          more = false;
          for await (const { read, next } of this.#hub.events.read(partition, position)) {
            if (sender.is_closed() || creditOf(sender) <= 0) break;
            position = next;
            if (!read || skip(read)) continue;
            sender.send(eventMessage(read));
            // rhea takes the credit when it writes, after this turn.
            await new Promise((resolve) => setImmediate(resolve));
            while (this.#unsent() > MOST_UNSENT && !sender.is_closed()) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
          }
        }
      } catch (error) {
        sender.close(conditionOf(asHubError(error)));
      } finally {
        reading = false;
      }
    };
    const ignore = this.#hub.events.onMore(partition, () => void pump());
    sender.on('sender_flow', () => void pump());
    // The settlement of what was read means nothing to the hub: readers keep their own place.
    sender.on('accepted', ({ delivery }: EventContext) => delivery?.update(true));
    sender.on('released', ({ delivery }: EventContext) => delivery?.update(true));
    sender.on('modified', ({ delivery }: EventContext) => delivery?.update(true));
    sender.on('rejected', ({ delivery }: EventContext) => delivery?.update(true));
    this.#ends.set(sender, () => {
      ignore();
      release();
    });
    void pump();
  }

  // Questions

  /** A link over which a back end asks. */
  requests(receiver: Receiver): void {
    receiver.on('message', (context: EventContext) => this.#answer(receiver, context));
    receiver.add_credit(REQUEST_CREDIT);
  }

  /** A link over which it is answered. */
  answers(sender: Sender): void {
    const address = textOf(sender.target?.address) ?? '';
    this.#answers.set(address, sender);
    this.#ends.set(sender, () => this.#answers.delete(address));
  }

  #answer(receiver: Receiver, { message, delivery }: EventContext): void {
    delivery?.accept();
    receiver.add_credit(1);
    if (!message) return;
    const answerer = this.#answers.get(textOf(message['reply_to']) ?? '') ?? this.#answers.values().next().value;
    let status = 200;
    let description = 'OK';
    let body: unknown = {};
    try {
      body = this.#about(mapOf(message, 'application_properties'));
    } catch (error) {
      const refusal = asHubError(error);
      status = refusal.status;
      description = refusal.message;
    }
    const fields = {
      correlation_id: message['message_id'],
      application_properties: { 'status-code': status, statusCode: status, 'status-description': description },
      body,
    };
    // rhea takes plain objects; its type asks for the methods of its own class.
    answerer?.send(fields as unknown as Message);
  }

  #about(asked: Readonly<Record<string, unknown>>): object {
    const name = textOf(asked['name']) ?? '';
    const { events } = this.#hub;
    switch (textOf(asked['type'])) {
      case 'com.microsoft:eventhub': {
        events.info(this.#caller(), 0);
        const partitions = Array.from({ length: events.partitions }, (_, partition) => String(partition));
        return {
          name,
          type: 'com.microsoft:eventhub',
          created_at: rhea.types.wrap_timestamp(0),
          partition_count: rhea.types.wrap_int(partitions.length),
          partition_ids: rhea.types.wrap_array(partitions, 0xa1, undefined),
        };
      }
      case 'com.microsoft:partition': {
        const info = events.info(this.#caller(), Number(textOf(asked['partition']) ?? -1));
        return {
          name,
          type: 'com.microsoft:partition',
          partition: String(info.partition),
          begin_sequence_number: rhea.types.wrap_long(info.firstSequence),
          last_enqueued_sequence_number: rhea.types.wrap_long(info.lastSequence),
          last_enqueued_offset: String(info.lastOffset),
          last_enqueued_time_utc: rhea.types.wrap_timestamp(info.lastEnqueued),
          is_partition_empty: info.isEmpty,
        };
      }
      default:
        throw new HubError('ArgumentInvalid', `Nothing is known of the type ${String(textOf(asked['type'])).slice(0, 60)}.`);
    }
  }

  closed(link: Receiver | Sender): void {
    this.#ends.get(link)?.();
    this.#ends.delete(link);
  }

  end(): void {
    for (const end of this.#ends.values()) end();
    this.#ends.clear();
  }
}

/** Where a reader wants to begin; at the end without a filter. @throws HubError ArgumentInvalid */
function startOf(sender: Sender): EventStart {
  const filter: unknown = sender.source?.filter?.[FILTER];
  if (filter === undefined || filter === null) return { from: 'earliest' };
  // A described string: rhea keeps the description around the value.
  const text = textOf(typeof filter === 'object' && 'value' in filter ? filter.value : filter) ?? '';
  const match = SELECTOR.exec(text);
  if (!match) throw new HubError('ArgumentInvalid', `The filter ${JSON.stringify(text.slice(0, 100))} is not understood.`);
  const [, field, comparison, value] = match;
  const after = comparison === '>';
  if (field === 'offset') {
    if (value === '@latest') return { from: 'latest' };
    if (value === '-1' || value === '') return { from: 'earliest' };
  }
  if (field === 'sequence-number' && value === '@latest') return { from: 'latest' };
  const number = /^\d+$/.test(value) ? Number(value) : Date.parse(value);
  if (!Number.isSafeInteger(number))
    throw new HubError('ArgumentInvalid', `The filter ${JSON.stringify(text.slice(0, 100))} names no place.`);
  if (field === 'offset') return { from: 'offset', offset: number, after };
  return field === 'sequence-number' ? { from: 'sequence', sequence: number, after } : { from: 'time', time: number, after };
}

function eventMessage({ event, offset, enqueued }: ReadEvent): Message {
  const { stamp, system, application, body, sequenceNumber } = event;
  const annotations: Record<string, unknown> = {
    'x-opt-sequence-number': rhea.types.wrap_long(sequenceNumber),
    'x-opt-offset': String(offset),
    'x-opt-enqueued-time': rhea.types.wrap_timestamp(enqueued),
    'x-opt-partition-key': stamp.deviceId,
    'iothub-connection-device-id': stamp.deviceId,
    'iothub-connection-auth-method': stamp.authMethod,
    'iothub-connection-auth-generation-id': stamp.generationId,
    'iothub-enqueuedtime': rhea.types.wrap_timestamp(enqueued),
    'iothub-message-source': 'Telemetry',
  };
  if (stamp.moduleId !== null) annotations['iothub-connection-module-id'] = stamp.moduleId;
  if (system.interfaceId !== undefined) annotations['iothub-interface-id'] = system.interfaceId;
  if (system.component !== undefined) annotations['dt-subject'] = system.component;
  if (system.outputName !== undefined) annotations['iothub-outputname'] = system.outputName;
  const fields = { ...toAmqp({ system, application, body }), message_annotations: annotations };
  // rhea takes plain objects; its type asks for the methods of its own class.
  return fields as unknown as Message;
}
