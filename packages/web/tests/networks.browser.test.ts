/** Networks and VLANs, and tables of devices, in a real browser. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { closePortal, openPortal, serious, skip, visit } from './portal.ts';

before(openPortal);
after(closePortal);

const row = (page: Page, name: RegExp) => page.getByRole('row', { name });

test('a network is named, said to be one of the plant, and forgotten; a VLAN is named', { skip }, () =>
  visit(0, async ({ page, server }) => {
    await page.getByRole('link', { name: 'Networks' }).click();
    await row(page, /10\.20\.1\.0\/24/).click();
    const pane = page.getByRole('complementary', { name: 'Network', exact: true });
    await pane.getByRole('textbox', { name: 'Name' }).fill('Control room');
    await pane.getByRole('radio', { name: 'Plant (OT)' }).click();
    assert.deepEqual(await serious(page), []);
    await pane.getByRole('button', { name: 'Save' }).click();
    await row(page, /10\.20\.1\.0\/24 Control room Plant \(OT\) a person/).waitFor();
    assert.deepEqual(
      server.devices.inventory.subnets.named().map(({ cidr, name, kind }) => [cidr, name, kind]),
      [['10.20.1.0/24', 'Control room', 'ot']],
    );
    await row(page, /Control room/).click();
    await page.getByRole('button', { name: 'Show its devices' }).click();
    await page.getByRole('status').getByText('4 devices of 600').waitFor();
    await page.goBack();
    await pane.getByRole('button', { name: 'Forget' }).click();
    await row(page, /Control room/).waitFor({ state: 'detached' });

    await server.devices.networks.nameVlan(20, 'Old', 'bea');
    await page.reload();
    await page.getByRole('combobox', { name: 'What is listed' }).selectOption('VLANs');
    await row(page, /^20/).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Pumps');
    await page.getByRole('button', { name: 'Save' }).click();
    await row(page, /20 Pumps 0/).waitFor();
  }),
);

test('what is no network is refused with a sentence', { skip }, () =>
  visit(0, async ({ page, complaints }) => {
    await page.getByRole('link', { name: 'Networks' }).click();
    await page.getByRole('button', { name: 'Add network' }).click();
    await page.getByRole('textbox', { name: 'Network' }).fill('10.1.2.7/24');
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByText(/"10\.1\.2\.7\/24" is no network/)
      .first()
      .waitFor();
    assert.match(complaints.splice(0).join(), /400/);
  }),
);

test('an exported table with changed cells comes back in, and says before what it does', { skip }, () =>
  visit(0, async ({ page, server }) => {
    await page.goto(new URL('devices?type=PLC', page.url()).href);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
    const table = await readFile(await download.path(), 'utf8');
    const file = `${await download.path()}.csv`;
    writeFileSync(file, `${table.replace('Schneider Electric', 'Telemecanique')}\r\n`);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Import devices' });
    await dialog.getByLabel('Table of devices').setInputFiles(file);
    await dialog.getByText('1 changed, 1 already as the table says, 0 entered as new, 0 refused.').waitFor();
    const vendor = async () => (await server.devices.inventory.devices.byId('sensor-north', '10.20.2.13'))?.vendor;
    assert.equal(await vendor(), 'Schneider Electric', 'nothing is done yet');
    await dialog.getByRole('button', { name: 'Import' }).click();
    await dialog.getByText('Done:').waitFor();
    assert.equal(await vendor(), 'Telemecanique');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await row(page, /PLC-FILTER-3.*Telemecanique/).waitFor();
  }),
);
