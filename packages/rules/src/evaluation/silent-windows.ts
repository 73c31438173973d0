/** Windows that are over and in which a device did too little. Windows that a gap touches are not judged. */
import { HUB_RULES } from '../custom-alerts/rule-types.ts';
import type { AgentWindows } from './agent-windows.ts';
import type { ChangingGroups } from './changing-groups.ts';
import { type CompiledWindow, GRACE } from './compiled-rule.ts';
import type { DeviceTable } from './device-table.ts';
import { type Finding, windowFinding } from './finding.ts';
import type { GroupTable } from './group-table.ts';
import type { WindowCounters } from './window-counters.ts';

const MINUTE = 60_000;
/** The longest that agents may be late, minutes. */
export const MOST_LATENESS = 1440;

/** A stretch of time in which the hub saw nothing, or not all: milliseconds since 1970. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** Evaluation was switched off: what happened then does not count. */
  readonly isOff?: boolean;
}

/** What decides whether a device did enough. */
interface Judged {
  readonly devices: DeviceTable;
  readonly groups: GroupTable;
  readonly changing: ChangingGroups;
  /** By number of the rule type. */
  readonly counters: readonly WindowCounters[];
  readonly agentWindows: AgentWindows;
}

export class SilentWindows {
  readonly #judged: Judged;
  readonly #tell: (finding: Finding) => void;
  readonly #atOnce: number;
  gaps: Gap[] = [];
  /** Findings beyond what one rule may tell at once. */
  notTold = 0;

  /** @param atOnce findings that one window of a rule may tell */
  constructor(judged: Judged, tell: (finding: Finding) => void, atOnce: number) {
    this.#judged = judged;
    this.#tell = tell;
    this.#atOnce = atOnce;
  }

  /** How long windows stay open for the agent of a device, minutes. */
  lateness(device: number): number {
    return latenessOf(this.#judged.devices.agentMinutes(device));
  }

  /** Judges the windows of a rule of a group that are over. @param now milliseconds since 1970 */
  judge(group: number, rule: CompiledWindow, now: number): void {
    if (rule.number < HUB_RULES) this.#judgeDue(group, rule, 0, now - GRACE, () => true);
    else
      for (const lateness of new Set(Array.from(this.#judged.devices.agentIntervals(), latenessOf)))
        this.#judgeDue(group, rule, lateness, now - lateness * MINUTE, (device) => this.lateness(device) === lateness);
  }

  #judgeDue(group: number, rule: CompiledWindow, lateness: number, until: number, concerned: (device: number) => boolean): void {
    const length = rule.size * MINUTE;
    let start = rule.next.get(lateness) ?? Math.ceil(rule.since / length) * rule.size;
    for (; start * MINUTE + length <= until; start += rule.size) {
      const gap = this.gaps.find(({ from, to }) => from < start * MINUTE + length && to > start * MINUTE);
      // To the last window that the gap touches; the next round goes on behind it.
      if (gap) start = Math.max(start, Math.floor((gap.to - 1) / length) * rule.size);
      else if (start * MINUTE >= rule.since) this.#judgeWindow(group, rule, start, concerned);
    }
    rule.next.set(lateness, start);
  }

  #judgeWindow(group: number, rule: CompiledWindow, start: number, concerned: (device: number) => boolean): void {
    const { devices, groups, changing, agentWindows } = this.#judged;
    const from = start * MINUTE;
    const end = from + rule.size * MINUTE;
    const hub = rule.number < HUB_RULES;
    const counters = this.#judged.counters[rule.number];
    const groupName = groups.at(group).name;
    let told = 0;
    for (let device = 0; device < devices.end; device++) {
      if (!devices.isEnabled(device) || devices.since(device) > from) continue;
      if (changing.at(device, rule.number, from) !== group || !concerned(device)) continue;
      const count = hub ? counters.get(device, start) : agentWindows.count(device, rule.number, start);
      if (count >= rule.min) continue;
      if (++told > this.#atOnce) this.notTold++;
      else this.#tell(windowFinding(devices.id(device), groupName, rule, { start, count, time: end, bound: 'min' }));
    }
  }
}

function latenessOf(agentMinutes: number): number {
  return Math.min(2 * agentMinutes, MOST_LATENESS);
}
