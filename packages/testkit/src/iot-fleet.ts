/**
 * The IoT devices of the demo plant: what each is, what it sends and how it answers. Values follow slow waves of the time of
 * day, so that they look like a plant at work and are the same for the same time.
 */
import { IotDevice, type IotDeviceOptions, type MethodAnswer } from './iot-device.ts';

export interface FleetMessage {
  readonly body: string | Buffer;
  readonly properties: Readonly<Record<string, string>>;
}

export interface FleetDevice {
  readonly id: string;
  /** Seconds between messages. */
  readonly every: number;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly desired: Readonly<Record<string, unknown>>;
  readonly reported: Readonly<Record<string, unknown>>;
  /** Module with a SecurityGroup tag of its own. */
  readonly securityModule?: { readonly id: string; readonly group: string };
  /** Why it is disabled; it never connects then. */
  readonly disabled?: string;
  /** @param time milliseconds since 1970 */
  message(time: number): FleetMessage;
}

/** A slow wave around a middle, with a small quick one upon it. */
function wave(time: number, middle: number, swing: number, minutes: number, digits = 2): number {
  const slow = Math.sin((time / 60_000 / minutes) * 2 * Math.PI);
  const quick = Math.sin(time / 7000) * 0.15;
  return Number((middle + swing * (slow + quick)).toFixed(digits));
}

const JSON_PROPERTIES = { '$.ct': 'application/json', '$.ce': 'utf-8' };
const json = (value: object, properties: Readonly<Record<string, string>> = {}): FleetMessage => ({
  body: JSON.stringify(value),
  properties: { ...JSON_PROPERTIES, ...properties },
});

function pump(id: string, phase: number): FleetDevice {
  return {
    id,
    every: 6,
    tags: { SecurityGroup: 'pumps', site: 'North Pumping Station', line: 'Raw water' },
    desired: { telemetryInterval: 6, speedLimit: 1480 },
    reported: { firmware: '4.2.1', model: 'CR 64-3', telemetryInterval: 6 },
    message: (time) => {
      const pressure = wave(time + phase, 4.1, 0.5, 9);
      const fields = { pressure, flow: wave(time + phase, 62, 6, 9, 1), rpm: wave(time + phase, 1440, 30, 4, 0) };
      return json(fields, pressure > 4.55 ? { level: 'warning' } : {});
    },
  };
}

export const FLEET: readonly FleetDevice[] = [
  pump('pump-north-01', 0),
  pump('pump-north-02', 200_000),
  {
    id: 'tank-level-01',
    every: 10,
    tags: { SecurityGroup: 'tanks', site: 'North Pumping Station' },
    desired: { telemetryInterval: 10, highAlarm: 92 },
    reported: { firmware: '1.9.0', model: 'VEGAPULS C 21', telemetryInterval: 10 },
    message: (time) => json({ level: wave(time, 71, 12, 25, 1), temperature: wave(time, 11.5, 1.2, 60, 1) }),
  },
  {
    id: 'gateway-hall-3',
    every: 15,
    tags: { site: 'Bottling', area: 'Hall 3' },
    desired: { telemetryInterval: 15, upstream: 'broker-b' },
    reported: { firmware: '22.3', os: 'Debian 12', telemetryInterval: 15 },
    securityModule: { id: 'azureiotsecurity', group: 'gateways' },
    message: (time) => json({ cpu: wave(time, 31, 9, 6, 1), memory: wave(time, 58, 3, 40, 1), devices: 14 }, { kind: 'health' }),
  },
  {
    id: 'weather-mast-01',
    every: 12,
    tags: { site: 'North Pumping Station' },
    desired: { telemetryInterval: 12 },
    reported: { firmware: '0.8', telemetryInterval: 12 },
    message: (time) => ({
      body: `temp=${wave(time, 9, 4, 90, 1)};wind=${wave(time, 5.5, 2.5, 14, 1)};dir=${wave(time, 220, 25, 33, 0)}`,
      properties: { '$.ct': 'text/plain', '$.ce': 'utf-8' },
    }),
  },
  {
    id: 'valve-12',
    every: 20,
    // Somebody mistyped it: the pages show such groups, so that it is seen.
    tags: { SecurityGroup: 'pumsp', site: 'North Pumping Station' },
    desired: { telemetryInterval: 20, position: 35 },
    reported: { firmware: '2.0.4', position: 35, telemetryInterval: 20 },
    message: (time) => json({ position: wave(time, 35, 1.5, 5, 1), torque: wave(time, 12, 2, 5, 1) }),
  },
  {
    id: 'vibration-07',
    every: 18,
    tags: { SecurityGroup: 'pumps', site: 'North Pumping Station' },
    desired: { telemetryInterval: 18 },
    reported: { firmware: '3.1', telemetryInterval: 18 },
    // Sixteen samples of two bytes: a body that is no text.
    message: (time) => {
      const body = Buffer.alloc(32);
      for (let at = 0; at < 16; at++) body.writeInt16LE(Math.round(900 * Math.sin(time / 900 + at)), at * 2);
      return { body, properties: { '$.ct': 'application/octet-stream', axis: 'z' } };
    },
  },
  {
    id: 'camera-gate-02',
    every: 60,
    tags: { site: 'Bottling', area: 'Gate' },
    desired: {},
    reported: {},
    disabled: 'Under repair',
    message: () => json({}),
  },
];

/** A device of the fleet at work: sends in its rhythm, and takes a new one from its desired property `telemetryInterval`. */
export class FleetRunner {
  readonly #definition: FleetDevice;
  readonly #device: IotDevice;
  #every: number;
  #timer: NodeJS.Timeout | undefined;
  #received = 0;
  readonly #started = Date.now();

  constructor(definition: FleetDevice, options: IotDeviceOptions) {
    this.#definition = definition;
    this.#every = definition.every;
    this.#device = new IotDevice(options, {
      connected: (device) => {
        device.report(definition.reported);
        this.#send();
      },
      method: (name, payload) => this.#answer(name, payload),
      desired: ({ $version: _version, ...patch }) => this.#follow(patch),
      message: () => {
        this.#received++;
      },
    });
  }

  #send(): void {
    clearTimeout(this.#timer);
    const { body, properties } = this.#definition.message(Date.now());
    this.#device.send(body, properties);
    this.#timer = setTimeout(() => this.#send(), this.#every * 1000).unref();
  }

  #follow(patch: Readonly<Record<string, unknown>>): void {
    const { telemetryInterval } = patch;
    if (typeof telemetryInterval === 'number' && telemetryInterval >= 1 && telemetryInterval <= 3600) this.#every = telemetryInterval;
    // A device reports what it took over; what it does not know stays apart.
    const known = Object.entries(patch).filter(([name]) => name in this.#definition.desired);
    if (known.length > 0) this.#device.report({ ...Object.fromEntries(known), telemetryInterval: this.#every });
    this.#send();
  }

  #answer(name: string, payload: unknown): MethodAnswer {
    switch (name) {
      case 'getStatus': {
        const upSeconds = Math.round((Date.now() - this.#started) / 1000);
        return { status: 200, payload: { state: 'running', upSeconds, telemetryInterval: this.#every, messagesReceived: this.#received } };
      }
      case 'sendNow':
        this.#send();
        return { status: 200, payload: { sent: true } };
      case 'echo':
        return { status: 200, payload };
      default:
        return { status: 501, payload: { error: `There is no method ${name}.`, methods: ['getStatus', 'sendNow', 'echo'] } };
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#device.close();
  }
}
