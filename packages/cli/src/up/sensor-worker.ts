/** The worker of a sensor: opens its source of packets and runs it. Everything else is the sensor's own (process/runner.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import type { ByteSource } from '@annunciator/packet/capture/byte-source';
import { CaptureError } from '@annunciator/packet/capture/capture-error';
import { CaptureFile } from '@annunciator/packet/capture/capture-file';
import { CaptureReader, openCaptures } from '@annunciator/packet/capture/capture-reader';
import type { PacketSource } from '@annunciator/packet/capture/packet-source';
import { openLive } from '@annunciator/packet/live/open-live';
import type { FromSensor, SensorStart, ToSensor } from '@annunciator/sensor/process/messages';
import { SensorRunner } from '@annunciator/sensor/process/runner';
import { SECOND } from '@annunciator/core/time';
import { DemoSource } from './demo-source.ts';

/** What a sensor reads. */
export type SourceChoice =
  | { readonly kind: 'demo' }
  | { readonly kind: 'captures'; readonly files: readonly string[] }
  | { readonly kind: 'interfaces'; readonly names: readonly string[]; readonly use: 'ring' | 'tcpdump' };

export interface WorkerStart {
  readonly source: SourceChoice;
  readonly start: SensorStart;
}

const port = parentPort;
if (!port) throw new Error('sensor-worker.ts runs as a worker only');
const post = (message: FromSensor): void => port.postMessage(message);
// The process around gives exactly this (sensor-process.ts).
const { source, start } = workerData as WorkerStart;

/** Closes what is being waited for, so that a read in progress ends. */
let interrupt: () => void = () => undefined;

async function open(): Promise<{ reader: PacketSource; describe: string; start: SensorStart }> {
  switch (source.kind) {
    case 'captures': {
      const { reader, errors } = await openCaptures(source.files);
      if (errors.length > 0) throw errors[0];
      return { reader, describe: source.files.join(', '), start };
    }
    case 'interfaces': {
      const { names } = source;
      const reader = await openLive(names, source.use);
      interrupt = () => reader.stop();
      for (const { name, reason } of reader.reports())
        if (reason !== null) post({ kind: 'complaint', message: `${name} is read through tcpdump: ${reason}.` });
      return { reader, describe: `${names.length === 1 ? 'interface' : 'interfaces'} ${names.join(', ')}`, start };
    }
    case 'demo': {
      const demo = new DemoSource(start.memory !== null && start.memory.baseline.length > 0);
      const learningEnds = start.learning ? BigInt(Math.floor(demo.learningEnds)) * SECOND : null;
      return { reader: await growing(demo, 'demo plant'), describe: 'simulated plant', start: { ...start, learningEnds } };
    }
    default:
      return source satisfies never;
  }
}

async function growing(bytes: ByteSource, name: string): Promise<CaptureReader> {
  interrupt = () => void bytes.close();
  return new CaptureReader([await CaptureFile.from(name, bytes)]);
}

try {
  const opened = await open();
  const runner = new SensorRunner(opened.start, post);
  port.on('message', (message: ToSensor) => {
    runner.receive(message);
    if (message.kind === 'stop') interrupt();
  });
  await runner.run(opened.reader, opened.describe);
  // A source that has ended leaves a sensor that still learns and unlearns.
} catch (error) {
  if (!(error instanceof CaptureError)) throw error;
  post({ kind: 'failed', message: error.message });
  port.close();
}
