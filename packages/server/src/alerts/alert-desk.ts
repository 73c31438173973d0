/**
 * The one place where alerts change at run time: detections of sensors and actions of people go through the life cycle,
 * into the store, and only then to whoever watches.
 *
 * There is one book of alerts per sensor. Changes are saved in batches: what comes while a save is under way goes with the
 * next one. A save that fails is tried again with the next change, so that the store catches up with the books. A book
 * keeps the alerts of late in memory, and gets the others back from the store when it needs them.
 */
import type { Detection, Learnable, PcapState } from '@annunciator/core/alert';
import { AlertBook, type AlertBookOptions, type Change } from '@annunciator/core/alert-book';
import type { TimelineEvent } from '@annunciator/core/events';
import { isExpired, QUIET_PERIOD, RETENTION, stateOf } from '@annunciator/core/life-cycle';
import { LifeCycleError } from '@annunciator/core/life-cycle-error';
import type { Silencer } from '@annunciator/core/silencer';
import { type Duration, formatInstant, fromMilliseconds, type Instant } from '@annunciator/core/time';
import type { AlertDecision } from '@annunciator/store/alert-decisions';
import type { JobRecord } from '@annunciator/store/alert-jobs';
import type { AlertFilter, AlertMatch, AlertStore, StoredAlert } from '@annunciator/store/alert-query';
import type { FindingRecord } from '@annunciator/store/finding-records';
import { type AlertAction, auditDetails, auditVerb, decide, mayReopen } from './alert-action.ts';
import type { AlertTypes } from './alert-types.ts';
import { recordOf, rowOf } from './alert-view.ts';
import type { Audit } from '../audit.ts';
import { LiveFeed } from './live-feed.ts';
import type { Collected, SensorLink } from '../sensor-link.ts';

/** Where a detection comes from. */
export interface Place {
  readonly sensor: string;
  readonly site: string;
  readonly zone: string;
}

export interface Refused {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

/** What a person's action changed, and what it could not change and why. */
export interface Outcome {
  readonly changed: readonly StoredAlert[];
  /** Those that were so already. */
  readonly same: readonly StoredAlert[];
  readonly refused: readonly Refused[];
}

/** `Silencers` of the store. */
export interface SilencerStore {
  put(sensor: string, silencer: Silencer): Promise<void>;
  remove(sensor: string, alert: string): Promise<void>;
  list(sensor: string): Promise<readonly Silencer[]>;
}

/** How long alerts are kept. */
export interface AlertRetention {
  /** An open alert is closed when its traffic was not seen for so long. */
  readonly quiet: Duration;
  /** A closed alert is deleted so long after its first detection. */
  readonly closed: Duration;
}

export interface AlertDeskOptions {
  readonly store: AlertStore;
  readonly types: AlertTypes;
  readonly sensors: Pick<SensorLink, 'learned' | 'unlearned' | 'collect'>;
  readonly audit: Audit;
  /** Takes the entries of the event timeline; they are dropped without it. */
  readonly timeline?: (events: readonly TimelineEvent[], place: Place) => void;
  /** Told the ids of alerts that retention has deleted. */
  readonly removed?: (ids: readonly string[]) => Promise<void>;
  /** Keeps what was learned and muted beyond the life of the alerts; without it their silence ends with their retention. */
  readonly silencers?: SilencerStore;
  /** Sensors whose silencers to read at the start. */
  readonly sensorNames?: readonly string[];
  readonly book?: AlertBookOptions;
  /** How long alerts are kept, asked each time; as the life cycle says when absent. */
  readonly retention?: () => AlertRetention;
  /** Open alerts that all books together hold; the others come from the store when their traffic comes again. 20,000 when absent. */
  readonly inMemory?: number;
  /** Milliseconds since 1970, for the time of people's actions; passed in by tests. */
  readonly clock?: () => number;
}

/** An alert that is changed and not saved yet. */
interface Unsaved {
  readonly alert: StoredAlert;
  readonly raised: boolean;
  /** False when only what was decided about it has changed. */
  readonly whole: boolean;
  /** False when a job tells of it. */
  readonly told: boolean;
}

/** Whose action it is, and as part of what. */
export interface Actor {
  readonly by: string;
  /** Revisions that the person saw: an alert that was changed since is left as it is. */
  readonly seen?: ReadonlyMap<string, number>;
  readonly job?: {
    readonly id: string;
    /** True when the job tells the timeline and the pages itself, since it is about many. */
    readonly quiet: boolean;
    /** The job as it is after this batch: saved with the alerts. */
    readonly after: (outcome: Outcome) => JobRecord;
  };
}

const BATCH = 500;
const IN_MEMORY = 20_000;
/** What a single book holds however many there are. */
const LEAST_IN_MEMORY = 100;

export class AlertDesk {
  readonly store: AlertStore;
  readonly types: AlertTypes;
  readonly live: LiveFeed;
  /** Ids of open alerts of a sensor whose entries are all among these; learning closes them. */
  covered: ((sensor: string, entries: readonly Learnable[]) => Promise<readonly string[]>) | undefined;
  readonly #sensors: Pick<SensorLink, 'learned' | 'unlearned' | 'collect'>;
  readonly #audit: Audit;
  readonly #timeline: (events: readonly TimelineEvent[], place: Place) => void;
  readonly #removed: (ids: readonly string[]) => Promise<void>;
  readonly #silencers: SilencerStore | undefined;
  readonly #bookOptions: AlertBookOptions;
  readonly #retention: () => AlertRetention;
  readonly #inMemory: number;
  readonly #clock: () => number;
  /** Alerts that the store kept and whose packets an earlier run had no time to copy. */
  #uncollected: StoredAlert[] = [];
  readonly #books = new Map<string, AlertBook>();
  /** The last batch of each sensor, so that the next one waits for it. */
  readonly #detecting = new Map<string, Promise<unknown>>();
  #unsaved = new Map<string, Unsaved>();
  #decisions: AlertDecision[] = [];
  #jobs = new Map<string, JobRecord>();
  /** What hubs found, and is not saved yet. */
  #unrecorded: FindingRecord[] = [];
  #saving: Promise<void> | undefined;
  #actions: Promise<unknown> = Promise.resolve();

