/** Types of alerts switched by the API: what holds then, who may, what is kept. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TypeSettings } from '@annunciator/core/alert-type';
import { fromMilliseconds } from '@annunciator/core/time';
import { openStore } from '@annunciator/store/store';
import { asRole, NOW, serve, signedIn } from '../../tests/callers.ts';
import { PLACES, sampleDetection } from '../../tests/sample-detections.ts';
import { keptTypes, TypeSwitches } from './type-switches.ts';

const STOP = 'an-s7-stop-plc-command-was-sent';

interface TypeView {
  readonly id: string;
  readonly on: boolean;
  readonly severity: string;
  readonly portalSeverity: string;
  readonly detected: boolean;
  readonly dataSource?: string;
  readonly disabledByDefault: boolean;
  readonly set: object;
}

test('a type that is off raises nothing, one that is on again does, and each change is in the log', async (t) => {
  const server = await serve(t);
  const [place] = PLACES;
  assert.ok(place);
  const admin = await signedIn(server);
  const types = async () => (await admin<TypeView[]>('GET', '/api/alert-types')).body;
  const stop = async () => (await types()).find(({ id }) => id === STOP);
  const set = (to: object) => admin<object>('PATCH', `/api/alert-types/${STOP}`, to);
  const detect = (number: number) => server.detect(sampleDetection(0, fromMilliseconds(NOW), number), place);
  const before = await stop();
  assert.deepEqual([before?.on, before?.set], [true, {}]);
  assert.deepEqual((await set({ on: false })).body, { on: false });
  await detect(1);
  assert.equal(await server.store.count({ filters: [] }), 0);
  assert.deepEqual((await set({ severity: 'Warning' })).body, { on: false, severity: 'Warning' });
  const changed = await stop();
  assert.deepEqual([changed?.on, changed?.severity, changed?.portalSeverity], [false, 'Warning', 'Low']);
  assert.deepEqual((await set({ on: null, severity: null })).body, {});
  assert.deepEqual(await stop(), before);
  await detect(2);
  assert.equal(await server.store.count({ filters: [] }), 1);
  assert.deepEqual(
    server.audit.filter(({ action }) => action === 'alert-type.change').map((entry) => [entry.who, entry.on, entry.before, entry.after]),
    [
      ['admin', [STOP], {}, { on: false }],
      ['admin', [STOP], { on: false }, { on: false, severity: 'Warning' }],
      ['admin', [STOP], { on: false, severity: 'Warning' }, {}],
    ],
  );

  const unknown = await admin('PATCH', '/api/alert-types/none', { on: false });
  assert.equal(unknown.body.code, 'not_found');
  for (const fits of [({ detected }: TypeView) => !detected, ({ dataSource }: TypeView) => dataSource !== undefined]) {
    const one = (await types()).find(fits);
    assert.ok(one);
    assert.equal((await admin('PATCH', `/api/alert-types/${one.id}`, { on: true })).body.code, 'conflict', one.id);
  }
  assert.equal((await set({ severity: 'Purple' })).status, 400);
  const reader = await asRole(server, 'Security Reader');
  assert.equal((await reader('PATCH', `/api/alert-types/${STOP}`, { on: false })).body.code, 'not_permitted');
});

test('a threshold is set within bounds, where the type counts something, and goes back to the catalogue’s', async (t) => {
  const server = await serve(t);
  const admin = await signedIn(server);
  const set = (id: string, threshold: object | null) =>
    admin<{ code: string; message: string }>('PATCH', `/api/alert-types/${id}`, { threshold });
  assert.equal((await set('excessive-login-attempts', { count: 50, windowSeconds: 120 })).status, 200);
  assert.deepEqual(server.types.current, { 'excessive-login-attempts': { threshold: { count: 50, windowSeconds: 120 } } });
  for (const [id, threshold, why] of [
    ['excessive-login-attempts', { count: 0, windowSeconds: 60 }, /is raised from 1 to 100,000 .* 0 was given/],
    ['excessive-login-attempts', { count: 5, windowSeconds: 0.5 }, /counts within 1 to 2,678,400 seconds/],
    [STOP, { count: 5, windowSeconds: 60 }, /counts nothing, so it has no threshold/],
  ] as const) {
    const { body } = await set(id, threshold);
    assert.equal(body.code, 'bad_setting');
    assert.match(body.message, why);
  }
  assert.equal((await set('excessive-login-attempts', null)).status, 200);
  assert.deepEqual(server.types.current, {});
});

test('what was set about types outlives a restart, sensors are told of each change, and what cannot be is passed over', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-types-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const store = await openStore(directory);
  const told: TypeSettings[] = [];
  const first = await TypeSwitches.open(store.settings);
  first.onChange(async (types) => void told.push(types));
  await first.change(STOP, { on: false });
  await first.change('controller-stop', { severity: 'Minor' });
  await first.change(STOP, { on: null });
  assert.deepEqual(told.at(-1), { 'controller-stop': { severity: 'Minor' } });
  await store.close();
  const again = await openStore(directory);
  t.after(() => again.close());
  assert.deepEqual((await TypeSwitches.open(again.settings)).current, { 'controller-stop': { severity: 'Minor' } });
  const all = await TypeSwitches.open(again.settings, true);
  assert.ok(all.isOn({ id: 'x', disabledByDefault: true }));
  assert.deepEqual(keptTypes({ [STOP]: { on: 'yes', severity: 'Purple' }, none: { on: true } }), { [STOP]: {} });
});
