/**
 * The sensor of `annunciator up` over a capture, with nothing around it: what the benchmark measures with kept packets and
 * without.
 *
 *     node sensor-run.ts FILE [PACKETS-FOLDER]
 */
import { Worker } from 'node:worker_threads';
import { OPERATIONAL_AT_ONCE } from '@annunciator/sensor/baseline/learning';
import type { FromSensor } from '@annunciator/sensor/process/messages';
import { programUrl } from '../src/built.ts';
import type { WorkerStart } from '../src/up/sensor-worker.ts';

const [file, folder] = process.argv.slice(2);
const workerData: WorkerStart = {
  source: { kind: 'captures', files: [file] },
  start: {
    settings: { enableAll: true },
    memory: null,
    learning: true,
    learns: OPERATIONAL_AT_ONCE,
    learningEnds: null,
    resumeFrame: 0,
    ...(folder === undefined ? {} : { packets: { folder, budget: 7_000_000_000, fresh: true } }),
  },
};
const sensor = new Worker(programUrl('sensor-worker'), { workerData });
sensor.on('message', (message: FromSensor) => {
  if (message.kind === 'batch') sensor.postMessage({ kind: 'acknowledge', number: message.number });
  if (message.kind === 'failed') throw new Error(message.message);
  // A sensor whose source has ended still learns and unlearns.
  if (message.kind === 'finished') void sensor.terminate();
});
