/**
 * How smoothly the device map moves: time between the frames that a browser shows while a pointer drags the map and a wheel zooms it.
 *
 *     npx node packages/web/bench/device-map.ts [DEVICES]      5000 when absent
 *
 * Headless Chromium draws without a graphics card, so that a desktop is faster.
 */
import type { Page } from 'playwright-core';
import { closePortal, openPortal, visit } from '../tests/portal.ts';

const STEPS = 90;

/** Milliseconds between frames while the work is done. */
async function frames(page: Page, work: (step: number) => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    const times: number[] = [];
    Object.assign(globalThis, { times, counting: true });
    const count = (now: number): void => {
      times.push(now);
      if (Reflect.get(globalThis, 'counting')) requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  for (let step = 0; step < STEPS; step++) await work(step);
  const times = await page.evaluate((): number[] => {
    Object.assign(globalThis, { counting: false });
    return Reflect.get(globalThis, 'times');
  });
  return times.slice(1).map((time, index) => time - (times[index] ?? time));
}

function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)} ms`;
}

const devices = Number(process.argv[2] ?? 5000);
await openPortal();
try {
  await visit(
    40,
    async ({ page }) => {
      const began = performance.now();
      await page.getByRole('link', { name: 'Device map' }).click();
      await page.getByText(`${devices.toLocaleString('en')} devices`).waitFor();
      console.log(
        `${devices.toLocaleString('en')} devices: seen ${Math.round(performance.now() - began)} ms after the press on Device map`,
      );
      const box = await page.getByRole('application').boundingBox();
      if (!box) throw new Error('The map has no canvas.');
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const drag = (step: number) => page.mouse.move(x + Math.sin(step / 10) * 200, y + Math.cos(step / 10) * 120);
      const report = async (name: string, work: (step: number) => Promise<void>) => {
        const times = await frames(page, work);
        console.log(`${name.padEnd(34)} ${quantile(times, 0.5)} median, ${quantile(times, 0.95)} 95th, ${times.length} frames`);
      };
      await page.mouse.move(x, y);
      await page.mouse.down();
      await report('moved, everything in sight', drag);
      await page.mouse.up();
      await report('zoomed from far to near', () => page.mouse.wheel(0, -20));
      await page.mouse.down();
      await report('moved, symbols and names', drag);
      await page.mouse.up();
    },
    '',
    Date.now(),
    { devices },
  );
} finally {
  await closePortal();
}
