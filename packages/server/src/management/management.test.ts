/** The management API by the unmodified package `@azure/arm-security`, on the HTTPS port of a hub. */
import assert from 'node:assert/strict';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { SecurityCenter } from '@azure/arm-security';
import { accessOf } from '@annunciator/core/access';
import { type SampleServer, sampleServer } from '../../tests/serve-samples.ts';
import { type SampleHub, sampleHub } from '../../tests/sample-hub.ts';
import { Message, stockDevice } from '../../tests/stock-device.ts';
import type { PortalRole } from '@annunciator/core/roles';
import { MANAGEMENT } from '../routes/management.ts';
import { parseTarget } from './target.ts';

const SUBSCRIPTION = '075423e9-7d33-4166-8bdf-3920b04e3735';
const GROUP = 'hall-1';
const HUB = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Devices/IotHubs/plant-hub`;

let hub: SampleHub;
let server: SampleServer;
let host = '';
const tokens = new Map<PortalRole, string>();

before(async () => {
  hub = await sampleHub({ record: async () => {} });
  server = await sampleServer({ hub, alerts: 5 });
  await server.app.ready();
  hub.running.serveAlso(MANAGEMENT, server.app.routing);
  host = `https://localhost:${hub.running.ports.https}`;
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), hub.ca]);
  const [admin] = server.accounts.users();
  const owner = { userId: admin.id, access: accessOf(admin.grants) };
  for (const role of ['Security Reader', 'Contributor'] as const)
    tokens.set(role, (await server.accounts.tokens.create(owner, { name: role, role, expires: null })).secret);
});
after(async () => {
  await hub.close();
  await server.app.close();
});

