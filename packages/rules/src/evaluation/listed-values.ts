/** Values that a list does not allow: each is found once a day for its device, and how often it came is told from time to time. */
import { alertTypeOf, RULE_TYPES } from '../custom-alerts/rule-types.ts';
import type { CompiledList } from './compiled-rule.ts';
import { type Finding, findingId } from './finding.ts';

const DAY = 86_400_000;

export interface Listed {
  readonly finding: Finding;
  hits: number;
  told: number;
}

/** Where a value was seen that is not allowed. */
export interface Sighting {
  /** Number of the device, and its id. */
  readonly device: number;
  readonly deviceId: string;
  /** Name of its group. */
  readonly group: string;
  readonly rule: CompiledList;
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly hits: number;
}

export class ListedValues {
  readonly #tell: (finding: Finding) => void;
  readonly #most: number;
  readonly #listed = new Map<string, Listed>();
  readonly #changed = new Set<Listed>();
  #givenUp = 0;

  /** @param most values that are remembered for the rest of their day */
  constructor(tell: (finding: Finding) => void, most: number) {
    this.#tell = tell;
    this.#most = most;
  }

  /** Values that were forgotten before their day was over, for want of room. */
  get givenUp(): number {
    return this.#givenUp;
  }

  seen({ device, deviceId, group, rule, value, time, hits }: Sighting): void {
    const windowStart = Math.floor(time / DAY) * DAY;
    const key = JSON.stringify([device, rule.number, windowStart, value]);
    const known = this.#listed.get(key);
    if (known) {
      known.hits += hits;
      this.#changed.add(known);
      return;
    }
    if (this.#listed.size >= this.#most) this.#giveUpOldest();
    const ruleType = RULE_TYPES[rule.number].name;
    const alertType = alertTypeOf(ruleType);
    const windowEnd = windowStart + DAY;
    const finding: Finding = {
      id: findingId(deviceId, alertType, windowStart, windowEnd, value),
      alertType,
      deviceId,
      group,
      ruleType,
      alertName: rule.alertName,
      bound: 'list',
      time,
      count: hits,
      final: false,
      windowStart,
      windowEnd,
      range: null,
      value,
    };
    this.#listed.set(key, { finding, hits, told: hits });
    this.#tell(finding);
  }

  /** When the value of the oldest comes again, the finding has the same id. */
  #giveUpOldest(): void {
    for (const oldest of this.#listed.keys()) {
      this.#listed.delete(oldest);
      this.#givenUp++;
      return;
    }
  }

  /** Tells how often values came again, and forgets days that ended before `ended`, milliseconds since 1970. */
  advance(ended: number): void {
    for (const listed of this.#changed)
      if (listed.hits > listed.told) {
        listed.told = listed.hits;
        this.#tell({ ...listed.finding, count: listed.hits });
      }
    this.#changed.clear();
    // In the order in which they came, so nearly by day.
    for (const [key, { finding, hits }] of this.#listed) {
      if (finding.windowEnd > ended) break;
      this.#listed.delete(key);
      this.#tell({ ...finding, count: hits, final: true });
    }
  }

  forget(deviceId: string): void {
    for (const [key, listed] of this.#listed) if (listed.finding.deviceId === deviceId) this.#listed.delete(key);
  }

  snapshot(): [string, Listed][] {
    return [...this.#listed].map(([key, listed]) => [key, { ...listed }]);
  }

  restore(saved: readonly (readonly [string, Listed])[]): void {
    for (const [key, listed] of saved) {
      const revived = { ...listed };
      this.#listed.set(key, revived);
      if (revived.hits > revived.told) this.#changed.add(revived);
    }
  }
}
