/** A process that begins to close many alerts and tells its parent, which kills it in the middle. */
import { openStore } from '@annunciator/store/store';
import { sampleAlert } from '@annunciator/store/sample-alerts';
import { AlertDesk } from '../src/alerts/alert-desk.ts';
import { AlertJobs } from '../src/alerts/alert-jobs.ts';
import { AlertTypes } from '../src/alerts/alert-types.ts';
import { NO_SENSORS } from '../src/sensor-link.ts';

const ALERTS = 2400;

const store = await openStore(process.argv[2] ?? '');
await store.alerts.save(
  Array.from({ length: ALERTS }, (_, index) => ({ ...sampleAlert(index), status: 'New' as const, closeReason: null })),
);
const desk = await AlertDesk.open({ store: store.alerts, types: new AlertTypes(), sensors: NO_SENSORS, audit: store.audit });
const jobs = new AlertJobs({ desk, jobs: store.alertJobs, decisions: store.decisions, batch: 4 });
desk.live.subscribe({ alerts: () => undefined, job: () => undefined });
const job = await jobs.start('admin', { key: 'close it all', action: { kind: 'status', status: 'Closed' }, alerts: { address: {} } });
const watch = setInterval(() => {
  void jobs.get(job.id).then((now) => {
    if (!now || now.done < 40) return;
    clearInterval(watch);
    process.send?.({ id: job.id, done: now.done, total: now.total });
  });
}, 1);
