/**
 * Custom alerts of the devices of one partition: counts what happens, compares it with the rules of each device's group, and
 * tells what is out of range.
 *
 * Everything decides by the time of what it is given, so the same operations, memberships and groups give the same findings
 * again: after a crash a snapshot is taken back and the journal since then is played. Windows are aligned to 1970 in UTC.
 * Ranges include both bounds. Too many is told at once, too few when the window has ended and its grace is over.
 *
 * Hot code: `count` allocates nothing for a device that stays in range.
 */
import { HUB_RULES, ruleNumber, WINDOW_RULE_TYPES } from '../custom-alerts/rule-types.ts';
import { type AgentFact, baseName } from '../agent/agent-fact.ts';
import { groupKey, type Membership } from '../groups/membership.ts';
import { addressBits, isLoopback } from '../groups/networks.ts';
import type { SecurityGroup } from '../groups/security-group.ts';
import type { PastDevice } from '../history/device-windows.ts';
import { ActivityHistory } from '../history/activity-history.ts';
import type { HubOperation } from '../hub-operation.ts';
import { type AgentWindow, AgentWindows } from './agent-windows.ts';
import { ChangingGroups } from './changing-groups.ts';
import { compile, type CompiledList, type CompiledWindow, GRACE, windowSize } from './compiled-rule.ts';
import { countedBy } from './counted-operation.ts';
import { DeviceTable, type Move } from './device-table.ts';
import { type Finding, windowFinding } from './finding.ts';
import { groupAt } from './group-at.ts';
import { GroupTable, type SavedGroup } from './group-table.ts';
import { type Listed, ListedValues } from './listed-values.ts';
import { type Gap, MOST_LATENESS, SilentWindows } from './silent-windows.ts';
import { WindowCounters } from './window-counters.ts';

export interface EvaluationLimits {
  /** Open windows of what agents report. */
  readonly agentWindows: number;
  /** Values that are not allowed, remembered for the rest of their day. */
  readonly listed: number;
  /** Findings of too few that one rule may tell at once. */
  readonly silentAtOnce: number;
  /** Different names of groups. */
  readonly groups: number;
}

export const USUAL_LIMITS: EvaluationLimits = { agentWindows: 200_000, listed: 200_000, silentAtOnce: 10_000, groups: 65_000 };

const MINUTE = 60_000;
/** Nothing depends on what lies further back: the longest window and the longest lateness twice. */
const MEMORY = 4 * 86_400_000;

/** Everything an evaluation holds, as plain data. */
export interface EvaluationSnapshot {
  readonly devices: ReturnType<DeviceTable['snapshot']>;
  readonly counters: readonly { readonly rule: number; readonly page: number; readonly bytes: Uint8Array }[];
  /** What is small: it can be JSON. */
  readonly rest: {
    readonly moves: readonly (readonly [number, readonly Move[]])[];
    readonly groups: readonly SavedGroup[];
    readonly agentWindows: ReturnType<AgentWindows['snapshot']>;
    readonly open: readonly (readonly [number, readonly Finding[]])[];
    readonly listed: readonly (readonly [string, Listed])[];
    readonly pending: readonly SecurityGroup[];
    readonly gaps: readonly Gap[];
    readonly now: number;
    readonly nextLook: number;
    readonly history: ReturnType<ActivityHistory['snapshot']>;
  };
}

/** What was not evaluated, by cause. */
export interface Omissions {
  readonly unknownDevices: number;
  readonly tooLate: number;
  readonly noRoom: number;
  readonly silentNotTold: number;
}

const CONNECTIONS = numberOf('ActiveConnectionsNotInAllowedRange');
const FAILED_LOGINS = numberOf('FailedLocalLoginsNotInAllowedRange');
const OUTBOUND = numberOf('ConnectionToIpNotAllowed');
const INBOUND = numberOf('ConnectionFromIpNotAllowed');
const USERS = numberOf('LocalUserNotAllowed');
const PROCESSES = numberOf('ProcessNotAllowed');

function numberOf(name: string): number {
  const number = ruleNumber(name);
  if (number === undefined) throw new Error(`no rule type ${name}`);
  return number;
}

