/**
 * What a running sensor has learned, and how people change it: its memory goes into the store, changes go to the worker and
 * come back as memory, so that one hand writes the baseline.
 */
import type { Learnable } from '@annunciator/core/alert';
import type { BaselineEntry } from '@annunciator/core/baseline-entry';
import type { ReviewItem } from '@annunciator/core/review';
import { DAY, fromMilliseconds, type Instant } from '@annunciator/core/time';
import type { LearningMemory, LearningSettings } from '@annunciator/sensor/baseline/learning';
import type { FromSensor, SensorCounters, ToSensor } from '@annunciator/sensor/process/messages';
import type { SensorMemory } from '@annunciator/sensor/sensor';
import type { LearnedBy, LearningReport } from '@annunciator/server/sensor-link';
import { byTheSensor, reviewNote, StoredBaselines } from '@annunciator/server/baseline/stored-baselines';
import type { VersionNote } from '@annunciator/store/baseline-records';
import type { Store } from '@annunciator/store/store';
import type { JsonValue } from '@annunciator/store/settings';

type Done = Extract<FromSensor, { kind: 'done' }>;
type Memory = Extract<FromSensor, { kind: 'memory' }>;

export interface SensorLearningOptions {
  readonly sensor: string;
  readonly store: Store;
  /** Settings until a person sets others. */
  readonly settings: LearningSettings;
  /** Sends a request to the worker; undefined when none runs. Resolves when all that it told before is written. */
  readonly ask: (request: (number: number) => ToSensor) => Promise<Done> | undefined;
  readonly counters: () => SensorCounters | undefined;
}

export class SensorLearning {
  readonly #options: SensorLearningOptions;
  readonly #stored: StoredBaselines;
  #settings: LearningSettings;
  #memory: LearningMemory | undefined;
  /** Notes of changes under way, by request. */
  readonly #notes = new Map<number, VersionNote>();
  /** Packet time of the last version that the sensor made by itself. */
  #versioned: Instant | null = null;
  #wasLearning = false;

  constructor(options: SensorLearningOptions) {
    this.#options = options;
    this.#stored = new StoredBaselines(options.store);
    this.#settings = options.settings;
  }

  get settings(): LearningSettings {
    return this.#settings;
  }

  #name(what: string): string {
    return `sensor.${this.#options.sensor}.${what}`;
  }

  /** What an earlier run of the sensor learned; `fresh` when nothing of it counts. */
  async remembered(fresh: boolean): Promise<Pick<SensorMemory, 'baseline' | 'learning' | 'review'>> {
    const { store, sensor } = this.#options;
    // Written by #keepSettings and keep.
    const settings = (await store.settings.get(this.#name('learns'))) as unknown as LearningSettings | undefined;
    if (settings) this.#settings = { ...this.#settings, ...settings };
    const memory = (await store.settings.get(this.#name('learning'))) as unknown as LearningMemory | undefined;
    this.#memory = memory;
    this.#wasLearning = memory?.on ?? true;
    if (fresh) return { baseline: [] };
    const baseline = await store.baseline.all(sensor);
    return { baseline, review: await store.reviews.list(sensor), ...(memory ? { learning: memory } : {}) };
  }

  /** Writes down what the worker has told. Called in the order in which it came. */
  async keep(message: Memory): Promise<void> {
    const { store, sensor } = this.#options;
    this.#memory = message.learning;
    const note = message.request === undefined ? undefined : this.#notes.get(message.request);
    if (note) await store.baseline.cut(sensor, byTheSensor(note));
    await store.baseline.apply(sensor, message.baseline, note ?? this.#ownNote(message.learning));
    if (message.reviews.length > 0) await store.reviews.put(sensor, message.reviews);
    // Numbers, texts and lists only.
    await store.settings.set({ [this.#name('learning')]: message.learning as unknown as JsonValue });
  }

  /** The sensor makes a version by itself when learning ends, and once in a day of packet time while it learns. */
  #ownNote(learning: LearningMemory): VersionNote | undefined {
    const now = this.#now();
    const ended = this.#wasLearning && !learning.on;
    this.#wasLearning = learning.on;
    this.#versioned ??= now;
    if (!ended && (now === null || this.#versioned === null || now - this.#versioned < DAY)) return undefined;
    this.#versioned = now;
    return { at: Date.now(), packetTime: now, by: null, action: ended ? 'learning-ended' : 'learned', reason: '', about: null };
  }

  #now(): Instant | null {
    return this.#options.counters()?.lastPacket ?? null;
  }

  /** Entries leave and enter the baseline as one version. */
  async change(
    sensor: string,
    change: { readonly unlearn: readonly Learnable[]; readonly learn: readonly BaselineEntry[] },
    note: VersionNote,
  ): Promise<readonly Learnable[]> {
    const done = this.#ask(note, (request) => ({ kind: 'change', request, ...change }));
    return done ? ((await done).refused ?? []) : this.#stored.change(sensor, change, note);
  }

  async decide(sensor: string, id: string, state: 'accepted' | 'rejected', by: string, at: number): Promise<ReviewItem | undefined> {
    const known = (await this.#options.store.reviews.list(sensor)).find((item) => item.id === id);
    if (!known) return undefined;
    const note = reviewNote({ ...known, state, by, at });
    const done = this.#ask(note, (request) => ({ kind: 'decide', request, id, state, by, at }));
    return done ? ((await done).item ?? undefined) : this.#stored.decide(sensor, id, state, by, at);
  }

  #ask(note: VersionNote, request: (number: number) => ToSensor): Promise<Done> | undefined {
    let asked = 0;
    const done = this.#options.ask((number) => {
      asked = number;
      this.#notes.set(number, note);
      return request(number);
    });
    return done?.finally(() => this.#notes.delete(asked));
  }

  async learned(entries: readonly Learnable[], sensor: string, { by, alert, at }: LearnedBy): Promise<void> {
    const origin = { by, at, alert };
    const learn = entries.map((entry) => ({ ...entry, learned: this.#now(), origin }));
    await this.change(sensor, { unlearn: [], learn }, this.#noteOf('alert-learned', by, alert, at));
  }

  async unlearned(entries: readonly Learnable[], sensor: string, { by, alert, at }: LearnedBy): Promise<void> {
    await this.change(sensor, { unlearn: entries, learn: [] }, this.#noteOf('alert-unlearned', by, alert, at));
  }

  #noteOf(action: VersionNote['action'], by: string, about: string, at: number): VersionNote {
    return { at, packetTime: this.#now() ?? fromMilliseconds(at), by, action, reason: '', about };
  }

  async setLearning({ on, settings }: { readonly on?: boolean; readonly settings?: LearningSettings }): Promise<void> {
    if (settings) {
      this.#settings = settings;
      await this.#options.store.settings.set({ [this.#name('learns')]: { ...settings } });
    }
    const asked = { ...(on === undefined ? {} : { on }), ...(settings ? { settings } : {}) };
    await this.#options.ask((request) => ({ kind: 'learning', request, ...asked }));
  }

  report(): LearningReport | undefined {
    const counters = this.#options.counters();
    if (!this.#memory) return undefined;
    const state = counters?.learning ?? (this.#memory.on ? 'learning' : 'operational');
    return { state, settings: this.#settings, memory: this.#memory, now: this.#now(), ends: counters?.learningEnds ?? null };
  }
}
