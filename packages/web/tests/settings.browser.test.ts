/** The Settings page in a real browser: what one chooses for oneself, and that it follows one to another browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import type { Page } from 'playwright-core';
import { PASSWORD } from '../../server/tests/serve-samples.ts';
import { closePortal, newContext, openPortal, openSession, serious, skip, visit, type Visit } from './portal.ts';

before(openPortal);
after(closePortal);

const NOW = Date.UTC(2026, 10, 21, 12, 0);

/** A page of another browser, on which the same person has signed in. */
async function elsewhere({ page }: Pick<Visit, 'page'>): Promise<Page> {
  const other = await newContext();
  page.once('close', () => void other.close());
  await openSession(other, page.url());
  const there = await other.newPage();
  await there.goto(new URL('/alerts', page.url()).href);
  await there.locator('[data-alert]').first().waitFor();
  return there;
}

/** Resolves once the server has kept a preference. */
const kept = (page: Page, name: string) =>
  page.waitForResponse((response) => response.url().endsWith(`/api/preferences/${name}`) && response.status() === 204);

const schemeOf = (page: Page) => page.evaluate(() => document.documentElement.style.colorScheme);

test('the time zone and the form of dates that somebody chooses hold on every page and in another browser', { skip }, () =>
  visit(
    12,
    async (at) => {
      const { page, server } = at;
      await page.getByRole('link', { name: 'Settings', exact: true }).click();
      const time = page.getByRole('region', { name: 'Time' });
      await Promise.all([kept(page, 'time'), time.getByLabel('Time zone').selectOption('Asia/Tehran')]);
      await time.getByText(/Now it is .* in Asia\/Tehran \(UTC\+03:30\)/).waitFor();
      await time.getByRole('radio', { name: '21 Nov 2026' }).focus();
      await Promise.all([kept(page, 'time'), page.keyboard.press('ArrowDown')]);

      const [newest] = (await server.store.page({ filters: [], sort: { column: 'lastDetection', descending: true } }, 1, null)).alerts;
      assert.ok(newest);
      const moment = new Date(Number(newest.lastDetection / 1_000_000n));
      const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tehran', dateStyle: 'short', timeStyle: 'medium' }).format(moment);
      await page.getByRole('link', { name: 'Alerts', exact: true }).click();
      await page.locator('[data-alert]').first().getByText(shown, { exact: true }).waitFor();

      const there = await elsewhere(at);
      await there.locator('[data-alert]').first().getByText(shown, { exact: true }).waitFor();
      await there.goto(new URL('/devices', page.url()).href);
      await there
        .getByText(/^2026-11-\d\d \d\d:\d\d:\d\d$/)
        .first()
        .waitFor();

      // What is typed is of the chosen zone, too: six in the evening of Tehran is half past two of UTC.
      await there.goto(new URL('/alerts', page.url()).href);
      await there.locator('[data-alert]').first().waitFor();
      await there.getByLabel('Time range').selectOption({ label: 'Custom…' });
      const bounds = there.getByRole('dialog', { name: 'Time range' });
      await bounds.getByText(/in the time of Asia\/Tehran/).waitFor();
      await bounds.getByLabel('From').fill('2026-11-20T18:00:00');
      await bounds.getByRole('button', { name: 'Apply' }).click();
      await there.waitForURL(/from=2026-11-20T14%3A30%3A00\.000Z/);
    },
    '',
    NOW,
  ),
);

test('the theme is one choice, in the settings and in the bar, and follows to another browser', { skip }, () =>
  visit(3, async (at) => {
    const { page } = at;
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Settings' }).click();
    const theme = page.getByRole('radiogroup', { name: 'Theme' });
    assert.ok(await theme.getByRole('radio', { name: 'As the system' }).isChecked());
    await Promise.all([kept(page, 'theme'), page.getByRole('button', { name: 'Dark theme' }).click()]);
    await page.getByRole('button', { name: 'Light theme' }).waitFor();
    assert.ok(await theme.getByRole('radio', { name: 'Dark' }).isChecked());

    const there = await elsewhere(at);
    await there.getByRole('button', { name: 'Light theme' }).waitFor();
    assert.equal(await schemeOf(there), 'dark');

    await Promise.all([kept(page, 'theme'), theme.getByRole('radio', { name: 'As the system' }).check()]);
    await page.getByRole('button', { name: 'Dark theme' }).waitFor();
    assert.equal(await schemeOf(page), 'light');
    // The page on which one signs in keeps what was shown last.
    await there.reload();
    await there.getByRole('button', { name: 'Dark theme' }).waitFor();
    assert.equal(await schemeOf(there), 'light');
  }),
);

