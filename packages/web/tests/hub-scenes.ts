/** A hub with devices, some of them connected, for pictures of its pages. */
import type { Client } from 'azure-iot-device';
import type { Page } from 'playwright-core';
import { type SampleHub, sampleHub } from '../../server/tests/sample-hub.ts';
import { makeDevice, Message, stockDevice } from '../../server/tests/stock-device.ts';

/** Device, its group, and whether it is connected. */
const DEVICES = [
  ['gateway-hall-1', 'gateways', true],
  ['level-tank-1', 'tanks', true],
  ['level-tank-2', 'tanks', true],
  ['pump-1', 'pumps', true],
  ['pump-2', 'pumps', true],
  ['pump-3', 'pumps', false],
  ['pump-4', 'pumsp', false],
  ['spare-meter', null, false],
] as const;

const range = (ruleType: string, alertName: string, minThreshold: number, maxThreshold: number) => ({
  ruleType,
  alertName,
  minThreshold,
  maxThreshold,
  isEnabled: true,
  timeWindowSize: 'PT5M',
});
const RULES = [
  range('MqttD2CMessagesNotInAllowedRange', 'Pump telemetry out of rhythm', 0, 20),
  range('DirectMethodInvokesNotInAllowedRange', 'Pump is called often', 0, 5),
];

export interface HubScene {
  readonly hub: SampleHub;
  close(): Promise<void>;
}

export async function hubScene(): Promise<HubScene> {
  const hub = await sampleHub({ record: async () => {} });
  const clients: Client[] = [];
  for (const [deviceId, group, connects] of DEVICES) {
    const string = await makeDevice(hub, deviceId);
    if (group !== null)
      await hub.desk.changeTwin({ deviceId, moduleId: null }, { tags: { SecurityGroup: group } }, 'patch', null, 40, 'scene');
    if (!connects) continue;
    const client = await stockDevice(hub, string);
    clients.push(client);
    await client.sendEvent(new Message('{"pressure":4.1}'));
  }
  return {
    hub,
    close: async () => {
      for (const client of clients) await client.close().catch(() => undefined);
      await hub.close();
    },
  };
}

/** Saves alerts for the pumps, as whoever has signed in to the page. */
export function saveRules(page: Page): Promise<void> {
  return page.evaluate(async (rules) => {
    const session = (await (await fetch('/api/session')).json()) as { csrfToken: string };
    const answer = await fetch('/api/hub/security-groups', {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'x-csrf-token': session.csrfToken },
      body: JSON.stringify({ groups: [{ name: 'pumps', version: null, rules }] }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }, RULES);
}
