/** Tooltips of words in a real browser: by mouse, by keyboard, and for those who hear the page. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closePortal, openPortal, serious, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

test('heads of columns tell what severities, engines and statuses mean, also to the keyboard', { skip }, () =>
  visit(12, async ({ page }) => {
    await page.locator('[data-alert]').first().waitFor();
    const head = (name: string) => page.getByRole('columnheader', { name }).getByRole('button');
    const tooltip = page.getByRole('tooltip');
    await head('Severity').hover();
    await tooltip.getByText('Signs of an attack or of danger for the plant: answer at once.').waitFor();
    await page.mouse.move(700, 600);
    await tooltip.waitFor({ state: 'hidden' });

    // By keyboard alone: from the head of the name to that of the engine, past the site.
    await head('Name').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await tooltip.getByText('Messages that break the rules of their protocol, and errors that a peer answers.').waitFor();
    assert.deepEqual(await serious(page), []);
    assert.match((await head('Engine').getAttribute('aria-describedby')) ?? '', /tooltip/);
    for (const engine of ['Policy Violation', 'Protocol Violation', 'Malware', 'Anomaly', 'Operational', 'Micro-agent'])
      await tooltip.getByText(engine, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await tooltip.waitFor({ state: 'hidden' });
    await head('Status').focus();
    await tooltip.getByText(/^It is answered/).waitFor();
    await tooltip.getByText(/^Closed, and silent about the same traffic/).waitFor();
  }),
);

test('an alert tells what its engine judges, what a status means, and how Learn and Mute differ', { skip }, () =>
  visit(12, async ({ page }) => {
    await page
      .getByRole('row', { name: /Modbus Function Code/ })
      .first()
      .click();
    const pane = page.getByRole('complementary', { name: 'Alert details' });
    await pane.getByRole('button', { name: 'What this engine judges' }).focus();
    await page.keyboard.press('Enter');
    const meaning = page
      .getByRole('group', { name: 'What this engine judges' })
      .or(page.getByRole('dialog', { name: 'What this engine judges' }));
    await meaning.getByText(/^What was never seen while the sensor learned/).waitFor();
    assert.deepEqual(await serious(page), []);
    await page.keyboard.press('Escape');
    await meaning.waitFor({ state: 'detached' });

    await pane.getByRole('button', { name: /^Status: / }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.getByRole('tooltip').getByText('Somebody works on it. The same traffic still adds to the alert.').waitFor();
    await page.keyboard.press('Escape');

    await pane.getByRole('button', { name: 'View full details' }).click();
    await page.getByRole('tab', { name: 'Take action' }).click();
    const learn = page.getByRole('region', { name: 'Learn', exact: true });
    await learn.getByRole('button', { name: 'What these answers mean' }).click();
    await page.getByText('For traffic that is normal and will come again. It goes into the baseline, exactly as it was seen.').waitFor();
    await page.getByText('For traffic that is known and cannot be learned. It stays suspicious; only this alert stays silent.').waitFor();
    await page.getByRole('button', { name: 'Dark theme' }).click();
    await page.getByRole('button', { name: 'Light theme' }).waitFor();
    await learn.getByRole('button', { name: 'What these answers mean' }).click();
    assert.deepEqual(await serious(page), []);
  }),
);
