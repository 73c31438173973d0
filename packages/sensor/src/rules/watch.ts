/**
 * Follows the message under the cursor for the custom rules: gathers the values that rules of its protocol read, and asks the
 * rules when the message is over. Hot code in so far as `begin` runs for each message of a protocol that has rules; messages of
 * all others cost one look into `watched`.
 *
 * A message may hold several items (the registers of a write, the variables of a request). The rules are asked about each
 * item with what is known of the whole message: when the next one begins, the values of the last one go. An item begins
 * with another value of an aspect that is about items, and with a detail whose number does not go up.
 */
import type { TextTable } from '@annunciator/packet/tables/text-table';
import type { Fact } from '@annunciator/protocols/facts';
import { DETAILS } from '@annunciator/protocols/details';
import { partOf } from '../baseline/entry.ts';
import { moment, type Scene } from '../engines/scene.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { OperationName } from '../path/operation-names.ts';
import { type CompiledRule, compileRules, MAX_SLOTS, type Values } from './compile.ts';
import { valuesOf } from './fact-values.ts';
import { DETAIL_NUMBERS, type Plan, planOf } from './plan.ts';
import type { Rule, RuleSettings } from './rule.ts';
import { SiteClock } from './schedule.ts';

const PROTOCOL_SLOTS = 128;
/** 1 for details of items, by number. */
const OF_ITEM = new Uint8Array(DETAIL_NUMBERS);
for (const { number, item } of DETAILS) if (item) OF_ITEM[number] = 1;

