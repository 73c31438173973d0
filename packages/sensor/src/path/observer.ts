/**
 * Receives what dissectors state and hands it to the baseline, the inventory and the engines. Hot code: `message`, `use`
 * and `useRange` run for each message and allocate nothing; `tell` is for what is rare.
 *
 * One object for the whole run: the packet path sets where the message stands (the Scene part) before each call.
 */
import type { Spelling, TextTable } from '@annunciator/packet/tables/text-table';
import type { Detail } from '@annunciator/protocols/details';
import type { ActionFact, Aspect, Fact, Facts, IdentityFact, NameFact } from '@annunciator/protocols/facts';
import { Role } from '@annunciator/protocols/facts';
import { PROTOCOL_BY_INDEX, PROTOCOLS } from '@annunciator/protocols/registry';
import { ASPECTS } from '../baseline/aspects.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { Engines } from '../engines/engines.ts';
import type { Scene } from '../engines/scene.ts';
import type { Device } from '../inventory/device.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Connections } from './connections.ts';
import type { RuleWatch } from '../rules/watch.ts';
import { FieldCounts } from './field-counts.ts';
import { Handshakes } from './handshakes.ts';
import type { Roster } from './roster.ts';

const PROTOCOL_SLOTS = 128;

/** Aspects that are keyed by who acts alone. */
const BY_SOURCE: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (const [aspect, definition] of Object.entries(ASPECTS)) if (definition.between === 'source') table[Number(aspect)] = 1;
  return table;
})();

export class Observer implements Facts, Scene {
  // Where the message stands: set by the packet path.
  frame = 0;
  firstFrame = 0;
  requestFrame = 0;
  seconds = 0;
  nanoseconds = 0;
  wireLength = 0;
  sender = 0;
  receiver = 0;
  actor = 0;
  target = 0;
  sourcePort = 0;
  destinationPort = 0;
  toServer = true;
  toGroup = false;
  vlan = -1;
  complete = true;
  protocol = 0;
  flow = -1;
  /** 0 when A of the flow sends, 1 when B does. */
  direction = 0;
  connection = 0;
  /** Line of the connection, see `Connections.line`. */
  line = 0;
  /** What dissectors remember, by row of the flow, and the row that is read now. */
  readonly states: unknown[] = [];
  stateRow = 0;
  /** Protocol under which fields are counted: the dissector's own. */
  carrier = 0;
  countsFields = false;
  wantsDetails = false;

  /** Packets and bytes with at least one message of a protocol, by protocol index. */
  readonly packets = new Float64Array(PROTOCOL_SLOTS);
  readonly bytes = new Float64Array(PROTOCOL_SLOTS);
  readonly #lastFrame = new Int32Array(PROTOCOL_SLOTS);
  readonly fields = new FieldCounts();
  readonly violations = new Map<string, Map<string, number>>();
  readonly handshakes = new Handshakes();

  readonly #inventory: Inventory;
  readonly #baseline: Baseline;
  readonly #connections: Connections;
  readonly #texts: TextTable;
  readonly #engines: Engines;
  readonly #roster: Roster;
  readonly #rules: RuleWatch;

  constructor(inventory: Inventory, baseline: Baseline, connections: Connections, texts: TextTable, engines: Engines, roster: Roster) {
    this.#inventory = inventory;
    this.#baseline = baseline;
    this.#connections = connections;
    this.#texts = texts;
    this.#engines = engines;
    this.#roster = roster;
    this.#rules = engines.rules.watch;
  }

  /** What the dissector remembers of the flow. */
  get state(): unknown {
    return this.states[this.stateRow];
  }

  set state(state: unknown) {
    this.states[this.stateRow] = state;
  }

  get senderPort(): number {
    return this.sourcePort;
  }

  get receiverPort(): number {
    return this.destinationPort;
  }

  field(name: string, value: number | string): void {
    this.fields.add(PROTOCOL_BY_INDEX[this.protocol || this.carrier]?.id ?? 'unknown', name, value);
  }

  message(protocol: number, code: number, role: Role): void {
    this.protocol = protocol;
    if (role === Role.Response) {
      this.actor = this.receiver;
      this.target = this.sender;
    } else {
      this.actor = this.sender;
      this.target = this.receiver;
    }
    if (this.#lastFrame[protocol] !== this.frame) {
      this.#lastFrame[protocol] = this.frame;
      this.packets[protocol]++;
      this.bytes[protocol] += this.wireLength;
    }
    if (this.wantsDetails) this.#rules.end();
    this.wantsDetails = this.#rules.watched[protocol] !== 0 && this.#rules.begin(this, protocol, code, role);
    const isNew = this.#connections.message(this.connection, protocol, code, role, this.seconds, this.nanoseconds);
    this.line = this.#connections.line;
    if (!isNew) return;
    this.#roster.speaks(this, protocol, code, role);
    if (role === Role.Response && !this.toServer) this.#engines.policy.serves(this, this.#connections.transport(this.connection));
  }

