/** A sensor on its own: its alerts, its words, its roles, and no portal. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writePlantCapture } from '@annunciator/testkit/plant';
import { System } from '../../tests/system.ts';

const MAIN = join(import.meta.dirname, '../main.ts');
const folder = mkdtempSync(join(tmpdir(), 'annunciator-sensor-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a sensor serves its own alerts in its own words to its own roles', async () => {
  const capture = join(folder, 'plant.pcap');
  await writePlantCapture(capture, { learning: 300, seconds: 700 });
  const data = join(folder, 'sensor');
  const system = await System.startSensor(data, '--capture', capture, '--sensor-name', 'sensor-north', '--enable-all');
  try {
    const { body: session } = await system.get('/api/session');
    assert.deepEqual([session.console, session.role], ['sensor', 'Admin']);
    const alerts = await system.until('alerts', async () => {
      const { body } = await system.get('/api/alerts?limit=1000');
      return body.total >= 3 ? body.alerts : undefined;
    });
    const words = ['Critical', 'Major', 'Minor', 'Warning'];
    assert.ok(
      alerts.every((alert: { severity: string; sensor: string }) => words.includes(alert.severity) && alert.sensor === 'sensor-north'),
    );
    // Alerts are still coming: asked again until nothing came in between.
    const groups = await system.until('groups that add up', async () => {
      const { body } = await system.get('/api/alerts/groups?by=severity');
      const counted = await Promise.all(
        body.map(async ({ value, count }: { value: string; count: number }) => {
          const { matching } = (await system.get(`/api/alerts?limit=1&filter=severity:equals:${value}`)).body;
          return matching === count;
        }),
      );
      return counted.every(Boolean) ? body : undefined;
    });
    assert.ok(groups.length > 1 && groups.every(({ value }: { value: string }) => words.includes(value)), JSON.stringify(groups));

    const names = (await system.get('/api/roles')).body.roles.map(({ name }: { name: string }) => name);
    assert.deepEqual(names, ['Viewer', 'Security Analyst', 'Admin']);
    const learnable = alerts.find((alert: { learnable: boolean }) => alert.learnable);
    assert.equal((await system.send('POST', `/api/alerts/${learnable.id}/learn`)).body.status, 'Closed');
    assert.equal(
      (await system.send('PATCH', `/api/alerts/${learnable.id}`, { severity: 'Low' })).status,
      403,
      "the portal's severity is not here",
    );
    assert.equal((await system.send('POST', '/api/users', { name: 'x', grants: [{ role: 'Owner' }] })).body.code, 'bad_request');
    assert.equal((await system.send('POST', '/api/users', { name: 'x', grants: [{ role: 'Viewer' }] })).status, 201);
    assert.equal((await system.get('/api/hub')).status, 403, 'no role of a sensor has to do with a hub');
  } finally {
    await system.stop();
  }
  const portal = spawnSync(process.execPath, [MAIN, 'up', '--data', data, '--port', '0', '--no-hub'], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.match(portal.stderr, /This data directory belongs to a sensor, not to a portal: give another with --data\./);
});

test('a sensor that is told to watch nothing says what to give', () => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'sensor', '--data', join(folder, 'none')], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(stderr, /Say what the sensor watches: --interface NAME, --capture FILE, or --demo\./);
});
