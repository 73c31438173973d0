/** Settings and what they do to a running store. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { timelineEvent } from '@annunciator/core/events';
import { fromMilliseconds } from '@annunciator/core/time';
import { SettingsDesk } from '@annunciator/server/settings/settings-desk';
import { openStore } from '@annunciator/store/store';
import { holdSettings } from './retention.ts';

const DAY = 86_400_000;

test('a change of settings trims the timeline and the audit log, and gives packets their room, at once', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-held-'));
  const store = await openStore(directory);
  t.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  const now = Date.now();
  const event = (number: number) => timelineEvent('USER_OPERATION', fromMilliseconds(now + number), `event ${number}`, {});
  await store.timeline.append(
    'sensor',
    Array.from({ length: 1500 }, (_, number) => event(number)),
  );
  for (const days of [400, 100, 1]) await store.audit.record({ at: now - days * DAY, who: 'olga', action: `days ${days}`, on: [] });

  const settings = await SettingsDesk.open(store.settings);
  const budgets: (readonly [string, number])[] = [];
  const release = await holdSettings({
    settings,
    store,
    evidence: { setBudget: async (bytes) => void budgets.push(['evidence', bytes]) },
    sensor: { setPacketBudget: (bytes) => void budgets.push(['recent', bytes]) },
    say: (line) => assert.fail(line),
  });
  t.after(release);
  const actions = async () => (await store.audit.list({ limit: 10 })).map(({ action }) => action);
  const events = async () => (await store.timeline.list({ limit: 2000 })).events.length;
  assert.deepEqual([await actions(), await events()], [['days 1', 'days 100', 'days 400'], 1500]);

  await settings.change({ auditDays: 365, timelineEvents: 1000, packetGigabytes: 10 });
  assert.deepEqual([await actions(), await events()], [['days 1', 'days 100'], 1000]);
  assert.deepEqual(budgets.slice(-2), [
    ['evidence', 4e9],
    ['recent', 6e9],
  ]);

  // Nothing that is kept goes while the system runs.
  await settings.change({ packetGigabytes: 0 });
  assert.deepEqual(budgets.slice(-2), [
    ['recent', 6e9],
    ['recent', 0],
  ]);
});