/** The client as its users make it: another address, a token, nothing else. */
function client(role: PortalRole = 'Contributor', token = tokens.get(role) ?? ''): SecurityCenter {
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  return new SecurityCenter(credential, SUBSCRIPTION, { endpoint: host, $host: host, retryOptions: { maxRetries: 0 } });
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const refused = (statusCode: number, code: string) => (error: { statusCode?: number; code?: string; message: string }) => {
  assert.deepEqual([error.statusCode, error.code], [statusCode, code], error.message);
  return true;
};

const range = {
  ruleType: 'ActiveConnectionsNotInAllowedRange',
  isEnabled: true,
  minThreshold: 0,
  maxThreshold: 30,
  timeWindowSize: 'PT05M',
} as const;

test('a group that nobody changed has every known rule at its defaults', async () => {
  const group = await client().deviceSecurityGroups.get(HUB, 'default');
  assert.equal(group.id, `${HUB}/providers/Microsoft.Security/deviceSecurityGroups/default`);
  assert.deepEqual([group.name, group.type], ['default', 'Microsoft.Security/deviceSecurityGroups']);
  assert.deepEqual(
    [group.timeWindowRules?.length, group.allowlistRules?.length, group.thresholdRules, group.denylistRules],
    [16, 4, [], []],
  );
  for (const rule of group.timeWindowRules ?? [])
    assert.deepEqual([rule.isEnabled, rule.minThreshold, rule.maxThreshold, rule.timeWindowSize], [false, 0, 0, 'PT15M']);
  for (const rule of group.allowlistRules ?? []) assert.deepEqual([rule.isEnabled, rule.allowlistValues], [false, []]);
  const [first] = group.timeWindowRules ?? [];
  assert.ok(first.displayName && first.description);
});

test('a PUT with one rule makes a group, answers with every rule, and replaces', async () => {
  const { deviceSecurityGroups } = client();
  const made = await deviceSecurityGroups.createOrUpdate(HUB, 'samplesecuritygroup', { timeWindowRules: [range] });
  assert.equal(made.timeWindowRules?.length, 16);
  const rule = made.timeWindowRules?.find(({ ruleType }) => ruleType === range.ruleType);
  assert.deepEqual([rule?.isEnabled, rule?.maxThreshold, rule?.timeWindowSize], [true, 30, 'PT05M']);
  const lists = { allowlistRules: [{ ruleType: 'ConnectionToIpNotAllowed' as const, isEnabled: true, allowlistValues: ['10.0.0.1/8'] }] };
  const changed = await deviceSecurityGroups.createOrUpdate(HUB, 'SampleSecurityGroup', lists);
  assert.equal(changed.name, 'samplesecuritygroup');
  assert.equal(changed.timeWindowRules?.find(({ ruleType }) => ruleType === range.ruleType)?.isEnabled, false);
  const list = changed.allowlistRules?.find(({ ruleType }) => ruleType === 'ConnectionToIpNotAllowed');
  assert.deepEqual([list?.valueType, list?.allowlistValues], ['IpCidr', ['10.0.0.1/8']]);
  // What was read can be given back as it is.
  const again = await deviceSecurityGroups.createOrUpdate(
    HUB,
    'samplesecuritygroup',
    await deviceSecurityGroups.get(HUB, 'samplesecuritygroup'),
  );
  assert.deepEqual(again.allowlistRules, changed.allowlistRules);
  assert.equal(hub.security.settings.group('samplesecuritygroup')?.rules.length, 1);
});

test('all 20 rule types are taken and given back', async () => {
  const { deviceSecurityGroups } = client();
  const known = await deviceSecurityGroups.get(HUB, 'default');
  const every = {
    timeWindowRules: (known.timeWindowRules ?? []).map((rule) => ({
      ...rule,
      isEnabled: true,
      minThreshold: 1,
      maxThreshold: 9,
      timeWindowSize: 'PT1H',
    })),
    allowlistRules: (known.allowlistRules ?? []).map((rule) => ({ ...rule, isEnabled: true, allowlistValues: ['10.1.2.3'] })),
  };
  const saved = await deviceSecurityGroups.createOrUpdate(HUB, 'everything', every);
  for (const rule of saved.timeWindowRules ?? [])
    assert.deepEqual([rule.isEnabled, rule.minThreshold, rule.maxThreshold, rule.timeWindowSize], [true, 1, 9, 'PT1H']);
  for (const rule of saved.allowlistRules ?? []) assert.deepEqual([rule.isEnabled, rule.allowlistValues], [true, ['10.1.2.3']]);
});

test('groups are listed over pages, and deleted', async () => {
  const { deviceSecurityGroups } = client();
  await hub.security.saveGroups(
    Array.from({ length: 120 }, (_, at) => ({ name: `line ${at}`, rules: [] })),
    'test',
  );
  const names = (await all(deviceSecurityGroups.list(HUB))).map(({ name }) => name ?? '');
  assert.equal(names.filter((name) => name.startsWith('line ')).length, 120);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes('default'));
  const statuses: number[] = [];
  const onResponse = ({ status }: { status: number }): void => void statuses.push(status);
  for (let time = 0; time < 2; time++) await deviceSecurityGroups.delete(HUB, 'line 7', { onResponse });
  assert.deepEqual(statuses, [200, 204]);
  await assert.rejects(deviceSecurityGroups.get(HUB, 'line 7'), refused(404, 'ResourceNotFound'));
  await deviceSecurityGroups.delete(HUB, 'default');
  assert.equal((await deviceSecurityGroups.get(HUB, 'default')).timeWindowRules?.length, 16);
});

test('two admins do not overwrite each other', async () => {
  const { deviceSecurityGroups } = client();
  const etags: (string | undefined)[] = [];
  const onResponse = ({ headers }: { headers: { get(name: string): string | undefined } }): void => void etags.push(headers.get('etag'));
  await deviceSecurityGroups.createOrUpdate(HUB, 'shared', { timeWindowRules: [range] }, { onResponse });
  const withEtag = (etag: string) => ({ requestOptions: { customHeaders: { 'If-Match': etag } } });
  const [etag = ''] = etags;
  await deviceSecurityGroups.createOrUpdate(HUB, 'shared', { timeWindowRules: [{ ...range, maxThreshold: 31 }] }, withEtag(etag));
  const late = deviceSecurityGroups.createOrUpdate(HUB, 'shared', { timeWindowRules: [{ ...range, maxThreshold: 32 }] }, withEtag(etag));
  await assert.rejects(late, refused(412, 'PreconditionFailed'));
});

