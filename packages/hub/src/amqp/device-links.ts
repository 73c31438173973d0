/** The links of one device on an AMQP connection: events, cloud-to-device messages, methods, twin. */
import { randomUUID } from 'node:crypto';
import rhea, { type Delivery, type EventContext, type Message, type Receiver, type Sender } from 'rhea';
import type { DeviceCaller } from '../authentication/caller.ts';
import type { Hub } from '../core/hub.ts';
import { type MethodRequest, Session, type SessionDoor } from '../core/sessions.ts';
import { asHubError, HubError } from '../hub-error.ts';
import type { QueuedMessage } from '../state/device-queue.ts';
import { deviceTwin } from '../twin/document.ts';
import { conditionOf } from './conditions.ts';
import type { GuardedSocket } from './guarded-socket.ts';
import { BATCH_FORMAT, bodyOf, fromAmqp, fromBatch, idOf, mapOf, textOf, toAmqp } from './message-codec.ts';
import { AmqpViolation } from './violation.ts';

/** Messages a device may send before the first is settled. */
const EVENT_CREDIT = 200;
const REQUEST_CREDIT = 50;
/** Bytes of them under way; reading pauses above. */
const MOST_BYTES_UNDER_WAY = 1 << 20;

type Settle = (delivery: Delivery) => void;

export class DeviceLinks implements SessionDoor {
  readonly session: Session;
  readonly #hub: Hub;
  readonly #socket: GuardedSocket;
  readonly #end: (reason: HubError) => void;
  readonly #links = new Set<Receiver | Sender>();
  #commands: Sender | undefined;
  #methods: Sender | undefined;
  #twin: Sender | undefined;
  /** Lock tokens of messages that the device has not settled. */
  readonly #delivered = new Map<Delivery, string>();
  #bytesUnderWay = 0;
  #paused = false;

  private constructor(hub: Hub, caller: DeviceCaller, socket: GuardedSocket, end: (reason: HubError) => void) {
    this.#hub = hub;
    this.#socket = socket;
    this.#end = end;
    this.session = new Session(caller, this);
  }

  /** @param end called when the hub ends the session. @throws HubError */
  static async open(hub: Hub, caller: DeviceCaller, socket: GuardedSocket, end: (reason: HubError) => void): Promise<DeviceLinks> {
    const links = new DeviceLinks(hub, caller, socket, end);
    await hub.connections.open(links.session);
    return links;
  }

  /** A link over which the device sends. */
  receive(kind: 'events' | 'methods' | 'twin', receiver: Receiver): void {
    this.#links.add(receiver);
    receiver.on('message', (context: EventContext) => {
      if (kind === 'events') void this.#event(receiver, context);
      else if (kind === 'methods') this.#methodAnswer(receiver, context);
      else void this.#twinRequest(receiver, context);
    });
    receiver.add_credit(kind === 'events' ? EVENT_CREDIT : REQUEST_CREDIT);
  }

  /** A link over which the device receives. */
  send(kind: 'commands' | 'methods' | 'twin' | 'events', sender: Sender): void {
    this.#links.add(sender);
    switch (kind) {
      case 'commands':
        return this.#openCommands(sender);
      case 'methods':
        this.#methods = sender;
        return this.#hub.methods.listen(this.session, true);
      case 'twin':
        this.#twin = sender;
        return;
      case 'events':
        // Inputs of modules come from routes between modules, which this hub does not have: the link stays empty.
        return;
    }
  }

  // Messages from the device

