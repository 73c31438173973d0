/** The Event timeline and the Alert types in a real browser. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { fromMilliseconds } from '@annunciator/core/time';
import { PLACES, sampleDetection } from '../../server/tests/sample-detections.ts';
import { closePortal, openPortal, serious, signInAs, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

test('an event leads to the other events of its devices, and to its alert', { skip }, () =>
  visit(20, async ({ page }) => {
    await page.getByRole('link', { name: 'Event timeline' }).click();
    const grid = page.getByRole('grid', { name: 'Events' });
    await page.getByRole('combobox', { name: 'Event severity' }).selectOption('Alerts Only');
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

test('events are found by type, device, group and words, each also left out', { skip }, () =>
  visit(20, async ({ page }) => {
    await page.getByRole('link', { name: 'Event timeline' }).click();
    const grid = page.getByRole('grid', { name: 'Events' });
    const status = page.getByRole('main').getByRole('status');
    await grid.waitFor();
    const all = await status.innerText();

    await page.getByRole('button', { name: 'Exclude event types' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Alert Detected' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Exclude event types: Alert Detected' }).waitFor();
    await grid
      .getByRole('row', { name: /Alert Detected/ })
      .first()
      .waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Clear filters' }).first().click();
    await status.getByText(all, { exact: true }).waitFor();

    await page.getByRole('combobox', { name: 'Device group' }).selectOption({ label: 'Device group: Unauthorized' });
    await page.waitForURL(/devices=filter/);
    await grid
      .getByRole('row', { name: /10\.20\.1\.187/ })
      .first()
      .waitFor();
    await page.getByRole('combobox', { name: 'Device group' }).selectOption('');

    await page.getByRole('button', { name: 'Include devices' }).click();
    const picker = page.getByRole('dialog', { name: 'Include devices' });
    await picker.getByRole('textbox').fill('PUMP');
    await picker.getByRole('checkbox', { name: 'PLC-PUMP-1' }).click();
    await picker.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('button', { name: 'Include devices: PLC-PUMP-1' }).waitFor();
    await page.waitForURL(/device=10\.20\.2\.11/);
    await page.getByLabel(/^Search events/).fill('plc-pump-1, programming');
    await page.waitForURL(/search=plc-pump-1&search=programming/);
    const rows = grid.getByRole('row', { name: /Unauthorized PLC Programming/ });
    await rows.first().waitFor();
    // The head of the grid is a row, too; the others go when the answer comes.
    await grid
      .getByRole('row')
      .filter({ hasNotText: /programming/i })
      .nth(1)
      .waitFor({ state: 'detached' });
    for (const text of (await grid.getByRole('row').allInnerTexts()).slice(1)) assert.match(text, /programming[^]*plc-pump-1/i);

    await page.getByRole('combobox', { name: 'Time range' }).selectOption('Time range: Custom…');
    await page.getByLabel('From').fill('2001-01-01T00:00');
    await page.getByLabel('To', { exact: true }).fill('2001-01-02T00:00');
    await page.getByText('Nothing matches these filters').waitFor();
  }),
);

test('what a person knows to have happened stands in the timeline under their name', { skip }, () =>
  visit(0, async ({ page, context, server }) => {
    await page.getByRole('link', { name: 'Event timeline' }).click();
    await page.getByRole('button', { name: 'Create event' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create event' });
    assert.ok(await dialog.getByRole('button', { name: 'Save' }).isDisabled(), 'not without a description');
    await dialog.getByRole('combobox', { name: 'Type' }).selectOption('Notice');
    await dialog.getByRole('textbox', { name: 'Description' }).fill('Pump 1 was exchanged');
    await dialog.getByRole('textbox', { name: 'Devices: find' }).fill('PLC-PUMP');
    await dialog.getByRole('checkbox', { name: 'PLC-PUMP-1' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    const row = page.getByRole('row', { name: /Notice.*User Defined Event.*Pump 1 was exchanged.*PLC-PUMP-1.*admin/ });
    await row.click();
    await page.getByRole('complementary', { name: 'Event details' }).getByText('admin').waitFor();

    await signInAs(server, context, page.url(), 'rea', everywhere('Security Reader'));
    await page.reload();
    await row.waitFor();
    assert.equal(await page.getByRole('button', { name: 'Create event' }).count(), 0);
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
    await pane.getByText('Raised when', { exact: true }).waitFor();
    await pane.getByRole('heading', { name: 'Example' }).waitFor();
    assert.match((await pane.getByRole('link', { name: /^\d{1,2} \w{3} \d{4}/ }).getAttribute('href')) ?? '', /^\/alerts\/[\da-f-]+$/);
    await pane.getByRole('button', { name: /^Show its alerts \([1-9]\d*\)$/ }).click();
    await page.waitForURL(/filter=type%3Aequals%3Aan-s7-stop-plc-command-was-sent/);
    await page
      .getByRole('row', { name: /S7 Stop PLC/ })
      .first()
      .waitFor();
  }),
);

test('what is opened in the pause after typing stays open when the search is made', { skip }, () =>
  visit(0, async ({ page }) => {
    await page.getByRole('link', { name: 'Alert types' }).click();
    const row = page.getByRole('grid', { name: 'Alert types' }).getByRole('row').nth(1);
    await row.waitFor();
    await page.getByLabel('Search alert types').fill('s7');
    await row.dispatchEvent('click');
    await page.waitForURL(({ searchParams }) => searchParams.has('search') && searchParams.has('open'));
    await page.getByRole('complementary', { name: 'Alert type details' }).waitFor();
  }),
);

test('an alert type is switched off and given another severity, for what is detected from then on', { skip }, () =>
  visit(0, async ({ page, server }) => {
    const [place] = PLACES;
    assert.ok(place);
    const detect = (number: number) => server.detect(sampleDetection(0, fromMilliseconds(Date.now()), number), place);
    const alerts = () => server.store.count({ filters: [] });
    await page.getByRole('link', { name: 'Alert types' }).click();
    await page.getByLabel('Search alert types').fill('s7 stop');
    const row = page.getByRole('grid', { name: 'Alert types' }).getByRole('row', { name: /An S7 Stop PLC Command was Sent/ });
    await row.click();
    const pane = page.getByRole('complementary', { name: 'Alert type details' });
    // By keyboard.
    await pane.getByRole('switch', { name: 'On: alerts of this type are raised' }).press('Space');
    await pane.getByRole('switch', { name: 'Off: no alert of this type is raised' }).waitFor();
    await row.getByText('Off', { exact: true }).waitFor();
    await detect(1);
    assert.equal(await alerts(), 0);
    const changed = page.waitForResponse((response) => response.request().method() === 'PATCH');
    await Promise.all([changed, pane.getByLabel('Severity of new alerts').selectOption('Minor')]);
    await pane.getByText('Low', { exact: true }).first().waitFor();
    assert.deepEqual(server.types.current, { 'an-s7-stop-plc-command-was-sent': { on: false, severity: 'Minor' } });
    assert.deepEqual(await serious(page), []);
    await pane.getByRole('switch').press('Space');
    await pane.getByRole('switch', { name: 'On: alerts of this type are raised' }).waitFor();
    await detect(2);
    assert.equal(await alerts(), 1);
    assert.deepEqual(
      server.audit.filter(({ action }) => action === 'alert-type.change').map(({ after }) => after),
      [{ on: false }, { on: false, severity: 'Minor' }, { on: true, severity: 'Minor' }],
    );
  }),
);

test('the threshold of an alert type is set, and goes back to that of the catalogue', { skip }, () =>
  visit(3, async ({ page, server }) => {
    await page.getByRole('link', { name: 'Alert types' }).click();
    await page.getByLabel('Search alert types').fill('Excessive Login Attempts');
    await page.getByRole('row', { name: /Excessive Login Attempts/ }).click();
    const pane = page.getByRole('complementary', { name: 'Alert type details' });
    const usual = await pane.getByLabel('Count').inputValue();
    await pane.getByLabel('Count').fill('77');
    await pane.getByLabel('Count').press('Enter');
    const back = pane.getByRole('button', { name: new RegExp(`^Back to ${usual} in`) });
    await back.waitFor();
    assert.equal(server.types.of('excessive-login-attempts').threshold?.count, 77);
    assert.deepEqual(await serious(page), []);
    await back.click();
    await back.waitFor({ state: 'detached' });
    assert.equal(await pane.getByLabel('Count').inputValue(), usual);
    assert.deepEqual(server.types.current, {});
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
