/** The same web application on a sensor of its own, in a real browser: the sensor's columns, words and roles. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closePortal, openPortal, serious, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

test('a sensor shows its own severities and neither site nor sensor, and gives the roles of a sensor', { skip }, () =>
  visit(
    24,
    async ({ page }) => {
      const grid = page.getByRole('grid', { name: 'Alerts' });
      await grid.getByRole('row').nth(1).waitFor();
      for (const column of ['Site', 'Sensor', 'Zone'])
        assert.equal(await grid.getByRole('columnheader', { name: column, exact: true }).count(), 0);
      const text = await grid.innerText();
      assert.match(text, /Critical|Major/);
      assert.doesNotMatch(text, /\b(High|Medium)\b/);
      assert.deepEqual(await serious(page), []);

      await page.getByRole('link', { name: 'Overview' }).click();
      await page.getByText('Warning').first().waitFor();
      await page.getByRole('link', { name: 'Alert types' }).click();
      await page.getByRole('grid', { name: 'Alert types' }).getByText('Critical').first().waitFor();

      // The hub belongs to the portal.
      await page.getByRole('link', { name: 'Users and roles' }).waitFor();
      assert.deepEqual(await page.getByRole('link', { name: /^(Devices|Security|Live messages)$/ }).allInnerTexts(), []);
      await page.getByRole('link', { name: 'Users and roles' }).click();
      await page.getByRole('row', { name: /^admin Admin Active/ }).waitFor();
      await page.getByRole('button', { name: 'Add user' }).click();
      const role = page.getByRole('group', { name: 'Grant 1' }).getByLabel('Role');
      await role.getByRole('option', { name: 'Viewer' }).waitFor({ state: 'attached' });
      assert.deepEqual(await role.getByRole('option').allInnerTexts(), ['Viewer', 'Security Analyst', 'Admin']);
    },
    '',
    Date.now(),
    { console: 'sensor' },
  ),
);
