/** The alerts that a change of the baseline touches: what it covers, what it closes, and what rejecting an operation raises. */
import type { Detection, Learnable } from '@annunciator/core/alert';
import { alertId, alertKey } from '@annunciator/core/identity';
import type { ReviewItem } from '@annunciator/core/review';
import { formatInstant } from '@annunciator/core/time';
import { ASPECT_BY_NAME, ASPECTS } from '@annunciator/sensor/baseline/aspects';
import { Coverage } from '@annunciator/sensor/baseline/coverage';
import type { AlertFilter, StoredAlert } from '@annunciator/store/alert-query';
import type { BaselineRecords } from '@annunciator/store/baseline-records';
import type { AlertDesk, Place } from './alert-desk.ts';

const BATCH = 500;
/** Alerts that a preview looks at, newest first. */
const LOOKED_AT = 20_000;

/** What learning some alerts does to others. */
export interface LearnEffects {
  /** Other open alerts that close, as all they report is normal then; the newest of a sensor first. */
  readonly closes: readonly StoredAlert[];
  /** Earlier alerts, closed by now, that would not have come. */
  readonly silenced: readonly StoredAlert[];
  /** First detection of the oldest alert that was looked at; null when there was none. */
  readonly since: string | null;
  /** False when there were more alerts than are looked at. */
  readonly complete: boolean;
}

export class LearnedAlerts {
  readonly #desk: AlertDesk;
  readonly #baseline: BaselineRecords;
  readonly #place: (sensor: string) => Promise<Place | undefined>;

  /** @param place where a sensor stands */
  constructor(desk: AlertDesk, baseline: BaselineRecords, place: (sensor: string) => Promise<Place | undefined>) {
    this.#desk = desk;
    this.#baseline = baseline;
    this.#place = place;
    desk.covered = (sensor, entries) => this.covered(sensor, entries);
  }

  /** What learning these alerts, all of which can be learned, would do to others. */
  async effects(learns: readonly StoredAlert[]): Promise<LearnEffects> {
    const chosen = new Set(learns.map(({ id }) => id));
    const closes: StoredAlert[] = [];
    const silenced: StoredAlert[] = [];
    let since: bigint | null = null;
    let complete = true;
    for (const [sensor, alerts] of Map.groupBy(learns, (alert) => alert.sensor)) {
      const learn = alerts.flatMap((alert) => alert.learn);
      const coverage = new Coverage(learn);
      const closing = typesOf(learn);
      const keys = new Set(alerts.map(({ key }) => key));
      const looked = await this.#walk(sensor, new Set([...closing, ...alerts.map(({ type }) => type)]), (alert) => {
        const isOther = !chosen.has(alert.id);
        if (isOther && alert.status === 'Closed' && (keys.has(alert.key) || isCovered(alert, coverage))) silenced.push(alert);
        // What `covered` finds.
        if (isOther && alert.status !== 'Closed' && closing.has(alert.type) && isCovered(alert, coverage)) closes.push(alert);
        if (since === null || alert.firstDetection < since) since = alert.firstDetection;
      });
      complete &&= looked;
    }
    return {
      closes,
      silenced,
      since: since === null ? null : formatInstant(since),
      complete,
    };
  }

  /** Ids of open alerts of a sensor whose entries are all among these. */
  async covered(sensor: string, entries: readonly Learnable[]): Promise<readonly string[]> {
    if (entries.length === 0) return [];
    const coverage = new Coverage(entries);
    const ids: string[] = [];
    const open: AlertFilter = { column: 'status', operator: 'notEquals', values: ['Closed'] };
    await this.#walk(sensor, typesOf(entries), (alert) => isCovered(alert, coverage) && ids.push(alert.id), [open]);
    return ids;
  }

  async close(ids: readonly string[], by: string): Promise<readonly StoredAlert[]> {
    return ids.length === 0 ? [] : (await this.#desk.act(ids, { kind: 'status', status: 'Closed' }, { by })).changed;
  }

  /** Raises the alert of an operation that was seen while learning and rejected by a person. Its id, null when none is there. */
  async raise(sensor: string, item: ReviewItem): Promise<string | null> {
    const place = await this.#place(sensor);
    const type = this.#desk.types.get(item.detection.type);
    if (!place || !type) return null;
    const learn = type.learnable ? [...item.detection.learn, ...item.learn] : [];
    const detection: Detection = { ...item.detection, frames: item.frames, learn };
    const key = alertKey(detection, type);
    const isOpen = async (): Promise<string | null> => {
      let id: string | null = null;
      await this.#walk(sensor, new Set([type.id]), (alert) => {
        if (alert.key === key && alert.status !== 'Closed') id = alert.id;
      });
      return id;
    };
    const open = await isOpen();
    if (open !== null) return open;
    await this.#desk.detect([detection], place);
    const raised = await this.#desk.store.get(alertId(key, detection));
    return raised && raised.status !== 'Closed' ? raised.id : isOpen();
  }

  /** Whether the baseline of a sensor has an entry already, or one that covers it. */
  async holds(sensor: string, entry: Learnable): Promise<boolean> {
    return new Coverage(await this.#baseline.of(sensor, entry)).has(entry);
  }

  /** Visits alerts of these types, newest first. False when there were more than are looked at. */
  async #walk(
    sensor: string,
    types: ReadonlySet<string>,
    visit: (alert: StoredAlert) => void,
    filters: readonly AlertFilter[] = [],
  ): Promise<boolean> {
    if (types.size === 0) return true;
    let seen = 0;
    const query = {
      filters: [
        ...filters,
        { column: 'sensor', operator: 'equals', values: [sensor] } as const,
        { column: 'type', operator: 'equals', values: [...types] } as const,
      ],
      sort: { column: 'lastDetection', descending: true } as const,
    };
    for await (const batch of this.#desk.store.stream(query, BATCH)) {
      if (seen >= LOOKED_AT) return false;
      seen += batch.length;
      const whole = new Map((await this.#desk.store.list(batch.map(({ id }) => id))).map((alert) => [alert.id, alert]));
      for (const { id } of batch) {
        const alert = whole.get(id);
        if (alert) visit(alert);
      }
    }
    return true;
  }
}

function isCovered(alert: StoredAlert, coverage: Coverage): boolean {
  return alert.learn.length > 0 && alert.learn.every((entry) => coverage.has(entry));
}

/** Types of alert whose entries are of the same aspects: those that the aspects raise, and those that share them. */
function typesOf(entries: readonly Learnable[]): Set<string> {
  const types = new Set<string>();
  for (const { aspect } of entries) {
    const number = ASPECT_BY_NAME.get(aspect);
    if (number === undefined) continue;
    types.add(ASPECTS[number].alert);
    for (const type of SHARED[aspect] ?? []) types.add(type);
  }
  return types;
}

/** Aspects that several types of alert learn into. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  'device.scanner': ['address-scan-detected', 'long-duration-address-scan-detected', 'arp-address-scan-detected', 'plc-scan-detected'],
  internet: ['internet-access-detected', 'external-address-within-the-network-communicated-with-internet'],
  'device.firmware': ['firmware-change-detected', 's7-plus-plc-firmware-changed'],
};
