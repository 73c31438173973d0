/** Actions on many alerts over HTTP: what they change, what they refuse, and what is left when something goes wrong. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { sampleAlert } from '@annunciator/store/sample-alerts';
import { openStore } from '@annunciator/store/store';
import { type Call, ended, liveStream, rows, serve, signedIn } from '../../tests/callers.ts';
import type { SampleServer } from '../../tests/serve-samples.ts';
import { AlertDesk } from './alert-desk.ts';
import { AlertJobs } from './alert-jobs.ts';
import { AlertTypes } from './alert-types.ts';
import type { AlertDetails, AlertRow } from './alert-view.ts';
import type { JobView } from './job-view.ts';
import { NO_SENSORS } from '../sensor-link.ts';

const CLOSE = { kind: 'status', status: 'Closed' } as const;

async function start(call: Call, body: object): Promise<JobView> {
  const { status, body: job, text } = await call<JobView>('POST', '/api/alert-jobs', body);
  assert.equal(status, 200, text);
  return ended(call, job);
}

/** What people decided about every alert, by id. */
async function states(call: Call): Promise<Map<string, string>> {
  const all = await rows(call, 'limit=1000&sort=id');
  return new Map(all.map((alert) => [alert.id, `${alert.status} ${alert.disposition} ${alert.severity}`]));
}

const audited = (server: SampleServer) => server.audit.filter((entry) => entry.action.startsWith('alert.'));

test('closing everything that matches closes that and nothing else, with one audit record', async (t) => {
  const server = await serve(t, { alerts: 60, batch: 7 });
  const call = await signedIn(server);
  const before = await states(call);
  const matching = new Set((await rows(call, 'limit=1000&filter=severity:equals:High')).map((alert) => alert.id));
  const job = await start(call, { key: 'close high ones', action: CLOSE, alerts: { address: { filter: 'severity:equals:High' } } });
  assert.deepEqual([job.state, job.total, job.done, job.changed, job.refused], ['done', matching.size, matching.size, matching.size, []]);
  assert.equal(job.about, 'severity:equals:High');
  for (const [id, state] of await states(call))
    assert.equal(state, matching.has(id) ? before.get(id)?.replace('New', 'Closed') : before.get(id));
  const [entry, ...more] = audited(server);
  assert.deepEqual(more, []);
  assert.deepEqual([entry?.action, entry?.on, entry?.who], ['alert.status', [job.id], 'admin']);
  assert.deepEqual(entry?.details, {
    status: 'Closed',
    alerts: 'severity:equals:High',
    state: 'done',
    total: matching.size,
    changed: matching.size,
  });

  const again = await start(call, { key: 'close high ones', action: CLOSE, alerts: { address: { filter: 'severity:equals:High' } } });
  assert.equal(again.id, job.id, 'the same key gives the same job');
  const other = await call<{ code: string }>('POST', '/api/alert-jobs', { key: 'close high ones', action: CLOSE, alerts: { address: {} } });
  assert.deepEqual([other.status, other.body.code], [409, 'key_used']);
  assert.equal(audited(server).length, 1);
});

test('a job learns what can be learned, says why the rest stays, and undo brings all back', async (t) => {
  const server = await serve(t, { alerts: 40, batch: 6 });
  const call = await signedIn(server);
  const before = await states(call);
  const all = await rows(call, 'limit=1000');
  const ids = [...all.map(({ id, revision }) => ({ id, revision })), { id: 'no-such-alert' }];
  const job = await start(call, { key: 'learn them all', action: { kind: 'learn' }, alerts: { ids } });
  const learnable = all.filter((alert) => alert.learnable);
  assert.deepEqual([job.total, job.done, job.changed], [all.length + 1, all.length + 1, learnable.length]);
  assert.deepEqual(job.refused.map(({ code, count }) => [code, count]).sort(), [
    ['not_found', 1],
    ['not_learnable', all.length - learnable.length],
  ]);
  assert.match(job.refused.find(({ code }) => code === 'not_learnable')?.message ?? '', /cannot be learned: its traffic is never normal/);
  const learned = await states(call);
  for (const { id } of learnable) assert.match(learned.get(id) ?? '', /^Closed learned/);

  const undone = await start(call, {
    key: 'learn twice',
    action: { kind: 'severity', severity: 'Low' },
    alerts: { ids: [{ id: learnable[0]?.id }] },
  });
  assert.equal(undone.changed, 1);
  const { body } = await call<JobView>('POST', `/api/alert-jobs/${job.id}/undo`, { key: 'undo learning' });
  const undoing = await ended(call, body);
  assert.deepEqual(
    [undoing.changed, undoing.refused.map(({ code, count }) => [code, count])],
    [learnable.length - 1, [['changed_meanwhile', 1]]],
  );
  const after = await states(call);
  for (const [id, state] of before) if (id !== learnable[0]?.id) assert.equal(after.get(id), state);
  assert.equal((await call<{ code: string }>('POST', `/api/alert-jobs/${job.id}/undo`, { key: 'undo it again' })).body.code, 'job_undone');
  const stillLearned = server.learned.length - server.unlearned.length;
  assert.ok(server.unlearned.length > 0 && stillLearned > 0, 'only what one alert brought stays learned');
});

