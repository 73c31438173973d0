/**
 * A sensor over a capture as `annunciator up` runs it, with nothing around it: what the benchmark measures with kept packets
 * and without.
 *
 *     node sensor-run.ts FILE [PACKETS-FOLDER]
 */
import { openCaptures } from '@annunciator/packet/capture/capture-reader';
import { OPERATIONAL_AT_ONCE } from '@annunciator/sensor/baseline/learning';
import type { FromSensor } from '@annunciator/sensor/process/messages';
import { SensorRunner } from '@annunciator/sensor/process/runner';

const [file, folder] = process.argv.slice(2);
const { reader, errors } = await openCaptures([file]);
if (errors.length > 0) throw errors[0];
const runner = new SensorRunner(
  {
    settings: { enableAll: true },
    memory: null,
    learning: true,
    learns: OPERATIONAL_AT_ONCE,
    learningEnds: null,
    resumeFrame: 0,
    ...(folder === undefined ? {} : { packets: { folder, budget: 7_000_000_000, fresh: true } }),
  },
  (message: FromSensor) => {
    if (message.kind === 'batch') runner.receive({ kind: 'acknowledge', number: message.number });
  },
);
await runner.run(reader, file);
