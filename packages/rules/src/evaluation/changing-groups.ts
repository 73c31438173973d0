/**
 * What becomes of the windows of devices when they change their group, and when a group changes its rules. A device is counted
 * by the group it left until the window there ends; what was counted by one group is never counted by another.
 */
import { GRACE } from './compiled-rule.ts';
import type { DeviceTable } from './device-table.ts';
import { groupAt } from './group-at.ts';
import type { GroupTable } from './group-table.ts';
import type { WindowCounters } from './window-counters.ts';

const MINUTE = 60_000;

export class ChangingGroups {
  readonly #devices: DeviceTable;
  readonly #groups: GroupTable;
  /** By number of the rule type. */
  readonly #counters: readonly WindowCounters[];

  constructor(devices: DeviceTable, groups: GroupTable, counters: readonly WindowCounters[]) {
    this.#devices = devices;
    this.#groups = groups;
    this.#counters = counters;
  }

  /** Number of the group by whose rule a device is counted, -1 when it is between two. @param time milliseconds since 1970 */
  at(device: number, rule: number, time: number): number {
    const moves = this.#devices.moves.get(device);
    return moves ? groupAt(moves, (of) => this.#groups.size(of, rule), time) : this.#devices.group(device);
  }

  /** A device is about to leave its group: what no rule counts any more there is not of the next one. */
  leave(device: number, time: number): void {
    for (const rule of this.#counters.keys()) {
      const group = this.at(device, rule, time);
      if (group >= 0 && this.#groups.size(group, rule) === 0) this.#forget(device, rule, group, time);
    }
  }

  /** A rule of a group is about to get another window, or none: its windows are over. */
  end(group: number, rule: number, time: number): void {
    for (let device = 0; device < this.#devices.end; device++)
      if (this.#devices.group(device) === group || this.#devices.moves.has(device)) this.#forget(device, rule, group, time);
  }

  /** A rule of a group has got another window. A device that left may be back for its length: what others counted in it is void. */
  begin(group: number, rule: number): void {
    for (const device of this.#devices.moves.keys())
      this.#counters[rule].keep(device, (start) => this.at(device, rule, start * MINUTE) !== group);
  }

  /**
   * Windows in which this group counted a device are void. When the device is in the group now, so are those before them, but
   * for one that is not judged yet.
   */
  #forget(device: number, rule: number, group: number, time: number): void {
    const isHere = this.at(device, rule, time) === group;
    this.#counters[rule].keep(device, (start) => {
      const of = this.at(device, rule, start * MINUTE);
      if (of === group) return false;
      if (!isHere) return true;
      const size = this.#groups.size(of, rule);
      return size > 0 && (start + size) * MINUTE + GRACE > time;
    });
  }
}
