/**
 * One MQTT connection of a device: packets in, packets out, and nothing that the hub itself decides.
 *
 * MQTT 3.1.1 has no error answers: what must be refused ends the connection, and the operation's record tells why.
 */
import type { Duplex } from 'node:stream';
import {
  generate,
  type IConnectPacket,
  type IPublishPacket,
  type ISubscribePacket,
  type IUnsubscribePacket,
  type Packet,
} from 'mqtt-packet';
import type { Credentials } from '../authentication/authenticator.ts';
import type { DeviceCaller, Origin } from '../authentication/caller.ts';
import type { Hub } from '../core/hub.ts';
import { type MethodRequest, Session, type SessionDoor } from '../core/sessions.ts';
import { asHubError, HubError } from '../hub-error.ts';
import type { QueuedMessage } from '../state/device-queue.ts';
import { errorBody } from '../twin/error-body.ts';
import { deviceTwin } from '../twin/document.ts';
import { parseConnect } from './connect-request.ts';
import { PacketReader } from './packet-reader.ts';
import { formatPropertyBag, parsePropertyBag } from './property-bag.ts';
import { ownTopics, parseFilter, parsePublishTopic, SUBSCRIPTION } from './topics.ts';

/** Longest silence a client may ask for times 1.5, seconds (IoT Hub: a client may ask for 1177). */
const LONGEST_SILENCE = 1767;
/** Publishes under way at once; reading pauses above. */
const MOST_UNDER_WAY = 500;
const MOST_BYTES_UNDER_WAY = 1 << 20;
/** Cloud-to-device messages sent and not acknowledged. */
const COMMANDS_AT_ONCE = 16;
/** Bytes that may wait for a client that does not read. */
const MOST_UNSENT = 1 << 20;

const CONNACK = { accepted: 0, version: 1, identifier: 2, unavailable: 3, badUserName: 4, notAuthorized: 5 } as const;

export interface MqttSettings {
  readonly hub: Hub;
  readonly origin: Origin;
  /** The client's certificate, undefined when it sent none. */
  readonly certificate: () => Credentials['certificate'];
  /** Milliseconds of a coarse clock that only runs forward. */
  readonly now: () => number;
  /** Time for CONNECT to arrive, milliseconds. */
  readonly introductionMs: number;
}

export class MqttConnection implements SessionDoor {
  readonly #stream: Duplex;
  readonly #hub: Hub;
  readonly #origin: Origin;
  readonly #certificate: MqttSettings['certificate'];
  readonly #now: () => number;
  readonly #reader: PacketReader;
  #state: 'new' | 'connecting' | 'open' | 'closed' = 'new';
  #session: Session | undefined;
  #own = '';
  #subscriptions = 0;
  /** Changes of the subscriptions, one after the other: each begins from what the one before left. */
  #changing: Promise<void> = Promise.resolve();
  /** The session outlives the connection. */
  #persistent = false;
  #will: { bag: string; payload: Buffer } | undefined;
  /** When silence has lasted too long, by the coarse clock. */
  #deadline: number;
  #silenceMs = 0;
  #publishes = 0;
  #publishedBytes = 0;
  #paused = false;
  /** Packets that came while CONNECT was being judged. */
  #early: Packet[] | undefined;
  /** Packet ids of publishes under way. */
  #receiving: Set<number> | undefined;
  /** Packet ids of messages to the device, with their lock tokens. */
  #sent: Map<number, string> | undefined;
  #lastId = 0;

