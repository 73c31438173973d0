/** Every route of the API, as every role and at every place: done, refused, or not seen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { ACTIONS, type Action, CONSOLES, mayHere, rolesOf } from '@annunciator/core/roles';
import { fromMilliseconds } from '@annunciator/core/time';
import { callerWith, operationsOf, type Operation } from '../../tests/api-walk.ts';
import { at, NORTH, NOW, PLANT, SECRETS, serve } from '../../tests/two-sites.ts';

const isAction = (permission: string): permission is Action => (ACTIONS as readonly string[]).includes(permission);

/** A path with things that do not exist, so that nothing is done where it is allowed. */
const nowhere = (path: string): string => path.replaceAll(/\{[^}]+\}/g, '999999');

/** Ends the session of the caller, or asks for what no user has: not called in a walk. */
const LEFT_OUT = new Set(['POST /api/sign-out', 'POST /api/sign-in']);

test('every route states a permission, and no route that changes something is open to those who may only look', async (t) => {
  const { server } = await serve(t);
  const operations = operationsOf(server);
  assert.ok(operations.length > 45, String(operations.length));
  for (const { method, path, permission } of operations) {
    assert.ok(isAction(permission) || ['anyone', 'signed-in'].includes(permission), `${method} ${path}: ${permission}`);
    if (permission === 'anyone') assert.ok(path.startsWith('/api/sign-in'), `${method} ${path}`);
    if (method !== 'GET' && isAction(permission))
      assert.ok(!mayHere('Security Reader', permission) || ASKS_FURTHER.has(path) || ONLY_LOOKS.has(path), `${method} ${path}`);
  }
});

/** Routes whose question does not fit an address, and that change nothing. */
const ONLY_LOOKS = new Set(['/api/baseline/diff', '/api/rules/check', '/api/rules/test']);

/** Routes whose body says which action it is, and that ask for it then. */
const ASKS_FURTHER = new Set(['/api/alert-jobs', '/api/views', '/api/views/{id}']);

for (const console of CONSOLES) {
  test(`each role of the ${console} does on each route what the table says`, async (t) => {
    const { server, base } = await serve(t, { console });
    const operations = operationsOf(server).filter(({ method, path }) => !LEFT_OUT.has(`${method} ${path}`));
    for (const role of rolesOf(console)) {
      const call = await callerWith(server, base, `somebody ${role}`, [everywhere(role)]);
      for (const { method, path, permission } of operations) {
        const { status, code, text } = await call(method, nowhere(path), method === 'GET' || method === 'DELETE' ? undefined : {});
        const name = `${role} ${method} ${path}: ${status} ${text.slice(0, 200)}`;
        const allowed = !isAction(permission) || mayHere(role, permission);
        assert.equal(code === 'not_permitted', !allowed, name);
        assert.equal(status === 403 && code === 'not_permitted', !allowed, name);
        assert.ok(status !== 401 && status < 500, name);
      }
    }
  });
}

test('a role at a site opens no route that concerns the whole system, and every route that keeps to places', async (t) => {
  const { server, base } = await serve(t);
  const call = await callerWith(server, base, 'north owner', [at('Owner', NORTH.site)]);
  const byPlace: Operation[] = [];
  for (const operation of operationsOf(server)) {
    const { method, path, permission } = operation;
    if (!isAction(permission)) continue;
    if (operation.byPlace) byPlace.push(operation);
    const { code, text } = await call(method, nowhere(path), method === 'GET' || method === 'DELETE' ? undefined : {});
    assert.equal(code === 'not_permitted', !operation.byPlace, `${method} ${path}: ${text.slice(0, 200)}`);
  }
  assert.ok(byPlace.length > 30, String(byPlace.length));
});

/** Of the other site: what parts of paths may name. */
const HIDDEN: Readonly<Record<string, string>> = { site: PLANT.site, zone: PLANT.zone, sensor: PLANT.sensor };

