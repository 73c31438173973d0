/** The device map in a real browser: five thousand devices, highlight and filter, pointer and keys, and the list that holds the same. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import type { Page } from 'playwright-core';
import { closePortal, openPortal, serious, signInAs, skip, type Visit, visit } from './portal.ts';

before(openPortal);
after(closePortal);

const canvas = (page: Page) => page.getByRole('application', { name: /Device map/ });
const status = (page: Page) => page.getByRole('main').getByRole('status');
const list = (page: Page) => page.getByRole('grid', { name: 'Devices of the map' });

const map = (path: string, work: (at: Visit) => Promise<void>) => visit(40, work, path);

/** Looks at the map until its picture is one that is wanted; `before` is the one that was seen before. */
async function picture(page: Page, wanted: (seen: string, before: string) => boolean): Promise<string> {
  const deadline = Date.now() + 45_000;
  for (let before = ''; ; ) {
    const seen = (await canvas(page).screenshot()).toString('base64');
    if (wanted(seen, before)) return seen;
    assert.ok(Date.now() < deadline, 'the map does not come to look as it should');
    before = seen;
  }
}

const atRest = (seen: string, before: string): boolean => seen === before;

/** How many different colours the canvas shows: an empty one has one. */
function colours(page: Page): Promise<number> {
  return canvas(page).evaluate((element) => {
    // The role is that of the canvas.
    const drawn = element as HTMLCanvasElement;
    const { data } = drawn.getContext('2d')?.getImageData(0, 0, drawn.width, drawn.height) ?? { data: new Uint8ClampedArray() };
    const seen = new Set<number>();
    for (let at = 0; at < data.length; at += 4) seen.add((data[at] ?? 0) * 65_536 + (data[at + 1] ?? 0) * 256 + (data[at + 2] ?? 0));
    return seen.size;
  });
}

test('five thousand devices are drawn, moved and zoomed; the script of the map is loaded for it only', { skip }, () =>
  visit(
    20,
    async ({ page }) => {
      const scripts: string[] = [];
      page.on('request', (request) => scripts.push(request.url()));
      await page.getByRole('link', { name: 'Device map' }).click();
      await page.getByText('5,000 devices').waitFor();
      assert.ok(scripts.some((url) => /map-page/.test(url)));
      while ((await colours(page)) <= 20) await page.waitForTimeout(50);
      const box = await canvas(page).boundingBox();
      assert.ok(box);
      const before = await picture(page, atRest);
      await page.mouse.move(box.x + 300, box.y + 300);
      await page.mouse.wheel(0, -1200);
      await page.mouse.down();
      await page.mouse.move(box.x + 360, box.y + 340, { steps: 4 });
      await page.mouse.up();
      await picture(page, (seen) => seen !== before);
      await page.getByRole('button', { name: 'Fit to screen' }).click();
      await page.mouse.move(box.x + 5, box.y + box.height - 5);
      // Fitted again, it looks as at first.
      await picture(page, (seen) => seen === before);
    },
    '',
    Date.UTC(2026, 5, 1),
    { devices: 5000 },
  ),
);

test('a device is found by its address with its neighbours, and worked on by keyboard', { skip }, () =>
  map('map', async ({ page, server }) => {
    await page.getByLabel('Search by name, IP or MAC address').fill('10.20.2.13');
    await status(page).getByText('3 devices, 2 connections').waitFor();
    await canvas(page).focus();
    await page.keyboard.press('Home');
    await page.getByText('1 selected').waitFor();
    const live = page.locator('[aria-live="polite"]').filter({ hasText: /HISTORIAN-01|HMI-PUMP-2|PLC-FILTER-3/ });
    await live.waitFor();
    await page.keyboard.press('ArrowDown');
    await page.locator('[aria-live="polite"]', { hasText: 'PLC-FILTER-3' }).waitFor();
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menuitem', { name: 'Mark as important', exact: true }).press('Enter');
    await page.getByText('1 device marked as important.').first().waitFor();
    assert.equal((await server.devices.inventory.devices.byId('sensor-north', '10.20.2.13'))?.importance, 'High');
    await page.locator('[role=status]', { hasText: '3 devices' }).waitFor();
    await canvas(page).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Device details' }).getByText('BMX P34 2020').waitFor();
  }),
);

test('a group is highlighted or filtered by, on the map and in the list alike', { skip }, () =>
  map('map', async ({ page }) => {
    await page.getByRole('button', { name: 'Groups' }).click();
    await page.getByRole('button', { name: 'Highlight Unauthorized' }).click();
    await page.getByText('2 highlighted').waitFor();
    await status(page).getByText('600 devices').waitFor();
    await page.getByRole('tab', { name: 'List' }).click();
    await list(page).getByRole('button', { name: 'Highlighted' }).click();
    await list(page).getByRole('button', { name: 'Highlighted' }).click();
    await list(page)
      .getByRole('row', { name: /10\.20\.1\.187.*Yes/ })
      .waitFor();
    await page.getByRole('button', { name: /^Remove Highlight/ }).click();

    await page.getByRole('button', { name: 'Filter by Supervisory' }).click();
    await status(page).getByText('3 devices').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('button', { name: 'Filter by Between networks' }).click();
    await status(page).getByText('600 devices, 45 connections').waitFor();
    await page.reload();
    await page.getByText('Filter: Cross subnet connections: Between networks').waitFor();
  }),
);