  private constructor(options: AlertDeskOptions) {
    this.store = options.store;
    this.types = options.types;
    this.#sensors = options.sensors;
    this.#audit = options.audit;
    this.#timeline = options.timeline ?? (() => undefined);
    this.#removed = options.removed ?? (() => Promise.resolve());
    this.#silencers = options.silencers;
    this.#bookOptions = { types: (id) => options.types.get(id), ...options.book };
    this.#retention = options.retention ?? (() => ({ quiet: QUIET_PERIOD, closed: RETENTION }));
    this.#inMemory = options.inMemory ?? IN_MEMORY;
    this.#clock = options.clock ?? Date.now;
    this.live = new LiveFeed(options.store.lastChange);
  }

  /** Opens the desk with what the store kept. */
  static async open(options: AlertDeskOptions): Promise<AlertDesk> {
    const desk = new AlertDesk(options);
    const { store, silencers } = options;
    const { groups } = await store.groups({ filters: [{ column: 'status', operator: 'notEquals', values: ['Closed'] }] }, 'sensor');
    for (const { value, count } of groups) desk.#bookOf(value).restore([], [], count);
    for await (const batch of store.silencing()) for (const alert of batch) desk.#bookOf(alert.sensor).restore([alert]);
    for (const sensor of options.sensorNames ?? []) desk.#bookOf(sensor).restore([], (await silencers?.list(sensor)) ?? []);
    for await (const batch of store.awaitingPackets()) desk.#uncollected.push(...batch);
    return desk;
  }

  /**
   * Takes in what a sensor detected, in packet order. Resolves when all of it is durable.
   * @param found what hubs found, which is written with it; `grown` are detections that were taken in before
   */
  async detect(
    detections: readonly Detection[],
    place: Place,
    found: { readonly grown: readonly Detection[]; readonly records: readonly FindingRecord[] } = NOTHING_FOUND,
  ): Promise<void> {
    const turn = (this.#detecting.get(place.sensor) ?? Promise.resolve()).then(() => this.#apply(detections, place, found));
    this.#detecting.set(
      place.sensor,
      turn.catch(() => undefined),
    );
    const raised = await turn;
    await this.#save();
    if (raised.length > 0) this.#sensors.collect?.(raised, place.sensor);
  }

