/** Sites, zones and sensors changed by people who have a role at one site, or in one zone: done, refused, or not seen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { callerWith } from '../../tests/api-walk.ts';
import { at, NORTH, PLANT, SECRETS, serve } from '../../tests/two-sites.ts';

interface SiteView {
  readonly name: string;
  readonly zones: readonly string[];
  readonly owners: readonly string[];
  readonly editable: boolean;
  readonly editableZones: readonly string[];
  readonly sensors: readonly { readonly name: string; readonly zone: string }[];
}
type Call = Awaited<ReturnType<typeof callerWith>>;

const path = (...parts: readonly string[]): string => `/api/${parts.map(encodeURIComponent).join('/')}`;
const sitesOf = async (call: Call): Promise<SiteView[]> => JSON.parse((await call('GET', '/api/sites')).text) as SiteView[];

test('who has a role at a site edits it, its zones and its sensors, and no others; which sites there are is for everything', async (t) => {
  const { server, base } = await serve(t);
  const call = await callerWith(server, base, 'north', [at('Security Admin', NORTH.site)]);
  const done = async (method: string, url: string, body?: object) => assert.equal((await call(method, url, body)).status, 204, url);

  await done('PATCH', path('sites', NORTH.site), { owners: ['ops@plant.example'], displayName: 'North' });
  await done('POST', path('sites', NORTH.site, 'zones'), { name: 'Gates' });
  await done('POST', '/api/sensors', { name: 'sensor-gate', site: NORTH.site.toLowerCase(), zone: 'gates' });
  await done('PATCH', '/api/sensors/sensor-gate', { zone: NORTH.zone });
  await done('DELETE', path('sites', NORTH.site, 'zones', 'Gates'));
  const [north, ...others] = await sitesOf(call);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [north?.owners, north?.zones, north?.editable, north?.editableZones],
    [['ops@plant.example'], [NORTH.zone], true, [NORTH.zone]],
  );
  assert.deepEqual(north?.sensors.find(({ name }) => name === 'sensor-gate')?.zone, NORTH.zone);

  // Of another site nothing is told: the same is said of what is not there.
  for (const [method, url, body, absent] of [
    ['PATCH', path('sites', PLANT.site), { displayName: 'x' }, path('sites', 'Nowhere')],
    ['POST', path('sites', PLANT.site, 'zones'), { name: 'New' }, path('sites', 'Nowhere', 'zones')],
    ['DELETE', path('sites', PLANT.site, 'zones', PLANT.zone), undefined, path('sites', 'Nowhere', 'zones', 'Nowhere')],
    ['PATCH', path('sensors', PLANT.sensor), { zone: NORTH.zone }, path('sensors', 'Nowhere')],
    ['DELETE', path('sensors', PLANT.sensor), undefined, path('sensors', 'Nowhere')],
  ] as const) {
    const hidden = await call(method, url, body);
    assert.equal(hidden.code, 'not_found', `${method} ${url}`);
    const told = [PLANT.site, PLANT.zone, PLANT.sensor].reduce((text, name) => text.replaceAll(name, 'Nowhere'), hidden.text);
    assert.equal(told, (await call(method, absent, body)).text, `${method} ${url}`);
  }
  // A name is taken in the whole system. That it cannot be had is all that is told, and nothing of who has it.
  const register = (name: string) => call('POST', '/api/sensors', { name, site: NORTH.site, zone: NORTH.zone });
  const taken = await register(PLANT.sensor.toUpperCase());
  assert.equal(taken.code, 'conflict');
  assert.match(taken.text, /"This name cannot be had: choose another one, such as one that begins with the name of the site\."/);
  assert.doesNotMatch(taken.text, SECRETS);
  assert.match(
    (await register(NORTH.sensor)).text,
    /There is a sensor \\"sensor-north\\" already, in North Pumping Station, Process control/,
  );
  // Neither is a sensor put there.
  assert.equal((await call('POST', '/api/sensors', { name: 'x', site: PLANT.site, zone: PLANT.zone })).code, 'not_found');
  assert.equal((await call('PATCH', '/api/sensors/sensor-gate', { site: PLANT.site, zone: PLANT.zone })).code, 'not_found');

  await done('DELETE', '/api/sensors/sensor-gate');
  assert.match((await call('POST', '/api/sites', { name: 'Harbour' })).text, /this concerns the whole system/);
  assert.match((await call('DELETE', path('sites', NORTH.site))).text, /this concerns the whole system/);
  const admin = await callerWith(server, base, 'all', [everywhere('Owner')]);
  assert.deepEqual(
    (await sitesOf(admin)).map(({ name, editable }) => [name, editable]),
    [
      [NORTH.site, true],
      [PLANT.site, true],
    ],
  );
  assert.ok(server.audit.filter(({ who }) => who === 'north').some(({ action }) => action === 'sensor.remove'));
});

test('a role in a zone changes the sensors of that zone, and neither the site nor its other zones', async (t) => {
  const { server, base } = await serve(t);
  const owner = await callerWith(server, base, 'owner of north', [at('Owner', NORTH.site)]);
  assert.equal((await owner('POST', path('sites', NORTH.site, 'zones'), { name: 'Gates' })).status, 204);
  const call = await callerWith(server, base, 'zone', [at('Security Reader', NORTH.site), at('Contributor', NORTH.site, 'Gates')]);
  const [north] = await sitesOf(call);
  assert.deepEqual([north?.zones, north?.editable, north?.editableZones], [['Gates', NORTH.zone].toSorted(), false, ['Gates']]);
  assert.equal((await call('POST', '/api/sensors', { name: 'sensor-gate', site: NORTH.site, zone: 'Gates' })).status, 204);
  for (const [method, url, body] of [
    ['PATCH', path('sites', NORTH.site), { displayName: 'x' }],
    ['POST', path('sites', NORTH.site, 'zones'), { name: 'New' }],
    ['DELETE', path('sites', NORTH.site, 'zones', 'Gates'), undefined],
  ] as const)
    assert.match(
      (await call(method, url, body)).text,
      /"not_permitted".*does not include this for all of North Pumping Station\./,
      `${method} ${url}`,
    );
  // From where it stands to where it goes: both have to be theirs.
  assert.match(
    (await call('PATCH', '/api/sensors/sensor-gate', { zone: NORTH.zone })).text,
    /not include this at North Pumping Station, zone Process control/,
  );
  assert.equal((await call('PATCH', path('sensors', NORTH.sensor), { zone: 'Gates' })).code, 'not_permitted');
  assert.equal((await call('POST', '/api/sensors', { name: 'x', site: NORTH.site, zone: NORTH.zone })).code, 'not_permitted');
  assert.equal((await call('PATCH', '/api/sensors/sensor-gate', { type: 'Enterprise IoT' })).status, 204);
  assert.equal((await call('DELETE', '/api/sensors/sensor-gate')).status, 204);
  assert.doesNotMatch((await call('GET', '/api/sites')).text, SECRETS);
});
