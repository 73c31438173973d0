/** The parameters of the page's address, and a function that changes them. */
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

type Change = (current: URLSearchParams) => URLSearchParams;

/**
 * A change begins with the address as it is: what is shown may be behind it, and a change that began with that would take back
 * the one before.
 */
export function useAddress(): readonly [URLSearchParams, (change: Change, options?: { readonly replace?: boolean }) => void] {
  const [params, setParams] = useSearchParams();
  const change = useCallback<(change: Change, options?: { readonly replace?: boolean }) => void>(
    (to, options) => setParams(to(new URLSearchParams(window.location.search)), options),
    [setParams],
  );
  return [params, change];
}