/** A rule holds for a message. */
export interface RuleHit {
  readonly rule: Rule;
  /** Where and when; the object is used again for the next message. */
  readonly scene: Scene;
  /** A value of the message as people read it; undefined when it has none. */
  readonly valueOf: (name: string) => string | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class RuleWatch implements Values {
  /** Some rule reads what facts tell. */
  listens = false;
  /** 1 for protocols that have rules, by index. */
  readonly watched = new Uint8Array(PROTOCOL_SLOTS);
  readonly present = new Uint8Array(MAX_SLOTS + 1);
  readonly numbers = new Float64Array(MAX_SLOTS + 1);
  readonly highs = new Float64Array(MAX_SLOTS + 1);
  readonly texts: string[] = Array.from({ length: MAX_SLOTS + 1 }, () => '');
  readonly #lists: (readonly string[] | undefined)[] = Array.from({ length: MAX_SLOTS + 1 }, () => undefined);
  readonly #plans: (Plan | undefined)[] = [];
  readonly #inventory: Inventory;
  readonly #texts: TextTable;
  readonly #hit: (hit: RuleHit) => void;
  readonly #operationName: OperationName;
  /** True when the ends of a message fit a rule. */
  readonly #ends: (rule: Rule, scene: Scene) => boolean;
  #plan: Plan | undefined;
  #candidates: readonly CompiledRule[] = [];
  #message = 0;
  #code = 0;
  /** Number of the last detail of the item under the cursor; 0 when it has none. */
  #detail = 0;
  /** Of the message under the cursor; a rule is about one message, so that a request before it does not count. */
  readonly #scene: Mutable<Scene> = moment(0);

  constructor(options: {
    readonly inventory: Inventory;
    readonly texts: TextTable;
    readonly operationName: OperationName;
    readonly ends: (rule: Rule, scene: Scene) => boolean;
    readonly hit: (hit: RuleHit) => void;
  }) {
    this.#inventory = options.inventory;
    this.#texts = options.texts;
    this.#operationName = options.operationName;
    this.#ends = options.ends;
    this.#hit = options.hit;
  }

  /** Replaces the rules. */
  setRules(rules: readonly Rule[], settings: RuleSettings): void {
    this.watched.fill(0);
    this.#plans.length = 0;
    this.#plan = undefined;
    this.listens = false;
    for (const [protocol, own] of compileRules(rules, settings, new SiteClock(settings.timeZone))) {
      this.watched[protocol] = 1;
      const plan = planOf(own);
      this.#plans[protocol] = plan;
      this.listens ||= plan.facts;
    }
  }

  /**
   * A message of a watched protocol begins. False when no rule can concern it: then its values need not be stated.
   */
  begin(scene: Scene, protocol: number, code: number, role: number): boolean {
    const plan = this.#plans[protocol];
    if (plan === undefined) return false;
    const { byCode, others, definitions } = plan.rules;
    const candidates = byCode.get(code) ?? others;
    if (candidates.length === 0) return false;
    this.#plan = plan;
    this.#candidates = candidates;
    this.#message++;
    this.#code = code;
    this.#detail = 0;
    const { present } = this;
    for (let slot = 0; slot < definitions.length; slot++) present[slot] = 0;
    const here = this.#scene;
    here.seconds = scene.seconds;
    here.nanoseconds = scene.nanoseconds;
    here.frame = scene.frame;
    here.firstFrame = scene.firstFrame;
    here.sender = scene.sender;
    here.receiver = scene.receiver;
    here.senderPort = scene.senderPort;
    here.receiverPort = scene.receiverPort;
    here.actor = scene.actor;
    here.target = scene.target;
    here.toServer = scene.toServer;
    here.toGroup = scene.toGroup;
    here.protocol = protocol;
    here.flow = scene.flow;
    if (plan.code >= 0 && code !== NO_CODE) this.#set(plan.code, code, code);
    if (plan.role >= 0 && role !== 0) this.#set(plan.role, role, role);
    if (plan.toServer >= 0) this.#set(plan.toServer, scene.toServer ? 1 : 0, scene.toServer ? 1 : 0);
    if (plan.sourcePort >= 0) this.#set(plan.sourcePort, scene.senderPort, scene.senderPort);
    if (plan.destinationPort >= 0) this.#set(plan.destinationPort, scene.receiverPort, scene.receiverPort);
    if (plan.operation >= 0 && code !== NO_CODE) this.#setText(plan.operation, this.#operationName(protocol, code));
    // The addresses of both ends are looked up when a rule asks.
    if (plan.source >= 0) this.#setText(plan.source, '');
    if (plan.destination >= 0) this.#setText(plan.destination, '');
    return true;
  }

  use(aspect: number, a: number, b: number): void {
    const parts = this.#plan?.aspects[aspect];
    if (!parts) return;
    for (const { slot, field } of parts) {
      const value = partOf(field, a, b);
      if (this.#detail > 0 || !(field.text ? this.#fitsText(slot, this.#texts.text(value)) : this.#fits(slot, value, value))) {
        if (this.#plan?.perItem[slot] === 1) this.#nextItem();
        break;
      }
    }
    for (const { slot, field } of parts) {
      const value = partOf(field, a, b);
      if (field.text) this.#setText(slot, this.#texts.text(value));
      else this.#set(slot, value, value);
    }
  }

  useRange(aspect: number, key: number, first: number, count: number): void {
    this.use(aspect, key, 0);
    const slot = this.#plan?.items[aspect] ?? -1;
    if (slot < 0) return;
    const last = first + Math.max(count, 1) - 1;
    if (this.#detail > 0 || !this.#fits(slot, first, last)) this.#nextItem();
    this.#set(slot, first, last);
  }

  detail(detail: number, low: number, high: number): void {
    if (OF_ITEM[detail] === 1) this.#inItem(detail);
    const slot = this.#plan?.details[detail] ?? -1;
    if (slot >= 0) this.#set(slot, low, high);
  }

  detailText(detail: number, text: string): void {
    if (OF_ITEM[detail] === 1) this.#inItem(detail);
    const slot = this.#plan?.details[detail] ?? -1;
    if (slot >= 0) this.#setText(slot, text);
  }

  #inItem(detail: number): void {
    if (detail <= this.#detail) this.#nextItem();
    this.#detail = detail;
  }

  /**
   * Takes in what a fact tells. One that comes before any message, or about another protocol than it, is a message of its own.
   * Returns whether a message is under the cursor.
   */
  tell(scene: Scene, fact: Fact): boolean {
    const protocol = 'protocol' in fact ? fact.protocol : scene.protocol;
    if (this.watched[protocol] === 0) return this.#plan !== undefined;
    if (this.#plan === undefined || this.#scene.protocol !== protocol) {
      this.end();
      if (!this.begin(scene, protocol, NO_CODE, 0)) return false;
    }
    const plan = this.#plan;
    if (!plan?.facts) return true;
    valuesOf(fact, (name, value) => {
      const slot = plan.rules.slots.get(name);
      if (slot === undefined) return;
      if (typeof value === 'number') this.#set(slot, value, value);
      else if (typeof value === 'string') this.#setText(slot, value);
      else {
        this.#setText(slot, '');
        this.#lists[slot] = value;
      }
    });
    return true;
  }

  /** The message is over. */
  end(): void {
    if (this.#plan === undefined) return;
    this.#ask();
    this.#plan = undefined;
  }

  /** A conversation begins: a message without content. */
  conversation(scene: Scene, protocol: number): void {
    if (this.watched[protocol] !== 0 && this.begin(scene, protocol, 0, 0)) this.end();
  }

  /** False when the item under the cursor has another value there. */
  #fits(slot: number, low: number, high: number): boolean {
    if (this.#plan?.perItem[slot] !== 1 || this.present[slot] === 0) return true;
    return this.numbers[slot] === low && this.highs[slot] === high;
  }

  #fitsText(slot: number, text: string): boolean {
    return this.#plan?.perItem[slot] !== 1 || this.present[slot] === 0 || this.texts[slot] === text;
  }

  #set(slot: number, low: number, high: number): void {
    this.present[slot] = 1;
    this.numbers[slot] = low;
    this.highs[slot] = high;
  }

  #setText(slot: number, text: string): void {
    this.present[slot] = 1;
    this.texts[slot] = text;
    this.#lists[slot] = undefined;
  }

  #nextItem(): void {
    this.#ask();
    this.#detail = 0;
    const perItem = this.#plan?.perItem ?? NOTHING;
    for (let slot = 0; slot < perItem.length; slot++) if (perItem[slot] === 1) this.present[slot] = 0;
  }