test('no answer tells somebody of one site anything of the other, by lists, counts, groups, search, export, map or id', async (t) => {
  const { server, base } = await serve(t);
  const admin = await callerWith(server, base, 'all', [everywhere('Owner')]);
  const call = await callerWith(server, base, 'north', [at('Owner', NORTH.site)]);
  const hiddenAlert = await idOfAlert(admin, PLANT.site);
  const devices = JSON.parse((await admin('GET', '/api/devices?search=HIDDEN')).text) as { devices: { number: number; version: number }[] };
  const hiddenDevice = devices.devices[0];
  assert.ok(hiddenDevice);
  const group = await admin('POST', '/api/device-groups', { name: 'Elsewhere', devices: [hiddenDevice.number] });
  const hiddenGroup = (JSON.parse(group.text) as { id: number }).id;

  let looked = 0;
  for (const { method, path, byPlace } of operationsOf(server)) {
    if (!byPlace) continue;
    const isDevice = path.startsWith('/api/devices/');
    const numbered = path.startsWith('/api/device-groups/') ? hiddenGroup : isDevice ? hiddenDevice.number : null;
    const own = path.replaceAll(/\{([^}]+)\}/g, (_, part: string) => encodeURIComponent(HIDDEN[part] ?? numbered ?? hiddenAlert));
    if (method === 'GET') {
      for (const query of ['', '?column=site', '?by=site', '?search=HIDDEN', '?column=site&search=10.99', '?search=Treatment']) {
        const { text, status } = await call('GET', `${own}${query}`);
        // What was asked for is named in the refusal.
        const said = [query, ...Object.values(HIDDEN)].reduce((rest, asked) => rest.replaceAll(asked, ''), text);
        assert.doesNotMatch(path.includes('{') ? said : text.replaceAll(query, ''), SECRETS, `GET ${own}${query}`);
        if (path.includes('{')) assert.ok(status === 404 || status === 403, `GET ${own}${query}: ${status}`);
        looked++;
      }
    } else if (path.includes('{')) {
      const body = isDevice
        ? { version: hiddenDevice.version, changes: { location: 'x' }, others: [hiddenDevice], parts: [1] }
        : { status: 'Active', text: 'x', key: 'a job of the other', sensor: PLANT.sensor, decision: 'accept', name: 'New' };
      assert.equal((await call(method, own, body)).status, 404, `${method} ${own}`);
      looked++;
    }
  }
  assert.ok(looked > 60, String(looked));

  // The same questions do find something for somebody who may see it: the test above looks at the right places.
  for (const url of [
    '/api/alerts',
    '/api/devices',
    '/api/connections',
    '/api/map',
    '/api/alerts.csv',
    '/api/devices.csv',
    '/api/connections.csv',
    '/api/alerts/groups?by=site',
    '/api/devices/values?column=site',
  ])
    assert.match((await admin('GET', url)).text, SECRETS, url);
});

test('totals, groups and exports of a site add up to what stands there', async (t) => {
  const { server, base } = await serve(t);
  const totalOf = async (
    call: Awaited<ReturnType<typeof callerWith>>,
  ): Promise<{ alerts: number; devices: number; lines: number; groups: number }> => {
    const [alerts, devices, csv, groups] = await Promise.all(
      ['/api/alerts?limit=1', '/api/devices?limit=1', '/api/alerts.csv', '/api/alerts/groups?by=status'].map(
        async (url) => (await call('GET', url)).text,
      ),
    );
    const counts = JSON.parse(groups ?? '[]') as { count: number }[];
    return {
      alerts: (JSON.parse(alerts ?? '{}') as { total: number }).total,
      devices: (JSON.parse(devices ?? '{}') as { total: number }).total,
      lines: (csv ?? '').trim().split('\r\n').length - 1,
      groups: counts.reduce((sum, { count }) => sum + count, 0),
    };
  };
  const all = await totalOf(await callerWith(server, base, 'all', [everywhere('Security Reader')]));
  const north = await totalOf(await callerWith(server, base, 'north', [at('Security Reader', NORTH.site)]));
  const zone = await totalOf(await callerWith(server, base, 'zone', [at('Security Reader', PLANT.site, PLANT.zone)]));
  const nothing = await totalOf(await callerWith(server, base, 'no zone', [at('Security Reader', PLANT.site, 'No such zone')]));
  for (const key of ['alerts', 'devices', 'lines', 'groups'] as const) {
    assert.equal(north[key] + zone[key], all[key], key);
    assert.ok(north[key] > 0 && zone[key] > 0, key);
    assert.equal(nothing[key], 0, key);
  }
  assert.equal(north.lines, north.alerts);
  assert.equal(north.groups, north.alerts);
});

