/**
 * Actions on many alerts, on a selection or on everything that a filter matches: as jobs that go on by themselves, tell
 * how far they have come, can be cancelled and undone, and are gone on with after a restart.
 *
 * A job goes through its alerts in batches. What a batch changed and how far the job has come are written together, so a
 * job that was cut off goes on where it was, and nothing is done twice.
 */
import { randomUUID } from 'node:crypto';
import { timelineEvent, type TimelineEvent } from '@annunciator/core/events';
import { fromMilliseconds } from '@annunciator/core/time';
import type { AlertDecision } from '@annunciator/store/alert-decisions';
import type { JobRecord, JobRefusal } from '@annunciator/store/alert-jobs';
import type { AlertMatch, StoredAlert } from '@annunciator/store/alert-query';
import type { AuditEntry } from '@annunciator/store/audit-log';
import type { JsonValue } from '@annunciator/store/settings';
import { type AlertAction, auditDetails, auditVerb } from './alert-action.ts';
import { type AlertAddress, alertMatchOf } from './alert-address.ts';
import type { AlertDesk, Outcome, Place } from './alert-desk.ts';
import { RequestError } from '../http/request-error.ts';

/** What a job can be asked to do; undoing is asked for by the job that is undone. */
export type JobAction = Exclude<AlertAction, { kind: 'undo' }>;

/** Which alerts: some by their ids, with the revision that the person saw, or all that an address matches. */
export type JobAlerts =
  | { readonly ids: readonly { readonly id: string; readonly revision?: number | undefined }[] }
  | { readonly address: AlertAddress; readonly scope?: AlertMatch['scope'] };

export interface JobRequest {
  readonly key: string;
  readonly action: JobAction;
  readonly alerts: JobAlerts;
}

type Asked = { readonly action: JobAction; readonly alerts: JobAlerts } | { readonly undo: string };

/** `AlertJobRecords` and `AlertDecisions` of the store. */
export interface JobStore {
  put(jobs: readonly JobRecord[], entry?: AuditEntry): Promise<void>;
  get(id: string): Promise<JobRecord | undefined>;
  byKey(who: string, key: string): Promise<JobRecord | undefined>;
  list(limit: number): Promise<readonly JobRecord[]>;
  running(): Promise<readonly JobRecord[]>;
}
export interface DecisionStore {
  of(alert: string, limit: number): Promise<readonly AlertDecision[]>;
  ofJob(job: string, after: number, limit: number): Promise<{ readonly decisions: readonly AlertDecision[]; readonly after: number }>;
}

export interface AlertJobsOptions {
  readonly desk: AlertDesk;
  readonly jobs: JobStore;
  readonly decisions: DecisionStore;
  readonly timeline?: (events: readonly TimelineEvent[], place: Place) => void;
  readonly clock?: () => number;
  /** Alerts of a batch: what one transaction changes, and how long a single change of somebody else waits. 500 when absent. */
  readonly batch?: number;
}

const BATCH = 500;
/** Up to so many alerts a job tells each change by itself, to the timeline and to pages. */
const TOLD_ONE_BY_ONE = 1000;
/** Ids that a refusal names. */
const NAMED = 10;
/** Milliseconds between two tellings of how far a job has come. */
const TOLD_EVERY = 250;

interface Batch {
  /** Finds the alerts when it is their turn, so that nobody changes them in between; tells the position behind them. */
  readonly find: () => Promise<{ readonly alerts: readonly StoredAlert[]; readonly position: number }>;
  readonly ids: readonly string[];
  readonly action: AlertAction;
  readonly seen: ReadonlyMap<string, number>;
}

export class AlertJobs {
  readonly #desk: AlertDesk;
  readonly #jobs: JobStore;
  readonly #decisions: DecisionStore;
  readonly #timeline: (events: readonly TimelineEvent[], place: Place) => void;
  readonly #clock: () => number;
  readonly #batch: number;
  /** Jobs of this run, as they are now. */
  readonly #running = new Map<string, { job: JobRecord; cancelled: boolean; readonly ended: Promise<JobRecord> }>();
  readonly #told = new Map<string, number>();
  #closing = false;

