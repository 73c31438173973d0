/**
 * One AMQP connection: proofs over `$cbs` (or by certificate), and links whose addresses say what they are for. A connection
 * may carry several devices, or a back end.
 */
import type { Connection, Container, EventContext, Receiver, Sender, Session as AmqpSession } from 'rhea';
import type { Duplex } from 'node:stream';
import type { Credentials } from '../authentication/authenticator.ts';
import type { DeviceCaller, Origin, ServiceCaller } from '../authentication/caller.ts';
import type { Hub } from '../core/hub.ts';
import { asHubError, HubError } from '../hub-error.ts';
import { type IdentityName, nameText } from '../identity/identity.ts';
import { parseAddress, parseDevicePath } from './addresses.ts';
import { conditionOf } from './conditions.ts';
import { DeviceLinks } from './device-links.ts';
import { EventLinks } from './event-links.ts';
import { GuardedSocket } from './guarded-socket.ts';
import { bodyOf, mapOf, textOf } from './message-codec.ts';
import { ServiceLinks } from './service-links.ts';

/** Time for a peer to end the connection by itself, milliseconds. */
const CLOSE_MS = 2000;
/** Devices on one connection. */
const MOST_DEVICES = 1000;
/** Handshakes of tokens under way. */
const CBS_CREDIT = 20;
export const MAX_FRAME_BYTES = 65_536;
/** Clients of Event Hubs open one for each partition they read. */
const MOST_SESSIONS = 64;
/** A peer that is silent for longer is gone; it is told to be heard of twice as often. */
const IDLE_MS = 120_000;

export interface AmqpSettings {
  readonly hub: Hub;
  readonly container: Container;
  readonly origin: Origin;
  /** The client's certificate, undefined when it sent none. */
  readonly certificate: () => Credentials['certificate'];
  /** Milliseconds of a coarse clock that only runs forward. */
  readonly now: () => number;
  /** Time to prove something after connecting, milliseconds. */
  readonly introductionMs: number;
}

export class AmqpConnection {
  readonly #hub: Hub;
  readonly #origin: Origin;
  readonly #certificate: AmqpSettings['certificate'];
  readonly #now: () => number;
  readonly #proofBy: number;
  readonly #socket: GuardedSocket;
  readonly #connection: Connection;
  readonly #devices = new Map<string, DeviceLinks>();
  /** A back end's rights, once it has proved them. */
  #service: ServiceCaller | undefined;
  readonly #serviceLinks: ServiceLinks;
  readonly #eventLinks: EventLinks;
  /** Where answers about tokens go. */
  #cbsSender: Sender | undefined;
  readonly #sessions = new Set<AmqpSession>();
  #closed = false;

