/**
 * When the sensor takes what is new for normal. A state machine on packet time, for the sensor as a whole and for each scenario:
 *
 *     learning --(a person, a time, or because little is new)--> dynamic --(7 days without anything new)--> operational
 *
 * A scenario is a type of alert between two devices, or, for what offices do (names, web) and for what devices are, a type
 * of alert in one subnet. One that learned nothing in its last seven days is operational at once; one that never learned
 * anything was always so: a pair that appears after learning is news. What is dangerous has no dynamic state at all.
 */
import type { Clock } from './clock.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { assumedNetwork } from '@annunciator/core/subnet';
import { ASPECTS } from './aspects.ts';
import { Tuples } from '@annunciator/packet/tables/tuples';

export const DAY_SECONDS = 86_400;
const WEEK_SECONDS = 7 * DAY_SECONDS;
const HOURS_OF_WEEK = 168;
/** Scenarios beyond are not followed: they are operational when learning ends. */
const MAX_SCENARIOS = 1 << 16;
const MAX_YOUNG = 1 << 16;
/** Days of the learning curve that are kept. */
const MAX_DAYS = 400;
/** More new keys than this within a day are a strong change. */
const STRONG_CHANGE = 5;
/** Learning is stable when a week brought less than this share of what is known. */
const STABLE_SHARE = 0.01;

export interface LearningSettings {
  /** `fixed`: after `days`; `stable`: when a week brought less than 1 % new, not before `days`; `manual`: when a person says so. */
  readonly end: 'manual' | 'fixed' | 'stable';
  readonly days: number;
  /** After learning, scenarios that still change go on learning until they come to rest. */
  readonly dynamic: boolean;
  /** The same for the behaviour of offices and people (Smart IT Learning). */
  readonly smartIt: boolean;
  /** Days for which the ordinary traffic of a device that appears after learning is learned; 0 for none. */
  readonly newDeviceDays: number;
}

/** Operational at once: what an analysis of captures needs. */
export const OPERATIONAL_AT_ONCE: LearningSettings = { end: 'manual', days: 0, dynamic: false, smartIt: false, newDeviceDays: 0 };
/** What a sensor on a network begins with. */
export const ON_A_NETWORK: LearningSettings = { end: 'fixed', days: 14, dynamic: true, smartIt: true, newDeviceDays: 7 };

export type LearningState = 'learning' | 'dynamic' | 'operational';

export interface ScenarioView {
  readonly alert: string;
  /** Two devices, or a subnet. */
  readonly scope: string;
  readonly state: LearningState;
  /** More than five new keys within the last day, though learning is over. */
  readonly changing: boolean;
  /** Keys it has learned, and the seconds of the first and last of them. */
  readonly keys: number;
  readonly first: number;
  readonly last: number;
}

interface Scenario {
  readonly alert: string;
  readonly scope: string;
  readonly it: boolean;
  keys: number;
  first: number;
  last: number;
  /** Seconds of the last new keys since learning ended, one more than make a strong change. */
  readonly recent: number[];
}

export interface LearningDay {
  /** Days since 1970, packet time. */
  readonly day: number;
  /** Keys that were new on it, and all that were known at its end. */
  fresh: number;
  known: number;
}

/** What outlives a restart. */
export interface LearningMemory {
  readonly on: boolean;
  readonly since: number;
  readonly ended: number;
  readonly scenarios: readonly (Omit<ScenarioView, 'state' | 'changing'> & { readonly it: boolean })[];
  /** Hour of packet time and new keys in it, for the last week. */
  readonly hours: readonly (readonly [number, number])[];
  readonly days: readonly LearningDay[];
  /** Ids of young devices, and the second at which they have grown up. */
  readonly young: readonly (readonly [string, number])[];
}

export class Learning {
  settings: LearningSettings = OPERATIONAL_AT_ONCE;
  /** Scenarios and devices that found no place. */
  refused = 0;
  #on = true;
  /** Second of the first packet since learning began; 0 before. */
  #since = 0;
  #ended = 0;
  #nextLook = 0;
  readonly #scenarios = new Map<string, Scenario>();
  /** Scenarios by aspect, ends and state of the names: those that were looked for of late, found without making up their names. */
  readonly #found: Scenario[] = [];
  readonly #foundRows = new Tuples(MAX_SCENARIOS);
  readonly #hours = new Map<number, number>();
  /** Keys learned in the hour of the last one; they are in the map when another hour begins, and when somebody asks. */
  #hour = -1;
  #inHour = 0;
  readonly #days: LearningDay[] = [];
  readonly #young = new Map<number, number>();
  /** Second of the last new key, of IT scenarios and of the others. */
  #lastIt = 0;
  #lastOther = 0;
  #fresh = 0;
  readonly #inventory: Inventory;
  readonly #clock: Clock;
  readonly #known: () => number;

