/** Cloud-to-device messages: sent by back ends, handed to devices, settled by them. */
import type { HubOperationName, HubProtocol, HubReason } from '@annunciator/rules/hub-operation';
import { type DeviceCaller, needRight, type Origin, type ServiceCaller } from '../authentication/caller.ts';
import { HubError } from '../hub-error.ts';
import type { IdentityName } from '../identity/identity.ts';
import { type DeviceMessage, messageBytes } from '../message/message.ts';
import type { Acknowledgement, DeadLetter, QueuedMessage } from '../state/device-queue.ts';
import type { HubContext } from './context.ts';
import type { NoticeFeed } from './notice-feed.ts';
import type { Session } from './sessions.ts';

const SWEEP_MS = 1000;
const SWEPT_AT_ONCE = 200;
const BY_ITSELF: Origin = { protocol: null, ipAddress: null };

export class CommandDelivery {
  readonly #context: HubContext;
  readonly #notices: NoticeFeed;
  readonly #timer: NodeJS.Timeout;

  constructor(context: HubContext, notices: NoticeFeed) {
    this.#context = context;
    this.#notices = notices;
    this.#timer = setInterval(
      () => void this.sweep().catch((error: unknown) => context.log(`Sweeping the queues failed: ${String(error)}`)),
      SWEEP_MS,
    );
    this.#timer.unref();
  }

  /** Puts a message into a device's queue. @throws HubError DeviceNotFound, MessageTooLarge, DeviceMaximumQueueDepthExceeded */
  async send(caller: ServiceCaller, deviceId: string, message: DeviceMessage, ack: Acknowledgement): Promise<void> {
    const { clock, limits } = this.#context;
    const target = device(deviceId);
    const sizeBytes = messageBytes(message);
    await this.#context.perform(
      caller,
      { category: 'C2DCommands', operation: 'enqueue', target, sizeBytes, throttle: 'cloudMessages', writes: true },
      async () => {
        needRight(caller, 'ServiceConnect', target);
        if (sizeBytes > limits.cloudMessageBytes)
          throw new HubError('MessageTooLarge', `The message has ${sizeBytes} bytes; ${limits.cloudMessageBytes} are allowed.`);
        if (ack !== 'none' && message.system.messageId === undefined)
          throw new HubError('ArgumentInvalid', 'Feedback needs a message id: set one, or ask for no acknowledgement.');
        const now = clock();
        const expires = expiryOf(message.system.expiry, now, limits.defaultLifetimeMs, limits.maxLifetimeMs);
        const { system, application, body } = message;
        await this.#context.ask(deviceId, 'enqueue', {
          deviceId,
          message: { properties: { system, application }, body, ack, expires },
          now,
        });
      },
    );
    const session = this.#context.sessions.of(target);
    if (session) this.pump(session);
  }

  /** Gives a session so much credit, and hands over what waits. */
  listen(session: Session, credit: number): void {
    session.credit = credit;
    this.pump(session);
  }

  /** Hands over waiting messages while the session has credit. */
  pump(session: Session): void {
    if (session.pumping || session.ended || session.credit <= 0 || session.name.moduleId !== null) return;
    session.pumping = true;
    void this.#pumpOn(session).finally(() => {
      session.pumping = false;
    });
  }

  async #pumpOn(session: Session): Promise<void> {
    const { deviceId } = session.name;
    const protocol = session.caller.protocol ?? 'MQTT';
    try {
      while (!session.ended && session.credit > 0) {
        const message = await this.#context.ask(deviceId, 'lock', {
          deviceId,
          session: session.id,
          protocol,
          lockMs: this.#lockMs(protocol),
          now: this.#context.clock(),
        });
        if (!message) return;
        if (session.ended) {
          // It ended while the message was on its way: nobody has seen it.
          await this.#context.ask(deviceId, 'endSession', { deviceId, session: session.id, counts: false, now: this.#context.clock() });
          return;
        }
        session.credit--;
        session.door.deliver(message);
        await this.#note(session.caller, 'deliver', deviceId, message.body.length, null);
      }
    } catch (error) {
      this.#context.log(`Messages for ${deviceId} could not be handed over: ${String(error)}`);
    }
  }

  /** MQTT has no lock that time ends: the message belongs to the session until it acknowledges or ends. */
  #lockMs(protocol: HubProtocol): number | null {
    return protocol === 'MQTT' ? null : this.#context.limits.lockMs;
  }

  /** The next message for a device that asks over HTTPS, undefined when there is none. */
  async receive(caller: DeviceCaller): Promise<QueuedMessage | undefined> {
    await this.#context.throttle.pass('httpReceives');
    const { deviceId } = caller.identity;
    const { clock, limits } = this.#context;
    const message = await this.#context.ask(deviceId, 'lock', {
      deviceId,
      session: null,
      protocol: 'HTTPS',
      lockMs: limits.lockMs,
      now: clock(),
    });
    if (message) await this.#note(caller, 'deliver', deviceId, message.body.length, null);
    return message;
  }

  /** @throws HubError DeviceMessageLockLost */
  async complete(caller: DeviceCaller, lockToken: string): Promise<void> {
    const { deviceId } = caller.identity;
    await this.#context.perform(caller, { category: 'C2DCommands', operation: 'complete', target: caller.identity }, () =>
      this.#context.ask(deviceId, 'complete', { deviceId, lockToken, now: this.#context.clock() }),
    );
    this.#notices.look('feedback');
  }

  /** @throws HubError DeviceMessageLockLost */
  async reject(caller: DeviceCaller, lockToken: string): Promise<void> {
    const { deviceId } = caller.identity;
    await this.#context.perform(caller, { category: 'C2DCommands', operation: 'reject', target: caller.identity }, () =>
      this.#context.ask(deviceId, 'reject', { deviceId, lockToken, now: this.#context.clock() }),
    );
    this.#notices.look('feedback');
  }

  /** @throws HubError DeviceMessageLockLost */
  async abandon(caller: DeviceCaller, lockToken: string): Promise<void> {
    const { deviceId } = caller.identity;
    const dead = await this.#context.perform(caller, { category: 'C2DCommands', operation: 'abandon', target: caller.identity }, () =>
      this.#context.ask(deviceId, 'abandon', { deviceId, lockToken, now: this.#context.clock() }),
    );
    if (dead) await this.#noteDead([dead], caller);
    const session = this.#context.sessions.of(device(deviceId));
    if (session) this.pump(session);
  }

  /** The device no longer listens, though it stays connected: what it still has goes back. */
  ignore(session: Session): void {
    session.credit = 0;
    this.#putBack(session, false);
  }

  /** Takes back what a session that ended still has. On MQTT, which has no other way to say no, that counts. */
  release(session: Session): void {
    this.#putBack(session, session.caller.protocol === 'MQTT');
  }

  #putBack(session: Session, counts: boolean): void {
    const { deviceId, moduleId } = session.name;
    if (moduleId !== null) return;
    const released = this.#context.ask(deviceId, 'endSession', { deviceId, session: session.id, counts, now: this.#context.clock() });
    released
      .then((dead) => {
        // A session that took its place may have looked before the messages were back.
        const successor = this.#context.sessions.of(session.name);
        if (successor) this.pump(successor);
        return this.#noteDead(dead, session.caller);
      })
      .catch((error: unknown) => this.#context.log(`Messages of ${deviceId} could not be put back: ${String(error)}`));
  }

  /** Removes all that waits for a device; returns how many. @throws HubError DeviceNotFound */
  async purge(caller: ServiceCaller, deviceId: string): Promise<number> {
    const target = device(deviceId);
    const dead = await this.#context.perform(caller, { category: 'C2DCommands', operation: 'purge', target, writes: true }, () => {
      needRight(caller, 'ServiceConnect', target);
      return this.#context.ask(deviceId, 'purge', { deviceId, now: this.#context.clock() });
    });
    if (dead.length > 0) this.#notices.look('feedback');
    return dead.length;
  }

  /** Buries expired messages and opens locks that ran out. */
  async sweep(): Promise<void> {
    for (let partition = 0; partition < this.#context.state.partitions; partition++) {
      const { dead, unlocked } = await this.#context.state.ask(partition, 'sweep', { now: this.#context.clock(), limit: SWEPT_AT_ONCE });
      await this.#noteDead(dead, BY_ITSELF);
      for (const deviceId of unlocked) {
        const session = this.#context.sessions.of(device(deviceId));
        if (session) this.pump(session);
      }
    }
  }

  async #noteDead(dead: readonly DeadLetter[], caller: DeviceCaller | Origin): Promise<void> {
    for (const letter of dead)
      await this.#note(
        { ...caller, protocol: letter.protocol ?? caller.protocol },
        'deadLetter',
        letter.deviceId,
        letter.bytes,
        letter.reason,
      );
  }

  async #note(
    caller: DeviceCaller | Origin,
    operation: HubOperationName<'C2DCommands'>,
    deviceId: string,
    sizeBytes: number,
    reason: HubReason | null,
  ): Promise<void> {
    const deed = { category: 'C2DCommands', operation, target: device(deviceId), sizeBytes } as const;
    await this.#context.operations.record(this.#context.describe(caller, deed, null, this.#context.clock(), reason));
    if (reason !== null) this.#notices.look('feedback');
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function device(deviceId: string): IdentityName {
  return { deviceId, moduleId: null };
}

/** When a message ends, milliseconds since 1970. @throws HubError ArgumentInvalid */
function expiryOf(given: string | undefined, now: number, usual: number, most: number): number {
  if (given === undefined) return now + usual;
  const expires = Date.parse(given);
  if (Number.isNaN(expires)) throw new HubError('ArgumentInvalid', `The expiry ${given.slice(0, 40)} is no time: give ISO 8601.`);
  if (expires <= now) throw new HubError('ArgumentInvalid', `The expiry ${given.slice(0, 40)} lies in the past.`);
  return Math.min(expires, now + most);
}
