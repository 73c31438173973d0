/** What people keep beside alerts: comments and their texts, views, preferences. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { asRole, rows, serve, signedIn } from '../../tests/callers.ts';

interface View {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly team: boolean;
  readonly address: string;
}

test('comments stay as they were said, in their order, with who and when', async (t) => {
  const server = await serve(t, { alerts: 3 });
  const [admin, reader, analyst] = [
    await signedIn(server),
    await asRole(server, 'Security Reader'),
    await asRole(server, 'Security Admin'),
  ];
  const id = (await rows(admin))[0]?.id ?? '';
  const text = 'Pump 6 <b>was</b> under maintenance;\nclosing after the test. \u00e9\u4e2d';
  const first = await admin<{ number: number; who: string }>('POST', `/api/alerts/${id}/comments`, { text: `  ${text}  ` });
  assert.deepEqual([first.status, first.body.number, first.body.who], [201, 1, 'admin']);
  await analyst('POST', `/api/alerts/${id}/comments`, { text: 'Agreed.' });
  const said = (await reader<{ number: number; who: string; text: string }[]>('GET', `/api/alerts/${id}/comments`)).body;
  assert.deepEqual(
    said.map((comment) => [comment.number, comment.text]),
    [
      [1, text],
      [2, 'Agreed.'],
    ],
  );
  assert.deepEqual(
    server.audit.filter(({ action }) => action === 'alert.comment').map(({ on, details }) => [on, details]),
    [
      [[id], { number: 1 }],
      [[id], { number: 2 }],
    ],
  );

  assert.equal((await reader('POST', `/api/alerts/${id}/comments`, { text: 'no' })).body.code, 'not_permitted');
  assert.equal((await admin('POST', `/api/alerts/${id}/comments`, { text: '   ' })).body.code, 'bad_request');
  assert.equal((await admin('POST', `/api/alerts/${id}/comments`, { text: 'x'.repeat(2001) })).body.code, 'bad_request');
  assert.equal((await admin('POST', '/api/alerts/no-such-alert/comments', { text: 'x' })).body.code, 'not_found');
});

test('an administrator offers texts for comments', async (t) => {
  const server = await serve(t);
  const [admin, reader] = [await signedIn(server), await asRole(server, 'Security Reader')];
  const set = await admin('PUT', '/api/comment-texts', { texts: ['Under maintenance', 'Asked the vendor'] });
  assert.equal(set.status, 200);
  assert.deepEqual((await reader('GET', '/api/comment-texts')).body, { texts: ['Under maintenance', 'Asked the vendor'] });
  assert.equal((await reader('PUT', '/api/comment-texts', { texts: [] })).body.code, 'not_permitted');
});

test('a view is for its owner, or for the team by those who may share; an Owner tidies up', async (t) => {
  const server = await serve(t);
  const owner = await signedIn(server);
  const people = [
    ['ada', 'Security Admin'],
    ['rolf', 'Security Reader'],
  ] as const;
  for (const [name, role] of people)
    await server.accounts.createUser({ name, grants: [everywhere(role)], password: 'gate-valve-nineteen', temporary: false });
  const ada = await signedIn(server, 'ada', 'gate-valve-nineteen');
  const rolf = await signedIn(server, 'rolf', 'gate-valve-nineteen');
  const make = (call: typeof ada, name: string, team: boolean) =>
    call<View>('POST', '/api/views', { page: 'alerts', name, address: 'filter=severity%3Aequals%3AHigh', team });
  const names = async (call: typeof ada) => (await call<View[]>('GET', '/api/views?page=alerts')).body.map((view) => view.name);

  const mine = (await make(rolf, 'Mine', false)).body;
  const shared = (await make(ada, 'Shift', true)).body;
  assert.equal((await make(rolf, 'Everybody', true)).status, 403);
  assert.deepEqual(await names(rolf), ['Mine', 'Shift']);
  assert.deepEqual(await names(ada), ['Shift']);
  assert.deepEqual((await ada<View[]>('GET', '/api/views?page=devices')).body, []);

  assert.equal((await rolf('PATCH', `/api/views/${shared.id}`, { name: 'Taken' })).body.code, 'not_permitted');
  assert.equal((await ada('PATCH', `/api/views/${mine.id}`, { name: 'Seen' })).body.code, 'not_found', 'not even told that it is there');
  assert.equal((await rolf('PATCH', `/api/views/${mine.id}`, { team: true })).body.code, 'not_permitted');
  const changed = await ada<View>('PATCH', `/api/views/${shared.id}`, { name: 'Night shift', address: 'group=site' });
  assert.deepEqual([changed.body.name, changed.body.address, changed.body.team], ['Night shift', 'group=site', true]);
  assert.equal((await owner('DELETE', `/api/views/${shared.id}`)).status, 204);
  assert.deepEqual(await names(rolf), ['Mine']);
  assert.deepEqual(
    server.audit.filter(({ action }) => action.startsWith('view.')).map(({ action, who }) => [action, who]),
    [
      ['view.share', 'ada'],
      ['view.change', 'ada'],
      ['view.remove', 'admin'],
    ],
  );
});

test('what a person prefers is theirs, and null forgets it', async (t) => {
  const server = await serve(t);
  const [admin, other] = [await signedIn(server), await asRole(server, 'Security Reader')];
  const put = (name: string, value: unknown) => admin('PUT', `/api/preferences/${name}`, { value });
  assert.equal((await put('alerts.columns', ['severity', 'title'])).status, 204);
  assert.equal((await put('keys', false)).status, 204);
  assert.deepEqual((await admin('GET', '/api/preferences')).body, { 'alerts.columns': ['severity', 'title'], keys: false });
  await put('keys', null);
  assert.deepEqual((await admin('GET', '/api/preferences')).body, { 'alerts.columns': ['severity', 'title'] });
  assert.equal((await put('keys', 'x'.repeat(20_000))).body.code, 'body_too_large');
  assert.equal((await put('no/name', 1)).status, 404);
  assert.deepEqual((await other('GET', '/api/preferences')).body, {});
});
