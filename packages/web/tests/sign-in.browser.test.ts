/** The ways to sign in, in a real browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import type { CDPSession, Page } from 'playwright-core';
import { SingleSignOn } from '@annunciator/server/accounts/single-sign-on';
import { CLIENT, identityProvider } from '../../server/tests/identity-provider.ts';
import { PASSWORD } from '../../server/tests/serve-samples.ts';
import { closePortal, openPortal, serious, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

const signOut = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('User name').waitFor();
};

test('the button of single sign-on leads to the provider, and back signed in; who has no role is told so', { skip }, async () => {
  const settings = {
    name: 'Plant sign-in',
    ...CLIENT,
    issuer: '',
    groups: [{ group: 'auditors', ...everywhere('Security Reader') }],
  };
  const more = { sso: new SingleSignOn(settings), devices: 0 };
  await visit(
    3,
    async ({ page }) => {
      const base = new URL(page.url()).origin;
      const provider = await identityProvider({ mira: ['auditors'], otto: ['canteen'] }, `${base}/api/sign-in/sso/callback`);
      settings.issuer = provider.issuer;
      try {
        // The provider's pages ask for fonts of the Internet and an icon: nothing of ours.
        await page.route(
          (url) => url.origin !== base,
          (route) => (route.request().resourceType() === 'document' ? route.continue() : route.fulfill({ body: '' })),
        );
        await signOut(page);
        const button = page.getByRole('link', { name: 'Sign in with Plant sign-in' });
        await button.waitFor();
        assert.deepEqual(await serious(page), []);
        await button.press('Enter');
        await signInAtProvider(page, provider.issuer, 'otto');
        await page.getByText('None of your groups has a role here: ask an administrator.').waitFor();

        await page.context().clearCookies();
        await button.click();
        await signInAtProvider(page, provider.issuer, 'mira');
        await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor();
        assert.equal(new URL(page.url()).origin, base);
        await page.getByRole('button', { name: 'Account of mira' }).waitFor();
        await page.reload();
        await page.getByRole('button', { name: 'Account of mira' }).waitFor();
        await openAccount(page);
        await page.getByText('You sign in by single sign-on: your provider keeps').waitFor();
        await page
          .getByRole('region', { name: 'Sessions' })
          .getByRole('row', { name: /single sign-on This session/ })
          .waitFor();
        assert.equal(await page.getByLabel('Your password').count(), 0);
      } finally {
        provider.close();
      }
    },
    '',
    Date.now(),
    more,
  );
});

/** The pages of `oidc-provider`: who somebody is, then what Annunciator may know of them. */
async function signInAtProvider(page: Page, issuer: string, user: string): Promise<void> {
  await page.waitForURL((url) => url.origin === issuer);
  await page.locator('input[name=login]').fill(user);
  await page.locator('input[name=password]').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

/**
 * Opens the portal by its name, since passkeys need one, in a browser with an authenticator. This one chooses a passkey as soon as the
 * browser offers one, so without `autofill` the browser is one that offers none.
 */
async function withAuthenticator(page: Page, { autofill = false } = {}): Promise<{ cdp: CDPSession; authenticatorId: string }> {
  if (!autofill)
    await page.addInitScript(() => {
      PublicKeyCredential.isConditionalMediationAvailable = async () => false;
    });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const kind = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true } as const;
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...kind, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await page.goto(page.url().replace('127.0.0.1', 'localhost'));
  await signIn(page);
  await page.getByRole('button', { name: /^Account of/ }).waitFor();
  return { cdp, authenticatorId };
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function openAccount(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Your account' }).click();
}

test('the button of single sign-on comes although the end of the session is seen before signing out is answered', { skip }, async () => {
  const settings = { name: 'Plant sign-in', ...CLIENT, issuer: 'https://login.plant.example', groups: [] };
  await visit(
    3,
    async ({ page }) => {
      // The stream tells the end at once, the answer comes late, and what the page to sign in asks for later still.
      await page.route('**/api/sign-out', async (route) => {
        const response = await route.fetch();
        await page.getByLabel('User name').waitFor();
        await route.fulfill({ response });
      });
      const asked = page.waitForRequest('**/api/sign-in/sso');
      const answered = page.waitForResponse('**/api/sign-out');
      await page.route('**/api/sign-in/sso', async (route) => {
        await (await answered).finished();
        await route.continue();
      });
      await signOut(page);
      await asked;
      await page.getByRole('link', { name: 'Sign in with Plant sign-in' }).waitFor({ timeout: 15_000 });
    },
    '',
    Date.now(),
    { sso: new SingleSignOn(settings), devices: 0 },
  );
});

test('a passkey is added, signs in by itself and after the password, is renamed and removed', { skip }, () =>
  visit(3, async ({ page }) => {
    const { cdp, authenticatorId } = await withAuthenticator(page);
    await openAccount(page);
    const card = page.getByRole('region', { name: 'Passkeys' });
    // By keyboard alone.
    await card.getByLabel('Name of the passkey').fill('Laptop');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    const row = card.getByRole('row', { name: /^Laptop localhost .* Never/ });
    await row.waitFor();
    const codes = card.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
    await codes.first().waitFor();
    assert.equal(await codes.count(), 10);
    const recovery = await codes.first().innerText();
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    assert.deepEqual(
      credentials.map(({ rpId, isResidentCredential }) => [rpId, isResidentCredential]),
      [['localhost', true]],
    );
    // The same authenticator once more.
    await card.getByLabel('Your password').fill(PASSWORD);
    await card.getByRole('button', { name: 'Add passkey' }).click();
    await card.getByText('There is a passkey of yours in this place already').waitFor();

    await signOut(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).press('Enter');
    await page.getByRole('heading', { name: 'Your account', level: 1 }).waitFor();
    await page
      .getByRole('region', { name: 'Sessions' })
      .getByRole('row', { name: / passkey This session/ })
      .waitFor();
    await card.getByRole('row', { name: /^Laptop/ }).waitFor();
    assert.equal(await card.getByRole('row', { name: /Never/ }).count(), 0);

    await signOut(page);
    await signIn(page);
    await page.getByText('Continue with a passkey, or enter one of your recovery codes.').waitFor();
    await page.getByRole('button', { name: 'Continue with a passkey' }).press('Enter');
    await page
      .getByRole('region', { name: 'Sessions' })
      .getByRole('row', { name: /password and passkey This session/ })
      .waitFor();

    // Cancelled at the device: the page says so, and a recovery code does.
    await signOut(page);
    await signIn(page);
    const withPasskey = page.getByRole('button', { name: 'Continue with a passkey' });
    await withPasskey.waitFor();
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await withPasskey.click();
    await page.getByText('No passkey was used: it was cancelled').waitFor();
    await page.getByRole('button', { name: 'Enter a recovery code' }).click();
    await page.getByLabel('Code').fill(recovery);
    await page.keyboard.press('Enter');
    await page.getByText('9 recovery codes are left').waitFor();

    await card.getByRole('button', { name: 'Rename Laptop' }).click();
    await page.getByRole('dialog', { name: 'Rename Laptop' }).getByLabel('Name').fill('Old laptop');
    await page.keyboard.press('Enter');
    await card.getByRole('row', { name: /^Old laptop/ }).waitFor();
    await page.getByRole('link', { name: 'Users and roles' }).click();
    await page.getByRole('row', { name: /^admin Owner Active Off 1 / }).waitFor();
    await openAccount(page);
    await card.getByRole('button', { name: 'Remove Old laptop' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove Old laptop?' });
    await dialog.getByText('It is your last').waitFor();
    await dialog.getByLabel('Your password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await card.getByRole('row').first().waitFor({ state: 'detached' });
    await signOut(page);
    await signIn(page);
    await page.getByRole('heading', { name: 'Your account', level: 1 }).waitFor();
  }),
);

test(
  'the browser offers passkeys in the field of the user name; the chosen one signs in, and one that is not known says so',
  { skip },
  () =>
    visit(3, async ({ page, server, complaints }) => {
      const { cdp, authenticatorId } = await withAuthenticator(page, { autofill: true });
      await openAccount(page);
      const card = page.getByRole('region', { name: 'Passkeys' });
      await card.getByLabel('Your password').fill(PASSWORD);
      await card.getByRole('button', { name: 'Add passkey' }).click();
      await card.getByRole('row', { name: /^Chrome on Linux localhost .* Never/ }).waitFor();

      // Nobody chooses one: the page waits, and the password goes on being asked for.
      await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
      await signOut(page);
      const name = page.getByLabel('User name');
      await name.waitFor();
      assert.equal(await name.getAttribute('autocomplete'), 'username webauthn');
      await signIn(page);
      await page.getByRole('button', { name: 'Continue with a passkey' }).waitFor();
      // Somebody chooses it.
      await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
      await page.reload();
      await page.getByRole('heading', { name: 'Your account', level: 1 }).waitFor();
      await page
        .getByRole('region', { name: 'Sessions' })
        .getByRole('row', { name: / passkey This session/ })
        .waitFor();
      assert.equal(server.audit.findLast(({ action }) => action === 'session.start')?.details?.['method'], 'passkey');

      const [admin] = server.accounts.users();
      assert.ok(admin);
      await server.accounts.passkeys.removeAll(admin.id);
      await signOut(page);
      await page.getByText('This passkey is not known here').waitFor();
      await signIn(page);
      await page.getByRole('heading', { name: 'Your account', level: 1 }).waitFor();
      assert.equal(server.audit.filter(({ action }) => action === 'session.refused').length, 1, 'it is not offered over and over');
      assert.deepEqual(complaints, []);
    }),
);

test('an administrator takes the passkeys of somebody away', { skip }, () =>
  visit(3, async ({ page, server }) => {
    await withAuthenticator(page);
    const user = await server.accounts.createUser({ name: 'eve', grants: [everywhere('Owner')], password: PASSWORD, temporary: false });
    await openAccount(page);
    const card = page.getByRole('region', { name: 'Passkeys' });
    await card.getByLabel('Your password').fill(PASSWORD);
    await card.getByRole('button', { name: 'Add passkey' }).click();
    await card.getByRole('row', { name: /^Chrome on Linux localhost/ }).waitFor();
    await signOut(page);
    await page.getByLabel('User name').fill(user.name);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('link', { name: 'Users and roles' }).click();
    await page.getByRole('row', { name: /^admin Owner Active Off 1 / }).click();
    const pane = page.getByRole('complementary', { name: 'User details' });
    await pane.getByRole('button', { name: 'Remove passkeys' }).click();
    await page.getByText('The passkeys of admin are removed.').first().waitFor();
    await page.getByRole('row', { name: /^admin Owner Active Off 0 / }).waitFor();
    assert.equal(await pane.getByRole('button', { name: 'Remove passkeys' }).isDisabled(), true);
    await signOut(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('This passkey is not known here').waitFor();
  }),
);

test('by an IP address the portal says that passkeys need a name', { skip }, () =>
  visit(3, async ({ page, complaints }) => {
    await openAccount(page);
    const card = page.getByRole('region', { name: 'Passkeys' });
    await card.getByText('Passkeys need a name: open the portal by its name instead of 127.0.0.1').waitFor();
    assert.equal(await card.getByRole('button', { name: 'Add passkey' }).count(), 0);
    await signOut(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('Passkeys work under a name and not under an IP address such as 127.0.0.1').waitFor();
    // The refusal itself (409).
    complaints.length = 0;
  }),
);

test('axe finds nothing serious in sign-in and passkeys, light and dark', { skip }, () =>
  visit(3, async ({ page }) => {
    const { cdp, authenticatorId } = await withAuthenticator(page);
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') await page.getByRole('button', { name: 'Dark theme' }).click();
      await openAccount(page);
      const card = page.getByRole('region', { name: 'Passkeys' });
      await card.getByLabel('Your password').fill(PASSWORD);
      await card.getByRole('button', { name: 'Add passkey' }).click();
      await card.getByRole('button', { name: 'Remove Chrome on Linux' }).waitFor();
      await card.getByRole('list', { name: 'Recovery codes' }).waitFor();
      assert.deepEqual(await serious(page), [], `${theme} passkeys`);
      await signOut(page);
      assert.deepEqual(await serious(page), [], `${theme} sign-in`);
      await signIn(page);
      await page.getByRole('button', { name: 'Continue with a passkey' }).waitFor();
      assert.deepEqual(await serious(page), [], `${theme} second step`);
      await page.getByRole('button', { name: 'Continue with a passkey' }).click();
      await card.getByRole('button', { name: 'Remove Chrome on Linux' }).click();
      const dialog = page.getByRole('dialog', { name: 'Remove Chrome on Linux?' });
      await dialog.getByLabel('Your password').fill(PASSWORD);
      assert.deepEqual(await serious(page), [], `${theme} removing`);
      await dialog.getByRole('button', { name: 'Remove' }).click();
      await dialog.waitFor({ state: 'detached' });
      await card.getByRole('button', { name: 'Remove Chrome on Linux' }).waitFor({ state: 'detached' });
      await cdp.send('WebAuthn.clearCredentials', { authenticatorId });
    }
  }),
);
