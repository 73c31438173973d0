/** Settings of the system by the API: who, within what bounds, written down, and kept over a restart. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { DAY } from '@annunciator/core/time';
import { openStore } from '@annunciator/store/store';
import { callerWith } from '../../tests/api-walk.ts';
import { sampleServer } from '../../tests/serve-samples.ts';
import { SettingsDesk } from './settings-desk.ts';
import { keptSettings, USUAL_SETTINGS } from './system-settings.ts';

test('an Owner changes settings, which hold at once and are written down as they were and are', async (t) => {
  const server = await sampleServer();
  t.after(() => server.app.close());
  const base = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const owner = await callerWith(server, base, 'olga', [everywhere('Owner')]);
  const admin = await callerWith(server, base, 'sam', [everywhere('Security Admin')]);
  assert.deepEqual(JSON.parse((await admin('GET', '/api/settings')).text), {
    settings: USUAL_SETTINGS,
    usual: USUAL_SETTINGS,
    waiting: null,
  });
  assert.equal((await admin('PATCH', '/api/settings', { auditDays: 365 })).code, 'not_permitted');

  const changed = await owner('PATCH', '/api/settings', { auditDays: 365, packetGigabytes: 0.5, timelineEvents: 500_000 });
  assert.deepEqual(JSON.parse(changed.text).settings, { ...USUAL_SETTINGS, auditDays: 365, packetGigabytes: 0.5 });
  const entry = server.audit.at(-1);
  assert.deepEqual(
    [entry?.action, entry?.who, entry?.on, entry?.before, entry?.after],
    [
      'settings.change',
      'olga',
      ['auditDays', 'packetGigabytes'],
      { auditDays: null, packetGigabytes: 7 },
      { auditDays: 365, packetGigabytes: 0.5 },
    ],
  );

  const entries = server.audit.length;
  assert.equal((await owner('PATCH', '/api/settings', { auditDays: 365 })).status, 200);
  assert.equal(server.audit.length, entries, 'what is so already is no change');

  const none = JSON.parse((await owner('PATCH', '/api/settings', { packetGigabytes: 0, auditDays: null })).text);
  assert.match(none.waiting, /until the next start of the system/);
  assert.equal(none.settings.auditDays, null);
});

test('what cannot be is refused with a sentence for each part, and nothing is changed', async (t) => {
  const server = await sampleServer();
  t.after(() => server.app.close());
  const base = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const owner = await callerWith(server, base, 'olga', [everywhere('Owner')]);
  const asked = { closeQuietAlertsAfterDays: 0, timelineEvents: 12.5, auditDays: 30, packetGigabytes: -1, deleteClosedAlertsAfterDays: 30 };
  const refused = await owner('PATCH', '/api/settings', asked);
  assert.deepEqual([refused.status, refused.code], [400, 'bad_setting']);
  assert.deepEqual(JSON.parse(refused.text).problems, [
    {
      part: 'closeQuietAlertsAfterDays',
      message: 'Open alerts close by themselves after 1 to 3,650 days, a whole number; 0 was given.',
    },
    { part: 'timelineEvents', message: 'The timeline holds 1,000 to 10,000,000 events, a whole number; 12.5 was given.' },
    { part: 'auditDays', message: 'The audit log is kept for 90 to 3,650 days, a whole number, or for good (null); 30 was given.' },
    { part: 'packetGigabytes', message: 'Packets have 0.01 to 1,000,000 GB of disk, or 0 to keep none; -1 was given.' },
  ]);
  assert.equal((await owner('PATCH', '/api/settings', { colour: 'red' })).code, 'bad_request');
  assert.equal((await owner('PATCH', '/api/settings', { timelineEvents: '5000' })).code, 'bad_request');
  assert.deepEqual(JSON.parse((await owner('GET', '/api/settings')).text).settings, USUAL_SETTINGS);
});

test('what was set outlives a restart, goes before options of the command, and only what was set does', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-settings-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const store = await openStore(directory);
  const first = await SettingsDesk.open(store.settings, { packetGigabytes: 0 });
  const held: number[] = [];
  await first.hold(async ({ packetGigabytes }) => void held.push(packetGigabytes));
  await first.change({ packetGigabytes: 3, closeQuietAlertsAfterDays: 30 });
  assert.deepEqual(held, [0, 3]);
  assert.match(first.waiting ?? '', /kept from the next start of the system on/);
  assert.equal(first.alertRetention.quiet, 30n * DAY);
  await store.close();

  const again = await openStore(directory);
  t.after(() => again.close());
  const second = await SettingsDesk.open(again.settings, { packetGigabytes: 9, timelineEvents: 2000 });
  assert.deepEqual(second.current, { ...USUAL_SETTINGS, packetGigabytes: 3, closeQuietAlertsAfterDays: 30, timelineEvents: 2000 });
  assert.equal(second.waiting, null);
});

test('kept settings that can no longer be are passed over', () => {
  assert.deepEqual(keptSettings({ auditDays: 5, timelineEvents: 4000, colour: 'red', packetGigabytes: 'all' }), { timelineEvents: 4000 });
  assert.deepEqual(keptSettings('nothing'), {});
});
