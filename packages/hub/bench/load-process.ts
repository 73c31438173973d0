/** The load of the benchmark in a process of its own: connects devices, and lets them send as fast as they are answered. */
import { MqttDevice } from './mqtt-device.ts';

export interface LoadOptions {
  readonly port: number;
  readonly ca: string;
  readonly devices: number;
  /** Messages a device sends before the first is acknowledged. */
  readonly window: number;
  /** Seconds of sending; 0 to connect only. */
  readonly seconds: number;
  readonly payloadBytes: number;
  /** Handshakes under way at once. */
  readonly handshakes: number;
}

export type LoadReport =
  | { readonly kind: 'connected'; readonly seconds: number }
  | { readonly kind: 'sent'; readonly perSecond: readonly number[]; readonly milliseconds: readonly number[] };

// Given by bench.ts.
const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;
const payload = Buffer.alloc(options.payloadBytes, '{"pressure":4.21,"temperature":61.5,"valve":"open"}');
const devices: MqttDevice[] = [];

async function connectAll(): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < options.devices) devices.push(await MqttDevice.open(next++, options.port, options.ca, payload));
  };
  await Promise.all(Array.from({ length: options.handshakes }, worker));
}

/** Messages acknowledged in each second, and some of the times from sending to acknowledgement. */
function sendAll(): Promise<{ perSecond: number[]; milliseconds: number[] }> {
  const perSecond: number[] = [];
  const milliseconds: number[] = [];
  let acknowledged = 0;
  let sending = true;
  for (const [index, device] of devices.entries()) {
    // The first device's messages are timed.
    const times: number[] = [];
    device.acknowledged = () => {
      acknowledged++;
      const began = times.shift();
      if (began !== undefined) milliseconds.push(performance.now() - began);
      if (!sending) return;
      if (index === 0) times.push(performance.now());
      device.send();
    };
    for (let sent = 0; sent < options.window; sent++) {
      if (index === 0) times.push(performance.now());
      device.send();
    }
  }
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      perSecond.push(acknowledged);
      acknowledged = 0;
      if (perSecond.length < options.seconds) return;
      clearInterval(timer);
      sending = false;
      resolve({ perSecond, milliseconds });
    }, 1000);
  });
}

const began = performance.now();
await connectAll();
process.send?.({ kind: 'connected', seconds: (performance.now() - began) / 1000 } satisfies LoadReport);
process.on('message', (message: 'send' | 'stop') => {
  if (message === 'stop') process.exit(0);
  void sendAll().then((report) => process.send?.({ kind: 'sent', ...report } satisfies LoadReport));
});
process.on('disconnect', () => process.exit(1));
