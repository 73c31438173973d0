/** Starts a hub with its front doors. */
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { Hub, type HubSettings } from './core/hub.ts';
import { AmqpDoor } from './doors/amqp-door.ts';
import { CoarseClock } from './doors/coarse-clock.ts';
import { HttpsDoor } from './doors/https-door.ts';
import { MqttDoor } from './doors/mqtt-door.ts';
import { WebSocketDoor } from './doors/websocket-door.ts';

/** 0 for any free port, null for none. */
export interface HubPorts {
  readonly mqtt: number | null;
  readonly amqp: number | null;
  readonly https: number | null;
}

export interface StartSettings {
  readonly hub: HubSettings;
  /** Address to listen on. */
  readonly address: string;
  readonly ports: HubPorts;
  /** Key and chain in PEM. */
  readonly tls: { readonly key: string; readonly cert: string };
}

export interface RunningHub {
  readonly hub: Hub;
  /** The ports that were opened. */
  readonly ports: HubPorts;
  close(): Promise<void>;
}

/** Time for a TLS handshake, and for the head of a request, milliseconds. */
const HANDSHAKE_MS = 10_000;
/** Time for a whole request; a block of a file over a slow line is the longest. */
const REQUEST_MS = 300_000;
/** Head of a request: its application properties are headers. */
const HEAD_BYTES = 64 * 1024;

/** @throws StoreError `in-use`, or the error of a port that cannot be opened */
export async function startHub(settings: StartSettings): Promise<RunningHub> {
  const hub = await Hub.open(settings.hub);
  const clock = new CoarseClock();
  const sockets = new Set<TLSSocket>();
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    for (const server of servers) server.close();
    await hub.close();
    for (const socket of sockets) socket.destroy();
    clock.stop();
  };
  try {
    // Certificates of clients are judged per identity (self-signed ones are welcome), so TLS itself refuses none.
    const tls: TlsOptions = {
      ...settings.tls,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      handshakeTimeout: HANDSHAKE_MS,
    };
    const mqttDoor = new MqttDoor(hub, clock);
    const httpsDoor = new HttpsDoor(hub);
    const amqpDoor = new AmqpDoor(hub, clock);
    const mqttServer = createTlsServer(tls, (socket) => mqttDoor.accept(socket, socket));
    const amqpServer = createTlsServer(tls, (socket) => amqpDoor.accept(socket, socket));
    const httpsServer = createHttpsServer(
      { ...tls, headersTimeout: HANDSHAKE_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: 75_000, maxHeaderSize: HEAD_BYTES },
      (incoming, response) => void httpsDoor.handle(incoming, response),
    );
    const webSocketDoor = new WebSocketDoor(mqttDoor, amqpDoor);
    httpsServer.on('upgrade', (incoming, socket, head) => webSocketDoor.upgrade(incoming, socket, head));
    const listen = async (server: Server, port: number | null): Promise<number | null> => {
      if (port === null) return null;
      servers.push(server);
      // Handshakes that fail end themselves.
      server.on('tlsClientError', () => {});
      server.on('secureConnection', (socket: TLSSocket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.once('close', () => sockets.delete(socket));
      });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, settings.address, () => {
          server.off('error', reject);
          resolve();
        });
      });
      // A server that listens on a port has such an address.
      return (server.address() as AddressInfo).port;
    };
    const mqtt = await listen(mqttServer, settings.ports.mqtt);
    const amqp = await listen(amqpServer, settings.ports.amqp);
    const https = await listen(httpsServer, settings.ports.https);
    return { hub, ports: { mqtt, amqp, https }, close };
  } catch (error) {
    await close();
    throw error;
  }
}
