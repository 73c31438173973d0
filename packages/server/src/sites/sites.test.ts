/** Sites, zones and sensors over the API: ordering them, onboarding, health, and who may. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asRole, caller, serve, signedIn } from '../../tests/callers.ts';
import { SiteDesk } from './site-desk.ts';

interface SensorView {
  name: string;
  site: string;
  zone: string;
  type: string;
  health: { state: string; word: string; sentence: string };
  openAlerts: number;
  devices: number;
  lastConnected: string | null;
}
interface SiteView {
  name: string;
  displayName: string;
  tags: Record<string, string>;
  owners: string[];
  zones: string[];
  devices: number;
  openAlerts: number;
  sensors: SensorView[];
}

test('sites tell their zones, sensors, devices and open alerts', async (t) => {
  const server = await serve(t, { alerts: 60, devices: 40 });
  const call = await signedIn(server);
  const { body: sites } = await call<SiteView[]>('GET', '/api/sites');
  assert.deepEqual(
    sites.map(({ name, zones, sensors }) => [name, zones, sensors.map((sensor) => sensor.name)]),
    [
      ['North Pumping Station', ['Process control'], ['sensor-north']],
      ['Treatment Plant', ['Filtration'], ['sensor-plant']],
    ],
  );
  const [north, plant] = sites;
  const { body: open } = await call<{ value: string; count: number }[]>('GET', '/api/alerts/groups?by=site&filter=status:notEquals:Closed');
  for (const site of [north, plant]) assert.equal(site?.openAlerts, open.find(({ value }) => value === site?.name)?.count);
  assert.equal(north?.devices, 40);
  assert.equal(north?.sensors[0]?.health.word, 'VLAN silent');
  assert.ok(north?.sensors[0]?.lastConnected);
  // It is registered, and nothing runs under its name.
  assert.equal(plant?.sensors[0]?.health.word, 'Pending activation');
  const csv = (await call('GET', '/api/sensors.csv')).text;
  assert.match(
    csv,
    /\r\nsensor-north,OT - locally connected,North Pumping Station,Process control,VLAN silent,No packet comes any more from VLAN 30\. Check that the mirror still has it\. Silent since \d{4}-\S+Z: VLAN 30\./,
  );
});

test('a sensor is registered, is pending, is moved in place, and is deleted; each change is audited', async (t) => {
  const server = await serve(t);
  const call = await signedIn(server);
  const site = { name: 'Harbour', displayName: 'Harbour east', tags: { area: 'east' }, owners: ['ops@plant.example'], zones: ['Cranes'] };
  assert.equal((await call('POST', '/api/sites', site)).status, 204);
  assert.equal((await call('POST', '/api/sites', { name: 'HARBOUR' })).body.code, 'conflict');
  assert.equal((await call('POST', '/api/sites/Harbour/zones', { name: 'Gates' })).status, 204);
  const sensor = { name: 'sensor-harbour', type: 'Enterprise IoT', site: 'harbour', zone: 'cranes' };
  assert.equal((await call('POST', '/api/sensors', { ...sensor, zone: 'Nowhere' })).status, 404);
  assert.equal((await call('POST', '/api/sensors', sensor)).status, 204);
  assert.equal((await call('POST', '/api/sensors', sensor)).status, 409);
  const shown = async () => (await call<SensorView>('GET', '/api/sensors/sensor-harbour')).body;
  const { site: at, zone, type, health } = await shown();
  assert.deepEqual([at, zone, type, health.state], ['Harbour', 'Cranes', 'Enterprise IoT', 'pending']);

  assert.equal((await call('DELETE', '/api/sites/Harbour')).body.code, 'not_empty');
  assert.equal((await call('PATCH', '/api/sensors/sensor-harbour', { zone: 'Gates', type: 'OT - cloud connected' })).status, 204);
  assert.deepEqual([(await shown()).zone, (await shown()).type], ['Gates', 'OT - cloud connected']);
  assert.equal((await call('DELETE', '/api/sites/Harbour/zones/Gates')).body.code, 'not_empty');
  assert.equal((await call('DELETE', '/api/sites/Harbour/zones/Cranes')).status, 204);
  assert.equal((await call('PATCH', '/api/sites/Harbour', { displayName: '', tags: {} })).status, 204);
  const found = (await call<SiteView[]>('GET', '/api/sites')).body.find(({ name }) => name === 'Harbour');
  assert.deepEqual([found?.displayName, found?.tags, found?.owners, found?.zones], ['Harbour', {}, ['ops@plant.example'], ['Gates']]);

  assert.equal((await call('DELETE', '/api/sensors/sensor-north')).body.code, 'still_active');
  assert.equal((await call('DELETE', '/api/sensors/sensor-harbour')).status, 204);
  assert.equal((await call('DELETE', '/api/sites/Harbour')).status, 204);
  assert.deepEqual(
    server.audit.map(({ action }) => action).filter((action) => /^(site|zone|sensor)\./.test(action)),
    ['site.create', 'zone.create', 'sensor.register', 'sensor.change', 'zone.remove', 'site.change', 'sensor.remove', 'site.remove'],
  );
  const change = server.audit.find(({ action }) => action === 'sensor.change');
  assert.deepEqual([change?.before?.['zone'], change?.after?.['zone']], ['Cranes', 'Gates']);
});

test('a sensor that comes up stands where a person put it, else where it was told to', async (t) => {
  const server = await serve(t);
  const call = await signedIn(server);
  const told = { sensor: 'SENSOR-NORTH', site: 'Elsewhere', zone: 'Z' };
  const { sites } = server;
  assert.deepEqual(await SiteDesk.standing(sites, told, 'OT - locally connected', 0), {
    sensor: 'SENSOR-NORTH',
    site: 'North Pumping Station',
    zone: 'Process control',
  });
  const fresh = { sensor: 'sensor-new', site: 'North Pumping Station', zone: 'New hall' };
  assert.deepEqual(await SiteDesk.standing(sites, fresh, 'OT - locally connected', 0), fresh);
  const [north] = (await call<SiteView[]>('GET', '/api/sites')).body;
  assert.deepEqual(north?.zones, ['New hall', 'Process control']);
});

test('who only reads sees sites and changes none; without signing in there is nothing', async (t) => {
  const server = await serve(t);
  const reader = await asRole(server, 'Security Reader');
  assert.equal((await reader('GET', '/api/sites')).status, 200);
  for (const [method, url, body] of [
    ['POST', '/api/sites', { name: 'X' }],
    ['PATCH', '/api/sites/Treatment%20Plant', { displayName: 'X' }],
    ['DELETE', '/api/sites/Treatment%20Plant', undefined],
    ['POST', '/api/sensors', { name: 'x', site: 'Treatment Plant', zone: 'Filtration' }],
    ['PATCH', '/api/sensors/sensor-north', { zone: 'Filtration' }],
    ['DELETE', '/api/sensors/sensor-plant', undefined],
  ] as const)
    assert.equal((await reader(method, url, body)).body.code, 'not_permitted', `${method} ${url}`);
  assert.equal((await caller(server)('GET', '/api/sites')).status, 401);
});
