/**
 * The slow twin of the evaluation: remembers every count by name, looks at every device at every minute, and has no pages,
 * no pointers and no snapshots. What both find must be the same.
 */
import { RULE_TYPES } from '../src/custom-alerts/rule-types.ts';
import { groupKey, type Membership } from '../src/groups/membership.ts';
import { isListRule, type SecurityGroup, type WindowRule } from '../src/groups/security-group.ts';
import { parseTimeWindow } from '../src/groups/time-window.ts';

const MINUTE = 60_000;
const GRACE = 30_000;

interface Device {
  since: number;
  enabled: boolean;
  group: string;
  moves: { group: string; at: number }[];
}

interface Saved {
  rule: WindowRule;
  size: number;
  since: number;
  /** Windows up to here are judged for too few. */
  judged: number;
}

export interface Found {
  readonly device: string;
  readonly rule: number;
  readonly bound: 'max' | 'min';
  readonly start: number;
  readonly size: number;
  readonly group: string;
}

export class SlowEvaluation {
  readonly found = new Map<string, Found & { count: number }>();
  readonly #devices = new Map<string, Device>();
  readonly #groups = new Map<string, Map<number, Saved>>();
  readonly #counts = new Map<string, number>();
  readonly #gaps: { from: number; to: number }[] = [];
  #now = 0;

