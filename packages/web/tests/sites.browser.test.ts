/** Sites and sensors in a real browser: onboarding, moving a sensor, editing a site. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { at } from '../../server/tests/two-sites.ts';
import { closePortal, newContext, openPortal, serious, signInAs, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

const notice = (page: Page, text: string) => page.getByRole('listitem').getByText(text, { exact: true });

test('a sensor is onboarded, is pending, and is moved in place; a site gets an owner and a zone', { skip }, () =>
  visit(40, async ({ page, server }) => {
    await page.getByRole('link', { name: 'Sites and sensors' }).click();
    const north = page.getByRole('region', { name: 'North Pumping Station', exact: true });
    await north.getByRole('row', { name: /sensor-north .*VLAN silent/ }).waitFor();
    await page.getByText('0 of 2').waitFor();

    await page.getByRole('button', { name: 'Onboard OT sensor' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Sensor name').fill('sensor gate');
    await dialog.getByLabel('Site').selectOption('Treatment Plant');
    await dialog.getByLabel('Zone').selectOption('Create Zone…');
    await dialog.getByLabel('Name of the new zone').fill('Gates');
    await dialog.getByRole('button', { name: 'Register' }).click();
    await dialog.getByText("--sensor-name 'sensor gate'").waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('row', { name: /sensor gate .*Gates Pending activation/ }).waitFor();

    await page.getByRole('button', { name: 'sensor gate', exact: true }).click();
    await page.getByRole('heading', { name: 'sensor gate', level: 1 }).waitFor();
    await page.getByLabel('Zone').selectOption('Filtration');
    await page.getByRole('button', { name: 'Save' }).click();
    await notice(page, 'sensor gate now stands in Treatment Plant, Filtration.').waitFor();
    assert.equal((await server.sites.sensors()).find(({ name }) => name === 'sensor gate')?.zone, 'Filtration');
    await page.getByRole('button', { name: 'Delete sensor' }).click();
    await notice(page, 'The sensor sensor gate was deleted.').waitFor();

    await page.getByRole('button', { name: 'Treatment Plant', exact: true }).click();
    const pane = page.getByRole('complementary', { name: 'Edit site' });
    await pane.getByRole('button', { name: 'Remove the zone Gates' }).click();
    await notice(page, 'The zone Gates was removed.').waitFor();
    await pane.getByLabel('Owners').fill('ops@plant.example');
    await pane.getByLabel('Display name').fill('Treatment plant, south');
    await pane.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Treatment plant, south' }).waitFor();
    await page.getByRole('region', { name: 'Treatment plant, south', exact: true }).getByText('ops@plant.example').waitFor();

    await page.getByRole('button', { name: /open alerts? of sensor-north/ }).click();
    await page.getByRole('button', { name: 'Sensor: sensor-north', exact: true }).waitFor();
    await page.locator('[data-alert]').first().waitFor();
  }),
);

test('who has a role at one site edits it and its sensors on the page, and is offered neither other places nor sites', { skip }, () =>
  visit(12, async ({ page, server }) => {
    const theirs = await newContext();
    try {
      await signInAs(server, theirs, page.url(), 'mira', at('Security Admin', 'North Pumping Station'));
      const open = await theirs.newPage();
      open.setDefaultTimeout(45_000);
      await open.goto(new URL('/sites', page.url()).href);
      await open.getByRole('button', { name: 'Onboard OT sensor' }).click();
      assert.equal(await open.getByRole('button', { name: 'Add site' }).count(), 0);
      const dialog = open.getByRole('dialog');
      await dialog.getByLabel('Sensor name').fill('sensor-gate');
      assert.deepEqual(await dialog.getByLabel('Site').locator('option').allTextContents(), ['North Pumping Station']);
      await dialog.getByRole('button', { name: 'Register' }).click();
      await dialog.getByText('--sensor-name sensor-gate').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).click();
      await open.getByRole('button', { name: 'North Pumping Station', exact: true }).click();
      const pane = open.getByRole('complementary', { name: 'Edit site' });
      await pane.getByLabel('Owners').fill('ops@plant.example');
      assert.equal(await pane.getByRole('button', { name: 'Remove site' }).count(), 0);
      await pane.getByLabel('New zone').fill('Gates');
      await pane.getByRole('button', { name: 'Create zone' }).click();
      await notice(open, 'The zone Gates was created.').waitFor();
      await pane.getByRole('button', { name: 'Save' }).click();
      await open.getByRole('region', { name: 'North Pumping Station', exact: true }).getByText('ops@plant.example').waitFor();
      await open.getByRole('button', { name: 'sensor-gate', exact: true }).click();
      await open.getByRole('combobox', { name: 'Zone' }).selectOption('Gates');
      await open.getByRole('button', { name: 'Save' }).click();
      await notice(open, 'sensor-gate now stands in North Pumping Station, Gates.').waitFor();
      await open.getByRole('button', { name: 'Delete sensor' }).click();
      await notice(open, 'The sensor sensor-gate was deleted.').waitFor();
    } finally {
      await theirs.close();
    }
  }),
);

test('since when a VLAN is silent is told in the time zone of the reader, on every page that tells it', { skip }, () =>
  visit(
    12,
    async ({ page }) => {
      await page.getByRole('link', { name: 'Settings', exact: true }).click();
      await page.getByRole('region', { name: 'Time' }).getByLabel('Time zone').selectOption('Asia/Tehran');
      await page.getByText(/in Asia\/Tehran \(UTC\+03:30\)/).waitFor();
      // The sample falls silent two and a half hours before noon of UTC.
      const sentence = 'Check that the mirror still has it. Silent since 21 Nov 2026 13:00:00: VLAN 30.';
      await page.getByRole('link', { name: 'Sites and sensors' }).click();
      await page
        .getByRole('row', { name: /sensor-north/ })
        .getByText(sentence)
        .waitFor();
      await page.getByRole('button', { name: 'sensor-north', exact: true }).click();
      await page.getByRole('list', { name: 'Findings' }).getByText(sentence).waitFor();
      await page.getByRole('link', { name: 'Workbooks' }).click();
      await page.getByRole('main').getByRole('button', { name: 'Sensor health', exact: true }).click();
      await page.getByText(sentence).waitFor();
    },
    '',
    Date.UTC(2026, 10, 21, 12, 0),
  ),
);

test('axe finds nothing serious in sites and sensors, light and dark', { skip }, () =>
  visit(12, async ({ page }) => {
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') await page.getByRole('button', { name: 'Dark theme' }).click();
      await page.getByRole('link', { name: 'Sites and sensors' }).click();
      await page.getByRole('button', { name: 'Treatment Plant', exact: true }).click();
      await page.getByRole('complementary', { name: 'Edit site' }).waitFor();
      assert.deepEqual(await serious(page), [], `${theme} sites`);
      await page.getByRole('button', { name: 'sensor-north', exact: true }).click();
      await page.getByRole('heading', { name: 'Health' }).waitFor();
      assert.deepEqual(await serious(page), [], `${theme} sensor`);
    }
  }),
);
