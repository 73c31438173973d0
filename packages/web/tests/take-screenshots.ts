/**
 * Takes pictures of the portal on sample data: `npx node packages/web/tests/take-screenshots.ts FOLDER [NAME...]`. With
 * docs/images as the folder it makes the pictures of the documentation anew. A name that ends in -dark is taken in dark theme.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { SampleOptions } from '../../server/tests/serve-samples.ts';
import { keepPackets } from '../../server/tests/sample-packets.ts';
import { type HubScene, hubScene, saveRules } from './hub-scenes.ts';
import { closePortal, openPortal, type Visit, visit } from './portal.ts';

const pane = (page: Page) => page.getByRole('complementary');
const openModbus = async ({ page, server }: Visit) => {
  const { alerts } = await server.store.page({ filters: [], sort: { column: 'id', descending: false } }, 1000, null);
  const alert = alerts.find(({ type }) => type === 'unpermitted-usage-of-modbus-function-code');
  if (!alert) throw new Error('The samples hold no Modbus alert.');
  await keepPackets(server.evidence, alert.id);
  await page.goto(new URL(`/alerts/${alert.id}`, page.url()).href);
  await page.getByRole('tab', { name: 'Take action' }).waitFor();
};
const tab = (name: string | RegExp) => async (at: Visit) => {
  await openModbus(at);
  await at.page.getByRole('tab', { name }).click();
};

const open =
  (path: string) =>
  async ({ page }: Visit) =>
    void (await page.goto(new URL(`/${path}`, page.url()).href));

/** By the name of the picture: what is done before it is taken. */
const SCENES: Readonly<Record<string, (at: Visit) => Promise<void>>> = {
  alerts: ({ page }) => page.locator('[data-alert]').first().waitFor(),
  'alert-pane': async ({ page }) => {
    await page
      .getByRole('row', { name: /Modbus Function Code/ })
      .first()
      .click();
    await pane(page).getByText('Expected').first().waitFor();
  },
  'alert-groups': async ({ page }) => {
    await page.getByLabel('Group by').selectOption('engine');
    await page.getByRole('button', { name: 'Policy Violation', expanded: false }).click();
    await page.locator('[data-alert]').first().waitFor();
  },
  'edit-columns': async ({ page }) => {
    await page.getByRole('button', { name: 'Edit columns' }).click();
    await pane(page).getByRole('button', { name: 'Add Column' }).waitFor();
  },
  'add-filter': async ({ page }) => {
    await page.getByRole('button', { name: 'Add filter' }).click();
    await page.getByRole('checkbox', { name: 'High' }).check();
  },
  'learn-preview': async ({ page }) => {
    await page.getByRole('checkbox', { name: 'Select all loaded alerts' }).check();
    await page.getByRole('button', { name: 'Learn' }).click();
    await page.getByRole('list', { name: 'What learning covers' }).waitFor();
  },
  keys: async ({ page }) => {
    await page.locator('[data-alert]').first().waitFor();
    await page.keyboard.press('?');
  },
  'alert-details': openModbus,
  'alert-map': tab('Map view'),
  'alert-events': tab('Event timeline'),
  'alert-violations': tab(/Violations/),
  'take-action': tab('Take action'),
  'alert-comments': async (at) => {
    await openModbus(at);
    await at.page.getByRole('button', { name: /^Status: / }).click();
    await at.page.getByRole('menuitemradio', { name: 'Active' }).click();
    await at.page.getByRole('tab', { name: 'Comments' }).click();
    await at.page.getByRole('textbox', { name: 'Comment' }).fill('Called the shift: the change of the pump program is planned.');
    await at.page.getByRole('button', { name: 'Add', exact: true }).click();
  },
  devices: async (at) => {
    await open('devices')(at);
    await at.page.getByRole('row', { name: /PLC-FILTER-3/ }).click();
    await pane(at.page).getByText('BMX P34 2020').waitFor();
  },
  'device-map': async (at) => {
    await open('map?search=10.20.2.11&neighbours=yes')(at);
    const canvas = at.page.getByRole('application');
    await canvas.focus();
    await at.page.keyboard.press('Home');
    await at.page.keyboard.press('ArrowDown');
    await canvas.blur();
  },
  sites: open('sites'),
  site: async (at) => {
    await open('sites')(at);
    await at.page.getByRole('button', { name: 'Treatment Plant' }).click();
  },
  onboard: async (at) => {
    await open('sites')(at);
    await at.page.getByRole('button', { name: 'Onboard OT sensor' }).click();
  },
  'workbook-alerts': open('workbooks/alerts'),
  'workbook-devices': open('workbooks/devices'),
  'workbook-sensor-health': open('workbooks/sensor-health'),
  'workbook-mitre': open('workbooks/mitre'),
  workbooks: open('workbooks'),
  recommendations: open('recommendations'),
  recommendation: open('recommendations/review-plc-operating-mode'),
  sensor: open('sites/sensors/sensor-north'),
  settings: async (at) => {
    await open('settings')(at);
    await at.page.getByLabel('Disk for packets').waitFor();
  },
  words: async ({ page }) => {
    await page.locator('[data-alert]').first().waitFor();
    await page.getByRole('columnheader', { name: 'Engine' }).getByRole('button').focus();
    await page.keyboard.press('Shift');
    await page.getByRole('tooltip').waitFor();
  },
  'learn-or-mute': async (at) => {
    await tab('Take action')(at);
    await at.page.getByRole('region', { name: 'Learn', exact: true }).getByRole('button', { name: 'What these answers mean' }).click();
    await at.page.getByText('For traffic that is normal').waitFor();
  },
  tour: async ({ page }) => {
    await page.getByRole('button', { name: 'Take the tour' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('tab', { name: 'Alert details' }).waitFor();
  },
  rules: async (at) => {
    await open('rules')(at);
    await at.page.getByRole('grid', { name: 'Rules' }).getByRole('row').nth(1).waitFor();
  },
  baseline: async (at) => {
    await open('baseline')(at);
    await at.page.getByRole('grid', { name: 'Baseline entries' }).getByRole('row').nth(1).waitFor();
  },
  'baseline-history': async (at) => {
    await open('baseline')(at);
    await at.page.getByRole('tab', { name: 'History' }).click();
    await at.page.getByRole('row', { name: /the historian reads everything/ }).click();
    await pane(at.page).getByRole('button', { name: 'Compare with now' }).waitFor();
  },
  'baseline-review': async (at) => {
    await open('baseline')(at);
    await at.page.getByRole('tab', { name: /^Review list/ }).click();
    await at.page.getByRole('row', { name: /Program upload/ }).click();
    await pane(at.page).getByRole('button', { name: 'Accept' }).waitFor();
  },
  'hub-devices': async (at) => {
    await open('hub/devices')(at);
    await at.page.getByText('gateway-hall-1').waitFor();
  },
  'custom-alerts': async (at) => {
    await saveRules(at.page);
    await open('hub/security')(at);
    await at.page.getByRole('tab', { name: 'Custom alerts' }).click();
    await at.page.getByLabel('Choose the group default').uncheck();
    await at.page.getByLabel('Choose the group pumps', { exact: true }).check();
    await at.page.getByText('Pump is called often').waitFor();
  },
};

/** What scenes need beyond the usual samples. */
const NEEDS: Readonly<Record<string, SampleOptions>> = {
  tour: { demo: true },
  rules: { rules: true },
  baseline: { baseline: true },
  'baseline-history': { baseline: true },
  'baseline-review': { baseline: true },
};
const WITH_HUB = new Set(['hub-devices', 'custom-alerts']);

const [folder, ...asked] = process.argv.slice(2);
if (!folder) {
  console.error(`Name a folder, and scenes if not all: ${Object.keys(SCENES).join(', ')}`);
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
await openPortal();
for (const name of asked.length > 0 ? asked : Object.keys(SCENES)) {
  const known = name.replace(/-dark$/, '');
  const scene = SCENES[known];
  if (!scene) throw new Error(`There is no scene ${name}.`);
  const more: HubScene | undefined = WITH_HUB.has(known) ? await hubScene() : undefined;
  await visit(
    90,
    async (at) => {
      if (name.endsWith('-dark')) await at.page.getByRole('button', { name: 'Dark theme' }).click();
      await scene(at);
      // What moves or is still loading comes to rest.
      await at.page.waitForLoadState('networkidle').catch(() => undefined);
      await at.page.waitForTimeout(400);
      await at.page.screenshot({ path: join(folder, `${name}.png`) });
    },
    '',
    Date.now(),
    { ...NEEDS[known], ...(more ? { hub: more.hub } : {}) },
  );
  await more?.close();
  console.log(`${name}.png`);
}
await closePortal();
