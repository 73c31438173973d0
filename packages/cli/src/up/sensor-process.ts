/**
 * A sensor in a worker of this process, as the server sees it: detections go to the alert desk and are acknowledged when
 * durable; what is learned goes to the worker and into the store.
 */
import type { TypeSettings } from '@annunciator/core/alert-type';
import { Worker } from 'node:worker_threads';
import type { Learnable } from '@annunciator/core/alert';
import type { ReviewItem } from '@annunciator/core/review';
import { timelineEvent } from '@annunciator/core/events';
import { HOUR, type Instant, toMilliseconds } from '@annunciator/core/time';
import type { DeviceRecord } from '@annunciator/core/device';
import type { LearningSettings } from '@annunciator/sensor/baseline/learning';
import type { Evidence, FromSensor, Pin, RuleSet, SensorCounters, SensorStart, ToSensor } from '@annunciator/sensor/process/messages';
import { pinOf } from '@annunciator/sensor/process/packet-store';
import type { SensorEvent, United } from '@annunciator/sensor/sensor';
import type { AlertDesk, Place } from '@annunciator/server/alerts/alert-desk';
import type { DeviceDesk } from '@annunciator/server/devices/device-desk';
import type { PacketEvidence } from '@annunciator/server/alerts/packet-evidence';
import type {
  Collected,
  Decisions,
  HistoryTrial,
  LearnedBy,
  LearningReport,
  SensorLink,
  SensorStatus,
} from '@annunciator/server/sensor-link';
import { ruleSet } from '@annunciator/server/rules/stored-rules';
import type { Store } from '@annunciator/store/store';
import { programUrl } from '../built.ts';
import { remembered } from './remembered.ts';
import { knownDevices, tryOnHistory } from './rule-trial.ts';
import { SensorLearning } from './sensor-learning.ts';
import type { SourceChoice, WorkerStart } from './sensor-worker.ts';

type Done = Extract<FromSensor, { kind: 'done' }>;

/** Who waits for the answer of a request. */
interface Waiting {
  readonly resolve: (done: Done) => void;
  readonly atOnce: boolean;
}

/** Milliseconds a sensor has to write down what it knows when it is told to stop. */
const STOP_WITHIN = 5000;

const NEVER_COPIED = 'The system was stopped before its packets were copied.';
export interface SensorProcessOptions {
  readonly place: Place;
  readonly source: SourceChoice;
  readonly start: Omit<SensorStart, 'memory' | 'resumeFrame' | 'learns'>;
  /** How learning ends, until a person says otherwise. */
  readonly learns: LearningSettings;
  readonly store: Store;
  /** Says something to the person at the terminal. */
  readonly say: (line: string) => void;
}

/** Where everything goes that a sensor tells. */
export interface SensorParts {
  readonly desk: AlertDesk;
  readonly devices: DeviceDesk;
  readonly evidence: PacketEvidence;
}

export class SensorProcess implements SensorLink {
  readonly #options: SensorProcessOptions;
  /** Where it stands now. */
  #place: Place;
  #worker: Worker | undefined;
  #desk: AlertDesk | undefined;
  #devices: DeviceDesk | undefined;
  #evidence: PacketEvidence | undefined;
  #counters: SensorCounters | undefined;
  #source = '';
  #ended = false;
  /** Packet time of the last tidying. */
  #tidied: Instant | null = null;
  /** Devices in the store at the start. */
  #deviceCount = 0;
  /** Names this run: its counts begin anew with each, but for captures, which give the same again. */
  #run = '';
  readonly #requests = new Map<number, Waiting>();
  readonly #learning: SensorLearning;
  #lastRequest = 0;
  /** Writes in order, one after the other. */
  #writes: Promise<void> = Promise.resolve();

