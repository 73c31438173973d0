/**
 * Runs a sensor over a source of packets and tells what it finds in batches. It stays only so far ahead of what has
 * been made durable, so that memory is bounded and nothing shown is ever lost.
 */
import type { Detection } from '@annunciator/core/alert';
import { instant, type Instant, SECOND } from '@annunciator/core/time';
import type { PacketSource } from '@annunciator/packet/capture/packet-source';
import { LiveReader } from '@annunciator/packet/live/live-reader';
import type { Packet } from '@annunciator/packet/packet';
import { HealthWatch, type SensorHealth } from '../health/health.ts';
import { Sensor, type SensorEvent, type United } from '../sensor.ts';
import { PacketStore } from './packet-store.ts';
import { ConnectionReports } from './connection-reports.ts';
import { DeviceReports } from './device-reports.ts';
import type { DeviceUnion, FromSensor, SensorCounters, SensorStart, ToSensor } from './messages.ts';

/** What may be told and not durable yet: detections, events and devices; and packets taken since the first of these was told. */
const AHEAD = { told: 10_000, packets: 1 << 18 } as const;
/** Milliseconds between looks at the devices, at the connections, and between copies of the memory. */
const DEVICES_EVERY = 1000;
const CONNECTIONS_EVERY = 5000;
const MEMORY_EVERY = 20_000;
/** Milliseconds between looks at the interfaces, and between looks at the whole health. */
const LOOK_EVERY = 1000;
const HEALTH_EVERY = 5000;
/** Telling the memory takes at most one part in so many of the time. */
const MEMORY_SHARE = 50;

export class SensorRunner {
  readonly #sensor: Sensor;
  readonly #post: (message: FromSensor) => void;
  readonly #start: SensorStart;
  #detections: Detection[] = [];
  #events: SensorEvent[] = [];
  #united: DeviceUnion[] = [];
  readonly #devices: DeviceReports;
  readonly #connections: ConnectionReports;
  #packets = 0;
  #bytes = 0;
  #last: Instant | null = null;
  #learning: boolean;
  #memoryEvery = MEMORY_EVERY;
  /** Time of the last packet. */
  #seconds = 0;
  #nanoseconds = 0;
  #batch = 0;
  #acknowledged = 0;
  /** Batches that tell something and are not durable yet, oldest first. */
  readonly #owed: { readonly number: number; readonly packets: number; readonly told: number }[] = [];
  readonly #store: PacketStore | undefined;
  #stopping = false;
  #proceed: (() => void) | undefined;
  #devicesAt = 0;
  #connectionsAt = 0;
  #memoryAt = performance.now();
  readonly #watch: HealthWatch;
  #health: SensorHealth | null = null;
  #healthAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** The source when it is a network. */
  #live: LiveReader | undefined;
  /** One of its interfaces is silent: the next packet may be its first one again. */
  #silent = false;

