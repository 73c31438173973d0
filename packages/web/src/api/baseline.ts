/** The baseline of a sensor as the server gives it (GET /api/openapi.json: BaselineEntry, BaselineVersion, ReviewItem ...). */
import { get, send } from './client.ts';

export interface BaselineEntry {
  readonly line: string;
  readonly aspect: string;
  readonly source: string;
  readonly destination: string;
  readonly value: string;
  /** Packet time. */
  readonly learned: string | null;
  /** Null: the sensor, while learning. */
  readonly by: string | null;
  readonly at: string | null;
  readonly alert: string | null;
}

export interface EntryPage {
  readonly entries: readonly BaselineEntry[];
  readonly next: string | null;
}

export interface BaselineVersion {
  readonly number: number;
  readonly at: string;
  readonly packetTime: string | null;
  readonly by: string | null;
  readonly action: string;
  readonly reason: string;
  readonly about: string | null;
  readonly added: number;
  readonly removed: number;
  readonly entries: number;
}

export interface BaselineOutcome {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly version: number;
  readonly closes: readonly string[];
  readonly refused: readonly string[];
}

export interface BaselineDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

interface ReviewEnd {
  readonly device: string;
  readonly ip: string | null;
  readonly mac: string | null;
  readonly name: string | null;
}

export interface ReviewItem {
  readonly id: string;
  readonly title: string;
  readonly state: 'pending' | 'accepted' | 'rejected';
  readonly type: string;
  readonly source: ReviewEnd | null;
  readonly destination: ReviewEnd | null;
  readonly protocol: string | null;
  readonly message: string;
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly frames: readonly number[];
  readonly learns: readonly string[];
  readonly by: string | null;
  readonly at: string | null;
}

export interface AspectCounts {
  readonly aspects: readonly { readonly aspect: string; readonly count: number }[];
  readonly total: number;
}

/** A change that is only told, or done. */
export interface Order {
  readonly reason: string;
  readonly dryRun: boolean;
}

const of = (sensor: string, more: Readonly<Record<string, string>> = {}): string => String(new URLSearchParams({ sensor, ...more }));

export function fetchEntries(sensor: string, query: URLSearchParams, cursor: string | null): Promise<EntryPage> {
  const asked = new URLSearchParams(query);
  asked.set('sensor', sensor);
  if (cursor !== null) asked.set('cursor', cursor);
  return get(`/api/baseline/entries?${asked}`);
}
export const fetchAspects = (sensor: string): Promise<AspectCounts> => get(`/api/baseline/aspects?${of(sensor)}`);
export const baselineTextAddress = (sensor: string, version?: number): string =>
  `/api/baseline/text?${of(sensor, version === undefined ? {} : { version: String(version) })}`;

export async function fetchVersions(sensor: string, before: number | null): Promise<readonly BaselineVersion[]> {
  const more: Record<string, string> = before === null ? {} : { before: String(before) };
  return (await get<{ versions: readonly BaselineVersion[] }>(`/api/baseline/versions?${of(sensor, more)}`)).versions;
}

/** From one version to another, or to what is there now. */
export const fetchDifference = (sensor: string, from: number, to: number | null): Promise<BaselineDifference> =>
  send('POST', '/api/baseline/diff', { sensor, from: { version: from }, to: to === null ? {} : { version: to } });

export const editBaseline = (
  sensor: string,
  change: { readonly learn?: readonly string[]; readonly unlearn?: readonly string[] },
  order: Order,
): Promise<BaselineOutcome> => send('POST', '/api/baseline/edit', { sensor, ...change, ...order });

export const importBaseline = (sensor: string, text: string, order: Order): Promise<BaselineOutcome> =>
  send('POST', '/api/baseline/import', { sensor, text, ...order });

export const revertBaseline = (sensor: string, version: number, order: Order): Promise<BaselineOutcome> =>
  send('POST', '/api/baseline/revert', { sensor, version, ...order });

export const fetchReview = (sensor: string): Promise<{ readonly items: readonly ReviewItem[]; readonly waiting: number }> =>
  get(`/api/baseline/review?${of(sensor)}`);

export const decideReview = (
  sensor: string,
  id: string,
  decision: 'accept' | 'reject',
): Promise<{ readonly item: ReviewItem; readonly alert: string | null }> =>
  send('POST', `/api/baseline/review/${encodeURIComponent(id)}`, { sensor, decision });
