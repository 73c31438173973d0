/** The keys with which somebody works through the grid: move, mark, open, decide. `shortcuts-help.tsx` lists them. */
import { useNavigate } from 'react-router';
import type { AlertRow } from '../api/alerts.ts';
import type { AlertAction } from '../api/jobs.ts';
import { EXPORT_ID } from './alert-toolbar.tsx';
import { ADD_FILTER_ID, SEARCH_ID } from './filter-bar.tsx';
import type { Selection } from './use-selection.ts';
import { useShortcuts } from './use-shortcuts.ts';

export interface Triage {
  /** The loaded rows in their order. */
  readonly shown: readonly AlertRow[];
  readonly selection: Selection;
  /** The row the keyboard is on. */
  readonly currentId: string | null;
  /** The alert whose details are open. */
  readonly openId: string | null;
  onCurrent(id: string): void;
  onOpen(id: string): void;
  onFullDetails(id: string): void;
  /** Acts on the marked alerts, else on the one the keyboard is on. */
  onAct(action: AlertAction): void;
  onRefresh(): void;
  onHelp(): void;
  onEscape(): void;
}

/** With `letters` false, only keys that write nothing work. */
export function useTriageKeys(triage: Triage, letters: boolean): void {
  const { shown, selection, currentId, openId } = triage;
  const navigate = useNavigate();
  const index = shown.findIndex((alert) => alert.id === (openId ?? currentId));
  const here = shown[index];

  const move = (step: number, mark = false) => {
    const next = shown[Math.max(0, Math.min(shown.length - 1, index + step))];
    if (!next) return;
    if (mark) selection.extendTo(next, here);
    triage.onCurrent(next.id);
    if (openId !== null) triage.onOpen(next.id);
  };
  // Until a row was chosen, the arrows scroll.
  const moveFromRow = (step: number, mark = false) => (currentId === null ? false : move(step, mark));

  useShortcuts(
    {
      j: () => move(1),
      k: () => move(-1),
      ArrowDown: () => moveFromRow(1),
      ArrowUp: () => moveFromRow(-1),
      'Shift+ArrowDown': () => moveFromRow(1, true),
      'Shift+ArrowUp': () => moveFromRow(-1, true),
      ' ': () => {
        if (!here) return false;
        selection.toggle(here);
        return undefined;
      },
      'Ctrl+a': () => {
        if (!document.activeElement?.closest('[role="grid"]')) return false;
        if (selection.ids.size < shown.length) selection.toggleAll();
        return undefined;
      },
      Enter: () => {
        if (currentId === null) return false;
        if (openId === currentId) triage.onFullDetails(currentId);
        else triage.onOpen(currentId);
        return undefined;
      },
      Escape: triage.onEscape,
      n: () => triage.onAct({ kind: 'status', status: 'New' }),
      a: () => triage.onAct({ kind: 'status', status: 'Active' }),
      c: () => triage.onAct({ kind: 'status', status: 'Closed' }),
      l: () => triage.onAct({ kind: 'learn' }),
      p: () => document.querySelector<HTMLElement>('[data-pcap]')?.click(),
      '/': () => document.getElementById(SEARCH_ID)?.focus(),
      f: () => document.getElementById(ADD_FILTER_ID)?.click(),
      e: () => document.getElementById(EXPORT_ID)?.click(),
      r: triage.onRefresh,
      R: triage.onRefresh,
      'g a': () => void navigate('/alerts'),
      'g d': () => void navigate('/devices'),
      'g m': () => void navigate('/map'),
      'g w': () => void navigate('/workbooks'),
      'g t': () => void navigate('/events'),
      'g o': () => void navigate('/overview'),
      '?': triage.onHelp,
    },
    letters,
  );
}
