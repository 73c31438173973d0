/** Workbooks and recommendations in a real browser. */
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { everywhere } from '@annunciator/core/access';
import type { Page } from 'playwright-core';
import { type Call, signedIn } from '../../server/tests/callers.ts';
import { at, NORTH, SECRETS, serve } from '../../server/tests/two-sites.ts';
import { builtPortal, closePortal, newContext, openPortal, serious, signInAs, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

const WORKBOOKS = ['Alerts', 'Devices', 'Sensor health', 'MITRE ATT&CK for ICS'] as const;

test('a workbook shows alerts over time, and leads to the alerts of a bar', { skip }, () =>
  visit(60, async ({ page, server }) => {
    await page.getByRole('link', { name: 'Workbooks' }).click();
    await page.getByRole('main').getByRole('button', { name: 'Alerts', exact: true }).click();
    await page.getByRole('img', { name: /^Alerts over time: \d+ in all/ }).waitFor();
    const { matching } = await server.store.page({ filters: [], sort: { column: 'id', descending: false } }, 1, null);
    await page.getByRole('group', { name: 'Alerts by severity' }).getByText(String(matching), { exact: true }).waitFor();
    await page.getByRole('img', { name: new RegExp(`^Alerts over time: ${matching} in all`) }).waitFor();
    await page.getByText('Show as a table').click();
    await page.getByRole('columnheader', { name: 'High' }).waitFor();
    await page.getByLabel('Site', { exact: true }).selectOption('Treatment Plant');
    await page.waitForURL(/site=Treatment/);
    await page.getByRole('region', { name: 'By engine' }).getByRole('button', { name: 'Policy Violation' }).click();
    await page.getByRole('button', { name: 'Engine: Policy Violation', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Site: Treatment Plant', exact: true }).waitFor();
    await page.locator('[data-alert]').first().waitFor();
  }),
);

type Counts = Readonly<Record<string, number>>;

/** How many records have each value. */
function tally<T>(records: readonly T[], valuesOf: (record: T) => readonly string[]): Counts {
  const counts: Record<string, number> = {};
  for (const value of records.flatMap(valuesOf)) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** Reads until what is read is what should be: after another site is chosen, the numbers of the one before stand for a moment. */
async function comesTo(read: () => Promise<Counts>, wanted: Counts, what?: string): Promise<void> {
  const deadline = Date.now() + 45_000;
  for (;;) {
    const seen = await read();
    if (isDeepStrictEqual(seen, wanted)) return;
    if (Date.now() > deadline) assert.deepEqual(seen, wanted, what);
  }
}

/** What the bars of a chart say, by what they stand for. */
async function bars(page: Page, title: string): Promise<Counts> {
  const rows = page.getByRole('region', { name: title, exact: true }).getByRole('listitem');
  await rows.first().waitFor();
  return numbers(
    await rows.evaluateAll((all) => all.map((row) => [row.querySelector('[title]')?.getAttribute('title'), row.lastChild?.textContent])),
  );
}

/** What the tiles say, by their labels. */
async function tiles(page: Page, label: string): Promise<Counts> {
  const group = page.getByRole('group', { name: label, exact: true });
  const all = group.locator('> *');
  await all.first().waitFor();
  await group.getByText('–', { exact: true }).first().waitFor({ state: 'detached' });
  return numbers(await all.evaluateAll((found) => found.map((tile) => [tile.lastChild?.textContent, tile.firstChild?.textContent])));
}

function numbers(pairs: readonly (readonly (string | null | undefined)[])[]): Counts {
  return Object.fromEntries(pairs.map(([name, number]) => [name ?? '', Number((number ?? '').replaceAll(',', ''))]));
}

/** Two sites with a sensor each, and what their workbook shows to a reader of everything, with a site chosen, and to a reader of one site. */
async function eachReader(
  t: TestContext,
  workbook: string,
  look: (page: Page, call: Call, site: string | null) => Promise<void>,
): Promise<void> {
  const { server, base } = await serve(t, { now: Date.now(), secondSensor: true, devices: 9, webRoot: builtPortal() });
  const call = await signedIn(server);
  // Counted a moment after the alerts came.
  while ((await call<{ matching: number }>('GET', '/api/devices?filter=openAlerts:greater:0')).body.matching === 0);
  const context = await newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  await signInAs(server, context, base, 'ana', everywhere('Security Reader'));
  await page.goto(`${base}/workbooks/${workbook}`);
  await look(page, call, null);
  await page.getByLabel('Site', { exact: true }).selectOption(NORTH.site);
  await page.waitForURL(/site=North/);
  await page.waitForLoadState('networkidle');
  await look(page, call, NORTH.site);
  await signInAs(server, context, base, 'rolf', at('Security Reader', NORTH.site));
  await page.goto(`${base}/workbooks/${workbook}`);
  await look(page, call, NORTH.site);
  assert.doesNotMatch(await page.getByRole('main').innerText(), SECRETS);
}

test('the workbook of devices shows what the inventory holds, and to a reader of one site what stands there', { skip }, (t) =>
  eachReader(t, 'devices', async (page, call, site) => {
    interface Device {
      readonly [field: string]: unknown;
      readonly protocols: readonly string[];
      readonly openAlerts: number;
      readonly firstSeen: string;
    }
    const { body } = await call<{ devices: Device[] }>('GET', '/api/devices?limit=1000');
    const devices = body.devices.filter((device) => site === null || device['site'] === site);
    const those = (test: (device: Device) => boolean) => devices.filter(test).length;
    await comesTo(() => tiles(page, 'Devices'), {
      'All devices': devices.length,
      Unauthorized: those(({ authorised }) => authorised === false),
      New: those(({ isNew }) => isNew === true),
      'With open alerts': those(({ openAlerts }) => openAlerts > 0),
    });
    for (const [title, field] of [
      ['By type', 'type'],
      ['By vendor', 'vendor'],
      ['By Purdue level', 'purdueLevel'],
      ['By PLC mode', 'plcMode'],
      ['By importance', 'importance'],
      ['By sensor', 'sensor'],
      ['By zone', 'zone'],
    ] as const)
      await comesTo(
        () => bars(page, title),
        tally(devices, (device) => [String(device[field] ?? '')]),
        title,
      );
    await comesTo(
      () => bars(page, 'By protocol'),
      tally(devices, ({ protocols }) => (protocols.length > 0 ? protocols : [''])),
    );
    const lately = those(({ firstSeen }) => Date.parse(firstSeen) > Date.now() - 44 * 86_400_000);
    assert.ok(lately > 0);
    await page.getByRole('img', { name: new RegExp(`^Devices seen for the first time: ${lately} in all`) }).waitFor();
  }),
);

test('the workbook of sensor health shows what sensors tell, and to a reader of one site what stands there', { skip }, (t) =>
  eachReader(t, 'sensor-health', async (page, call, site) => {
    interface Sensor {
      readonly name: string;
      readonly type: string;
      readonly version: string | null;
      readonly health: { readonly state: string; readonly word: string; readonly sentence: string };
      readonly packets: number;
    }
    const { body: sites } = await call<{ name: string; sensors: Sensor[] }[]>('GET', '/api/sites');
    const sensors = sites.filter(({ name }) => site === null || name === site).flatMap((one) => one.sensors);
    assert.equal(sensors.length, site === null ? 2 : 1);
    const those = (state: string) => sensors.filter(({ health }) => health.state === state).length;
    await comesTo(() => tiles(page, 'Sensors by health'), {
      'All sensors': sensors.length,
      Healthy: those('healthy'),
      Critical: those('critical'),
      Warning: those('warning'),
      'Pending activation': those('pending'),
    });
    for (const { name, health } of sensors.filter(({ health: { state } }) => state !== 'healthy'))
      await page
        .getByRole('region', { name: 'What needs somebody' })
        .getByRole('listitem')
        .filter({ hasText: name })
        .getByText(health.word, { exact: true })
        .waitFor();
    await comesTo(
      () => bars(page, 'By health'),
      tally(sensors, ({ health }) => [health.word]),
    );
    await comesTo(
      () => bars(page, 'By version'),
      tally(sensors, ({ version }) => [version ?? 'does not run']),
    );
    await comesTo(
      () => bars(page, 'By type'),
      tally(sensors, ({ type }) => [type]),
    );
    // Counted anew from the records that they are made of.
    const { devices } = (await call<{ devices: { sensor: string }[] }>('GET', '/api/devices?limit=1000')).body;
    const { alerts } = (await call<{ alerts: { sensor: string; status: string }[] }>('GET', '/api/alerts?limit=1000')).body;
    const per = (counts: Counts) => Object.fromEntries(sensors.map(({ name }) => [name, counts[name] ?? 0]));
    await comesTo(() => bars(page, 'Devices of each sensor'), per(tally(devices, ({ sensor }) => [sensor])));
    const open = alerts.filter(({ status }) => status !== 'Closed');
    await comesTo(() => bars(page, 'Open alerts of each sensor'), per(tally(open, ({ sensor }) => [sensor])));
    await comesTo(() => bars(page, 'Packets of each sensor'), Object.fromEntries(sensors.map(({ name, packets }) => [name, packets])));
  }),
);

test('a technique leads to its alerts', { skip }, () =>
  visit(60, async ({ page }) => {
    await page.getByRole('link', { name: 'Workbooks' }).click();
    await page.getByRole('main').getByRole('button', { name: 'MITRE ATT&CK for ICS', exact: true }).click();
    const techniques = page.getByRole('region', { name: 'Techniques', exact: true }).first();
    await techniques
      .getByRole('link', { name: /^T\d{4}$/ })
      .first()
      .waitFor();
    await page.getByRole('region', { name: 'Alerts by technique' }).getByRole('button').first().click();
    await page
      .getByRole('button', { name: /^Name: / })
      .first()
      .waitFor();
    await page.locator('[data-alert]').first().waitFor();
  }),
);

test('a recommendation names its devices and leads to the inventory', { skip }, () =>
  visit(5, async ({ page }) => {
    await page.getByRole('link', { name: 'Recommendations' }).click();
    await page.getByText(/^Active recommendations: [12] of 3$/).waitFor();
    await page.getByRole('row', { name: /Review PLC operating mode/ }).click();
    await page.getByRole('heading', { name: 'Remediation steps' }).waitFor();
    assert.deepEqual(await serious(page), []);
    await page.getByRole('tab', { name: /^Healthy devices/ }).click();
    await page.getByRole('region', { name: 'The healthy devices' }).waitFor();
    await page.getByRole('tab', { name: /^Unhealthy devices/ }).click();
    await page.getByRole('button', { name: /^Show (it|all)/ }).click();
    await page.getByRole('heading', { name: 'Device inventory' }).waitFor();
    await page
      .getByRole('status')
      .filter({ hasText: /of 600/ })
      .waitFor();
  }),
);

test('axe finds nothing serious in the workbooks, light and dark', { skip }, () =>
  visit(40, async ({ page }) => {
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') await page.getByRole('button', { name: 'Dark theme' }).click();
      for (const name of WORKBOOKS) {
        await page.getByRole('link', { name: 'Workbooks' }).click();
        await page.getByRole('main').getByRole('button', { name, exact: true }).click();
        await page.getByRole('heading', { name, level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        assert.deepEqual(await serious(page), [], `${theme} ${name}`);
      }
    }
  }),
);
