/**
 * Raises the built-in alerts of a hub. What comes again for the same device within a minute is counted, not told one by one,
 * so that a flood of wrong tokens costs little.
 */
import { type Finding, findingId } from '../evaluation/finding.ts';
import type { HubOperation } from '../hub-operation.ts';
import { HUB_ALERTS } from './catalogue.ts';

const MINUTE = 60_000;
/** Devices told apart within a minute; more are told as the hub's. */
const MOST_WATCHED = 10_000;

interface Watched {
  readonly finding: Finding;
  count: number;
  told: number;
}

export class HubAlertWatch {
  readonly #tell: (finding: Finding) => void;
  #watched = new Map<string, Watched>();

  constructor(tell: (finding: Finding) => void) {
    this.#tell = tell;
  }

  operation(operation: HubOperation): void {
    for (const { alertType, raisedBy } of HUB_ALERTS) if (raisedBy(operation)) this.#note(alertType, operation);
  }

  #note(alertType: string, { deviceId: claimed, time, count, ipAddress }: HubOperation): void {
    const deviceId = this.#watched.size < MOST_WATCHED ? claimed : null;
    const start = Math.floor(time / MINUTE) * MINUTE;
    const id = findingId(deviceId, alertType, start, start + MINUTE, null);
    const known = this.#watched.get(id);
    if (known) {
      known.count += count;
      return;
    }
    const finding: Finding = {
      id,
      alertType,
      deviceId,
      group: null,
      ruleType: null,
      alertName: null,
      bound: 'event',
      time,
      count,
      final: false,
      windowStart: start,
      windowEnd: start + MINUTE,
      range: null,
      // Where the first of them came from.
      value: ipAddress,
    };
    this.#watched.set(id, { finding, count, told: count });
    this.#tell(finding);
  }

  /** Tells how many came since, and forgets minutes that are over. @param now milliseconds since 1970 */
  advance(now: number): void {
    for (const [id, watched] of this.#watched) {
      const { finding, count, told } = watched;
      const over = finding.windowEnd <= now;
      if (count > told) {
        watched.told = count;
        this.#tell({ ...finding, count, final: over });
      }
      if (over) this.#watched.delete(id);
    }
  }

  snapshot(): (readonly [string, Watched])[] {
    return [...this.#watched].map(([id, watched]) => [id, { ...watched }]);
  }

  restore(watched: readonly (readonly [string, Watched])[]): void {
    this.#watched = new Map(watched.map(([id, one]) => [id, { ...one }]));
  }
}
