/** The pages of the IoT hub in a real browser, with a device on the stock SDK at the other end. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from 'azure-iot-device';
import { type SampleHub, sampleHub } from '../../server/tests/sample-hub.ts';
import { makeDevice, Message, stockDevice } from '../../server/tests/stock-device.ts';
import { closePortal, openPortal, serious, skip, type Visit, visit } from './portal.ts';

let hub: SampleHub;
before(openPortal);
before(async () => {
  if (!skip) hub = await sampleHub({ record: async () => {} });
});
after(closePortal);
after(() => hub?.close());

function visitHub(path: string, work: (visit: Visit) => Promise<void>): Promise<void> {
  return visit(0, work, path, Date.now(), { hub, devices: 0 });
}

async function connected(deviceId: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = await stockDevice(hub, await makeDevice(hub, deviceId));
  try {
    await work(client);
  } finally {
    await client.close().catch(() => {});
  }
}

test('somebody adds a device, and a stock client connects with the string that the page shows', { skip }, () =>
  visitHub('hub/devices', async ({ page, complaints }) => {
    await page.getByRole('button', { name: 'Add device' }).click();
    await page.getByLabel('Device ID').fill('not allowed');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText(/"not allowed" is no device id/).waitFor();
    await page.getByLabel('Device ID').fill('pump-1');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'pump-1', level: 1 }).waitFor();
    assert.equal(await page.getByText('SharedAccessKey').count(), 0);
    await page.getByRole('button', { name: 'Show connection strings' }).click();
    const client = await stockDevice(hub, await page.getByLabel('Primary connection string').first().inputValue());
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('Connected', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByLabel('Reason').fill('Sold');
    await page.keyboard.press('Enter');
    await page.getByText('Disconnected', { exact: true }).waitFor();
    await page.getByText('Sold').waitFor();
    await client.close().catch(() => {});
    await page.getByRole('button', { name: 'Enable' }).click();
    await page.getByText('Enabled', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: 'IoT hub devices', level: 1 }).waitFor();
    await page.getByRole('row', { name: /pump-1/ }).waitFor({ state: 'detached' });
    // The browser notes refused requests itself.
    complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('status of 400')));
  }).then(() => assert.rejects(hub.desk.get({ deviceId: 'pump-1', moduleId: null }))),
);

test('a device hears what is saved in the twin editor; what is wrong is told; who comes second is told', { skip }, () =>
  connected('pump-2', async (client) => {
    const name = { deviceId: 'pump-2', moduleId: null };
    const twin = await client.getTwin();
    const heard = new Promise<number>((resolve) =>
      twin.on('properties.desired', (patch: { speedLimit?: number }) => {
        if (patch.speedLimit !== undefined) resolve(patch.speedLimit);
      }),
    );
    await visitHub('hub/devices/pump-2?tab=twin', async ({ page, complaints }) => {
      const editor = page.getByRole('textbox', { name: 'Tags and desired properties' });
      const write = async (text: string) => {
        await editor.click();
        await page.keyboard.press('ControlOrMeta+A');
        await page.keyboard.press('Delete');
        await page.keyboard.insertText(text);
      };
      const save = page.getByRole('button', { name: 'Save' });
      await write('{"tags": {"SecurityGroup": "pumps"');
      await page.getByText(/The twin cannot be read\..*(Line 1|too early)/).waitFor();
      assert.ok(await save.isDisabled());
      await write('{"properties": {"reported": {}}}');
      await page.getByText('Reported properties are the device’s own').waitFor();
      await write('{"tags": {"a.b": 1}}');
      await save.click();
      // The hub's own sentence.
      await page.getByText(/The name "a\.b" in .* cannot be used/).waitFor();
      await write('{"tags": {"SecurityGroup": "pumps"}, "properties": {"desired": {"speedLimit": 1200}}}');
      await save.click();
      await page.getByText('The twin is saved.').last().waitFor();
      assert.equal(await heard, 1200);
      await new Promise<void>((resolve, reject) =>
        twin.properties.reported.update({ firmware: '7.7' }, (error: Error | undefined) => (error ? reject(error) : resolve())),
      );
      await page
        .getByRole('textbox', { name: 'Reported properties' })
        .or(page.getByLabel('Reported properties'))
        .getByText('"7.7"')
        .waitFor();

      await write('{"tags": {"SecurityGroup": "mine"}}');
      await hub.desk.changeTwin(name, { tags: { SecurityGroup: 'theirs' } }, 'patch', null, 10, 'somebody else');
      await save.click();
      await page.getByText('Somebody else changed this twin.').waitFor();
      await page.getByRole('button', { name: 'Load theirs' }).click();
      await editor.getByText('"theirs"').waitFor();
      // The browser notes refused requests itself.
      complaints.splice(0, complaints.length, ...complaints.filter((text) => !/status of 4(00|12)/.test(text)));
    });
  }),
);

test('messages of a device are shown as they come, and can be searched, opened and paused', { skip }, () =>
  connected('pump-3', (client) =>
    visitHub('hub/devices/pump-3?tab=messages', async ({ page }) => {
      const send = async (text: string) => {
        const message = new Message(text);
        message.properties.add('unit', 'bar');
        await client.sendEvent(message);
      };
      await page.getByText('No message yet.').waitFor();
      await page.getByText('Live · 0 messages').waitFor();
      await send('{"pressure":4.25}');
      await page.getByRole('button', { name: /"pressure":4\.25/ }).click();
      await page.getByText('"pressure": 4.25').waitFor();
      await page.getByText('unit').waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      await send('{"pressure":5}');
      await page.getByRole('button', { name: 'Resume (1 new)' }).waitFor();
      await page.getByRole('button', { name: /"pressure":5/ }).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Resume (1 new)' }).click();
      await page.getByRole('button', { name: /"pressure":5/ }).waitFor();
      await page.getByLabel('Find in these messages').fill('4.25');
      await page.getByText('Live · 1 message', { exact: true }).waitFor();
    }),
  ),
);

test('a message that was written here reaches the device', { skip }, () =>
  connected('pump-4', async (client) => {
    const received = new Promise<string>((resolve) =>
      client.on('message', (message) => {
        client.complete(message).catch(() => {});
        resolve(`${message.getData().toString()} ${message.properties.getValue('unit')} ${message.messageId}`);
      }),
    );
    await visitHub('hub/devices/pump-4?tab=send', async ({ page }) => {
      await page.getByLabel('Body').fill('{"setPoint":4}');
      await page.getByLabel('Message ID').fill('order-7');
      await page.getByRole('button', { name: 'Add a property' }).click();
      await page.getByLabel('Name of the property').fill('unit');
      await page.getByLabel('Value of the property').fill('bar');
      await page.getByRole('button', { name: 'Send message' }).click();
      await page.getByText('The hub has the message.').waitFor();
    });
    assert.equal(await received, '{"setPoint":4} bar order-7');
  }),
);

test('a method is called by keyboard, and its answer is shown', { skip }, () =>
  connected('pump-5', (client) =>
    visitHub('hub/devices/pump-5?tab=method', async ({ page, complaints }) => {
      client.onDeviceMethod('setSpeed', (request, response) => {
        response.send(202, { taken: request.payload }).catch(() => {});
      });
      await page.getByRole('textbox', { name: 'Payload of the method' }).waitFor();
      await page.getByLabel('Method name').focus();
      await page.keyboard.type('setSpeed');
      await page.keyboard.press('Tab');
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.press('Delete');
      await page.keyboard.insertText('{"rpm": 900}');
      // Tab leaves the editor, as it does any field.
      for (let presses = 0; presses < 3; presses++) await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByText('202').waitFor();
      await page.getByLabel('Payload of the answer').getByText('900').waitFor();
      await page.getByLabel('Method name').fill('nobody listens');
      await page.getByRole('button', { name: 'Invoke method' }).click();
      await page.getByText(/is no method name/).waitFor();
      complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('status of 400')));
    }),
  ),
);

test('devices are found and opened by keyboard, and modules are made', { skip }, async () => {
  for (const id of ['valve-1', 'valve-2', 'Valve-3']) await makeDevice(hub, id);
  await visitHub('hub/devices', async ({ page }) => {
    await page.getByLabel('Search devices of the hub').fill('valve');
    await page
      .getByRole('status')
      .getByText(/^3 devices of \d+/)
      .waitFor();
    await page.getByRole('row', { name: /Valve-3/ }).focus();
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => document.activeElement?.textContent?.includes('valve-1'));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'valve-1', level: 1 }).waitFor();
    await page.getByRole('tab', { name: 'Modules' }).click();
    await page.getByLabel('New module').fill('azureiotsecurity');
    await page.getByRole('button', { name: 'Add module' }).click();
    await page.getByRole('table').getByRole('button', { name: 'azureiotsecurity' }).click();
    await page.getByRole('heading', { name: 'azureiotsecurity', level: 1 }).waitFor();
    await page.getByRole('tab', { name: 'Twin' }).click();
    await page.getByRole('textbox', { name: 'Tags and desired properties' }).waitFor();
    await page.getByRole('button', { name: 'valve-1' }).click();
    await page.getByRole('button', { name: 'IoT hub devices' }).click();
    await page
      .getByRole('status')
      .getByText(/devices/)
      .waitFor();
  });
});

test('axe finds nothing serious on the pages of the hub, light and dark', { skip }, () =>
  connected('pump-6', (client) =>
    visitHub('hub/devices', async ({ page }) => {
      await client.sendEvent(new Message('{"pressure":4}'));
      const base = page.url();
      const pages = [
        ['/hub/devices', page.getByRole('row', { name: /pump-6/ })],
        ['/hub/messages', page.getByRole('button', { name: /"pressure":4/ }).first()],
        ['/hub/devices/pump-6', page.getByRole('button', { name: 'Show connection strings' })],
      ] as const;
      const tabs = [
        ['Twin', page.getByRole('textbox', { name: 'Tags and desired properties' })],
        ['Send message', page.getByLabel('Body')],
        ['Invoke method', page.getByRole('textbox', { name: 'Payload of the method' })],
        ['Modules', page.getByLabel('New module')],
      ] as const;
      for (const theme of ['light', 'dark']) {
        if (theme === 'dark') await page.getByRole('button', { name: 'Dark theme' }).click();
        for (const [path, shown] of pages) {
          await page.goto(new URL(path, base).href);
          await shown.waitFor();
          assert.deepEqual(await serious(page), [], `${path} ${theme}`);
        }
        for (const [tab, shown] of tabs) {
          await page.getByRole('tab', { name: tab }).click();
          await shown.waitFor();
          assert.deepEqual(await serious(page), [], `${tab} ${theme}`);
        }
      }
    }),
  ),
);

test('without a hub the pages say why', { skip }, () =>
  visit(
    0,
    async ({ page }) => {
      await page.getByRole('navigation').getByRole('link', { name: 'Devices', exact: true }).click();
      await page.getByText('start the system without --no-hub').waitFor();
    },
    '',
    Date.now(),
    { hub: { why: 'The IoT hub is switched off: start the system without --no-hub.' }, devices: 0 },
  ),
);