test('the columns of the inventory follow to another browser, and the usual ones are not kept', { skip }, () =>
  visit(3, async (at) => {
    const { page } = at;
    await page.getByRole('link', { name: 'Device inventory' }).click();
    await page.getByRole('columnheader', { name: 'Vendor' }).waitFor();
    await page.getByRole('button', { name: 'Edit columns' }).click();
    const columns = page.getByRole('complementary', { name: 'Edit columns' });
    await columns.getByRole('button', { name: 'Remove Vendor' }).click();
    await Promise.all([kept(page, 'devices.columns'), columns.getByRole('button', { name: 'Save' }).click()]);
    await page.getByRole('columnheader', { name: 'Vendor' }).waitFor({ state: 'detached' });

    const there = await elsewhere(at);
    await there.getByRole('link', { name: 'Device inventory' }).click();
    await there.getByRole('columnheader', { name: 'Model' }).waitFor();
    assert.equal(await there.getByRole('columnheader', { name: 'Vendor' }).count(), 0);
    await there.getByRole('button', { name: 'Edit columns' }).click();
    await there.getByRole('button', { name: 'Reset', exact: true }).click();
    await Promise.all([kept(there, 'devices.columns'), there.getByRole('button', { name: 'Save', exact: true }).click()]);
    await there.getByRole('columnheader', { name: 'Vendor' }).waitFor();
    const preferences = await there.evaluate(async () => (await fetch('/api/preferences')).json() as Promise<object>);
    assert.equal('devices.columns' in preferences, false);
  }),
);

test('an Owner sets how long things are kept; what cannot be is said beside its field; the log has both', { skip }, () =>
  visit(3, async ({ page, server, complaints }) => {
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    const system = page.getByRole('region', { name: 'What the system keeps' });
    const save = system.getByRole('button', { name: 'Save' });
    await save.waitFor();
    assert.ok(await save.isDisabled());
    // By keyboard alone.
    const quiet = system.getByLabel('Close quiet alerts after');
    await quiet.focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('30');
    await system.getByRole('checkbox', { name: 'For good' }).focus();
    await page.keyboard.press('Space');
    await system.getByLabel('Keep the audit log for').fill('30');
    await page.keyboard.press('Enter');
    await system.getByText('The audit log is kept for 90 to 3,650 days, a whole number, or for good (null); 30 was given.').waitFor();
    assert.deepEqual(complaints.splice(0), ['Failed to load resource: the server responded with a status of 400 (Bad Request)']);
    assert.deepEqual(
      server.audit.filter(({ action }) => action === 'settings.change'),
      [],
    );
    await system.getByLabel('Keep the audit log for').fill('365');
    await save.click();
    await page.getByText('The settings are saved and hold.').first().waitFor();
    const entry = server.audit.find(({ action }) => action === 'settings.change');
    assert.deepEqual(
      [entry?.before, entry?.after],
      [
        { closeQuietAlertsAfterDays: 90, auditDays: null },
        { closeQuietAlertsAfterDays: 30, auditDays: 365 },
      ],
    );
    await system.getByLabel('Delete silent devices after').fill('365');
    await system.getByLabel('Disk for packets').fill('0');
    await save.click();
    await system.getByText(/until the next start of the system/).waitFor();
    const last = server.audit.findLast(({ action }) => action === 'settings.change');
    assert.deepEqual(last?.after, { deleteSilentDevicesAfterDays: 365, packetGigabytes: 0 });
    await system.getByRole('button', { name: 'Fill in the defaults' }).click();
    assert.equal(await quiet.inputValue(), '90');
    await system.getByRole('button', { name: 'Discard' }).click();
    assert.equal(await quiet.inputValue(), '30');
  }),
);

test('who may only look at settings sees them and cannot change them; who may not, does not see them', { skip }, () =>
  visit(3, async ({ page, server }) => {
    for (const role of ['Security Admin', 'Security Reader'] as const)
      await server.accounts.createUser({ name: role, grants: [everywhere(role)], password: PASSWORD, temporary: false });
    const as = async (name: string) => {
      await page.getByRole('button', { name: /^Account of/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.getByLabel('User name').fill(name);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('link', { name: 'Settings', exact: true }).click();
      await page.getByText(/^Now it is/).waitFor();
    };
    await as('Security Admin');
    const system = page.getByRole('region', { name: 'What the system keeps' });
    await system.getByText('An Owner can change it.').waitFor();
    await system.getByLabel('Disk for packets').waitFor();
    assert.ok(await system.getByLabel('Disk for packets').isDisabled());
    assert.equal(await system.getByRole('button', { name: 'Save' }).count(), 0);
    await as('Security Reader');
    assert.equal(await system.count(), 0);
  }),
);

test('the Settings page is accessible in both themes and usable at 200 percent', { skip }, () =>
  visit(3, async ({ page }) => {
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await page.getByLabel('Disk for packets').waitFor();
    assert.deepEqual(await serious(page), []);
    await page.getByRole('radiogroup', { name: 'Theme' }).getByRole('radio', { name: 'Dark' }).check();
    await page.getByRole('button', { name: 'Light theme' }).waitFor();
    assert.deepEqual(await serious(page), []);
    await page.setViewportSize({ width: 640, height: 430 });
    const zone = page.getByLabel('Time zone');
    await zone.scrollIntoViewIfNeeded();
    const box = await zone.boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= 640, JSON.stringify(box));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
  }),
);
