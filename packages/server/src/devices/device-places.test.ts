/** The inventory's tables, groups and networks for somebody who has a role at one site: done, refused, or not seen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { callerWith } from '../../tests/api-walk.ts';
import { at, NORTH, PLANT, SECRETS, serve } from '../../tests/two-sites.ts';

type Call = Awaited<ReturnType<typeof callerWith>>;

// Answers have the shapes of the document; these tests read single members.
async function ask(call: Call, method: string, path: string, body?: object | string): Promise<ReturnType<typeof JSON.parse>> {
  const { text } = await call(method, path, body);
  return text === '' ? null : JSON.parse(text);
}

const outcomes = (report: { lines: { line: number; outcome: string; message: string }[] }) =>
  report.lines.map(({ line, outcome, message }) => `${line} ${outcome}: ${message}`);

test(`a table changes the devices of one's own site, refuses by name what may only be seen, and knows nothing of the rest`, async (t) => {
  const { server, base } = await serve(t, { secondSensor: true });
  const all = await callerWith(server, base, 'all', [everywhere('Owner')]);
  const table = ['IP Address,Location,Authorization', '10.20.2.11,Hall 3,', '10.99.0.1,Hall 4,', '10.77.0.1,Hall 5,'].join('\n');

  const north = await callerWith(server, base, 'north', [at('Security Admin', NORTH.site)]);
  const own = await call(north, '?create=true&dryRun=true');
  assert.deepEqual(outcomes(JSON.parse(own)), [
    '2 changed: location to Hall 3',
    '3 entered: Entered by hand.',
    '4 entered: Entered by hand.',
  ]);
  const done = await call(north, '');
  const absent = 'There is no such device. Import with create=true to enter it.';
  assert.deepEqual(outcomes(JSON.parse(done)), ['2 changed: location to Hall 3', `3 refused: ${absent}`, `4 refused: ${absent}`]);
  assert.doesNotMatch(own + done, /Treatment Plant|sensor-plant|HIDDEN/);
  assert.equal((await ask(all, 'GET', '/api/devices?search=HIDDEN-0')).devices[0].location, '');

  // The address of a device of another site is entered here beside it, as a device of this sensor.
  await call(north, '?create=true');
  const twins = (await ask(all, 'GET', '/api/devices?search=10.99.0.1')).devices.map((row: { site: string; location: string }) => [
    row.site,
    row.location,
  ]);
  assert.deepEqual(twins.toSorted(), [
    [NORTH.site, 'Hall 4'],
    [PLANT.site, ''],
  ]);

  const looks = await callerWith(server, base, 'looks', [everywhere('Security Reader'), at('Security Admin', NORTH.site)]);
  const refused = JSON.parse(await call(looks, '', 'Number,Location\n' + (await numberOf(all, 'HIDDEN-1')) + ',Roof'));
  assert.deepEqual(refused.counts, { changed: 0, unchanged: 0, entered: 0, refused: 1 });
  assert.match(
    refused.lines[0].message,
    /^HIDDEN-1 \(10\.99\.0\.2\): You are .* does not include this at Treatment Plant, zone Filtration\./,
  );
  assert.equal((await looks('POST', `/api/devices/import?create=true&sensor=${PLANT.sensor}`, table)).code, 'not_permitted');
  const unknown = await north('POST', `/api/devices/import?create=true&sensor=${PLANT.sensor}`, table);
  assert.equal(unknown.code, 'unknown_sensor');
  assert.doesNotMatch(unknown.text, SECRETS);

  async function call(who: Call, query: string, content = table): Promise<string> {
    const { text, status } = await who('POST', `/api/devices/import${query}`, content);
    assert.equal(status, 200, text);
    return text;
  }
});

async function numberOf(call: Call, search: string): Promise<number> {
  return (await ask(call, 'GET', `/api/devices?search=${search}`)).devices[0].number;
}

test('people of one site make groups of its devices, change their own, and see of others what holds devices there', async (t) => {
  const { server, base } = await serve(t);
  const all = await callerWith(server, base, 'all', [everywhere('Owner')]);
  const north = await callerWith(server, base, 'north', [at('Security Admin', NORTH.site)]);
  const plant = await callerWith(server, base, 'other site', [at('Security Admin', PLANT.site)]);
  const reader = await callerWith(server, base, 'reader', [everywhere('Security Reader')]);
  const pump = await numberOf(all, 'PLC-PUMP-1');
  const hidden = await numberOf(all, 'HIDDEN-1');
  const make = (call: Call, body: object) => ask(call, 'POST', '/api/device-groups', body);
  const shared = await make(all, { name: 'Both', devices: [pump, hidden] });
  const elsewhere = await make(all, { name: 'HIDDEN ones', devices: [hidden] });
  await make(all, { name: 'PLCs', filter: 'type=PLC' });
  await make(all, { name: 'PLCs by site', filter: `type=PLC&filter=${encodeURIComponent(`site:notEquals:${PLANT.site}`)}` });
  const own = await make(north, { name: 'Pumps', devices: [pump] });
  const empty = await make(north, { name: 'Later' });

  const seen = async (call: Call) =>
    (await ask(call, 'GET', '/api/device-groups')).map(
      ({ name, devices, mayEdit }: { name: string; devices: number; mayEdit: boolean }) => `${name} ${devices} ${mayEdit ? 'own' : 'seen'}`,
    );
  assert.deepEqual(await seen(north), ['Both 1 seen', 'Later 0 own', 'PLCs 2 seen', 'Pumps 1 own']);
  assert.deepEqual(await seen(plant), ['Both 1 seen', 'HIDDEN ones 1 seen', 'PLCs 1 seen']);
  assert.deepEqual((await seen(all)).length, 6);
  assert.ok((await seen(reader)).every((group: string) => group.endsWith(' seen')));

  const change = (call: Call, { id }: { id: number }, body: object) => call('PATCH', `/api/device-groups/${id}`, body);
  assert.equal((await change(north, own, { name: 'Pumps of ours' })).status, 200);
  assert.equal((await change(north, own, { add: [hidden] })).code, 'not_found');
  assert.equal((await make(north, { name: 'Theirs', devices: [hidden] })).code, 'not_found');
  assert.equal((await change(north, elsewhere, { name: 'x' })).code, 'not_found');
  const refused = await change(north, shared, { name: 'x' });
  assert.equal(refused.code, 'not_permitted');
  assert.match(refused.text, /was made by all, .* make a group of your own/);
  assert.equal((await north('DELETE', `/api/device-groups/${shared.id}`)).code, 'not_permitted');
  assert.equal((await plant('DELETE', `/api/device-groups/${own.id}`)).code, 'not_found');
  assert.equal((await north('DELETE', `/api/device-groups/${empty.id}`)).status, 204);
  assert.equal((await all('DELETE', `/api/device-groups/${own.id}`)).status, 204);
});

test('networks and VLANs are those of the devices that one sees, with counts of these, and are named for everything only', async (t) => {
  const { server, base } = await serve(t);
  const all = await callerWith(server, base, 'all', [everywhere('Owner')]);
  const north = await callerWith(server, base, 'north', [at('Owner', NORTH.site)]);
  const plant = await callerWith(server, base, 'other site', [at('Owner', PLANT.site)]);
  await all('PUT', '/api/subnets', { cidr: '10.99.0.0/24', name: 'HIDDEN net', kind: 'ot' });
  await all('PUT', '/api/subnets', { cidr: '10.20.2.0/24', name: 'Pumps', kind: 'ot' });
  await all('PUT', '/api/vlans/77', { name: 'HIDDEN lane' });
  const listed = async (call: Call, path: string) => (await call('GET', path)).text;
  const nets = async (call: Call): Promise<{ cidr: string; name: string; devices: number }[]> =>
    JSON.parse(await listed(call, '/api/subnets'));
  assert.deepEqual(
    (await nets(plant)).map(({ cidr, name, devices }) => `${cidr} ${name} ${devices}`),
    ['10.99.0.0/24 HIDDEN net 4'],
  );
  const own = await nets(north);
  assert.ok(own.some(({ cidr, name, devices }) => cidr === '10.20.2.0/24' && name === 'Pumps' && devices > 0));
  assert.deepEqual(
    [...own, ...(await nets(plant))].map(({ cidr }) => cidr).toSorted(),
    (await nets(all)).map(({ cidr }) => cidr).toSorted(),
  );
  assert.doesNotMatch(JSON.stringify(own) + (await listed(north, '/api/vlans')), SECRETS);
  assert.match(await listed(all, '/api/vlans'), /HIDDEN lane/);
  assert.equal((await north('PUT', '/api/subnets', { cidr: '10.20.2.0/24', name: 'x' })).code, 'not_permitted');
  assert.equal((await north('PUT', '/api/vlans/77', { name: 'x' })).code, 'not_permitted');
});
