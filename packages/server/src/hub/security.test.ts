/** Custom alerts through the API, with devices on the stock SDK, up to the alert that a person answers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LOCAL_CALLER } from '@annunciator/hub/authentication/local-caller';
import { processCreate, securityMessage } from '@annunciator/testkit/security-message';
import type { Client } from 'azure-iot-device';
import { accessOf } from '@annunciator/core/access';
import { type SampleServer, sampleServer } from '../../tests/serve-samples.ts';
import { type SampleHub, sampleHub } from '../../tests/sample-hub.ts';
import { Message, stockDevice } from '../../tests/stock-device.ts';
import type { AuditEntry } from '../audit.ts';
import { similarName } from './similar-name.ts';

const MINUTE = 60_000;
let hub: SampleHub;
let server: SampleServer;
let token = '';
let base = '';
const hubAudit: AuditEntry[] = [];
/** How far the clock is ahead. It begins where a window does, so that no window ends by itself. */
let ahead = 5 * MINUTE - (Date.now() % (5 * MINUTE));
const now = (): number => Date.now() + ahead;

before(async () => {
  hub = await sampleHub({ record: async (entry) => void hubAudit.push(entry) }, [], now);
  server = await sampleServer({ hub, clock: now });
  base = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const [admin] = server.accounts.users();
  const owner = { userId: admin.id, access: accessOf(admin.grants) };
  token = (await server.accounts.tokens.create(owner, { name: 'test', role: 'Contributor', expires: null })).secret;
});

after(async () => {
  await hub.close();
  await server.app.close();
});

interface Answer {
  readonly status: number;
  // The shapes are those of the API's document; tests read single members.
  readonly body: ReturnType<typeof JSON.parse>;
}