  constructor(stream: Duplex, settings: AmqpSettings) {
    this.#hub = settings.hub;
    this.#origin = settings.origin;
    this.#certificate = settings.certificate;
    this.#now = settings.now;
    this.#proofBy = settings.now() + settings.introductionMs;
    const { limits } = settings.hub.context;
    const bounds = {
      maxFrameBytes: MAX_FRAME_BYTES,
      maxMessageBytes: limits.deviceMessageBytes + 65_536,
      maxSessions: MOST_SESSIONS,
      linkOf: (channel: number, handle: number) => this.#sessionOn(channel)?.linkOf(handle),
      sentOn: (channel: number) => this.#sessionOn(channel)?.sent,
      maxLinks: 4 * MOST_DEVICES,
    };
    this.#socket = new GuardedSocket(
      stream,
      bounds,
      (violation) => this.#broken(violation),
      () => this.#gone(),
    );
    this.#serviceLinks = new ServiceLinks(settings.hub, () => this.#backEnd());
    this.#eventLinks = new EventLinks(
      settings.hub,
      () => this.#backEnd(),
      () => this.#socket.unsent,
    );
    const options = {
      max_frame_size: MAX_FRAME_BYTES,
      channel_max: MOST_SESSIONS - 1,
      idle_time_out: IDLE_MS,
      container_id: settings.hub.context.names.host,
      reconnect: false,
    };
    // The options for clients are the type's; a server takes the same fields.
    this.#connection = settings.container.create_connection(options as unknown as Parameters<Container['create_connection']>[0]);
    // Takes an object with a socket's methods, as its WebSocket wrapper is one.
    (this.#connection as unknown as { accept(socket: GuardedSocket): void }).accept(this.#socket);
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Ends the connection when nothing was proved in time, or a proof has ended. Called each second. */
  check(): void {
    if (this.#closed) return;
    const now = this.#hub.context.clock();
    if (this.#service?.expires !== undefined && this.#service.expires !== null && this.#service.expires <= now)
      this.#close(new HubError('IotHubUnauthorized', 'The token has expired.', 'tokenExpired'));
    else if (!this.#service && this.#devices.size === 0 && this.#now() > this.#proofBy)
      this.#close(new HubError('IotHubUnauthorized', 'Nothing was proved in time.', 'noCredentials'));
  }

  // Events of the library

  sessionOpened(session: AmqpSession): void {
    this.#sessions.add(session);
  }

  sessionClosed(session: AmqpSession): void {
    this.#sessions.delete(session);
  }

  receiverOpened({ receiver }: { receiver: Receiver }): void {
    const address = parseAddress(textOf(receiver.target?.address) ?? '');
    receiver.set_target({ address: receiver.target?.address ?? '' });
    receiver.set_source({ address: receiver.source?.address ?? '' });
    switch (address?.kind) {
      case 'cbs':
        receiver.add_credit(CBS_CREDIT);
        receiver.on('message', (context: EventContext) => void this.#putToken(receiver, context));
        return;
      case 'events':
      case 'methods':
      case 'twin':
        return void this.#withDevice(receiver, address.name, (links) => links.receive(address.kind, receiver));
      case 'send':
        return this.#withService(receiver, () => this.#serviceLinks.send(receiver));
      case 'management':
        return this.#withService(receiver, () => this.#eventLinks.requests(receiver));
      default:
        receiver.close(nothingAt(receiver.target?.address));
    }
  }

  senderOpened({ sender }: { sender: Sender }): void {
    const address = parseAddress(textOf(sender.source?.address) ?? '');
    sender.set_source({ address: sender.source?.address ?? '' });
    sender.set_target({ address: sender.target?.address ?? '' });
    switch (address?.kind) {
      case 'cbs':
        this.#cbsSender = sender;
        return;
      case 'commands':
      case 'methods':
      case 'twin':
      case 'events':
        // Modules listen for inputs on the address of their events.
        return void this.#withDevice(sender, address.name, (links) => links.send(address.kind, sender));
      case 'feedback':
      case 'fileNotifications':
        return this.#withService(sender, () => this.#serviceLinks.notices(address.kind === 'feedback' ? 'feedback' : 'file', sender));
      case 'readEvents':
        return this.#withService(sender, () => void this.#eventLinks.read(address.partition, address.consumerGroup, sender));
      case 'management':
        return this.#withService(sender, () => this.#eventLinks.answers(sender));
      default:
        sender.close(nothingAt(sender.source?.address));
    }
  }

  linkClosed(link: Receiver | Sender): void {
    if (link === this.#cbsSender) this.#cbsSender = undefined;
    for (const links of this.#devices.values()) links.closed(link);
    this.#serviceLinks.closed(link);
    this.#eventLinks.closed(link);
  }

  /**
   * What the guard asks about a session of the peer's channel. The library takes transfers without credit and dispositions of
   * what was not sent yet, and complains on standard error: they must not get so far.
   */
  #sessionOn(channel: number) {
    // Where the library keeps sessions by the peer's channel, links by its handle, and the number of the next delivery.
    const internal = this.#connection as unknown as {
      remote_channel_map: Record<
        number,
        | {
            remote: { handles: Record<number, (Receiver & { credit: number }) | undefined> };
            outgoing: { next_pending_delivery: number };
          }
        | undefined
      >;
    };
    const session = internal.remote_channel_map[channel];
    return (
      session && {
        sent: session.outgoing.next_pending_delivery,
        linkOf: (handle: number) => {
          const link = session.remote.handles[handle];
          return link && { receives: link.is_receiver(), credit: link.credit };
        },
      }
    );
  }

  // Proofs

  async #putToken(receiver: Receiver, { message, delivery }: EventContext): Promise<void> {
    delivery?.accept();
    receiver.add_credit(1);
    if (!message) return;
    let status = 200;
    let description = 'OK';
    try {
      await this.#prove(textOf(mapOf(message, 'application_properties')['name']) ?? '', tokenOf(message));
    } catch (error) {
      const refusal = asHubError(error);
      status = refusal.status;
      description = refusal.message;
    }
    if (this.#closed) return;
    this.#cbsSender?.send({
      correlation_id: message['message_id'],
      to: message['reply_to'],
      application_properties: { 'status-code': status, 'status-description': description },
      body: description,
    } as never);
  }

  async #prove(audience: string, token: string): Promise<void> {
    const path = this.#hub.context.names.pathOf(decode(audience));
    const device = path === undefined ? undefined : parseDevicePath(path);
    const names = tokenNamesPolicy(token);
    if (device && !(names && device.rest.startsWith('messages/events'))) {
      const caller = await this.#hub.connections.authenticate(device.name, { token }, this.#origin);
      await this.#admit(caller);
      return;
    }
    this.#service = await this.#hub.connections.authenticateService(token, this.#origin, {
      category: 'Connections',
      operation: 'serviceConnect',
      target: null,
    });
  }

  /** Begins the session of a device, or renews its proof. */
  async #admit(caller: DeviceCaller): Promise<DeviceLinks> {
    const key = nameText(caller.identity);
    const present = this.#devices.get(key);
    if (present && !present.session.ended) {
      present.session.caller = caller;
      return present;
    }
    if (this.#devices.size >= MOST_DEVICES)
      throw new HubError('QuotaExceeded', `${MOST_DEVICES} devices are on this connection, which is the most.`);
    const links = await DeviceLinks.open(this.#hub, caller, this.#socket, (reason) => this.#endDevice(key, reason));
    if (this.#closed) {
      this.#hub.connections.close(links.session);
      throw new HubError('DeviceConnectionClosedRemotely', 'The connection has ended.');
    }
    this.#devices.set(key, links);
    return links;
  }

  /** A device without a token proves itself by its certificate when it attaches its first link. */
  async #withDevice(link: Receiver | Sender, name: IdentityName, act: (links: DeviceLinks) => void): Promise<void> {
    let links = this.#devices.get(nameText(name));
    try {
      if (!links) {
        const certificate = this.#certificate();
        if (!certificate || this.#devices.size > 0 || this.#service) throw await this.#foreign(name);
        links = await this.#admit(await this.#hub.connections.authenticate(name, { certificate }, this.#origin));
      }
      if (!link.is_closed()) act(links);
    } catch (error) {
      link.close(conditionOf(asHubError(error)));
    }
  }

  /** Whoever proved one thing and reaches for another, recorded. */
  async #foreign(name: IdentityName): Promise<HubError> {
    const error = new HubError('IotHubUnauthorized', `The connection has not proved to be ${nameText(name)}.`, 'otherIdentity');
    const [first] = this.#devices.values();
    // Counted against the device that reached out, else against the one it reached for.
    if (first) await this.#hub.connections.refuse(first.session.caller, error, first.session.name);
    else await this.#hub.connections.refuse(this.#service ?? this.#origin, error, null);
    return error;
  }

  /** The back end whose rights were proved. @throws HubError */
  #backEnd(): ServiceCaller {
    if (!this.#service) throw new HubError('IotHubUnauthorized', 'The connection has proved no rights of a back end.', 'noCredentials');
    return this.#service;
  }

  #withService(link: Receiver | Sender, act: () => void): void {
    if (this.#service) act();
    else void this.#refuseService(link);
  }

  async #refuseService(link: Receiver | Sender): Promise<void> {
    const error = new HubError('IotHubUnauthorized', 'The connection has proved no rights of a back end.', 'noCredentials');
    link.close(conditionOf(error));
    const [first] = this.#devices.values();
    await this.#hub.connections.refuse(first?.session.caller ?? this.#origin, error, first?.session.name ?? null);
  }

  // Ends

  #endDevice(key: string, reason: HubError): void {
    const links = this.#devices.get(key);
    this.#devices.delete(key);
    links?.closeAll(reason);
    if (this.#devices.size === 0 && !this.#service) this.#close(reason);
  }

  #close(reason: HubError): void {
    if (this.#closed) return;
    this.#ended(reason);
    // Ending its sessions lets an SDK end the connection at once. When the connection ends first, it asks for the end of
    // every link, and waits for answers that can no longer come.
    for (const session of this.#sessions) session.close(conditionOf(reason));
    setTimeout(() => {
      this.#connection.close(conditionOf(reason));
      this.#socket.end();
    }, CLOSE_MS).unref();
  }

  #broken(violation: string): void {
    const error = new HubError('ArgumentInvalid', `The peer broke AMQP's or the hub's rules: ${violation}.`, 'malformed');
    const [first] = this.#devices.values();
    void this.#hub.connections.refuse(first?.session.caller ?? this.#service ?? this.#origin, error, first?.session.name ?? null);
    this.#ended(error);
  }

  /** The stream is gone. */
  #gone(): void {
    // What still comes to be sent would start the library's timers again, which nothing would end.
    (this.#connection as unknown as { socket_ready: boolean }).socket_ready = false;
    this.#ended(null);
  }

  #ended(reason: HubError | null): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { session } of this.#devices.values()) this.#hub.connections.close(session, reason);
    this.#devices.clear();
    this.#serviceLinks.end();
    this.#eventLinks.end();
  }
}

function nothingAt(address: unknown) {
  return conditionOf(new HubError('NotFound', `There is nothing at ${String(address).slice(0, 200)}.`));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function tokenOf(message: NonNullable<EventContext['message']>): string {
  const body: unknown = message['body'];
  return typeof body === 'string' ? body : bodyOf(message).toString();
}

function tokenNamesPolicy(token: string): boolean {
  return /[&\s]skn=[^&]/.test(token);
}
