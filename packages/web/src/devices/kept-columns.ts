/** The columns that a person chose for the inventory. */
import { useState } from 'react';
import { DEFAULT_COLUMNS } from './device-columns.tsx';

const KEY = 'annunciator.devices.columns';

/** The columns, and a way to choose others; the usual ones are not kept, so that they follow the product. */
export function useKeptColumns(): readonly [columns: readonly string[], keep: (columns: readonly string[]) => void] {
  const [columns, setColumns] = useState(() => localStorage.getItem(KEY)?.split(',') ?? DEFAULT_COLUMNS);
  const keep = (chosen: readonly string[]) => {
    if (chosen.join() === DEFAULT_COLUMNS.join()) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, chosen.join());
    setColumns(chosen);
  };
  return [columns, keep];
}
