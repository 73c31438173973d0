import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readPage, referencePages, WRITE_ANEW } from './reference-pages.ts';

for (const [path, text] of referencePages()) {
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
  'docs/guides/adding-a-protocol.md',
  'docs/reference/configuration.md',
  'docs/reference/accuracy.md',
];

for (const page of PAGES) {
  test(`links of ${page} lead to files`, () => {
    const broken = [...readPage(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(ROOT, dirname(page), target)));
    assert.deepEqual(broken, []);
  });
}
