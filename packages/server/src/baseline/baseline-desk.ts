/**
 * What people do with the baseline: read it as text, compare, edit, import, bring a version back, and decide about what waits
 * on the review list. Each change says beforehand what it would do, is one version of the baseline, and leaves a line in the
 * audit log and in the event timeline.
 */
import type { Learnable } from '@annunciator/core/alert';
import type { BaselineEntry, Origin } from '@annunciator/core/baseline-entry';
import type { TimelineEvent } from '@annunciator/core/events';
import { timelineEvent } from '@annunciator/core/events';
import type { ReviewItem } from '@annunciator/core/review';
import { fromMilliseconds } from '@annunciator/core/time';
import {
  type BaselineDifference,
  baselineText,
  difference,
  edited,
  inOrder,
  type Problem,
  readBaseline,
} from '@annunciator/sensor/baseline/baseline-text';
import { EntryError, lineOf, parseLine } from '@annunciator/sensor/baseline/entry';
import type { BaselineRecords, BaselineVersion, VersionNote } from '@annunciator/store/baseline-records';
import type { ReviewRecords } from '@annunciator/store/review-records';
import { z } from 'zod';
import type { Place } from '../alerts/alert-desk.ts';
import type { Audit } from '../audit.ts';
import { RequestError } from '../http/request-error.ts';
import type { SensorLink } from '../sensor-link.ts';
import { StoredBaselines } from './stored-baselines.ts';

/** What a change does, or would do. */
export interface BaselineOutcome {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Newest version afterwards; the same as before when nothing changed, or when it was only tried. */
  readonly version: number;
  /** Open alerts that it closed, or would close: all they report is normal then. */
  readonly closes: readonly string[];
  /** Lines that found no place in the sensor. */
  readonly refused: readonly string[];
}

/** A state of a baseline: a version, a text, or what is there now. */
export type BaselineState = { readonly version: number } | { readonly text: string } | 'now';

/** Absent parts pass everything. */
export interface EntryFilter {
  /** Text in the line, or in the name of who learned it. */
  readonly search?: string | undefined;
  readonly device?: string | undefined;
  readonly aspect?: string | undefined;
  readonly by?: 'people' | 'sensor' | undefined;
  /** Id of the alert it was learned from. */
  readonly alert?: string | undefined;
  readonly limit: number;
}

export interface ChangeOrder {
  readonly by: string;
  readonly reason: string;
  /** Tells what it would do, and does nothing. */
  readonly dryRun: boolean;
}

/** The alerts of a sensor, as far as changes of its baseline touch them. */
export interface LearnedAlerts {
  /** Ids of open alerts whose entries are all among these. */
  covered(sensor: string, entries: readonly Learnable[]): Promise<readonly string[]>;
  /** Closes them: what they report is part of the baseline now. */
  close(ids: readonly string[], by: string): Promise<void>;
  /** Raises the alert of an operation that a person has rejected; returns its id. */
  raise(sensor: string, item: ReviewItem): Promise<string | null>;
}

export interface BaselineDeskOptions {
  readonly store: { readonly baseline: BaselineRecords; readonly reviews: ReviewRecords };
  readonly sensors: Pick<SensorLink, 'change' | 'decide' | 'learning' | 'setLearning'>;
  /** Absent where no alerts are at hand: a stopped system. */
  readonly alerts?: LearnedAlerts;
  readonly audit: Audit;
  readonly timeline?: (events: readonly TimelineEvent[], place: Pick<Place, 'sensor'>) => void;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

export class BaselineDesk {
  readonly records: BaselineRecords;
  readonly sensors: BaselineDeskOptions['sensors'];
  readonly #options: BaselineDeskOptions;
  readonly #stored: StoredBaselines;
  readonly #clock: () => number;
  /** One change after the other, so that each begins where the last one ended. */
  #changes: Promise<unknown> = Promise.resolve();

  constructor(options: BaselineDeskOptions) {
    this.#options = options;
    this.records = options.store.baseline;
    this.sensors = options.sensors;
    this.#stored = new StoredBaselines(options.store);
    this.#clock = options.clock ?? Date.now;
  }