  /** @param known how many keys the baseline holds */
  constructor(inventory: Inventory, clock: Clock, known: () => number) {
    this.#inventory = inventory;
    this.#clock = clock;
    this.#known = known;
  }

  /** The sensor as a whole learns. */
  get on(): boolean {
    return this.#on;
  }

  set on(on: boolean) {
    if (on === this.#on) return;
    this.#on = on;
    if (on) this.#since = this.#nextLook = 0;
    else this.#ended = this.#clock.seconds;
  }

  /** Second at which learning began, and at which it ended; 0 when not yet. */
  get since(): number {
    return this.#since;
  }

  get ended(): number {
    return this.#on ? 0 : this.#ended;
  }

  get state(): LearningState {
    if (this.#on) return 'learning';
    const { seconds } = this.#clock;
    const { dynamic, smartIt } = this.settings;
    if (dynamic && this.#lastOther !== 0 && seconds - this.#lastOther < WEEK_SECONDS) return 'dynamic';
    if (smartIt && this.#lastIt !== 0 && seconds - this.#lastIt < WEEK_SECONDS) return 'dynamic';
    return 'operational';
  }

  /** Second at which learning ends by itself; 0 when nobody can say. */
  get ends(): number {
    return this.#on && this.settings.end === 'fixed' && this.#since !== 0 ? this.#since + this.settings.days * DAY_SECONDS : 0;
  }

  /** A packet comes: true when learning is over by the settings. */
  isOver(seconds: number): boolean {
    if (!this.#on || seconds < this.#nextLook) return false;
    if (this.#since === 0) this.#since = seconds;
    const { end, days } = this.settings;
    if (end === 'manual') return false;
    const earliest = this.#since + (end === 'stable' ? Math.max(days * DAY_SECONDS, WEEK_SECONDS) : days * DAY_SECONDS);
    if (seconds < earliest) {
      this.#nextLook = Math.min(earliest, seconds + 3600);
      return false;
    }
    if (end === 'fixed') return true;
    this.#nextLook = seconds + 3600;
    return this.freshInWeek(seconds) < STABLE_SHARE * this.#known();
  }

  /** New keys of the seven days up to a second. */
  freshInWeek(seconds: number): number {
    this.#closeHour();
    const oldest = Math.floor(seconds / 3600) - HOURS_OF_WEEK;
    let sum = 0;
    for (const [hour, count] of this.#hours) if (hour > oldest) sum += count;
    return sum;
  }

  /** May a key that is not known be learned now, although learning is over? */
  admits(aspect: number, who: number, whom: number): boolean {
    if (this.#isYoung(who) || this.#isYoung(whom)) return true;
    const { it } = ASPECTS[aspect];
    if (!(it ? this.settings.smartIt : this.settings.dynamic)) return false;
    const scenario = this.#scenarios.get(this.#keyOf(aspect, who, whom));
    return scenario !== undefined && this.#clock.seconds - scenario.last < WEEK_SECONDS;
  }

  /** A key was learned. */
  learned(aspect: number, who: number, whom: number): void {
    const { seconds } = this.#clock;
    this.#count(seconds);
    // What young devices bring says nothing about the scenarios of the others.
    if (!this.#on && (this.#isYoung(who) || this.#isYoung(whom))) return;
    const scenario = this.#scenarioOf(aspect, who, whom, seconds);
    if (!scenario) {
      this.refused++;
      return;
    }
    scenario.keys++;
    scenario.last = seconds;
    if (scenario.it) this.#lastIt = seconds;
    else this.#lastOther = seconds;
    if (this.#on) return;
    const { recent } = scenario;
    if (recent.length > STRONG_CHANGE) recent.shift();
    recent.push(seconds);
  }

  /** Scenario of a key, made when it is the first of its kind; undefined when there is no room. */
  #scenarioOf(aspect: number, who: number, whom: number, seconds: number): Scenario | undefined {
    const { renamed } = this.#inventory;
    const row = this.#foundRows.find(aspect, who, whom, renamed, 0);
    if (row >= 0) return this.#found[row];
    const key = this.#keyOf(aspect, who, whom);
    let scenario = this.#scenarios.get(key);
    if (!scenario) {
      if (this.#scenarios.size >= MAX_SCENARIOS) return undefined;
      const { alert, it } = ASPECTS[aspect];
      scenario = { alert, scope: this.#scopeOf(aspect, who, whom), it, keys: 0, first: seconds, last: seconds, recent: [] };
      this.#scenarios.set(key, scenario);
    }
    const made = this.#foundRows.insert(aspect, who, whom, renamed, 0);
    if (made >= 0) this.#found[made] = scenario;
    else this.#foundRows.clear();
    return scenario;
  }

  /** Puts what was counted in this hour into the map; hours of more than a week ago go. */
  #closeHour(): void {
    if (this.#inHour === 0) return;
    this.#hours.set(this.#hour, (this.#hours.get(this.#hour) ?? 0) + this.#inHour);
    this.#inHour = 0;
    for (const known of this.#hours.keys()) if (known <= this.#hour - HOURS_OF_WEEK) this.#hours.delete(known);
  }

  #count(seconds: number): void {
    const hour = Math.floor(seconds / 3600);
    if (hour !== this.#hour) {
      this.#closeHour();
      this.#hour = hour;
    }
    this.#inHour++;
    const day = Math.floor(seconds / DAY_SECONDS);
    this.#fresh++;
    const today = this.#days.at(-1);
    if (today?.day === day) {
      today.fresh++;
      today.known = this.#known();
      return;
    }
    this.#days.push({ day, fresh: 1, known: this.#known() });
    if (this.#days.length > MAX_DAYS) this.#days.shift();
  }

  /** A device appeared that the baseline does not know: it has days of its own. */
  appeared(party: number): void {
    const { newDeviceDays } = this.settings;
    if (this.#on || newDeviceDays === 0) return;
    if (this.#young.size >= MAX_YOUNG) {
      this.refused++;
      return;
    }
    this.#young.set(party, this.#clock.seconds + newDeviceDays * DAY_SECONDS);
  }

  /** Two parties are one device. */
  merge(from: number, to: number): void {
    const until = this.#young.get(from);
    if (until === undefined) return;
    this.#young.delete(from);
    this.#young.set(to, until);
  }

  #isYoung(party: number): boolean {
    if (this.#young.size === 0) return false;
    const until = this.#young.get(party);
    if (until === undefined) return false;
    if (this.#clock.seconds < until) return true;
    this.#young.delete(party);
    return false;
  }

  #keyOf(aspect: number, who: number, whom: number): string {
    return `${ASPECTS[aspect].alert} ${this.#scopeOf(aspect, who, whom)}`;
  }

  #scopeOf(aspect: number, who: number, whom: number): string {
    const { it, between } = ASPECTS[aspect];
    if (!it && between === 'pair') return `${this.#inventory.nameOf(who)} -> ${this.#inventory.nameOf(whom)}`;
    const name = this.#inventory.nameOf(who);
    return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(name) || name.startsWith('(') ? 'devices without an IP address' : assumedNetwork(name);
  }

  /** Every scenario, those that changed last first. */
  scenarios(): ScenarioView[] {
    const { seconds } = this.#clock;
    return [...this.#scenarios.values()]
      .sort((x, y) => y.last - x.last)
      .map(({ alert, scope, it, keys, first, last, recent }) => {
        const follows = it ? this.settings.smartIt : this.settings.dynamic;
        const state = this.#on ? 'learning' : follows && seconds - last < WEEK_SECONDS ? 'dynamic' : 'operational';
        const changing = recent.length > STRONG_CHANGE && seconds - recent[0] < DAY_SECONDS;
        return { alert, scope, state, changing, keys, first, last };
      });
  }

  /** Day by day: how much was new, and how much was known. */
  get days(): readonly LearningDay[] {
    return this.#days;
  }

  /** Keys learned in this run. */
  get fresh(): number {
    return this.#fresh;
  }

  memory(): LearningMemory {
    this.#closeHour();
    const young: [string, number][] = [];
    for (const [party, until] of this.#young) if (until > this.#clock.seconds) young.push([this.#inventory.nameOf(party), until]);
    return {
      on: this.#on,
      since: this.#since,
      ended: this.#ended,
      scenarios: [...this.#scenarios.values()].map(({ recent: _recent, ...scenario }) => scenario),
      hours: [...this.#hours],
      days: this.#days.map((day) => ({ ...day })),
      young,
    };
  }

  restore(memory: LearningMemory): void {
    this.#on = memory.on;
    this.#since = memory.since;
    this.#ended = memory.ended;
    this.#foundRows.clear();
    for (const { alert, scope, it, keys, first, last } of memory.scenarios) {
      if (this.#scenarios.size >= MAX_SCENARIOS) break;
      this.#scenarios.set(`${alert} ${scope}`, { alert, scope, it, keys, first, last, recent: [] });
      if (it) this.#lastIt = Math.max(this.#lastIt, last);
      else this.#lastOther = Math.max(this.#lastOther, last);
    }
    for (const [hour, count] of memory.hours.slice(-HOURS_OF_WEEK)) this.#hours.set(hour, count);
    for (const day of memory.days.slice(-MAX_DAYS)) this.#days.push({ ...day });
    for (const [id, until] of memory.young.slice(0, MAX_YOUNG)) this.#young.set(this.#inventory.byName(id), until);
  }
}
