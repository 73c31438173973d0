/**
 * The sensor: packets in, detections out. Ties the packet path, the baseline, the inventory and the engines together; does
 * no I/O, so a file, a network interface or a test can drive it.
 *
 *     const sensor = new Sensor({ report: (detection) => book.apply(detection) });
 *     while (reader.next(packet)) sensor.take(packet);
 *     sensor.finish();
 */
import type { Detection, Learnable } from '@annunciator/core/alert';
import { instant, type Instant } from '@annunciator/core/time';
import type { Packet } from '@annunciator/packet/packet';
import { TextTable } from '@annunciator/packet/tables/text-table';
import { DISSECTORS } from '@annunciator/protocols/dissectors';
import type { AspectText, Dissector } from '@annunciator/protocols/dissector';
import { SensorAspect } from './baseline/aspects.ts';
import { Baseline } from './baseline/baseline.ts';
import { Engines } from './engines/engines.ts';
import { DEFAULT_SETTINGS, type DetectionSettings, Judge } from './engines/judge.ts';
import type { Scene } from './engines/scene.ts';
import { ThreatIntelligence } from './engines/threats.ts';
import type { Device } from './inventory/device.ts';
import { Inventory } from './inventory/inventory.ts';
import { Connections } from './path/connections.ts';
import { Observer } from './path/observer.ts';
import { PacketPath } from './path/path.ts';
import { Roster } from './path/roster.ts';

/** Aspects of the baseline that only pairs have which exchange data with a controller. */
const WORKING_PAIR = /^(modbus\.address|umas\.|s7comm|dnp3\.integrity|cip\.(symbol|io)|pccc\.|iec104\.|bacnet\.object)/;

/** Alert types that make their source a scanning device. */
const SCAN = /-scan-detected$/;

const MAX_WITHOUT_ADDRESS = 4096;
const MAX_TEXTS = 1 << 16;

/** A line for the event timeline, as the sensor saw it. */
export interface SensorEvent {
  /** Event type of `core/event-types`. */
  readonly type: string;
  readonly time: Instant;
  readonly content: string;
  /** Device ids. */
  readonly devices: readonly string[];
}

/** What a device is remembered by between runs. */
export interface KnownDevice {
  readonly id: string;
  /** Its other IP and MAC addresses. */
  readonly addresses: readonly string[];
  readonly name: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly os: string;
  readonly mode: string;
  readonly toldType: string;
  readonly ot: boolean;
  readonly authorised: boolean;
  readonly scanner: boolean;
  readonly programming: boolean;
}

/** What a sensor has learned: enough to go on after a restart, or elsewhere. */
export interface SensorMemory {
  readonly baseline: readonly Learnable[];
  readonly devices: readonly KnownDevice[];
}

export interface SensorOptions {
  readonly settings?: Partial<DetectionSettings>;
  /** Starts in learning mode unless false. */
  readonly learning?: boolean;
  readonly threats?: ThreatIntelligence;
  /** Counts fields of messages (costs time). */
  readonly fields?: boolean;
  /** Called for each detection, in packet order. */
  readonly report: (detection: Detection) => void;
  readonly event?: (event: SensorEvent) => void;
  readonly dissectors?: readonly Dissector[];
}

export class Sensor {
  readonly inventory: Inventory;
  readonly baseline: Baseline;
  readonly connections: Connections;
  readonly observer: Observer;
  readonly path: PacketPath;
  readonly engines: Engines;
  readonly dissectors: readonly Dissector[];
  readonly #judge: Judge;
  readonly #appeared: Device[] = [];
  /** Devices that appeared out of focus because no IP address was known, and those among them that have one now. */
  readonly #withoutAddress = new Set<Device>();
  readonly #addressed: Device[] = [];
  readonly #known = new Map<string, KnownDevice>();
  readonly #event: ((event: SensorEvent) => void) | undefined;

  constructor(options: SensorOptions) {
    const texts = new TextTable({ maxTexts: MAX_TEXTS });
    this.#event = options.event;
    this.dissectors = options.dissectors ?? DISSECTORS;
    const aspects = new Map<number, AspectText>();
    for (const dissector of this.dissectors)
      for (const [aspect, text] of Object.entries(dissector.aspects)) aspects.set(Number(aspect), text);
    this.inventory = new Inventory({
      deviceAppeared: (device) => this.#appeared.push(device),
      partyMerged: (from, to) => this.baseline.merge(from, to),
      deviceAddressed: (device) => {
        if (this.#withoutAddress.delete(device)) this.#addressed.push(device);
      },
    });
    this.baseline = new Baseline(this.inventory, texts);
    this.#judge = new Judge(this.inventory, { ...DEFAULT_SETTINGS, ...options.settings }, (detection) => {
      options.report(detection);
      if (SCAN.test(detection.type) && detection.source)
        this.#event?.({ type: 'SCAN', time: detection.time, content: detection.message, devices: [detection.source.device] });
    });
    this.engines = new Engines(this.#judge, this.baseline, texts, aspects, options.threats ?? new ThreatIntelligence());
    this.connections = new Connections({
      unanswered: (row, unanswered, since) => this.engines.channels.unanswered(this.observer, this.connections, row, unanswered, since),
      offRhythm: (row, period, interval) => this.engines.channels.offRhythm(this.observer, this.connections, row, period, interval),
    });
    this.connections.offPollsLimit = this.#judge.threshold('abnormal-periodic-behavior-in-communication-channel').count;
    const roster = new Roster(this.inventory, this.engines.scans, (type, scene, content, parties) =>
      this.#tell(type, scene, content, parties),
    );
    this.observer = new Observer(this.inventory, this.baseline, this.connections, texts, this.engines, roster);
    this.observer.countsFields = options.fields ?? false;
    this.path = new PacketPath(this.observer, this.inventory, this.connections, this.engines, this.dissectors);
    this.engines.conversations.follow(this.path.flows);
    this.learning = options.learning ?? true;
  }