  constructor(options: SensorProcessOptions) {
    this.#options = options;
    this.#place = options.place;
    this.#learning = new SensorLearning({
      sensor: options.place.sensor,
      store: options.store,
      settings: options.learns,
      ask: (request) => this.#ask(request),
      counters: () => this.#counters,
    });
  }

  /** Starts the worker; resolves when it reads packets. @throws Error with one sentence when its source cannot be read. */
  async start({ desk, devices, evidence }: SensorParts): Promise<void> {
    this.#desk = desk;
    this.#devices = devices;
    this.#evidence = evidence;
    const { store, source, start } = this.#options;
    const place = this.#place;
    const known = await remembered(store, place.sensor);
    const learned = await this.#learning.remembered(source.kind === 'captures');
    const goesOn = learned.baseline.length > 0 || learned.learning !== undefined;
    this.#deviceCount = await store.inventory.devices.count({
      filters: [{ column: 'sensor', operator: 'equals', values: [place.sensor] }],
    });
    const captureDone = await store.progress.get(this.#progressName());
    if (captureDone === 'done') {
      this.#ended = true;
      for (const { id } of desk.uncollected(place.sensor)) await evidence.missing(id, NEVER_COPIED);
      this.#options.say('This capture was analysed before; its alerts are in the portal. Start with another --data to analyse it again.');
      return;
    }
    this.#run = this.#progressName() || `since ${new Date().toISOString()}`;
    const workerData: WorkerStart = {
      source,
      start: {
        ...start,
        // Captures are read again from their beginning; only what people decided stays.
        memory: goesOn ? { ...learned, devices: source.kind === 'captures' ? [] : known.devices, met: known.met } : null,
        decisions: known.decisions,
        rules: await ruleSet(store),
        learns: this.#learning.settings,
        resumeFrame: Number(captureDone ?? 0),
      },
    };
    const worker = new Worker(programUrl('sensor-worker'), { workerData });
    this.#worker = worker;
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromSensor) => {
        if (message.kind === 'started') resolve();
        if (message.kind === 'failed') reject(new Error(message.message));
        this.#receive(message);
      });
      worker.once('error', (error) => {
        this.#ended = true;
        reject(error);
        this.#options.say(`The sensor ${place.sensor} stopped: ${error.message}. Its alerts are kept; start again to go on.`);
      });
      worker.once('exit', () => {
        this.#ended = true;
        for (const [request, { resolve }] of this.#requests) resolve({ kind: 'done', request });
        this.#requests.clear();
      });
    });
    await this.#collectAgain(desk, evidence);
  }

  #progressName(): string {
    const { source } = this.#options;
    const place = this.#place;
    return source.kind === 'captures' ? `capture:${place.sensor}:${source.files.join('|')}` : '';
  }

  #receive(message: FromSensor): void {
    switch (message.kind) {
      case 'started':
        this.#source = message.source;
        return;
      case 'batch':
        this.#counters = message.counters;
        this.#writes = this.#writes.then(() => this.#keep(message));
        return;
      case 'memory':
        this.#writes = this.#writes.then(() => this.#learning.keep(message));
        return;
      case 'done':
        this.#answered(message);
        return;
      case 'evidence':
        this.#writes = this.#writes.then(() => this.#keepEvidence(message.evidence));
        return;
      case 'complaint':
        this.#options.say(message.message);
        return;
      case 'finished':
        this.#writes = this.#writes.then(() => this.#finished(message.packets, message.damages));
        return;
      case 'failed':
        this.#ended = true;
        return;
      default:
        message satisfies never;
    }
  }

  async #keep(batch: Extract<FromSensor, { kind: 'batch' }>): Promise<void> {
    const { store } = this.#options;
    const place = this.#place;
    await this.#desk?.detect(batch.detections, place);
    await this.#keepEvents(batch.events);
    await this.#devices?.observe({ ...batch, run: this.#run }, place, batch.counters.lastPacket);
    await store.rules.count(place.sensor, batch.rules);
    const name = this.#progressName();
    if (name && batch.frame > 0) await store.progress.set(name, String(batch.frame));
    this.#post({ kind: 'acknowledge', number: batch.number });
    await this.#tidy(batch.counters.lastPacket);
  }

  async #keepEvents(events: readonly SensorEvent[]): Promise<void> {
    if (events.length === 0) return;
    const { place, store, start } = this.#options;
    const pins: Pin[] = [];
    const lines = events.map(({ type, time, content, devices, severity, packets }) => {
      const line = timelineEvent(type, time, content, severity ? { devices, severity } : { devices });
      if (packets) pins.push(pinOf({ id: line.id, firstDetection: time, ...packets }, packets.frames));
      return line;
    });
    await store.timeline.append(place.sensor, lines);
    if (start.packets && pins.length > 0) this.#post({ kind: 'pin', pins });
  }

  /** Once in an hour of packet time: closes what has been quiet for long, deletes what is old enough. */
  async #tidy(now: Instant | null): Promise<void> {
    if (now === null || (this.#tidied !== null && now - this.#tidied < HOUR)) return;
    this.#tidied = now;
    await this.#desk?.closeQuiet(now, this.#place);
    await this.#desk?.expire(now, this.#place);
    // Not waited for: it takes its turn among what people do, and they may wait for what is written here.
    this.#devices
      ?.tidy(now, this.#place)
      .catch((error: unknown) => this.#options.say(`The inventory could not be tidied: ${String(error)}.`));
  }

  async #keepEvidence(evidence: Evidence): Promise<void> {
    const { alert } = evidence;
    if (evidence.state === 'missing') return this.#evidence?.missing(alert, evidence.reason);
    const { sha256, size, packets } = evidence;
    await this.#evidence?.written({ alert, sensor: this.#place.sensor, sha256, size, packets });
  }

  /** The packets of new alerts; goes to the worker before the acknowledgement of their batch. */
  collect(alerts: readonly Collected[]): void {
    if (this.#options.start.packets) this.#post({ kind: 'pin', pins: alerts.map(({ alert, frames }) => pinOf(alert, frames)) });
  }

  /** Asks for what an earlier run had no time to copy. Captures come again with the same frames, networks do not. */
  async #collectAgain(desk: AlertDesk, evidence: PacketEvidence): Promise<void> {
    const { source, start } = this.#options;
    const place = this.#place;
    const alerts = desk.uncollected(place.sensor);
    if (!start.packets) for (const { id } of alerts) await evidence.missing(id, NEVER_COPIED);
    else this.collect(alerts.map((alert) => ({ alert, frames: source.kind === 'captures' ? alert.frames : [] })));
  }

  async #finished(packets: number, damages: readonly string[]): Promise<void> {
    const name = this.#progressName();
    if (name) {
      await this.#options.store.progress.set(name, 'done');
      this.#options.say(`${packets} packets analysed.`);
    }
    for (const damage of damages) this.#options.say(damage);
    if (this.#options.source.kind === 'interfaces' && !this.#stopped) this.#options.say('The interface gives no more packets.');
    this.#ended = true;
    this.#stopped?.();
  }

  #stopped: (() => void) | undefined;

  #post(message: ToSensor): void {
    this.#worker?.postMessage(message);
  }

  learned(entries: readonly Learnable[], sensor: string, by: LearnedBy): Promise<void> {
    return this.#learning.learned(entries, sensor, by);
  }

  unlearned(entries: readonly Learnable[], sensor: string, by: LearnedBy): Promise<void> {
    return this.#learning.unlearned(entries, sensor, by);
  }

  change(...change: Parameters<SensorLearning['change']>): Promise<readonly Learnable[]> {
    return this.#learning.change(...change);
  }

  decide(...decision: Parameters<SensorLearning['decide']>): Promise<ReviewItem | undefined> {
    return this.#learning.decide(...decision);
  }

  learning(sensor: string): Promise<LearningReport | undefined> {
    return Promise.resolve(sensor === this.#place.sensor ? this.#learning.report() : undefined);
  }

  async setTypes(types: TypeSettings): Promise<void> {
    await this.#ask((request) => ({ kind: 'types', request, types }));
  }

  async setRules(rules: RuleSet): Promise<void> {
    await this.#ask((request) => ({ kind: 'rules', request, ...rules }));
  }

  /** What the sensor has on disk up to now: what is written while it is read does not count. */
  async tryRules(sensor: string, set: RuleSet, limit: number): Promise<HistoryTrial | undefined> {
    const { place, start, store } = this.#options;
    if (sensor !== place.sensor || !start.packets) return undefined;
    return tryOnHistory(start.packets.folder, { set, limit, memory: await knownDevices(store, sensor) });
  }

  /** Bytes on disk for the packets of all traffic from now on. */
  setPacketBudget(bytes: number): void {
    if (this.#options.start.packets && bytes > 0) this.#post({ kind: 'packet-budget', bytes });
  }

  setLearning(_sensor: string, change: Parameters<SensorLearning['setLearning']>[0]): Promise<void> {
    return this.#learning.setLearning(change);
  }

  #answered(done: Done): void {
    const waiting = this.#requests.get(done.request);
    this.#requests.delete(done.request);
    if (!waiting) return;
    if (waiting.atOnce) waiting.resolve(done);
    // What the request changed was told before, and is written then.
    else this.#writes = this.#writes.then(() => waiting.resolve(done));
  }

  /** @param atOnce answers without waiting for what was told before: for those whom the writing of it waits for */
  #ask(make: (request: number) => ToSensor, atOnce = false): Promise<Done> | undefined {
    if (this.#ended || !this.#worker) return undefined;
    const request = ++this.#lastRequest;
    return new Promise((resolve) => {
      this.#requests.set(request, { resolve, atOnce });
      this.#post(make(request));
    });
  }

  status(): Promise<readonly SensorStatus[]> {
    const place = this.#place;
    const counters = this.#counters;
    return Promise.resolve([
      {
        name: place.sensor,
        site: place.site,
        zone: place.zone,
        state: this.#ended && this.#options.source.kind !== 'captures' ? 'disconnected' : (counters?.learning ?? 'operational'),
        learningUntil: counters?.learningEnds ? toMilliseconds(counters.learningEnds) : null,
        source: this.#source,
        packets: counters?.packets ?? 0,
        bytes: counters?.bytes ?? 0,
        devices: counters?.devices ?? this.#deviceCount,
        lastPacket: counters?.lastPacket ? toMilliseconds(counters.lastPacket) : null,
        health: counters?.health ?? null,
      },
    ]);
  }

  async unite(_sensor: string, into: string, from: string): Promise<United | null> {
    return (await this.#ask((request) => ({ kind: 'unite', request, into, from }), true))?.united ?? null;
  }

  async divide(_sensor: string, from: string, part: DeviceRecord, before: United): Promise<void> {
    await this.#ask((request) => ({ kind: 'divide', request, from, part, before }), true);
  }

  async forget(_sensor: string, ids: readonly string[]): Promise<void> {
    await this.#ask((request) => ({ kind: 'forget', request, ids }), true);
  }

  goBy(_sensor: string, decisions: Decisions): void {
    this.#post({ kind: 'go-by', decisions });
  }

  move(_sensor: string, { site, zone }: Pick<Place, 'site' | 'zone'>): Promise<void> {
    this.#place = { ...this.#place, site, zone };
    return Promise.resolve();
  }

  isRunning(): boolean {
    return this.#worker !== undefined && !this.#ended;
  }

  /** Stops the worker; everything it has told is durable afterwards. */
  async stop(): Promise<void> {
    if (this.#worker && !this.#ended) {
      const finished = new Promise<void>((resolve) => {
        this.#stopped = resolve;
      });
      this.#post({ kind: 'stop' });
      await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, STOP_WITHIN).unref())]);
    }
    await this.#writes;
    await this.#worker?.terminate();
  }
}
