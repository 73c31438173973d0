/** Which rows of a grid are marked: some that are loaded, or everything that the question matches. */
import { useState } from 'react';

export interface Marks<Row> {
  /** The marked rows that are loaded, as they are shown now. */
  readonly rows: readonly Row[];
  /** Everything that matches is meant, loaded or not. */
  readonly everything: boolean;
  readonly count: number;
  has(row: Row): boolean;
  /** Marks a row or takes the mark away; `toHere` marks all rows from the one that was marked last. */
  toggle(row: Row, toHere?: boolean): void;
  toggleAll(): void;
  markEverything(): void;
  clear(): void;
}

interface State {
  readonly asked: string;
  readonly ids: ReadonlySet<string>;
  readonly everything: boolean;
  readonly anchor: string | null;
}

/** `asked` is the question: marks belong to it, and go with it. `matching` is how many rows it matches. */
export function useMarks<Row>(shown: readonly Row[], idOf: (row: Row) => string, asked: string, matching: number): Marks<Row> {
  const [state, setState] = useState<State>({ asked, ids: new Set(), everything: false, anchor: null });
  const current = state.asked === asked ? state : { asked, ids: new Set<string>(), everything: false, anchor: null };
  const ids = current.everything ? new Set(shown.map(idOf)) : current.ids;
  const rows = shown.filter((row) => ids.has(idOf(row)));
  const set = (next: Iterable<string>, anchor: string | null) => setState({ asked, ids: new Set(next), everything: false, anchor });
  return {
    rows,
    everything: current.everything,
    count: current.everything ? matching : rows.length,
    has: (row) => ids.has(idOf(row)),
    toggle: (row, toHere = false) => {
      const id = idOf(row);
      const from = shown.findIndex((other) => idOf(other) === current.anchor);
      const to = shown.findIndex((other) => idOf(other) === id);
      if (toHere && from >= 0 && to >= 0)
        set([...ids, ...shown.slice(Math.min(from, to), Math.max(from, to) + 1).map(idOf)], current.anchor);
      else set(ids.has(id) ? [...ids].filter((other) => other !== id) : [...ids, id], id);
    },
    toggleAll: () => set(rows.length >= shown.length ? [] : shown.map(idOf), null),
    markEverything: () => setState({ asked, ids: new Set(), everything: true, anchor: null }),
    clear: () => set([], null),
  };
}
