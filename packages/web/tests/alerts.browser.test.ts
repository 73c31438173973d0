/**
 * The Alerts page in a real browser against a real server with alerts in memory: what an analyst does in the first minutes.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fromMilliseconds } from '@annunciator/core/time';
import type { Page } from 'playwright-core';
import { PLACES, sampleDetection } from '../../server/tests/sample-detections.ts';
import { frameText, frameTimes, quantile, scrollThrough } from './frame-times.ts';
import { builtPortal, closePortal, openPortal, serious, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

const counts = (page: Page) => page.getByRole('status').filter({ hasText: 'alert' }).first();
const notice = (page: Page, text: string) => page.getByRole('listitem').getByText(text, { exact: true });
const firstRow = (page: Page) => page.locator('[data-alert]').first();

test('an analyst filters, groups, opens, closes and learns alerts', { skip }, () =>
  visit(40, async ({ page, server }) => {
    await page.getByRole('button', { name: 'Add filter' }).click();
    await page.getByRole('dialog').getByRole('checkbox', { name: 'High' }).check();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/filter=severity%3Aequals%3AHigh/);
    await counts(page)
      .filter({ hasText: /^\d+ alerts of \d+$/ })
      .waitFor();

    await page.reload();
    await page.getByRole('button', { name: 'Severity: High', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();

    await page.getByLabel('Group by').selectOption('engine');
    await page.getByRole('button', { name: 'Policy Violation', expanded: false }).click();
    await firstRow(page).waitFor();
    await page.getByLabel('Group by').selectOption('');

    await page
      .getByRole('row', { name: /An S7 Stop PLC Command was Sent/ })
      .first()
      .click();
    const pane = page.getByRole('complementary', { name: 'Alert details' });
    await pane.getByText(/stopped the CPU of/).waitFor();
    await pane.getByRole('button', { name: 'Status: New' }).click();
    await page.getByRole('menuitemradio', { name: 'Closed' }).click();
    await pane.getByRole('button', { name: 'Status: Closed' }).waitFor();
    await page.keyboard.press('Escape');

    await page
      .getByRole('row', { name: /Unauthorized PLC Programming/ })
      .first()
      .click();
    await pane.getByRole('button', { name: 'View full details' }).click();
    await page.getByRole('tab', { name: 'Take action' }).click();
    await page.getByRole('button', { name: 'Learn' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Learn' }).click();
    await notice(page, '1 alert learned and closed.').waitFor();
    await page.getByRole('button', { name: 'Unlearn' }).waitFor();
    assert.equal(server.learned.length, 1);

    await page.getByRole('listitem').filter({ hasText: 'learned and closed' }).getByRole('button', { name: 'Undo' }).click();
    await notice(page, '1 alert unlearned.').waitFor();
    assert.deepEqual(server.unlearned, server.learned);
  }),
);

test('the first grid needs less than 300 KiB of compressed script', { skip }, () =>
  visit(40, async ({ page }) => {
    await page.reload();
    await firstRow(page).waitFor();
    const scripts = await page.evaluate(() =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
        .map(({ name, encodedBodySize, decodedBodySize }) => ({ name, encodedBodySize, decodedBodySize })),
    );
    const sum = (size: 'encodedBodySize' | 'decodedBodySize') => scripts.reduce((total, script) => total + script[size], 0);
    assert.ok(scripts.length > 3 && sum('decodedBodySize') > 2 * sum('encodedBodySize'), 'scripts come compressed');
    assert.ok(sum('encodedBodySize') < 300 * 1024, `${Math.round(sum('encodedBodySize') / 1024)} KiB`);
  }),
);

test('the whole of triage goes by keyboard', { skip }, () =>
  visit(40, async ({ page, server }) => {
    await firstRow(page).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Alert details' }).waitFor();
    const id = new URL(page.url()).searchParams.get('alert') ?? '';
    await page.keyboard.press('a');
    await notice(page, '1 alert set to Active.').waitFor();
    assert.equal((await server.store.get(id))?.status, 'Active');
    await page.keyboard.press('c');
    await notice(page, '1 alert set to Closed.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary', { name: 'Alert details' }).waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-alert')), id, 'the focus is back on the row');
    await page.keyboard.press('/');
    await page.waitForFunction(() => document.activeElement instanceof HTMLInputElement);
    await page.keyboard.type('RTU-RESERVOIR');
    await page.waitForFunction(() => location.search.includes('search=RTU-RESERVOIR'));
  }),
);

test('the export is a file with a line per matching alert', { skip }, () =>
  visit(25, async ({ page, server }) => {
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Confirm' }).click()]);
    assert.equal(download.suggestedFilename(), 'alerts.csv');
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    const { total } = await server.store.page({ filters: [], sort: { column: 'id', descending: false } }, 1, null);
    assert.equal(lines.length, total + 1);
  }),
);

test('a new alert comes in by itself at the top, and waits behind a bar while somebody reads', { skip }, () =>
  visit(12, async ({ page, server }) => {
    await counts(page).filter({ hasText: '12 alerts' }).waitFor();
    await server.detect(sampleDetection(2, fromMilliseconds(Date.now()), 90), PLACES[0]!);
    await counts(page).filter({ hasText: '13 alerts' }).waitFor();
    assert.match((await firstRow(page).textContent()) ?? '', /Unpermitted Usage of Modbus Function Code/);

    await firstRow(page).click();
    await server.detect(sampleDetection(3, fromMilliseconds(Date.now()), 91), PLACES[0]!);
    const arrived = page.getByRole('button', { name: '1 new alert', exact: true });
    await arrived.waitFor();
    assert.match((await firstRow(page).textContent()) ?? '', /Unpermitted Usage of Modbus Function Code/);
    await arrived.click();
    await page
      .getByRole('row', { name: /Port Scan Detected/ })
      .first()
      .waitFor();
    await counts(page).filter({ hasText: '14 alerts' }).waitFor();
  }),
);

/** Pixels, sixteen rows: nearly all that are in sight. */
const PAGE_OF_ROWS = 640;

