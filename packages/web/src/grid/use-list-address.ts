/** The page's address holds search, filters, sort and what is open, so that reloading and a link give the same view. */
import { useCallback } from 'react';
import { useAddress } from './use-address.ts';
import type { Sort } from './column-header.tsx';

export interface ListAddress {
  readonly search: string;
  /** Chosen values of a filter; the server's parameter is the key. */
  chosen(key: string): readonly string[];
  readonly sort: Sort;
  readonly open: string | null;
  /** Everything but what is open, which columns are shown and what they are grouped by: the question to the server. */
  readonly query: URLSearchParams;
  readonly hasFilters: boolean;
  set(key: string, values: readonly string[]): void;
  setOpen(id: string | null): void;
  toggleSort(column: string): void;
  clear(): void;
}

const NO_FILTERS = new Set(['sort', 'open', 'columns', 'by']);

export function useListAddress(defaultSort: string): ListAddress {
  const [params, setParams] = useAddress();
  const sortText = params.get('sort') ?? defaultSort;
  const sort: Sort = { column: sortText.replace(/^-/, ''), descending: sortText.startsWith('-') };
  const query = new URLSearchParams(params);
  for (const key of ['open', 'columns', 'by']) query.delete(key);
  const set = useCallback(
    (key: string, values: readonly string[], replace = true) =>
      setParams(
        (current) => {
          const next = new URLSearchParams(current);
          next.delete(key);
          for (const value of values) next.append(key, value);
          return next;
        },
        { replace },
      ),
    [setParams],
  );
  return {
    search: params.get('search') ?? '',
    chosen: (key) => params.getAll(key),
    sort,
    open: params.get('open'),
    query,
    hasFilters: [...params.keys()].some((key) => !NO_FILTERS.has(key)),
    set,
    setOpen: (id) => set('open', id === null ? [] : [id], params.has('open') && id !== null),
    toggleSort: (column) =>
      set('sort', [`${(column === sort.column ? !sort.descending : /First|Last|Seen/i.test(column)) ? '-' : ''}${column}`]),
    clear: () => setParams((current) => new URLSearchParams([...current].filter(([key]) => NO_FILTERS.has(key))), { replace: true }),
  };
}
