/**
 * How smoothly the device map moves: time between the frames that a browser shows while a pointer drags the map and a wheel zooms it.
 *
 *     npx node packages/web/bench/device-map.ts [DEVICES]      5000 when absent
 *
 * Headless Chromium draws without a graphics card, so that a desktop is faster.
 */
import { frameText, frameTimes } from '../tests/frame-times.ts';
import { closePortal, openPortal, visit } from '../tests/portal.ts';

const STEPS = 90;

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
        const times = await frameTimes(page, async () => {
          for (let step = 0; step < STEPS; step++) await work(step);
        });
        console.log(`${name.padEnd(34)} ${frameText(times)}`);
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
