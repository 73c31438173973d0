/**
 * What came in while somebody reads. Rows do not jump: the number of new alerts that match is told, and a press loads them.
 * Only where nothing can jump away under the hand do they come in by themselves.
 */
import { useRef, useState } from 'react';
import { fetchPage } from '../api/alerts.ts';
import { type LiveUpdate, useLive } from '../api/live.ts';
import { withFilter } from './address.ts';
import { useRowUpdates } from './use-alerts.ts';

/** New alerts of which is asked whether they match; beyond it all count. */
const ASKED = 150;
/** Milliseconds between two loads of what came in by itself: a flood is shown once a second. */
const LOAD_EVERY = 1000;

export interface Arrivals {
  readonly raised: number;
  /** Alerts that changed in a way that their rows do not show. */
  readonly changed: number;
  clear(): void;
}

const NONE = { ids: [] as readonly string[], more: 0, matching: 0, changed: 0 };

/** `free` tells whether new rows may come in now; `load` loads them. */
export function useArrivals(query: URLSearchParams, free: () => boolean, load: () => void): Arrivals {
  const [state, setState] = useState(NONE);
  const asked = useRef(0);
  const loadedAt = useRef(0);
  const later = useRef<ReturnType<typeof setTimeout> | null>(null);
  const updateRows = useRowUpdates();

  const clear = () => {
    asked.current++;
    setState(NONE);
  };
  const loadNow = () => {
    if (later.current !== null) return;
    const wait = loadedAt.current + LOAD_EVERY - Date.now();
    if (wait <= 0) {
      loadedAt.current = Date.now();
      load();
      return;
    }
    later.current = setTimeout(() => {
      later.current = null;
      loadedAt.current = Date.now();
      load();
    }, wait);
  };
  const onAlerts = (update: LiveUpdate) => {
    updateRows(update.changed);
    if (update.moreChanged > 0) setState((before) => ({ ...before, changed: before.changed + update.moreChanged }));
    if (update.raised.length + update.moreRaised === 0) return;
    if (free()) {
      loadNow();
      return;
    }
    const ids = [...state.ids, ...update.raised.map((alert) => alert.id)].slice(-ASKED);
    const more = state.more + update.moreRaised + Math.max(0, state.ids.length + update.raised.length - ASKED);
    const number = ++asked.current;
    setState((before) => ({ ...before, ids, more }));
    fetchPage(withFilter(query, { column: 'id', operator: 'equals', values: ids }), null, 1).then(
      // A later answer knows more.
      (page) => number === asked.current && setState((before) => ({ ...before, matching: page.matching })),
      () => undefined,
    );
  };
  useLive({
    onAlerts,
    // The end of a job loads all lists anew, with what it changed.
    onJob: (job) => job.state !== 'running' && setState((before) => ({ ...before, changed: 0 })),
    onReset: load,
  });
  return { raised: state.matching + (state.matching > 0 ? state.more : 0), changed: state.changed, clear };
}
