/** What rules would have done in the past, and which ranges fit what groups really did. */
import { RULE_TYPES, ruleNumber } from '@annunciator/rules/custom-alerts/rule-types';
import { RuleError } from '@annunciator/rules/groups/rule-error';
import { checkRule, isListRule, type Rule } from '@annunciator/rules/groups/security-group';
import { parseTimeWindow } from '@annunciator/rules/groups/time-window';
import { type ActivityFrame, BUCKET_MINUTES } from '@annunciator/rules/history/activity-history';
import { type DeviceWindows, type PastDevice, windowsOf } from '@annunciator/rules/history/device-windows';
import { type DryRun, dryRunOfList, dryRunOfRange } from '@annunciator/rules/history/dry-run';
import { type Suggestion, suggestionOf } from '@annunciator/rules/history/suggestion';
import type { HubSecurity } from './hub-security.ts';

export const MOST_DAYS = 30;
const DAY = 86_400_000;
const MINUTE = 60_000;

/** What was looked at. */
export interface Looked {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly groupDevices: number;
  /** Why the counts are estimates, in a sentence; null when they are exact. */
  readonly note: string | null;
}

/** Looks at the past of a hub. */
export class HubPast {
  readonly #security: HubSecurity;
  readonly #clock: () => number;

  constructor(security: HubSecurity, clock: () => number) {
    this.#security = security;
    this.#clock = clock;
  }

  /** What a rule would have raised on the devices that are in the group now. @param days up to {@link MOST_DAYS} @throws RuleError */
  async dryRun(group: string, rule: Rule, days: number): Promise<DryRun & Looked> {
    const checked = checkRule(rule);
    const number = numberOf(checked.ruleType);
    const looked = await this.#look(group, number, days);
    if (isListRule(checked)) {
      const type = RULE_TYPES[number];
      const networks = type.kind === 'allowlist' && type.valueType === 'IpCidr';
      const ids = new Set(this.#devices(group).map(({ id }) => id));
      return { ...(await dryRunOfList(this.#frames(looked), ids, number, checked, networks)), ...looked };
    }
    const size = sizeOf(checked.timeWindowSize);
    return { ...dryRunOfRange(await this.#windows(group, number, size, looked), checked.minThreshold, checked.maxThreshold), ...looked };
  }

  /** Ranges for a rule type of a group. @param timeWindowSize ISO 8601 @throws RuleError */
  async suggest(group: string, ruleType: string, timeWindowSize: string, days: number): Promise<Suggestion & Looked> {
    const number = numberOf(ruleType);
    if (RULE_TYPES[number].kind !== 'timeWindow')
      throw new RuleError('invalid', `${ruleType} has no range: try its list with a dry run instead.`);
    const size = sizeOf(timeWindowSize);
    const looked = await this.#look(group, number, days);
    return { ...suggestionOf(await this.#windows(group, number, size, looked), size), ...looked };
  }

  async #look(group: string, number: number, days: number): Promise<Looked> {
    const to = this.#clock();
    const oldest = await this.#security.history.oldest();
    const from = Math.max(to - Math.min(days, MOST_DAYS) * DAY, oldest === undefined ? this.#presentFrom(to) : oldest * MINUTE);
    const note =
      RULE_TYPES[number].name === 'ActiveConnectionsNotInAllowedRange'
        ? 'The past does not tell which connections were the same: each report of one is counted.'
        : null;
    return { from, to, groupDevices: this.#devices(group).length, note };
  }

  /** Where nothing was written yet there is the bucket that is under way. */
  #presentFrom(now: number): number {
    const buckets = this.#security.partitions.map(({ evaluation }) => evaluation.history.present().bucket).filter((bucket) => bucket > 0);
    return buckets.length === 0 ? now : Math.min(...buckets) * MINUTE;
  }

  #devices(group: string): PastDevice[] {
    return this.#security.partitions.flatMap(({ evaluation }) => evaluation.devicesOf(group));
  }

  #windows(group: string, number: number, size: number, { from, to }: Looked): Promise<Map<string, DeviceWindows>> {
    const { off, gaps } = this.#security.settings;
    return windowsOf(this.#frames({ from, to }), this.#devices(group), number, size, { from, to, gaps: [...off, ...gaps] });
  }

  async *#frames({ from, to }: Pick<Looked, 'from' | 'to'>): AsyncGenerator<ActivityFrame> {
    for (const [partition, { evaluation }] of this.#security.partitions.entries()) {
      yield* this.#security.history.read(partition, Math.floor(from / MINUTE), Math.ceil(to / MINUTE));
      const { present, done } = evaluation.history.snapshot();
      yield* done;
      yield present;
    }
  }
}

function numberOf(ruleType: string): number {
  const number = ruleNumber(ruleType);
  if (number !== undefined) return number;
  throw new RuleError('invalid', `There is no rule type ${JSON.stringify(ruleType).slice(0, 100)}.`);
}

/** @throws RuleError when the past cannot tell windows of this length */
function sizeOf(timeWindowSize: string): number {
  const size = parseTimeWindow(timeWindowSize);
  if (size === undefined)
    throw new RuleError('invalid', `The time window ${JSON.stringify(timeWindowSize).slice(0, 40)} is none: give one such as PT15M.`);
  if (size % BUCKET_MINUTES !== 0)
    throw new RuleError('invalid', `The past is kept by ${BUCKET_MINUTES} minutes: it tells nothing about windows of ${size} minutes.`);
  return size;
}
