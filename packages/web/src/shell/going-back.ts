/**
 * Lets a page stand in the way of going back. The browser calls listeners of the window in the order in which they came,
 * so this file is loaded before the router listens: `main.tsx` imports it first.
 */
type Hold = (event: PopStateEvent) => void;

let hold: Hold | null = null;

window.addEventListener('popstate', (event) => hold?.(event));

/** Calls `next` before the router hears of going back or forward; null for nobody. */
export function holdGoingBack(next: Hold | null): void {
  hold = next;
}
