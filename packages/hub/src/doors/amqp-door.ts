/** The AMQP front door: TLS sockets (or WebSocket streams) become connections. */
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import rhea, { type Connection, type Container, type EventContext, type Receiver, type Sender } from 'rhea';
import { AmqpConnection } from '../amqp/connection.ts';
import type { Hub } from '../core/hub.ts';
import type { CoarseClock } from './coarse-clock.ts';
import type { Patience } from './patience.ts';
import { certificateOf, originOf } from './peer.ts';

/** What the library tells of and nobody needs to hear: an error also ends the connection, which is heard of. */
const UNHEARD = ['error', 'protocol_error', 'connection_error', 'session_error', 'receiver_error', 'sender_error', 'disconnected'];

export class AmqpDoor {
  readonly #hub: Hub;
  readonly #clock: CoarseClock;
  readonly #patience: Patience;
  readonly #container: Container;
  readonly #connections = new Map<Connection, AmqpConnection>();

  constructor(hub: Hub, clock: CoarseClock, patience: Patience) {
    this.#hub = hub;
    this.#patience = patience;
    this.#clock = clock;
    this.#container = rhea.create_container({
      id: hub.context.names.host,
      receiver_options: { autoaccept: false, credit_window: 0 },
      sender_options: { treat_modified_as_released: false },
    });
    const mechanisms = this.#container.sasl_server_mechanisms;
    mechanisms.enable_anonymous();
    // Clients that send tokens over $cbs may ask for it by this name.
    mechanisms['MSSBCBS'] = mechanisms['ANONYMOUS'];
    this.#container.on('receiver_open', (context: EventContext) => {
      if (context.receiver) this.#of(context)?.receiverOpened({ receiver: context.receiver });
    });
    this.#container.on('sender_open', (context: EventContext) => {
      if (context.sender) this.#of(context)?.senderOpened({ sender: context.sender });
    });
    this.#container.on('session_open', (context: EventContext) => {
      if (context.session) this.#of(context)?.sessionOpened(context.session);
    });
    this.#container.on('session_close', (context: EventContext) => {
      if (context.session) this.#of(context)?.sessionClosed(context.session);
    });
    const closed = (context: EventContext): void => {
      const link: Receiver | Sender | undefined = context.receiver ?? context.sender;
      if (link) this.#of(context)?.linkClosed(link);
    };
    this.#container.on('receiver_close', closed);
    this.#container.on('sender_close', closed);
    for (const event of UNHEARD) this.#container.on(event, () => {});
    clock.onTick(() => {
      for (const connection of this.#connections.values()) connection.check();
    });
  }

  get size(): number {
    return this.#connections.size;
  }

  /** @param stream the bytes: the socket itself, or a WebSocket over it */
  accept(stream: Duplex, socket: TLSSocket): void {
    const connection = new AmqpConnection(stream, {
      hub: this.#hub,
      container: this.#container,
      origin: originOf(socket, 'AMQP'),
      certificate: () => certificateOf(socket),
      now: this.#clock.now,
      introductionMs: this.#patience.introductionMs,
    });
    this.#connections.set(connection.connection, connection);
    stream.once('close', () => this.#connections.delete(connection.connection));
  }

  #of({ connection }: EventContext): AmqpConnection | undefined {
    return this.#connections.get(connection);
  }
}