export class PartitionEvaluation {
  readonly devices = new DeviceTable();
  readonly #tell: (finding: Finding) => void;
  readonly #groups: GroupTable;
  readonly #counters = WINDOW_RULE_TYPES.map(() => new WindowCounters());
  readonly history = new ActivityHistory(this.devices, this.#counters);
  readonly #changing: ChangingGroups;
  readonly #agentWindows: AgentWindows;
  /** What was raised and whose last count is still to be told, by the time at which its window is over for good. */
  readonly #open = new Map<number, Finding[]>();
  readonly #silent: SilentWindows;
  readonly #listed: ListedValues;
  /** Saved groups whose time has not come, oldest first. */
  #pending: SecurityGroup[] = [];
  #now = 0;
  #nextLook = 0;
  #unknownDevices = 0;
  #tooLate = 0;

  constructor(tell: (finding: Finding) => void, limits: EvaluationLimits = USUAL_LIMITS) {
    this.#tell = tell;
    this.#groups = new GroupTable(limits.groups);
    this.#changing = new ChangingGroups(this.devices, this.#groups, this.#counters);
    this.#agentWindows = new AgentWindows(limits.agentWindows);
    this.#silent = new SilentWindows(
      { devices: this.devices, groups: this.#groups, changing: this.#changing, counters: this.#counters, agentWindows: this.#agentWindows },
      tell,
      limits.silentAtOnce,
    );
    this.#listed = new ListedValues(tell, limits.listed);
  }

  get omissions(): Omissions {
    return {
      unknownDevices: this.#unknownDevices,
      tooLate: this.#tooLate,
      noRoom: this.#groups.refused + this.#listed.givenUp + this.#agentWindows.refused,
      silentNotTold: this.#silent.notTold,
    };
  }

  /** Rules of a group that hold from `group.savedAt` on; a group that was deleted has none. Versions that are known change nothing. */
  setGroup(group: SecurityGroup): void {
    const key = groupKey(group.name);
    const waiting = this.#pending.filter(({ name }) => groupKey(name) === key).map(({ version }) => version);
    if (group.version <= Math.max(this.#groups.at(this.#groups.number(group.name)).version, ...waiting)) return;
    this.#pending.push(group);
    this.#pending.sort((a, b) => a.savedAt - b.savedAt);
    this.#nextLook = Math.min(this.#nextLook, group.savedAt);
    if (group.savedAt <= this.#now) this.#takePending(this.#now);
  }

  /** A device was created, or its group, its status or its agent changed. @param at milliseconds since 1970 */
  setDevice(id: string, membership: Membership, at: number): void {
    this.advance(at);
    const group = this.#groups.number(membership.group);
    const known = this.devices.find(id);
    if (known >= 0 && this.devices.group(known) !== group) this.#changing.leave(known, at);
    this.devices.set(id, group, membership, at);
  }

  /** A device that exists for some time already; time does not pass by it. @param since milliseconds since 1970 */
  admitDevice(id: string, membership: Membership, since: number): void {
    this.devices.set(id, this.#groups.number(membership.group), membership, since);
  }

  removeDevice(id: string): void {
    const device = this.devices.remove(id);
    if (device < 0) return;
    this.history.forget(device);
    for (const counters of this.#counters) counters.clear(device);
    this.#agentWindows.clear((window) => window.device === device);
    this.#listed.forget(id);
  }

  /** How many devices are in each group, by name as it was first typed. */
  groupSizes(): { name: string; total: number; enabled: number }[] {
    const sizes = Array.from(this.#groups.entries(), ([, { name }]) => ({ name, total: 0, enabled: 0 }));
    const { devices } = this;
    for (let device = 0; device < devices.end; device++) {
      if (!devices.isDevice(device)) continue;
      const size = sizes[devices.group(device)];
      size.total++;
      if (devices.isEnabled(device)) size.enabled++;
    }
    return sizes.filter(({ total }) => total > 0);
  }

  /** Enabled devices of a group, and since when they are. */
  devicesOf(name: string): PastDevice[] {
    const number = this.#groups.find(name);
    const found: PastDevice[] = [];
    const { devices } = this;
    const id = devices.reader();
    for (let device = 0; device < devices.end; device++)
      if (devices.isEnabled(device) && devices.group(device) === number) found.push({ id: id(device), since: devices.since(device) });
    return found;
  }

  /** The hub was away: windows that touch this time are not judged for too few. */
  gap(gap: Gap): void {
    const { gaps } = this.#silent;
    if (!gaps.some(({ from, to }) => from === gap.from && to === gap.to)) gaps.push(gap);
  }

  /** Up to when time has passed, milliseconds since 1970. */
  get now(): number {
    return this.#now;
  }

  /** The hub's clock was set: as a gap, and time goes on from there. Milliseconds since 1970. */
  clockSet(from: number, to: number): void {
    this.gap({ from: Math.min(from, to), to: Math.max(from, to) });
    this.#now = to;
    this.#nextLook = to;
  }

  /** An operation at the hub. */
  operation(operation: HubOperation): void {
    const number = countedBy(operation);
    if (number >= 0 && operation.deviceId !== null) this.count(operation.deviceId, number, operation.time, operation.count);
  }

  /** Counts what the hub saw. @param time milliseconds since 1970 */
  count(deviceId: string, number: number, time: number, amount: number): void {
    if (time >= this.#nextLook) this.advance(time);
    const device = this.devices.find(deviceId);
    if (device < 0) {
      this.#unknownDevices++;
      return;
    }
    this.history.add(device, number, time, amount);
    const moves = this.devices.moves.size === 0 ? undefined : this.devices.moves.get(device);
    const group = moves ? groupAt(moves, (of) => this.#groups.size(of, number), time) : this.devices.group(device);
    const rule = group < 0 ? undefined : this.#groups.at(group).rules[number];
    if (rule?.kind !== 'window') return;
    const { size } = rule;
    const start = Math.floor(time / (size * MINUTE)) * size;
    const counters = this.#counters[number];
    const count = counters.add(device, start, amount);
    if (count > rule.max && counters.raise(device, start))
      this.#raise(device, group, rule, start, count, time, (start + size) * MINUTE + GRACE);
  }

  /** What the agent of a device reports. @param arrived milliseconds since 1970, the hub's clock */
  agentFacts(deviceId: string, facts: readonly AgentFact[], arrived: number): void {
    this.advance(arrived);
    const device = this.devices.find(deviceId);
    if (device < 0) {
      this.#unknownDevices++;
      return;
    }
    for (const fact of facts) this.#fact(device, fact, arrived);
  }

  #fact(device: number, fact: AgentFact, arrived: number): void {
    // Nothing happened later than it arrived, whatever the clock of the device says.
    const time = Math.min(fact.time, arrived);
    if (fact.kind === 'connection') {
      this.#countAgent(device, CONNECTIONS, time, 1, fact.tuple, arrived);
      const bits = addressBits(fact.remote);
      if (bits === undefined || isLoopback(bits)) return;
      const number = fact.direction === 'Out' ? OUTBOUND : INBOUND;
      this.history.addValue(device, number, time, arrived, fact.remote, fact.hits);
      this.#list(device, number, fact.remote, time, fact.hits, ({ prefixes }) => prefixes.some((prefix) => bits.startsWith(prefix)));
    } else if (fact.kind === 'login') {
      if (fact.succeeded) {
        this.history.addValue(device, USERS, time, arrived, fact.user, fact.hits);
        this.#list(device, USERS, fact.user, time, fact.hits, ({ values }) => values.has(fact.user));
      } else if (fact.local) this.#countAgent(device, FAILED_LOGINS, time, fact.hits, null, arrived);
    } else {
      const { executable } = fact;
      this.history.addValue(device, PROCESSES, time, arrived, executable, fact.hits);
      this.#list(
        device,
        PROCESSES,
        executable,
        time,
        fact.hits,
        ({ values }) => values.has(executable) || values.has(baseName(executable)),
      );
    }
  }

  #countAgent(device: number, number: number, time: number, amount: number, tuple: string | null, arrived: number): void {
    this.history.addLate(device, number, time, arrived, amount);
    const group = this.#changing.at(device, number, time);
    const rule = group < 0 ? undefined : this.#groups.at(group).rules[number];
    if (rule?.kind !== 'window') return;
    const start = Math.floor(time / (rule.size * MINUTE)) * rule.size;
    const due = start + rule.size + this.#silent.lateness(device);
    if (due * MINUTE <= arrived) {
      this.#tooLate++;
      return;
    }
    const window = this.#agentWindows.add(device, number, start, due, amount, tuple);
    if (!window || window.raised || window.count <= rule.max) return;
    window.raised = true;
    this.#raise(device, group, rule, start, window.count, time, due * MINUTE);
  }

  #list(device: number, number: number, value: string, time: number, hits: number, allowed: (rule: CompiledList) => boolean): void {
    const { name: group, rules } = this.#groups.at(this.devices.group(device));
    const rule = rules[number];
    if (rule?.kind !== 'list' || allowed(rule)) return;
    this.#listed.seen({ device, deviceId: this.devices.id(device), group, rule, value, time, hits });
  }

  #raise(device: number, group: number, rule: CompiledWindow, start: number, count: number, time: number, due: number): void {
    const finding = windowFinding(this.devices.id(device), this.#groups.at(group).name, rule, { start, count, time, bound: 'max' });
    this.#tell(finding);
    const open = this.#open.get(due);
    if (open) open.push(finding);
    else this.#open.set(due, [finding]);
  }

  /** Time passes: closes windows that are over, and takes in groups that were saved. @param now milliseconds since 1970 */
  advance(now: number): void {
    if (now < this.#nextLook) return;
    this.#nextLook = (Math.floor(now / 1000) + 1) * 1000;
    this.#takePending(now);
    this.#pass(now);
    this.#silent.gaps = this.#silent.gaps.filter(({ to }) => to > now - MEMORY);
    this.devices.forgetMoves(now - MEMORY);
  }

  #pass(now: number): void {
    this.#now = Math.max(this.#now, now);
    for (const [number, group] of this.#groups.entries())
      for (const rule of group.rules) if (rule?.kind === 'window' && rule.min > 0) this.#silent.judge(number, rule, now);
    this.#tellFinal(now);
    this.#agentWindows.takeDue(Math.floor(now / MINUTE), (window) => this.#dueOf(window));
    this.#listed.advance(now - MOST_LATENESS * MINUTE);
    this.history.advance(now);
  }

  /** An agent may have been told to be slower meanwhile. */
  #dueOf({ device, rule, start }: AgentWindow): number {
    return start + this.#groups.size(this.#changing.at(device, rule, start * MINUTE), rule) + this.#silent.lateness(device);
  }

  #takePending(now: number): void {
    while (this.#pending.length > 0 && this.#pending[0].savedAt <= now) {
      const [group] = this.#pending;
      this.#pending = this.#pending.slice(1);
      // Windows that were over by then are judged by the rules of before.
      if (group.savedAt > this.#now) this.#pass(group.savedAt);
      this.#install(group);
    }
  }

  #install(saved: SecurityGroup): void {
    const number = this.#groups.number(saved.name);
    const group = this.#groups.at(number);
    const before = group.rules;
    const after = compile(saved, before);
    const changed = [...this.#counters.keys()].filter((at) => windowSize(before[at]) !== windowSize(after[at]));
    // Windows of another size, or of a rule that is off, are over.
    for (const at of changed.filter((rule) => windowSize(before[rule]) > 0)) {
      this.#changing.end(number, at, this.#now);
      if (at >= HUB_RULES)
        this.#agentWindows.clear(({ device, rule }) => rule === at && this.#changing.at(device, rule, this.#now) === number);
    }
    group.name = saved.name;
    group.version = saved.version;
    group.rules = after;
    for (const at of changed.filter((rule) => windowSize(after[rule]) > 0)) this.#changing.begin(number, at);
  }

  /** Tells the last count of windows that were raised and are over. */
  #tellFinal(now: number): void {
    for (const [due, findings] of this.#open) {
      if (due > now) continue;
      this.#open.delete(due);
      for (const finding of findings) this.#tell({ ...finding, count: Math.max(finding.count, this.#countOf(finding)), final: true });
    }
  }

  #countOf({ deviceId, ruleType, windowStart }: Finding): number {
    const device = deviceId === null ? -1 : this.devices.find(deviceId);
    if (device < 0 || ruleType === null) return 0;
    const number = numberOf(ruleType);
    const start = windowStart / MINUTE;
    return number < HUB_RULES ? this.#counters[number].get(device, start) : this.#agentWindows.count(device, number, start);
  }

  /** Everything as plain copies, to be written down and taken back by {@link restore}. */
  snapshot(): EvaluationSnapshot {
    return {
      devices: this.devices.snapshot(),
      counters: this.#counters.flatMap((counters, rule) => [...counters.snapshot()].map((page) => ({ rule, ...page }))),
      rest: {
        moves: [...this.devices.moves],
        groups: this.#groups.snapshot(),
        agentWindows: this.#agentWindows.snapshot(),
        open: [...this.#open].map(([due, findings]) => [due, [...findings]]),
        listed: this.#listed.snapshot(),
        pending: [...this.#pending],
        gaps: [...this.#silent.gaps],
        now: this.#now,
        nextLook: this.#nextLook,
        history: this.history.snapshot(),
      },
    };
  }

  /** Goes on where a snapshot was taken; for an evaluation that has seen nothing yet. */
  restore({ devices, counters, rest }: EvaluationSnapshot): void {
    this.devices.restore(devices, rest.moves);
    for (const { rule, page, bytes } of counters) this.#counters[rule].restore(page, bytes);
    this.#groups.restore(rest.groups);
    this.#agentWindows.restore(rest.agentWindows);
    for (const [due, findings] of rest.open) this.#open.set(due, [...findings]);
    this.#listed.restore(rest.listed);
    this.#pending = [...rest.pending];
    this.#silent.gaps = [...rest.gaps];
    this.#now = rest.now;
    this.#nextLook = rest.nextLook;
    this.history.restore(rest.history, (id) => this.devices.find(id));
  }
}
