/** The portal on the real store: what has to be there after a restart. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromMilliseconds } from '@annunciator/core/time';
import { openStore } from '@annunciator/store/store';
import { PLACES, sampleDetection } from '../tests/sample-detections.ts';
import { Accounts } from './accounts/accounts.ts';
import { AlertDesk } from './alerts/alert-desk.ts';
import { AlertJobs } from './alerts/alert-jobs.ts';
import { AlertTypes } from './alerts/alert-types.ts';
import { NO_SENSORS } from './sensor-link.ts';
import { type Started, startServer } from './start.ts';

type Portal = Started & { readonly desk: AlertDesk };

const NOW = fromMilliseconds(Date.UTC(2026, 10, 21));
const MINUTE = 60_000_000_000n;

test('after a restart users, sessions, alerts and what was learned and muted are there', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-portal-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const [place] = PLACES;
  assert.ok(place);
  let cookie = '';

  const run = async (work: (portal: Portal) => Promise<void>) => {
    const store = await openStore(directory);
    const accounts = await Accounts.open({ store: store.accounts });
    assert.equal(await accounts.createFirstAdministrator('plant-floor-lamp-7'), undefined, 'a given password is not printed');
    const { audit, silencers, secrets: keys } = store;
    const desk = await AlertDesk.open({
      store: store.alerts,
      types: new AlertTypes(),
      sensors: NO_SENSORS,
      audit,
      silencers,
      sensorNames: [place.sensor],
    });
    const { decisions } = store;
    const jobs = new AlertJobs({ desk, jobs: store.alertJobs, decisions });
    const started = await startServer({
      alerts: desk,
      jobs,
      decisions,
      records: store,
      accounts,
      sensors: NO_SENSORS,
      audit,
      auditLog: audit,
      keys,
      webRoot: null,
      port: 0,
    });
    const portal = { ...started, desk };
    try {
      await work(portal);
    } finally {
      await portal.close();
      await store.close();
    }
  };
  const titles = async (portal: Portal, query = '') => {
    const response = await portal.app.inject({ url: `/api/alerts?${query}`, headers: { cookie } });
    assert.equal(response.statusCode, 200, response.payload);
    const { alerts } = response.json<{ alerts: { title: string; status: string }[] }>();
    return alerts.map((alert) => `${alert.title} ${alert.status}`).sort();
  };
  // 0 cannot be learned but muted, 1 can be learned, 11 stays open.
  const scenes = [0, 1, 11];

  await run(async (portal) => {
    const signIn = await portal.app.inject({
      method: 'POST',
      url: '/api/sign-in',
      payload: { user: 'admin', password: 'plant-floor-lamp-7' },
    });
    cookie = String(signIn.headers['set-cookie']).split(';')[0] ?? '';
    const damaged = await portal.app.inject({ url: '/api/alerts?cursor=damaged', headers: { cookie } });
    assert.equal(damaged.statusCode, 400, damaged.payload);
    assert.match(damaged.payload, /bad_cursor.*ask for the first page again/);
    await portal.desk.detect(
      scenes.flatMap((scene) => sampleDetection(scene, NOW)),
      place,
    );
    const { alerts } = await portal.desk.store.page({ filters: [], sort: { column: 'title', descending: false } }, 10, null);
    const [stop, controller, programming] = alerts;
    assert.deepEqual(
      [stop?.type, controller?.type, programming?.type],
      ['an-s7-stop-plc-command-was-sent', 'controller-stop', 'unauthorized-plc-programming'],
    );
    assert.deepEqual((await portal.desk.act([stop?.id ?? ''], { kind: 'mute' }, { by: 'admin' })).refused, []);
    assert.deepEqual((await portal.desk.act([programming?.id ?? ''], { kind: 'learn' }, { by: 'admin' })).refused, []);
  });

  await run(async (portal) => {
    const expected = ['An S7 Stop PLC Command was Sent Closed', 'Controller Stop New', 'Unauthorized PLC Programming Closed'];
    assert.deepEqual(await titles(portal), expected);
    await portal.desk.detect(
      scenes.flatMap((scene) => sampleDetection(scene, NOW + MINUTE)),
      place,
    );
    assert.deepEqual(await titles(portal), expected, 'the same traffic stays silent, or counts');
    assert.deepEqual(await titles(portal, 'search=dosing&filter=severity:equals:Low'), ['Controller Stop New']);
  });
});
