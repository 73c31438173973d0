/**
 * The portal in a real browser against a real server with everything in memory, for browser tests.
 * Needs Chromium: `ANNUNCIATOR_CHROMIUM`, else its headless shell, else the whole browser; tests are skipped without.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Grant } from '@annunciator/core/access';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { PASSWORD, type SampleOptions, type SampleServer, sampleServer } from '../../server/tests/serve-samples.ts';

/** The shell is the same engine without windows: a fifth of a test's work less. */
const PLACES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const CHROMIUM = process.env['ANNUNCIATOR_CHROMIUM'] ?? PLACES.find((place) => existsSync(place)) ?? '';
export const skip = existsSync(CHROMIUM)
  ? false
  : `no Chromium at ${CHROMIUM || PLACES.join(' or ')}: install it or set ANNUNCIATOR_CHROMIUM`;
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Pages of one site share a process, which keeps the scripts that it has compiled for as long as one of them is open.
  '--process-per-site',
];

const BUILT = join(import.meta.dirname, '../dist');
let browser: Browser | undefined;
/** Where the visits of a file take place, one after the other, so that the portal is loaded and compiled once. */
let common: { readonly context: BrowserContext; readonly anchor: Page; readonly port: number } | undefined;

/** Builds the portal when its sources have changed, and starts the browser. */
export async function openPortal(): Promise<void> {
  if (skip) return;
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '../../../scripts/run.mjs'), 'build'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

export async function closePortal(): Promise<void> {
  common = undefined;
  await browser?.close();
}

/** A browser of somebody else: nothing of others is in it. */
export function newContext(): Promise<BrowserContext> {
  if (!browser) throw new Error('openPortal comes first.');
  return browser.newContext({ viewport: { width: 1440, height: 860 }, reducedMotion: 'reduce' });
}

/** The folder of the built portal. */
export function builtPortal(): string {
  return BUILT;
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly server: SampleServer;
  /** What the browser complained about; the 401 before signing in is no complaint. */
  readonly complaints: string[];
}

/** A server with alerts and a page of it, opened by somebody who has signed in. Nothing of former visits is in the browser but files. */
export async function visit(
  alerts: number,
  work: (visit: Visit) => Promise<void>,
  path = '',
  now = Date.now(),
  more: SampleOptions = {},
): Promise<void> {
  const server = await sampleServer({ alerts, now, webRoot: BUILT, ...more });
  const base = await listen(server);
  const context = await cleared(base);
  await openSession(context, base);
  const page = await context.newPage();
  // Long, for machines that do other work: what should come comes much sooner.
  page.setDefaultTimeout(45_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
  });
  try {
    await page.goto(`${base}/${path}`);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await work({ page, context, server, complaints });
    assert.deepEqual(complaints, []);
  } finally {
    await page.close();
    await server.app.close();
  }
}

/** Listens at the address of the visit before, which the browser knows the files of, unless something else has taken it. */
async function listen({ app }: SampleServer): Promise<string> {
  const at = (port: number) => app.listen({ host: '127.0.0.1', port });
  return at(common?.port ?? 0).catch(() => at(0));
}

/** The browser of all visits, as if it were new; a page stays open in it and keeps the process. */
async function cleared(base: string): Promise<BrowserContext> {
  if (!common) {
    const context = await newContext();
    const anchor = await context.newPage();
    await anchor.route('**', (route) => route.fulfill({ body: '' }));
    await anchor.goto(base);
    common = { context, anchor, port: Number(new URL(base).port) };
  }
  const { context, anchor } = common;
  await context.unrouteAll();
  await context.clearCookies();
  await anchor.evaluate(() => localStorage.clear());
  return context;
}

/** Signs somebody in to all pages of a browser, without the form. @param base any address of the server */
export async function openSession(context: BrowserContext, base: string, user = 'admin'): Promise<void> {
  const answer = await context.request.post(new URL('/api/sign-in', base).href, { data: { user, password: PASSWORD } });
  assert.equal(answer.status(), 200, await answer.text());
}

/** Makes a user with a grant, and signs them in with a browser, which forgets who was signed in before. */
export async function signInAs(
  server: SampleServer,
  context: BrowserContext,
  /** Any page of the server. */
  base: string,
  name: string,
  grant: Grant,
): Promise<void> {
  await server.accounts.createUser({ name, grants: [grant], password: PASSWORD, temporary: false });
  await openSession(context, base, name);
}

/**
 * Serious findings of axe. Elements that Fluent adds to catch the focus are none of ours (its own exception). A finding counts
 * when it is still there after a moment: colours that are just changing are no finding.
 */
export async function serious(page: Page): Promise<string[]> {
  const first = await findings(page);
  if (first.length === 0) return first;
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
  await page.waitForTimeout(500);
  const second = new Set(await findings(page));
  return first.filter((finding) => second.has(finding));
}

/** Rules that find nothing serious, and take as long as all others of their kind together. */
const MODERATE = ['landmark-unique', 'region'];

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .disableRules(MODERATE)
    .exclude('[data-tabster-dummy]')
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}