test('what cannot be a rule is refused with a code and a sentence', async () => {
  const { deviceSecurityGroups } = client();
  const put = (body: object) => deviceSecurityGroups.createOrUpdate(HUB, 'refused', body);
  const bad = refused(400, 'InvalidParameter');
  await assert.rejects(put({ timeWindowRules: [{ ...range, minThreshold: 31 }] }), bad);
  await assert.rejects(put({ timeWindowRules: [range, range] }), bad);
  await assert.rejects(put({ timeWindowRules: [{ ...range, timeWindowSize: 'PT10S' }] }), bad);
  await assert.rejects(
    put({ thresholdRules: [{ ruleType: 'ThresholdCustomAlertRule', isEnabled: true, minThreshold: 0, maxThreshold: 1 }] }),
    bad,
  );
  await assert.rejects(
    put({ allowlistRules: [{ ruleType: 'ConnectionToIpNotAllowed', isEnabled: true, allowlistValues: ['plc-1'] }] }),
    bad,
  );
  await assert.rejects(put({ denylistRules: [{ ruleType: 'DenylistCustomAlertRule', isEnabled: true, denylistValues: ['nc'] }] }), bad);
  await assert.rejects(client().deviceSecurityGroups.get(`/subscriptions/${SUBSCRIPTION}`, 'default'), refused(400, 'InvalidResourceId'));
  assert.equal(hub.security.settings.group('refused'), undefined);
});

test('readers read, and who has no token is refused', async () => {
  const reader = client('Security Reader');
  await reader.deviceSecurityGroups.get(HUB, 'default');
  await assert.rejects(
    reader.deviceSecurityGroups.createOrUpdate(HUB, 'x', { timeWindowRules: [range] }),
    refused(403, 'AuthorizationFailed'),
  );
  await assert.rejects(client('Contributor', 'wrong').deviceSecurityGroups.get(HUB, 'default'), refused(401, 'AuthenticationFailed'));
});

test('a solution is created, found by its hub, changed and deleted, and switches protection', async () => {
  const { iotSecuritySolution } = client();
  const body = { displayName: 'Hall 1', iotHubs: [HUB], workspace: 'plant-logs', location: 'here', tags: { line: '4' } };
  const made = await iotSecuritySolution.createOrUpdate(GROUP, 'default', body);
  assert.deepEqual([made.name, made.status, made.workspace, made.iotHubs], ['default', 'Enabled', 'plant-logs', [HUB]]);
  assert.deepEqual(
    [made.recommendationsConfiguration?.length, made.unmaskedIpLoggingStatus, made.autoDiscoveredResources],
    [16, 'Disabled', [HUB]],
  );
  assert.equal(hub.security.settings.workspace, 'plant-logs');
  assert.deepEqual(hub.security.settings.resourceGroups, [GROUP]);
  const found = await all(iotSecuritySolution.listBySubscription({ filter: `properties.iotHubs/any(i eq "${HUB.toUpperCase()}")` }));
  assert.deepEqual(
    found.map(({ name }) => name),
    ['default'],
  );
  assert.deepEqual(await all(iotSecuritySolution.listByResourceGroup(GROUP, { filter: 'properties.iotHubs/any(i eq "/other")' })), []);
  const changed = await iotSecuritySolution.update(GROUP, 'default', {
    tags: { line: '5' },
    recommendationsConfiguration: [{ recommendationType: 'IoT_OpenPorts', status: 'Disabled' }],
  });
  assert.deepEqual(changed.tags, { line: '5' });
  assert.equal(
    changed.recommendationsConfiguration?.find(({ recommendationType }) => recommendationType === 'IoT_OpenPorts')?.status,
    'Disabled',
  );
  await iotSecuritySolution.createOrUpdate(GROUP, 'default', { ...body, status: 'Disabled' });
  assert.equal(hub.security.settings.protection.enabled, false);
  await iotSecuritySolution.createOrUpdate(GROUP, 'default', { ...body, status: 'Enabled' });
  assert.equal(hub.security.settings.protection.enabled, true);
  await assert.rejects(
    iotSecuritySolution.createOrUpdate(GROUP, 'bad', { displayName: 'x', iotHubs: [] }),
    refused(400, 'InvalidParameter'),
  );
  await assert.rejects(iotSecuritySolution.get(GROUP, 'missing'), refused(404, 'ResourceNotFound'));
  const statuses: number[] = [];
  for (let time = 0; time < 2; time++)
    await iotSecuritySolution.delete(GROUP, 'default', { onResponse: ({ status }) => void statuses.push(status) });
  assert.deepEqual(statuses, [200, 204]);
});

