/** The page that names a test for each thing people can do: the tests are there, under these names. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readPage } from './reference-pages.ts';

const ROOT = join(import.meta.dirname, '../../..');
const ROW = /^\| (?<what>.+) \| (?<file>packages\/\S+\.test\.ts): (?<name>.+) \|$/;

const OF_THE_HUB = new Set(['hub.browser.test.ts', 'custom-alerts.browser.test.ts']);

/** Names of the tests of a file, as they are written. */
function testsOf(file: string): ReadonlySet<string> {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const found = source.matchAll(/\btest\(\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|`((?:\\.|[^`\\])*)`)/g);
  return new Set([...found].map(([, single, double, template]) => (single ?? double ?? template ?? '').replaceAll(/\\(.)/g, '$1')));
}

test('every test that the page of the portal names is there', () => {
  const lines = readPage('docs/reference/portal-tests.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (---|What )/.test(line));
  assert.ok(lines.length > 100, `${lines.length} rows`);
  const known = new Map<string, ReadonlySet<string>>();
  const wrong: string[] = [];
  for (const line of lines) {
    const { file = '', name = '' } = ROW.exec(line)?.groups ?? {};
    if (file === '') wrong.push(`names no test: ${line}`);
    else if (!existsSync(join(ROOT, file))) wrong.push(`there is no ${file}`);
    else {
      const names = known.get(file) ?? testsOf(file);
      known.set(file, names);
      if (!names.has(name)) wrong.push(`${file} has no test "${name}"`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('every browser test of the portal is on the page, but for those of the hub', () => {
  const page = readPage('docs/reference/portal-tests.md');
  const named = new Set(page.split('\n').flatMap((line) => ROW.exec(line)?.groups?.['file'] ?? []));
  const files = readdirSync(join(ROOT, 'packages/web/tests')).filter((file) => file.endsWith('.browser.test.ts'));
  assert.ok(files.length > 20, String(files.length));
  for (const file of files.filter((one) => !OF_THE_HUB.has(one))) assert.ok(named.has(`packages/web/tests/${file}`), file);
});
