/** The ways to sign in, in a real browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import type { Page } from 'playwright-core';
import { SingleSignOn } from '@annunciator/server/accounts/single-sign-on';
import { CLIENT, identityProvider } from '../../server/tests/identity-provider.ts';
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