  setGroup(saved: SecurityGroup): void {
    this.advance(saved.savedAt);
    const key = groupKey(saved.name);
    const before = this.#groups.get(key) ?? new Map<number, Saved>();
    const after = new Map<number, Saved>();
    for (const rule of saved.rules) {
      if (isListRule(rule) || !rule.isEnabled) continue;
      const number = RULE_TYPES.findIndex(({ name }) => name === rule.ruleType);
      const size = parseTimeWindow(rule.timeWindowSize) ?? 0;
      const earlier = before.get(number);
      const same = earlier?.size === size;
      const sameRange = same && earlier.rule.minThreshold === rule.minThreshold && earlier.rule.maxThreshold === rule.maxThreshold;
      after.set(number, { rule, size, since: sameRange ? earlier.since : saved.savedAt, judged: same ? earlier.judged : 0 });
    }
    for (const [number, { size }] of before) {
      if (after.get(number)?.size === size) continue;
      for (const id of this.#devices.keys()) this.#drop(id, number, key);
    }
    this.#groups.set(key, after);
    // A device may have to wait for the end of a window that is new: what it counted elsewhere is not of this one.
    for (const [number, { size }] of after)
      if (before.get(number)?.size !== size)
        for (const count of this.#counts.keys()) {
          const [id, rule, start] = count.split('/');
          if (Number(rule) === number && this.#groupAt(id, number, Number(start) * MINUTE) === key) this.#counts.delete(count);
        }
  }

  setDevice(id: string, { group, enabled }: Pick<Membership, 'group' | 'enabled'>, at: number): void {
    this.advance(at);
    const key = groupKey(group);
    const device = this.#devices.get(id);
    if (!device) {
      this.#devices.set(id, { since: at, enabled, group: key, moves: [{ group: key, at: -1 }] });
      return;
    }
    if (enabled && !device.enabled) device.since = at;
    device.enabled = enabled;
    if (device.group !== key) {
      for (let number = 0; number < RULE_TYPES.length; number++) {
        const running = this.#groupAt(id, number, at);
        if (running === null || this.#groups.get(running)?.has(number)) continue;
        this.#drop(id, number, running);
      }
      device.moves.push({ group: key, at });
    }
    device.group = key;
  }

  /** Windows in which a group counted a device are void. When it is in the group now, so are those before, but for one to be judged. */
  #drop(id: string, number: number, group: string): void {
    const isHere = this.#groupAt(id, number, this.#now) === group;
    for (const key of this.#counts.keys()) {
      const [device, rule, start] = key.split('/');
      if (device !== id || Number(rule) !== number) continue;
      const of = this.#groupAt(id, number, Number(start) * MINUTE);
      const size = of === null ? 0 : (this.#groups.get(of)?.get(number)?.size ?? 0);
      const isOver = size === 0 || (Number(start) + size) * MINUTE + GRACE <= this.#now;
      if (of === group || (isHere && isOver)) this.#counts.delete(key);
    }
  }

  removeDevice(id: string): void {
    this.#devices.delete(id);
    for (const count of this.#counts.keys()) if (count.startsWith(`${id}/`)) this.#counts.delete(count);
  }

  gap(from: number, to: number): void {
    this.#gaps.push({ from, to });
  }

  count(id: string, number: number, time: number, amount: number): void {
    this.advance(time);
    if (!this.#devices.has(id)) return;
    const group = this.#groupAt(id, number, time);
    const saved = group === null ? undefined : this.#groups.get(group)?.get(number);
    if (!saved || group === null) return;
    const start = Math.floor(time / MINUTE / saved.size) * saved.size;
    const key = `${id}/${number}/${start}`;
    const count = (this.#counts.get(key) ?? 0) + amount;
    this.#counts.set(key, count);
    const name = `${key}/${saved.size}`;
    const raised = this.found.get(name);
    if (raised?.bound === 'max') raised.count = Math.max(raised.count, count);
    else if (count > saved.rule.maxThreshold)
      this.found.set(name, { device: id, rule: number, bound: 'max', start, size: saved.size, group, count });
  }

  /** Minute for minute: the old group until its window ends, then nothing until a window of the new one begins. */
  #groupAt(id: string, number: number, time: number): string | null {
    const moves = this.#devices.get(id)?.moves ?? [];
    const sizeOf = (group: string): number => this.#groups.get(group)?.get(number)?.size ?? 0;
    const later = moves.slice(1);
    if (later.length === 0) return moves[0]?.group ?? null;
    let running: string | null = moves[0].group;
    let wanted = moves[0].group;
    const turn = (at: number): void => {
      const ends = (size: number): boolean => size === 0 || at % (size * MINUTE) === 0;
      if (running !== null && running !== wanted && ends(sizeOf(running))) running = null;
      if (running === null && ends(sizeOf(wanted))) running = wanted;
    };
    const instants = new Set(later.map(({ at }) => at));
    for (let at = Math.floor(later[0].at / MINUTE) * MINUTE; at <= time; at += MINUTE) instants.add(at);
    // A boundary comes before a move at the same instant; what has no window changes at once.
    for (const at of [...instants].sort((a, b) => a - b)) {
      if (at > time) break;
      if (at % MINUTE === 0) turn(at);
      for (const move of later.filter((one) => one.at === at)) {
        const moving = wanted !== move.group;
        wanted = move.group;
        if (moving && running !== null && running !== wanted && sizeOf(running) === 0) running = wanted;
        if (running === null && (sizeOf(wanted) === 0 || at % (sizeOf(wanted) * MINUTE) === 0)) running = wanted;
      }
    }
    return running;
  }

  advance(now: number): void {
    this.#now = Math.max(this.#now, now);
    for (const [group, rules] of this.#groups)
      for (const [number, saved] of rules) {
        const { size, rule, since } = saved;
        for (let start = Math.floor(since / MINUTE / size) * size; (start + size) * MINUTE + GRACE <= this.#now; start += size) {
          if (start < saved.judged) continue;
          saved.judged = start + size;
          const [from, to] = [start * MINUTE, (start + size) * MINUTE];
          if (from < since || this.#gaps.some((gap) => gap.from < to && gap.to > from)) continue;
          for (const [id, device] of this.#devices) {
            if (!device.enabled || device.since > from || this.#groupAt(id, number, from) !== group) continue;
            const count = this.#counts.get(`${id}/${number}/${start}`) ?? 0;
            const name = `${id}/${number}/${start}/${size}`;
            // What was told for too many stays so, whatever a change of the groups makes void afterwards.
            if (count < rule.minThreshold && !this.found.has(name))
              this.found.set(name, { device: id, rule: number, bound: 'min', start, size, group, count });
          }
        }
      }
  }
}
