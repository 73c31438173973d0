/**
 * An IoT device on MQTT 3.1.1 over TLS, the way stock SDKs talk to a hub (IoT Hub, MQTT support): messages, twin, direct
 * methods and cloud-to-device messages. It comes back by itself when the connection ends.
 */
import { connect, type TLSSocket } from 'node:tls';
import { generate, type Packet, parser } from 'mqtt-packet';
import { createSasToken } from '@annunciator/hub/authentication/sas-token';

export interface IotDeviceOptions {
  readonly deviceId: string;
  /** Base64. */
  readonly key: string;
  /** Host name of the hub, which its certificate names. */
  readonly host: string;
  /** Where to connect to. */
  readonly address: string;
  readonly port: number;
  /** Certificate to trust, PEM; what the system trusts when absent. */
  readonly ca?: string | undefined;
}

export interface MethodAnswer {
  readonly status: number;
  readonly payload: unknown;
}

/** What the device does when it is spoken to. */
export interface IotDeviceBehaviour {
  /** Connected and subscribed. */
  connected?(device: IotDevice): void;
  method?(name: string, payload: unknown): MethodAnswer;
  /** Desired properties were changed; the patch holds `$version`. */
  desired?(patch: Record<string, unknown>): void;
  message?(body: Buffer): void;
}

const TOKEN_SECONDS = 86_400;
const KEEPALIVE_SECONDS = 60;
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 300_000;
const API = 'api-version=2021-04-12';

export class IotDevice {
  readonly #options: IotDeviceOptions;
  readonly #behaviour: IotDeviceBehaviour;
  #socket: TLSSocket | undefined;
  #isReady = false;
  #isClosed = false;
  #wait = FIRST_WAIT;
  #timer: NodeJS.Timeout | undefined;
  #ping: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(options: IotDeviceOptions, behaviour: IotDeviceBehaviour = {}) {
    this.#options = options;
    this.#behaviour = behaviour;
    this.#connect();
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Sends a message; dropped while there is no connection. @param system such as `$.ct` for the content type */
  send(body: string | Buffer, properties: Readonly<Record<string, string>> = {}): void {
    const bag = Object.entries(properties).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
    this.#publish(`devices/${this.#options.deviceId}/messages/events/${bag.join('&')}`, body);
  }

  /** Reports properties: a patch. */
  report(patch: Readonly<Record<string, unknown>>): void {
    this.#publish(`$iothub/twin/PATCH/properties/reported/?$rid=${++this.#lastId}`, JSON.stringify(patch));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#isReady) this.#socket?.end(generate({ cmd: 'disconnect' }));
    else this.#socket?.destroy();
    this.#ended();
  }

  #connect(): void {
    const { host, address, port, ca, deviceId, key } = this.#options;
    const socket = connect({ host: address, port, servername: host, ...(ca === undefined ? {} : { ca }) });
    this.#socket = socket;
    const incoming = parser({ protocolVersion: 4 });
    incoming.on('packet', (packet) => this.#receive(packet));
    incoming.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => incoming.parse(bytes));
    socket.on('error', () => {});
    socket.once('close', () => this.#ended());
    socket.once('secureConnect', () => {
      const token = createSasToken(`${host}/devices/${deviceId}`, key, Math.floor(Date.now() / 1000) + TOKEN_SECONDS);
      socket.write(
        generate({
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clean: true,
          clientId: deviceId,
          keepalive: KEEPALIVE_SECONDS * 2,
          username: `${host}/${deviceId}/?${API}`,
          password: Buffer.from(token),
        }),
      );
    });
  }

  #ended(): void {
    this.#isReady = false;
    clearInterval(this.#ping);
    if (this.#isClosed || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#connect();
    }, this.#wait).unref();
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  #receive(packet: Packet): void {
    switch (packet.cmd) {
      case 'connack':
        if (packet.returnCode === 0) this.#subscribe();
        break;
      case 'suback':
        this.#isReady = true;
        this.#wait = FIRST_WAIT;
        this.#ping = setInterval(() => this.#socket?.write(generate({ cmd: 'pingreq' })), KEEPALIVE_SECONDS * 1000).unref();
        this.#behaviour.connected?.(this);
        break;
      case 'publish':
        if (packet.qos === 1 && packet.messageId !== undefined)
          this.#socket?.write(generate({ cmd: 'puback', messageId: packet.messageId }));
        this.#told(packet.topic, Buffer.from(packet.payload));
        break;
      default:
    }
  }

  #subscribe(): void {
    const topics = [
      `devices/${this.#options.deviceId}/messages/devicebound/#`,
      '$iothub/methods/POST/#',
      '$iothub/twin/res/#',
      '$iothub/twin/PATCH/properties/desired/#',
    ];
    const subscriptions = topics.map((topic) => ({ topic, qos: 1 as const }));
    this.#socket?.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions }));
  }

  #told(topic: string, payload: Buffer): void {
    const method = /^\$iothub\/methods\/POST\/([^/]+)\/\?\$rid=(.+)$/.exec(topic);
    if (method) {
      const [, name = '', requestId = ''] = method;
      const answer = this.#behaviour.method?.(name, jsonOf(payload)) ?? { status: 501, payload: { error: `no method ${name}` } };
      this.#publish(`$iothub/methods/res/${answer.status}/?$rid=${requestId}`, JSON.stringify(answer.payload ?? null));
    } else if (topic.startsWith('$iothub/twin/PATCH/properties/desired/')) {
      const patch = jsonOf(payload);
      if (typeof patch === 'object' && patch !== null) this.#behaviour.desired?.({ ...patch });
    } else if (topic.startsWith('devices/')) this.#behaviour.message?.(payload);
  }

  #publish(topic: string, payload: string | Buffer): void {
    if (!this.#isReady) return;
    const messageId = (++this.#lastId % 65_535) + 1;
    this.#socket?.write(generate({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId }));
  }
}

/** Null for an empty payload and for what is no JSON. */
function jsonOf(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return null;
  }
}
