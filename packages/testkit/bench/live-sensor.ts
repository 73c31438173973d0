/**
 * The reader of the live benchmark: a sensor that reads interfaces as `annunciator up` does, with all engines and kept packets,
 * or the capture alone. It stops dead for a while in each second, and prints one line of JSON at the end.
 *
 *     node live-sensor.ts sensor|capture ring|tcpdump STALL-MS PACKETS-FOLDER INTERFACE...
 */
import { openLive } from '@annunciator/packet/live/open-live';
import { Packet } from '@annunciator/packet/packet';
import { OPERATIONAL_AT_ONCE } from '@annunciator/sensor/baseline/learning';
import type { FromSensor } from '@annunciator/sensor/process/messages';
import { SensorRunner } from '@annunciator/sensor/process/runner';

const [what, use, stall, folder, ...names] = process.argv.slice(2);
const reader = await openLive(names, use === 'tcpdump' ? 'tcpdump' : 'ring');
let detections = 0;
const runner = new SensorRunner(
  {
    settings: { focus: 'any', enableAll: true },
    memory: null,
    learning: true,
    learns: OPERATIONAL_AT_ONCE,
    learningEnds: null,
    resumeFrame: 0,
    packets: { folder, budget: 1_000_000_000, fresh: true },
  },
  (message: FromSensor) => {
    if (message.kind === 'started') console.log('started');
    if (message.kind !== 'batch') return;
    detections += message.detections.length;
    runner.receive({ kind: 'acknowledge', number: message.number });
  },
);
// Nothing else happens in this thread meanwhile: as if it were taken off its core.
const asleep = new Int32Array(new SharedArrayBuffer(4));
const stalls = setInterval(() => Atomics.wait(asleep, 0, 0, Number(stall)), 1000);
/** Ends when nothing more comes: what is in the ring or the pipe is read first. */
process.once('SIGINT', () => {
  let before = -1;
  const drained = setInterval(() => {
    const now = reader.reports().reduce((sum, { packets }) => sum + packets, 0);
    if (now === before) {
      clearInterval(stalls);
      clearInterval(drained);
      runner.receive({ kind: 'stop' });
      reader.stop();
    }
    before = now;
  }, 500);
});
if (what === 'sensor') await runner.run(reader, names.join(', '));
else await readAlone();
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(
  JSON.stringify({
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMebibytes: maxRSS / 1024,
    detections,
    interfaces: reader.reports().map(({ name, method, packets, kernelDrops }) => ({ name, method, packets, kernelDrops })),
  }),
);

async function readAlone(): Promise<void> {
  console.log('started');
  const packet = new Packet();
  while (await reader.advance()) {
    while (reader.next(packet));
    // The clock of the stalls and the end are told between batches.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await reader.close();
}