  #ask(): void {
    for (const rule of this.#candidates) {
      if (rule.fired === this.#message) continue;
      if (rule.test !== null && !rule.test(this)) continue;
      if (rule.holds !== null && !rule.holds(this.#scene.seconds)) continue;
      if (!this.#ends(rule.rule, this.#scene)) continue;
      rule.fired = this.#message;
      this.#hit({ rule: rule.rule, scene: this.#scene, valueOf: (name) => this.#valueOf(name) });
    }
  }

  addresses(slot: number): readonly string[] {
    const plan = this.#plan;
    if (plan && (slot === plan.source || slot === plan.destination))
      return addressesOf(this.#inventory, slot === plan.source ? this.#scene.sender : this.#scene.receiver);
    return this.#lists[slot] ?? (this.texts[slot] === '' ? [] : [this.texts[slot]]);
  }

  #valueOf(name: string): string | undefined {
    const plan = this.#plan;
    const slot = plan?.rules.slots.get(name);
    if (!plan || slot === undefined || this.present[slot] === 0) return undefined;
    const { kind, words } = plan.rules.definitions[slot];
    if (kind === 'text') return this.texts[slot];
    if (kind === 'address') return this.addresses(slot)[0];
    const [low, high] = [this.numbers[slot], this.highs[slot]];
    return low === high ? (words[low] ?? String(low)) : `${low}-${high}`;
  }

  /** Name of the operation of the message under the cursor. */
  get operation(): string {
    return this.#operationName(this.#scene.protocol, this.#code);
  }
}

const NOTHING = new Uint8Array(0);
/** Of facts without a message: no operation has this code. */
const NO_CODE = -1;

/** All addresses of a party. */
export function addressesOf(inventory: Inventory, party: number): readonly string[] {
  const { device, address } = inventory.party(party);
  return device ? [...device.ips, ...device.macs] : [address];
}
