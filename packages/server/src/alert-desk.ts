/**
 * The one place where alerts change at run time: detections of sensors and actions of people go through the life cycle,
 * into the store, and only then to whoever watches.
 *
 * There is one book of alerts per sensor. Changes are saved in batches: what comes while a save is under way goes with the
 * next one. A save that fails is tried again with the next change, so that the store catches up with the books.
 */
import type { Alert, Detection, Learnable, PcapState, PortalSeverity, Status } from '@annunciator/core/alert';
import { AlertBook, type AlertBookOptions, type Change } from '@annunciator/core/alert-book';
import type { TimelineEvent } from '@annunciator/core/events';
import { LifeCycleError } from '@annunciator/core/life-cycle-error';
import type { Silencer } from '@annunciator/core/silencer';
import { fromMilliseconds, type Instant } from '@annunciator/core/time';
import { isExpired } from '@annunciator/core/life-cycle';
import type { AlertQuery, AlertStore, StoredAlert } from '@annunciator/store/alert-query';
import type { AlertTypes } from './alert-types.ts';
import { rowOf } from './alert-view.ts';
import type { Audit } from './audit.ts';
import { LiveFeed } from './live-feed.ts';
import type { Collected, SensorLink } from './sensor-link.ts';

/** Where a detection comes from. */
export interface Place {
  readonly sensor: string;
  readonly site: string;
  readonly zone: string;
}

/** What a person's action changed, and what it could not change and why. */
export interface Outcome {
  readonly changed: readonly StoredAlert[];
  readonly refused: readonly { readonly id: string; readonly code: string; readonly message: string }[];
}

/** `Silencers` of the store. */
export interface SilencerStore {
  put(sensor: string, silencer: Silencer): Promise<void>;
  remove(sensor: string, alert: string): Promise<void>;
  list(sensor: string): Promise<readonly Silencer[]>;
}

export interface AlertDeskOptions {
  readonly store: AlertStore;
  readonly types: AlertTypes;
  readonly sensors: Pick<SensorLink, 'learned' | 'unlearned' | 'collect'>;
  readonly audit: Audit;
  /** Takes the entries of the event timeline; they are dropped without it. */
  readonly timeline?: (events: readonly TimelineEvent[], place: Place) => void;
  /** Keeps what was learned and muted beyond the life of the alerts; without it their silence ends with their retention. */
  readonly silencers?: SilencerStore;
  /** Sensors whose silencers to read at the start. */
  readonly sensorNames?: readonly string[];
  readonly book?: AlertBookOptions;
  /** Milliseconds since 1970, for the time of people's actions; passed in by tests. */
  readonly clock?: () => number;
}

const EXPIRE_BATCH = 500;

export class AlertDesk {
  readonly store: AlertStore;
  readonly types: AlertTypes;
  readonly live: LiveFeed;
  readonly #sensors: Pick<SensorLink, 'learned' | 'unlearned' | 'collect'>;
  readonly #audit: Audit;
  readonly #timeline: (events: readonly TimelineEvent[], place: Place) => void;
  readonly #silencers: SilencerStore | undefined;
  readonly #bookOptions: AlertBookOptions;
  readonly #clock: () => number;
  /** Alerts that the store kept and whose packets an earlier run had no time to copy. */
  #uncollected: StoredAlert[] = [];
  readonly #books = new Map<string, AlertBook>();
  /** Changed and not saved yet; the flag tells new alerts. */
  #unsaved = new Map<string, { alert: StoredAlert; raised: boolean }>();
  #saving: Promise<void> | undefined;
  #actions: Promise<unknown> = Promise.resolve();

