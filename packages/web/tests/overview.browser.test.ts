/** The Overview in a real browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closePortal, openPortal, serious, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

test('the overview leads to the alerts of a severity and to the devices of a type', { skip }, () =>
  visit(20, async ({ page }) => {
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('region', { name: 'Sensors' }).getByText('Learning until about').waitFor();
    await page.getByRole('region', { name: 'Alerts by severity' }).getByRole('button', { name: 'High' }).click();
    await page.getByRole('button', { name: 'Severity: High', exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('region', { name: 'Devices by type' }).getByRole('button', { name: 'PLC' }).click();
    await page.getByRole('status').getByText('2 devices of 600').waitFor();
  }),
);

test('axe finds nothing serious on the overview, light and dark, and it fits a narrow window', { skip }, () =>
  visit(12, async ({ page }) => {
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('region', { name: 'Devices by type' }).getByRole('button', { name: 'PLC' }).waitFor();
    assert.deepEqual(await serious(page), [], 'light');
    await page.getByRole('button', { name: 'Dark theme' }).click();
    assert.deepEqual(await serious(page), [], 'dark');
    await page.setViewportSize({ width: 480, height: 800 });
    assert.ok(await page.getByRole('main').evaluate((main) => main.scrollWidth <= main.clientWidth), 'nothing is cut off at the right');
  }),
);
