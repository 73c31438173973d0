/** Answers to alerts and questions to the grid that other files leave out: mute, severity, packets that are missing, operators, order, keys. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fromMilliseconds } from '@annunciator/core/time';
import type { Page } from 'playwright-core';
import { PLACES, sampleDetection } from '../../server/tests/sample-detections.ts';
import { keepPackets } from '../../server/tests/sample-packets.ts';
import { closePortal, openPortal, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

const firstRow = (page: Page) => page.locator('[data-alert]').first();
const notice = (page: Page, text: string) => page.getByRole('listitem').getByText(text, { exact: true });
const counts = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text }).first();

/** The id of the first alert that cannot be learned and so can be muted, or the other way round. */
async function idOf({ page, muteable }: { readonly page: Page; readonly muteable: boolean }): Promise<string> {
  const { alerts } = await page.evaluate(
    async () => (await (await fetch('/api/alerts?limit=100')).json()) as { alerts: { id: string; learnable: boolean; status: string }[] },
  );
  const found = alerts.find(({ learnable, status }) => learnable !== muteable && status === 'New');
  assert.ok(found);
  return found.id;
}

test('an alert is muted and unmuted on its page, and several together by the menu of the grid, with a way back', { skip }, () =>
  visit(40, async ({ page, server }) => {
    await firstRow(page).waitFor();
    const id = await idOf({ page, muteable: true });
    await page.goto(new URL(`/alerts/${id}?tab=action`, page.url()).href);
    await page.getByRole('button', { name: 'Mute', exact: true }).click();
    await notice(page, '1 alert muted and closed.').waitFor();
    assert.equal((await server.store.get(id))?.disposition, 'muted');
    await page.getByRole('button', { name: 'Unmute' }).click();
    await page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
    assert.equal((await server.store.get(id))?.disposition, 'none');

    await page.goto(new URL('/alerts?range=all', page.url()).href);
    await page.locator(`[data-alert="${id}"]`).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Mute', exact: true }).click();
    const muted = page.getByRole('listitem').filter({ hasText: '1 alert muted and closed.' }).first();
    await muted.getByRole('button', { name: 'Undo' }).click();
    await notice(page, '1 alert unmuted.').waitFor();
    assert.equal((await server.store.get(id))?.disposition, 'none');
  }),
);