  constructor(stream: Duplex, { hub, origin, certificate, now, introductionMs }: MqttSettings) {
    this.#stream = stream;
    this.#hub = hub;
    this.#origin = origin;
    this.#certificate = certificate;
    this.#now = now;
    this.#deadline = now() + introductionMs;
    this.#reader = new PacketReader(
      (packet) => this.#packet(packet),
      (violation) => this.#refuse('malformed', violation),
    );
    stream.on('data', (bytes: Buffer) => this.#reader.read(bytes));
    stream.on('error', () => {});
    stream.on('close', () => this.#ended(null));
  }

  /** Ends the connection when its client has been silent for too long. Called each second. */
  checkSilence(): void {
    if (this.#state === 'closed' || this.#now() <= this.#deadline) return;
    if (this.#state === 'open') this.#ended(new HubError('DeviceConnectionClosedRemotely', 'The device fell silent.'));
    else this.#refuse('malformed', 'no CONNECT in time');
    this.#stream.destroy();
  }

  #packet(packet: Packet): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'connecting') {
      this.#early ??= [];
      this.#early.push(packet);
      return;
    }
    if (this.#state === 'new') {
      if (packet.cmd === 'connect') void this.#connect(packet);
      else this.#refuse('malformed', `${packet.cmd} before CONNECT`);
      return;
    }
    this.#deadline = this.#now() + this.#silenceMs;
    switch (packet.cmd) {
      case 'publish':
        this.#publish(packet);
        break;
      case 'puback':
        this.#acknowledged(packet.messageId ?? 0);
        break;
      case 'subscribe':
        this.#change(() => this.#subscribe(packet));
        break;
      case 'unsubscribe':
        this.#change(() => this.#unsubscribe(packet));
        break;
      case 'pingreq':
        this.#write(PINGRESP);
        break;
      case 'disconnect':
        this.#will = undefined;
        this.#ended(null);
        this.#stream.end();
        break;
      default:
        this.#refuse('malformed', `a second CONNECT, or ${packet.cmd}`);
    }
  }

  // Connecting

  async #connect(packet: IConnectPacket): Promise<void> {
    this.#state = 'connecting';
    this.#stream.pause();
    if (packet.protocolVersion !== 4 || packet.protocolId !== 'MQTT') return this.#turnAway(CONNACK.version);
    let caller: DeviceCaller;
    try {
      const request = parseConnect(packet.clientId, packet.username ?? '');
      if (!this.#hub.context.names.has(request.host))
        throw new HubError(
          'IotHubUnauthorized',
          `The user name is for the hub ${request.host.slice(0, 100)}, not for this one.`,
          'otherHub',
        );
      const token = packet.password?.toString() ?? '';
      const credentials = token === '' ? { certificate: this.#certificate() } : { token };
      caller = await this.#hub.connections.authenticate(request.name, credentials, this.#origin);
      this.#own = ownTopics(caller.identity);
      this.#will = this.#checkWill(packet.will);
      if (request.modelId !== null) await this.#hub.twins.announceModel(caller, request.modelId);
      const session = new Session(caller, this);
      await this.#hub.connections.open(session);
      this.#session = session;
    } catch (error) {
      return this.#turnAway(returnCode(asHubError(error)), error);
    }
    if (this.#hasClosed()) return this.#hub.connections.close(this.#session);
    await this.#welcome(caller, packet);
  }

  /** The stream may have closed while something was awaited. */
  #hasClosed(): boolean {
    return this.#state === 'closed';
  }

  async #welcome(caller: DeviceCaller, { clean, keepalive }: IConnectPacket): Promise<void> {
    const kept = caller.identity.mqttSubscriptions;
    this.#persistent = !clean;
    if (clean && kept !== 0) await this.#hub.connections.keepSubscriptions(caller, 0);
    if (this.#hasClosed()) return;
    this.#silenceMs = Math.min(keepalive ? keepalive * 1.5 : LONGEST_SILENCE, LONGEST_SILENCE) * 1000;
    this.#deadline = this.#now() + this.#silenceMs;
    this.#state = 'open';
    this.#write(generate({ cmd: 'connack', returnCode: CONNACK.accepted, sessionPresent: !clean && kept !== 0 }));
    if (!clean) this.#listen(kept);
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const packet of early) this.#packet(packet);
    this.#stream.resume();
  }

  #turnAway(code: number, error?: unknown): void {
    // Parsing refuses before anybody has recorded it; authentication has.
    const refusal = error === undefined ? undefined : asHubError(error);
    if (!refusal || refusal.reason === 'malformed' || refusal.reason === 'otherHub')
      void this.#hub.connections.refuse(
        this.#origin,
        refusal ?? new HubError('InvalidProtocolVersion', 'Only MQTT 3.1.1 is spoken here.', 'malformed'),
      );
    this.#state = 'closed';
    this.#stream.end(generate({ cmd: 'connack', returnCode: code, sessionPresent: false }));
    this.#destroySoon();
  }

  #checkWill(will: IConnectPacket['will']): { bag: string; payload: Buffer } | undefined {
    if (!will) return undefined;
    const published = parsePublishTopic(will.topic, this.#own);
    if (published.to !== 'events' || !parsePropertyBag(published.bag) || will.qos === 2)
      throw new HubError('ArgumentInvalid', `The will's topic must be ${this.#own}/messages/events/, QoS 0 or 1.`, 'malformed');
    return { bag: published.bag, payload: Buffer.from(will.payload) };
  }

  // From the device

  #publish(packet: IPublishPacket): void {
    if (packet.qos === 2) return this.#refuse('malformed', 'a publish with QoS 2');
    const published = parsePublishTopic(packet.topic, this.#own);
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    switch (published.to) {
      case 'events':
        return this.#event(packet, published.bag, payload);
      case 'methodResponse': {
        const { session, hub } = this.#opened();
        hub.methods.answer(session, published.requestId, { status: published.status, payload: payload.toString() });
        return this.#acknowledge(packet);
      }
      case 'twinGet':
        this.#acknowledge(packet);
        void this.#twinRequest(published.requestId, async () => [200, '', deviceTwin((await this.#hub.twins.readOwn(this.#caller)).twin)]);
        return;
      case 'twinReport':
        this.#acknowledge(packet);
        void this.#twinRequest(published.requestId, async () => {
          const version = await this.#hub.twins.report(this.#caller, payload.toString());
          return [204, `&$version=${version}`, ''];
        });
        return;
      case 'foreign':
        this.#refuse('foreign', `a publish to ${packet.topic}`);
    }
  }

  #event(packet: IPublishPacket, bag: string, body: Buffer): void {
    const properties = parsePropertyBag(bag);
    if (!properties) return this.#refuse('malformed', 'a property bag that cannot be decoded');
    const id = packet.qos === 1 ? (packet.messageId ?? 0) : 0;
    // Sent again although it is under way: it is acknowledged once.
    if (packet.dup && this.#receiving?.has(id)) return;
    if (id !== 0) (this.#receiving ??= new Set()).add(id);
    const { system } = properties;
    const application = packet.retain ? { ...properties.application, 'mqtt-retain': 'true' } : properties.application;
    this.#began(body.length);
    this.#hub.telemetry.accept(this.#caller, { system, application, body }).then(
      () => {
        this.#receiving?.delete(id);
        this.#finished(body.length);
        if (id !== 0 && !this.#hasClosed()) this.#writePuback(id);
      },
      (error: unknown) => this.#drop(asHubError(error)),
    );
  }

  #began(bytes: number): void {
    this.#publishes++;
    this.#publishedBytes += bytes;
    if (this.#paused || (this.#publishes < MOST_UNDER_WAY && this.#publishedBytes < MOST_BYTES_UNDER_WAY)) return;
    this.#paused = true;
    this.#stream.pause();
  }

  #finished(bytes: number): void {
    this.#publishes--;
    this.#publishedBytes -= bytes;
    if (!this.#paused || this.#publishes > MOST_UNDER_WAY / 2 || this.#publishedBytes > MOST_BYTES_UNDER_WAY / 2) return;
    this.#paused = false;
    this.#stream.resume();
  }

  #acknowledge({ qos, messageId }: IPublishPacket): void {
    if (qos === 1) this.#writePuback(messageId ?? 0);
  }

  async #twinRequest(requestId: string, act: () => Promise<[status: number, parameters: string, body: string]>): Promise<void> {
    let answer: [number, string, string];
    try {
      answer = await act();
    } catch (error) {
      const refusal = asHubError(error);
      answer = [refusal.status, '', errorBody(refusal, this.#hub.context.clock())];
    }
    const [status, parameters, body] = answer;
    this.#send(`$iothub/twin/res/${status}/?$rid=${requestId}${parameters}`, body);
  }

  #change(act: () => Promise<void>): void {
    this.#changing = this.#changing.then(act).catch((error: unknown) => this.#drop(asHubError(error)));
  }

  async #subscribe({ messageId, subscriptions }: ISubscribePacket): Promise<void> {
    let wanted = this.#subscriptions;
    const granted: number[] = [];
    for (const { topic, qos } of subscriptions) {
      const subscription = parseFilter(topic, this.#own);
      if (subscription === 'foreign') return this.#refuse('foreign', `a subscription to ${topic}`);
      if (subscription === SUBSCRIPTION.commands)
        wanted = qos === 0 ? wanted | SUBSCRIPTION.commandsAtMostOnce : wanted & ~SUBSCRIPTION.commandsAtMostOnce;
      wanted |= subscription;
      granted.push(subscription === 0 ? 0x80 : Math.min(qos, 1));
    }
    await this.#keep(wanted);
    if (this.#hasClosed()) return;
    this.#write(generate({ cmd: 'suback', granted, ...(messageId === undefined ? {} : { messageId }) }));
    this.#listen(wanted);
  }

  async #unsubscribe({ messageId, unsubscriptions }: IUnsubscribePacket): Promise<void> {
    let wanted = this.#subscriptions;
    for (const filter of unsubscriptions) {
      const subscription = parseFilter(filter, this.#own);
      if (subscription !== 'foreign') wanted &= ~subscription;
    }
    await this.#keep(wanted);
    if (this.#hasClosed()) return;
    this.#listen(wanted);
    this.#write(generate({ cmd: 'unsuback', granted: [], ...(messageId === undefined ? {} : { messageId }) }));
  }

  /** Keeps the subscriptions beyond the connection where the session does. */
  async #keep(wanted: number): Promise<void> {
    try {
      if (this.#persistent && wanted !== this.#subscriptions) await this.#hub.connections.keepSubscriptions(this.#caller, wanted);
    } catch (error) {
      this.#drop(asHubError(error));
    }
  }

  #listen(wanted: number): void {
    const { session, hub } = this.#opened();
    const before = this.#subscriptions;
    this.#subscriptions = wanted;
    const now = (bit: number): boolean => (wanted & bit) !== 0;
    if (now(SUBSCRIPTION.methods) !== session.methods) hub.methods.listen(session, now(SUBSCRIPTION.methods));
    hub.twins.subscribe(session, now(SUBSCRIPTION.desired)).catch((error: unknown) => this.#drop(asHubError(error)));
    const listened = (before & SUBSCRIPTION.commands) !== 0;
    if (now(SUBSCRIPTION.commands) !== listened) hub.commands.listen(session, listened ? 0 : COMMANDS_AT_ONCE - (this.#sent?.size ?? 0));
  }

  #acknowledged(id: number): void {
    const lockToken = this.#sent?.get(id);
    if (lockToken === undefined) return;
    this.#sent?.delete(id);
    this.#settle(lockToken);
  }

  #settle(lockToken: string): void {
    const { session, hub } = this.#opened();
    hub.commands.complete(session.caller, lockToken).then(
      () => this.#more(session),
      // It expired meanwhile: the device has it, the sender is told that it expired.
      () => this.#more(session),
    );
  }

  #more(session: Session): void {
    if ((this.#subscriptions & SUBSCRIPTION.commands) !== 0) this.#hub.commands.listen(session, session.credit + 1);
  }

  // To the device

  deliver(message: QueuedMessage): void {
    const topic = `${this.#own}/messages/devicebound/${formatPropertyBag(commandProperties(message))}`;
    const payload = Buffer.from(message.body);
    if ((this.#subscriptions & SUBSCRIPTION.commandsAtMostOnce) !== 0) {
      this.#send(topic, payload);
      this.#settle(message.lockToken);
      return;
    }
    const sent = (this.#sent ??= new Map());
    do this.#lastId = (this.#lastId % 65_535) + 1;
    while (sent.has(this.#lastId));
    sent.set(this.#lastId, message.lockToken);
    // Handed over before, to this device's session: MQTT-3.3.1-1.
    const dup = this.#persistent && message.deliveries > 0;
    this.#write(generate({ cmd: 'publish', topic, payload, qos: 1, dup, retain: false, messageId: this.#lastId }));
  }

  invokeMethod({ requestId, name, payload }: MethodRequest): void {
    this.#send(`$iothub/methods/POST/${name}/?$rid=${requestId}`, payload);
  }

  desiredChanged(patch: string, version: number): void {
    this.#send(`$iothub/twin/PATCH/properties/desired/?$version=${version}`, patch);
  }

  close(_reason: HubError): void {
    this.#state = 'closed';
    this.#stream.end();
    this.#destroySoon();
  }

  #send(topic: string, payload: string | Buffer): void {
    this.#write(generate({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false }));
  }

  #writePuback(id: number): void {
    this.#write(Buffer.from([0x40, 2, id >> 8, id & 0xff]));
  }

  /** Packets of one turn leave together. A client that does not read is cut off. */
  #write(bytes: Buffer): void {
    const stream = this.#stream;
    if (this.#state === 'closed' || stream.destroyed) return;
    if (stream.writableCorked === 0) {
      stream.cork();
      process.nextTick(() => stream.uncork());
    }
    stream.write(bytes);
    if (stream.writableLength > MOST_UNSENT)
      this.#drop(new HubError('DeviceConnectionClosedRemotely', 'The device does not read what it is sent.'));
  }

  // Ends

  get #caller(): DeviceCaller {
    return this.#opened().session.caller;
  }

  #opened(): { session: Session; hub: Hub } {
    if (!this.#session) throw new Error('no session yet');
    return { session: this.#session, hub: this.#hub };
  }

  /** Ends the connection because of what the client sent, and records it. */
  #refuse(what: 'malformed' | 'foreign', detail: string): void {
    const error =
      what === 'foreign'
        ? new HubError('IotHubUnauthorized', `The device may not use this topic: ${detail.slice(0, 200)}.`, 'otherIdentity')
        : new HubError('ArgumentInvalid', `The device broke MQTT's or the hub's rules: ${detail.slice(0, 200)}.`, 'malformed');
    void this.#hub.connections.refuse(this.#session?.caller ?? this.#origin, error, this.#session?.name ?? null);
    this.#drop(error);
  }

  #drop(error: HubError): void {
    this.#ended(error);
    this.#stream.destroy();
  }

  #ended(reason: HubError | null): void {
    const session = this.#session;
    if (this.#state === 'closed' && !session) return;
    this.#state = 'closed';
    this.#session = undefined;
    if (!session) return;
    const will = this.#will;
    this.#will = undefined;
    if (will && !session.ended) void this.#publishWill(session.caller, will);
    this.#hub.connections.close(session, reason);
  }

  async #publishWill(caller: DeviceCaller, { bag, payload }: { bag: string; payload: Buffer }): Promise<void> {
    const properties = parsePropertyBag(bag);
    if (!properties) return;
    const application = { ...properties.application, 'iothub-MessageType': 'Will' };
    // A refusal is recorded; there is nobody left to be told.
    await this.#hub.telemetry.accept(caller, { system: properties.system, application, body: payload }).catch(() => {});
  }

  /** A client that does not close its side is not waited for. */
  #destroySoon(): void {
    setTimeout(() => this.#stream.destroy(), 1000).unref();
  }
}

const PINGRESP = Buffer.from([0xd0, 0]);

/** Only what the sender set travels over MQTT, and what the device needs to know of the delivery. */
function commandProperties({ properties, ack }: QueuedMessage) {
  return ack === 'none' ? properties : { ...properties, application: { ...properties.application, 'iothub-ack': ack } };
}

function returnCode({ code, reason }: HubError): number {
  if (reason === 'malformed') return code === 'ArgumentInvalid' ? CONNACK.identifier : CONNACK.badUserName;
  if (code === 'IotHubUnauthorized') return CONNACK.notAuthorized;
  return CONNACK.unavailable;
}
