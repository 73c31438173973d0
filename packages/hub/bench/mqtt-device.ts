/** A device of the benchmark: as little work as MQTT over TLS needs, so that the hub's cost shows and not the load's. */
import { connect, type TLSSocket } from 'node:tls';
import { generate } from 'mqtt-packet';
import { createSasToken } from '../src/authentication/sas-token.ts';
import { deviceKey, deviceName } from './devices.ts';

const CONNACK = 2;
const PUBACK = 4;

export class MqttDevice {
  readonly #socket: TLSSocket;
  /** A PUBLISH; the packet id is written into it each time. */
  readonly #publish: Buffer;
  readonly #idAt: number;
  #id = 0;
  #rest: Buffer = Buffer.alloc(0);
  /** Told for each PUBACK. */
  acknowledged: () => void = () => {};

  private constructor(socket: TLSSocket, name: string, payload: Buffer) {
    this.#socket = socket;
    const topic = `devices/${name}/messages/events/`;
    this.#publish = generate({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId: 1 });
    this.#idAt = this.#publish.length - payload.length - 2;
  }

  /** Connects; resolves at CONNACK. @throws Error when the hub refuses */
  static open(index: number, port: number, ca: string, payload: Buffer): Promise<MqttDevice> {
    const name = deviceName(index);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' }, () => {
        const token = createSasToken(`localhost/devices/${name}`, deviceKey(name), Math.floor(Date.now() / 1000) + 86_400);
        const username = `localhost/${name}/?api-version=2021-04-12`;
        socket.write(
          generate({
            cmd: 'connect',
            protocolId: 'MQTT',
            protocolVersion: 4,
            clean: true,
            clientId: name,
            keepalive: 0,
            username,
            password: Buffer.from(token),
          }),
        );
      });
      const device = new MqttDevice(socket, name, payload);
      socket.setNoDelay(true);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error(`${name} was disconnected`)));
      socket.on('data', (bytes: Buffer) =>
        device.#read(bytes, (code) => {
          if (code === 0) resolve(device);
          else reject(new Error(`${name} was refused with ${code}`));
        }),
      );
    });
  }

  #read(bytes: Buffer, connected: (code: number) => void): void {
    let data = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    // CONNACK and PUBACK have four bytes each; the hub sends nothing else here.
    while (data.length >= 4) {
      const kind = data[0] >> 4;
      if (kind === CONNACK) connected(data[3]);
      else if (kind === PUBACK) this.acknowledged();
      data = data.subarray(4);
    }
    this.#rest = data;
  }

  send(): void {
    this.#id = (this.#id % 65_535) + 1;
    const packet = Buffer.from(this.#publish);
    packet.writeUInt16BE(this.#id, this.#idAt);
    this.#socket.write(packet);
  }

  close(): void {
    this.#socket.destroy();
  }
}
