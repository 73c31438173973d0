/** The baseline in a real browser: read, unlearned, added to, imported and brought back; the review list decided. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { closePortal, openPortal, serious, skip, visit, type Visit } from './portal.ts';

before(openPortal);
after(closePortal);

const baseline = (work: (at: Visit) => Promise<void>) =>
  visit(
    5,
    async (at) => {
      await at.page.getByRole('link', { name: 'Baseline' }).click();
      await at.page.getByRole('grid', { name: 'Baseline entries' }).waitFor();
      await work(at);
    },
    '',
    Date.now(),
    { baseline: true },
  );

test('entries say who learned them, are found, unlearned with a reason, and that stands in the history and can be reverted', { skip }, () =>
  baseline(async ({ page }) => {
    await page.getByText('sensor-north: 8 entries').waitFor();
    const grid = page.getByRole('grid', { name: 'Baseline entries' });
    await page.getByRole('button', { name: 'Aspect', exact: true }).click();
    await page.getByRole('menuitemcheckbox', { name: 'modbus.function' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('status').getByText('2 entries').waitFor();
    await grid.getByRole('row', { name: /function=3.*eva/ }).click();
    const pane = page.getByRole('complementary', { name: 'Entry details' });
    await pane.getByText('modbus.function 10.20.1.22 -> 10.20.2.13 unit=1 function=3').waitFor();
    await pane.getByRole('button', { name: 'Unlearn' }).click();
    const dialog = page.getByRole('dialog', { name: 'Unlearn this entry?' });
    await dialog.getByText('One entry would go: the same traffic raises alerts again.').waitFor();
    await dialog.getByRole('listitem', { name: 'goes: modbus.function 10.20.1.22 -> 10.20.2.13 unit=1 function=3' }).waitFor();
    await dialog.getByLabel('Reason').fill('the panel is gone');
    await dialog.getByRole('button', { name: 'Unlearn' }).click();
    await page.getByText('sensor-north: 7 entries').waitFor();

    await page.getByRole('tab', { name: 'History' }).click();
    const versions = page.getByRole('grid', { name: 'Versions of the baseline' });
    await versions.getByRole('row', { name: /4 .*admin Edited the panel is gone – − 1 7/ }).waitFor();
    await versions.getByRole('row', { name: /eva Edited the historian reads everything/ }).click();
    const version = page.getByRole('complementary', { name: 'Version details' });
    await version.getByRole('listitem', { name: /^comes: modbus\.function 10\.20\.0\.0\/24 -> \*/ }).waitFor();
    await version.getByRole('button', { name: 'Compare with now' }).click();
    await version.getByRole('listitem', { name: /^goes: .*function=16$/ }).waitFor();
    await version.getByRole('button', { name: 'Revert to this version' }).click();
    const revert = page.getByRole('dialog', { name: 'Revert to version 2?' });
    await revert.getByText('2 entries would come').waitFor();
    await revert.getByRole('button', { name: 'Revert' }).click();
    await versions.getByRole('row', { name: /5 .*admin Reverted back to version 2/ }).waitFor();
    await page.getByText('sensor-north: 9 entries').waitFor();
  }),
);

test('the baseline is exported, imported with a preview, and a text with a fault is refused with its place', { skip }, () =>
  baseline(async ({ page, complaints }) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
    assert.equal(download.suggestedFilename(), 'sensor-north-baseline.txt');
    const text = readFileSync(await download.path(), 'utf8');
    assert.match(text, /^annunciator baseline 1\ndevice 10\.20\.1\.22\n/);
    const file = (content: string) => ({ name: 'plant.txt', mimeType: 'text/plain', buffer: Buffer.from(content) });
    const input = page.locator('input[type=file]');
    await input.setInputFiles(file(text.replace('function=3', 'function=three')));
    const dialog = page.getByRole('dialog', { name: 'Import plant.txt?' });
    await dialog.getByText(/line 9, column \d+/i).waitFor();
    complaints.length = 0;
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await input.setInputFiles(file(text.replace('device 10.20.1.41\n', 'device 10.20.1.42\n')));
    await dialog.getByText('One entry would go').waitFor();
    await dialog.getByRole('button', { name: 'Import' }).click();
    await page.getByRole('row', { name: /10\.20\.1\.42/ }).waitFor();

    await page.getByRole('button', { name: 'Add entries' }).click();
    await page.getByLabel('Entries, one a line').fill('# panels\nmodbus.function 10.20.1.0/28 -> 10.20.2.13 unit=1 function=1-4');
    await page.getByRole('button', { name: 'Continue' }).click();
    const add = page.getByRole('dialog', { name: 'Add to the baseline?' });
    await add.getByText('One entry would come').waitFor();
    await add.getByRole('button', { name: 'Add' }).click();
    await page.getByText('sensor-north: 9 entries').waitFor();
  }),
);

test('operations seen while learning are accepted into the baseline or rejected into an alert, by keyboard too', { skip }, () =>
  baseline(async ({ page }) => {
    await page.getByRole('tab', { name: 'Review list (2)' }).click();
    const grid = page.getByRole('grid', { name: 'Operations to review' });
    await grid.getByRole('row', { name: /Program upload/ }).focus();
    await page.keyboard.press('Enter');
    const pane = page.getByRole('complementary', { name: 'Operation details' });
    await pane.getByRole('listitem', { name: 'comes: program.upload 10.20.1.41 -> 10.20.2.11' }).waitFor();
    await pane.getByRole('button', { name: 'Accept' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Review list (1)' }).waitFor();
    await page.getByText('sensor-north: 9 entries').waitFor();
    await grid.getByRole('row', { name: /Stop/ }).click();
    await pane.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('Nothing waits for you').waitFor();
    await page.getByRole('link', { name: 'Alerts', exact: true }).click();
    await page
      .getByRole('row', { name: /An S7 Stop PLC Command was Sent/ })
      .first()
      .waitFor();
  }),
);

test('axe finds nothing serious in the baseline, light and dark, and it fits a narrow window', { skip }, () =>
  baseline(async ({ page }) => {
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') await page.getByRole('button', { name: 'Dark theme' }).click();
      for (const [tab, grid] of [
        ['Entries', 'Baseline entries'],
        ['Review list (2)', 'Operations to review'],
        ['History', 'Versions of the baseline'],
      ] as const) {
        await page.getByRole('tab', { name: tab }).click();
        await page.getByRole('grid', { name: grid }).getByRole('row').nth(1).click();
        await page.getByRole('complementary').waitFor();
        assert.deepEqual(await serious(page), [], `${theme} ${tab}`);
      }
    }
    await page.getByRole('complementary').getByRole('button', { name: 'Close the details' }).click();
    await page.setViewportSize({ width: 480, height: 800 });
    assert.ok(await page.getByRole('main').evaluate((main) => main.scrollWidth <= main.clientWidth), 'nothing is cut off at the right');
  }),
);
