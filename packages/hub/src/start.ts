/** Starts a hub with its front doors. */
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { HubProtocol } from '@annunciator/rules/hub-operation';
import { type Hub, type HubSettings, openHub } from './core/hub.ts';
import { AcceptGate, type GateLimits } from './doors/accept-gate.ts';
import { AmqpDoor } from './doors/amqp-door.ts';
import { CoarseClock } from './doors/coarse-clock.ts';
import { HttpsDoor } from './doors/https-door.ts';
import { MqttDoor } from './doors/mqtt-door.ts';
import { type Patience, USUAL_PATIENCE } from './doors/patience.ts';
import { WebSocketDoor } from './doors/websocket-door.ts';

/** 0 for any free port, null for none. */
export interface HubPorts {
  readonly mqtt: number | null;
  readonly amqp: number | null;
  readonly https: number | null;
}

/** Key and certificate chain in PEM. */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
}

/** Where whoever issues certificates keeps its keys: with the hub's other secrets. */
export interface HubKeys {
  get(name: string): Promise<string | undefined>;
  set(name: string, secret: string): Promise<void>;
}

export interface StartSettings {
  readonly hub: HubSettings;
  /** Address to listen on, null for all of this machine. */
  readonly address: string | null;
  readonly ports: HubPorts;
  /** Key and chain, or what issues them with the keys that the hub keeps. */
  readonly tls: TlsFiles | ((keys: HubKeys) => Promise<TlsFiles>);
  /** {@link USUAL_PATIENCE} when absent. */
  readonly patience?: Patience;
}

export interface RunningHub {
  readonly hub: Hub;
  /** The ports that were opened. */
  readonly ports: HubPorts;
  /** Takes the certificate that is current now, without a restart. */
  renew(): Promise<void>;
  /** Lets somebody else answer what lies under a path on the HTTPS port, such as `/subscriptions/`. */
  serveAlso(path: string, serve: RequestListener): void;
  close(): Promise<void>;
}

/** Head of a request: its application properties are headers. */
const HEAD_BYTES = 64 * 1024;

/** @throws StoreError `in-use`, or the error of a port that cannot be opened */
export async function startHub(settings: StartSettings): Promise<RunningHub> {
  const hub = await openHub(settings.hub);
  const patience = settings.patience ?? USUAL_PATIENCE;
  const clock = new CoarseClock();
  const sockets = new Set<TLSSocket>();
  const closers: (() => void)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closers) end();
    await hub.close();
    for (const socket of sockets) socket.destroy();
    clock.stop();
  };
  try {
    // Certificates of clients are judged per identity (self-signed ones are welcome), so TLS itself refuses none.
    const files = async (): Promise<TlsFiles> => (typeof settings.tls === 'function' ? settings.tls(keysOf(hub)) : settings.tls);
    const tls: TlsOptions = {
      ...(await files()),
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      handshakeTimeout: patience.handshakeMs,
    };
    const mqttDoor = new MqttDoor(hub, clock, patience);
    const httpsDoor = new HttpsDoor(hub, patience);
    const others: { path: string; serve: RequestListener }[] = [];
    const amqpDoor = new AmqpDoor(hub, clock, patience);
    const mqttServer = createTlsServer(tls, (socket) => mqttDoor.accept(socket, socket));
    const amqpServer = createTlsServer(tls, (socket) => amqpDoor.accept(socket, socket));
    const httpsServer = createHttpsServer(
      {
        ...tls,
        headersTimeout: patience.introductionMs,
        requestTimeout: patience.requestMs,
        keepAliveTimeout: 30_000,
        connectionsCheckingInterval: Math.min(2000, patience.introductionMs),
        maxHeaderSize: HEAD_BYTES,
      },
      (incoming, response) => {
        const path = incoming.url?.replace(/^\/+/, '/') ?? '/';
        const other = others.find((one) => path.startsWith(one.path));
        if (other) other.serve(incoming, response);
        else void httpsDoor.handle(incoming, response);
      },
    );
    limitConnections(httpsServer, hub.context.limits.httpsConnections);
    closers.push(() => httpsServer.close());
    const webSocketDoor = new WebSocketDoor(mqttDoor, amqpDoor);
    closers.push(() => webSocketDoor.close());
    httpsServer.on('upgrade', (incoming, socket, head) => webSocketDoor.upgrade(incoming, socket, head));
    const listen = async (tlsServer: Server, protocol: HubProtocol, port: number | null): Promise<number | null> => {
      if (port === null) return null;
      tlsServer.on('tlsClientError', (_error: Error, socket: TLSSocket) => socket.destroy());
      tlsServer.on('secureConnection', (socket: TLSSocket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.once('close', () => sockets.delete(socket));
      });
      const gate = new AcceptGate(gateLimits(hub), (ipAddress) => hub.connections.turnAway({ protocol, ipAddress }));
      const server = gate.before(tlsServer);
      closers.push(
        () => server.close(),
        () => gate.close(),
      );
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, ...(settings.address === null ? {} : { host: settings.address }) }, () => {
          server.off('error', reject);
          resolve();
        });
      });
      // A server that listens on a port has such an address.
      return (server.address() as AddressInfo).port;
    };
    const mqtt = await listen(mqttServer, 'MQTT', settings.ports.mqtt);
    const amqp = await listen(amqpServer, 'AMQP', settings.ports.amqp);
    const https = await listen(httpsServer, 'HTTPS', settings.ports.https);
    const renew = async (): Promise<void> => {
      const renewed = await files();
      for (const server of [mqttServer, amqpServer, httpsServer]) server.setSecureContext({ ...renewed, minVersion: 'TLSv1.2' });
    };
    const serveAlso = (path: string, serve: RequestListener): void => void others.push({ path, serve });
    return { hub, ports: { mqtt, amqp, https }, renew, serveAlso, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function keysOf({ context }: Hub): HubKeys {
  return {
    get: (name) => context.askHub('setting', { name: `key.${name}` }),
    set: async (name, secret) => context.askHub('setSetting', { name: `key.${name}`, value: secret }),
  };
}

/** Unfinished handshakes and waiting connections cost memory: as many as a few seconds' worth. */
function gateLimits(hub: Hub): GateLimits {
  const { handshakesPerSecond } = hub.context.limits;
  return { handshakesPerSecond, unfinished: handshakesPerSecond * 2, waiting: handshakesPerSecond * 4 };
}

/** Bounds the connections that stay open between requests: idle ones give way, and when none is idle the newest does. */
function limitConnections(server: HttpsServer, most: number): void {
  // Behind the gate this server never listens, and watches over time-outs only once it is told that it does.
  server.emit('listening');
  let open = 0;
  server.on('secureConnection', (socket: TLSSocket) => {
    open++;
    socket.once('close', () => open--);
    if (open <= most) return;
    server.closeIdleConnections();
    if (open > most) socket.destroy();
  });
}
