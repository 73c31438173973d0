/** Views of the team, as somebody of one site: none tells them of another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { callerWith } from '../../tests/api-walk.ts';
import { at, NORTH, PLANT, SECRETS, serve } from '../../tests/two-sites.ts';
import { viewsWithin } from './shared-views.ts';

const places = [NORTH, PLANT];
const sensors = [NORTH, PLANT].map(({ sensor, ...place }) => ({ name: sensor, ...place }));
const filter = (...texts: readonly string[]): string => new URLSearchParams(texts.map((text) => ['filter', text])).toString();
const encoded = encodeURIComponent;

/** Addresses and names of views, and whether somebody of the first site is told of them. */
const VIEWS: readonly (readonly [address: string, name: string, told: boolean])[] = [
  ['', 'Everything', true],
  ['range=24&sort=severity&group=site&columns=severity,site', 'Day', true],
  [filter('severity:equals:High', 'status:notEquals:Closed'), 'Urgent', true],
  [filter(`site:equals:${encoded(NORTH.site)}`), 'North', true],
  [filter(`site:equals:${encoded(NORTH.site.toUpperCase())}`), 'In capitals', true],
  [filter(`site:contains:north`), 'Part of a name', true],
  [filter(`sensor:equals:${NORTH.sensor}`, `zone:equals:${encoded(NORTH.zone)}`), 'Sensor', true],
  [filter('zone:equals:'), 'Nothing is named', true],
  [filter(`site:equals:${encoded(PLANT.site)}`), 'Other', false],
  [filter(`site:equals:${encoded(NORTH.site)},${encoded(PLANT.site)}`), 'Both', false],
  [filter(`site:notEquals:${encoded(PLANT.site)}`), 'All but', false],
  [filter('site:startsWith:Treat'), 'Part', false],
  [filter(`sensor:equals:${PLANT.sensor}`), 'Sensor', false],
  [filter(`zone:equals:${PLANT.zone}`), 'Zone', false],
  [filter('device:equals:HIDDEN-1'), 'Device', false],
  [filter('sourceAddress:startsWith:10.99.'), 'Address', false],
  [filter('securityGroup:equals:Boilers'), 'Group', false],
  ['search=HIDDEN', 'Search', false],
  [filter(`title:equals:${encoded('Controller Stop')}`), 'Title', true],
  [filter(`title:equals:${encoded('Boiler 7 of the Treatment Plant is too hot')}`), 'Title that somebody gave', false],
  ['alert=42', 'What else an address may hold', false],
  [filter('site'), 'No filter', false],
  [filter('site:equals:%E0'), 'Broken', false],
  ['', `Night shift ${PLANT.site}`, false],
  ['', 'sensor-plant is noisy', false],
];

test('a view is told to who sees all that it names', () => {
  const isTold = viewsWithin([{ site: NORTH.site, zone: null }], { places, sensors });
  for (const [address, name, told] of VIEWS) assert.equal(isTold({ address, name }), told, `${name}: ${address}`);
  const toAll = viewsWithin('everything', { places: [], sensors: [] });
  for (const [address, name] of VIEWS) assert.ok(toAll({ address, name }), name);
  const inZone = viewsWithin([{ site: NORTH.site, zone: 'Boilers' }], {
    places: [...places, { site: NORTH.site, zone: 'Boilers' }],
    sensors,
  });
  assert.ok(inZone({ name: 'Mine', address: filter(`site:equals:${encoded(NORTH.site)}`, 'zone:equals:Boilers') }));
  assert.ok(!inZone({ name: 'Next door', address: filter(`zone:equals:${encoded(NORTH.zone)}`) }));
  assert.ok(!inZone({ name: 'Its sensor', address: filter(`sensor:equals:${NORTH.sensor}`) }));
});

test('somebody of one site is not told of views of the team that name the other, by list or by id; their own stay', async (t) => {
  const { server, base } = await serve(t);
  const all = await callerWith(server, base, 'all', [everywhere('Security Admin')]);
  const ids = new Map<string, string>();
  for (const [at_, [address, name]] of VIEWS.entries()) {
    const made = await all('POST', '/api/views', { page: 'alerts', name: `${at_} ${name}`, address, team: true });
    assert.equal(made.status, 201, made.text);
    ids.set(name, (JSON.parse(made.text) as { id: string }).id);
  }
  const north = await callerWith(server, base, 'north', [at('Security Admin', NORTH.site)]);
  await north('POST', '/api/views', { page: 'alerts', name: 'Own', address: 'search=HIDDEN', team: false });
  const listed = JSON.parse((await north('GET', '/api/views?page=alerts')).text) as { name: string; owner: string; address: string }[];
  assert.deepEqual(
    listed
      .filter(({ owner }) => owner === 'all')
      .map(({ name }) => name)
      .toSorted(),
    VIEWS.flatMap(([, name, told], at_) => (told ? [`${at_} ${name}`] : [])).toSorted(),
  );
  assert.doesNotMatch(JSON.stringify(listed.filter(({ owner }) => owner === 'all')), SECRETS);
  assert.equal(listed.filter(({ owner }) => owner === 'north').length, 1, 'what one typed oneself is no secret');
  const id = ids.get('Other') ?? '';
  assert.equal((await north('PATCH', `/api/views/${id}`, { name: 'x' })).code, 'not_found');
  assert.equal((await north('DELETE', `/api/views/${id}`)).code, 'not_found');
  assert.equal((await north('DELETE', `/api/views/${ids.get('Urgent')}`)).code, 'not_permitted', 'that of another, which is seen');
});