  use(aspect: Aspect, a: number, b: number): void {
    if (this.wantsDetails) this.#rules.use(aspect, a, b);
    const whom = BY_SOURCE[aspect] ? 0 : this.target;
    if (!this.#baseline.checkOn(this.line, this.actor, whom, aspect, a, b)) this.#engines.policy.deviation(this, aspect, a, b);
  }

  useRange(aspect: Aspect, key: number, first: number, count: number): void {
    if (this.wantsDetails) this.#rules.useRange(aspect, key, first, count);
    if (!this.#baseline.checkRangeOn(this.line, this.actor, this.target, aspect, key, first, count))
      this.#engines.policy.rangeDeviation(this, aspect, key, first, count);
  }

  detail(detail: Detail, low: number, high = low): void {
    this.#rules.detail(detail, low, high);
  }

  detailText(detail: Detail, text: string): void {
    this.#rules.detailText(detail, text);
  }

  /** No more is told about the last message. */
  endMessage(): void {
    if (!this.wantsDetails) return;
    this.wantsDetails = false;
    this.#rules.end();
  }

  intern(text: string): number {
    return this.#texts.intern(text);
  }

  internSpelled(bytes: Uint8Array, start: number, end: number, text: Spelling): number {
    return this.#texts.internSpelled(bytes, start, end, text);
  }

  tell(fact: Fact): void {
    const { engines } = this;
    if (this.#rules.listens) this.wantsDetails = this.#rules.tell(this, fact);
    switch (fact.is) {
      case 'violation':
        this.#countViolation(fact.protocol, fact.name);
        engines.violations.violation(this, fact);
        engines.anomaly.violation(this, fact);
        return;
      case 'failure':
        engines.violations.failure(this, fact);
        engines.operational.failure(this, fact);
        engines.anomaly.failure(this, fact);
        return;
      case 'action':
        this.requestFrame = fact.requestFrame ?? 0;
        this.#action(fact);
        this.requestFrame = 0;
        return;
      case 'indication':
        engines.violations.indication(this, fact);
        engines.operational.indication(this, fact);
        if (fact.bits & 0x0700) engines.anomaly.exception(this, fact.protocol, `IIN 0x${fact.bits.toString(16)}`);
        return;
      case 'condition':
        engines.operational.condition(this, fact);
        return;
      case 'identity':
        this.#identity(fact);
        return;
      case 'login':
        engines.policy.login(this, fact, (text) => this.#texts.intern(text));
        engines.anomaly.login(this, fact);
        this.#roster.login(this, fact);
        return;
      case 'name':
        this.#name(fact);
        return;
      case 'arp':
        this.#roster.arp(this, fact);
        engines.anomaly.arp(this, fact);
        return;
      case 'neighbor':
        this.#roster.neighbor(this, fact);
        return;
      case 'lease':
        this.#roster.lease(this, fact);
        engines.operational.lease(this, fact);
        engines.leases.lease(this, fact);
        return;
      case 'http':
        engines.anomaly.http(this, fact);
        engines.malware.http(this, fact);
        return;
      case 'icmp':
        engines.anomaly.icmp(this, fact, this.protocol || PROTOCOLS.icmp.index);
        engines.tunnels.icmp(this, fact);
        return;
      case 'transfer':
        engines.malware.transfer(this, fact);
        engines.windows.transfer(this, fact);
        engines.backups.transfer(this, fact);
        this.#roster.timeline('FILE_TRANSFER', this, fact.text, [this.actor, this.target]);
        return;
      case 'remote':
        engines.windows.remote(this, fact, (text) => this.#texts.intern(text));
        return;
      case 'length':
        engines.anomaly.length(this, fact);
        return;
      case 'notice':
        this.#roster.notice(this, fact);
        return;
      case 'fingerprint':
        this.handshakes.fingerprint(this.connection, fact);
        return;
      case 'certificate':
        this.handshakes.certificate(this.connection, fact);
        return;
      default:
        fact satisfies never;
    }
  }

  /** The packet under the cursor is the first answer of a conversation. */
  met(): void {
    this.#roster.met(this);
  }

  get engines(): Engines {
    return this.#engines;
  }

  #countViolation(protocol: number, name: string): void {
    const id = PROTOCOL_BY_INDEX[protocol]?.id ?? 'unknown';
    let names = this.violations.get(id);
    if (!names) this.violations.set(id, (names = new Map()));
    names.set(name, (names.get(name) ?? 0) + 1);
  }

  #action(fact: ActionFact): void {
    this.#engines.policy.action(this, fact, (text) => this.#texts.intern(text));
    this.#engines.operational.action(this, fact);
    this.#engines.reviewer.action(this, fact);
    if (fact.action === 'firmware.update') {
      this.#engines.firmware.transfer(this, fact);
      this.#engines.violations.action(this, 'firmware-update', fact.text, fact.protocol);
    }
    if (fact.action === 'identity.request' && fact.phase === 'requested' && !this.toGroup) this.#engines.scans.identity(this);
    this.#roster.action(this, fact);
  }

  #name(fact: NameFact): void {
    this.#engines.malware.name(this, fact);
    this.#engines.tunnels.name(this, fact);
    this.#roster.named(this, fact);
    if (fact.step === 'answer') this.#engines.internet.resolved(fact, this.seconds);
  }

  /** A device told something about itself or another. */
  #identity(fact: IdentityFact): void {
    const device = this.#whom(fact);
    if (!device) return;
    this.#roster.identity(this, device, fact);
    if (fact.firmware) this.#firmware(device, fact.firmware, fact);
    if (fact.mode) this.#state(device, 'operating mode', fact.mode, fact);
    if (fact.keySwitch) this.#state(device, 'key switch', fact.keySwitch, fact);
    if (fact.revision) this.#revision(device, fact.revision, fact);
    if (fact.vendor) device.vendor = fact.vendor;
    if (fact.model) device.model = fact.model;
    if (fact.serial) device.serial = fact.serial;
    if (fact.name) device.name = fact.name;
    if (fact.os) device.os = fact.os;
    if (fact.type) {
      if (fact.type !== device.toldType) this.#engines.policy.describedItself(this, device, fact.type);
      device.toldType = fact.type;
    }
  }

  /** Versions are compared with what the same protocol told of the same module, or with what an earlier run knew of the device. */
  #firmware(device: Device, now: string, fact: IdentityFact): void {
    const what = `firmware ${fact.protocol} ${fact.place ?? ''}`;
    const before = device.told.get(what) ?? (device.tellsFirmware ? '' : device.firmware);
    if (before === now) return;
    device.tell(what, now);
    device.tellsFirmware = true;
    if (device.firmware === '' || before === device.firmware) device.firmware = now;
    this.#engines.policy.firmware(this, device, fact, before, this.#texts.intern(now));
    if (before !== '') this.#engines.firmware.changed(this, device, before, now);
    if (before !== '') this.#roster.timeline('FIRMWARE_CHANGED', this, `The firmware changed from ${before} to ${now}.`, [device.party]);
  }

