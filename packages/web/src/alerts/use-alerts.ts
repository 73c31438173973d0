/** Alerts from the server, and their changes in every list that is loaded. */
import {
  type InfiniteData,
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useQueries,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import { type AlertPage, type AlertRow, fetchAlert, fetchGroups, fetchPage, PAGE_SIZE } from '../api/alerts.ts';
import { withFilter } from './address.ts';

/** What one row of the grid shows. */
export type GridItem =
  | { readonly kind: 'alert'; readonly alert: AlertRow }
  | { readonly kind: 'group'; readonly value: string; readonly count: number; readonly open: boolean }
  | { readonly kind: 'more'; readonly value: string; readonly shown: number; readonly count: number }
  | { readonly kind: 'loading'; readonly key: string }
  | { readonly kind: 'note'; readonly text: string };

export interface GridRows {
  readonly items: readonly GridItem[];
  readonly matching: number;
  readonly total: number;
  readonly isLoading: boolean;
  /** What is shown belongs to the question before. */
  readonly isOld: boolean;
  readonly error: Error | null;
  loadMore(): void;
}

const NO_ITEMS: readonly GridItem[] = [];
/** Alerts of one group that are shown in the grid; the rest is one click away as a filter. */
export const GROUP_LIMIT = 1000;
/** Groups that the server tells: those with most alerts. */
const MOST_GROUPS = 1000;

/** All matching alerts in one list, loaded page by page. */
export function useAlertList(query: URLSearchParams, enabled: boolean): GridRows {
  const list = useInfiniteQuery({
    queryKey: ['alerts', 'list', query.toString()],
    queryFn: ({ pageParam }) => fetchPage(query, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    enabled,
  });
  const { data, hasNextPage } = list;
  const items = useMemo((): readonly GridItem[] => {
    const rows: GridItem[] = data?.pages.flatMap((page) => page.alerts.map((alert) => ({ kind: 'alert' as const, alert }))) ?? [];
    return hasNextPage ? [...rows, { kind: 'loading', key: 'next' }] : rows;
  }, [data, hasNextPage]);
  const first = data?.pages[0];
  return {
    items,
    matching: first?.matching ?? 0,
    total: first?.total ?? 0,
    isLoading: list.isLoading,
    isOld: list.isPlaceholderData,
    error: list.error,
    loadMore: () => {
      if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
    },
  };
}

/** Groups with their counts; the alerts of the open ones below them, in the same order as without groups. */
export function useAlertGroups(query: URLSearchParams, by: string | null, open: ReadonlyMap<string, number>): GridRows {
  const column = by ?? '';
  const enabled = by !== null;
  const groups = useQuery({
    queryKey: ['alerts', 'groups', query.toString(), column],
    queryFn: () => fetchGroups(query, column),
    placeholderData: keepPreviousData,
    enabled,
  });
  // The list's first page tells the total; it is there already when the grouping is switched on.
  const counts = useQuery({
    queryKey: ['alerts', 'counts', query.toString()],
    queryFn: () => fetchPage(query, null, 1),
    placeholderData: keepPreviousData,
    enabled,
  });
  const wanted = enabled ? [...open] : [];
  const contents = useQueries({
    queries: wanted.map(([value, pages]) => {
      const limit = Math.min(pages * PAGE_SIZE, GROUP_LIMIT);
      return {
        queryKey: ['alerts', 'group', query.toString(), column, value, limit],
        queryFn: () => fetchPage(withFilter(query, { column, operator: 'equals', values: [value] }), null, limit),
        placeholderData: keepPreviousData,
      };
    }),
  });
  const pageOf = new Map(wanted.map(([value], index) => [value, contents[index]?.data]));
  const items = (groups.data ?? []).flatMap(({ value, count }): GridItem[] => {
    const header: GridItem = { kind: 'group', value, count, open: open.has(value) };
    if (!open.has(value)) return [header];
    const page = pageOf.get(value);
    if (!page) return [header, { kind: 'loading', key: value }];
    const rows: GridItem[] = page.alerts.map((alert) => ({ kind: 'alert', alert }));
    const rest: GridItem[] = page.next === null ? [] : [{ kind: 'more', value, shown: page.alerts.length, count }];
    return [header, ...rows, ...rest];
  });
  if (items.length > 0 && groups.data && groups.data.length >= MOST_GROUPS) {
    const text = `These are the ${MOST_GROUPS.toLocaleString('en')} groups with most alerts: search or filter for the others.`;
    items.push({ kind: 'note', text });
  }
  return {
    items: enabled ? items : NO_ITEMS,
    matching: counts.data?.matching ?? 0,
    total: counts.data?.total ?? 0,
    isLoading: groups.isLoading,
    isOld: groups.isPlaceholderData,
    error: groups.error,
    loadMore: () => undefined,
  };
}

export function useAlert(id: string | null) {
  return useQuery({
    queryKey: ['alert', id],
    queryFn: () => fetchAlert(id ?? ''),
    enabled: id !== null,
    placeholderData: keepPreviousData,
  });
}

/** Puts changed alerts into every loaded list, where they are: rows do not jump until the next refresh. */
export function useRowUpdates(): (changed: readonly AlertRow[]) => void {
  const queries = useQueryClient();
  return (changed) => {
    if (changed.length === 0) return;
    patchRows(queries, changed);
    for (const alert of changed) void queries.invalidateQueries({ queryKey: ['alert', alert.id] });
    void queries.invalidateQueries({ queryKey: ['alerts', 'groups'] });
    void queries.invalidateQueries({ queryKey: ['alerts', 'facets'] });
  };
}

function patchRows(queries: QueryClient, changed: readonly AlertRow[]): void {
  const byId = new Map(changed.map((alert) => [alert.id, alert]));
  const patched = (page: AlertPage): AlertPage => ({ ...page, alerts: page.alerts.map((alert) => byId.get(alert.id) ?? alert) });
  queries.setQueriesData<InfiniteData<AlertPage, string | null>>(
    { queryKey: ['alerts', 'list'] },
    (data) => data && { ...data, pages: data.pages.map(patched) },
  );
  queries.setQueriesData<AlertPage>({ queryKey: ['alerts', 'group'] }, (data) => data && patched(data));
}
