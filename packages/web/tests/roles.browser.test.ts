/** Every page as every role, for everything and for one site: what the navigation shows, which actions are offered, and what is said instead. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Access, accessOf, everywhere, type Grant, mayEverywhere, maySomewhere } from '@annunciator/core/access';
import { type Action, type Console, CONSOLES, rolesOf } from '@annunciator/core/roles';
import type { BrowserContext, Page } from 'playwright-core';
import { type SampleHub, sampleHub } from '../../server/tests/sample-hub.ts';
import type { SampleServer } from '../../server/tests/serve-samples.ts';
import { at, NORTH, NOW, SECRETS, serve } from '../../server/tests/two-sites.ts';
import { builtPortal, closePortal, newContext, openPortal, signInAs, skip } from './portal.ts';

let hub: SampleHub;
before(openPortal);
before(async () => {
  if (!skip) hub = await sampleHub({ record: async () => {} });
});
after(closePortal);
after(() => hub?.close());

/** What an action needs: at least somewhere, or for the whole system. */
type Needs = Action | readonly ['everywhere', Action];

interface PageFacts {
  readonly link: string;
  readonly heading: string;
  readonly path: string;
  readonly needs: Action | null;
  /** Buttons that are offered to those who may, by their names. */
  readonly offers?: Readonly<Record<string, Needs>>;
}

const PAGES: readonly PageFacts[] = [
  { link: 'Overview', heading: 'Overview', path: '/overview', needs: 'alerts.view' },
  { link: 'Alerts', heading: 'Alerts', path: '/alerts', needs: 'alerts.view' },
  {
    link: 'Device inventory',
    heading: 'Device inventory',
    path: '/devices',
    needs: 'devices.view',
    offers: {
      Import: 'devices.edit',
      Edit: 'devices.edit',
      'Add to group': 'devices.edit',
      Authorize: 'devices.authorise',
      Merge: 'devices.merge',
      Delete: 'devices.delete',
    },
  },
  { link: 'Device map', heading: 'Device map', path: '/map', needs: 'devices.view' },
  { link: 'Recommendations', heading: 'Recommendations', path: '/recommendations', needs: 'devices.view' },
  {
    link: 'Event timeline',
    heading: 'Event timeline',
    path: '/events',
    needs: 'timeline.view',
    offers: { 'Create event': 'timeline.write' },
  },
  { link: 'Workbooks', heading: 'Workbooks', path: '/workbooks', needs: 'workbooks.view' },
  {
    link: 'Devices',
    heading: 'IoT hub devices',
    path: '/hub/devices',
    needs: 'hub.view',
    offers: { 'Add device': ['everywhere', 'hub.edit'] },
  },
  { link: 'Security', heading: 'Security of the IoT hub', path: '/hub/security', needs: 'hub.view' },
  { link: 'Live messages', heading: 'Live messages', path: '/hub/messages', needs: 'hub.view' },
  {
    link: 'Networks',
    heading: 'Networks',
    path: '/networks',
    needs: 'devices.view',
    offers: { 'Add network': ['everywhere', 'subnets.edit'] },
  },
  {
    link: 'Baseline',
    heading: 'Baseline',
    path: '/baseline',
    needs: 'baseline.view',
    offers: { 'Add entries': 'baseline.edit', Import: 'baseline.edit', Export: 'baseline.view' },
  },
  {
    link: 'Custom alert rules',
    heading: 'Custom alert rules',
    path: '/rules',
    needs: 'customRules.view',
    offers: { 'Create rule': ['everywhere', 'customRules.edit'], 'Rules as text': 'customRules.view' },
  },
  { link: 'Alert types', heading: 'Alert types', path: '/alert-types', needs: 'alerts.view' },
  {
    link: 'Sites and sensors',
    heading: 'Sites and sensors',
    path: '/sites',
    needs: 'sites.view',
    offers: { 'Add site': ['everywhere', 'sites.edit'], 'Onboard OT sensor': 'sites.edit' },
  },
  {
    link: 'API tokens',
    heading: 'API tokens',
    path: '/tokens',
    needs: 'tokens.edit',
    offers: { 'Create token': ['everywhere', 'tokens.edit'] },
  },
  {
    link: 'Users and roles',
    heading: 'Users and roles',
    path: '/users',
    needs: 'users.view',
    offers: { 'Add user': ['everywhere', 'users.edit'] },
  },
  { link: 'Audit', heading: 'Audit', path: '/audit', needs: 'audit.view' },
  { link: 'Settings', heading: 'Settings', path: '/settings', needs: null },
];

