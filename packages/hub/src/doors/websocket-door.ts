/** WebSockets on the HTTPS port that carry MQTT or AMQP (IoT Hub, protocols over port 443). */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import type { AmqpDoor } from './amqp-door.ts';
import type { MqttDoor } from './mqtt-door.ts';

const PATHS = ['/$iothub/websocket', '/$servicebus/websocket'];
const MQTT = 'mqtt';
const AMQP = 'AMQPWSB10';
/** Bytes of one WebSocket message; clients cut their packets as they like. */
const MAX_PAYLOAD = 1 << 20;
/** Bytes read ahead of the protocol inside. */
const READ_AHEAD = 65_536;

export class WebSocketDoor {
  readonly #mqtt: MqttDoor;
  readonly #amqp: AmqpDoor;
  readonly #server: WebSocketServer;

  constructor(mqtt: MqttDoor, amqp: AmqpDoor) {
    this.#mqtt = mqtt;
    this.#amqp = amqp;
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: MAX_PAYLOAD,
      handleProtocols: (offered) => protocolOf([...offered]) ?? false,
    });
  }

  /** Takes a request to upgrade. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (incoming.url ?? '').split('?', 1)[0];
    const offered = (incoming.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
    socket.on('error', () => {});
    if (!PATHS.includes(path.toLowerCase()) || !protocolOf(offered)) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    // The HTTPS server's sockets are TLS sockets.
    this.#server.handleUpgrade(incoming, socket, head, (webSocket) => this.#accept(webSocket, socket as TLSSocket));
  }

  #accept(webSocket: WebSocket, socket: TLSSocket): void {
    const stream = createWebSocketStream(webSocket, { readableHighWaterMark: READ_AHEAD, writableHighWaterMark: READ_AHEAD });
    stream.on('error', () => {});
    if (webSocket.protocol === AMQP) this.#amqp.accept(stream, socket);
    else this.#mqtt.accept(stream, socket);
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }
}

function protocolOf(offered: readonly string[]): string | undefined {
  return [MQTT, AMQP].find((known) => offered.some((one) => one.toLowerCase() === known.toLowerCase()));
}
