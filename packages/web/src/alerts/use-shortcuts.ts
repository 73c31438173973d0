/** Keys of the page. They are silent while somebody types, and while a menu or a dialog is open. */
import { useEffect, useEffectEvent } from 'react';

const BUSY =
  'input:not([type="checkbox"]), textarea, select, [contenteditable="true"], [role="menu"], [role="dialog"], [role="alertdialog"], [role="listbox"]';

/** Calls the handler of the key that was pressed; a handler that returns false leaves the key to the browser. */
export function useShortcuts(handlers: Readonly<Record<string, () => void | false>>): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target;
    if (target instanceof Element && target.closest(BUSY)) return;
    // A button keeps its own Enter and Space.
    if ((event.key === 'Enter' || event.key === ' ') && target instanceof Element && target.closest('button, a, [role="menuitem"], input'))
      return;
    const handler = handlers[event.key];
    if (handler && handler() !== false) event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}
