/**
 * The sensor: packets in, detections out. Ties the packet path, the baseline, the inventory and the engines together; does
 * no I/O, so a file, a network interface or a test can drive it.
 *
 *     const sensor = new Sensor({ report: (detection) => book.apply(detection) });
 *     do sensor.takeBatch(reader, before, after); while (await reader.advance());
 *     sensor.finish();
 */
import type { TypeSettings } from '@annunciator/core/alert-type';
import type { Detection, Learnable } from '@annunciator/core/alert';
import type { BaselineEntry, Origin } from '@annunciator/core/baseline-entry';
import type { DeviceRecord } from '@annunciator/core/device';
import type { EventSeverity, EventType } from '@annunciator/core/event-types';
import { alertDevices } from '@annunciator/core/events';
import type { ReviewItem } from '@annunciator/core/review';
import { instant, type Instant, SECOND } from '@annunciator/core/time';
import type { PacketSource } from '@annunciator/packet/capture/packet-source';
import { Packet } from '@annunciator/packet/packet';
import { TextTable } from '@annunciator/packet/tables/text-table';
import { DISSECTORS } from '@annunciator/protocols/dissectors';
import type { AspectText, Dissector } from '@annunciator/protocols/dissector';
import { SensorAspect } from './baseline/aspects.ts';
import { Baseline } from './baseline/baseline.ts';
import { clockOf } from './baseline/clock.ts';
import { Learning, type LearningMemory, type LearningSettings, OPERATIONAL_AT_ONCE } from './baseline/learning.ts';
import { ReviewList } from './baseline/review-list.ts';
import { Engines } from './engines/engines.ts';
import { DEFAULT_SETTINGS, type DetectionSettings, Judge } from './engines/judge.ts';
import type { Scene } from './engines/scene.ts';
import { ThreatIntelligence } from './engines/threats.ts';
import type { Device } from './inventory/device.ts';
import { recall, recordOf } from './inventory/device-record.ts';
import { Inventory } from './inventory/inventory.ts';
import { Connections } from './path/connections.ts';
import { Observer } from './path/observer.ts';
import { operationNames } from './path/operation-names.ts';
import { MOST_PREPARED, PacketPath } from './path/path.ts';
import { Roster } from './path/roster.ts';
import { DEFAULT_RULE_SETTINGS, type Rule, type RuleSettings, SEVERITY_OF_EVENT } from './rules/rule.ts';
import { eventOfDetection } from './timeline/action-events.ts';
import { EventLimit } from './timeline/event-limit.ts';

/** Aspects of the baseline that only pairs have which exchange data with a controller. */
const WORKING_PAIR = /^(modbus\.address|umas\.|s7comm|dnp3\.integrity|cip\.(symbol|io)|pccc\.|iec104\.|bacnet\.object)/;

const MAX_WITHOUT_ADDRESS = 4096;
const MAX_TEXTS = 1 << 16;

/** A line for the event timeline, as the sensor saw it. */
export interface SensorEvent {
  readonly type: EventType;
  readonly time: Instant;
  readonly content: string;
  /** Device ids. */
  readonly devices: readonly string[];
  /** Chosen by a custom rule. */
  readonly severity?: EventSeverity;
  /** What its packets are found by, when a custom rule wants them kept. */
  readonly packets?: Pick<Detection, 'frames' | 'source' | 'destination'>;
}

/** What a sensor has learned: enough to go on after a restart, or elsewhere. */
export interface SensorMemory {
  readonly baseline: readonly (Learnable | BaselineEntry)[];
  readonly devices: readonly DeviceRecord[];
  /** Absent: nothing is known of how learning went. */
  readonly learning?: LearningMemory;
  readonly review?: readonly ReviewItem[];
  /** Pairs of devices that met before. */
  readonly met?: readonly (readonly [string, string])[];
}

/** What the baseline held of a device before it became part of another one: what undoing that needs. */
export interface United {
  /** Entries of the one that is no more, as they stood under its own name. */
  readonly entries: readonly Learnable[];
  /** Entries of the other one about the same matters: what it keeps when the two are taken apart again. */
  readonly kept: readonly Learnable[];
}

export interface SensorOptions {
  readonly settings?: Partial<DetectionSettings>;
  /** Starts in learning mode unless false. */
  readonly learning?: boolean;
  /** How learning ends, and what is still learned afterwards; nothing by itself when absent. */
  readonly learns?: LearningSettings;
  readonly threats?: ThreatIntelligence;
  /** Counts fields of messages (costs time). */
  readonly fields?: boolean;
  /** Called for each detection, in packet order. */
  readonly report: (detection: Detection) => void;
  readonly event?: (event: SensorEvent) => void;
  /** Two devices turned out to be one; told before the next packet. */
  readonly united?: (into: Device, from: Device) => void;
  readonly dissectors?: readonly Dissector[];
}

