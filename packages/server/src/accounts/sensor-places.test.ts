/** Routes about one sensor, as somebody of its site, of another, and as somebody who may only look there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { callerWith } from '../../tests/api-walk.ts';
import { at, NORTH, PLANT, SECRETS, serve } from '../../tests/two-sites.ts';

interface Question {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  /** Beside the sensor. */
  readonly body?: object;
  /** Refused to a role that may only look. */
  readonly changes?: true;
  /** What the answer holds for somebody of the site. */
  readonly says: RegExp;
}

const REVIEWED = 'b'.repeat(32);
const LINE = 'device.port 10.20.2.13 transport=tcp port=503';

const QUESTIONS: readonly Question[] = [
  { method: 'GET', path: '/api/baseline/text', says: /^annunciator baseline 1/ },
  { method: 'GET', path: '/api/baseline/entries', says: /modbus\.function/ },
  { method: 'GET', path: '/api/baseline/aspects', says: /"total":\d+/ },
  { method: 'GET', path: '/api/baseline/versions', says: /acceptance test/ },
  { method: 'GET', path: '/api/baseline/review', says: /PLC Stop/ },
  { method: 'POST', path: '/api/baseline/diff', body: { from: { version: 1 } }, says: /modbus.function 10.20.0.0/ },
  { method: 'POST', path: '/api/baseline/edit', body: { learn: [LINE], dryRun: true }, changes: true, says: /port=503/ },
  {
    method: 'POST',
    path: '/api/baseline/import',
    body: { text: 'annunciator baseline 1', dryRun: true },
    changes: true,
    says: /"removed":\["/,
  },
  { method: 'POST', path: '/api/baseline/revert', body: { version: 1, dryRun: true }, changes: true, says: /"version":\d/ },
  { method: 'POST', path: `/api/baseline/review/${REVIEWED}`, body: { decision: 'accept' }, changes: true, says: /"state":"accepted"/ },
  // The sample's sensors tell nothing of their learning: they are found, and that is said.
  { method: 'GET', path: '/api/learning', says: /that learns here/ },
  { method: 'PATCH', path: '/api/learning', body: { on: false }, changes: true, says: /that learns here/ },
];

test('who has a role at a site asks about its sensors, changes them if the role includes it, and sees no others', async (t) => {
  const { server, base } = await serve(t, { secondSensor: true, baseline: true });
  const owner = await callerWith(server, base, 'owner of north', [at('Owner', NORTH.site)]);
  const looks = await callerWith(server, base, 'looks at both', [at('Security Reader', NORTH.site), at('Owner', PLANT.site)]);
  for (const { method, path, body, changes, says } of QUESTIONS) {
    const ask = (call: typeof owner, sensor: string) =>
      method === 'GET' ? call(method, `${path}?sensor=${sensor}`) : call(method, path, { ...body, sensor });
    const name = `${method} ${path}`;
    const hidden = await ask(owner, PLANT.sensor);
    assert.equal(hidden.status, 404, name);
    assert.match(hidden.text, /There is no sensor with the id/, name);
    assert.equal(hidden.text, (await ask(owner, 'none')).text.replace('none', PLANT.sensor), name);

    const seen = await ask(looks, NORTH.sensor);
    assert.equal(seen.code === 'not_permitted', changes === true, `${name}: ${seen.text}`);
    if (changes) assert.match(seen.text, /which does not include this at North Pumping Station, zone Process control/);

    const own = await ask(owner, NORTH.sensor);
    assert.match(own.text, says, name);
    assert.doesNotMatch(own.text, SECRETS, name);
  }
});

test('who has a role for everything may ask for the baseline of a sensor that does not run', async (t) => {
  const { server, base } = await serve(t);
  const all = await callerWith(server, base, 'all', [everywhere('Security Reader')]);
  assert.equal((await all('GET', `/api/baseline/entries?sensor=${PLANT.sensor}`)).status, 200);
});
