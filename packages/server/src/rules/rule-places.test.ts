/** Custom rules for somebody who has a role at one site: they hold there, too, and are changed for the whole system. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { callerWith } from '../../tests/api-walk.ts';
import { at, NORTH, PLANT, SECRETS, serve } from '../../tests/two-sites.ts';

interface Rule {
  readonly id: string;
  readonly name: string;
  readonly countInWeek: number;
}

test('who has a role at one site reads the rules with what they did there, and changes none', async (t) => {
  const { server, base } = await serve(t, { secondSensor: true, rules: true });
  const all = await callerWith(server, base, 'all', [everywhere('Owner')]);
  const north = await callerWith(server, base, 'north', [at('Owner', NORTH.site)]);
  const listed = async (call: typeof all) => (JSON.parse((await call('GET', '/api/rules')).text) as { rules: Rule[] }).rules;
  const counts = (rules: readonly Rule[]) => rules.map(({ name, countInWeek }) => [name, countInWeek]);
  const own = await listed(north);
  assert.deepEqual(
    counts(own),
    counts(await listed(all)).map(([name, count]) => [name, Number(count) / 2]),
  );
  assert.ok(own.some(({ countInWeek }) => countInWeek === 42));
  const nobody = await callerWith(server, base, 'nobody', [at('Owner', 'No such site')]);
  assert.ok((await listed(nobody)).every(({ countInWeek }) => countInWeek === 0));

  const [rule] = own;
  assert.ok(rule);
  for (const path of [`/api/rules/${rule.id}`, '/api/rules/text', '/api/rules/settings', '/api/rules/fields?protocol=modbus']) {
    const { status, text } = await north('GET', path);
    assert.equal(status, 200, path);
    assert.doesNotMatch(text, SECRETS, path);
  }
  assert.equal((await north('PATCH', `/api/rules/${rule.id}`, { enabled: false })).code, 'not_permitted');
  assert.equal((await north('PUT', '/api/rules/settings', {})).code, 'not_permitted');
});

test('rules are tried on the packets of sensors that one may see', async (t) => {
  const { server, base } = await serve(t, { secondSensor: true, rules: true });
  const north = await callerWith(server, base, 'north', [at('Security Reader', NORTH.site)]);
  const tried = (sensor: string) => north('POST', '/api/rules/test', { sensor });
  assert.equal((await tried(NORTH.sensor)).code, 'no_history');
  assert.equal((await tried(PLANT.sensor)).code, 'not_found');
});