  async #event(receiver: Receiver, { message, delivery, format }: EventContext & { format?: number }): Promise<void> {
    if (!delivery) return;
    const bytes = message && format === undefined ? bodyLength(message) : Buffer.isBuffer(message) ? message.length : 0;
    this.#underWay(bytes);
    try {
      if (format === undefined) {
        if (!message) throw new AmqpViolation('a transfer without a message');
        await this.#hub.telemetry.accept(this.session.caller, fromAmqp(message));
      } else if (format === BATCH_FORMAT && Buffer.isBuffer(message))
        await this.#hub.telemetry.acceptBatch(this.session.caller, fromBatch(message));
      else throw new HubError('ArgumentInvalid', `The message format 0x${format.toString(16)} is not known.`);
      delivery.accept();
    } catch (error) {
      const refusal = error instanceof AmqpViolation ? new HubError('ArgumentInvalid', error.message, 'malformed') : asHubError(error);
      delivery.reject(conditionOf(refusal));
    }
    this.#underWay(-bytes);
    if (!receiver.is_closed()) receiver.add_credit(1);
  }

  #underWay(bytes: number): void {
    this.#bytesUnderWay += bytes;
    if (this.#paused ? this.#bytesUnderWay > MOST_BYTES_UNDER_WAY / 2 : this.#bytesUnderWay < MOST_BYTES_UNDER_WAY) return;
    this.#paused = !this.#paused;
    if (this.#paused) this.#socket.pause();
    else this.#socket.resume();
  }

  // Messages to the device

  #openCommands(sender: Sender): void {
    this.#commands = sender;
    const credit = (): void => this.#hub.commands.listen(this.session, creditOf(sender));
    const settle = (how: (lockToken: string) => Promise<void>): Settle => {
      return (delivery) => {
        const lockToken = this.#delivered.get(delivery);
        if (lockToken === undefined) return;
        this.#delivered.delete(delivery);
        // A lock that was lost meanwhile is recorded; the message comes again.
        how(lockToken).then(
          () => delivery.update(true),
          () => delivery.update(true),
        );
      };
    };
    const { commands } = this.#hub;
    const on = (outcome: string, act: Settle): void => {
      sender.on(outcome, ({ delivery }: EventContext) => delivery && act(delivery));
    };
    on(
      'accepted',
      settle((lockToken) => commands.complete(this.session.caller, lockToken)),
    );
    on(
      'rejected',
      settle((lockToken) => commands.reject(this.session.caller, lockToken)),
    );
    const abandon = settle((lockToken) => commands.abandon(this.session.caller, lockToken));
    on('released', abandon);
    on('modified', abandon);
    sender.on('sender_flow', credit);
    credit();
  }

  deliver(message: QueuedMessage): void {
    const sender = this.#commands;
    if (!sender || sender.is_closed()) return;
    const { properties, body, ack } = message;
    const amqp = toAmqp({ ...properties, body });
    const to = properties.system.to ?? `/devices/${encodeURIComponent(this.session.name.deviceId)}/messages/devicebound`;
    const delivery = sender.send(
      {
        ...amqp,
        to,
        absolute_expiry_time: new Date(message.expires),
        delivery_count: message.deliveries,
        message_annotations: {
          'x-opt-sequence-number': message.sequence,
          'iothub-enqueuedtime': new Date(message.enqueued),
          'iothub-deliverycount': message.deliveries,
        },
        ...(ack === 'none' ? {} : { application_properties: { ...properties.application, 'iothub-ack': ack } }),
      } as unknown as Message,
      message.lockToken,
    );
    this.#delivered.set(delivery, message.lockToken);
  }

  // Methods

  invokeMethod({ requestId, name, payload }: MethodRequest): void {
    this.#methods?.send({
      correlation_id: idOf(requestId),
      application_properties: { 'IoThub-methodname': name },
      body: rhea.message.data_section(Buffer.from(payload)),
    } as unknown as Message);
  }

  #methodAnswer(receiver: Receiver, { message, delivery }: EventContext): void {
    receiver.add_credit(1);
    if (!message) return;
    try {
      const requestId = textOf(message['correlation_id']) ?? '';
      const status = Number(textOf(mapOf(message, 'application_properties')['IoThub-status']) ?? 0);
      this.#hub.methods.answer(this.session, requestId, {
        status: Number.isInteger(status) ? status : 0,
        payload: bodyOf(message).toString(),
      });
      delivery?.accept();
    } catch (error) {
      delivery?.reject(conditionOf(asHubError(error)));
    }
  }

  // Twin

  async #twinRequest(receiver: Receiver, { message, delivery }: EventContext): Promise<void> {
    delivery?.accept();
    receiver.add_credit(1);
    if (!message) return;
    const annotations = mapOf(message, 'message_annotations');
    const answer = (status: number, body: string, version: number | null = null): void => {
      this.#twin?.send({
        correlation_id: message['correlation_id'],
        message_annotations: {
          status: rhea.types.wrap_int(status),
          ...(version === null ? {} : { version: rhea.types.wrap_long(version) }),
        },
        body: rhea.message.data_section(Buffer.from(body)),
      } as unknown as Message);
    };
    try {
      await this.#twinOperation(textOf(annotations['operation'])?.toUpperCase(), textOf(annotations['resource']), message, answer);
    } catch (error) {
      const refusal = asHubError(error);
      // SDKs take the parsed body for the message of the error.
      answer(refusal.status, JSON.stringify(refusal.message));
    }
  }

  async #twinOperation(
    operation: string | undefined,
    resource: string | undefined,
    message: Message,
    answer: (status: number, body: string, version?: number | null) => void,
  ): Promise<void> {
    const { twins } = this.#hub;
    const { caller } = this.session;
    if (operation === 'GET') {
      answer(200, deviceTwin((await twins.readOwn(caller)).twin));
    } else if (operation === 'PATCH' && resource === '/properties/reported') {
      const version = await twins.report(caller, bodyOf(message).toString());
      answer(204, '', version);
    } else if ((operation === 'PUT' || operation === 'DELETE') && resource === '/notifications/twin/properties/desired') {
      await twins.subscribe(this.session, operation === 'PUT');
      answer(204, '');
    } else throw new HubError('ArgumentInvalid', `The twin does not know ${operation} of ${resource}.`);
  }

  desiredChanged(patch: string): void {
    this.#twin?.send({ message_id: randomUUID(), body: rhea.message.data_section(Buffer.from(patch)) } as unknown as Message);
  }

  // Ends

  /** A link has ended from the other side. */
  closed(link: Receiver | Sender): void {
    if (!this.#links.delete(link)) return;
    if (link === this.#commands) {
      this.#commands = undefined;
      this.#delivered.clear();
      this.#hub.commands.ignore(this.session);
    }
    if (link === this.#methods) {
      this.#methods = undefined;
      this.#hub.methods.listen(this.session, false);
    }
    if (link === this.#twin) {
      this.#twin = undefined;
      this.session.desired = false;
    }
  }

  closeAll(reason: HubError): void {
    for (const link of this.#links) link.close(conditionOf(reason));
    this.#links.clear();
  }

  close(reason: HubError): void {
    this.#end(reason);
  }
}

/** Transfers the peer allows; rhea keeps it on the link. */
export function creditOf(sender: Sender): number {
  return (sender as unknown as { credit: number }).credit;
}

function bodyLength(message: Message): number {
  try {
    return bodyOf(message).length;
  } catch {
    return 0;
  }
}