test('alerts of devices are listed, answered and counted by day, those of the network are not', async () => {
  const security = client();
  await security.deviceSecurityGroups.createOrUpdate(HUB, 'pumps', {
    timeWindowRules: [{ ...range, ruleType: 'MqttD2CMessagesNotInAllowedRange', maxThreshold: 1, timeWindowSize: 'P1D' }],
  });
  const device = await hub.desk.create({ deviceId: 'pump-1', moduleId: null, authentication: KEYS, status: 'enabled' }, 'test');
  await hub.desk.changeTwin(device, { tags: { SecurityGroup: 'pumps' } }, 'patch', null, 0, 'test');
  const sender = await stockDevice(hub, (await hub.desk.keys(device, 'test')).primaryConnectionString);
  for (let message = 0; message < 3; message++) await sender.sendEvent(new Message('value'));
  await sender.close();
  const until = Date.now() + 10_000;
  let alerts = await all(security.alerts.list());
  while (alerts.length === 0 && Date.now() < until) {
    hub.security.tick();
    alerts = await all(security.alerts.list());
  }
  assert.equal(alerts.length, 1);
  const [alert] = alerts;
  assert.deepEqual(
    [alert.alertType, alert.severity, alert.status, alert.compromisedEntity, alert.extendedProperties?.['DeviceId']],
    ['IoT_CA_MqttD2CMessagesNotInAllowedRange', 'Low', 'Active', 'pump-1', 'pump-1'],
  );
  assert.ok(alert.startTimeUtc instanceof Date && (alert.remediationSteps?.length ?? 0) > 0);
  const name = alert.name ?? '';
  await security.alerts.updateResourceGroupLevelStateToResolve('local', name, GROUP);
  assert.equal((await security.alerts.getSubscriptionLevel('local', name)).status, 'Resolved');
  await security.alerts.updateSubscriptionLevelStateToActivate('local', name);
  assert.equal((await security.alerts.getResourceGroupLevel('local', name, GROUP)).status, 'Active');
  await assert.rejects(security.alerts.getSubscriptionLevel('local', 'missing'), refused(404, 'ResourceNotFound'));

  await security.iotSecuritySolution.createOrUpdate(GROUP, 'numbers', { displayName: 'Numbers', iotHubs: [HUB] });
  const { iotSecuritySolutionsAnalyticsAggregatedAlert: aggregated, iotSecuritySolutionAnalytics: analytics } = security;
  const day = new Date().toISOString().slice(0, 10);
  const listed = await all(aggregated.list(GROUP, 'numbers'));
  assert.deepEqual(
    listed.map((one) => [one.name, one.count, one.reportedSeverity, one.aggregatedDateUtc?.toISOString().slice(0, 10)]),
    [[`IoT_CA_MqttD2CMessagesNotInAllowedRange/${day}`, 1, 'Low', day]],
  );
  assert.match(listed[0].logAnalyticsQuery ?? '', /^SecurityAlert/);
  const own = listed[0].name ?? '';
  assert.equal((await aggregated.get(GROUP, 'numbers', own)).alertType, 'IoT_CA_MqttD2CMessagesNotInAllowedRange');
  const model = await analytics.get(GROUP, 'numbers');
  assert.deepEqual([model.metrics?.low, model.unhealthyDeviceCount], [1, 1]);
  assert.deepEqual(
    model.topAlertedDevices?.map(({ deviceId }) => deviceId),
    ['pump-1'],
  );
  assert.equal((await analytics.list(GROUP, 'numbers')).value.length, 1);
  assert.deepEqual(await all(security.iotSecuritySolutionsAnalyticsRecommendation.list(GROUP, 'numbers')), []);
  await aggregated.dismiss(GROUP, 'numbers', own);
  assert.deepEqual(await all(aggregated.list(GROUP, 'numbers')), []);
});

const KEYS = { type: 'sas', primaryKey: null, secondaryKey: null, primaryThumbprint: null, secondaryThumbprint: null } as const;

test('paths name a scope and what lies in it, however they are written', () => {
  const names = (path: string) => {
    const target = parseTarget(path);
    return target && [target.subscription, target.resourceGroup, target.resource?.name ?? null, ...target.rest];
  };
  assert.deepEqual(names(`${HUB}/providers/Microsoft.Security/deviceSecurityGroups/a%20b`), [
    SUBSCRIPTION,
    GROUP,
    'plant-hub',
    'deviceSecurityGroups',
    'a b',
  ]);
  assert.deepEqual(names(`/subscriptions/s/PROVIDERS/microsoft.security/alerts`), ['s', null, null, 'alerts']);
  for (const wrong of [
    '/subscriptions/s',
    '/subscriptions//providers/Microsoft.Security/alerts',
    '/subscriptions/s/x/providers/Microsoft.Security/alerts',
    `${HUB}/providers/Microsoft.Security/a/%E0%A4%A`,
  ])
    assert.equal(parseTarget(wrong), undefined, wrong);
});
