/** What people do with devices, in a real browser: find, mark, change, make one, take apart, take back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import type { Page } from 'playwright-core';
import { closePortal, openPortal, serious, signInAs, skip, type Visit, visit } from './portal.ts';

before(openPortal);
after(closePortal);

const PATH = 'devices?search=10.20.1.';
const grid = (page: Page) => page.getByRole('grid', { name: 'Devices' });
const row = (page: Page, name: string) => grid(page).getByRole('row', { name: new RegExp(name) });
const mark = (page: Page, name: string) => page.getByRole('checkbox', { name: `Mark ${name}`, exact: true });
const notice = (page: Page, text: string | RegExp) => page.getByText(text).first();

/** Takes back what the newest notice tells. Notices move while others come and go, which a click would wait for. */
const undo = (page: Page) => page.getByRole('button', { name: 'Undo' }).last().dispatchEvent('click');

const inventory = (path: string, work: (at: Visit) => Promise<void>) => visit(40, work, path);

test('devices are authorised together, and set back', { skip }, () =>
  inventory('devices?authorised=no', async ({ page, server }) => {
    await page.getByRole('status').getByText('2 devices of 600').waitFor();
    await row(page, '10.20.1.187').focus();
    await page.keyboard.press('Space');
    await page.getByText('1 marked').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => {
      const row = document.activeElement?.closest('[role="row"]');
      return row && !row.textContent?.includes('10.20.1.187');
    });
    await page.keyboard.press('Shift+Space');
    await page.getByText('2 marked').waitFor();
    await page.getByRole('button', { name: 'Authorize', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Authorize', exact: true }).click();
    await notice(page, '2 devices authorized.').waitFor();
    await page.getByText('Nothing matches these filters').waitFor();
    await undo(page);
    await notice(page, '2 devices set back.').waitFor();
    await row(page, '10.20.1.187').waitFor();
    const edits = server.audit.filter(({ action }) => action === 'device.edit').map(({ who, on }) => `${who} ${on}`);
    assert.equal(edits.length, 4, `each of both, there and back: ${edits}`);
    assert.equal(new Set(edits).size, 2);
  }),
);

test('everything that matches is changed, more than is loaded', { skip }, () =>
  inventory('devices?filter=ip:equals:10.20.10.0%252F24', async ({ page, server }) => {
    await page.getByRole('checkbox', { name: 'Mark all rows that are loaded' }).click();
    await page.getByRole('button', { name: 'Mark all 250 that match' }).click();
    await page.getByText('250 marked').waitFor();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit 250 devices' });
    await dialog.getByRole('checkbox', { name: 'Location' }).click();
    await dialog.getByRole('textbox', { name: 'Location' }).fill('Hall 3');
    await dialog.getByRole('checkbox', { name: 'Importance' }).click();
    await dialog.getByRole('combobox', { name: 'Importance' }).selectOption('High');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await notice(page, '250 devices changed.').waitFor();
    const count = (column: 'location' | 'importance', value: string) =>
      server.devices.inventory.devices.count({ filters: [{ column, operator: 'equals', values: [value] }] });
    assert.deepEqual([await count('location', 'Hall 3'), await count('importance', 'High')], [250, 250]);
    await undo(page);
    await notice(page, '250 devices set back.').waitFor();
    assert.deepEqual([await count('location', 'Hall 3'), await count('importance', 'High')], [0, 0]);
  }),
);

test('a field is changed where it stands, by keyboard, and given back to what the traffic says', { skip }, () =>
  inventory(PATH, async ({ page }) => {
    await row(page, 'HMI-PUMP-2').getByText('HMI-PUMP-2').click();
    const pane = page.getByRole('complementary', { name: 'Device details' });
    await pane.getByRole('button', { name: 'Edit Vendor' }).focus();
    await page.keyboard.press('Enter');
    await pane.getByRole('textbox', { name: 'Vendor' }).fill('Panel Works');
    await page.keyboard.press('Enter');
    await pane.getByText(/Set by admin/).waitFor();
    await row(page, 'Panel Works').waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Edit Vendor');
    await pane.getByRole('button', { name: 'Use that' }).click();
    await pane.getByText(/Set by admin/).waitFor({ state: 'detached' });
    await row(page, 'HMI-PUMP-2.*VMware').waitFor();
    await pane.getByRole('button', { name: 'Edit Type' }).click();
    await pane.getByRole('combobox', { name: 'Type' }).selectOption('Workstation');
    await page.keyboard.press('Escape');
    await pane.getByText('HMI', { exact: true }).waitFor();
  }),
);

test('two people change one device: the second is told', { skip }, () =>
  inventory(PATH, async ({ page, server, complaints }) => {
    await row(page, 'HMI-PUMP-2').getByText('HMI-PUMP-2').click();
    const pane = page.getByRole('complementary', { name: 'Device details' });
    await pane.getByRole('button', { name: 'Edit Owner' }).click();
    const device = await server.devices.inventory.devices.byId('sensor-north', '10.20.1.22');
    assert.ok(device);
    await server.devices.changing.edit([device], { owner: 'Bea' }, 'bea');
    await pane.getByRole('textbox', { name: 'Owner' }).fill('Ann');
    await page.keyboard.press('Enter');
    await notice(page, /bea/).waitFor();
    assert.equal((await server.devices.inventory.devices.byId('sensor-north', '10.20.1.22'))?.owner, 'Bea');
    const [refusal = ''] = complaints.splice(0);
    assert.match(refusal, /409/);
  }),
);

test('devices are merged and taken apart again, from the notice and from the page of the device', { skip }, () =>
  inventory(PATH, async ({ page }) => {
    await mark(page, 'ENG-WS-04').click();
    await mark(page, '=cmd|calc').click();
    await page.getByRole('button', { name: 'Merge' }).click();
    const dialog = page.getByRole('dialog', { name: 'Merge 2 devices into one' });
    await dialog.getByRole('radio', { name: /^ENG-WS-04/ }).click();
    await dialog.getByRole('button', { name: 'Merge' }).click();
    await notice(page, /1 device went into ENG-WS-04/).waitFor();
    await row(page, 'cmd').waitFor({ state: 'detached' });
    await undo(page);
    await row(page, 'cmd').waitFor();

    await mark(page, 'ENG-WS-04').click();
    await mark(page, '=cmd|calc').click();
    await page.getByRole('button', { name: 'Merge' }).click();
    await dialog.getByRole('radio', { name: /^ENG-WS-04/ }).click();
    await dialog.getByRole('button', { name: 'Merge' }).click();
    await row(page, 'cmd').waitFor({ state: 'detached' });
    await row(page, 'ENG-WS-04').getByText('ENG-WS-04').click();
    await page.getByRole('button', { name: 'View full details' }).click();
    await page
      .getByRole('region', { name: 'Parts' })
      .getByText(/=cmd\|calc .*joined by admin/)
      .waitFor();
    await page.getByRole('button', { name: 'Split…' }).click();
    const split = page.getByRole('dialog', { name: 'Split ENG-WS-04' });
    await split.getByRole('checkbox', { name: /cmd/ }).click();
    await split.getByRole('button', { name: 'Split' }).click();
    await notice(page, /taken out of ENG-WS-04/).waitFor();
    await page.getByRole('region', { name: 'Parts' }).waitFor({ state: 'detached' });
    await undo(page);
    await page.getByRole('region', { name: 'Parts' }).waitFor();
  }),
);

test('any column filters, groups and is shown; a filter becomes a group', { skip }, () =>
  inventory('devices', async ({ page, server }) => {
    await page.getByRole('button', { name: 'Add filter' }).click();
    const form = page.getByRole('dialog', { name: 'Add filter' });
    await form.getByRole('combobox', { name: 'Column' }).selectOption({ label: 'Purdue level' });
    await form.getByRole('combobox', { name: 'Operator' }).selectOption({ label: 'above' });
    await form.getByRole('textbox', { name: 'Value' }).fill('1');
    await form.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('button', { name: 'Purdue level above 1', exact: true }).waitFor();
    await page.getByRole('status').getByText('5 devices of 600').waitFor();

    await page.getByRole('button', { name: 'Save filter' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Above the field');
    await page.getByRole('button', { name: 'Create' }).click();
    await notice(page, 'The group Above the field was made.').waitFor();
    assert.deepEqual(
      (await server.devices.inventory.groups.list()).map(({ filter }) => filter),
      ['filter=purdueLevel%3Agreater%3A1'],
    );

    await page.getByRole('combobox', { name: 'Group by' }).selectOption({ label: 'Group by: Type' });
    await page.getByRole('row', { name: /Historian 1/ }).click();
    await page.getByRole('status').getByText('1 device of 600').waitFor();
    await page.getByRole('button', { name: 'Remove the filter Type equals Historian' }).click();
    await page.getByRole('status').getByText('5 devices of 600').waitFor();

    await page.getByRole('button', { name: 'Edit columns' }).click();
    const pane = page.getByRole('complementary', { name: 'Edit columns' });
    await pane.getByRole('button', { name: 'Remove Vendor' }).click();
    await pane.getByRole('button', { name: 'Add Column' }).click();
    await page.getByRole('menuitem', { name: 'Purdue level' }).click();
    for (let up = 0; up < 12; up++) await pane.getByRole('button', { name: 'Move Purdue level up' }).click();
    await pane.getByRole('button', { name: 'Save' }).click();
    const heads = async () => (await page.getByRole('columnheader').allInnerTexts()).map((text) => text.trim()).filter(Boolean);
    assert.deepEqual((await heads()).slice(0, 3), ['Name', 'Purdue level', 'IP Address']);
    await page.reload();
    await grid(page).waitFor();
    assert.ok(!(await heads()).includes('Vendor'), 'kept after a reload');
  }),
);

test('a silent device is deleted with a reason; an active one stays and says why', { skip }, () =>
  inventory('devices?sort=lastSeen', async ({ page, server }) => {
    await mark(page, 'IO-591').click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('menuitem', { name: 'The marked devices…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete IO-591' });
    assert.ok(await dialog.getByRole('button', { name: 'Delete' }).isDisabled(), 'not without a reason');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Scrapped');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await notice(page, '1 device taken out of the inventory.').waitFor();
    await page.getByRole('status').getByText('599 devices').waitFor();
    assert.ok(server.audit.some(({ action, details }) => action === 'device.delete' && JSON.stringify(details).includes('Scrapped')));

    await page.goto(new URL('devices?sort=-lastSeen', page.url()).href);
    await mark(page, 'ENG-WS-04').click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('menuitem', { name: 'The marked devices…' }).click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('Wrong');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await notice(page, /ENG-WS-04.*active|active.*ENG-WS-04/).waitFor();
    await page.getByRole('status').getByText('599 devices').waitFor();
  }),
);

test('the page of a device shows its alerts, connections and events, in both themes without a finding of axe', { skip }, () =>
  inventory('devices?type=PLC', async ({ page }) => {
    await row(page, 'PLC-PUMP-1').getByText('PLC-PUMP-1').click();
    await page.getByRole('button', { name: 'View full details' }).click();
    await page.getByRole('heading', { name: 'PLC-PUMP-1', level: 1 }).waitFor();
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') await page.getByRole('button', { name: 'Dark theme' }).click();
      await page.getByRole('tab', { name: 'Attributes' }).click();
      await page.getByRole('heading', { name: 'Identity' }).waitFor();
      if (theme === 'light') assert.deepEqual(await serious(page), [], theme);
      await page.getByRole('tab', { name: /Alerts/ }).click();
      await page
        .getByRole('grid', { name: 'Alerts of the device' })
        .getByRole('row', { name: /Unauthorized PLC Programming/ })
        .first()
        .waitFor();
      await page.getByRole('tab', { name: 'Event timeline' }).click();
      await page
        .getByRole('grid', { name: 'Events of the device' })
        .getByRole('row', { name: /Alert Detected/ })
        .first()
        .waitFor();
      await page.getByRole('tab', { name: 'Connections' }).click();
      await page.getByRole('status').getByText('43 connections').waitFor();
      if (theme === 'dark') assert.deepEqual(await serious(page), [], theme);
    }
    await page.getByRole('row', { name: /HMI-PUMP-2.*the other.*S7comm/ }).click();
    await page.getByRole('heading', { name: 'HMI-PUMP-2', level: 1 }).waitFor();
  }),
);

test('who may only look sees no way to change anything', { skip }, () =>
  visit(0, async ({ page, context, server }) => {
    await signInAs(server, context, page.url(), 'rea', everywhere('Security Reader'));
    await page.goto(new URL('devices?type=PLC', page.url()).href);
    await row(page, 'PLC-PUMP-1').getByText('PLC-PUMP-1').click();
    await page.getByRole('complementary', { name: 'Device details' }).getByText('CPU 315-2 PN/DP').waitFor();
    for (const name of ['Authorize', 'Importance', 'Edit', 'Add to group', 'Merge', 'Delete'])
      assert.equal(await page.getByRole('toolbar').getByRole('button', { name, exact: true }).count(), 0, name);
    assert.equal(await page.getByRole('button', { name: /^Edit (?!columns)/ }).count(), 0);
  }),
);