test('a job can be cancelled: what it did stays and can be undone', async (t) => {
  const server = await serve(t, { alerts: 60, batch: 1 });
  const call = await signedIn(server);
  const before = await states(call);
  const starting = call<JobView>('POST', '/api/alert-jobs', { key: 'close slowly', action: CLOSE, alerts: { address: {} } });
  let job: JobView | undefined;
  for (;;) {
    [job] = (await call<JobView[]>('GET', '/api/alert-jobs')).body;
    if (job && job.done > 0) break;
  }
  const cancelled = (await call<JobView>('POST', `/api/alert-jobs/${job.id}/cancel`)).body;
  await starting;
  assert.equal(cancelled.state, 'cancelled');
  assert.ok(cancelled.changed > 0 && cancelled.changed < 60, String(cancelled.changed));
  const closed = [...(await states(call)).values()].filter((state) => state.startsWith('Closed'));
  assert.equal(closed.length, cancelled.changed);
  assert.deepEqual(
    audited(server).map(({ details }) => [details?.['state'], details?.['changed']]),
    [['cancelled', cancelled.changed]],
  );
  const { body } = await call<JobView>('POST', `/api/alert-jobs/${job.id}/undo`, { key: 'undo the rest' });
  assert.equal((await ended(call, body)).changed, cancelled.changed);
  assert.deepEqual(await states(call), before);
});

test('a server that is killed during a job goes on with it: every alert is changed once, and audited once', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-killed-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const child = fork(join(import.meta.dirname, '../../tests/job-child.ts'), [directory], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ id, done, total }] = (await once(child, 'message')) as [{ id: string; done: number; total: number }];
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(done > 0 && done < total, `${done} of ${total}`);

  const store = await openStore(directory);
  t.after(() => store.close());
  const desk = await AlertDesk.open({ store: store.alerts, types: new AlertTypes(), sensors: NO_SENSORS, audit: store.audit });
  const jobs = new AlertJobs({ desk, jobs: store.alertJobs, decisions: store.decisions });
  const left = await jobs.get(id);
  assert.equal(left?.state, 'running');
  assert.ok((left?.done ?? 0) >= done);
  await jobs.resume();
  const job = await jobs.settled(id, 60_000);
  assert.deepEqual([job?.state, job?.done, job?.changed], ['done', total, total]);
  assert.equal(await store.alerts.count({ filters: [{ column: 'status', operator: 'equals', values: ['Closed'] }] }), total);
  for (let after = 0; ; ) {
    const { alerts, after: next } = await store.alerts.batch({ filters: [] }, after, 500);
    if (alerts.length === 0) break;
    for (const alert of alerts) assert.equal((await store.decisions.of(alert.id, 10)).length, 1);
    after = next;
  }
  const entries = await store.audit.list({ limit: 10 });
  assert.deepEqual(
    entries.map(({ action, details }) => [action, details?.['changed']]),
    [['alert.status', total]],
  );
});

