/** The baseline of a system, while it runs and while it does not: by command and by API. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { annunciator } from '../run-command.ts';
import { ask, command, folder, start, stop, until } from './started-system.ts';

interface Row {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly disposition: string;
}

test('what a sensor learned is text that people read, change and bring back, while it runs and while it does not', async () => {
  const data = join(folder, 'data');
  const baseline = (...args: string[]): string => command('baseline', ...args, '--data', data);
  const first = await start(data, '--packet-budget', '0');
  const token = command('token', 'create', '--role', 'Owner', '--data', data).trim();
  const text = async (up = first): Promise<string> => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(new URL('/api/baseline/text?sensor=Demo+sensor', up.url), { headers })).text();
  };
  const sensor = 'Demo sensor';
  await until('the end of learning', async () => {
    const { sensors } = await ask<{ sensors: { state: string }[] }>(first, token, '/api/status');
    return sensors[0].state === 'operational' ? true : undefined;
  });

  // Learning an alert is a version, and says before what it will do.
  const asset = await until('an alert that can be learned', async () => {
    const { alerts } = await ask<{ alerts: Row[] }>(first, token, '/api/alerts?from=1970-01-01T00:00:00Z');
    return alerts.find(({ type }) => type === 'new-asset-detected');
  });
  const learned = baseline('export');
  assert.equal(await text(), learned);
  assert.match(learned, /^annunciator baseline 1\n/);
  assert.match(learned, /^modbus\.function 10\.20\.10\.21 -> 10\.20\.10\.42 unit=1 function=3$/m);
  const preview = await ask<{ entries: { line: string; known: boolean }[]; learnable: number }>(first, token, '/api/alerts/learn-preview', {
    ids: [asset.id],
  });
  assert.equal(preview.learnable, 1);
  assert.deepEqual(
    preview.entries.map(({ known }) => known),
    [false],
  );
  const line = preview.entries[0]?.line ?? '';
  assert.ok(line !== '' && !learned.includes(`${line}\n`));
  await ask(first, token, `/api/alerts/${asset.id}/learn`, {});
  assert.ok((await text()).includes(`${line}\n`));
  assert.match(baseline('history'), /^\s+\d+\s+\S+\s+admin.*alert learned\s+\+1\s+-0\s/m);
  const { entries } = await ask<{ entries: { line: string; by: string; alert: string }[] }>(
    first,
    token,
    `/api/baseline/entries?sensor=${encodeURIComponent(sensor)}&by=people`,
  );
  assert.deepEqual(
    entries.map((entry) => [entry.line, entry.by.split(' ')[0], entry.alert]),
    [[line, 'admin', asset.id]],
  );
  await ask(first, token, `/api/alerts/${asset.id}/unlearn`, {});
  assert.equal(await text(), learned);

  // Edited with any editor, tried, imported, compared, and taken back.
  const file = join(folder, 'edited.txt');
  const [heading, ...lines] = learned.trimEnd().split('\n');
  const pattern = 'modbus.function 10.20.10.0/24 -> 10.20.10.42 unit=1 function=1-4';
  writeFileSync(file, [heading, '# ours', ...lines.slice(1), pattern].join('\n'));
  assert.match(baseline('import', file, '--dry-run'), /1 would come, 1 would go; nothing was changed/);
  assert.equal(await text(), learned);
  const imported = baseline('import', file, '--reason', 'a test');
  assert.match(imported, /1 came, 1 went: version \d+\./);
  assert.equal(baseline('diff', file), '');
  const version = Number(/version (\d+)/.exec(imported)?.[1]);
  assert.equal(baseline('diff', String(version - 1), String(version)), `- ${lines[0]}\n+ ${pattern}\n`);
  assert.match(baseline('history', '--limit', '1'), /imported .* a test/);
  baseline('revert', String(version - 1));
  assert.equal(await text(), learned);
  writeFileSync(file, 'annunciator baseline 1\nmodbus.function 10.0.0.1 -> 10.0.0.2 unit=1\n');
  const refused = await annunciator(['baseline', 'import', file, '--data', data]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /nothing was changed\. line 2, column 38: modbus\.function needs function=/);

  // The review list: what was dangerous while learning.
  const review = baseline('review');
  const idOf = (title: string): string => new RegExp(`^([0-9a-f]{12})  ${title}`, 'm').exec(review)?.[1] ?? '';
  assert.match(baseline('accept', idOf('Time set')), /accepted: Time set/);
  assert.match(await text(), /^configuration\.write 10\.20\.10\.30 -> 10\.20\.10\.7\d operation=/m);
  assert.match(baseline('reject', idOf('Program upload')), /rejected: Program upload, alert [0-9a-f]{32} is open/);
  const { alerts } = await ask<{ alerts: Row[] }>(first, token, '/api/alerts?from=1970-01-01T00:00:00Z&limit=1000');
  assert.ok(alerts.some(({ type, status }) => type === 'unauthorized-plc-program-upload' && status === 'New'));
  assert.match(baseline('review', '--all'), /Program upload {2}\(rejected by admin/);

  // Nothing is lost over a stop, and a stopped system takes changes, too.
  const before = await text();
  await stop(first);
  const out = join(folder, 'stopped.txt');
  baseline('export', '--out', out);
  assert.equal(readFileSync(out, 'utf8'), before);
  const changed = before.replace(`${lines[0]}\n`, '');
  writeFileSync(file, changed);
  assert.match(baseline('import', file), /0 came, 1 went/);
  assert.match(baseline('history', '--limit', '1'), /command line\s+imported\s+\+0\s+-1/);
  const second = await start(data, '--packet-budget', '0');
  assert.equal(await text(second), changed);
  const learning = await ask<{ state: string; on: boolean; known: number }>(
    second,
    token,
    `/api/learning?sensor=${encodeURIComponent(sensor)}`,
  );
  assert.deepEqual([learning.state, learning.on], ['operational', false]);
  assert.ok(learning.known > 50);
  const page = await ask<{ items: { state: string }[]; waiting: number }>(
    second,
    token,
    `/api/baseline/review?sensor=${encodeURIComponent(sensor)}`,
  );
  assert.equal(page.items.filter(({ state }) => state === 'pending').length, page.waiting);
  assert.ok(page.items.some(({ state }) => state === 'rejected'));
  await stop(second);
});
