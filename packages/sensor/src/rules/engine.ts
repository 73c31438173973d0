/**
 * The custom rules of a sensor: which hold, for whom, and what they raise. A rule speaks whatever the sensor has learned, also
 * while it learns: somebody asked for it.
 */
import { formatInstant, instant, type Instant } from '@annunciator/core/time';
import type { TextTable } from '@annunciator/packet/tables/text-table';
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';
import { type Finding, framesOf, type Judge } from '../engines/judge.ts';
import type { Scene } from '../engines/scene.ts';
import { AddressSet } from '../inventory/address-set.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { OperationName } from '../path/operation-names.ts';
import { filled } from './message.ts';
import { type BuiltInGroup, BUILT_IN_GROUPS, DEFAULT_RULE_SETTINGS, type End, type Rule, type RuleSettings } from './rule.ts';
import { addressesOf, type RuleHit, RuleWatch } from './watch.ts';

export const RULE_ALERT = 'unauthorized-operation-was-detected-by-a-user-defined-rule';
/** Seconds of packet time for which it is remembered whether a party is one of the ends of a rule. */
const ENDS_KEPT = 60;
const MAX_ENDS = 1 << 14;
/** Seconds in which a rule speaks once of a pair. */
const ALERT_SPAN = 1;
const EVENT_SPAN = 60;
/** Types of device that the group `controllers` means. */
const CONTROLLERS: ReadonlySet<string> = new Set(['PLC', 'RTU', 'IED', 'DCS Controller', 'HVAC', 'I/O Adapter', 'Slave']);

/** How often a rule held since it was last told. */
export interface RuleCount {
  readonly rule: string;
  readonly count: number;
  /** Packet time of the last time. */
  readonly last: Instant;
}

/** A rule held; for dry runs. */
export interface RuleMatch {
  readonly rule: Rule;
  readonly time: Instant;
  readonly frames: readonly number[];
  readonly source: string;
  readonly destination: string;
  readonly message: string;
}

/** What a rule engine asks of the sensor around it. */
export interface RuleReport {
  readonly operationName: OperationName;
  /** A line of the timeline: a rule with the action event holds. */
  readonly event: (rule: Rule, scene: Scene, content: string) => void;
}

export class RuleEngine {
  readonly watch: RuleWatch;
  /** Told each time a rule holds, instead of raising anything: a dry run. */
  dryRun: ((match: RuleMatch) => void) | undefined;
  readonly #judge: Judge;
  readonly #inventory: Inventory;
  readonly #event: RuleReport['event'];
  #settings: RuleSettings = DEFAULT_RULE_SETTINGS;
  #groups = new Map<string, readonly AddressSet[]>();
  readonly #sets = new Map<string, AddressSet | undefined>();
  /** Whether parties are among the ends of a rule, by its id: of `from`, of `to`. */
  readonly #ends = new Map<string, readonly [Map<number, boolean>, Map<number, boolean>]>();
  #endsKept = 0;
  #endsSince = 0;
  /** When a rule last spoke of a pair. */
  readonly #spoken = new Map<string, number>();
  readonly #counts = new Map<string, { count: number; last: Instant }>();

  constructor(judge: Judge, texts: TextTable, { operationName, event }: RuleReport) {
    this.#judge = judge;
    this.#inventory = judge.inventory;
    this.#event = event;
    this.watch = new RuleWatch({
      inventory: judge.inventory,
      texts,
      operationName,
      ends: (rule, scene) => this.#fits(rule, scene),
      hit: (hit) => this.#hit(hit),
    });
  }

  /** Replaces the rules; the caller has checked them. */
  setRules(rules: readonly Rule[], settings: RuleSettings): void {
    this.#settings = settings;
    this.#groups = new Map(
      Object.entries(settings.groups).map(([name, members]) => [name, members.flatMap((member) => AddressSet.parse(member) ?? [])]),
    );
    this.#sets.clear();
    this.#ends.clear();
    this.watch.setRules(rules, this.#settings);
  }