test('a device is dragged elsewhere, by pointer or keys, stays there for the person, and goes back', { skip }, () =>
  map('map?search=10.20.2.13&neighbours=yes', async ({ page }) => {
    await status(page).getByText('3 devices, 2 connections').waitFor();
    const box = await canvas(page).boundingBox();
    assert.ok(box);
    /** The picture with nothing selected and nothing under the pointer. */
    const plain = async (wanted: Parameters<typeof picture>[1]) => {
      await page.mouse.move(box.x + 4, box.y + box.height - 4);
      await canvas(page).focus();
      await page.keyboard.press('Escape');
      return picture(page, wanted);
    };
    const kept = () =>
      page.waitForResponse((response) => response.url().endsWith('/api/preferences/map.moves') && response.status() === 204);
    const first = await plain(atRest);
    // The menu of the keyboard opens where the device is.
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+F10');
    const at = await page.getByRole('menu').boundingBox();
    assert.ok(at);
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await page.mouse.move(at.x, at.y - 4);
    await page.mouse.down();
    await page.mouse.move(at.x + 60, at.y + 10, { steps: 3 });
    await Promise.all([kept(), page.mouse.move(at.x + 130, at.y + 14, { steps: 3 }).then(() => page.mouse.up())]);
    const dragged = await plain(atRest);
    assert.notEqual(dragged, first);
    await page.reload();
    await status(page).getByText('3 devices, 2 connections').waitFor();
    // It is there again.
    await plain((seen) => seen === dragged);

    await page.keyboard.press('Home');
    await Promise.all([kept(), page.keyboard.press('Control+ArrowRight')]);
    assert.notEqual(await plain(atRest), dragged);
    await page.getByRole('button', { name: 'Layout' }).click();
    await Promise.all([kept(), page.getByRole('menuitem', { name: 'Put devices back' }).click()]);
    await plain((seen) => seen === first);
    assert.deepEqual(await page.evaluate(async () => (await fetch('/api/preferences')).json() as Promise<object>), {});
  }),
);

test('a new device that somebody puts elsewhere is no longer new, unless they may only read', { skip }, () =>
  visit(3, async ({ page, context, server }) => {
    const kept = () =>
      page.waitForResponse((response) => response.url().endsWith('/api/preferences/map.moves') && response.status() === 204);
    /** Whether the device with these digits in its address is new, and authorised. */
    const marks = async (address: string) => {
      const [device] = (
        await page.evaluate(
          async (asked) =>
            (await fetch(`/api/devices?search=${asked}`)).json() as Promise<{ devices: { isNew: boolean; authorised: boolean }[] }>,
          address,
        )
      ).devices;
      return [device?.isNew, device?.authorised];
    };
    const move = async (address: string) => {
      await page.goto(new URL(`/map?search=${address}`, page.url()).href);
      await status(page).getByText('1 device, 0 connections').waitFor();
      await canvas(page).focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('Control+ArrowRight');
    };
    assert.deepEqual(await marks('10.20.1.187'), [true, false]);
    await Promise.all([page.waitForResponse('**/api/devices/acknowledge'), move('10.20.1.187')]);
    assert.deepEqual(await marks('10.20.1.187'), [false, false]);

    await signInAs(server, context, page.url(), 'rolf', everywhere('Security Reader'));
    await Promise.all([kept(), move('9c:8e:cd:00:12:34')]);
    assert.deepEqual(await marks('9c:8e:cd:00:12:34'), [true, false]);
  }),
);

test('what the map offers at a device, the list offers, too', { skip }, () =>
  map('map?view=list&search=PUMP', async ({ page, server }) => {
    await page.getByRole('checkbox', { name: 'Mark PLC-PUMP-1' }).click();
    await page.getByRole('checkbox', { name: 'Mark HMI-PUMP-2' }).click();
    await page.getByText('2 selected').waitFor();
    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Add to group…' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Pumps');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('The group Pumps was made.').first().waitFor();
    assert.deepEqual(
      (await server.devices.inventory.groups.list()).map(({ name, devices }) => [name, devices]),
      [['Pumps', 2]],
    );
    await page.getByRole('button', { name: 'Groups' }).click();
    await page.getByRole('button', { name: 'Filter by Pumps' }).click();
    await page.getByText('Filter: Groups that people made: Pumps').waitFor();
    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Show alerts' }).click();
    await page.waitForURL(/\/alerts\?/);
    await page
      .getByRole('row', { name: /Unauthorized PLC Programming/ })
      .first()
      .waitFor();
  }),
);

test('axe finds nothing serious on the map and in its list, light and dark', { skip }, () =>
  map('map', async ({ page }) => {
    await page.getByRole('button', { name: 'Groups' }).click();
    await page.getByRole('button', { name: 'Highlight Unauthorized' }).click();
    assert.deepEqual(await serious(page), [], 'map');
    await page.getByRole('button', { name: 'Dark theme' }).click();
    await page.getByRole('tab', { name: 'List' }).click();
    await list(page)
      .getByRole('row', { name: /10\.20\.1\.187/ })
      .waitFor();
    assert.deepEqual(await serious(page), [], 'list');
  }),
);