  /** Puts detections through the book; returns the new alerts whose packets are wanted. */
  async #apply(
    detections: readonly Detection[],
    place: Place,
    { grown, records }: { readonly grown: readonly Detection[]; readonly records: readonly FindingRecord[] },
  ): Promise<readonly Collected[]> {
    const book = this.#bookOf(place.sensor);
    await this.#recall(book, place.sensor, book.unknownKeys([...detections, ...grown]));
    this.#unrecorded.push(...records);
    const raised: Collected[] = [];
    for (const detection of detections) {
      const applied = book.apply(detection);
      if (applied.alert) this.#keep({ ...applied.alert, ...place }, applied.alert.count === 1);
      if (applied.alert?.count === 1 && applied.alert.pcap.state === 'requested')
        raised.push({ alert: applied.alert, frames: detection.frames });
      for (const ended of applied.closed) this.#keepClosed(ended, place, 'alert.resolved');
      if (applied.events.length > 0) this.#timeline(applied.events, place);
    }
    for (const detection of grown) {
      const alert = book.amend(detection);
      if (alert) this.#keep({ ...alert, ...place }, false);
    }
    return raised;
  }

  /** Alerts of a sensor whose packets an earlier run had no time to copy; they are told once. */
  uncollected(sensor: string): readonly StoredAlert[] {
    const found = this.#uncollected.filter((alert) => alert.sensor === sensor);
    this.#uncollected = this.#uncollected.filter((alert) => alert.sensor !== sensor);
    return found;
  }

  /** Tells whether the packets of an alert are there; an alert that is gone is passed over. Resolves when it is durable. */
  async setPackets(id: string, pcap: PcapState): Promise<void> {
    const stored = this.#unsaved.get(id)?.alert ?? (await this.store.get(id));
    if (!stored) return;
    this.#keep({ ...this.#bookOf(stored.sensor).setPackets(stored, pcap), ...placeOf(stored) }, false);
    return this.#save();
  }

  /** Closes what has been quiet for long enough; call it now and then with the time of the newest packet. */
  async closeQuiet(now: Instant, place: Place): Promise<void> {
    const { quiet: after } = this.#retention();
    const quiet = matchOf(
      ['sensor', 'equals', place.sensor],
      ['status', 'notEquals', 'Closed'],
      // The store compares by the microsecond; the book decides exactly.
      ['lastDetection', 'less', formatInstant(now - after + 1000n, 9)],
    );
    for (let row = 0; ; ) {
      const batch = await this.store.batch(quiet, row, BATCH);
      if (batch.alerts.length === 0) break;
      row = batch.after;
      for (const change of this.#bookOf(place.sensor).closeQuiet(now, batch.alerts, after)) {
        this.#keepClosed(change, place, 'alert.quiet');
        this.#timeline(change.events, place);
      }
    }
    return this.#save();
  }

  /** Deletes closed alerts whose retention is over; what they learned or muted stays. Call it with {@link closeQuiet}. */
  async expire(now: Instant, place: Place): Promise<number> {
    const { closed: after } = this.#retention();
    const old = matchOf(
      ['sensor', 'equals', place.sensor],
      ['status', 'equals', 'Closed'],
      ['firstDetection', 'less', formatInstant(now - after + 1000n, 9)],
    );
    let removed = 0;
    for await (const batch of this.store.stream({ ...old, sort: { column: 'firstDetection', descending: false } }, BATCH)) {
      const ids = batch.filter((alert) => isExpired(alert, now, after)).map((alert) => alert.id);
      await this.store.remove(ids);
      await this.#removed(ids);
      removed += ids.length;
    }
    return removed;
  }

  /** Does one action on alerts; those that do not take it are told with the reason, the rest is done. */
  async act(ids: readonly string[], action: AlertAction, actor: Actor): Promise<Outcome> {
    const outcome = await this.actOn(() => this.newest(ids), ids, action, actor);
    if (outcome.changed.length > 0) {
      const on = outcome.changed.map((alert) => alert.id);
      await this.#audit.record({ at: this.#clock(), who: actor.by, action: auditVerb(action), on, details: auditDetails(action) });
    }
    return outcome;
  }

  /** As {@link act}, without the audit log, on alerts that are found when it is their turn; `ids` are those that should be among them. */
  actOn(find: () => Promise<readonly StoredAlert[]>, ids: readonly string[], action: AlertAction, actor: Actor): Promise<Outcome> {
    // One action after the other, so that two people never decide on the same older value.
    const turn = this.#actions.then(() => this.#act(find, ids, action, actor));
    this.#actions = turn.catch(() => undefined);
    return turn;
  }