  /** Modes are compared with what the same protocol told of the same module: words and meanings differ between protocols. */
  #state(device: Device, what: 'operating mode' | 'key switch', now: string, fact: IdentityFact): void {
    if (what === 'operating mode') device.mode = now;
    const before = device.tell(`${what} ${fact.protocol} ${fact.place ?? ''}`, now);
    if (before === undefined) return;
    this.#engines.operational.modeChanged(this, device, what, before, now, fact.protocol);
    this.#roster.timeline('PLC_OPERATING_MODE_CHANGED', this, `The ${what} changed from ${before} to ${now}.`, [device.party]);
  }

  /** `attribute 199: 2024-01-01`, `server id ...`: the name of the revision, then its value. */
  #revision(device: Device, revision: string, fact: IdentityFact): void {
    const modbus = fact.protocol === PROTOCOLS.modbus.index;
    // The data of Report Server ID hold a run indicator at a place that only the vendor knows: unprintable, so only words count.
    const value = modbus ? revision.replace(/[^\w .,:/-]+/g, ' ').trim() : revision;
    const end = modbus ? 'server id'.length : value.indexOf(':');
    const what = value.slice(0, Math.max(end, 0));
    const now = value.slice(Math.max(end, 0)).replace(/^[: ]+/, '');
    const before = device.tell(`${what} ${fact.protocol} ${fact.place ?? ''}`, now);
    if (before === undefined) return;
    if (modbus) this.#engines.policy.firmware(this, device, { ...fact, firmware: value }, `${what} ${before}`, this.#texts.intern(value));
    else this.#engines.operational.configurationChanged(this, device, what || 'revision', before, now, fact.protocol);
  }

  #whom(fact: IdentityFact): Device | null {
    if (fact.of === 'sender') return this.#inventory.device(this.sender);
    if (fact.of === 'receiver') return this.#inventory.device(this.receiver);
    return this.#inventory.device(
      this.#inventory.canonical['ip' in fact.of ? this.#inventory.ipText(fact.of.ip) : this.#inventory.macText(fact.of.mac)],
    );
  }
}
