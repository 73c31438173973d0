/**
 * The page's address holds everything the grid asks: search, time range, filters, sort, grouping, columns and the open
 * alert. Reloading, going back and sending a link all give the same view.
 */
import { useMemo } from 'react';
import { type ColumnFilter, filterText, readFilter } from '../grid/column-filter.ts';
import { useAddress } from '../grid/use-address.ts';

/** Time ranges of the product, in hours; `all` has no bound. */
export const RANGES: readonly (readonly [hours: string, label: string])[] = [
  ['1', 'Last hour'],
  ['4', 'Last 4 hours'],
  ['12', 'Last 12 hours'],
  ['24', 'Last 24 hours'],
  ['48', 'Last 48 hours'],
  ['72', 'Last 72 hours'],
  ['168', 'Last 7 days'],
  ['336', 'Last 14 days'],
  ['720', 'Last 30 days'],
  ['1440', 'Last 60 days'],
  ['2160', 'Last 90 days'],
  ['all', 'All time'],
];
/** A range whose bounds the address holds. */
export const CUSTOM_RANGE = 'custom';
export const DEFAULT_RANGE = '720';

export interface GridAddress {
  readonly search: string;
  /** Null when the address names none: the default, unless nothing lies in it. */
  readonly range: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly filters: readonly ColumnFilter[];
  readonly sort: { readonly column: string; readonly descending: boolean };
  readonly group: string | null;
  /** Null when the address names none: what the person prefers. */
  readonly columns: readonly string[] | null;
  readonly alert: string | null;
}

export type GridChange = Partial<{ -readonly [Key in keyof GridAddress]: GridAddress[Key] }>;

/** A time that an address names, null when it is none. */
function timeOf(text: string | null): string | null {
  const at = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

function rangeOf(params: URLSearchParams): string | null {
  const range = params.get('range');
  if (timeOf(params.get('from')) !== null || timeOf(params.get('to')) !== null) return CUSTOM_RANGE;
  return RANGES.some(([hours]) => hours === range) ? range : null;
}

export function readAddress(params: URLSearchParams): GridAddress {
  const sort = params.get('sort') ?? '-lastDetection';
  const columns = params.get('columns');
  return {
    search: params.get('search') ?? '',
    range: rangeOf(params),
    from: timeOf(params.get('from')),
    to: timeOf(params.get('to')),
    filters: params.getAll('filter').flatMap((text) => readFilter(text) ?? []),
    sort: { column: sort.replace(/^-/, ''), descending: sort.startsWith('-') },
    group: params.get('group') || null,
    columns: columns === null ? null : columns.split(','),
    alert: params.get('alert'),
  };
}

export function writeAddress(address: GridAddress): URLSearchParams {
  const params = new URLSearchParams();
  if (address.search) params.set('search', address.search);
  if (address.range && address.range !== CUSTOM_RANGE) params.set('range', address.range);
  if (address.from) params.set('from', address.from);
  if (address.to) params.set('to', address.to);
  for (const filter of address.filters) params.append('filter', filterText(filter));
  const sort = `${address.sort.descending ? '-' : ''}${address.sort.column}`;
  if (sort !== '-lastDetection') params.set('sort', sort);
  if (address.group) params.set('group', address.group);
  if (address.columns) params.set('columns', address.columns.join(','));
  if (address.alert) params.set('alert', address.alert);
  return params;
}

/** The question to the server. `now` bounds the range and stays the same until the next refresh, so that pages fit together. */
export function serverQuery(address: GridAddress, range: string, now: number): URLSearchParams {
  const params = new URLSearchParams();
  if (address.search) params.set('search', address.search);
  if (address.from) params.set('from', address.from);
  else if (range !== 'all' && range !== CUSTOM_RANGE) params.set('from', new Date(now - Number(range) * 3_600_000).toISOString());
  if (address.to) params.set('to', address.to);
  for (const filter of address.filters) params.append('filter', filterText(filter));
  params.set('sort', `${address.sort.descending ? '-' : ''}${address.sort.column}`);
  return params;
}

export function withFilter(query: URLSearchParams, filter: ColumnFilter): URLSearchParams {
  const narrowed = new URLSearchParams(query);
  narrowed.append('filter', filterText(filter));
  return narrowed;
}

/** The address as a saved view keeps it: without what is open. */
export function viewAddress(address: GridAddress, columns: readonly string[]): string {
  return writeAddress({ ...address, columns, alert: null }).toString();
}

/** The address and a function that changes parts of it. Opening an alert and typing leave one step in the history each. */
export function useGridAddress(): readonly [GridAddress, (change: GridChange, replace?: boolean) => void] {
  const [params, setParams] = useAddress();
  const address = useMemo(() => readAddress(params), [params]);
  const change = (next: GridChange, replace = false) =>
    setParams((current) => writeAddress({ ...readAddress(current), ...next }), { replace });
  return [address, change];
}