async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(new URL(path, base), {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
}

/** A device with a tag, connected by the stock SDK. */
async function withDevice(deviceId: string, group: string, work: (client: Client) => Promise<void>): Promise<void> {
  assert.equal((await ask('POST', '/api/hub/devices', { deviceId })).status, 201);
  assert.equal((await ask('PATCH', `/api/hub/devices/${deviceId}/twin`, { tags: { SecurityGroup: group } })).status, 200);
  const client = await stockDevice(hub, (await ask('GET', `/api/hub/devices/${deviceId}/keys`)).body.primaryConnectionString);
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

/** Time passes for the hub, and what it found is where people see it. */
async function pass(minutes: number): Promise<void> {
  ahead += minutes * MINUTE;
  hub.security.tick();
}

async function alertsOf(group: string): Promise<ReturnType<typeof JSON.parse>[]> {
  const until = Date.now() + 10_000;
  for (;;) {
    const { body } = await ask('GET', `/api/alerts?filter=securityGroup:equals:${encodeURIComponent(group)}`);
    if (body.alerts.length > 0 || Date.now() > until) return body.alerts;
    hub.security.tick();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const range = (minThreshold: number, maxThreshold: number, more: object = {}) => ({
  ruleType: 'MqttD2CMessagesNotInAllowedRange',
  isEnabled: true,
  minThreshold,
  maxThreshold,
  timeWindowSize: 'PT5M',
  ...more,
});

test('every behaviour is offered with its description, its steps and its source', async () => {
  const { body } = await ask('GET', '/api/hub/rule-types');
  assert.equal(body.ruleTypes.length, 20);
  for (const type of body.ruleTypes)
    assert.ok(type.description && type.remediation.length > 0 && type.severity === 'Low' && type.dataSource);
  assert.deepEqual(
    body.timeWindows.map(({ timeWindowSize }: { timeWindowSize: string }) => timeWindowSize),
    ['PT5M', 'PT10M', 'PT15M', 'PT30M', 'PT1H', 'PT6H', 'PT12H', 'P1D'],
  );
});

test('a saved rule raises an alert with the name that the user gave, and its window is a row of it', () =>
  withDevice('pump-1', 'Pumps', async (client) => {
    const saved = await ask('PUT', '/api/hub/security-groups', {
      groups: [{ name: 'pumps', version: null, rules: [range(0, 2, { alertName: 'Pump chatters' })] }],
    });
    assert.equal(saved.status, 200);
    for (let at = 0; at < 2; at++) await client.sendEvent(new Message('in range'));
    await pass(0);
    assert.equal((await ask('GET', '/api/alerts?filter=securityGroup:equals:pumps')).body.alerts.length, 0);
    for (let at = 0; at < 3; at++) await client.sendEvent(new Message('too many'));
    const [alert] = await alertsOf('pumps');
    assert.deepEqual(
      [alert.title, alert.type, alert.engineName, alert.severity, alert.status, alert.dataSource, alert.sensor, alert.source.device],
      ['Pump chatters', 'IoT_CA_MqttD2CMessagesNotInAllowedRange', 'Micro-agent', 'Low', 'New', 'IoT Hub', 'IoT hub', 'pump-1'],
    );
    await pass(6);
    for (let at = 0; at < 3; at++) await client.sendEvent(new Message('again'));
    const until = Date.now() + 10_000;
    let details = (await ask('GET', `/api/alerts/${alert.id}`)).body;
    while ((details.count < 2 || details.violations[0]?.parameters.Count !== 5) && Date.now() < until) {
      hub.security.tick();
      details = (await ask('GET', `/api/alerts/${alert.id}`)).body;
    }
    assert.equal(details.count, 2, 'the next window belongs to the same alert');
    assert.deepEqual(
      details.violations.map(({ parameters }: { parameters: { Count: number } }) => parameters.Count),
      [5, 3],
      'the first window has its last count',
    );
    assert.ok(details.remediation.length > 0 && details.description !== '');
    const { body: groups } = await ask('GET', '/api/hub/security-groups');
    const pumps = groups.find(({ name }: { name: string }) => name === 'pumps');
    assert.deepEqual([pumps.devices, pumps.rules, pumps.openAlerts.Low], [{ total: 1, enabled: 1 }, { enabled: 1, set: 1 }, 1]);
    assert.equal(
      (await ask('POST', '/api/alerts/actions', { ids: [alert.id], action: { kind: 'status', status: 'Closed' } })).status < 500,
      true,
    );
  }));

test('a silent device is told when its window is over', () =>
  withDevice('meter-1', 'Meters', async () => {
    await ask('PUT', '/api/hub/security-groups', { groups: [{ name: 'Meters', rules: [range(1, 9)] }] });
    await pass(6);
    await pass(6);
    const [alert] = await alertsOf('Meters');
    assert.match(alert.message, /^meter-1: 0 device-to-cloud messages accepted through MQTT from .* at least 1 are expected/);
    assert.equal(alert.title, 'Custom Alert - number of device to cloud messages in MQTT protocol is not in the allowed range');
  }));

test('a process that is not in the list raises an alert of the agent', () =>
  withDevice('gateway-1', 'Gateways', async (client) => {
    const rule = { ruleType: 'ProcessNotAllowed', isEnabled: true, allowlistValues: ['sshd'] };
    await ask('PUT', '/api/hub/security-groups', { groups: [{ name: 'Gateways', rules: [rule] }] });
    const report = async (executable: string): Promise<void> => {
      const message = new Message(securityMessage(processCreate(now(), executable)));
      message.setAsSecurityMessage();
      await client.sendEvent(message);
    };
    await report('/usr/sbin/sshd');
    await report('/tmp/miner');
    const [alert, more] = await alertsOf('Gateways');
    assert.deepEqual([alert.dataSource, more], ['Agent', undefined]);
    assert.match(alert.message, /execution of \/tmp\/miner/);
    await client.sendEvent(Object.assign(new Message('{}'), {}));
    const broken = new Message('no agent writes this');
    broken.setAsSecurityMessage();
    await client.sendEvent(broken);
    const { body } = await ask('GET', '/api/hub/security');
    assert.equal(body.notEvaluated.ignoredMessages.count, 1);
    assert.equal(body.notEvaluated.ignoredMessages.last.deviceId, 'gateway-1');
  }));

test('several groups are saved together or not at all, and nobody overwrites another', async () => {
  const names = ['North', 'South'];
  const save = (rules: readonly object[][], version?: number | null) =>
    ask('PUT', '/api/hub/security-groups', { groups: names.map((name, at) => ({ name, rules: rules[at], version })) });
  assert.equal((await save([[range(1, 2)], [range(3, 2)]])).status, 400);
  assert.equal((await ask('GET', '/api/hub/security-groups/North')).body.version, null);
  assert.equal((await save([[range(1, 2, { alertName: 'A' })], [range(1, 2, { alertName: 'A' })]])).status, 200);
  const stale = await save([[range(1, 5)], [range(1, 5)]], null);
  assert.deepEqual([stale.status, stale.body.code], [412, 'rule_changed']);
  const renamed = await save([[range(1, 2, { alertName: 'B' })], [range(1, 2)]]);
  assert.deepEqual([renamed.status, renamed.body.code], [409, 'rule_renamed']);
  const { body } = await ask('GET', '/api/hub/security-groups/north');
  assert.deepEqual([body.name, body.version, body.rules.length], ['North', 1, 20]);
  assert.deepEqual(
    body.rules.filter(({ isSet }: { isSet: boolean }) => isSet).map(({ alertName }: { alertName: string }) => alertName),
    ['A'],
  );
  assert.equal((await ask('DELETE', '/api/hub/security-groups/North')).status, 204);
  assert.equal((await ask('DELETE', '/api/hub/security-groups/North')).status, 404);
  const entries = server.audit.filter(({ action }) => action === 'hub.group.save' || action === 'hub.group.delete');
  assert.ok(entries.length >= 3 && entries.every(({ who }) => who !== ''));
});

test('a group that devices name and nobody knows is told with the one that was meant', async () => {
  await ask('PUT', '/api/hub/security-groups', { groups: [{ name: 'Compressors', rules: [range(0, 9)] }] });
  await withDevice('compressor-1', 'Compresors', async () => {
    const { body } = await ask('GET', '/api/hub/security-groups');
    const wrong = body.find(({ name }: { name: string }) => name === 'Compresors');
    assert.deepEqual([wrong.devices.total, wrong.version, wrong.meant], [1, null, 'Compressors']);
  });
  assert.equal(similarName('pump', ['pumps', 'valves']), 'pumps');
  assert.equal(similarName('hall-1 pumps', ['Hall 1_Pumps']), 'Hall 1_Pumps');
  assert.equal(similarName('a', ['bcd']), null);
});

test('a dry run tells what a rule would have raised, and a suggestion fits what was done', () =>
  withDevice('drive-1', 'Drives', async (client) => {
    await pass(5);
    for (let window = 1; window <= 3; window++) {
      for (let at = 0; at < window; at++) await client.sendEvent(new Message('ok'));
      await pass(5);
    }
    await pass(1);
    const dry = await ask('POST', '/api/hub/security-groups/Drives/dry-run', { rule: range(2, 2) });
    assert.equal(dry.status, 200);
    assert.deepEqual([dry.body.above, dry.body.below, dry.body.devices, dry.body.byDevice[0].deviceId], [1, 1, 1, 'drive-1']);
    const { body } = await ask(
      'GET',
      '/api/hub/security-groups/Drives/suggestion?ruleType=MqttD2CMessagesNotInAllowedRange&timeWindowSize=PT5M',
    );
    assert.deepEqual([body.windows, body.range], [3, { min: 1, max: 3 }]);
    assert.equal(
      body.histogram.reduce((sum: number, bar: { windows: number }) => sum + bar.windows, 0),
      3,
    );
    assert.deepEqual(
      body.line.map(({ most }: { most: number }) => most),
      [1, 2, 3],
    );
    assert.equal(
      (await ask('POST', '/api/hub/security-groups/Drives/dry-run', { rule: range(2, 3, { timeWindowSize: 'PT7M' }) })).status,
      400,
    );
  }));

test('while protection is off nothing is evaluated, and nothing of it is judged later', () =>
  withDevice('valve-1', 'Valves', async (client) => {
    await ask('PUT', '/api/hub/security-groups', { groups: [{ name: 'Valves', rules: [range(1, 1)] }] });
    const off = await ask('PATCH', '/api/hub/security', { protected: false, workspace: 'plant-logs', resourceGroups: ['hall-1'] });
    assert.deepEqual([off.body.protected, off.body.workspace, off.body.resourceGroups], [false, 'plant-logs', ['hall-1']]);
    for (let at = 0; at < 4; at++) await client.sendEvent(new Message('unseen'));
    await pass(11);
    assert.equal((await ask('PATCH', '/api/hub/security', { protected: true })).body.protected, true);
    await pass(1);
    assert.equal((await ask('GET', '/api/alerts?filter=securityGroup:equals:Valves')).body.alerts.length, 0);
    for (let at = 0; at < 2; at++) await client.sendEvent(new Message('seen'));
    assert.equal((await alertsOf('Valves')).length, 1);
    assert.ok(server.audit.some(({ action }) => action === 'hub.protection'));
  }));

test('a device that comes with a wrong token raises the built-in alert', async () => {
  const { body } = await ask('POST', '/api/hub/devices', { deviceId: 'stranger-1' });
  assert.equal(body.deviceId, 'stranger-1');
  const wrong = `HostName=localhost;DeviceId=stranger-1;SharedAccessKey=${Buffer.from('not the key at all').toString('base64')}`;
  await assert.rejects(stockDevice(hub, wrong));
  const until = Date.now() + 10_000;
  let alerts: ReturnType<typeof JSON.parse>[] = [];
  while (alerts.length === 0 && Date.now() < until) {
    hub.security.tick();
    alerts = (await ask('GET', '/api/alerts?filter=type:equals:IoT_Invalid_SAS_Token')).body.alerts;
  }
  assert.deepEqual([alerts[0].title, alerts[0].severity, alerts[0].source.device], ['Invalid SAS token signature', 'Low', 'stranger-1']);
  assert.equal((await hub.running.hub.registry.get(LOCAL_CALLER, { deviceId: 'stranger-1', moduleId: null })).connected, false);
});
