/** What the workbooks ask of alerts: counts by value, and by value over time. */
import { useQuery } from '@tanstack/react-query';
import { fetchGroups, fetchPage, type ValueCount } from '../api/alerts.ts';
import { get } from '../api/client.ts';

const DAY = 86_400_000;
/** Columns that a chart has at most. */
const MOST_SPANS = 60;

export const RANGES = [
  ['7', 'Last 7 days', 7],
  ['30', 'Last 30 days', 30],
  ['90', 'Last 90 days', 90],
  ['all', 'All time', null],
] as const;
export type RangeId = (typeof RANGES)[number][0];

export interface Question {
  readonly range: RangeId;
  /** Empty for every site. */
  readonly site: string;
}

/** The question as lists of alerts take it. `now` is rounded to the minute, so that answers can be kept. */
export function alertQuery({ range, site }: Question, now: number): URLSearchParams {
  const query = new URLSearchParams();
  const days = RANGES.find(([id]) => id === range)?.[2] ?? null;
  if (days !== null) query.set('from', new Date(Math.floor(now / 60_000) * 60_000 - days * DAY).toISOString());
  if (site !== '') query.append('filter', `site:equals:${encodeURIComponent(site)}`);
  return query;
}

export function useGroups(query: URLSearchParams, by: string) {
  return useQuery<readonly ValueCount[]>({ queryKey: ['alerts', 'workbook', by, query.toString()], queryFn: () => fetchGroups(query, by) });
}

export interface OverTime {
  readonly spans: readonly string[];
  readonly series: readonly { readonly value: string; readonly counts: readonly number[] }[];
}

/** Alerts by value of a column over the range; days, or several of them where there are many. */
export function useSeries(query: URLSearchParams, by: string) {
  return useQuery<OverTime>({
    queryKey: ['alerts', 'workbook-series', by, query.toString()],
    queryFn: async () => {
      const end = Date.now();
      const first = new URLSearchParams(query);
      first.set('sort', 'lastDetection');
      const from = query.get('from') ?? (await fetchPage(first, null, 1)).alerts[0]?.lastDetection ?? new Date(end).toISOString();
      const firstDay = Math.floor(Date.parse(from) / DAY);
      const days = Math.floor(end / DAY) - firstDay + 1;
      const each = Math.ceil(days / MOST_SPANS);
      const spans = Math.ceil(days / each);
      const asked = new URLSearchParams(query);
      for (const [name, value] of Object.entries({ by, start: firstDay * DAY, span: each * DAY, spans })) asked.set(name, String(value));
      const series = await get<OverTime['series']>(`/api/alerts/series?${asked}`);
      return { spans: Array.from({ length: spans }, (_, at) => dayText((firstDay + at * each) * DAY)), series };
    },
  });
}

export function dayText(at: number): string {
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: '2-digit', timeZone: 'UTC' });
}

/** Address of the Alerts page that shows what a bar counts. */
export function alertsAddress({ range, site }: Question, ...filters: readonly (readonly [column: string, value: string])[]): string {
  const all = site === '' ? filters : [...filters, ['site', site] as const];
  return `/alerts?${new URLSearchParams([
    // The page counts its ranges in hours.
    ['range', range === 'all' ? 'all' : String(Number(range) * 24)],
    ...all.map(([column, value]) => ['filter', `${column}:equals:${encodeURIComponent(value)}`]),
  ])}`;
}
