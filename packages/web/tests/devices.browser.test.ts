/** The Device inventory in a real browser: from a question about the plant to the alerts of one device. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { closePortal, openPortal, serious, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

test('somebody finds a PLC, looks at it and goes on to its alerts', { skip }, () =>
  visit(40, async ({ page }) => {
    await page.getByRole('link', { name: 'Device inventory' }).click();
    await page.getByRole('status').getByText('600 devices', { exact: true }).waitFor();
    assert.ok((await page.getByRole('row').count()) < 60, 'only the visible rows are in the page');

    await page.getByRole('button', { name: 'Type', exact: true }).first().click();
    await page.getByRole('menuitemcheckbox', { name: 'PLC' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('status').getByText('2 devices of 600').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Type: PLC' }).waitFor();

    await page.getByRole('button', { name: 'Name', exact: true }).click();
    await page.getByRole('columnheader', { name: 'Name' }).and(page.locator('[aria-sort="ascending"]')).waitFor();
    await page.getByRole('row', { name: /PLC-PUMP-1/ }).click();
    const pane = page.getByRole('complementary', { name: 'Device details' });
    await pane.getByText('CPU 315-2 PN/DP').waitFor();
    await pane.getByRole('button', { name: /^Show its alerts \(\d+\)$/ }).click();
    await page.waitForURL(/alerts\?.*filter=device%3Aequals%3A10\.20\.2\.11/);
    await page
      .getByRole('row', { name: /Unauthorized PLC Programming/ })
      .first()
      .waitFor();
  }),
);

test('the inventory goes by keyboard', { skip }, () =>
  visit(0, async ({ page }) => {
    await page.getByRole('link', { name: 'Device inventory' }).click();
    await page
      .getByRole('grid', { name: 'Devices' })
      .getByRole('row', { name: /ENG-WS-04/ })
      .focus();
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => document.activeElement?.textContent?.includes('HMI-PUMP-2'));
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Device details' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary', { name: 'Device details' }).waitFor({ state: 'detached' });
  }),
);

test('the export holds the devices that are shown, and runs no formula', { skip }, () =>
  visit(0, async ({ page }) => {
    await page.getByRole('link', { name: 'Device inventory' }).click();
    await page.getByLabel('Search devices').fill('calc');
    await page.getByRole('status').getByText('1 device of 600').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
    const [, line = '', ...rest] = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    assert.deepEqual([line.split(',')[0], rest], ["'=cmd|calc", []]);
  }),
);

test('axe finds nothing serious in the inventory, light and dark', { skip }, () =>
  visit(12, async ({ page }) => {
    await page.getByRole('link', { name: 'Device inventory' }).click();
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') await page.getByRole('button', { name: 'Dark theme' }).click();
      await page
        .getByRole('grid', { name: 'Devices' })
        .getByRole('row', { name: /10\.20\.1\.187/ })
        .click();
      await page.getByRole('complementary', { name: 'Device details' }).getByText('Unauthorized', { exact: true }).waitFor();
      assert.deepEqual(await serious(page), [], theme);
    }
  }),
);