  constructor(options: AlertJobsOptions) {
    this.#desk = options.desk;
    this.#jobs = options.jobs;
    this.#decisions = options.decisions;
    this.#timeline = options.timeline ?? (() => undefined);
    this.#clock = options.clock ?? Date.now;
    this.#batch = options.batch ?? BATCH;
  }

  /** Goes on with the jobs that an earlier run did not finish. */
  async resume(): Promise<void> {
    for (const job of await this.#jobs.running()) this.#run(job);
  }

  /**
   * Starts a job; the same person asking with the same key again gets the job that is there.
   * @throws RequestError `key_used` when the key belongs to a job that does something else.
   */
  async start(who: string, { key, action, alerts }: JobRequest): Promise<JobRecord> {
    const asked: Asked = { action, alerts };
    const total = 'ids' in alerts ? alerts.ids.length : await this.#desk.store.count(alertMatchOf(alerts.address, alerts.scope));
    return this.#begin(who, key, asked, total, null);
  }

  /** Undoes what a job changed, as a job of its own; alerts that were changed since stay as they are. */
  async undo(who: string, id: string, key: string): Promise<JobRecord> {
    const job = await this.get(id);
    if (!job) throw new RequestError(404, 'not_found', `There is no job ${id}: it may be too old.`);
    if (job.state === 'running') throw new RequestError(409, 'job_running', 'The job is still running: cancel it, then undo what it did.');
    if (job.undoneBy !== null) throw new RequestError(409, 'job_undone', 'The job was undone before.');
    const undoing = await this.#begin(who, key, { undo: id }, job.changed, id);
    if (undoing.undoes === id) await this.#jobs.put([{ ...job, undoneBy: undoing.id }]);
    return undoing;
  }

  /** Stops a job after the batch that it is at; what it did stays, and can be undone. */
  async cancel(id: string): Promise<JobRecord> {
    const running = this.#running.get(id);
    if (running) {
      running.cancelled = true;
      return running.ended;
    }
    const job = await this.get(id);
    if (!job) throw new RequestError(404, 'not_found', `There is no job ${id}: it may be too old.`);
    throw new RequestError(409, 'job_ended', 'The job has ended already: undo it to take back what it did.');
  }

  async get(id: string): Promise<JobRecord | undefined> {
    return this.#running.get(id)?.job ?? this.#jobs.get(id);
  }

  async list(limit: number): Promise<readonly JobRecord[]> {
    return (await this.#jobs.list(limit)).map((job) => this.#running.get(job.id)?.job ?? job);
  }

  /** The job when it has ended, or as it is after some milliseconds. */
  async settled(id: string, within: number): Promise<JobRecord | undefined> {
    const running = this.#running.get(id);
    if (running) await Promise.race([running.ended, new Promise((resolve) => setTimeout(resolve, within).unref())]);
    return this.get(id);
  }

  /** What a job asks, for people and programs. */
  askedOf(job: JobRecord): Asked {
    // Written by #begin.
    return job.asked as unknown as Asked;
  }

  /** Stops between two batches; the next run goes on. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  async #begin(who: string, key: string, asked: Asked, total: number, undoes: string | null): Promise<JobRecord> {
    const known = await this.#jobs.byKey(who, key);
    if (known) {
      if (JSON.stringify(known.asked) === JSON.stringify(asked)) return (await this.get(known.id)) ?? known;
      throw new RequestError(409, 'key_used', 'This key belongs to a job that does something else: choose a key of its own for each job.');
    }
    const job: JobRecord = {
      id: randomUUID(),
      key,
      who,
      created: this.#clock(),
      finished: null,
      state: 'running',
      // Plain objects of texts and numbers, as the API took them in.
      asked: JSON.parse(JSON.stringify(asked)) as JsonValue,
      total,
      position: 0,
      done: 0,
      changed: 0,
      refused: [],
      sensors: {},
      undoes,
      undoneBy: null,
      problem: null,
    };
    await this.#jobs.put([job]);
    this.#run(job);
    return job;
  }

  #run(job: JobRecord): void {
    const { promise: ended, resolve } = Promise.withResolvers<JobRecord>();
    this.#running.set(job.id, { job, cancelled: false, ended });
    this.#tell(job, true);
    void this.#go(job)
      .catch((error: unknown) => this.#end({ ...this.#now(job), problem: problemOf(error) }, 'failed'))
      .catch((error: unknown) => ({ ...this.#now(job), state: 'failed' as const, problem: problemOf(error) }))
      .then((last) => {
        this.#running.delete(job.id);
        this.#told.delete(job.id);
        this.#tell(last, true);
        resolve(last);
      });
  }

  async #go(job: JobRecord): Promise<JobRecord> {
    const asked = this.askedOf(job);
    for (;;) {
      const running = this.#running.get(job.id);
      if (this.#closing) return this.#now(job);
      if (running?.cancelled) return this.#end(this.#now(job), 'cancelled');
      const batch = await this.#next(asked, this.#now(job));
      if (!batch) return this.#finish(job, asked);
      let after = this.#now(job);
      let { position } = after;
      const find = async () => {
        const found = await batch.find();
        position = found.position;
        return found.alerts;
      };
      const { changed, same, refused } = await this.#desk.actOn(find, batch.ids, batch.action, {
        by: job.who,
        seen: batch.seen,
        job: {
          id: job.id,
          quiet: job.total > TOLD_ONE_BY_ONE,
          after: (outcome) => (after = this.#after(after, outcome, position)),
        },
      });
      // Told only now that it is written.
      this.#keep(after);
      if (changed.length + same.length + refused.length === 0) return this.#finish(job, asked);
      this.#tell(this.#now(job), false);
    }
  }

  /** All alerts of the job are done. Learning also closes the others that report nothing else; only now, so that each alert is changed once. */
  async #finish(job: JobRecord, asked: Asked): Promise<JobRecord> {
    const verb = auditVerb({ kind: 'learn' });
    for (let after = 0; 'action' in asked && asked.action.kind === 'learn'; ) {
      const { decisions, after: next } = await this.#decisions.ofJob(job.id, after, this.#batch);
      if (decisions.length === 0) break;
      after = next;
      const learned = await this.#desk.newest(decisions.filter(({ action }) => action === verb).map(({ alert }) => alert));
      const quiet = job.total > TOLD_ONE_BY_ONE;
      let covered = this.#now(job);
      await this.#desk.closeCovered(learned, {
        by: job.who,
        job: { id: job.id, quiet, after: (outcome) => (covered = this.#covered(covered, outcome)) },
      });
      this.#keep(covered);
    }
    return this.#end(this.#now(job), 'done');
  }

  /** The job after it closed alerts beside its own: it counts and undoes these, too. */
  #covered(job: JobRecord, { changed }: Outcome): JobRecord {
    const { position, done, refused } = job;
    return { ...this.#after(job, { changed, same: [], refused: [] }, position), done, refused };
  }

  /** The next alerts of a job, undefined when all are done. */
  async #next(asked: Asked, job: JobRecord): Promise<Batch | undefined> {
    const { store } = this.#desk;
    const newest = (ids: readonly string[], position: number) => async () => ({ alerts: await this.#desk.newest(ids), position });
    if ('undo' in asked) {
      const { decisions, after } = await this.#decisions.ofJob(asked.undo, job.position, this.#batch);
      if (decisions.length === 0) return undefined;
      const ids = decisions.map((decision) => decision.alert);
      const states = new Map(decisions.map((decision) => [decision.alert, decision.before]));
      const seen = new Map(decisions.map((decision) => [decision.alert, decision.revision]));
      return { find: newest(ids, after), ids, action: { kind: 'undo', states }, seen };
    }
    const { action, alerts } = asked;
    if ('ids' in alerts) {
      const part = alerts.ids.slice(job.position, job.position + this.#batch);
      if (part.length === 0) return undefined;
      const ids = part.map(({ id }) => id);
      const seen = new Map(part.flatMap(({ id, revision }) => (revision === undefined ? [] : [[id, revision] as const])));
      return { find: newest(ids, job.position + part.length), ids, action, seen };
    }
    const find = async () => {
      const { alerts: found, after } = await store.batch(alertMatchOf(alerts.address, alerts.scope), job.position, this.#batch);
      return { alerts: found, position: after };
    };
    return { find, ids: [], action, seen: new Map() };
  }

  /** The job after a batch; written together with what the batch changed. */
  #after(job: JobRecord, { changed, same, refused }: Outcome, position: number): JobRecord {
    const sensors = { ...job.sensors };
    for (const { sensor } of changed) sensors[sensor] = (sensors[sensor] ?? 0) + 1;
    return {
      ...job,
      position,
      done: job.done + changed.length + same.length + refused.length,
      changed: job.changed + changed.length,
      refused: withRefused(job.refused, refused),
      sensors,
    };
  }

  #keep(job: JobRecord): void {
    const running = this.#running.get(job.id);
    if (running) running.job = job;
  }

  /** Ends a job with its one entry of the audit log. */
  async #end(job: JobRecord, state: JobRecord['state']): Promise<JobRecord> {
    const at = this.#clock();
    const ended: JobRecord = { ...job, state, finished: at };
    await this.#jobs.put([ended], {
      at,
      who: job.who,
      action: verbOf(this.askedOf(job)),
      on: [job.id],
      details: auditOf(this.askedOf(job), ended),
    });
    if (job.total > TOLD_ONE_BY_ONE) this.#tellTimeline(ended);
    return ended;
  }

  #tellTimeline(job: JobRecord): void {
    const asked = this.askedOf(job);
    const what = 'undo' in asked ? 'set back to what they were before' : PAST[asked.action.kind];
    for (const [sensor, count] of Object.entries(job.sensors)) {
      const content = `${count.toLocaleString('en')} alerts were ${what} at once.`;
      const event = timelineEvent('ALERT_UPDATED', fromMilliseconds(job.finished ?? job.created), content, { owner: job.who });
      this.#timeline([event], { sensor, site: '', zone: '' });
    }
  }

  /** Tells pages how far a job has come, now and then. */
  #tell(job: JobRecord, always: boolean): void {
    const now = performance.now();
    if (!always && now - (this.#told.get(job.id) ?? Number.NEGATIVE_INFINITY) < TOLD_EVERY) return;
    this.#told.set(job.id, now);
    this.#desk.live.publishJob(job);
  }

  #now(job: JobRecord): JobRecord {
    return this.#running.get(job.id)?.job ?? job;
  }
}

