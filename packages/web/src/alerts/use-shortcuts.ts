/** Keys of the page. They are silent while somebody types, and while a menu or a dialog is open. */
import { useEffect, useEffectEvent, useRef } from 'react';

const BUSY =
  'input:not([type="checkbox"]), textarea, select, [contenteditable="true"], [role="menu"], [role="dialog"], [role="alertdialog"], [role="listbox"]';
/** Milliseconds in which the second key of two has to follow. */
const SECOND_KEY = 1200;

/** A handler that returns false leaves the key to the browser. */
export type Shortcuts = Readonly<Record<string, () => void | false>>;

/**
 * Calls the handler of the key that was pressed: `j`, `Shift+ArrowDown`, `Ctrl+a`, or two keys one after the other, `g a`.
 * With `letters` false, keys that write something do nothing, except for the question mark.
 */
export function useShortcuts(handlers: Shortcuts, letters = true): void {
  const first = useRef<{ key: string; at: number } | null>(null);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target;
    if (target instanceof Element && target.closest(BUSY)) return;
    // A button keeps its own Enter and Space.
    if ((event.key === 'Enter' || event.key === ' ') && target instanceof Element && target.closest('button, a, [role="menuitem"], input'))
      return;
    if (!letters && event.key.length === 1 && event.key !== ' ' && event.key !== '?') return;
    const named = `${event.ctrlKey ? 'Ctrl+' : ''}${event.shiftKey && event.key.length > 1 ? 'Shift+' : ''}${event.key}`;
    const before = first.current;
    first.current = null;
    const sequence = before && event.timeStamp - before.at < SECOND_KEY ? `${before.key} ${named}` : '';
    const handler = handlers[sequence] ?? handlers[named];
    if (handler) {
      if (handler() !== false) event.preventDefault();
    } else if (Object.keys(handlers).some((keys) => keys.startsWith(`${named} `))) {
      first.current = { key: named, at: event.timeStamp };
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}