test('ten thousand rows scroll from the first to the last and back: few are in the page, and each frame is soon there', { skip }, () =>
  visit(12_000, async ({ page, server }) => {
    await firstRow(page).waitFor();
    const rows = await server.store.count({ filters: [] });
    assert.ok(rows >= 10_000, `${rows} rows`);
    const down = await frameTimes(page, () => scrollThrough(page, PAGE_OF_ROWS, rows));
    assert.ok((await page.locator('[data-alert]').count()) < 60);
    await page.locator(`[data-alert][aria-rowindex="${rows + 1}"]`).waitFor();
    const up = await frameTimes(page, () => scrollThrough(page, -PAGE_OF_ROWS, rows));
    await page.locator('[data-alert][aria-rowindex="2"]').waitFor();
    for (const times of [down, up]) {
      // A machine that does other work shows frames late; what a frame costs it hardly changes.
      assert.ok(times.cost < 100, frameText(times));
      assert.ok(quantile(times.frames, 0.5) < 250, frameText(times));
    }
  }),
);

test('an empty list says what the sensor does, and filters that hide all offer the way back', { skip }, async () => {
  await visit(0, async ({ page }) => {
    await page.getByText(/Sensor sensor-north is learning until about .*; 47 devices seen\./).waitFor();
    assert.deepEqual(await serious(page), []);
  });
  await visit(
    12,
    async ({ page }) => {
      await page.getByRole('heading', { name: 'No alerts match these filters' }).waitFor();
      await page.getByText('12 exist').waitFor();
      await page.getByRole('button', { name: 'Clear filters' }).last().click();
      await firstRow(page).waitFor();
    },
    'alerts?search=nothing-like-this',
  );
});

test('alerts of an old capture are shown although they lie outside the default time range', { skip }, () =>
  visit(
    12,
    async ({ page }) => {
      await firstRow(page).waitFor();
      await page.getByText('none in the last 30 days, so all time is shown').waitFor();
    },
    '',
    Date.UTC(2019, 4, 1),
  ),
);

test('axe finds nothing serious on any page, light and dark', { skip }, () =>
  visit(40, async ({ page }) => {
    await firstRow(page).waitFor();
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') await page.getByRole('button', { name: 'Dark theme' }).click();
      assert.deepEqual(await serious(page), [], `${theme} grid`);
      await page
        .getByRole('row', { name: /Modbus Function Code/ })
        .first()
        .click();
      await page.getByText('Expected').first().waitFor();
      assert.deepEqual(await serious(page), [], `${theme} pane`);
      await page.getByRole('button', { name: 'View full details' }).click();
      for (const tab of ['Alert details', 'Map view', 'Event timeline', /Violations/, 'Take action', /Comments/]) {
        await page.getByRole('tab', { name: tab }).click();
        assert.deepEqual(await serious(page), [], `${theme} ${tab}`);
      }
      await page.getByRole('link', { name: 'API tokens' }).click();
      await page.getByRole('heading', { name: 'API tokens' }).waitFor();
      assert.deepEqual(await serious(page), [], `${theme} tokens`);
      await page.getByRole('link', { name: 'Alerts' }).click();
      await page.getByLabel('Group by').selectOption('severity');
      await page.getByRole('button', { name: 'High' }).first().waitFor();
      assert.deepEqual(await serious(page), [], `${theme} groups`);
      await page.getByLabel('Group by').selectOption('');
      await firstRow(page).waitFor();
    }
  }),
);

test('what is built names no folder of the machine that built it', { skip }, () => {
  const root = join(import.meta.dirname, '../../..');
  for (const name of readdirSync(join(builtPortal(), 'assets'))) {
    const text = readFileSync(join(builtPortal(), 'assets', name), 'utf8');
    assert.ok(!text.includes(root) && !text.includes('node_modules/'), name);
  }
});