  #fits({ id, from, to }: Rule, scene: Scene): boolean {
    if (from.length === 0 && to.length === 0) return true;
    if (scene.seconds >= this.#endsSince + ENDS_KEPT || scene.seconds < this.#endsSince || this.#endsKept > MAX_ENDS) {
      this.#ends.clear();
      this.#endsSince = scene.seconds;
      this.#endsKept = 0;
    }
    let known = this.#ends.get(id);
    if (known === undefined) this.#ends.set(id, (known = [new Map(), new Map()]));
    return this.#isOne(known[0], from, scene.sender) && this.#isOne(known[1], to, scene.receiver);
  }

  #isOne(known: Map<number, boolean>, ends: readonly End[], party: number): boolean {
    if (ends.length === 0) return true;
    let answer = known.get(party);
    if (answer === undefined) {
      answer = ends.some((end) => ('addresses' in end ? this.#isAt(end.addresses, party) : this.#isIn(end.group, party)));
      known.set(party, answer);
      this.#endsKept++;
    }
    return answer;
  }

  #isAt(addresses: string, party: number): boolean {
    if (!this.#sets.has(addresses)) this.#sets.set(addresses, AddressSet.parse(addresses));
    const set = this.#sets.get(addresses);
    return set !== undefined && addressesOf(this.#inventory, party).some((address) => set.has(address));
  }

  #isIn(group: string, party: number): boolean {
    if (!Object.hasOwn(BUILT_IN_GROUPS, group))
      return addressesOf(this.#inventory, party).some((address) => this.#groups.get(group)?.some((set) => set.has(address)));
    const device = this.#inventory.device(party);
    // Checked by the `in` above.
    switch (group as BuiltInGroup) {
      case 'internet':
        return !this.#inventory.party(party).group && !this.#inventory.isLocal(party);
      case 'local':
        return this.#inventory.isLocal(party);
      case 'ot':
        return this.#inventory.isOt(party);
      case 'controllers':
        return device !== null && CONTROLLERS.has(device.type);
      case 'programming-devices':
        return device?.programming ?? false;
      case 'scanners':
        return device?.scanner ?? false;
      case 'unauthorised':
        return device !== null && !device.authorised;
    }
  }

  #hit({ rule, scene, valueOf }: RuleHit): void {
    const time = instant(scene.seconds, scene.nanoseconds);
    const protocol = PROTOCOL_BY_INDEX[scene.protocol]?.name ?? '';
    const message = filled(rule.message, (name) => {
      if (name === 'rule') return rule.name;
      if (name === 'protocol') return protocol;
      if (name === 'time') return formatInstant(time, 0);
      if (name === 'source') return this.#judge.label(scene.sender);
      if (name === 'destination') return this.#judge.label(scene.receiver);
      return valueOf(name);
    });
    if (this.dryRun) {
      const [source, destination] = [this.#judge.label(scene.sender), this.#judge.label(scene.receiver)];
      this.dryRun({ rule, time, frames: framesOf(scene), source, destination, message });
      return;
    }
    const known = this.#counts.get(rule.id);
    if (known) {
      known.count++;
      known.last = time;
    } else this.#counts.set(rule.id, { count: 1, last: time });
    if (!this.#speaks(rule, scene)) return;
    if (rule.action.kind === 'event') this.#event(rule, scene, message);
    else this.#judge.raise(scene, this.#finding(rule, scene, message));
  }

  /** A rule about what happens all the time raises its alert once a second for a pair, and writes its event once a minute. */
  #speaks({ id, action }: Rule, { sender, receiver, seconds }: Scene): boolean {
    const key = `${id} ${sender} ${receiver}`;
    const span = Math.floor(seconds / (action.kind === 'event' ? EVENT_SPAN : ALERT_SPAN));
    if (this.#spoken.get(key) === span) return false;
    if (this.#spoken.size >= MAX_ENDS) this.#spoken.clear();
    this.#spoken.set(key, span);
    return true;
  }

  #finding(rule: Rule, scene: Scene, message: string): Finding {
    return {
      type: RULE_ALERT,
      source: scene.sender,
      destination: scene.receiver,
      sourcePort: scene.senderPort,
      destinationPort: scene.receiverPort,
      protocol: scene.protocol,
      message,
      expected: `nothing for which the rule "${rule.name}" holds`,
      seen: message,
      parameters: { rule: rule.name, ruleId: rule.id },
      parameterKey: rule.id,
      severity: rule.action.severity,
    };
  }

  /** How often rules held since the last call. */
  takeCounts(): RuleCount[] {
    const counts = [...this.#counts].map(([rule, { count, last }]) => ({ rule, count, last }));
    this.#counts.clear();
    return counts;
  }
}
