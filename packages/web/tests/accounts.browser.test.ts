/** Users and roles, the audit log and one's own account in a real browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { PASSWORD } from '../../server/tests/serve-samples.ts';
import { at } from '../../server/tests/two-sites.ts';
import { closePortal, newContext, openPortal, openSession, serious, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

const signOut = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('User name').waitFor();
};

const signIn = async (page: Page, user: string, password: string): Promise<void> => {
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
};

test('a user is added for one site, sets a password of their own, and sees that site only', { skip }, () =>
  visit(24, async ({ page }) => {
    await page.getByRole('link', { name: 'Users and roles' }).click();
    await page.getByRole('button', { name: 'Add user' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add user' });
    await dialog.getByLabel('Name').fill('mira');
    const grant = dialog.getByRole('group', { name: 'Grant 1' });
    await grant.getByLabel('Role').selectOption('Security Reader');
    await grant.getByLabel('Site').fill('Treatment Plant');
    await dialog.getByRole('button', { name: 'Add user' }).click();
    const password = await page.getByRole('status', { name: 'One-time password' }).innerText();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('row', { name: /mira Security Reader at Treatment Plant Password to be set Off/ }).waitFor();

    await signOut(page);
    await signIn(page, 'mira', password);
    await page.getByLabel('Current password').fill(password);
    await page.getByLabel('New password', { exact: true }).fill('three pumps in may');
    await page.getByLabel('New password again').fill('three pumps in may');
    await page.getByRole('button', { name: 'Set password' }).click();
    // The page that the administrator was on is not hers.
    await page.getByRole('heading', { name: 'Not in your role' }).waitFor();
    await page.getByRole('link', { name: 'Alerts', exact: true }).click();
    await page.getByRole('grid', { name: 'Alerts' }).getByRole('row').nth(1).waitFor();
    assert.equal(await page.getByText('North Pumping Station').count(), 0);
    assert.ok((await page.getByText('Treatment Plant').count()) > 0);
    for (const hidden of ['Users and roles', 'Audit', 'API tokens'])
      assert.equal(await page.getByRole('link', { name: hidden, exact: true }).count(), 0, hidden);
  }),
);

test('a user is changed, disabled and removed, and the log says what was before', { skip }, () =>
  visit(3, async ({ page, server }) => {
    await server.accounts.createUser({ name: 'otto', grants: [everywhere('Contributor')], password: PASSWORD, temporary: false });
    await page.getByRole('link', { name: 'Users and roles' }).click();
    // By keyboard alone: to the row, into the pane.
    const row = page.getByRole('row', { name: /^otto Contributor/ });
    await row.focus();
    await page.keyboard.press('Enter');
    const pane = page.getByRole('complementary', { name: 'User details' });
    await pane.getByRole('button', { name: 'Change' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change otto' });
    await dialog.getByRole('group', { name: 'Grant 1' }).getByLabel('Role').selectOption('Security Admin');
    await dialog.getByRole('button', { name: 'Add a grant' }).click();
    const second = dialog.getByRole('group', { name: 'Grant 2' });
    await second.getByLabel('Role').selectOption('Owner');
    await second.getByLabel('Site').fill('Treatment Plant');
    await second.getByLabel('Packets of alerts').selectOption('No');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /otto Security Admin; Owner at Treatment Plant without packets Active/ }).waitFor();

    await pane.getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('row', { name: /otto .* Disabled/ }).waitFor();
    await pane.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('dialog', { name: 'Remove otto?' }).getByRole('button', { name: 'Remove' }).click();
    await row.waitFor({ state: 'detached' });

    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('button', { name: 'Action', exact: true }).click();
    await page.getByRole('menuitemcheckbox', { name: /^Changed a user/ }).click();
    await page.keyboard.press('Escape');
    await page.waitForURL(/action=user\.change/);
    const log = page.getByRole('grid', { name: 'Audit log' });
    await log.getByRole('row', { name: /otto: role Contributor → Security Admin; Owner at Treatment Plant without packets/ }).click();
    const entry = page.getByRole('complementary', { name: 'Entry details' });
    await entry.getByRole('row', { name: 'role Contributor Security Admin; Owner at Treatment Plant without packets' }).waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
    assert.equal(download.suggestedFilename(), 'audit.csv');
  }),
);

test('an authenticator app is set up on the account page, and its code asked for at the next sign-in', { skip }, () =>
  visit(3, async ({ page }) => {
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Your account' }).click();
    const card = page.getByRole('region', { name: 'Authenticator app' });
    await card.getByLabel('Your password').fill(PASSWORD);
    await card.getByRole('button', { name: 'Set up' }).click();
    await card.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
    const secret = Secret.fromBase32(await card.getByRole('status', { name: 'Secret' }).innerText());
    const totp = new TOTP({ secret });
    await card.getByLabel('Code that the app shows').fill(totp.generate());
    await card.getByRole('button', { name: 'Turn on' }).click();
    const codes = card.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
    await codes.first().waitFor();
    assert.equal(await codes.count(), 10);
    const [recovery = ''] = await codes.allInnerTexts();

    await signOut(page);
    await signIn(page, 'admin', PASSWORD);
    await page.getByLabel('Code').fill('000000');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('The code is wrong or was used before').waitFor();
    // The next step of the app, which the server takes early.
    await page.getByLabel('Code').fill(totp.generate({ timestamp: Date.now() + 30_000 }));
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Your account', level: 1 }).waitFor();

    await signOut(page);
    await signIn(page, 'admin', PASSWORD);
    await page.getByLabel('Code').fill(recovery);
    await page.keyboard.press('Enter');
    await page.getByText('9 recovery codes are left').waitFor();
  }),
);

test('another session is seen and ended from the account page', { skip }, () =>
  visit(3, async ({ page, server }) => {
    await server.accounts.signIn('admin', PASSWORD, '192.0.2.44', { agent: 'Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/145.0' });
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Your account' }).click();
    const sessions = page.getByRole('region', { name: 'Sessions' });
    const other = sessions.getByRole('row', { name: /Firefox on Windows 192\.0\.2\.44/ });
    await other.waitFor();
    await sessions.getByRole('row', { name: /Chrome on Linux 127\.0\.0\.1 .* This session/ }).waitFor();
    await other.getByRole('button', { name: 'End the session from 192.0.2.44' }).click();
    await other.waitFor({ state: 'detached' });
  }),
);

test('an open page follows a change of what its reader may do, and the end of their session, without being loaded anew', { skip }, () =>
  visit(40, async ({ page, server }) => {
    const user = await server.accounts.createUser({
      name: 'mira',
      grants: [everywhere('Owner')],
      password: PASSWORD,
      temporary: false,
    });
    const theirs = await newContext();
    try {
      await openSession(theirs, page.url(), 'mira');
      const open = await theirs.newPage();
      open.setDefaultTimeout(45_000);
      await open.goto(new URL('/alerts?range=all&group=site', page.url()).href);
      await open.getByRole('button', { name: /^Treatment Plant/ }).waitFor();
      await open.getByRole('link', { name: 'Users and roles' }).waitFor();
      await open.evaluate(() => Object.assign(window, { loadedOnce: true }));

      await server.accounts.changeUser(user.id, { grants: [at('Security Reader', 'North Pumping Station')] });
      await open.getByRole('link', { name: 'Users and roles' }).waitFor({ state: 'detached' });
      await open.getByRole('button', { name: /^Treatment Plant/ }).waitFor({ state: 'detached' });
      await open.getByRole('button', { name: /^North Pumping Station/ }).waitFor();
      assert.equal(await open.evaluate(() => 'loadedOnce' in window), true, 'the page is still the same');

      await server.accounts.changeUser(user.id, { grants: [everywhere('Owner')] });
      await open.getByRole('link', { name: 'Users and roles' }).waitFor();
      await open.getByRole('button', { name: /^Treatment Plant/ }).waitFor();

      await server.accounts.changeUser(user.id, { disabled: true });
      await open.getByLabel('User name').waitFor();
      assert.equal(await open.evaluate(() => 'loadedOnce' in window), true);
    } finally {
      await theirs.close();
    }
  }),
);

test('axe finds nothing serious in users, audit and account, light and dark', { skip }, () =>
  visit(3, async ({ page, server }) => {
    await server.accounts.createUser({ name: 'otto', grants: [everywhere('Contributor')], password: PASSWORD, temporary: false });
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') await page.getByRole('button', { name: 'Dark theme' }).click();
      await page.getByRole('link', { name: 'Users and roles' }).click();
      await page.getByRole('row', { name: /^otto/ }).click();
      await page.getByRole('complementary').waitFor();
      assert.deepEqual(await serious(page), [], `${theme} users`);
      await page.getByRole('button', { name: 'Change', exact: true }).click();
      await page.getByRole('group', { name: 'Grant 1' }).waitFor();
      assert.deepEqual(await serious(page), [], `${theme} change a user`);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'What roles may do' }).click();
      await page.getByRole('rowheader', { name: /See and download the packets/ }).waitFor();
      assert.deepEqual(await serious(page), [], `${theme} roles`);
      await page.getByRole('button', { name: 'Close', exact: true }).click();
      await page.getByRole('link', { name: 'Audit' }).click();
      await page
        .getByRole('row', { name: /Signed in/ })
        .first()
        .click();
      await page.getByRole('complementary').waitFor();
      assert.deepEqual(await serious(page), [], `${theme} audit`);
      await page.getByRole('button', { name: /^Account of/ }).click();
      await page.getByRole('menuitem', { name: 'Your account' }).click();
      await page.getByRole('region', { name: 'Sessions' }).getByRole('row').nth(1).waitFor();
      assert.deepEqual(await serious(page), [], `${theme} account`);
    }
  }),
);
