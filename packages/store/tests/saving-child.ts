/** Saves alerts without end and says which are acknowledged; the crash test kills it. */
import { sampleAlert } from '../src/sample-alerts.ts';
import { openStore } from '../src/store.ts';

const BATCH = 20;
const store = await openStore(process.argv[2]);
for (let index = 0; ; index += BATCH) {
  await store.alerts.save(Array.from({ length: BATCH }, (_, offset) => sampleAlert(index + offset)));
  process.stdout.write(`${index + BATCH}\n`);
}
