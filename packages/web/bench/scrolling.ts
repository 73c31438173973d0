/**
 * How smoothly the rows of the Alerts page scroll, from the first to the last and back: time between the frames that a browser shows.
 *
 *     npx node packages/web/bench/scrolling.ts [ROWS]      10000 when absent
 *
 * Headless Chromium draws without a graphics card, so that a desktop is faster.
 */
import { closePortal, openPortal, visit } from '../tests/portal.ts';
import { frameText, frameTimes, scrollThrough } from '../tests/frame-times.ts';

/** Of the sample alerts a part is the same alert again. */
const ALERTS_PER_ROW = 1.2;
/** Pixels in each frame: ten rows, and nearly all that are in sight. */
const STEPS = [400, 640] as const;

const rows = Number(process.argv[2] ?? 10_000);
await openPortal();
try {
  await visit(Math.ceil(rows * ALERTS_PER_ROW), async ({ page, server }) => {
    await page.locator('[data-alert]').first().waitFor();
    const all = await server.store.count({ filters: [] });
    for (const [name, pixels] of STEPS.flatMap((step) => [['down', step] as const, ['up', -step] as const])) {
      const times = await frameTimes(page, () => scrollThrough(page, pixels, all));
      console.log(`${all.toLocaleString('en')} rows ${name}, ${Math.abs(pixels)} pixels a frame: ${frameText(times)}`);
    }
  });
} finally {
  await closePortal();
}
