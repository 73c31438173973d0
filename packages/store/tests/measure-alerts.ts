/** Fills a store with alerts and prints how long the grid's questions take: `node measure-alerts.ts [COUNT] [DIRECTORY]`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertFilter, AlertQuery } from '../src/alert-query.ts';
import { sampleAlert } from '../src/sample-alerts.ts';
import { openStore } from '../src/store.ts';

const count = Number(process.argv[2] ?? 100_000);
const kept = process.argv[3];
const directory = kept ?? (await mkdtemp(join(tmpdir(), 'annunciator-measure-')));
const store = await openStore(directory);
const { alerts } = store;

const newest: AlertQuery = { filters: [], sort: { column: 'lastDetection', descending: true } };
const filter = (column: AlertFilter['column'], ...values: string[]): AlertFilter => ({ column, operator: 'equals', values });
const open = filter('status', 'New', 'Active');

async function timed(name: string, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  const result = await work();
  console.log(`${name.padEnd(48)} ${(performance.now() - start).toFixed(1).padStart(9)} ms  ${result ?? ''}`);
}

const page = async (query: AlertQuery, cursor: string | null = null): Promise<string> => {
  const { alerts: found, matching } = await alerts.page(query, 50, cursor);
  return `${found.length} of ${matching}`;
};

const { total } = await alerts.page(newest, 1, null);
if (total < count) {
  await timed(`save ${count - total} alerts, 1,000 at a time`, async () => {
    for (let at = total; at < count; at += 1000) {
      await alerts.save(Array.from({ length: Math.min(1000, count - at) }, (_, offset) => sampleAlert(at + offset)));
    }
  });
}
await timed('first page, newest', () => page(newest));
await timed('first page, open', () => page({ ...newest, filters: [open] }));
await timed('first page, open, again', () => page({ ...newest, filters: [open] }));
await timed('first page, open, high, one site', () =>
  page({ ...newest, filters: [open, filter('severity', 'High'), filter('site', 'Site 3')] }),
);
await timed('first page, one sensor, by severity', () =>
  page({ filters: [filter('sensor', 'sensor-7')], sort: { column: 'severity', descending: true } }),
);
await timed('first page, open, by title', () => page({ filters: [open], sort: { column: 'title', descending: false } }));
await timed('first page, one source device', () => page({ ...newest, filters: [filter('sourceDevice', '10.0.1.2')] }));
await timed('first page, filter that matches nothing', () => page({ ...newest, filters: [filter('zone', 'nowhere')] }));
let deep = (await alerts.page(newest, 1, null)).next;
for await (const batch of alerts.stream(newest, 1000)) {
  const last = batch.at(-1);
  if (!last || batch.length < 1000) break;
  // A marker in the middle: the page after the alerts seen so far.
  deep = (await alerts.page({ ...newest, to: last.lastDetection }, 1, null)).next;
  if (last.lastDetection < 1_763_000_000_000_000_000n) break;
}
await timed('deep page, newest', () => page(newest, deep));
await timed('search, rare', () => page({ ...newest, search: 'PLC-1203 sent function 16' }));
await timed('search, common', () => page({ ...newest, search: 'PLC-' }));
await timed('groups by severity', async () => (await alerts.groups(newest, 'severity')).length);
await timed('groups by title, open', async () => (await alerts.groups({ ...newest, filters: [open] }, 'title')).length);
await timed('stream all', async () => {
  let seen = 0;
  for await (const batch of alerts.stream(newest, 1000)) seen += batch.length;
  return seen;
});
await timed('close 10,000 alerts', async () => {
  const samples = Array.from({ length: 10_000 }, (_, index) => ({ ...sampleAlert(index), status: 'Closed' as const }));
  await alerts.save(samples);
});
await store.close();
if (!kept) await rm(directory, { recursive: true });