  async #act(find: () => Promise<readonly StoredAlert[]>, ids: readonly string[], action: AlertAction, actor: Actor): Promise<Outcome> {
    const { by, seen, job } = actor;
    const at = this.#clock();
    const found = await find();
    const known = new Set(found.map((alert) => alert.id));
    const refused: Refused[] = [...new Set(ids)]
      .filter((id) => !known.has(id))
      .map((id) => ({ id, code: 'not_found', message: `There is no alert ${id}: it may have been removed by retention.` }));
    if (mayReopen(action)) await this.#recallOthers(found);
    const changed: StoredAlert[] = [];
    const same: StoredAlert[] = [];
    for (const stored of found) {
      const change = attempt(() =>
        decide(this.#bookOf(stored.sensor), stored, action, fromMilliseconds(at), { by, seen: seen?.get(stored.id) }),
      );
      if (change instanceof LifeCycleError) {
        refused.push({ id: stored.id, code: change.code.replaceAll('-', '_'), message: change.message });
        continue;
      }
      const alert = { ...change.alert, ...placeOf(stored) };
      if (change.alert === change.before) {
        same.push(alert);
        continue;
      }
      changed.push(alert);
      this.#decided(alert, change, { at, who: by, action: auditVerb(action), job: job?.id ?? null }, job?.quiet);
      if (change.events.length > 0 && !job?.quiet) this.#timeline(change.events, placeOf(stored));
      await this.#silence(stored.sensor, change, by, at);
    }
    // A job closes these when it is through with its own, see AlertJobs.
    const covered = action.kind === 'learn' && !job ? await this.#closeCovered(changed, { by }) : [];
    const outcome = { changed: [...changed, ...covered], same, refused };
    if (job) this.#jobs.set(job.id, job.after(outcome));
    await this.#save();
    return outcome;
  }

  /** Closes the other open alerts that report nothing but what these have taught. */
  closeCovered(learned: readonly StoredAlert[], actor: Actor): Promise<readonly StoredAlert[]> {
    const turn = this.#actions.then(() => this.#closeCovered(learned, actor));
    this.#actions = turn.catch(() => undefined);
    return turn;
  }