export class Sensor {
  readonly inventory: Inventory;
  readonly baseline: Baseline;
  readonly review = new ReviewList();
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
  readonly #known = new Map<string, DeviceRecord>();
  /** Frames that are read ahead of their turn. */
  readonly #next = Array.from({ length: MOST_PREPARED }, () => new Packet());
  #second = 0;
  readonly #limit: EventLimit | undefined;
  readonly roster: Roster;

  constructor(options: SensorOptions) {
    const texts = new TextTable({ maxTexts: MAX_TEXTS });
    this.#limit = options.event && new EventLimit(options.event);
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
      addressAdded: (device, ip) => {
        if (!device.dynamicAddress)
          this.#tell('HARDWARE_UPDATE_BY_IDENTIFIER', this.observer, `${device.label} uses the address ${ip}, too.`, [device.party]);
      },
      devicesUnited: (into, from) => {
        const content = `${from.label} and ${into.label} are one device: the address belongs to this network card.`;
        this.#tell('DEVICE_UNIFICATION', this.observer, content, [into.party]);
        options.united?.(into, from);
      },
    });
    const clock = clockOf(() => this.observer);
    const learning = new Learning(this.inventory, clock, () => this.baseline.size);
    learning.settings = options.learns ?? OPERATIONAL_AT_ONCE;
    this.baseline = new Baseline(this.inventory, texts, clock, learning);
    this.#judge = new Judge(this.inventory, { ...DEFAULT_SETTINGS, ...options.settings }, learning, (detection) => {
      options.report(detection);
      this.engines.reviewer.raised(detection);
      const type = eventOfDetection(detection.type);
      if (type)
        this.#write(type, Number(detection.time / SECOND), () => ({
          type,
          time: detection.time,
          content: detection.message,
          devices: alertDevices(detection),
        }));
    });
    const threats = options.threats ?? new ThreatIntelligence();
    this.engines = new Engines(this.#judge, this.baseline, this.review, texts, aspects, threats, {
      operationName: operationNames(this.dissectors),
      event: (rule, scene, content) => this.#ruleHeld(rule, scene, content),
    });
    this.connections = new Connections(
      {
        unanswered: (row, unanswered, since) => this.engines.channels.unanswered(this.observer, this.connections, row, unanswered, since),
        offRhythm: (row, period, interval) => this.engines.channels.offRhythm(this.observer, this.connections, row, period, interval),
      },
      this.#judge.threshold('abnormal-periodic-behavior-in-communication-channel'),
    );
    this.roster = new Roster(this.inventory, this.engines.scans, (type, scene, content, parties) =>
      this.#tell(type, scene, content, parties),
    );
    this.observer = new Observer(this.inventory, this.baseline, this.connections, texts, this.engines, this.roster);
    this.observer.countsFields = options.fields ?? false;
    this.path = new PacketPath(this.observer, this.inventory, this.connections, this.engines, this.dissectors);
    this.#judge.addressIn = (flow, party) => this.path.addressIn(flow, party);
    this.engines.conversations.follow(this.path.flows);
    this.learning = options.learning ?? true;
  }

  /** Learning: what is seen becomes the baseline, and policy alerts are silent. */
  get learning(): boolean {
    return this.baseline.learning.on;
  }

  set learning(on: boolean) {
    this.baseline.learning.on = on;
    if (on) return;
    for (const device of this.inventory.devices) this.#adopt(device);
  }

  /** Flags that learning left in the baseline become flags of the device. */
  #adopt(device: Device): void {
    if (this.baseline.knows(device.party, 0, SensorAspect.ProgrammingDevice, 0, 0)) device.programming = true;
    if (this.baseline.knows(device.party, 0, SensorAspect.Scanner, 0, 0)) device.scanner = true;
  }

  /** What people set about types of alerts, from now on: what is counted towards a threshold goes on towards the new one. */
  setTypes(types: TypeSettings): void {
    this.#judge.setTypes(types);
  }

  /** Replaces the custom rules; `checkRule` has found no fault in them. */
  setRules(rules: readonly Rule[], settings: RuleSettings = DEFAULT_RULE_SETTINGS): void {
    this.observer.endMessage();
    this.engines.rules.setRules(rules, settings);
  }

  /** A person says that this is normal. False when the entry cannot be read. */
  learn(entry: Learnable, origin?: Origin): boolean {
    const known = this.baseline.learn(entry, origin);
    this.#flag(entry);
    return known;
  }

  /** A person takes that back. False when the entry cannot be read. */
  unlearn(entry: Learnable): boolean {
    const known = this.baseline.unlearn(entry);
    this.#flag(entry);
    return known;
  }

  /** Entries leave and enter the baseline together. Those that could not be taken in are returned. */
  change(unlearn: readonly Learnable[], learn: readonly BaselineEntry[]): Learnable[] {
    for (const entry of unlearn) this.unlearn(entry);
    return learn.filter((entry) => {
      const known = this.#inherit(entry);
      this.#flag(entry);
      return !known;
    });
  }

  /**
   * A person decides about an operation on the review list: what waited with it is learned or taken back. The alert of a
   * rejected one is the caller's to raise. Undefined when there is no such item.
   */
  decide(id: string, state: 'accepted' | 'rejected', by: string, at: number): ReviewItem | undefined {
    const item = this.review.decide(id, state, by, at);
    for (const entry of item?.learn ?? []) {
      if (state === 'accepted') this.learn(entry, { by, at, alert: null });
      else this.unlearn(entry);
    }
    return item;
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
    for (const known of memory.devices) this.inventory.remember(known.id, addressesOf(known));
    const unread = memory.baseline.filter((entry) => !this.#inherit(entry));
    if (memory.learning) this.baseline.learning.restore(memory.learning);
    this.review.restore(memory.review ?? []);
    for (const { state, learn } of memory.review ?? []) if (state === 'pending') for (const entry of learn) this.baseline.wait(entry);
    // Whoever has worked with a controller before does not scan it when it comes back.
    for (const { aspect, source, destination } of memory.baseline)
      if (WORKING_PAIR.test(aspect)) this.engines.scans.ordinary(this.inventory.byName(source), this.inventory.byName(destination));
    for (const [one, other] of memory.met ?? []) this.roster.metBefore(this.inventory.byName(one), this.inventory.byName(other));
    for (const known of memory.devices) for (const name of [known.id, ...addressesOf(known)]) this.#known.set(name, known);
    for (const device of this.inventory.devices) this.#recall(device);
    return unread;
  }

  #inherit(entry: Learnable | BaselineEntry): boolean {
    if (!('origin' in entry)) return this.baseline.learn(entry);
    if (entry.learned === null) return this.baseline.learn(entry, entry.origin);
    return this.baseline.learn(entry, entry.origin, Number(entry.learned / SECOND));
  }

  /** What a later run needs to go on from here. */
  memory(): SensorMemory {
    return {
      baseline: this.baseline.entries(),
      devices: this.inventory.devices.map((device) => recordOf(device, this.inventory)),
      learning: this.baseline.learning.memory(),
      review: this.review.items(),
    };
  }

  #recall(device: Device): void {
    const known = [device.id, ...device.ips, ...device.macs].map((name) => this.#known.get(name)).find(Boolean);
    if (!known) return;
    recall(device, known);
    if (known.ot) this.inventory.markOt(device.party);
  }

  /**
   * A person says that two devices are one: the second goes on as part of the first, with what the baseline holds of it.
   * Null when one of them is not there.
   */
  unite(into: string, from: string): United | null {
    const [one, other] = [into, from].map((id) => this.inventory.device(this.inventory.byName(id)));
    if (!one || !other || one === other) return null;
    const entries = this.baseline.entriesOf(other.party);
    const matters = new Set(entries.map((entry) => matterOf(renamed(entry, other.id, one.id))));
    const kept = this.baseline.entriesOf(one.party).filter((entry) => matters.has(matterOf(entry)));
    this.inventory.unite(one, other);
    return { entries, kept };
  }

  /**
   * A person takes a device apart: `part` is a device of its own again, with what the baseline held of it. Its addresses are
   * not joined with another device from now on. False when there is no room for it.
   */
  divide(from: string, part: DeviceRecord, before: United): boolean {
    const whole = this.inventory.device(this.inventory.byName(from));
    const device = this.inventory.divide(part.id, addressesOf(part), part.lastSeen);
    if (!device) return false;
    recall(device, part);
    if (part.ot) this.inventory.markOt(device.party);
    if (whole) {
      for (const entry of before.entries) this.baseline.forget(renamed(entry, part.id, whole.id));
      for (const entry of before.kept) this.#inherit(entry);
    }
    for (const entry of before.entries) this.#inherit(entry);
    return true;
  }

  /** A device is taken out of the inventory, and out of what is authorised: when it sends again, it is new. */
  forget(id: string): Device | null {
    const device = this.inventory.device(this.inventory.byName(id));
    if (!device) return null;
    this.baseline.forget(this.baseline.learnable(device.party, 0, SensorAspect.Asset, 0, 0));
    this.inventory.forget(device);
    for (const address of [id, ...device.ips, ...device.macs]) this.#known.delete(address);
    return device;
  }

  /** Takes in one frame. */
  take(packet: Packet): void {
    this.path.decoder.decode(packet);
    this.#follow(packet);
  }

  /**
   * Takes in what is left of a batch.
   * @param before called for each frame before it is taken in, and `after` afterwards; both may keep nothing of the packet
   */
  takeBatch(source: PacketSource, before: (packet: Packet) => void, after: (packet: Packet) => void): void {
    const packets = this.#next;
    let more = true;
    while (more) {
      const most = Math.min(MOST_PREPARED, source.together?.() ?? 1);
      let count = 0;
      while (count < most && (more = source.next(packets[count]))) this.path.read(packets[count++]);
      if (count > 1) this.path.prepare(packets, count);
      for (let i = 0; i < count; i++) {
        before(packets[i]);
        this.#follow(packets[i]);
        after(packets[i]);
      }
    }
  }

  #follow(packet: Packet): void {
    if (packet.seconds !== this.#second) this.#tick(packet.seconds);
    this.path.follow(packet);
    this.observer.endMessage();
    if (this.#appeared.length > 0) this.#announce();
    while (this.#addressed.length > 0) {
      const device = this.#addressed.pop();
      if (device) this.engines.policy.appeared(this.observer, device);
    }
    const { sender } = this.path;
    if (this.engines.channels.returned(sender))
      this.#tell('BACK_TO_NORMAL', this.observer, `${this.#judge.label(sender)} sends again.`, [sender]);
  }

  /** Packet time moved on to another second. */
  #tick(seconds: number): void {
    this.#second = seconds;
    if (this.baseline.learning.isOver(seconds)) this.learning = false;
  }

  #announce(): void {
    for (const device of this.#appeared) {
      device.appearedLate = !this.learning;
      this.#recall(device);
      this.#adopt(device);
      this.engines.policy.appeared(this.observer, device);
      if (!device.authorised) this.baseline.learning.appeared(device.party);
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
    this.observer.endMessage();
    this.#limit?.finish();
  }

  /** What found no place because a bound was reached, by what it was. Only what was refused is there. */
  refused(): Record<string, number> {
    const { flows, order, decoder } = this.path;
    const all: Record<string, number> = {
      addresses: this.inventory.refused,
      fragments: decoder.fragments.counters.refused + decoder.fragments.counters.evicted,
      'bytes held for order': order.counters.refused,
      'unfinished messages': order.counters.tooLong + this.path.readings.tooLong,
      'baseline entries': this.baseline.refused,
      'scenarios of learning': this.baseline.learning.refused,
      'operations to review': this.review.refused,
      connections: this.connections.refused,
      'Internet attempts': this.engines.internet.refused,
      'flows closed early': flows.counters.evicted,
      flows: flows.counters.refused,
      'pairs of devices': this.roster.refused,
      'fingerprints and certificates': this.observer.handshakes.refused,
      'lines of the timeline': this.#limit?.counted ?? 0,
    };
    return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
  }

  #ruleHeld({ action }: Rule, scene: Scene, content: string): void {
    const type = 'USER_DEFINED_RULE_OPERATION';
    const { source, destination, frames } = this.#judge.ends(scene);
    this.#write(type, scene.seconds, () => ({
      type,
      time: instant(scene.seconds, scene.nanoseconds),
      content,
      devices: alertDevices({ source, destination }),
      severity: SEVERITY_OF_EVENT[action.severity],
      ...(action.packets ? { packets: { source, destination, frames } } : {}),
    }));
  }

  #write(type: EventType, seconds: number, make: () => SensorEvent): void {
    this.#limit?.add(type, seconds, make);
  }

  #tell(type: EventType, scene: Scene, content: string, parties: readonly number[]): void {
    const { seconds, nanoseconds } = scene;
    this.#write(type, seconds, () => ({
      type,
      time: instant(seconds, nanoseconds),
      content,
      devices: [...new Set(parties.filter((party) => party !== 0).map((party) => this.inventory.nameOf(party)))],
    }));
  }
}

const addressesOf = ({ ips, macs }: Pick<DeviceRecord, 'ips' | 'macs'>): string[] => [...ips, ...macs];

/** What an entry is about, without its value: ranges of one matter are one entry. */
const matterOf = ({ aspect, source, destination }: Learnable): string => JSON.stringify([aspect, source, destination]);

/** The entry with another device in the place of one. */
function renamed(entry: Learnable, from: string, to: string): Learnable {
  const { source, destination } = entry;
  return { ...entry, source: source === from ? to : source, destination: destination === from ? to : destination };
}