  private constructor(options: AlertDeskOptions) {
    this.store = options.store;
    this.types = options.types;
    this.#sensors = options.sensors;
    this.#audit = options.audit;
    this.#timeline = options.timeline ?? (() => undefined);
    this.#silencers = options.silencers;
    this.#bookOptions = { types: (id) => options.types.get(id), ...options.book };
    this.#clock = options.clock ?? Date.now;
    this.live = new LiveFeed(this.#clock().toString(36));
  }

  /** Opens the desk with what the store kept. */
  static async open(options: AlertDeskOptions): Promise<AlertDesk> {
    const desk = new AlertDesk(options);
    for await (const batch of options.store.open()) {
      for (const alert of batch) {
        desk.#bookOf(alert.sensor).restore([alert]);
        if (isAwaited(alert.pcap)) desk.#uncollected.push(alert);
      }
    }
    for (const sensor of options.sensorNames ?? []) desk.#bookOf(sensor).restore([], (await options.silencers?.list(sensor)) ?? []);
    return desk;
  }

  /** Takes in what a sensor detected, in packet order. Resolves when all of it is durable. */
  async detect(detections: readonly Detection[], place: Place): Promise<void> {
    const book = this.#bookOf(place.sensor);
    const raised: Collected[] = [];
    for (const detection of detections) {
      const applied = book.apply(detection);
      if (applied.alert) this.#keep({ ...applied.alert, ...place }, applied.alert.count === 1);
      if (applied.alert?.count === 1 && isAwaited(applied.alert.pcap)) raised.push({ alert: applied.alert, frames: detection.frames });
      for (const closed of applied.closed) this.#keep({ ...closed, ...place }, false);
      if (applied.events.length > 0) this.#timeline(applied.events, place);
    }
    await this.#save();
    if (raised.length > 0) this.#sensors.collect?.(raised, place.sensor);
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
    const { sensor, site, zone } = stored;
    this.#keep({ ...this.#bookOf(sensor).setPackets(stored, pcap), sensor, site, zone }, false);
    return this.#save();
  }

  /** Closes what has been quiet for 90 days; call it now and then with the time of the newest packet. */
  closeQuiet(now: Instant, place: Place): Promise<void> {
    for (const change of this.#bookOf(place.sensor).closeQuiet(now)) {
      this.#keep({ ...change.alert, ...place }, false);
      this.#timeline(change.events, place);
    }
    return this.#save();
  }

  /** Deletes closed alerts whose retention is over; what they learned or muted stays. Call it with {@link closeQuiet}. */
  async expire(now: Instant, place: Place): Promise<number> {
    const old: string[] = [];
    const oldestFirst: AlertQuery = {
      filters: [
        { column: 'sensor', operator: 'equals', values: [place.sensor] },
        { column: 'status', operator: 'equals', values: ['Closed'] },
      ],
      sort: { column: 'firstDetection', descending: false },
    };
    search: for await (const batch of this.store.stream(oldestFirst, EXPIRE_BATCH)) {
      for (const alert of batch) {
        if (!isExpired(alert, now)) break search;
        old.push(alert.id);
      }
    }
    for (let at = 0; at < old.length; at += EXPIRE_BATCH) await this.store.remove(old.slice(at, at + EXPIRE_BATCH));
    return old.length;
  }

  setStatus(ids: readonly string[], status: Status, by: string): Promise<Outcome> {
    return this.#act('alert.status', ids, by, { status }, (book, alert, at) => book.setStatus(alert, status, at, by));
  }

  setSeverity(ids: readonly string[], severity: PortalSeverity, by: string): Promise<Outcome> {
    return this.#act('alert.severity', ids, by, { severity }, (book, alert, at) => book.setSeverity(alert, severity, at, by));
  }

  learn(ids: readonly string[], by: string): Promise<Outcome> {
    return this.#act('alert.learn', ids, by, {}, (book, alert, at) => book.learn(alert, at, by));
  }

  unlearn(ids: readonly string[], by: string): Promise<Outcome> {
    return this.#act('alert.unlearn', ids, by, {}, (book, alert, at) => book.unlearn(alert, at, by));
  }

  mute(ids: readonly string[], by: string): Promise<Outcome> {
    return this.#act('alert.mute', ids, by, {}, (book, alert, at) => book.mute(alert, at));
  }

  unmute(ids: readonly string[], by: string): Promise<Outcome> {
    return this.#act('alert.unmute', ids, by, {}, (book, alert, at) => book.unmute(alert, at));
  }

  /** One action after the other, so that two people never decide on the same older value. */
  #act(
    action: string,
    ids: readonly string[],
    by: string,
    details: Readonly<Record<string, string>>,
    decide: (book: AlertBook, alert: Alert, at: Instant) => Change,
  ): Promise<Outcome> {
    const turn = this.#actions.then(async () => {
      const at = fromMilliseconds(this.#clock());
      const changed: StoredAlert[] = [];
      const refused: { id: string; code: string; message: string }[] = [];
      for (const id of new Set(ids)) {
        const stored = this.#unsaved.get(id)?.alert ?? (await this.store.get(id));
        if (!stored) {
          refused.push({ id, code: 'not_found', message: `There is no alert ${id}: it may have been removed by retention.` });
          continue;
        }
        const { sensor, site, zone } = stored;
        const place = { sensor, site, zone };
        const change = attempt(() => decide(this.#bookOf(sensor), stored, at));
        if (change instanceof LifeCycleError) {
          refused.push({ id, code: change.code.replaceAll('-', '_'), message: change.message });
          continue;
        }
        const alert = { ...change.alert, ...place };
        this.#keep(alert, false);
        if (change.events.length > 0) this.#timeline(change.events, place);
        if (change.silenced) await this.#silencers?.put(sensor, change.silenced);
        if (change.lifted) await this.#silencers?.remove(sensor, change.lifted.alert);
        const who = { by, alert: alert.id, at: this.#clock() };
        if (change.silenced?.kind === 'learned') await this.#sensors.learned(change.silenced.learn, sensor, who);
        if (change.lifted?.kind === 'learned')
          await this.#sensors.unlearned(notHeld(change.lifted.learn, this.#bookOf(sensor)), sensor, who);
        changed.push(alert);
      }
      await this.#save();
      if (changed.length > 0)
        await this.#audit.record({ at: this.#clock(), who: by, action, on: changed.map((alert) => alert.id), details });
      return { changed, refused };
    });
    this.#actions = turn.catch(() => undefined);
    return turn;
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
    this.#unsaved.set(alert.id, { alert, raised: raised || (this.#unsaved.get(alert.id)?.raised ?? false) });
  }

  /** Resolves when everything kept before the call is durable. */
  async #save(): Promise<void> {
    // A save under way may have started before our change: then the next one has it.
    if (this.#saving) await this.#saving.catch(() => undefined);
    if (this.#unsaved.size === 0) return this.#saving;
    this.#saving ??= this.#saveOnce().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async #saveOnce(): Promise<void> {
    const batch = this.#unsaved;
    this.#unsaved = new Map();
    const entries = [...batch.values()];
    try {
      await this.store.save(entries.map((entry) => entry.alert));
    } catch (error) {
      // What changed since is newer than what failed.
      this.#unsaved = new Map([...batch, ...this.#unsaved]);
      throw error;
    }
    const rows = (raised: boolean) => entries.filter((entry) => entry.raised === raised).map((entry) => rowOf(entry.alert, this.types));
    this.live.publish(rows(true), rows(false));
  }
}

/** The state of an alert until its sensor has copied its packets. */
export const AWAITED: PcapState = { state: 'missing', reason: 'Its packets are being copied. Look again in a moment.' };

function isAwaited(pcap: PcapState): boolean {
  return pcap.reason === AWAITED.reason;
}

/** Entries that no other learned alert has brought into the baseline, too. */
function notHeld(entries: readonly Learnable[], book: AlertBook): Learnable[] {
  const keyOf = ({ aspect, source, destination, value }: Learnable): string => JSON.stringify([aspect, source, destination, value]);
  const held = new Set<string>();
  for (const { kind, learn } of book.silencers()) if (kind === 'learned') for (const entry of learn) held.add(keyOf(entry));
  return entries.filter((entry) => !held.has(keyOf(entry)));
}

function attempt(decide: () => Change): Change | LifeCycleError {
  try {
    return decide();
  } catch (error) {
    if (error instanceof LifeCycleError) return error;
    throw error;
  }
}
