/** Alerts that an older program wrote are there after the steps that came since. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { StoredAlert } from './alert-query.ts';
import { violationBody } from './alert-row.ts';
import { migrate, STEPS } from './migrations.ts';
import { sampleAlert } from './sample-alerts.ts';
import { openStore } from './store.ts';

/** Writes an alert as the third version did: a wide row, and the whole alert as JSON. */
function writeAsBefore(database: DatabaseSync, alert: StoredAlert): void {
  const { violations, firstDetection, lastDetection, lastActivity, revision: _revision, ...rest } = alert;
  const row = {
    id: alert.id,
    severity_rank: 5,
    title: alert.title,
    engine: alert.engine,
    first_detection: firstDetection,
    last_detection: lastDetection,
    last_activity: lastActivity,
    status: alert.status,
    disposition: alert.disposition,
    category: alert.category,
    type: alert.type,
    protocol: alert.protocol ?? '',
    source_id: alert.source?.device ?? '',
    source_device: alert.source?.name ?? '',
    source_address: alert.source?.ip ?? '',
    destination_id: alert.destination?.device ?? '',
    destination_device: alert.destination?.name ?? '',
    destination_address: alert.destination?.ip ?? '',
    sensor: alert.sensor,
    site: alert.site,
    zone: alert.zone,
    tactics: '\nDiscovery\nEvasion\n',
    violations: violations.length,
    body: JSON.stringify({ ...rest, times: [String(firstDetection), String(lastDetection), String(lastActivity)] }),
  };
  const columns = Object.keys(row);
  database.prepare(`INSERT INTO alerts (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`).run(...Object.values(row));
  database.prepare('INSERT INTO alert_text (seq, text) SELECT seq, title FROM alerts WHERE id = ?').run(alert.id);
  for (const [position, violation] of violations.entries())
    database
      .prepare('INSERT INTO alert_violations SELECT seq, ?2, ?3 FROM alerts WHERE id = ?1')
      .run(alert.id, position, violationBody(violation));
}

test('alerts of a database of the third version are found and read as they were', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-migrate-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const samples: StoredAlert[] = [
    ...Array.from({ length: 30 }, (_, index) => sampleAlert(index)),
    { ...sampleAlert(31), source: null, protocol: null, parameters: { flood: true }, portalSeverity: 'Informational' },
    { ...sampleAlert(32), pcap: { state: 'missing', reason: 'Its packets are being copied. Look again in a moment.' } },
  ];
  const database = new DatabaseSync(join(directory, 'annunciator.sqlite'));
  database.exec('PRAGMA foreign_keys = ON');
  migrate(database, STEPS.slice(0, 3));
  for (const sample of samples) writeAsBefore(database, sample);
  database.close();

  const store = await openStore(directory);
  t.after(() => store.close());
  for (const sample of samples.slice(0, 31)) assert.deepEqual(await store.alerts.get(sample.id), sample);
  assert.equal((await store.alerts.get(samples[31].id))?.pcap.state, 'requested');
  const page = await store.alerts.page({ filters: [], sort: { column: 'id', descending: false } }, 100, null);
  assert.equal(page.total, samples.length);
  assert.deepEqual(
    page.alerts.filter((alert) => alert.flood).map((alert) => alert.id),
    [samples[30].id],
  );
  const { groups } = await store.alerts.groups({ filters: [] }, 'tactics');
  assert.deepEqual(groups.map((group) => group.value).sort(), ['Discovery', 'Evasion']);
});

test('whoever had a role before there were grants has it for everything', () => {
  const database = new DatabaseSync(':memory:');
  const before = STEPS.findIndex((step) => step.includes('ADD COLUMN grants'));
  migrate(database, STEPS.slice(0, before));
  database.exec("INSERT INTO users VALUES ('u1', 'ann', 'Security Admin', 'h', 0, 1)");
  migrate(database);
  const grants: unknown = JSON.parse(String(database.prepare('SELECT grants FROM users').get()?.['grants']));
  assert.deepEqual(grants, [{ role: 'Security Admin', site: null, zone: null, packets: null }]);
  database.close();
});

test('recovery codes from before there were passkeys stay with their user', () => {
  const database = new DatabaseSync(':memory:');
  const before = STEPS.findIndex((step) => step.includes('ADD COLUMN passkeys'));
  migrate(database, STEPS.slice(0, before));
  const add = database.prepare(
    "INSERT INTO users (id, name, password_hash, password_is_temporary, created, second_factor) VALUES (?, ?, 'h', 0, 1, ?)",
  );
  add.run('u1', 'ann', JSON.stringify({ since: 7, lastStep: 9, recovery: ['a', 'b'] }));
  add.run('u2', 'bob', null);
  migrate(database);
  const rows = database.prepare('SELECT id, second_factor, recovery, passkeys FROM users ORDER BY id').all();
  assert.deepEqual(
    rows.map((row) => Object.values(row)),
    [
      ['u1', '{"since":7,"lastStep":9}', '["a","b"]', '[]'],
      ['u2', null, '[]', '[]'],
    ],
  );
  database.close();
});
