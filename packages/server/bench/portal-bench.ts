/**
 * The portal's promises at a million alerts, measured over HTTP on the real store:
 *
 *     npm run bench:portal [-- --alerts 1000000] [--data DIR] [--only fill,pages,groups,search,deep,change,csv,writes,bulk]
 *
 * Prints a line for each promise and ends with status 1 when one is broken. `--data` keeps the store for the next run.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { fromMilliseconds } from '@annunciator/core/time';
import { type BenchServer, call, closeCalls, fill, median, quantile, startBenchServer, withFolder } from './bench-server.ts';
import { firstPages, groupings, type Question, SEARCHES } from './questions.ts';

const { values: options } = parseArgs({
  options: {
    alerts: { type: 'string', default: '1000000' },
    data: { type: 'string' },
    only: { type: 'string' },
    slowest: { type: 'string', default: '5' },
  },
});
const COUNT = Number(options.alerts);
const only = options.only?.split(',');
const REPEATS = 5;

interface Verdict {
  readonly promise: string;
  readonly measured: string;
  readonly kept: boolean;
}
const verdicts: Verdict[] = [];

function tell(promise: string, measured: string, kept: boolean): void {
  verdicts.push({ promise, measured, kept });
  console.log(`${kept ? 'kept  ' : 'BROKEN'}  ${promise.padEnd(62)}  ${measured}`);
}

const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const number = (value: number): string => Math.round(value).toLocaleString('en');

/** Asks each question a few times; the first answer is for warming up. */
async function answers(
  server: BenchServer,
  questions: readonly Question[],
  path: (query: string) => string,
  bound: number,
  what: string,
): Promise<void> {
  const medians: { name: string; time: number }[] = [];
  for (const [name, query] of questions) {
    await call(server, path(query));
    const times: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) times.push((await call(server, path(query))).milliseconds);
    medians.push({ name, time: median(times) });
  }
  const times = medians.map(({ time }) => time);
  const slowest = medians.toSorted((a, b) => b.time - a.time);
  tell(
    what,
    `${questions.length} questions, median ${ms(median(times))}, slowest ${ms(slowest[0]?.time ?? 0)} (${slowest[0]?.name})`,
    (slowest[0]?.time ?? 0) < bound,
  );
  for (const { name, time } of slowest.slice(1, Number(options.slowest))) console.log(`            then ${ms(time).padStart(7)}  ${name}`);
}

interface Page {
  readonly alerts: readonly { readonly id: string; readonly status: string; readonly revision: number }[];
  readonly next: string | null;
  readonly matching: number;
  readonly total: number;
}

/** Walks a whole list by pages of 1,000 and compares the last pages with the first. */
async function deep(server: BenchServer): Promise<void> {
  for (const sort of ['-lastDetection', 'title', '-severity']) {
    const times: number[] = [];
    let cursor: string | null = null;
    let seen = 0;
    do {
      const at: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { milliseconds, answer }: { milliseconds: number; answer: Page } = await call<Page>(
        server,
        `/api/alerts?sort=${sort}&limit=1000${at}`,
      );
      times.push(milliseconds);
      seen += answer.alerts.length;
      cursor = answer.next;
    } while (cursor !== null);
    const first = median(times.slice(1, 6));
    const last = median(times.slice(-6, -1));
    tell(
      `deep pages of 1,000 by ${sort} take at most twice the first`,
      `${number(seen)} alerts; first ${ms(first)}, last ${ms(last)}, median ${ms(median(times))}`,
      last < 2 * first,
    );
  }
}

/** Changes the status of single alerts, one after the other. */
async function change(server: BenchServer): Promise<void> {
  const { answer } = await call<Page>(server, '/api/alerts?filter=status:equals:New&limit=60');
  const times: number[] = [];
  for (const { id } of answer.alerts) times.push((await call(server, `/api/alerts/${id}`, 'PATCH', { status: 'Active' })).milliseconds);
  tell(
    'the status of one changes within 50 ms, durable',
    `median ${ms(median(times.slice(5)))}, slowest ${ms(quantile(times.slice(5), 1))}`,
    median(times.slice(5)) < 50,
  );
}