test('somebody who may look everywhere and act at one site is refused elsewhere with a sentence, one by one and in bulk', async (t) => {
  const { server, base } = await serve(t);
  const call = await callerWith(server, base, 'mira', [everywhere('Security Reader'), at('Security Admin', NORTH.site)]);
  const here = await idOfAlert(call, NORTH.site);
  const there = await idOfAlert(call, PLANT.site);
  assert.equal((await call('PATCH', `/api/alerts/${here}`, { status: 'Active' })).status, 200);
  const refused = await call('PATCH', `/api/alerts/${there}`, { status: 'Active' });
  assert.equal(refused.code, 'not_permitted');
  assert.match(
    refused.text,
    /You are Security Reader; Security Admin at North Pumping Station, which does not include this at Treatment Plant, zone Filtration\./,
  );

  const action = { kind: 'status', status: 'New' };
  const job = (key: string, alerts: object) => call('POST', '/api/alert-jobs', { key: `closing ${key}`, action, alerts });
  assert.equal((await job('both', { ids: [{ id: here }, { id: there }] })).code, 'not_permitted');
  assert.equal((await job('none', { ids: [{ id: here }, { id: 'none' }] })).code, 'not_found');
  const own = JSON.parse((await job('own', { ids: [{ id: here }] })).text) as { id: string; total: number };
  assert.equal(own.total, 1);
  const all = JSON.parse((await job('all', { address: {} })).text) as { total: number };
  assert.equal(all.total, await server.store.count({ filters: [{ column: 'site', operator: 'equals', values: [NORTH.site] }] }));
  const nora = await callerWith(server, base, 'nora', [at('Security Admin', PLANT.site)]);
  assert.equal((await nora('GET', `/api/alert-jobs/${own.id}`)).code, 'not_found');

  const found = JSON.parse((await call('GET', '/api/devices?limit=1000')).text) as {
    devices: { number: number; version: number; site: string; name: string }[];
  };
  const [mine, other] = [NORTH, PLANT].map(({ site }) => found.devices.find((device) => device.site === site));
  assert.ok(mine && other);
  const edit = await call('POST', '/api/devices/edit', { devices: [mine, other], changes: { location: 'Hall 3' } });
  const edited = JSON.parse(edit.text) as { changed: { number: number }[]; refused: { number: number; code: string }[] };
  assert.deepEqual(
    [edited.changed.map(({ number }) => number), edited.refused.map(({ number, code }) => [number, code])],
    [[mine.number], [[other.number, 'not_permitted']]],
  );
  const tagged = JSON.parse((await call('POST', '/api/devices/tags', { add: ['seen'] })).text) as { devices: number };
  assert.equal(tagged.devices, found.devices.filter(({ site }) => site === NORTH.site).length);
});

test('packets are for those who were given them, at the places where they were', async (t) => {
  const { server, base } = await serve(t);
  const without = await callerWith(server, base, 'without', [{ ...everywhere('Owner'), packets: false }]);
  const given = await callerWith(server, base, 'given', [
    everywhere('Security Reader'),
    { ...at('Security Reader', NORTH.site), packets: true },
  ]);
  const here = await idOfAlert(given, NORTH.site);
  const there = await idOfAlert(given, PLANT.site);
  assert.equal((await without('GET', `/api/alerts/${here}/pcap`)).code, 'not_permitted');
  // Permitted, and told that the sample has none.
  assert.equal((await given('GET', `/api/alerts/${here}/pcap`)).code, 'no_packets');
  assert.equal((await given('GET', `/api/alerts/${there}/pcap`)).code, 'not_permitted');
});

test('a live stream tells somebody of one site what happens there only', async (t) => {
  const { server, base } = await serve(t, { alerts: 0 });
  await server.accounts.createUser({
    name: 'north',
    grants: [at('Security Reader', NORTH.site)],
    password: 'plant-floor-lamp-7',
    temporary: false,
  });
  const { secret } = await server.accounts.signIn('north', 'plant-floor-lamp-7', '192.0.2.1');
  const stop = new AbortController();
  t.after(() => stop.abort());
  const response = await fetch(`${base}/api/live`, { headers: { cookie: `annunciator=${secret}` }, signal: stop.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const { sampleDetection } = await import('../../tests/sample-detections.ts');
  await server.detect(sampleDetection(0, fromMilliseconds(NOW)), PLANT);
  await server.detect(sampleDetection(1, fromMilliseconds(NOW)), NORTH);
  let text = '';
  while (!text.includes(NORTH.site)) text += (await reader?.read())?.value ?? '';
  assert.doesNotMatch(text, SECRETS);
});

test('nobody gives away more than they have, and grants that make no sense are refused', async (t) => {
  const { server, base } = await serve(t);
  const call = await callerWith(server, base, 'boss', [{ ...everywhere('Owner'), packets: false }]);
  const add = (name: string, grants: readonly object[]) => call('POST', '/api/users', { name, grants, password: 'twelve-letters-long' });
  assert.equal((await add('a', [{ role: 'Owner' }])).code, 'role_too_high');
  assert.equal((await add('a', [{ role: 'Contributor', packets: false }])).status, 201);
  assert.match((await add('b', [{ role: 'Viewer' }])).text, /There is no role Viewer here: use Security Reader/);
  assert.equal((await add('b', [{ role: 'Security Reader', zone: 'Pumps' }])).code, 'bad_request');
  assert.equal((await add('b', [])).code, 'bad_request');
});

async function idOfAlert(call: Awaited<ReturnType<typeof callerWith>>, site: string): Promise<string> {
  const { text } = await call('GET', `/api/alerts?filter=site:equals:${encodeURIComponent(site)}`);
  const [alert] = (JSON.parse(text) as { alerts: { id: string }[] }).alerts;
  assert.ok(alert, `no alert at ${site}`);
  return alert.id;
}
