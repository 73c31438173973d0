/** Starts a hub with its front doors. */
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { Hub, type HubSettings } from './core/hub.ts';
import { CoarseClock } from './doors/coarse-clock.ts';
import { MqttDoor } from './doors/mqtt-door.ts';

export interface HubPorts {
  /** 0 for any free port, null for none. */
  readonly mqtt: number | null;
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

/** Time for a TLS handshake, milliseconds. */
const HANDSHAKE_MS = 10_000;

/** @throws StoreError `in-use`, or the error of a port that cannot be opened */
export async function startHub(settings: StartSettings): Promise<RunningHub> {
  const hub = await Hub.open(settings.hub);
  const clock = new CoarseClock();
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    for (const server of servers) server.close();
    await hub.close();
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
    const listen = async (port: number | null, accept: (socket: TLSSocket) => void): Promise<number | null> => {
      if (port === null) return null;
      const server = createServer(tls, accept);
      // Handshakes that fail end themselves.
      server.on('tlsClientError', () => {});
      servers.push(server);
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, settings.address, resolve));
      const address = server.address();
      return typeof address === 'object' && address ? address.port : port;
    };
    const mqtt = await listen(settings.ports.mqtt, (socket) => mqttDoor.accept(socket, socket));
    return { hub, ports: { mqtt }, close };
  } catch (error) {
    await close();
    throw error;
  }
}
