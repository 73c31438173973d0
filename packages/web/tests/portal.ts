/**
 * The portal in a real browser against a real server with everything in memory, for browser tests.
 * Needs chromium: `ANNUNCIATOR_CHROMIUM`, else /usr/bin/chromium; tests are skipped without.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Grant } from '@annunciator/core/access';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { PASSWORD, type SampleOptions, type SampleServer, sampleServer } from '../../server/tests/serve-samples.ts';

const CHROMIUM = process.env['ANNUNCIATOR_CHROMIUM'] ?? '/usr/bin/chromium';
export const skip = existsSync(CHROMIUM) ? false : `no chromium at ${CHROMIUM}: install it or set ANNUNCIATOR_CHROMIUM`;
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const BUILT = join(import.meta.dirname, '../dist');
let browser: Browser | undefined;

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

/** A server with alerts and a page on which somebody has signed in. */
export async function visit(
  alerts: number,
  work: (visit: Visit) => Promise<void>,
  path = '',
  now = Date.now(),
  more: SampleOptions = {},
): Promise<void> {
  if (!browser) throw new Error('openPortal comes first.');
  const server = await sampleServer({ alerts, now, webRoot: BUILT, ...more });
  const base = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const context = await newContext();
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
    await page.getByLabel('User name').fill('admin');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor();
    await work({ page, context, server, complaints });
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
    await server.app.close();
  }
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
  const { secret } = await server.accounts.signIn(name, PASSWORD, '192.0.2.1');
  await context.clearCookies();
  await context.addCookies([{ name: 'annunciator', value: secret, url: new URL('/', base).href }]);
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

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .exclude('[data-tabster-dummy]')
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}
