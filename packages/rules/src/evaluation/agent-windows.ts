/**
 * Windows of what agents report. Agents send late, so many windows of a device are open at once; they are few in all, and
 * kept by name.
 */

/** Different connections told apart in a window; more are not counted. */
const MOST_TUPLES = 4096;

export interface AgentWindow {
  readonly device: number;
  readonly rule: number;
  /** Minutes since 1970. */
  readonly start: number;
  count: number;
  /** What was counted, where only different things count. */
  tuples: Set<string> | null;
  raised: boolean;
}

export class AgentWindows {
  readonly #windows = new Map<string, AgentWindow>();
  /** Names by the minute in which the window is over for good. */
  readonly #due = new Map<number, string[]>();
  readonly #most: number;
  /** What found no room. */
  refused = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Counts in a window; undefined when there is no room.
   * @param due minutes since 1970 at which the window is over for good
   * @param tuple counts once in each window; null when everything counts
   */
  add(device: number, rule: number, start: number, due: number, amount: number, tuple: string | null): AgentWindow | undefined {
    const name = nameOf(device, rule, start);
    let window = this.#windows.get(name);
    if (!window) {
      if (this.#windows.size >= this.#most) {
        this.refused++;
        return undefined;
      }
      window = { device, rule, start, count: 0, tuples: tuple === null ? null : new Set(), raised: false };
      this.#windows.set(name, window);
      this.#put(due, name);
    }
    if (tuple === null) {
      window.count += amount;
      return window;
    }
    window.tuples ??= new Set();
    if (window.tuples.has(tuple)) return window;
    if (window.tuples.size >= MOST_TUPLES) {
      this.refused++;
      return window;
    }
    window.tuples.add(tuple);
    window.count++;
    return window;
  }

  count(device: number, rule: number, start: number): number {
    return this.#windows.get(nameOf(device, rule, start))?.count ?? 0;
  }

  /**
   * Takes out the windows that are over.
   * @param minute minutes since 1970
   * @param dueOf when a window is over by now
   */
  takeDue(minute: number, dueOf: (window: AgentWindow) => number): void {
    for (const [due, names] of this.#due) {
      if (due > minute) continue;
      this.#due.delete(due);
      for (const name of names) {
        const window = this.#windows.get(name);
        if (!window) continue;
        const later = dueOf(window);
        if (later > minute) this.#put(later, name);
        else this.#windows.delete(name);
      }
    }
  }

  #put(due: number, name: string): void {
    const names = this.#due.get(due);
    if (names) names.push(name);
    else this.#due.set(due, [name]);
  }

  /** Forgets windows: of a device, or of a rule type on the devices of a group. */
  clear(concerned: (window: AgentWindow) => boolean): void {
    for (const [name, window] of this.#windows) if (concerned(window)) this.#windows.delete(name);
  }

  snapshot(): { windows: (Omit<AgentWindow, 'tuples'> & { tuples: string[] | null })[]; due: [number, string[]][] } {
    const windows = [...this.#windows.values()].map((window) => ({ ...window, tuples: window.tuples && [...window.tuples] }));
    return { windows, due: [...this.#due].map(([minute, names]) => [minute, [...names]]) };
  }

  restore({ windows, due }: ReturnType<AgentWindows['snapshot']>): void {
    for (const window of windows)
      this.#windows.set(nameOf(window.device, window.rule, window.start), { ...window, tuples: window.tuples && new Set(window.tuples) });
    for (const [minute, names] of due) this.#due.set(minute, names);
  }
}

function nameOf(device: number, rule: number, start: number): string {
  return `${device}/${rule}/${start}`;
}
