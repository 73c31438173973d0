/**
 * A sensor in a worker of this process, as the server sees it: detections go to the alert desk and are acknowledged when
 * durable; what is learned goes to the worker and into the store.
 */
import { Worker } from 'node:worker_threads';
import type { Alert, Endpoint, Learnable } from '@annunciator/core/alert';
import type { ReviewItem } from '@annunciator/core/review';
import { timelineEvent } from '@annunciator/core/events';
import { HOUR, type Instant, toMilliseconds } from '@annunciator/core/time';
import type { DeviceRecord } from '@annunciator/core/device';
import type { LearningSettings } from '@annunciator/sensor/baseline/learning';
import type { Evidence, FromSensor, Pin, SensorCounters, SensorStart, ToSensor } from '@annunciator/sensor/process/messages';
import type { SensorMemory } from '@annunciator/sensor/sensor';
import type { AlertDesk, Place } from '@annunciator/server/alert-desk';
import type { PacketEvidence } from '@annunciator/server/packet-evidence';
import type { Collected, DeviceSummary, LearnedBy, LearningReport, SensorLink, SensorStatus } from '@annunciator/server/sensor-link';
import type { Store } from '@annunciator/store/store';
import { SensorLearning } from './sensor-learning.ts';
import type { SourceChoice, WorkerStart } from './sensor-worker.ts';

type Done = Extract<FromSensor, { kind: 'done' }>;

/** Milliseconds a sensor has to write down what it knows when it is told to stop. */
const STOP_WITHIN = 5000;

const NEVER_COPIED = 'The system was stopped before its packets were copied.';
/** Frames of a detection that its packets are looked for by. */
const MOST_FRAMES = 1000;

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

export class SensorProcess implements SensorLink {
  readonly #options: SensorProcessOptions;
  #worker: Worker | undefined;
  #desk: AlertDesk | undefined;
  #evidence: PacketEvidence | undefined;
  #counters: SensorCounters | undefined;
  #source = '';
  #ended = false;
  /** Packet time of the last tidying. */
  #tidied: Instant | null = null;
  readonly #devices = new Map<string, DeviceRecord>();
  readonly #requests = new Map<number, (done: Done) => void>();
  readonly #learning: SensorLearning;
  #request = 0;
  /** Writes in order, one after the other. */
  #writes: Promise<void> = Promise.resolve();