/** Reads the CSV of everything as it comes. */
async function csv(server: BenchServer): Promise<void> {
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 100);
  const cpu = process.cpuUsage();
  const reader = promisify(execFile)(process.execPath, [fileURLToPath(new URL('./csv-reader.ts', import.meta.url))], {
    env: { ...process.env, ADDRESS: `${server.base}/api/alerts.csv`, TOKEN: server.token },
  });
  // Written by the reader.
  const { rows, bytes, seconds } = JSON.parse((await reader).stdout) as { rows: number; bytes: number; seconds: number };
  clearInterval(watch);
  const used = process.cpuUsage(cpu);
  const grown = (most - before) / 1024 ** 2;
  tell(
    'CSV of all comes at 50,000 rows a second',
    `${number(rows)} rows, ${number(bytes / 1e6)} MB in ${seconds.toFixed(1)} s: ${number(rows / seconds)} a second, ${((used.user + used.system) / rows).toFixed(1)} µs of the processor for each`,
    rows / seconds > 50_000,
  );
  tell('CSV of all takes flat memory (below 200 MiB more)', `${number(grown)} MiB more`, grown < 200);
}

/** What raising costs: a steady thousand a second, then as fast as it goes. */
async function writes(server: BenchServer): Promise<void> {
  const place = { sensor: 'sensor-bench', site: 'Bench', zone: 'Bench' };
  let raised = 0;
  const now = Date.now();
  const batch = (size: number) =>
    Array.from({ length: size }, () => {
      const n = raised++;
      const end = { device: `10.250.${(n >> 8) & 255}.${n & 255}`, ip: `10.250.${(n >> 8) & 255}.${n & 255}`, mac: null, port: 502 };
      return {
        type: 'modbus-exception',
        source: end,
        destination: null,
        protocol: 'modbus',
        // A second of packet time each, so that no minute has more than it may raise.
        time: fromMilliseconds(now + n * 1000),
        message: `Device ${n} of the bench answered with an exception that it did not send before.`,
        expected: 'None.',
        seen: 'One.',
        parameters: { n },
        parameterKey: String(n),
        frames: [n + 1],
        learn: [],
        internet: false,
      };
    });
  const waits: number[] = [];
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (let tick = 0; tick < 100; tick++) {
    const due = began + tick * 100;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const start = performance.now();
    await server.desk.detect(batch(100), place);
    waits.push(performance.now() - start);
  }
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1000;
  const cpuShare = (used.user + used.system) / 1e6 / seconds;
  tell(
    'a sensor raises 1,000 a second, 100 at a time, each durable within 100 ms',
    `median ${ms(median(waits))}, 95 % ${ms(quantile(waits, 0.95))}, ${(cpuShare * 100).toFixed(0)} % of a core`,
    quantile(waits, 0.95) < 100,
  );
  const start = performance.now();
  const burst = 20_000;
  for (let at = 0; at < burst; at += 500) await server.desk.detect(batch(500), place);
  const rate = burst / ((performance.now() - start) / 1000);
  tell('raising as fast as it goes, at least 5,000 a second', `${number(rate)} a second`, rate > 5000);
}

interface Job {
  readonly id: string;
  readonly state: string;
  readonly changed: number;
  readonly refused: readonly { readonly code: string; readonly count: number }[];
}