test('the severity of one alert is set in its details, and of several in the grid', { skip }, () =>
  visit(20, async ({ page, server }) => {
    await firstRow(page).click();
    const pane = page.getByRole('complementary', { name: 'Alert details' });
    await pane.getByRole('button', { name: /^Severity: / }).click();
    await page.getByRole('menuitemradio', { name: 'Informational' }).click();
    await pane.getByRole('button', { name: 'Severity: Informational' }).waitFor();
    const id = new URL(page.url()).searchParams.get('alert') ?? '';
    assert.equal((await server.store.get(id))?.portalSeverity, 'Informational');
    await page.keyboard.press('Escape');
    await page.getByRole('checkbox', { name: 'Select all loaded alerts' }).check();
    await page.getByRole('button', { name: 'Change severity' }).click();
    await page.getByRole('menuitem', { name: 'Low' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Set to Low' }).click();
    await page
      .getByRole('listitem')
      .filter({ hasText: /alerts set to Low\./ })
      .first()
      .waitFor();
    assert.equal((await server.store.get(id))?.portalSeverity, 'Low');
  }),
);

test('a filter says what a column contains or is not, several hold together, and a time range has bounds of one’s own', { skip }, () =>
  visit(40, async ({ page }) => {
    await firstRow(page).waitFor();
    await page.getByRole('button', { name: 'Add filter' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Column').selectOption('sourceDevice');
    await form.getByLabel('Operator').selectOption('contains');
    await form.getByLabel('Value').fill('ENG');
    await form.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/sourceDevice%3Acontains%3AENG/);
    await page.getByRole('button', { name: 'Add filter' }).click();
    await form.getByLabel('Column').selectOption('severity');
    await form.getByLabel('Operator').selectOption('notEquals');
    await form.getByRole('checkbox', { name: 'Low' }).check();
    await form.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/severity%3AnotEquals%3ALow/);
    await counts(page, /^\d+ alerts? of \d+$/).waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('Time range').selectOption('1');
    await page.waitForURL(/range=1(&|$)/);
    await page.getByLabel('Time range').selectOption('all');
    await counts(page, /^\d+ alerts$/).waitFor();
  }),
);

test('a press on the head of a column sorts by it, another turns the order around, and the address holds it', { skip }, () =>
  visit(40, async ({ page }) => {
    await firstRow(page).waitFor();
    const head = page.getByRole('columnheader', { name: 'Name', exact: true });
    await head.getByRole('button').first().click();
    await page.waitForURL(/sort=title/);
    await page.locator('[role=columnheader][aria-sort=ascending]', { hasText: 'Name' }).waitFor();
    await head.getByRole('button').first().click();
    await page.waitForURL(/sort=-title/);
    await page.locator('[role=columnheader][aria-sort=descending]', { hasText: 'Name' }).waitFor();
    await page.reload();
    await page.locator('[role=columnheader][aria-sort=descending]', { hasText: 'Name' }).waitFor();
    await firstRow(page).waitFor();
  }),
);

test('alerts are grouped by engine, name, sensor, severity, site, status, category and device, each with its count', { skip }, () =>
  visit(40, async ({ page }) => {
    await firstRow(page).waitFor();
    for (const column of ['engine', 'title', 'sensor', 'severity', 'site', 'status', 'category', 'device']) {
      await page.getByLabel('Group by').selectOption(column);
      const group = page.getByRole('grid', { name: 'Alerts' }).getByRole('button', { expanded: false }).first();
      await group.waitFor();
      await group
        .locator('xpath=ancestor::*[@role="row"]')
        .getByText(/^\(?\d+/)
        .first()
        .waitFor();
    }
  }),
);

test('packets say whether they are there, on the way, or why there are none', { skip }, () =>
  visit(0, async ({ page, server }) => {
    const [place] = PLACES;
    assert.ok(place);
    await server.detect(sampleDetection(2, fromMilliseconds(Date.now()), 1), place);
    const id = (await server.store.page({ filters: [], sort: { column: 'id', descending: false } }, 1, null)).alerts[0]?.id ?? '';
    const open = () => page.goto(new URL(`/alerts/${id}`, page.url()).href);
    for (const [state, words] of [
      ['requested', 'PCAP requested from the sensor…'],
      ['missing', 'PCAP not captured'],
      ['expired', 'PCAP expired'],
    ] as const) {
      await server.desk.setPackets(id, { state, reason: `A sentence about ${state}.` });
      await open();
      const button = page.getByRole('button', { name: words });
      await button.waitFor();
      await button.focus();
      await page.getByText(`A sentence about ${state}.`).first().waitFor({ state: 'attached' });
    }
    const file = await keepPackets(server.evidence, id);
    await open();
    // By its key.
    await page.getByRole('link', { name: 'Download PCAP' }).waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('p')]);
    assert.equal(Buffer.compare(readFileSync(await download.path()), file), 0);
  }),
);

test('keys lead to other pages, open the filter, the export and the list of keys, mark a range and learn', { skip }, () =>
  visit(40, async ({ page }) => {
    await firstRow(page).waitFor();
    const goes = async (keys: readonly string[], heading: string) => {
      for (const key of keys) await page.keyboard.press(key);
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
      await page.goBack();
      await firstRow(page).waitFor();
    };
    await goes(['g', 'd'], 'Device inventory');
    await goes(['g', 't'], 'Event timeline');
    await goes(['g', 'm'], 'Device map');
    await goes(['g', 'w'], 'Workbooks');
    await goes(['g', 'o'], 'Overview');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Device map').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' });
    await page.keyboard.press('f');
    await page.getByRole('dialog').getByLabel('Column').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('j');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('3 selected').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('3 selected').waitFor({ state: 'detached' });
    await page.keyboard.press('e');
    await page.getByRole('link', { name: 'Confirm' }).waitFor();
  }),
);

const PATHS = [
  'overview',
  'alerts',
  'devices',
  'map',
  'recommendations',
  'events',
  'workbooks',
  'networks',
  'baseline',
  'rules',
  'alert-types',
  'sites',
  'tokens',
  'users',
  'audit',
  'settings',
  'account',
];

test('every page is usable at 200 percent: nothing is cut off beside the window', { skip }, () =>
  visit(
    24,
    async ({ page }) => {
      await firstRow(page).waitFor();
      // A window of 1280 by 860 at 200 percent.
      await page.setViewportSize({ width: 640, height: 430 });
      for (const path of PATHS) {
        await page.goto(new URL(`/${path}`, page.url()).href);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await page.waitForLoadState('networkidle').catch(() => undefined);
        const { wide, heading } = await page.evaluate(() => ({
          wide: document.documentElement.scrollWidth - window.innerWidth,
          heading: document.querySelector('h1')?.getBoundingClientRect().right ?? 0,
        }));
        assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
        assert.ok(heading > 0 && heading <= 640, `${path}: the heading is in sight`);
      }
    },
    '',
    Date.now(),
    { baseline: true, rules: true },
  ),
);

test('the first grid is there within two seconds', { skip }, () =>
  visit(40, async ({ page }) => {
    await firstRow(page).waitFor();
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const begun = performance.now();
      await page.reload({ waitUntil: 'commit' });
      await firstRow(page).waitFor();
      times.push(performance.now() - begun);
    }
    // The best of five: the machine may do other work.
    assert.ok(Math.min(...times) < 2000, times.map(Math.round).join(', '));
  }),
);
