/** The alerts that a change of the baseline touches: what it covers, what it closes, and what rejecting an operation raises. */
import type { Detection, Learnable } from '@annunciator/core/alert';
import { alertId, alertKey } from '@annunciator/core/identity';
import { isFlood } from '@annunciator/core/life-cycle';
import type { ReviewItem } from '@annunciator/core/review';
import { formatInstant } from '@annunciator/core/time';
import { ASPECT_BY_NAME, ASPECTS } from '@annunciator/sensor/baseline/aspects';
import { Coverage } from '@annunciator/sensor/baseline/coverage';
import { lineOf } from '@annunciator/sensor/baseline/entry';
import type { AlertFilter, StoredAlert } from '@annunciator/store/alert-query';
import type { BaselineRecords } from '@annunciator/store/baseline-records';
import type { AlertDesk, Place } from './alert-desk.ts';
import { whyNotLearn } from './alert-view.ts';

const BATCH = 500;
/** Alerts that a preview looks at, newest first. */
const LOOKED_AT = 20_000;
/** Alerts that a preview shows of those that would have been silent. */
const SHOWN = 20;

export interface LearnPreview {
  /** Alerts that would be learned, and those that cannot be, with the reason. */
  readonly learns: readonly string[];
  readonly refused: readonly { readonly id: string; readonly message: string }[];
  /** Lines that the baseline does not hold yet, and those that it does. */
  readonly entries: readonly string[];
  readonly known: readonly string[];
  /** Other open alerts that close, as all they report is normal then. */
  readonly closes: readonly StoredAlert[];
  /** Earlier alerts that would not have come. */
  readonly silenced: {
    readonly count: number;
    /** The newest of them. */
    readonly alerts: readonly StoredAlert[];
    /** First detection of the oldest alert that was looked at; null when there was none. */
    readonly since: string | null;
    /** False when there were more alerts than are looked at. */
    readonly complete: boolean;
  };
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

  /** What learning these alerts would do. Alerts that are not there are left out. */
  async preview(ids: readonly string[]): Promise<LearnPreview> {
    const found = (await Promise.all([...new Set(ids)].map((id) => this.#desk.store.get(id)))).filter((alert) => alert !== undefined);
    const refused: { id: string; message: string }[] = [];
    const learns = found.filter((alert) => {
      const message =
        alert.disposition === 'learned' ? 'It is learned already.' : whyNotLearn(isFlood(alert), this.#desk.types.get(alert.type));
      if (message !== null) refused.push({ id: alert.id, message });
      return message === null;
    });
    const chosen = new Set(learns.map(({ id }) => id));
    const entries = new Map<string, Learnable>();
    const known = new Set<string>();
    const others: StoredAlert[] = [];
    let since: bigint | null = null;
    let complete = true;
    for (const [sensor, alerts] of Map.groupBy(learns, (alert) => alert.sensor)) {
      const learn = alerts.flatMap((alert) => alert.learn);
      for (const entry of learn)
        if (await this.#holds(sensor, entry)) known.add(lineOf(entry));
        else entries.set(lineOf(entry), entry);
      const coverage = new Coverage(learn);
      const looked = await this.#walk(sensor, typesOf(learn), (alert) => {
        if (!chosen.has(alert.id) && isCovered(alert, coverage)) others.push(alert);
        if (since === null || alert.firstDetection < since) since = alert.firstDetection;
      });
      complete &&= looked;
    }
    const isOpen = (alert: StoredAlert): boolean => alert.status !== 'Closed';
    const silenced = others.filter((alert) => !isOpen(alert));
    return {
      learns: [...chosen],
      refused,
      entries: [...entries.keys()].sort(),
      known: [...known].sort(),
      closes: others.filter(isOpen),
      silenced: {
        count: silenced.length,
        alerts: silenced.slice(0, SHOWN),
        since: since === null ? null : formatInstant(since),
        complete,
      },
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

  async #holds(sensor: string, entry: Learnable): Promise<boolean> {
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
