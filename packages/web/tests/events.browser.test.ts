/** The Event timeline and the Alert types in a real browser. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { closePortal, openPortal, serious, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

test('an event leads to the other events of its devices, and to its alert', { skip }, () =>
  visit(20, async ({ page }) => {
    await page.getByRole('link', { name: 'Event timeline' }).click();
    const grid = page.getByRole('grid', { name: 'Events' });
    await page.getByRole('button', { name: 'Severity', exact: true }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Alert', exact: true }).click();
    await page.keyboard.press('Escape');
    await page.waitForURL(/severity=ALERT/);
    await grid
      .getByRole('row', { name: /S7 Stop PLC/ })
      .first()
      .click();
    const pane = page.getByRole('complementary', { name: 'Event details' });
    await pane.getByRole('button', { name: 'Events of these devices' }).click();
    await page.waitForURL(/device=.*&device=10\.20\.2\.11/);
    await pane.getByRole('button', { name: 'Show the alert' }).click();
    await page.getByRole('heading', { name: 'An S7 Stop PLC Command was Sent', level: 1 }).waitFor();
  }),
);

test('the export of the timeline is a file', { skip }, () =>
  visit(5, async ({ page }) => {
    await page.getByRole('link', { name: 'Event timeline' }).click();
    await page.getByRole('grid', { name: 'Events' }).waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
    assert.equal(download.suggestedFilename(), 'events.csv');
    assert.match(readFileSync(await download.path(), 'utf8'), /^\uFEFFTime,Severity,Title/);
  }),
);

test('an alert type says what it means, and leads to its alerts', { skip }, () =>
  visit(20, async ({ page }) => {
    await page.getByRole('link', { name: 'Alert types' }).click();
    await page
      .getByRole('status')
      .getByText(/\d+ alert types, \d+ of them detected/)
      .waitFor();
    await page.getByLabel('Search alert types').fill('s7 stop');
    await page
      .getByRole('grid', { name: 'Alert types' })
      .getByRole('row', { name: /An S7 Stop PLC Command was Sent/ })
      .click();
    const pane = page.getByRole('complementary', { name: 'Alert type details' });
    await pane.getByRole('heading', { name: 'Remediation steps' }).waitFor();
    await pane.getByRole('button', { name: /^Show its alerts \([1-9]\d*\)$/ }).click();
    await page.waitForURL(/filter=type%3Aequals%3Aan-s7-stop-plc-command-was-sent/);
    await page
      .getByRole('row', { name: /S7 Stop PLC/ })
      .first()
      .waitFor();
  }),
);

test('axe finds nothing serious in the timeline and the alert types, light and dark', { skip }, () =>
  visit(12, async ({ page }) => {
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') await page.getByRole('button', { name: 'Dark theme' }).click();
      for (const [link, grid] of [
        ['Event timeline', 'Events'],
        ['Alert types', 'Alert types'],
      ] as const) {
        await page.getByRole('link', { name: link }).click();
        await page.getByRole('grid', { name: grid, exact: true }).getByRole('row').nth(2).click();
        await page.getByRole('complementary').waitFor();
        assert.deepEqual(await serious(page), [], `${theme} ${link}`);
      }
    }
  }),
);