test('learning in a job also closes others that report nothing else, counts them, and undoing it brings all back', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-covered-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const store = await openStore(directory);
  t.after(() => store.close());
  const open = Array.from({ length: 40 }, (_, index) => ({ ...sampleAlert(index), status: 'New' as const, closeReason: null }));
  await store.alerts.save(open);
  const desk = await AlertDesk.open({ store: store.alerts, types: new AlertTypes(), sensors: NO_SENSORS, audit: store.audit });
  const [first, second] = open.filter(({ learn }) => learn.length > 0);
  const other = open.find((alert) => alert.sensor === first.sensor && alert !== first && alert !== second);
  assert.ok(other);
  desk.covered = async (sensor) => (sensor === first.sensor ? [other.id, second.id] : []);
  // One alert in a batch: the second of the job is covered by the first, and is still learned once.
  const jobs = new AlertJobs({ desk, jobs: store.alertJobs, decisions: store.decisions, batch: 1 });
  const { id } = await jobs.start('ann', {
    key: 'learn',
    action: { kind: 'learn' },
    alerts: { ids: [{ id: first.id }, { id: second.id }] },
  });
  const job = await jobs.settled(id, 30_000);
  assert.deepEqual([job?.state, job?.done, job?.changed, job?.total], ['done', 2, 3, 2]);
  const states = async () =>
    (await desk.newest([first.id, second.id, other.id])).map(({ status, disposition }) => `${status} ${disposition}`);
  assert.deepEqual(await states(), ['Closed learned', 'Closed learned', 'Closed none']);
  const undo = await jobs.undo('ann', id, 'undo');
  assert.deepEqual((await jobs.settled(undo.id, 30_000))?.changed, 3);
  assert.deepEqual(await states(), ['New none', 'New none', 'New none']);
});

test('what somebody changed meanwhile is not overrun: the second is told what the first did', async (t) => {
  const server = await serve(t, { alerts: 12 });
  await server.accounts.createUser({
    name: 'ben',
    grants: [everywhere('Security Admin')],
    password: 'quiet-water-42-stone',
    temporary: false,
  });
  const call = await signedIn(server);
  const ben = await signedIn(server, 'ben', 'quiet-water-42-stone');
  const [alert] = await rows(call);
  assert.ok(alert);
  const url = `/api/alerts/${alert.id}`;
  const { headers } = await call('GET', url);
  assert.equal(headers['etag'], '"0"');
  const first = await ben<AlertDetails>('PATCH', url, { status: 'Active' }, { 'if-match': '"0"' });
  assert.deepEqual([first.status, first.headers['etag'], first.body.revision], [200, '"1"', 1]);

  const second = await call<{ code: string; message: string; changes: { who: string; after: { status: string } }[]; alert: AlertDetails }>(
    'PATCH',
    url,
    { status: 'Closed' },
    { 'if-match': '"0"' },
  );
  assert.deepEqual([second.status, second.body.code, second.body.alert.status], [412, 'changed_meanwhile', 'Active']);
  assert.match(second.body.message, /^Ben changed this alert after you loaded it\./);
  assert.deepEqual(
    second.body.changes.map((change) => [change.who, change.after.status]),
    [['ben', 'Active']],
  );
  assert.equal((await call<AlertDetails>('GET', url)).body.status, 'Active');
  assert.equal((await call('PATCH', url, { status: 'Active' }, { 'if-match': '"0"' })).status, 200, 'what is so already loses nothing');
  assert.equal((await call('POST', `${url}/mute`, undefined, { 'if-match': '"0"' })).status, 412);
  assert.equal((await call('PATCH', url, { status: 'Closed', severity: 'Low' }, { 'if-match': '"1"' })).status, 200);

  const job = await start(call, {
    key: 'with old eyes',
    action: { kind: 'status', status: 'New' },
    alerts: { ids: [{ id: alert.id, revision: 1 }] },
  });
  assert.deepEqual([job.changed, job.refused[0]?.code], [0, 'changed_meanwhile']);
  const { body: history } = await call<{ who: string; action: string }[]>('GET', `${url}/history`);
  assert.deepEqual(
    history.map(({ who, action }) => [who, action]),
    [
      ['admin', 'alert.severity'],
      ['admin', 'alert.status'],
      ['ben', 'alert.status'],
    ],
  );
});

test('a job tells pages how far it has come', async (t) => {
  const server = await serve(t, { alerts: 30, batch: 3 });
  const base = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const call = await signedIn(server);
  const { body } = await call<{ token: string }>('POST', '/api/tokens', { name: 'live' });
  const total = (await rows(call, 'limit=1000')).length;
  const next = await liveStream(t, `${base}/api/live`, { authorization: `Bearer ${body.token}` });
  assert.equal((await next()).event, 'hello');
  await start(call, { key: 'close them all', action: CLOSE, alerts: { address: {} } });
  const told: JobView[] = [];
  let changed = 0;
  while (told.at(-1)?.state !== 'done') {
    const message = await next();
    if (message.event === 'job') told.push(message.data as unknown as JobView);
    else changed += message.data.changed.length;
  }
  assert.equal(told[0]?.state, 'running');
  assert.deepEqual([told.at(-1)?.changed, changed], [total, total]);
});

