/** The MQTT front door: TLS sockets (or WebSocket streams) become connections. */
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Hub } from '../core/hub.ts';
import { MqttConnection } from '../mqtt/connection.ts';
import type { CoarseClock } from './coarse-clock.ts';
import type { Patience } from './patience.ts';
import { certificateOf, originOf } from './peer.ts';

export class MqttDoor {
  readonly #hub: Hub;
  readonly #clock: CoarseClock;
  readonly #patience: Patience;
  readonly #connections = new Set<MqttConnection>();

  constructor(hub: Hub, clock: CoarseClock, patience: Patience) {
    this.#hub = hub;
    this.#patience = patience;
    this.#clock = clock;
    clock.onTick(() => {
      for (const connection of this.#connections) connection.checkSilence();
    });
  }

  get size(): number {
    return this.#connections.size;
  }

  /** @param stream the bytes: the socket itself, or a WebSocket over it */
  accept(stream: Duplex, socket: TLSSocket): void {
    const connection = new MqttConnection(stream, {
      hub: this.#hub,
      origin: originOf(socket, 'MQTT'),
      certificate: () => certificateOf(socket),
      now: this.#clock.now,
      introductionMs: this.#patience.introductionMs,
    });
    this.#connections.add(connection);
    stream.once('close', () => this.#connections.delete(connection));
  }
}