  /** The baseline, or one of its versions, line by line. */
  async text(sensor: string, version?: number, origins = false): Promise<Iterable<string>> {
    return baselineText(await this.#entries(sensor, version === undefined ? 'now' : { version }), origins);
  }

  /** What brings one state to another. @throws RequestError when a version is not there or a text is none */
  async difference(sensor: string, from: BaselineState, to: BaselineState): Promise<BaselineDifference> {
    return difference(await this.#entries(sensor, from), await this.#entries(sensor, to));
  }

  /** Entries that pass a filter, from a cursor on. @throws RequestError when the cursor is damaged */
  async page(
    sensor: string,
    filter: EntryFilter,
    cursor?: string,
  ): Promise<{ readonly entries: readonly BaselineEntry[]; readonly next: string | null }> {
    const entries: BaselineEntry[] = [];
    for await (const batch of this.records.list(sensor, cursor === undefined ? undefined : placeOf(cursor)))
      for (const entry of batch) {
        if (!passes(entry, filter)) continue;
        if (entries.length === filter.limit) return { entries, next: cursorOf(entries[entries.length - 1]) };
        entries.push(entry);
      }
    return { entries, next: null };
  }

  versions(sensor: string, limit: number, before?: number): Promise<readonly BaselineVersion[]> {
    return this.records.versions(sensor, limit, before);
  }

  /** Makes the baseline what a text says. @throws RequestError `baseline_unreadable` with the first faults */
  async import(sensor: string, text: string, order: ChangeOrder): Promise<BaselineOutcome> {
    const { entries, problems } = readBaseline(text);
    if (problems.length > 0) throw new RequestError(400, 'baseline_unreadable', problemText(problems));
    return this.#inTurn(sensor, 'imported', order, (before) => difference(before, entries));
  }

  /** Adds and takes out single lines. @throws RequestError `baseline_unreadable` */
  async edit(sensor: string, learn: readonly string[], unlearn: readonly string[], order: ChangeOrder): Promise<BaselineOutcome> {
    const come = learn.map((line) => ({ ...readLine(line), learned: null, origin: NOBODY }));
    const gone = unlearn.map(readLine);
    return this.#inTurn(sensor, 'edited', order, (before) => difference(before, edited(before, gone, come)));
  }

  /** Brings a version back. @throws RequestError `not_found` */
  async revert(sensor: string, version: number, order: ChangeOrder): Promise<BaselineOutcome> {
    await this.#mustExist(sensor, version);
    const reason = order.reason || `back to version ${version}`;
    return this.#inTurn(sensor, 'reverted', { ...order, reason }, async (before) =>
      difference(before, await this.records.at(sensor, version)),
    );
  }

  async review(sensor: string): Promise<readonly ReviewItem[]> {
    return this.#options.store.reviews.list(sensor);
  }

  /**
   * Accepts an operation (it becomes normal) or rejects it (its alert is raised, and it leaves what the sensor knows).
   * @throws RequestError `not_found`
   */
  async decide(
    sensor: string,
    id: string,
    state: 'accepted' | 'rejected',
    by: string,
  ): Promise<{ item: ReviewItem; alert: string | null }> {
    const at = this.#clock();
    const decide = this.sensors.decide?.bind(this.sensors) ?? this.#stored.decide.bind(this.#stored);
    const item = await this.#queue(() => decide(sensor, id, state, by, at));
    if (!item) throw new RequestError(404, 'not_found', `There is no operation ${id} on the review list of ${sensor}.`);
    const alert = state === 'rejected' ? ((await this.#options.alerts?.raise(sensor, item)) ?? null) : null;
    const content = `An operation seen while learning was ${state}: ${item.detection.message}`;
    await this.#note(sensor, by, `baseline.${state}`, [id], content, { kind: item.kind });
    return { item, alert };
  }

  async #entries(sensor: string, state: BaselineState): Promise<readonly BaselineEntry[]> {
    if (state === 'now') return inOrder(await this.records.all(sensor));
    if ('version' in state) {
      await this.#mustExist(sensor, state.version);
      return inOrder(await this.records.at(sensor, state.version));
    }
    const { entries, problems } = readBaseline(state.text);
    if (problems.length > 0) throw new RequestError(400, 'baseline_unreadable', problemText(problems));
    return entries.map((entry) => ({ ...entry, learned: null, origin: NOBODY }));
  }

  async #mustExist(sensor: string, version: number): Promise<void> {
    const [found] = await this.records.versions(sensor, 1, version + 1);
    if (version === 0 || found?.number === version) return;
    const newest = await this.records.newest(sensor);
    const what = newest === 0 ? 'it has none yet' : `its newest is ${newest}`;
    throw new RequestError(
      404,
      'not_found',
      `The baseline of ${sensor} has no version ${version}: ${what}, and older ones may have been dropped.`,
    );
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#changes.then(work);
    this.#changes = turn.catch(() => undefined);
    return turn;
  }

  #inTurn(
    sensor: string,
    action: VersionNote['action'],
    order: ChangeOrder,
    plan: (before: readonly BaselineEntry[]) => BaselineDifference | Promise<BaselineDifference>,
  ): Promise<BaselineOutcome> {
    return this.#queue(async () => {
      const { added, removed } = await plan(await this.records.all(sensor));
      const closes = (await this.#options.alerts?.covered(sensor, added)) ?? [];
      const told = { added: added.map(lineOf), removed: removed.map(lineOf), closes };
      if (order.dryRun || added.length + removed.length === 0) return { ...told, version: await this.records.newest(sensor), refused: [] };
      const refused = await this.#change(sensor, action, order, added, removed);
      if (closes.length > 0) await this.#options.alerts?.close(closes, order.by);
      const version = await this.records.newest(sensor);
      const content = `The baseline was ${action}: ${count(added.length, 'entry', 'entries')} came, ${count(removed.length, 'entry', 'entries')} went (version ${version}).`;
      await this.#note(sensor, order.by, `baseline.${action}`, [sensor], content, {
        reason: order.reason,
        version,
        added: added.length,
        removed: removed.length,
      });
      return { ...told, version, refused: refused.map(lineOf) };
    });
  }

  async #change(
    sensor: string,
    action: VersionNote['action'],
    { by, reason }: ChangeOrder,
    added: readonly Learnable[],
    removed: readonly Learnable[],
  ): Promise<readonly Learnable[]> {
    const at = this.#clock();
    const now = (await this.sensors.learning?.(sensor))?.now ?? null;
    // What an older version held keeps who learned it.
    const learn = added.map((entry) => (isOwned(entry) ? entry : { ...entry, learned: now, origin: { by, at, alert: null } }));
    const note: VersionNote = { at, packetTime: now ?? fromMilliseconds(at), by, action, reason, about: null };
    const change = this.sensors.change?.bind(this.sensors) ?? this.#stored.change.bind(this.#stored);
    return change(sensor, { learn, unlearn: removed }, note);
  }

  async #note(
    sensor: string,
    by: string,
    action: string,
    on: readonly string[],
    content: string,
    details: Readonly<Record<string, string | number>>,
  ): Promise<void> {
    const at = this.#clock();
    await this.#options.audit.record({ at, who: by, action, on, details });
    this.#options.timeline?.([timelineEvent('USER_OPERATION', fromMilliseconds(at), content, { owner: by })], { sensor });
  }
}