test('the stream of every alert goes on behind any number, over breaks and restarts, without loss or duplicate', async (t) => {
  const server = await serve(t, { alerts: 20, batch: 3 });
  const base = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const call = await signedIn(server);
  const { body } = await call<{ token: string }>('POST', '/api/tokens', { name: 'stream' });
  const headers = { authorization: `Bearer ${body.token}` };
  const read = async (after: string, count: number) => {
    const next = await liveStream(t, `${base}/api/alerts/stream?after=${after}`, headers);
    const told: { id: string; raised: boolean; alert: AlertRow }[] = [];
    while (told.length < count) {
      const message = await next();
      if (message.event === 'alert') told.push({ id: message.id, ...(message.data as unknown as { raised: boolean; alert: AlertRow }) });
    }
    return told;
  };
  const first = await read('0', 13);
  const rest = await read(first.at(-1)?.id ?? '', 7);
  const seen = [...first, ...rest];
  assert.equal(new Set(seen.map(({ alert }) => alert.id)).size, 20);
  assert.ok(seen.every(({ raised }) => raised));
  assert.deepEqual(
    seen.map(({ id }) => Number(id)),
    seen.map(({ id }) => Number(id)).toSorted((a, b) => a - b),
  );
  // Everything changes while nobody listens; each comes once, as it is.
  await start(call, { key: 'close behind', action: CLOSE, alerts: { address: {} } });
  await start(call, { key: 'lower behind', action: { kind: 'severity', severity: 'Informational' }, alerts: { address: {} } });
  const changed = await read(seen.at(-1)?.id ?? '', 20);
  assert.equal(new Set(changed.map(({ alert }) => alert.id)).size, 20);
  assert.ok(changed.every(({ raised, alert }) => !raised && alert.status === 'Closed' && alert.severity === 'Informational'));
  const refused = await call<{ code: string }>('GET', '/api/alerts/stream?after=999999');
  assert.deepEqual([refused.status, refused.body.code], [400, 'bad_event_id']);
});

test('traffic of alerts that left the memory counts for them, and reopening is refused beside a newer one', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-released-'));
  const store = await openStore(directory);
  t.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  const { sampleDay } = await import('../../tests/sample-detections.ts');
  const desk = await AlertDesk.open({ store: store.alerts, types: new AlertTypes(), sensors: NO_SENSORS, audit: store.audit, inMemory: 1 });
  const [first] = sampleDay(1, Date.UTC(2026, 10, 20));
  assert.ok(first);
  await desk.detect(first.detections, first.place);
  const many = sampleDay(400, Date.UTC(2026, 10, 21))
    .slice(1)
    .filter(({ place }) => place === first.place);
  await desk.detect(
    many.flatMap(({ detections }) => detections),
    first.place,
  );
  const total = (await store.alerts.page({ filters: [], sort: { column: 'id', descending: false } }, 1, null)).total;
  await desk.detect(first.detections, first.place);
  assert.equal(
    (await store.alerts.page({ filters: [], sort: { column: 'id', descending: false } }, 1, null)).total,
    total,
    'no second alert',
  );
  const [alert] = (await store.alerts.page({ filters: [], sort: { column: 'firstDetection', descending: false } }, 1, null)).alerts;
  assert.equal(alert?.count, 2 * first.detections.length);

  // Closed, seen again as a new alert, and that one out of memory, too.
  const id = alert?.id ?? '';
  await desk.act([id], CLOSE, { by: 'admin' });
  await desk.detect(
    first.detections.map((detection) => ({ ...detection, time: detection.time + 1_000_000_000n })),
    first.place,
  );
  await desk.detect(
    many.flatMap(({ detections }) => detections),
    first.place,
  );
  const { refused } = await desk.act([id], { kind: 'status', status: 'New' }, { by: 'admin' });
  assert.equal(refused[0]?.code, 'key_open');
});