  async #closeCovered(learned: readonly StoredAlert[], actor: Actor): Promise<readonly StoredAlert[]> {
    const closed: StoredAlert[] = [];
    for (const [sensor, alerts] of Map.groupBy(learned, (alert) => alert.sensor)) {
      await this.#save();
      const learn = alerts.flatMap((alert) => alert.learn);
      const ids = (await this.covered?.(sensor, learn)) ?? [];
      if (ids.length === 0) continue;
      const outcome = await this.#act(() => this.newest(ids), ids, { kind: 'status', status: 'Closed' }, actor);
      closed.push(...outcome.changed);
    }
    return closed;
  }

  /** Keeps silence that begins or ends, and tells the sensor what it learns and unlearns. */
  async #silence(sensor: string, { alert, silenced, lifted }: Change, by: string, at: number): Promise<void> {
    if (silenced) await this.#silencers?.put(sensor, silenced);
    if (lifted) await this.#silencers?.remove(sensor, lifted.alert);
    const who = { by, alert: alert.id, at };
    if (silenced?.kind === 'learned') await this.#sensors.learned(silenced.learn, sensor, who);
    if (lifted?.kind === 'learned') await this.#sensors.unlearned(notHeld(lifted.learn, this.#bookOf(sensor)), sensor, who);
  }

  /** Alerts in the order of their ids, as they are by now. */
  async newest(ids: readonly string[]): Promise<readonly StoredAlert[]> {
    const unknown = ids.filter((id) => !this.#unsaved.has(id));
    const stored = new Map((unknown.length > 0 ? await this.store.list(unknown) : []).map((alert) => [alert.id, alert]));
    return [...new Set(ids)].flatMap((id) => this.#unsaved.get(id)?.alert ?? stored.get(id) ?? []);
  }

  /** Gives books back the open alerts that some others of the same traffic may not be opened beside. */
  async #recallOthers(alerts: readonly StoredAlert[]): Promise<void> {
    for (const [sensor, own] of Map.groupBy(alerts, (alert) => alert.sensor)) {
      const book = this.#bookOf(sensor);
      await this.#recall(book, sensor, book.unknownKeysOf(own));
    }
  }

  async #recall(book: AlertBook, sensor: string, keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += BATCH) book.recall(await this.store.openOf(sensor, keys.slice(at, at + BATCH)));
  }

  #bookOf(sensor: string): AlertBook {
    let book = this.#books.get(sensor);
    if (!book) {
      book = new AlertBook(this.#bookOptions);
      this.#books.set(sensor, book);
    }
    return book;
  }

  #keep(alert: StoredAlert, raised: boolean): void {
    const before = this.#unsaved.get(alert.id);
    this.#unsaved.set(alert.id, { alert, raised: raised || (before?.raised ?? false), whole: true, told: true });
  }

  /** Keeps an alert about which was decided, with the decision. */
  #decided(alert: StoredAlert, change: Change, made: Pick<AlertDecision, 'at' | 'who' | 'action' | 'job'>, quiet = false): void {
    const before = this.#unsaved.get(alert.id);
    const { raised = false, whole = false, told = false } = before ?? {};
    this.#unsaved.set(alert.id, { alert, raised, whole, told: told || !quiet });
    const { before: was, alert: is } = change;
    this.#decisions.push({ alert: is.id, revision: is.revision, ...made, before: stateOf(was), after: stateOf(is) });
  }

  /** Keeps an alert that the system closed. */
  #keepClosed(change: Change, place: Place, action: string): void {
    this.#decided({ ...change.alert, ...place }, change, { at: this.#clock(), who: null, action, job: null });
  }

  /** Resolves when everything kept before the call is durable. */
  async #save(): Promise<void> {
    // A save under way may have started before our change: then the next one has it.
    if (this.#saving) await this.#saving.catch(() => undefined);
    if (this.#unsaved.size === 0 && this.#jobs.size === 0 && this.#unrecorded.length === 0) return this.#saving;
    this.#saving ??= this.#saveOnce().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async #saveOnce(): Promise<void> {
    const batch = this.#unsaved;
    const decisions = this.#decisions;
    const jobs = this.#jobs;
    const findings = this.#unrecorded;
    this.#unsaved = new Map();
    this.#decisions = [];
    this.#jobs = new Map();
    this.#unrecorded = [];
    const entries = [...batch.values()];
    const alertsOf = (some: (entry: Unsaved) => boolean) => entries.filter(some).map((entry) => entry.alert);
    let change: number;
    try {
      const decided = alertsOf((entry) => !entry.whole);
      change = await this.store.save(
        alertsOf((entry) => entry.whole),
        { decided, decisions, jobs: [...jobs.values()], findings },
      );
    } catch (error) {
      this.#unsaved = merged(batch, this.#unsaved);
      this.#decisions = [...decisions, ...this.#decisions];
      this.#jobs = new Map([...jobs, ...this.#jobs]);
      this.#unrecorded = [...findings, ...this.#unrecorded];
      throw error;
    }
    const rows = (raised: boolean) =>
      alertsOf((entry) => entry.told && entry.raised === raised).map((alert) => rowOf(recordOf(alert), this.types));
    this.live.publish(change, rows(true), rows(false), entries.filter((entry) => !entry.told).length);
    // Only what the store has may leave the memory.
    if (this.#unsaved.size > 0) return;
    const most = Math.max(LEAST_IN_MEMORY, Math.floor(this.#inMemory / this.#books.size));
    for (const book of this.#books.values()) book.release(most);
  }
}

const NOTHING_FOUND = { grown: [], records: [] };

/** What failed to be saved, with what changed since. */
function merged(failed: ReadonlyMap<string, Unsaved>, since: ReadonlyMap<string, Unsaved>): Map<string, Unsaved> {
  const all = new Map(failed);
  for (const [id, newer] of since) {
    const older = failed.get(id);
    const { raised = false, whole = false, told = false } = older ?? {};
    all.set(id, { alert: newer.alert, raised: newer.raised || raised, whole: newer.whole || whole, told: newer.told || told });
  }
  return all;
}

/** The state of an alert until its sensor has copied its packets. */
export const REQUESTED: PcapState = { state: 'requested', reason: 'Its packets are being copied. Look again in a moment.' };

function placeOf({ sensor, site, zone }: Place): Place {
  return { sensor, site, zone };
}

/** Entries that no other learned alert has brought into the baseline, too. */
function notHeld(entries: readonly Learnable[], book: AlertBook): Learnable[] {
  const keyOf = ({ aspect, source, destination, value }: Learnable): string => JSON.stringify([aspect, source, destination, value]);
  const held = new Set<string>();
  for (const { kind, learn } of book.silencers()) if (kind === 'learned') for (const entry of learn) held.add(keyOf(entry));
  return entries.filter((entry) => !held.has(keyOf(entry)));
}

function matchOf(...filters: readonly (readonly [AlertFilter['column'], AlertFilter['operator'], string])[]): AlertMatch {
  return { filters: filters.map(([column, operator, value]) => ({ column, operator, values: [value] })) };
}

function attempt(decideNow: () => Change): Change | LifeCycleError {
  try {
    return decideNow();
  } catch (error) {
    if (error instanceof LifeCycleError) return error;
    throw error;
  }
}
