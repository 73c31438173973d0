/** Which alerts are marked: some of the loaded ones, or everything that matches. */
import { useState } from 'react';
import type { AlertRow } from '../api/alerts.ts';
import type { Target } from '../api/jobs.ts';

export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** Everything that the question matches is meant, loaded or not. */
  readonly everything: boolean;
  readonly count: number;
  /** The marked alerts that are loaded, as they are shown. */
  readonly rows: readonly AlertRow[];
  readonly target: Target;
  toggle(alert: AlertRow): void;
  /** Marks the rows between the last one that was marked, or else `from`, and this one. */
  extendTo(alert: AlertRow, from?: AlertRow): void;
  toggleAll(): void;
  selectEverything(): void;
  clear(): void;
}

const NOTHING: ReadonlyMap<string, AlertRow> = new Map();

/** `shown` are the loaded rows in their order; `query` is what the grid asks, `matching` how many alerts it matches. */
export function useSelection(shown: readonly AlertRow[], query: URLSearchParams, matching: number): Selection {
  const asked = query.toString();
  // What was marked before another question belongs to that question.
  const [state, setState] = useState({ asked, marked: NOTHING, everything: false, anchor: '' });
  const current = state.asked === asked ? state : { asked, marked: NOTHING, everything: false, anchor: '' };
  const set = (marked: ReadonlyMap<string, AlertRow>, anchor = current.anchor) => setState({ asked, marked, everything: false, anchor });

  const ids = new Set(current.everything ? shown.map((alert) => alert.id) : current.marked.keys());
  const fresh = new Map(shown.map((alert) => [alert.id, alert]));
  const rows = [...ids].flatMap((id) => fresh.get(id) ?? current.marked.get(id) ?? []);
  return {
    ids,
    everything: current.everything,
    count: current.everything ? matching : ids.size,
    rows,
    target: current.everything ? { query } : { rows },
    toggle: (alert) => {
      const next = new Map(rows.map((row) => [row.id, row]));
      if (!next.delete(alert.id)) next.set(alert.id, alert);
      set(next, alert.id);
    },
    extendTo: (alert, from = alert) => {
      const anchor = shown.some((row) => row.id === current.anchor) ? current.anchor : from.id;
      const ends = [anchor, alert.id].map((id) => shown.findIndex((row) => row.id === id));
      const range = shown.slice(Math.min(...ends), Math.max(...ends) + 1);
      set(new Map([...rows, ...range].map((row) => [row.id, row])), anchor);
    },
    toggleAll: () => set(ids.size >= shown.length ? NOTHING : new Map(shown.map((row) => [row.id, row]))),
    selectEverything: () => setState({ asked, marked: NOTHING, everything: true, anchor: '' }),
    clear: () => set(NOTHING, ''),
  };
}