/** Runs a job on everything and asks the list meanwhile; tells seconds, microseconds of the processor for each, and the times of the answers. */
async function bulkJob(
  server: BenchServer,
  action: object,
): Promise<{ readonly job: Job; readonly seconds: number; readonly cpu: number; readonly reads: readonly number[] }> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  const key = `bench ${began} ${Date.now()}`;
  let { answer: job } = await call<Job>(server, '/api/alert-jobs', 'POST', { key, action, alerts: { address: {} } });
  const reads: number[] = [];
  const questions = [
    '/api/alerts?limit=200',
    '/api/alerts?filter=status:equals:New,Active&sort=-severity',
    '/api/alerts/groups?by=status',
    '/api/alerts?search=modbus',
  ];
  for (let n = 0; job.state === 'running'; n++) {
    reads.push((await call(server, questions[n % questions.length] ?? '')).milliseconds);
    await new Promise((resolve) => setTimeout(resolve, 50));
    job = (await call<Job>(server, `/api/alert-jobs/${job.id}`)).answer;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { job, seconds: (performance.now() - began) / 1000, cpu: (user + system) / job.changed, reads };
}

/** Opens every alert, closes every alert, and undoes that. */
async function bulk(server: BenchServer): Promise<void> {
  const opened = await bulkJob(server, { kind: 'status', status: 'New' });
  const refused = opened.job.refused.map(({ code, count }) => `${number(count)} ${code}`).join(', ') || 'none';
  console.log(
    `opened    ${number(opened.job.changed)} alerts in ${opened.seconds.toFixed(0)} s, ${opened.cpu.toFixed(0)} µs of the processor for each (refused: ${refused})`,
  );
  const before = (await server.store.audit.list({ limit: 1 }))[0]?.number ?? 0;
  const closed = await bulkJob(server, { kind: 'status', status: 'Closed' });
  const records = ((await server.store.audit.list({ limit: 1 }))[0]?.number ?? 0) - before;
  const left = await server.store.alerts.count({ filters: [{ column: 'status', operator: 'notEquals', values: ['Closed'] }] });
  tell(
    'closing all as one job takes at most 120 s',
    `${number(closed.job.changed)} closed in ${closed.seconds.toFixed(0)} s: ${number(closed.job.changed / closed.seconds)} a second, ${closed.cpu.toFixed(0)} µs of the processor for each; ${number(left)} left open`,
    closed.seconds < 120 && left === 0,
  );
  tell('it leaves one record in the audit log', `${records}`, records === 1);
  tell(
    'reads stay under 300 ms meanwhile',
    `${closed.reads.length} reads, median ${ms(median(closed.reads))}, 95 % ${ms(quantile(closed.reads, 0.95))}, slowest ${ms(quantile(closed.reads, 1))}`,
    quantile(closed.reads, 0.95) < 300,
  );
}

const wanted = (part: string): boolean => only === undefined || only.includes(part);

await withFolder(options.data, async (directory) => {
  const { saved, seconds } = await fill(directory, COUNT);
  if (saved > 0) console.log(`filled    ${number(saved)} alerts in ${seconds.toFixed(0)} s: ${number(saved / seconds)} a second`);
  const server = await startBenchServer(directory);
  try {
    const now = Date.now();
    const { answer } = await call<Page>(server, '/api/alerts?limit=1');
    const memory = process.memoryUsage();
    console.log(
      `started   in ${server.startSeconds.toFixed(1)} s with ${number(answer.total)} alerts; ${number(memory.rss / 1024 ** 2)} MiB resident, ${number(memory.arrayBuffers / 1024 ** 2)} MiB of them arrays`,
    );
    const list = (query: string) => `/api/alerts?${query}`;
    if (wanted('pages')) await answers(server, firstPages(now), list, 150, 'first page of every filter and sort within 150 ms');
    if (wanted('groups'))
      await answers(server, groupings(now), (query) => `/api/alerts/${query}`, 300, 'group counts and filter values within 300 ms');
    if (wanted('search')) await answers(server, SEARCHES, list, 300, 'free-text search within 300 ms');
    if (wanted('deep')) await deep(server);
    if (wanted('change')) await change(server);
    if (wanted('csv')) await csv(server);
    if (wanted('writes')) await writes(server);
    if (wanted('bulk')) await bulk(server);
  } finally {
    closeCalls();
    await server.close();
  }
});
process.exitCode = verdicts.every(({ kept }) => kept) ? 0 : 1;
