import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { checkedRules } from '@annunciator/sensor/rules/checked-text';
import { DEFAULT_RULE_SETTINGS } from '@annunciator/sensor/rules/rule';
import { readPage, referencePages, WRITE_ANEW } from './reference-pages.ts';

for (const [path, text] of await referencePages()) {
  test(`${path} says what the code says`, () => {
    assert.ok(readPage(path) === text, `${path} is behind the code. Write it anew: ${WRITE_ANEW}`);
  });
}

const ROOT = join(import.meta.dirname, '../../..');
const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'docs/guides/getting-started.md',
  'docs/guides/analysing-a-capture.md',
  'docs/guides/watching-a-network.md',
  'docs/guides/answering-alerts.md',
  'docs/guides/running-behind-https.md',
  'docs/guides/users-and-sign-in.md',
  'docs/guides/learning.md',
  'docs/guides/custom-alert-rules.md',
  'docs/guides/adding-a-protocol.md',
  'docs/reference/configuration.md',
  'docs/reference/accuracy.md',
  'docs/reference/baseline-grammar.md',
  'docs/reference/rule-grammar.md',
  'docs/reference/api.md',
  'docs/reference/portal-performance.md',
];

for (const page of PAGES) {
  test(`links of ${page} lead to files`, () => {
    const broken = [...readPage(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(ROOT, dirname(page), target)));
    assert.deepEqual(broken, []);
  });
}

test('the rules of the guide can be used as they stand', () => {
  const page = readPage('docs/guides/custom-alert-rules.md').replaceAll(/^ {4}/gm, '');
  const rules = [...page.matchAll(/^rule "[^]*?^end$/gm)].map(([rule]) => rule).join('\n');
  const { rules: read, problems } = checkedRules(rules, DEFAULT_RULE_SETTINGS);
  assert.deepEqual(problems, []);
  assert.ok(read.length >= 5, `${read.length} rules were found`);
});