function passes(entry: BaselineEntry, { search, device, aspect, by, alert }: EntryFilter): boolean {
  const { origin } = entry;
  if (aspect !== undefined && entry.aspect !== aspect) return false;
  if (device !== undefined && entry.source !== device && entry.destination !== device) return false;
  if (by !== undefined && (origin.by !== null) !== (by === 'people')) return false;
  if (alert !== undefined && origin.alert !== alert) return false;
  return search === undefined || `${lineOf(entry)} ${origin.by ?? ''}`.toLowerCase().includes(search.toLowerCase());
}

function cursorOf({ aspect, source, destination, value }: Learnable): string {
  return Buffer.from(JSON.stringify([aspect, source, destination, value])).toString('base64url');
}

const placeSchema = z.tuple([z.string(), z.string(), z.string(), z.string()]);

function placeOf(cursor: string): Learnable {
  try {
    const [aspect, source, destination, value] = placeSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return { aspect, source, destination, value };
  } catch {
    throw new RequestError(400, 'bad_cursor', 'This page marker is damaged: ask for the first page again.');
  }
}

/** Origin of entries that somebody has just written; replaced by who that was. */
const NOBODY: Origin = { by: '', at: null, alert: null };

function isOwned(entry: Learnable): entry is BaselineEntry {
  return 'origin' in entry && (entry as BaselineEntry).origin.by !== '';
}

function readLine(line: string): Learnable {
  try {
    return parseLine(line).learnable;
  } catch (error) {
    if (!(error instanceof EntryError)) throw error;
    throw new RequestError(400, 'baseline_unreadable', `"${line}", column ${error.at + 1}: ${error.message}`);
  }
}

const SHOWN_PROBLEMS = 5;

function problemText(problems: readonly Problem[]): string {
  const shown = problems.slice(0, SHOWN_PROBLEMS).map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  const more = problems.length - SHOWN_PROBLEMS;
  return `The text is no baseline, and nothing was changed. ${shown.join(' ')}${more > 0 ? ` And ${more}${problems.length >= 100 ? ' or more' : ''} more.` : ''}`;
}

function count(number: number, one: string, several: string): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : several}`;
}