  /** Learning: what is seen becomes the baseline, and policy alerts are silent. */
  get learning(): boolean {
    return this.baseline.learning;
  }

  set learning(on: boolean) {
    this.baseline.learning = on;
    this.#judge.learning = on;
    if (on) return;
    for (const device of this.inventory.devices) this.#adopt(device);
  }

  /** Flags that learning left in the baseline become flags of the device. */
  #adopt(device: Device): void {
    if (this.baseline.knows(device.party, 0, SensorAspect.ProgrammingDevice, 0, 0)) device.programming = true;
    if (this.baseline.knows(device.party, 0, SensorAspect.Scanner, 0, 0)) device.scanner = true;
  }

  /** A person says that this is normal. False when the entry cannot be read. */
  learn(entry: Learnable): boolean {
    const known = this.baseline.learn(entry);
    this.#flag(entry);
    return known;
  }

  /** A person takes that back. False when the entry cannot be read. */
  unlearn(entry: Learnable): boolean {
    const known = this.baseline.unlearn(entry);
    this.#flag(entry);
    return known;
  }

  /** Entries about a device itself are flags of it, too. */
  #flag(entry: Learnable): void {
    const device = this.inventory.device(this.inventory.byName(entry.source));
    if (!device) return;
    const knows = (aspect: number): boolean => this.baseline.knows(device.party, 0, aspect, 0, 0);
    device.scanner = knows(SensorAspect.Scanner);
    device.programming = knows(SensorAspect.ProgrammingDevice);
    if (entry.aspect === 'device') device.authorised = knows(SensorAspect.Asset);
  }

  /**
   * Takes over what another sensor learned, or an earlier run of this one: the baseline and what devices told about
   * themselves. Entries that cannot be read are returned.
   */
  inherit(memory: SensorMemory): Learnable[] {
    for (const known of memory.devices) this.inventory.remember(known.id, known.addresses);
    const unread = memory.baseline.filter((entry) => !this.baseline.learn(entry));
    // Whoever has worked with a controller before does not scan it when it comes back.
    for (const { aspect, source, destination } of memory.baseline)
      if (WORKING_PAIR.test(aspect)) this.engines.scans.ordinary(this.inventory.byName(source), this.inventory.byName(destination));
    for (const known of memory.devices) for (const name of [known.id, ...known.addresses]) this.#known.set(name, known);
    for (const device of this.inventory.devices) this.#recall(device);
    return unread;
  }

  /** What a later run needs to go on from here. */
  memory(): SensorMemory {
    const devices = this.inventory.devices.map(
      ({ id, ips, macs, name, model, firmware, serial, os, mode, toldType, ot, authorised, scanner, programming }): KnownDevice => ({
        id,
        addresses: [...ips, ...macs],
        name,
        model,
        firmware,
        serial,
        os,
        mode,
        toldType,
        ot,
        authorised,
        scanner,
        programming,
      }),
    );
    return { baseline: this.baseline.entries(), devices };
  }

  #recall(device: Device): void {
    const known = [device.id, ...device.ips, ...device.macs].map((name) => this.#known.get(name)).find(Boolean);
    if (!known) return;
    for (const part of ['name', 'model', 'firmware', 'serial', 'os', 'mode', 'toldType'] as const) device[part] ||= known[part];
    device.authorised = known.authorised;
    device.scanner ||= known.scanner;
    device.programming ||= known.programming;
    if (known.ot) this.inventory.markOt(device.party);
  }

  /** Takes in one frame. */
  take(packet: Packet): void {
    this.path.take(packet);
    if (this.#appeared.length > 0) this.#announce();
    while (this.#addressed.length > 0) {
      const device = this.#addressed.pop();
      if (device) this.engines.policy.appeared(this.observer, device);
    }
    if (this.engines.channels.returned(this.observer.sender))
      this.#tell('BACK_TO_NORMAL', this.observer, `${this.#judge.label(this.observer.sender)} sends again.`, [this.observer.sender]);
  }

  #announce(): void {
    for (const device of this.#appeared) {
      this.#recall(device);
      this.#adopt(device);
      this.engines.policy.appeared(this.observer, device);
      if (this.#outOfFocus(device) && this.#withoutAddress.size < MAX_WITHOUT_ADDRESS) this.#withoutAddress.add(device);
      this.#tell('DEVICE_CREATE', this.observer, `${device.label} was seen for the first time.`, [device.party]);
    }
    this.#appeared.length = 0;
  }

  /** A device that asks for a lease first is judged by its subnet: once it has an address. */
  #outOfFocus(device: Device): boolean {
    return !device.authorised && device.ips.length === 0 && this.#judge.settings.focus === 'ot' && !this.inventory.isOt(device.party);
  }

  /** No packet comes after this one. */
  finish(): void {
    this.path.finish();
  }

  #tell(type: string, scene: Scene, content: string, parties: readonly number[]): void {
    this.#event?.({
      type,
      time: instant(scene.seconds, scene.nanoseconds),
      content,
      devices: [...new Set(parties.filter((party) => party !== 0).map((party) => this.inventory.nameOf(party)))],
    });
  }
}
