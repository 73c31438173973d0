/**
 * Runs a sensor over a source of packets and tells what it finds in batches. It stays only a few batches ahead of what has
 * been made durable, so that memory is bounded and nothing shown is ever lost.
 */
import type { Detection } from '@annunciator/core/alert';
import { instant, type Instant, SECOND } from '@annunciator/core/time';
import type { CaptureReader } from '@annunciator/packet/capture/capture-reader';
import { Packet } from '@annunciator/packet/packet';
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';
import type { Device } from '../inventory/device.ts';
import { Sensor, type SensorEvent } from '../sensor.ts';
import { PacketStore } from './packet-store.ts';
import type { DeviceRecord, FromSensor, SensorCounters, SensorStart, ToSensor } from './messages.ts';

/** Batches that may be under way. */
const AHEAD = 8;
/** Milliseconds between looks at the inventory and between copies of the memory. */
const DEVICES_EVERY = 1000;
const MEMORY_EVERY = 20_000;

export class SensorRunner {
  readonly #sensor: Sensor;
  readonly #post: (message: FromSensor) => void;
  readonly #start: SensorStart;
  #detections: Detection[] = [];
  #events: SensorEvent[] = [];
  readonly #told = new Map<string, string>();
  #packets = 0;
  #bytes = 0;
  #last: Instant | null = null;
  #learningEnds: Instant | null;
  /** Time of the last packet. */
  #seconds = 0;
  #nanoseconds = 0;
  #batch = 0;
  #acknowledged = 0;
  readonly #store: PacketStore | undefined;
  #stopping = false;
  #proceed: (() => void) | undefined;
  #devicesAt = 0;
  #memoryAt = performance.now();

  /** @param post sends a message to the process around the sensor */
  constructor(start: SensorStart, post: (message: FromSensor) => void) {
    this.#post = post;
    this.#start = start;
    this.#learningEnds = start.learningEnds;
    this.#sensor = new Sensor({
      settings: start.settings,
      learning: start.learning,
      report: (detection) => {
        if (this.#packets > start.resumeFrame) this.#detections.push(detection);
      },
      event: (event) => {
        if (this.#packets > start.resumeFrame) this.#events.push(event);
      },
    });
    if (start.memory) this.#sensor.inherit(start.memory);
    if (start.packets) this.#store = new PacketStore(start.packets, (evidence) => post({ kind: 'evidence', evidence }));
  }

  /** Takes a message of the process around. */
  receive(message: ToSensor): void {
    switch (message.kind) {
      case 'acknowledge':
        this.#acknowledged = Math.max(this.#acknowledged, message.number);
        this.#proceed?.();
        return;
      case 'learn':
      case 'unlearn':
        for (const entry of message.entries) {
          if (message.kind === 'learn') this.#sensor.learn(entry);
          else this.#sensor.unlearn(entry);
        }
        this.#post({ kind: 'done', request: message.request });
        this.#tellMemory();
        return;
      case 'pin':
        for (const pin of message.pins) this.#store?.pin(pin);
        return;
      case 'stop':
        this.#stopping = true;
        this.#proceed?.();
        return;
      default:
        message satisfies never;
    }
  }

  /** Reads the source to its end, or until told to stop. */
  async run(reader: CaptureReader, source: string): Promise<void> {
    this.#post({ kind: 'started', source });
    const packet = new Packet();
    let more = true;
    while (more && !this.#stopping) {
      while (reader.next(packet)) this.#take(packet);
      this.#flush();
      if (this.#store) await this.#keepPackets(this.#store);
      if (performance.now() - this.#memoryAt > MEMORY_EVERY) this.#tellMemory();
      // Messages are taken between batches.
      await new Promise((resolve) => setImmediate(resolve));
      while (this.#batch - this.#acknowledged > AHEAD && !this.#stopping)
        await new Promise<void>((resolve) => {
          this.#proceed = resolve;
        });
      if (!this.#stopping) more = await reader.advance();
    }
    if (!this.#stopping) this.#sensor.finish();
    this.#devicesAt = 0;
    this.#flush();
    this.#tellMemory();
    if (this.#store) await this.#lastPackets(this.#store);
    await reader.close();
    this.#post({ kind: 'finished', packets: this.#packets, damages: reader.summary().damages });
  }

  async #keepPackets(store: PacketStore): Promise<void> {
    const message = await store.batch();
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

  #take(packet: Packet): void {
    this.#packets++;
    this.#bytes += packet.wireLength;
    if (this.#sensor.learning) this.#endLearning(packet);
    this.#store?.append(packet);
    this.#sensor.take(packet);
    this.#store?.index(packet, this.#sensor.path.flows);
    this.#seconds = packet.seconds;
    this.#nanoseconds = packet.nanoseconds;
  }

  #endLearning(packet: Packet): void {
    if (this.#learningEnds === null) {
      if (this.#start.learnSeconds === null) return;
      this.#learningEnds = instant(packet.seconds, 0) + BigInt(this.#start.learnSeconds) * SECOND;
    }
    if (instant(packet.seconds, packet.nanoseconds) < this.#learningEnds) return;
    this.#sensor.learning = false;
    this.#tellMemory();
  }

  #flush(): void {
    const now = performance.now();
    let devices: DeviceRecord[] = [];
    if (now - this.#devicesAt > DEVICES_EVERY) {
      this.#devicesAt = now;
      devices = this.#changedDevices();
    }
    if (this.#packets > 0) this.#last = instant(this.#seconds, this.#nanoseconds);
    this.#post({
      kind: 'batch',
      number: ++this.#batch,
      frame: this.#packets,
      detections: this.#detections,
      events: this.#events,
      devices,
      counters: this.#counters(),
    });
    this.#detections = [];
    this.#events = [];
  }

  #counters(): SensorCounters {
    return {
      learning: this.#sensor.learning,
      packets: this.#packets,
      bytes: this.#bytes,
      devices: this.#sensor.inventory.devices.length,
      lastPacket: this.#last,
      learningEnds: this.#sensor.learning ? this.#learningEnds : null,
    };
  }

  #tellMemory(): void {
    this.#memoryAt = performance.now();
    this.#post({ kind: 'memory', memory: this.#sensor.memory() });
  }

  /** Devices that are new or changed since they were last told; times alone do not count as a change for a minute. */
  #changedDevices(): DeviceRecord[] {
    const changed: DeviceRecord[] = [];
    for (const device of this.#sensor.inventory.devices) {
      if (!device.sent) continue;
      const record = this.#record(device);
      const print = JSON.stringify([
        record.name,
        record.type,
        record.vendor,
        record.model,
        record.firmware,
        record.ips,
        record.macs,
        record.protocols,
        record.roles,
        record.authorised,
        String(record.lastSeen / (60n * SECOND)),
      ]);
      if (this.#told.get(device.id) === print) continue;
      this.#told.set(device.id, print);
      changed.push(record);
    }
    return changed;
  }

  #record(device: Device): DeviceRecord {
    const { inventory } = this.#sensor;
    const { id, name, type, vendor, model, firmware, authorised, firstSeen } = device;
    return {
      id,
      name,
      type,
      vendor,
      model,
      firmware,
      ips: [...device.ips],
      macs: [...device.macs],
      protocols: [...device.protocols].flatMap((index) => PROTOCOL_BY_INDEX[index]?.name ?? []).sort(),
      roles: [...device.roles].sort(),
      authorised,
      firstSeen,
      lastSeen: instant(inventory.lastSeconds[device.party], inventory.lastNanoseconds[device.party]),
    };
  }
}
