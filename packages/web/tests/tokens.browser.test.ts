/** API tokens in a real browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closePortal, openPortal, serious, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

test('an API token is made, shown once, works until it is revoked, and both are in the log', { skip }, () =>
  visit(3, async ({ page, server }) => {
    await page.getByRole('link', { name: 'API tokens' }).click();
    await page.getByLabel('Role').selectOption('Security Reader');
    await page.getByLabel('Name').fill('nightly report');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByText('Copy the token now: it is shown this once.').waitFor();
    const token = await page.getByText(/^ann_\S+$/).innerText();
    const status = async () => (await server.app.inject({ url: '/api/alerts', headers: { authorization: `Bearer ${token}` } })).statusCode;
    assert.equal(await status(), 200);
    await page.getByRole('row', { name: /^nightly report Security Reader/ }).waitFor();
    assert.deepEqual(await serious(page), []);
    await page.reload();
    await page.getByRole('row', { name: /^nightly report Security Reader/ }).waitFor();
    assert.equal(await page.getByText(token).count(), 0, 'it is not shown again');
    await page.getByRole('button', { name: 'Revoke nightly report' }).click();
    await page.getByRole('row', { name: /^nightly report/ }).waitFor({ state: 'detached' });
    assert.equal(await status(), 401);
    assert.deepEqual(
      server.audit.map(({ action }) => action).filter((action) => ['token.create', 'token.revoke'].includes(action)),
      ['token.create', 'token.revoke'],
    );
  }),
);