function may(access: Access, needs: Needs | null): boolean {
  if (needs === null) return true;
  return typeof needs === 'string' ? maySomewhere(access, needs) : mayEverywhere(access, needs[1]);
}

for (const console of CONSOLES)
  test(`each role of the ${console} is shown what it may do, everywhere and at one site, and told why not the rest`, {
    skip,
  }, async (t) => {
    const { server, base } = await serve(t, {
      now: NOW,
      console,
      webRoot: builtPortal(),
      secondSensor: true,
      baseline: true,
      rules: true,
      ...(console === 'portal' ? { hub } : {}),
    });
    // One after the other in one browser, which keeps the portal's files.
    const context = await newContext();
    t.after(() => context.close());
    for (const role of rolesOf(console))
      for (const grant of [everywhere(role), at(role, NORTH.site)]) await lookAround(server, base, context, console, grant);
  });

/** One person on every page. */
async function lookAround(server: SampleServer, base: string, context: BrowserContext, console: Console, grant: Grant): Promise<void> {
  const where = grant.site === null ? 'everywhere' : 'at one site';
  const who = `${grant.role} ${where}`;
  const access = accessOf([grant]);
  await signInAs(server, context, base, who, grant);
  const page = await context.newPage();
  try {
    page.setDefaultTimeout(45_000);
    /** Actions that are offered in vain, and refusals of what pages asked for. */
    const wrong: string[] = [];
    page.on('response', (response) => {
      if (response.status() >= 400) wrong.push(`${response.status()} ${new URL(response.url()).pathname}`);
    });
    await page.goto(`${base}/overview`);
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
    assert.deepEqual(
      (await links.allTextContents()).toSorted(),
      PAGES.filter(({ needs }) => may(access, needs))
        .map(({ link }) => link)
        .toSorted(),
      who,
    );
    for (const facts of PAGES) {
      const name = `${who}: ${facts.path}`;
      // By address, as a bookmark does, without loading all anew.
      await page.evaluate((path) => {
        history.pushState(null, '', path);
        dispatchEvent(new PopStateEvent('popstate'));
      }, facts.path);
      if (!may(access, facts.needs)) {
        await page.getByRole('heading', { name: 'Not in your role', level: 1 }).waitFor();
        const sentence = await page.getByRole('main').innerText();
        assert.match(
          sentence,
          new RegExp(`You are ${grant.role}.*, which does not include this page\\. Ask an ${console === 'portal' ? 'Owner' : 'Admin'}`),
          name,
        );
        continue;
      }
      await page.getByRole('heading', { name: facts.heading, exact: true, level: 1 }).waitFor();
      await loaded(page);
      for (const [button, needs] of Object.entries(facts.offers ?? {})) {
        const offered = page.getByRole('main').getByRole('button', { name: button, exact: true });
        if (may(access, needs)) await offered.first().waitFor();
        else if ((await offered.count()) > 0) wrong.push(`${button} is offered on ${facts.path}`);
      }
      if (grant.site !== null) assert.doesNotMatch(await page.getByRole('main').innerText(), SECRETS, name);
    }
    assert.deepEqual(wrong, [], who);
  } finally {
    await page.close();
  }
}

/** All that the page asked for has come. */
async function loaded(page: Page): Promise<void> {
  await page.getByRole('main').locator('[role=progressbar]').first().waitFor({ state: 'detached' });
}