const PAST: Readonly<Record<JobAction['kind'], string>> = {
  status: 'given another status',
  severity: 'given another severity',
  learn: 'learned',
  unlearn: 'unlearned',
  mute: 'muted',
  unmute: 'unmuted',
};

function verbOf(asked: Asked): string {
  return 'undo' in asked ? 'alert.undo' : auditVerb(asked.action);
}

function auditOf(asked: Asked, job: JobRecord): NonNullable<AuditEntry['details']> {
  const about = 'undo' in asked ? { undoes: asked.undo } : { ...auditDetails(asked.action), alerts: aboutText(asked.alerts) };
  const refused = Object.fromEntries(job.refused.map(({ code, count }) => [`refused.${code}`, count]));
  return { ...about, state: job.state, total: job.total, changed: job.changed, ...refused };
}

/** Which alerts a job is about, as text. */
export function aboutText(alerts: JobAlerts): string {
  if ('ids' in alerts) return `${alerts.ids.length} selected`;
  const { search, from, to, filter } = alerts.address;
  const parts = [search && `search ${search}`, from && `from ${from}`, to && `to ${to}`, ...[filter ?? []].flat()];
  return parts.filter((part) => part !== undefined && part !== '').join('; ') || 'all';
}

function withRefused(before: readonly JobRefusal[], more: Outcome['refused']): JobRefusal[] {
  const all = new Map(before.map((refusal) => [refusal.code, refusal]));
  for (const { id, code, message } of more) {
    const known = all.get(code) ?? { code, message, count: 0, ids: [] };
    all.set(code, { ...known, count: known.count + 1, ids: known.ids.length < NAMED ? [...known.ids, id] : known.ids });
  }
  return [...all.values()];
}

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
