/** How smoothly a page moves: the time between the frames that a browser shows, and what each of them costs. */
import type { Page } from 'playwright-core';

export interface FrameTimes {
  /** Milliseconds between one frame and the next. */
  readonly frames: readonly number[];
  /** Milliseconds of each task that kept the page from answering for more than 50. */
  readonly longTasks: readonly number[];
  /** Milliseconds of a processor that the page's thread took for a frame, on average: other work on the machine hardly counts. */
  readonly cost: number;
}

/** What the browser shows while the work is done. */
export async function frameTimes(page: Page, work: () => Promise<void>): Promise<FrameTimes> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
  };
  await page.evaluate(() => {
    const times: number[] = [];
    const tasks: number[] = [];
    const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: 'longtask' });
    let isOver = false;
    const count = (now: number): void => {
      times.push(now);
      if (!isOver) requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    const endOfFrames = () => {
      isOver = true;
      observer.disconnect();
      return { times, tasks };
    };
    Object.assign(globalThis, { endOfFrames });
  });
  const before = await busy();
  await work();
  const spent = (await busy()) - before;
  const { times, tasks } = await page.evaluate((): { times: number[]; tasks: number[] } => Reflect.get(globalThis, 'endOfFrames')());
  await session.detach();
  const frames = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return { frames, longTasks: tasks, cost: spent / frames.length };
}

/** The value below which a share of them lies; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** In words, for a benchmark. */
export function frameText({ frames, longTasks, cost }: FrameTimes): string {
  const milliseconds = (share: number) => `${quantile(frames, share).toFixed(1)} ms`;
  const tasks = longTasks.length === 0 ? 'no long task' : `${longTasks.length} long tasks, ${Math.max(...longTasks).toFixed(0)} ms at most`;
  return `${milliseconds(0.5)} median, ${milliseconds(0.95)} 95th, ${milliseconds(1)} longest of ${frames.length} frames; ${cost.toFixed(1)} ms of work each; ${tasks}`;
}

/**
 * Scrolls the grid of the page by some pixels in each frame, down to the end of so many rows, or up to the first for less than 0.
 * At the end of the rows that have come it waits for more.
 */
export async function scrollThrough(page: Page, pixels: number, rows: number): Promise<void> {
  await page.getByRole('grid').evaluate(
    (grid, [step, rowsInAll]) =>
      new Promise<void>((resolve) => {
        const rowHeight = grid.querySelector('[data-alert]')?.getBoundingClientRect().height ?? Number.NaN;
        const move = (): void => {
          const before = grid.scrollTop;
          grid.scrollTop = before + step;
          const isAll = step < 0 || grid.scrollHeight >= rowsInAll * rowHeight;
          if (isAll && grid.scrollTop === before) resolve();
          else requestAnimationFrame(move);
        };
        requestAnimationFrame(move);
      }),
    [pixels, rows] as const,
  );
}
