/** A server on a store with a million alerts, and how long its answers take. */
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '@annunciator/store/store';
import { Accounts } from '../src/accounts/accounts.ts';
import { AlertDesk } from '../src/alerts/alert-desk.ts';
import { AlertJobs } from '../src/alerts/alert-jobs.ts';
import { AlertTypes } from '../src/alerts/alert-types.ts';
import { type App, buildServer } from '../src/app.ts';
import { EventDesk } from '../src/events/event-desk.ts';
import { NO_SENSORS } from '../src/sensor-link.ts';
import { madeUpAlert, madeUpEnd } from './made-up-plant.ts';

const SAVED_AT_ONCE = 1000;

/** Fills a store until it holds so many alerts; tells how many it saved and in how many seconds. */
export async function fill(directory: string, count: number): Promise<{ readonly saved: number; readonly seconds: number }> {
  const store = await openStore(directory);
  try {
    const { total } = await store.alerts.page({ filters: [], sort: { column: 'id', descending: false } }, 1, null);
    const end = madeUpEnd(Date.now());
    const began = performance.now();
    for (let at = total; at < count; at += SAVED_AT_ONCE) {
      const size = Math.min(SAVED_AT_ONCE, count - at);
      await store.alerts.save(Array.from({ length: size }, (_, offset) => madeUpAlert(at + offset, count, end)));
    }
    return { saved: Math.max(0, count - total), seconds: (performance.now() - began) / 1000 };
  } finally {
    await store.close();
  }
}

export interface BenchServer {
  readonly app: App;
  readonly desk: AlertDesk;
  readonly store: Store;
  readonly base: string;
  readonly token: string;
  /** Seconds from nothing to the first answer. */
  readonly startSeconds: number;
  close(): Promise<void>;
}

export async function startBenchServer(directory: string): Promise<BenchServer> {
  const began = performance.now();
  const store = await openStore(directory);
  const desk = await AlertDesk.open({
    store: store.alerts,
    types: new AlertTypes(),
    sensors: NO_SENSORS,
    audit: store.audit,
    silencers: store.silencers,
  });
  const accounts = await Accounts.open({ store: store.accounts });
  await accounts.createFirstAdministrator('bench-lamp-floor-7');
  const admin = await accounts.signIn('admin', 'bench-lamp-floor-7', '127.0.0.1');
  const caller = accounts.callerOfSession(admin.secret);
  if (!caller) throw new Error('The session of the administrator is not there.');
  const { secret } = await accounts.tokens.create(caller, { name: 'bench', role: 'Owner', expires: null });
  const { decisions } = store;
  const jobs = new AlertJobs({ desk, jobs: store.alertJobs, decisions });
  await jobs.resume();
  const app = await buildServer({
    jobs,
    decisions,
    records: store,
    alerts: desk,
    accounts,
    sensors: NO_SENSORS,
    audit: store.audit,
    auditLog: store.audit,
    events: new EventDesk({ store: store.timeline, say: (line) => console.error(line) }),
    webRoot: null,
  });
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const startSeconds = (performance.now() - began) / 1000;
  return {
    app,
    desk,
    store,
    base,
    token: secret,
    startSeconds,
    close: async () => {
      await app.close();
      await jobs.close();
      await store.close();
    },
  };
}

/** A folder for the store that goes with the work, unless one is named. */
export async function withFolder(named: string | undefined, work: (directory: string) => Promise<void>): Promise<void> {
  const directory = named ?? (await mkdtemp(join(tmpdir(), 'annunciator-bench-')));
  try {
    await work(directory);
  } finally {
    if (named === undefined) await rm(directory, { recursive: true, force: true });
  }
}

const agent = new Agent({ keepAlive: true });

/** One call over HTTP; the time includes reading the whole answer, and not parsing it. */
export async function call<Answer>(
  server: Pick<BenchServer, 'base' | 'token'>,
  path: string,
  method: 'GET' | 'POST' | 'PATCH' = 'GET',
  body?: object,
): Promise<{ readonly milliseconds: number; readonly answer: Answer }> {
  const began = performance.now();
  const text = await new Promise<string>((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = { authorization: `Bearer ${server.token}`, ...(payload === undefined ? {} : { 'content-type': 'application/json' }) };
    const asked = request(`${server.base}${path}`, { method, headers, agent }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(parts).toString();
        if ((response.statusCode ?? 500) < 300) resolve(whole);
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${whole.slice(0, 300)}`));
      });
    });
    asked.on('error', reject);
    asked.end(payload);
  });
  return { milliseconds: performance.now() - began, answer: JSON.parse(text) as Answer };
}

export function closeCalls(): void {
  agent.destroy();
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