  /** @param post sends a message to the process around the sensor */
  constructor(start: SensorStart, post: (message: FromSensor) => void) {
    this.#post = post;
    this.#start = start;
    this.#sensor = new Sensor({
      settings: start.settings,
      learning: start.learning,
      learns: start.learns,
      report: (detection) => {
        if (this.#packets > start.resumeFrame) this.#detections.push(detection);
      },
      event: (event) => {
        if (this.#packets > start.resumeFrame) this.#events.push(event);
      },
      united: (into, from) => {
        this.#devices.forget(from);
        this.#united.push({ into: into.id, from: from.id });
      },
    });
    this.#devices = new DeviceReports(this.#sensor.inventory);
    this.#connections = new ConnectionReports(this.#sensor);
    this.#watch = new HealthWatch(this.#sensor);
    if (start.decisions) this.#sensor.inventory.decide(start.decisions);
    // What was taken over is nothing to tell, unless a part of it could not be read.
    if (start.memory && this.#sensor.inherit(start.memory).length === 0) this.#sensor.baseline.takeChanges();
    if (start.rules) this.#sensor.setRules(start.rules.rules, start.rules.settings);
    if (start.types) this.#sensor.setTypes(start.types);
    this.#learning = this.#sensor.learning;
    if (start.packets) {
      const { addresses } = this.#sensor.path.decoder;
      this.#store = new PacketStore(start.packets, addresses, (evidence) => post({ kind: 'evidence', evidence }));
    }
  }

  /** Takes a message of the process around. */
  receive(message: ToSensor): void {
    switch (message.kind) {
      case 'acknowledge':
        this.#acknowledged = Math.max(this.#acknowledged, message.number);
        while (this.#owed.length > 0 && this.#owed[0].number <= message.number) this.#owed.shift();
        this.#proceed?.();
        return;
      case 'change': {
        const { request } = message;
        // What the sensor has learned by itself is told before, so that it is nobody's doing.
        this.#tellMemory();
        const refused = this.#sensor.change(message.unlearn, message.learn);
        this.#tellMemory(request);
        this.#post({ kind: 'done', request, refused });
        return;
      }
      case 'decide': {
        const { request, id, state, by, at } = message;
        this.#tellMemory();
        const item = this.#sensor.decide(id, state, by, at) ?? null;
        this.#tellMemory(request);
        this.#post({ kind: 'done', request, item: item && { ...item } });
        return;
      }
      case 'learning':
        if (message.settings) this.#sensor.baseline.learning.settings = message.settings;
        if (message.on !== undefined) this.#sensor.learning = message.on;
        this.#learning = this.#sensor.learning;
        this.#tellMemory(message.request);
        this.#post({ kind: 'done', request: message.request });
        return;
      case 'unite':
        this.#post({ kind: 'done', request: message.request, united: this.#unite(message) });
        this.#tellMemory();
        return;
      case 'divide':
        this.#sensor.divide(message.from, message.part, message.before);
        this.#connections.renamed([message.from, message.part.id]);
        this.#post({ kind: 'done', request: message.request });
        this.#tellMemory();
        return;
      case 'go-by':
        this.#sensor.inventory.decide(message.decisions);
        return;
      case 'forget':
        for (const id of message.ids) {
          const device = this.#sensor.forget(id);
          if (device) this.#devices.forget(device);
        }
        this.#connections.renamed(message.ids);
        this.#post({ kind: 'done', request: message.request });
        this.#tellMemory();
        return;
      case 'rules':
        this.#sensor.setRules(message.rules, message.settings);
        this.#post({ kind: 'done', request: message.request });
        return;
      case 'types':
        this.#sensor.setTypes(message.types);
        this.#post({ kind: 'done', request: message.request });
        return;
      case 'pin':
        for (const pin of message.pins) this.#store?.pin(pin);
        return;
      case 'packet-budget':
        this.#store?.setBudget(message.bytes);
        return;
      case 'stop':
        this.#stopping = true;
        this.#proceed?.();
        return;
      default:
        message satisfies never;
    }
  }

  #unite({ into, from }: DeviceUnion): United | null {
    const { inventory } = this.#sensor;
    const part = inventory.device(inventory.byName(from));
    const united = this.#sensor.unite(into, from);
    if (united && part) this.#devices.forget(part);
    this.#connections.renamed([into, from]);
    return united;
  }

  /** Reads the source to its end, or until told to stop. */
  async run(reader: PacketSource, source: string): Promise<void> {
    this.#post({ kind: 'started', source });
    if (reader instanceof LiveReader) this.#live = reader;
    const before = (packet: Packet): void => this.#before(packet);
    const after = (packet: Packet): void => this.#after(packet);
    let more = true;
    while (more && !this.#stopping) {
      this.#store?.begin(reader.raw?.() ?? null);
      this.#sensor.takeBatch(reader, before, after);
      if (this.#live) this.#look(this.#live);
      this.#flush();
      if (this.#store) await this.#keepPackets(this.#store, reader);
      if (performance.now() - this.#memoryAt > this.#memoryEvery) this.#tellMemory();
      // Messages are taken between batches.
      await new Promise((resolve) => setImmediate(resolve));
      while (this.#isFarAhead() && !this.#stopping)
        await new Promise<void>((resolve) => {
          this.#proceed = resolve;
        });
      if (!this.#stopping) more = await reader.advance();
    }
    if (!this.#stopping) this.#sensor.finish();
    this.#flush(true);
    this.#tellMemory();
    if (this.#store) await this.#lastPackets(this.#store);
    await reader.close();
    this.#post({ kind: 'finished', packets: this.#packets, damages: reader.damages });
  }

  #isFarAhead(): boolean {
    return (
      this.#owed.length > 0 &&
      (this.#packets - this.#owed[0].packets > AHEAD.packets || this.#owed.reduce((sum, { told }) => sum + told, 0) > AHEAD.told)
    );
  }

  async #keepPackets(store: PacketStore, reader: PacketSource): Promise<void> {
    const message = await store.batch(reader.raw?.() ?? null);
    if (message) this.#post({ kind: 'complaint', message });
  }

  /** The last alerts want their packets, too: these come before the acknowledgement of the last batch. */
  async #lastPackets(store: PacketStore): Promise<void> {
    while (this.#acknowledged < this.#batch)
      await new Promise<void>((resolve) => {
        this.#proceed = resolve;
      });
    await store.finish();
    await store.close();
  }

  #before(packet: Packet): void {
    this.#packets++;
    this.#bytes += packet.wireLength;
    if (this.#learning) this.#watchLearning(packet);
    this.#store?.append(packet);
  }

  #after(packet: Packet): void {
    // What an earlier run has counted already comes again.
    if (this.#packets === this.#start.resumeFrame) this.#sensor.engines.rules.takeCounts();
    this.#store?.index(packet);
    this.#watch.packet(packet);
    if (this.#silent) this.#back(packet);
    this.#seconds = packet.seconds;
    this.#nanoseconds = packet.nanoseconds;
  }

  /** A network's interfaces fall silent without a packet that could tell. */
  #look(live: LiveReader): void {
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_EVERY) return;
    this.#lookedAt = now;
    this.#watch.clocks(Date.now(), now);
    this.#silent = this.#sensor.engines.sensorTraffic.look(
      live
        .reports()
        .map(({ name, lastPacket, quiet }) => ({ name, quiet, lastSecond: lastPacket === null ? null : Number(lastPacket / SECOND) })),
    );
  }

  #back(packet: Packet): void {
    const name = this.#live?.nameOf(packet.interface) ?? '';
    this.#silent = this.#sensor.engines.sensorTraffic.back(name, packet.seconds, packet.nanoseconds);
  }

  /** Learning ends at its moment, or has ended by the sensor's settings with the packet before. */
  #watchLearning(packet: Packet): void {
    const { learningEnds } = this.#start;
    if (learningEnds !== null && instant(packet.seconds, packet.nanoseconds) >= learningEnds) this.#sensor.learning = false;
    if (this.#sensor.learning) return;
    this.#learning = false;
    this.#tellMemory();
  }

  /** @param last no batch comes after: tells everything */
  #flush(last = false): void {
    if (this.#packets > 0) this.#last = instant(this.#seconds, this.#nanoseconds);
    const now = performance.now();
    if (last || now - this.#healthAt > HEALTH_EVERY) {
      this.#healthAt = now;
      this.#health = this.#watch.report(this.#live?.reports() ?? [], this.#store?.lost ?? 0, this.#store?.failure ?? '');
    }
    this.#batch++;
    const inventory = this.#inventory(last);
    const told = this.#detections.length + this.#events.length + inventory.devices.length + inventory.connections.length;
    if (told > 0) this.#owed.push({ number: this.#batch, packets: this.#packets, told });
    this.#post({
      kind: 'batch',
      number: this.#batch,
      frame: this.#packets,
      detections: this.#detections,
      events: this.#events,
      rules: this.#sensor.engines.rules.takeCounts(),
      ...inventory,
      counters: this.#counters(),
    });
    this.#detections = [];
    this.#events = [];
  }

  #inventory(last: boolean): Pick<Extract<FromSensor, { kind: 'batch' }>, 'devices' | 'touched' | 'united' | 'connections'> {
    // What an earlier run has told already is more than is known again by now.
    if (this.#packets <= this.#start.resumeFrame) return { devices: [], touched: [], united: [], connections: [] };
    const now = performance.now();
    const devices = last ? this.#devices.rest() : now - this.#devicesAt > DEVICES_EVERY ? this.#devices.next() : NO_DEVICES;
    const connections = last || now - this.#connectionsAt > CONNECTIONS_EVERY ? this.#connections.next(last) : [];
    if (devices !== NO_DEVICES) this.#devicesAt = now;
    if (connections.length > 0) this.#connectionsAt = now;
    const united = this.#united;
    this.#united = [];
    return { ...devices, united, connections };
  }

  #counters(): SensorCounters {
    const { learning } = this.#sensor.baseline;
    return {
      learning: learning.state,
      waiting: this.#sensor.review.waiting,
      packets: this.#packets,
      bytes: this.#bytes,
      devices: this.#sensor.inventory.devices.length,
      refused: this.#sensor.refused(),
      lastPacket: this.#last,
      learningEnds: !learning.on ? null : (this.#start.learningEnds ?? (learning.ends === 0 ? null : instant(learning.ends, 0))),
      health: this.#health,
    };
  }

  /** Tells what was learned since the last time. Telling all of a large baseline takes its time: then it comes less often. */
  #tellMemory(request?: number): void {
    const started = performance.now();
    const { baseline, review } = this.#sensor;
    this.#post({
      kind: 'memory',
      baseline: baseline.takeChanges(),
      reviews: review.takeChanges(),
      learning: baseline.learning.memory(),
      ...(request === undefined ? {} : { request }),
    });
    this.#memoryAt = performance.now();
    this.#memoryEvery = Math.max(MEMORY_EVERY, (this.#memoryAt - started) * MEMORY_SHARE);
  }
}

const NO_DEVICES = { devices: [], touched: [] };
