import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { mixedTraffic } from '@annunciator/testkit/mixed-traffic';
import { isFresh, LIST, programUrl, ROOT, sourcesAt } from './built.ts';
import { annunciator } from './run-command.ts';

test('built programs are used while every source is as it was', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'annunciator-built-'));
  t.after(() => rmSync(root, { recursive: true }));
  const built = join(root, 'dist');
  mkdirSync(built);
  const source = join(root, 'one.ts');
  writeFileSync(source, 'export {};');
  assert.ok(!isFresh(root, built), 'nothing is built');
  writeFileSync(join(built, LIST), JSON.stringify(sourcesAt(root, [source])));
  assert.ok(isFresh(root, built));
  utimesSync(source, new Date(), new Date(Date.now() + 5000));
  assert.ok(!isFresh(root, built), 'touched');
  writeFileSync(join(built, LIST), JSON.stringify(sourcesAt(root, [source])));
  assert.ok(isFresh(root, built));
  rmSync(source);
  assert.ok(!isFresh(root, built), 'gone');
  writeFileSync(join(built, LIST), '{"one.ts": [');
  assert.ok(!isFresh(root, built), 'a list that was cut off');
});

test('a built program does what its sources do', async (t) => {
  if (!isFresh()) {
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'packages/cli/build.ts')], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }
  assert.match(fileURLToPath(programUrl('analyze-run')), /dist[\\/]analyze-run\.js$/);
  const folder = mkdtempSync(join(tmpdir(), 'annunciator-built-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const capture = join(folder, 'mixed.pcap');
  const parts: Uint8Array[] = [];
  mixedTraffic(40_000, 7, (part) => parts.push(part.slice()));
  writeFileSync(capture, Buffer.concat(parts));
  const options = ['analyze', capture, '--format', 'json', '--fields', '--enable-all', '--learn-until', '50%'];
  const [fromFile, fromSources] = await Promise.all([annunciator(options), annunciator(options, undefined, { ANNUNCIATOR_SOURCES: '1' })]);
  assert.equal(fromFile.code, 0, fromFile.stderr);
  const document = ({ stdout }: { readonly stdout: string }): unknown => ({ ...JSON.parse(stdout), timing: null });
  assert.deepEqual(document(fromFile), document(fromSources));
});
