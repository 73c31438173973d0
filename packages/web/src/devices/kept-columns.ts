/** The columns that a person chose for the inventory, kept by the server as those of the alerts are. */
import { usePreference } from '../shell/preferences.ts';
import { DEFAULT_COLUMNS, DEVICE_COLUMNS } from './device-columns.tsx';

/** The columns, and a way to choose others; the usual ones are not kept, so that they follow the product. */
export function useKeptColumns(): readonly [columns: readonly string[], keep: (columns: readonly string[]) => void] {
  const [kept, setKept] = usePreference('devices.columns');
  const known = Array.isArray(kept) ? kept.filter((id) => DEVICE_COLUMNS.some((column) => column.id === id)) : [];
  const keep = (chosen: readonly string[]) => setKept(chosen.join() === DEFAULT_COLUMNS.join() ? null : chosen);
  return [known.length > 0 ? known : DEFAULT_COLUMNS, keep];
}
