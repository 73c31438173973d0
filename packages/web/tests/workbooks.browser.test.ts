/** Workbooks and recommendations in a real browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closePortal, openPortal, serious, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

const WORKBOOKS = ['Alerts', 'Devices', 'Sensor health', 'MITRE ATT&CK for ICS'] as const;

test('a workbook shows alerts over time, and leads to the alerts of a bar', { skip }, () =>
  visit(60, async ({ page, server }) => {
    await page.getByRole('link', { name: 'Workbooks' }).click();
    await page.getByRole('main').getByRole('button', { name: 'Alerts', exact: true }).click();
    await page.getByRole('img', { name: /^Alerts over time: \d+ in all/ }).waitFor();
    const { matching } = await server.store.page({ filters: [], sort: { column: 'id', descending: false } }, 1, null);
    await page.getByRole('group', { name: 'Alerts by severity' }).getByText(String(matching), { exact: true }).waitFor();
    await page.getByRole('img', { name: new RegExp(`^Alerts over time: ${matching} in all`) }).waitFor();
    await page.getByText('Show as a table').click();
    await page.getByRole('columnheader', { name: 'High' }).waitFor();
    await page.getByLabel('Site', { exact: true }).selectOption('Treatment Plant');
    await page.waitForURL(/site=Treatment/);
    await page.getByRole('region', { name: 'By engine' }).getByRole('button', { name: 'Policy Violation' }).click();
    await page.getByRole('button', { name: 'Engine: Policy Violation', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Site: Treatment Plant', exact: true }).waitFor();
    await page.locator('[data-alert]').first().waitFor();
  }),
);

test('a technique leads to its alerts', { skip }, () =>
  visit(60, async ({ page }) => {
    await page.goto(new URL('/workbooks/mitre', page.url()).href);
    const techniques = page.getByRole('region', { name: 'Techniques', exact: true }).first();
    await techniques
      .getByRole('link', { name: /^T\d{4}$/ })
      .first()
      .waitFor();
    await page.getByRole('region', { name: 'Alerts by technique' }).getByRole('button').first().click();
    await page
      .getByRole('button', { name: /^Name: / })
      .first()
      .waitFor();
    await page.locator('[data-alert]').first().waitFor();
  }),
);

test('a recommendation names its devices and leads to the inventory', { skip }, () =>
  visit(5, async ({ page }) => {
    await page.getByRole('link', { name: 'Recommendations' }).click();
    await page.getByText(/^Active recommendations: [12] of 3$/).waitFor();
    await page.getByRole('row', { name: /Review PLC operating mode/ }).click();
    await page.getByRole('heading', { name: 'Remediation steps' }).waitFor();
    assert.deepEqual(await serious(page), []);
    await page.getByRole('tab', { name: /^Healthy devices/ }).click();
    await page.getByRole('region', { name: 'The healthy devices' }).waitFor();
    await page.getByRole('tab', { name: /^Unhealthy devices/ }).click();
    await page.getByRole('button', { name: /^Show (it|all)/ }).click();
    await page.getByRole('heading', { name: 'Device inventory' }).waitFor();
    await page
      .getByRole('status')
      .filter({ hasText: /of 600/ })
      .waitFor();
  }),
);

test('axe finds nothing serious in the workbooks, light and dark', { skip }, () =>
  visit(40, async ({ page }) => {
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') await page.getByRole('button', { name: 'Dark theme' }).click();
      for (const name of WORKBOOKS) {
        await page.getByRole('link', { name: 'Workbooks' }).click();
        await page.getByRole('main').getByRole('button', { name, exact: true }).click();
        await page.getByRole('heading', { name, level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        assert.deepEqual(await serious(page), [], `${theme} ${name}`);
      }
    }
  }),
);
