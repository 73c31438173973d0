/** What a tab shows, kept in the page's address: a link and a reload give the same view. */
import { useAddress } from '../grid/use-address.ts';

const NO_FILTERS: ReadonlySet<string> = new Set(['sensor', 'tab', 'open']);

export interface TabAddress {
  /** Empty when it is not given. */
  get(key: string): string;
  set(key: string, value: string): void;
  readonly hasFilters: boolean;
  clear(): void;
}

export function useTabAddress(): TabAddress {
  const [params, setParams] = useAddress();
  return {
    get: (key) => params.get(key) ?? '',
    set: (key, value) =>
      setParams(
        (current) => {
          const next = new URLSearchParams(current);
          if (value === '') next.delete(key);
          else next.set(key, value);
          return next;
        },
        { replace: true },
      ),
    hasFilters: [...params.keys()].some((key) => !NO_FILTERS.has(key)),
    clear: () => setParams((current) => new URLSearchParams([...current].filter(([key]) => NO_FILTERS.has(key))), { replace: true }),
  };
}
