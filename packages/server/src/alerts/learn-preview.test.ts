/** What the preview of Learn says is what Learn does, and undoing it brings all back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromMilliseconds } from '@annunciator/core/time';
import { asRole, type Call, ended, NOW, rows, serve, signedIn } from '../../tests/callers.ts';
import { PLACES, sampleDetection } from '../../tests/sample-detections.ts';
import type { AlertRow } from './alert-view.ts';
import type { JobView } from './job-view.ts';
import type { LearnPreview } from './learn-preview.ts';

const [HOME] = PLACES;
const preview = async (call: Call, body: object) => (await call<LearnPreview>('POST', '/api/alerts/learn-preview', body)).body;
const all = (call: Call) => rows(call, 'limit=1000&sort=id');
const stateOf = ({ id, status, disposition }: AlertRow) => `${id} ${status} ${disposition}`;

const job = async (call: Call, path: string, body: object) => ended(call, (await call<JobView>('POST', path, body)).body);

test('the preview tells what will be learned, closed and refused, and changes nothing', async (t) => {
  const server = await serve(t, { alerts: 60 });
  const call = await signedIn(server);
  const before = await all(call);
  for (const alerts of [{ ids: before.map(({ id }) => id) }, { address: {} }, { address: { filter: 'severity:equals:High' } }]) {
    const said = await preview(call, alerts);
    assert.deepEqual((await all(call)).map(stateOf), before.map(stateOf));
    const done = await job(call, '/api/alert-jobs', {
      key: JSON.stringify(alerts).slice(0, 50),
      action: { kind: 'learn' },
      alerts: 'ids' in alerts ? { ids: alerts.ids?.map((id) => ({ id })) } : alerts,
    });
    const after = await all(call);
    assert.ok(said.learnable > 0 && said.closes > 0);
    assert.ok(said.others !== null);
    assert.equal(done.changed, said.learnable + said.others.count);
    assert.equal(after.filter(({ disposition }) => disposition === 'learned').length, said.learnable);
    assert.equal(
      after.filter(({ status }, at) => status === 'Closed' && before[at]?.status !== 'Closed').length,
      said.closes + said.others.count,
    );
    const refused = (list: readonly { code: string; count: number }[]) => list.map(({ code, count }) => `${code} ${count}`).sort();
    assert.deepEqual(refused(done.refused), refused(said.refused));
    const learned = server.learned.splice(0);
    assert.equal(said.entriesInAll, new Set(learned.map((entry) => JSON.stringify(entry))).size);
    for (const { destination } of learned)
      assert.ok(said.entries.some(({ line, known }) => line.includes(destination) && !known) || said.entries.length === 100);

    const back = await job(call, `/api/alert-jobs/${done.id}/undo`, { key: `undo ${done.id}` });
    assert.equal(back.changed, done.changed);
    assert.deepEqual((await all(call)).map(stateOf), before.map(stateOf));
  }
});

test('a preview by ids tells of those that are gone, and of earlier alerts of the same traffic', async (t) => {
  const server = await serve(t);
  assert.ok(HOME);
  const call = await signedIn(server);
  const again = async (day: number) => {
    await server.detect(sampleDetection(2, fromMilliseconds(NOW + day * 86_400_000)), HOME);
    const [alert] = await rows(call, 'sort=-lastDetection');
    await call('PATCH', `/api/alerts/${alert?.id ?? ''}`, { status: 'Closed' });
    return alert?.id ?? '';
  };
  const earlier = [await again(-9), await again(-6)];
  const last = await again(-3);
  const said = await preview(call, { ids: [last, 'no-such-alert'] });
  assert.deepEqual([said.alerts, said.learnable, said.closes, said.silenced?.count], [2, 1, 0, 2]);
  assert.deepEqual(
    said.silenced?.alerts.map(({ id }) => id),
    earlier.toReversed(),
  );
  assert.equal(said.silenced?.complete, true);
  assert.deepEqual(
    said.refused.map(({ code, count }) => [code, count]),
    [['not_found', 1]],
  );
  assert.match(said.entries.map(({ line }) => line).join('\n'), /^modbus\.function /);
});

test('who may not learn is told nothing', async (t) => {
  const server = await serve(t, { alerts: 3 });
  const reader = await asRole(server, 'Security Reader');
  assert.equal((await reader('POST', '/api/alerts/learn-preview', { address: {} })).body.code, 'not_permitted');
});