  constructor(options: SensorProcessOptions) {
    this.#options = options;
    this.#learning = new SensorLearning({
      sensor: options.place.sensor,
      store: options.store,
      settings: options.learns,
      ask: (request) => this.#ask(request),
      counters: () => this.#counters,
    });
  }

  /** Starts the worker; resolves when it reads packets. @throws Error with one sentence when its source cannot be read. */
  async start(desk: AlertDesk, evidence: PacketEvidence): Promise<void> {
    this.#desk = desk;
    this.#evidence = evidence;
    const { store, place, source, start } = this.#options;
    const memory = await this.#remembered();
    const captureDone = await store.progress.get(this.#progressName());
    if (captureDone === 'done') {
      this.#ended = true;
      for (const { id } of desk.uncollected(place.sensor)) await evidence.missing(id, NEVER_COPIED);
      this.#options.say('This capture was analysed before; its alerts are in the portal. Start with another --data to analyse it again.');
      return;
    }
    const workerData: WorkerStart = {
      source,
      start: { ...start, memory, learns: this.#learning.settings, resumeFrame: Number(captureDone ?? 0) },
    };
    const worker = new Worker(new URL('./sensor-worker.ts', import.meta.url), { workerData });
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
        for (const [request, done] of this.#requests) done({ kind: 'done', request });
        this.#requests.clear();
      });
    });
    await this.#collectAgain(desk, evidence);
  }

  #progressName(): string {
    const { source, place } = this.#options;
    return source.kind === 'captures' ? `capture:${place.sensor}:${source.files.join('|')}` : '';
  }

  async #remembered(): Promise<SensorMemory | null> {
    const { store, place, source } = this.#options;
    for (const { record } of await store.devices.list(place.sensor)) this.#devices.set(record.id, record);
    const learned = await this.#learning.remembered(source.kind === 'captures');
    return learned.baseline.length === 0 && !learned.learning ? null : { ...learned, devices: [...this.#devices.values()] };
  }

  #receive(message: FromSensor): void {
    switch (message.kind) {
      case 'started':
        this.#source = message.source;
        return;
      case 'batch':
        this.#counters = message.counters;
        for (const device of message.devices) this.#devices.set(device.id, device);
        this.#writes = this.#writes.then(() => this.#keep(message));
        return;
      case 'memory':
        this.#writes = this.#writes.then(() => this.#learning.keep(message));
        return;
      case 'done':
        // What the request changed was told before, and is written then.
        this.#writes = this.#writes.then(() => {
          this.#requests.get(message.request)?.(message);
          this.#requests.delete(message.request);
        });
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
    const { place, store } = this.#options;
    await this.#desk?.detect(batch.detections, place);
    if (batch.events.length > 0)
      await store.timeline.append(
        place.sensor,
        batch.events.map((event) => timelineEvent(event.type, event.time, event.content, { devices: event.devices })),
      );
    if (batch.devices.length > 0) await store.devices.put(place.sensor, batch.devices);
    const name = this.#progressName();
    if (name && batch.frame > 0) await store.progress.set(name, String(batch.frame));
    this.#post({ kind: 'acknowledge', number: batch.number });
    await this.#tidy(batch.counters.lastPacket);
  }

  /** Once in an hour of packet time: closes what has been quiet for long, deletes what is old enough. */
  async #tidy(now: Instant | null): Promise<void> {
    if (now === null || (this.#tidied !== null && now - this.#tidied < HOUR)) return;
    this.#tidied = now;
    await this.#desk?.closeQuiet(now, this.#options.place);
    await this.#desk?.expire(now, this.#options.place);
  }

  async #keepEvidence(evidence: Evidence): Promise<void> {
    const { alert } = evidence;
    if (evidence.state === 'missing') return this.#evidence?.missing(alert, evidence.reason);
    const { sha256, size, packets } = evidence;
    await this.#evidence?.written({ alert, sensor: this.#options.place.sensor, sha256, size, packets });
  }

  /** The packets of new alerts; goes to the worker before the acknowledgement of their batch. */
  collect(alerts: readonly Collected[]): void {
    if (this.#options.start.packets) this.#post({ kind: 'pin', pins: alerts.map(({ alert, frames }) => pinOf(alert, frames)) });
  }

  /** Asks for what an earlier run had no time to copy. Captures come again with the same frames, networks do not. */
  async #collectAgain(desk: AlertDesk, evidence: PacketEvidence): Promise<void> {
    const { place, source, start } = this.#options;
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
    return Promise.resolve(sensor === this.#options.place.sensor ? this.#learning.report() : undefined);
  }

  setLearning(_sensor: string, change: Parameters<SensorLearning['setLearning']>[0]): Promise<void> {
    return this.#learning.setLearning(change);
  }

  #ask(make: (request: number) => ToSensor): Promise<Done> | undefined {
    if (this.#ended || !this.#worker) return undefined;
    const request = ++this.#request;
    return new Promise((resolve) => {
      this.#requests.set(request, resolve);
      this.#post(make(request));
    });
  }

  status(): Promise<readonly SensorStatus[]> {
    const { place } = this.#options;
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
        devices: counters?.devices ?? this.#devices.size,
        lastPacket: counters?.lastPacket ? toMilliseconds(counters.lastPacket) : null,
        health: counters?.health ?? null,
      },
    ]);
  }

  devices(): Promise<readonly DeviceSummary[]> {
    const { place } = this.#options;
    return Promise.resolve(
      [...this.#devices.values()].map((device) => ({
        id: device.id,
        name: device.name || null,
        type: device.type === 'Unknown' ? null : device.type,
        vendor: device.vendor || null,
        model: device.model || null,
        firmware: device.firmware || null,
        ips: device.ips,
        macs: device.macs,
        protocols: device.protocols,
        roles: device.roles,
        authorised: device.authorised,
        firstSeen: toMilliseconds(device.firstSeen),
        lastSeen: toMilliseconds(device.lastSeen),
        ...place,
      })),
    );
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

function pinOf(alert: Alert, frames: readonly number[]): Pin {
  return {
    alert: alert.id,
    time: alert.firstDetection,
    frames: frames.slice(-MOST_FRAMES),
    source: addressOf(alert.source),
    destination: addressOf(alert.destination),
  };
}

function addressOf(end: Endpoint | null): Pin['source'] {
  return end && { ip: end.ip, mac: end.mac };
}
